//! Expressions: tristate logic over symbols and comparisons of their values.

use crate::model::{ChoiceId, Kconfig, SymId};
use std::fmt;
use std::sync::Arc;

/// The three values of a tristate symbol, in order: no < module < yes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tri {
    /// `n`
    #[default]
    No,
    /// `m`
    Mod,
    /// `y`
    Yes,
}

impl Tri {
    /// `n`, `m` or `y`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Tri::No => "n",
            Tri::Mod => "m",
            Tri::Yes => "y",
        }
    }

    /// The value that a `.config` line has, judged as Linux does: by its first character.
    pub fn parse(text: &str) -> Option<Tri> {
        match text.as_bytes().first()? {
            b'n' => Some(Tri::No),
            b'm' => Some(Tri::Mod),
            b'y' => Some(Tri::Yes),
            _ => None,
        }
    }

    /// `!self`: yes and no change places, m stays.
    #[must_use]
    pub const fn negated(self) -> Tri {
        match self {
            Tri::No => Tri::Yes,
            Tri::Mod => Tri::Mod,
            Tri::Yes => Tri::No,
        }
    }

    pub(crate) fn of(truth: bool) -> Tri {
        if truth { Tri::Yes } else { Tri::No }
    }
}

impl fmt::Display for Tri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rel {
    /// `=`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

impl Rel {
    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Rel::Eq => "=",
            Rel::Ne => "!=",
            Rel::Lt => "<",
            Rel::Le => "<=",
            Rel::Gt => ">",
            Rel::Ge => ">=",
        }
    }

    pub(crate) fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Rel::Eq => order.is_eq(),
            Rel::Ne => order.is_ne(),
            Rel::Lt => order.is_lt(),
            Rel::Le => order.is_le(),
            Rel::Gt => order.is_gt(),
            Rel::Ge => order.is_ge(),
        }
    }
}

/// An expression. `&&` and `||` take any number of parts, so that long chains are flat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expr {
    /// The value of a symbol.
    Sym(SymId),
    /// The mode of a choice: the dependency of what stands inside it.
    Choice(ChoiceId),
    /// Whether that mode is `y`: the dependency of bool values in a tristate choice.
    ChoiceIsYes(ChoiceId),
    /// A comparison of two symbols' values.
    Cmp(Rel, SymId, SymId),
    /// `!`
    Not(Arc<Expr>),
    /// `&&`
    And(Vec<Arc<Expr>>),
    /// `||`
    Or(Vec<Arc<Expr>>),
}

/// A condition; `None` is `y`.
pub type Cond = Option<Arc<Expr>>;

/// `a && b`, where no condition is no factor.
pub(crate) fn and(a: &Cond, b: &Cond) -> Cond {
    match (a, b) {
        (None, other) | (other, None) => other.clone(),
        (Some(a), Some(b)) => {
            let mut parts = Vec::new();
            for e in [a, b] {
                for part in factors(e) {
                    // `A && A` is `A`; a linear search is cheap, for chains are short, and long ones are left as they are.
                    if parts.len() > 64 || !parts.contains(part) {
                        parts.push(part.clone());
                    }
                }
            }
            Some(if parts.len() == 1 { parts.swap_remove(0) } else { Arc::new(Expr::And(parts)) })
        }
    }
}

/// `a || b`. As in Linux a missing operand is left out, and does not make the whole `y`.
pub(crate) fn or(a: &Cond, b: &Cond) -> Cond {
    match (a, b) {
        (None, other) | (other, None) => other.clone(),
        (Some(a), Some(b)) if a == b => Some(a.clone()),
        (Some(a), Some(b)) => {
            let mut parts = match &**a {
                Expr::Or(parts) => parts.clone(),
                _ => vec![a.clone()],
            };
            parts.push(b.clone());
            Some(Arc::new(Expr::Or(parts)))
        }
    }
}

/// The parts of an `&&`, or the expression itself.
pub(crate) fn factors(e: &Arc<Expr>) -> &[Arc<Expr>] {
    match &**e {
        Expr::And(parts) => parts,
        _ => std::slice::from_ref(e),
    }
}

impl Expr {
    /// Calls `f` for every symbol, choices through `c`.
    pub(crate) fn walk(&self, f: &mut impl FnMut(SymId), c: &mut impl FnMut(ChoiceId)) {
        match self {
            Expr::Sym(s) => f(*s),
            Expr::Choice(id) | Expr::ChoiceIsYes(id) => c(*id),
            Expr::Cmp(_, a, b) => {
                f(*a);
                f(*b);
            }
            Expr::Not(e) => e.walk(f, c),
            Expr::And(parts) | Expr::Or(parts) => parts.iter().for_each(|e| e.walk(f, c)),
        }
    }

    /// Whether the symbol occurs.
    pub(crate) fn contains(&self, sym: SymId) -> bool {
        let mut found = false;
        self.walk(&mut |s| found |= s == sym, &mut |_| ());
        found
    }

    /// Writes the expression as Kconfig text; `value` may add the current value behind a symbol.
    pub(crate) fn print(&self, k: &Kconfig, value: &dyn Fn(SymId) -> Option<String>, out: &mut String) {
        self.print_at(k, value, out, 0);
    }

    /// `level`: 0 inside nothing, 1 inside `||`, 2 inside `&&`, 3 after `!`.
    fn print_at(&self, k: &Kconfig, value: &dyn Fn(SymId) -> Option<String>, out: &mut String, level: u8) {
        let name = |s: SymId, out: &mut String| {
            out.push_str(&k.sym(s).name);
            if let Some(v) = value(s) {
                out.push_str(&format!(" [={v}]"));
            }
        };
        let list = |parts: &[Arc<Expr>], word: &str, own: u8, out: &mut String| {
            let bracket = level > own;
            if bracket {
                out.push('(');
            }
            for (i, part) in parts.iter().enumerate() {
                if i > 0 {
                    out.push_str(word);
                }
                part.print_at(k, value, out, own);
            }
            if bracket {
                out.push(')');
            }
        };
        match self {
            Expr::Sym(s) => name(*s, out),
            Expr::Choice(_) => out.push_str("<choice>"),
            Expr::ChoiceIsYes(_) => out.push_str("<choice>=y"),
            Expr::Cmp(rel, a, b) => {
                if level > 2 {
                    out.push('(');
                }
                name(*a, out);
                out.push_str(rel.as_str());
                name(*b, out);
                if level > 2 {
                    out.push(')');
                }
            }
            Expr::Not(e) => {
                out.push('!');
                e.print_at(k, value, out, 3);
            }
            Expr::And(parts) => list(parts, " && ", 2, out),
            Expr::Or(parts) => list(parts, " || ", 1, out),
        }
    }
}
