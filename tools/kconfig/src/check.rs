//! What is doubtful in a tree, said as Linux says it.

use crate::error::{Pos, Warning};
use crate::expr::Expr;
use crate::model::{ChoiceId, Kconfig, Kind, SymId};

/// Adds the warnings about definitions to the tree's list.
pub(crate) fn check(k: &mut Kconfig) {
    let mut found = Vec::new();
    for id in k.symbols() {
        symbol(k, id, &mut found);
    }
    for id in k.choices() {
        choice(k, id, &mut found);
    }
    found.sort_by(|a, b| a.pos.cmp(&b.pos));
    k.warnings.extend(found);
}

fn symbol(k: &Kconfig, id: SymId, found: &mut Vec<Warning>) {
    let s = k.sym(id);
    let mut warn = |pos: &Pos, message: String| found.push(Warning::at(pos, message));
    if s.kind == Kind::Unknown {
        warn(&k.node(s.nodes[0]).pos, format!("config symbol '{}' defined without type", s.name));
    }
    for d in &s.defaults {
        match &*d.value {
            Expr::Sym(value) if matches!(s.kind, Kind::Int | Kind::Hex) && !number(k, s.kind, *value) => {
                warn(&d.pos, format!("'{}': number is invalid", s.name));
            }
            Expr::Sym(_) => (),
            _ if matches!(s.kind, Kind::Str | Kind::Int | Kind::Hex) => {
                warn(&d.pos, format!("default for config symbol '{}' must be a single symbol", s.name));
            }
            _ => (),
        }
        if s.choice.is_some() {
            warn(&d.pos, "defaults for choice values not supported".into());
        }
    }
    for sel in &s.selects {
        let word = if sel.weak { "imply" } else { "select" };
        let target = k.sym(sel.target);
        if !s.kind.is_logic() {
            warn(&sel.pos, format!("config symbol '{}' uses {word}, but is not bool or tristate", s.name));
        } else if target.kind != Kind::Unknown && !target.kind.is_logic() {
            warn(&sel.pos, format!("'{}' has wrong type. '{word}' only accept arguments of bool and tristate type", target.name));
        }
    }
    for r in &s.ranges {
        if !matches!(s.kind, Kind::Int | Kind::Hex) {
            warn(&r.pos, "range is only allowed for int or hex symbols".into());
        } else if !number(k, s.kind, r.low) || !number(k, s.kind, r.high) {
            warn(&r.pos, "range is invalid".into());
        }
    }
    if let Some(choice) = s.choice {
        for &node in &s.nodes {
            let inside = k.choice(choice).nodes.iter().any(|c| k.node(node).parent == Some(*c));
            if k.node(node).prompt.is_none() && inside {
                warn(&k.node(node).pos, "choice value must have a prompt".into());
            } else if k.node(node).prompt.is_some() && !inside {
                warn(&k.node(node).pos, "choice value used outside its choice group".into());
            }
        }
    }
}

/// Whether a bound or default of a number is one: a symbol of the type, or a constant that reads as one.
fn number(k: &Kconfig, kind: Kind, value: SymId) -> bool {
    let v = k.sym(value);
    match v.kind {
        Kind::Unknown if v.nodes.is_empty() => kind.accepts(&v.name),
        Kind::Int | Kind::Hex => v.kind == kind,
        _ => false,
    }
}

fn choice(k: &Kconfig, id: ChoiceId, found: &mut Vec<Warning>) {
    let c = k.choice(id);
    for &node in &c.nodes {
        if k.node(node).prompt.is_none() && c.nodes.len() == 1 {
            found.push(Warning::at(&k.node(node).pos, "choice must have a prompt"));
        }
    }
    for d in &c.defaults {
        match &*d.value {
            Expr::Sym(s) if c.values.contains(s) => (),
            Expr::Sym(s) => {
                found.push(Warning::at(&d.pos, format!("choice default symbol '{}' is not contained in the choice", k.sym(*s).name)));
            }
            _ => found.push(Warning::at(&d.pos, "the default of a choice must be one of its values")),
        }
    }
}
