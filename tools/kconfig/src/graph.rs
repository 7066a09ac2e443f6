//! The order in which values can be computed, and the circles that make it impossible.
//!
//! A choice and its values depend on each other in both directions, which is no circle: the mode of the choice comes first, then the visibility of its
//! values, then which of them is chosen, then their values. Hence four kinds of units.

use crate::error::Error;
use crate::expr::{Cond, Expr};
use crate::model::{ChoiceId, Kconfig, SymId};

/// One step of the evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// The mode of a choice, before it is known whether it has a visible value.
    Mode(ChoiceId),
    /// The visibility of a choice's value.
    Vis(SymId),
    /// Which value is chosen.
    Sel(ChoiceId),
    /// A symbol's value.
    Sym(SymId),
}

type Edge = (Unit, &'static str);

struct Edges<'a> {
    k: &'a Kconfig,
    list: Vec<Edge>,
    /// Inside this choice, conditions use its mode.
    own: Option<ChoiceId>,
}

impl Edges<'_> {
    fn expr(&mut self, e: &Expr, why: &'static str) {
        let (mut symbols, mut choices) = (Vec::new(), Vec::new());
        e.walk(&mut |s| symbols.push(s), &mut |c| choices.push(c));
        symbols.retain(|s| !self.k.sym(*s).nodes.is_empty());
        self.list.extend(symbols.into_iter().map(|s| (Unit::Sym(s), why)));
        let own = self.own;
        self.list.extend(choices.into_iter().map(|c| (if Some(c) == own { Unit::Mode(c) } else { Unit::Sel(c) }, "is part of")));
    }

    fn cond(&mut self, c: &Cond, why: &'static str) {
        if let Some(e) = c {
            self.expr(e, why);
        }
    }
}

fn edges(k: &Kconfig, unit: Unit) -> Vec<Edge> {
    let mut e = Edges { k, list: Vec::new(), own: None };
    match unit {
        Unit::Mode(c) => {
            for n in &k.choice(c).nodes {
                e.cond(&k.node(*n).prompt.as_ref().and_then(|p| p.cond.clone()), "depends on");
            }
            k.choice(c).rev_dep.iter().for_each(|r| e.expr(r, "depends on"));
        }
        Unit::Vis(s) => {
            e.own = k.sym(s).choice;
            for n in &k.sym(s).nodes {
                e.cond(&k.node(*n).prompt.as_ref().and_then(|p| p.cond.clone()), "depends on");
            }
            e.list.extend(e.own.map(|c| (Unit::Mode(c), "is part of")));
        }
        Unit::Sel(c) => {
            e.list.push((Unit::Mode(c), "is"));
            e.list.extend(k.choice(c).values.iter().map(|v| (Unit::Vis(*v), "contains")));
            k.choice(c).defaults.iter().for_each(|d| e.cond(&d.cond, "has a default that depends on"));
        }
        Unit::Sym(s) => symbol_edges(k, s, &mut e),
    }
    e.list
}

fn symbol_edges(k: &Kconfig, id: SymId, e: &mut Edges<'_>) {
    let s = k.sym(id);
    if let Some(choice) = s.choice {
        e.list.push((Unit::Sel(choice), "is part of"));
        e.list.push((Unit::Vis(id), "is"));
    } else {
        for n in &s.nodes {
            e.cond(&k.node(*n).prompt.as_ref().and_then(|p| p.cond.clone()), "depends on");
        }
        e.cond(&s.dir_dep, "depends on");
        s.rev_dep.iter().for_each(|r| e.expr(r, "is selected by"));
        s.implied.iter().for_each(|r| e.expr(r, "is implied by"));
    }
    for d in &s.defaults {
        e.expr(&d.value, "has a default that contains");
        e.cond(&d.cond, "has a default that depends on");
    }
    for r in &s.ranges {
        e.expr(&Expr::And(vec![Expr::Sym(r.low).into(), Expr::Sym(r.high).into()]), "has a range up to");
        e.cond(&r.cond, "has a range that depends on");
    }
}

struct Sorter<'a> {
    k: &'a Kconfig,
    /// 0 not seen, 1 on the path, 2 done.
    state: Vec<u8>,
    order: Vec<Unit>,
}

impl Sorter<'_> {
    fn slot(&self, unit: Unit) -> usize {
        let symbols = self.k.symbols.len();
        match unit {
            Unit::Sym(s) => s.index(),
            Unit::Vis(s) => symbols + s.index(),
            Unit::Mode(c) => 2 * symbols + c.index(),
            Unit::Sel(c) => 2 * symbols + self.k.choices.len() + c.index(),
        }
    }

    /// Depth-first, without recursion: a chain of dependencies may be as long as the file.
    fn visit(&mut self, start: Unit) -> Result<(), Error> {
        if self.state[self.slot(start)] != 0 {
            return Ok(());
        }
        let slot = self.slot(start);
        self.state[slot] = 1;
        let mut path = vec![(start, edges(self.k, start), 0)];
        while let Some((unit, list, next)) = path.last_mut() {
            let Some(&(to, _)) = list.get(*next) else {
                let unit = *unit;
                path.pop();
                let slot = self.slot(unit);
                self.state[slot] = 2;
                self.order.push(unit);
                continue;
            };
            *next += 1;
            let slot = self.slot(to);
            match self.state[slot] {
                0 => {
                    self.state[slot] = 1;
                    path.push((to, edges(self.k, to), 0));
                }
                1 => {
                    let from = path.iter().position(|(u, ..)| *u == to).unwrap_or(0);
                    let steps: Vec<(Unit, &str, Unit)> =
                        path[from..].iter().map(|(u, list, next)| (*u, list[next - 1].1, list[next - 1].0)).collect();
                    return Err(circle(self.k, &steps));
                }
                _ => (),
            }
        }
        Ok(())
    }
}

/// Computes the order of evaluation.
///
/// # Errors
/// A circle of dependencies, with the lines that make it.
pub(crate) fn sort(k: &mut Kconfig) -> Result<(), Error> {
    let slots = 2 * (k.symbols.len() + k.choices.len());
    let mut sorter = Sorter { k, state: vec![0; slots], order: Vec::new() };
    // The modules symbol first: the type of all tristate symbols hangs on it.
    if let Some(modules) = k.modules {
        sorter.visit(Unit::Sym(modules))?;
    }
    for s in k.symbols() {
        sorter.visit(Unit::Sym(s))?;
    }
    for c in k.choices() {
        sorter.visit(Unit::Sel(c))?;
    }
    let order = sorter.order;
    k.order = order;
    Ok(())
}

fn circle(k: &Kconfig, steps: &[(Unit, &str, Unit)]) -> Error {
    let name = |u: Unit| match u {
        Unit::Sym(s) | Unit::Vis(s) => k.sym(s).name.clone(),
        Unit::Mode(c) | Unit::Sel(c) => match &k.choice(c).name {
            Some(name) => format!("choice {name}"),
            None => "<choice>".into(),
        },
    };
    let place = |u: Unit| match u {
        Unit::Sym(s) | Unit::Vis(s) => k.node(k.sym(s).nodes[0]).pos.clone(),
        Unit::Mode(c) | Unit::Sel(c) => k.node(k.choice(c).nodes[0]).pos.clone(),
    };
    let mut message = String::from("recursive dependency detected!");
    for (from, why, to) in steps {
        if *why != "is" {
            message.push_str(&format!("\n  {}: {} {why} {}", place(*from), name(*from), name(*to)));
        }
    }
    Error::at(&place(steps[0].0), message).hint("take one of these dependencies away; a `select` often should be a `depends on`")
}
