//! After reading: dependencies go down to what they hold for, selects become reverse dependencies, choices learn their values, `if` nodes go away,
//! and entries that depend on the symbol before them become its submenu.

use crate::expr::{self as logic, Cond, Expr, Rel};
use crate::model::{ChoiceId, Item, Kconfig, Kind, NodeId, SymId};
use std::collections::VecDeque;
use std::sync::Arc;

/// Submenus inside submenus that are made from dependencies alone: a bound on recursion.
const MAX_DEPTH: u32 = 300;

/// Finishes a tree that was just read.
pub(crate) fn finalize(k: &mut Kconfig) {
    node(k, NodeId(0), &mut VecDeque::new(), 0);
}

/// Finishes a node; it may take the first of its `siblings` (those behind it) as children.
fn node(k: &mut Kconfig, id: NodeId, siblings: &mut VecDeque<NodeId>, depth: u32) {
    let item = k.node(id).item;
    if !k.node(id).children.is_empty() {
        let parent_dep = match item {
            Item::Choice(c) => {
                share_kind(k, id, c);
                Some(Arc::new(Expr::Choice(c)))
            }
            _ => k.node(id).dep.clone(),
        };
        let mut queue: VecDeque<NodeId> = std::mem::take(&mut k.nodes[id.index()].children).into();
        for &child in &queue {
            propagate(k, child, &parent_dep);
        }
        let mut children = Vec::with_capacity(queue.len());
        while let Some(child) = queue.pop_front() {
            node(k, child, &mut queue, depth + 1);
            children.push(child);
        }
        k.nodes[id.index()].children = children;
    } else if let Item::Symbol(sym) = item {
        submenu(k, id, sym, siblings, depth);
        let dep = logic::or(&k.sym(sym).dir_dep, &k.node(id).dep);
        k.symbols[sym.index()].dir_dep = dep;
    }
    flatten(k, id);
    if let Item::Choice(c) = item {
        take_values(k, id, c);
        require_mode(k, id, c);
    }
}

/// A choice without type has that of its first value; values without type have the choice's.
fn share_kind(k: &mut Kconfig, id: NodeId, choice: ChoiceId) {
    let children = k.node(id).children.clone();
    let symbols: Vec<SymId> = children.iter().filter_map(|c| if let Item::Symbol(s) = k.node(*c).item { Some(s) } else { None }).collect();
    if k.choice(choice).kind == Kind::Unknown {
        let first = symbols.iter().map(|s| k.sym(*s).kind).find(|kind| *kind != Kind::Unknown);
        k.choices[choice.index()].kind = first.unwrap_or(Kind::Bool);
    }
    let kind = k.choice(choice).kind;
    for s in symbols {
        let symbol = &mut k.symbols[s.index()];
        if symbol.kind == Kind::Unknown {
            symbol.kind = kind;
        }
    }
}

/// Brings a condition into the form that Linux gives it: `m` means "m, if modules are on"; comparisons of a bool with a constant become the symbol, its
/// negation or a constant; `!` stands only before symbols. That decides which dependencies are seen as such.
fn normalize(k: &Kconfig, cond: &Cond) -> Cond {
    cond.as_ref().map(|e| positive(k, e))
}

fn positive(k: &Kconfig, e: &Arc<Expr>) -> Arc<Expr> {
    match &**e {
        Expr::Sym(SymId::M) => Arc::new(Expr::And(vec![e.clone(), Arc::new(Expr::Sym(k.modules.unwrap_or(SymId::N)))])),
        Expr::Cmp(rel, a, b) => comparison(k, *rel, *a, *b),
        Expr::Not(inner) => negative(k, inner),
        Expr::And(parts) => join(parts.iter().map(|p| positive(k, p)), true),
        Expr::Or(parts) => join(parts.iter().map(|p| positive(k, p)), false),
        _ => e.clone(),
    }
}

/// The negation.
fn negative(k: &Kconfig, e: &Arc<Expr>) -> Arc<Expr> {
    match &**e {
        Expr::Not(inner) => positive(k, inner),
        Expr::Cmp(rel, a, b) => {
            let opposite = match rel {
                Rel::Eq => Rel::Ne,
                Rel::Ne => Rel::Eq,
                Rel::Lt => Rel::Ge,
                Rel::Le => Rel::Gt,
                Rel::Gt => Rel::Le,
                Rel::Ge => Rel::Lt,
            };
            comparison(k, opposite, *a, *b)
        }
        Expr::And(parts) => join(parts.iter().map(|p| negative(k, p)), false),
        Expr::Or(parts) => join(parts.iter().map(|p| negative(k, p)), true),
        Expr::Sym(SymId::Y) => Arc::new(Expr::Sym(SymId::N)),
        Expr::Sym(SymId::N) => Arc::new(Expr::Sym(SymId::Y)),
        Expr::Sym(SymId::M) => join(
            [Arc::new(Expr::Sym(SymId::M)), Arc::new(Expr::Not(Arc::new(Expr::Sym(k.modules.unwrap_or(SymId::N)))))].into_iter(),
            false,
        ),
        _ => Arc::new(Expr::Not(e.clone())),
    }
}

fn comparison(k: &Kconfig, rel: Rel, a: SymId, b: SymId) -> Arc<Expr> {
    let symbol = Arc::new(Expr::Sym(a));
    if k.sym(a).kind != Kind::Bool || !matches!(rel, Rel::Eq | Rel::Ne) {
        return Arc::new(Expr::Cmp(rel, a, b));
    }
    match (b, rel == Rel::Eq) {
        (SymId::M, equal) => Arc::new(Expr::Sym(if equal { SymId::N } else { SymId::Y })),
        (SymId::Y, true) | (SymId::N, false) => symbol,
        (SymId::Y, false) | (SymId::N, true) => Arc::new(Expr::Not(symbol)),
        _ => Arc::new(Expr::Cmp(rel, a, b)),
    }
}

/// One flat `&&` or `||`, without the constants that do not matter; `n && A` is `n`, `y || A` is `y`.
fn join(parts: impl Iterator<Item = Arc<Expr>>, all: bool) -> Arc<Expr> {
    let (neutral, absorbing) = if all { (SymId::Y, SymId::N) } else { (SymId::N, SymId::Y) };
    let mut flat = Vec::new();
    for part in parts {
        match &*part {
            Expr::Sym(s) if *s == neutral => (),
            Expr::Sym(s) if *s == absorbing => return part,
            Expr::And(inner) if all => flat.extend(inner.iter().cloned()),
            Expr::Or(inner) if !all => flat.extend(inner.iter().cloned()),
            _ => flat.push(part),
        }
    }
    match flat.len() {
        0 => Arc::new(Expr::Sym(neutral)),
        1 => flat.swap_remove(0),
        _ => Arc::new(if all { Expr::And(flat) } else { Expr::Or(flat) }),
    }
}

/// Hands the parent's dependencies down to a node and to all that stands in it.
fn propagate(k: &mut Kconfig, id: NodeId, parent_dep: &Cond) {
    let base = logic::and(parent_dep, &normalize(k, &k.node(id).dep));
    k.nodes[id.index()].dep = base.clone();
    if let Some(prompt) = &k.node(id).prompt {
        let cond = logic::and(&base, &normalize(k, &prompt.cond));
        if let Some(prompt) = &mut k.nodes[id.index()].prompt {
            prompt.cond = cond;
        }
    }
    match k.node(id).item {
        Item::Symbol(sym) => {
            let mut s = std::mem::take(&mut k.symbols[sym.index()]);
            for d in s.defaults.iter_mut().filter(|d| d.node == id) {
                d.cond = logic::and(&base, &normalize(k, &d.cond));
            }
            for r in s.ranges.iter_mut().filter(|r| r.node == id) {
                r.cond = logic::and(&base, &normalize(k, &r.cond));
            }
            let mut reverse = Vec::new();
            for sel in s.selects.iter_mut().filter(|sel| sel.node == id) {
                sel.cond = logic::and(&base, &normalize(k, &sel.cond));
                if let Some(e) = logic::and(&Some(Arc::new(Expr::Sym(sym))), &sel.cond) {
                    reverse.push((sel.target, sel.weak, e));
                }
            }
            k.symbols[sym.index()] = s;
            for (target, weak, e) in reverse {
                let target = &mut k.symbols[target.index()];
                if weak { target.implied.push(e) } else { target.rev_dep.push(e) }
            }
        }
        Item::Choice(c) => {
            let mut defaults = std::mem::take(&mut k.choices[c.index()].defaults);
            for d in defaults.iter_mut().filter(|d| d.node == id) {
                d.cond = logic::and(&base, &normalize(k, &d.cond));
            }
            k.choices[c.index()].defaults = defaults;
        }
        _ => (),
    }
}

/// Moves the siblings that depend on `sym` below its node.
fn submenu(k: &mut Kconfig, id: NodeId, sym: SymId, siblings: &mut VecDeque<NodeId>, depth: u32) {
    let base = k.node(id).prompt.as_ref().and_then(|p| p.cond.clone());
    while let Some(&next) = siblings.front() {
        let n = k.node(next);
        let dep = n.prompt.as_ref().map_or(&n.dep, |p| &p.cond);
        let Some(dep) = dep else { break };
        if depth > MAX_DEPTH || !dep.contains(sym) || !(depends(dep, sym) || superset(dep, &base)) {
            break;
        }
        siblings.pop_front();
        node(k, next, siblings, depth + 1);
        k.nodes[next.index()].parent = Some(id);
        k.nodes[id.index()].children.push(next);
    }
}

/// Whether the expression cannot hold without the symbol.
fn depends(e: &Expr, sym: SymId) -> bool {
    match e {
        Expr::Sym(s) => *s == sym,
        Expr::Cmp(Rel::Eq, a, b) => *a == sym && matches!(*b, SymId::Y | SymId::M),
        Expr::Cmp(Rel::Ne, a, b) => *a == sym && *b == SymId::N,
        Expr::And(parts) => parts.iter().any(|p| depends(p, sym)),
        _ => false,
    }
}

/// Whether all factors of `base` are in `dep` too.
fn superset(dep: &Arc<Expr>, base: &Cond) -> bool {
    let Some(base) = base else { return true };
    let have = logic::factors(dep);
    // `A && !A` is `n` and no longer has any of its factors.
    if have.iter().any(|f| matches!(&**f, Expr::Not(inner) if have.contains(inner))) {
        return false;
    }
    logic::factors(base).iter().all(|f| have.contains(f))
}

/// Children of nodes without prompt (`if`, hidden symbols) become children of the parent; `if` nodes go.
fn flatten(k: &mut Kconfig, id: NodeId) {
    let mut queue: VecDeque<NodeId> = std::mem::take(&mut k.nodes[id.index()].children).into();
    let mut flat = Vec::with_capacity(queue.len());
    while let Some(child) = queue.pop_front() {
        let node = &mut k.nodes[child.index()];
        if node.prompt.is_none() {
            for grandchild in std::mem::take(&mut node.children).into_iter().rev() {
                k.nodes[grandchild.index()].parent = Some(id);
                queue.push_front(grandchild);
            }
        }
        if k.node(child).item != Item::If {
            flat.push(child);
        }
    }
    k.nodes[id.index()].children = flat;
}

/// The symbols right inside a choice are its values.
fn take_values(k: &mut Kconfig, id: NodeId, choice: ChoiceId) {
    for child in k.node(id).children.clone() {
        let Item::Symbol(sym) = k.node(child).item else { continue };
        if k.sym(sym).choice.is_some() {
            continue;
        }
        k.symbols[sym.index()].choice = Some(choice);
        k.choices[choice.index()].values.push(sym);
        if k.choice(choice).kind == Kind::Tristate && k.sym(sym).kind != Kind::Tristate {
            let yes: Cond = Some(Arc::new(Expr::ChoiceIsYes(choice)));
            let node = &mut k.nodes[child.index()];
            node.dep = logic::and(&yes, &node.dep);
            if let Some(prompt) = &mut node.prompt {
                prompt.cond = logic::and(&yes, &prompt.cond);
            }
            for d in k.symbols[sym.index()].defaults.iter_mut().filter(|d| d.node == child) {
                d.cond = logic::and(&yes, &d.cond);
            }
        }
    }
}

/// A choice that is not optional is at least `m` where it is visible.
fn require_mode(k: &mut Kconfig, id: NodeId, choice: ChoiceId) {
    let Some(prompt) = &k.node(id).prompt else { return };
    let m: Cond = Some(Arc::new(Expr::Sym(SymId::M)));
    let bound = logic::and(&prompt.cond, &m);
    let c = &mut k.choices[choice.index()];
    if !c.optional {
        c.rev_dep.extend(bound);
    }
}
