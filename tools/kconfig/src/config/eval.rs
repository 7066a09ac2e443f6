//! Computes all values: what the user wants, limited by what is visible, selected, implied, in range.

use super::User;
use crate::expr::{Cond, Expr, Rel, Tri};
use crate::graph::Unit;
use crate::model::{ChoiceId, Kconfig, Kind, SymId};
use std::sync::Arc;

/// What follows from a tree and the user's values.
#[derive(Clone, Debug, Default)]
pub(crate) struct Values {
    /// The value of the modules symbol: without it, tristate symbols are bool.
    pub modules: Tri,
    pub tri: Vec<Tri>,
    /// The values of string, int and hex symbols.
    pub text: Vec<Option<Arc<str>>>,
    /// Whether a prompt is visible: the upper limit of what the user may set.
    pub vis: Vec<Tri>,
    /// The direct dependencies.
    pub dir: Vec<Tri>,
    /// What selects demand: the lower limit.
    pub rev: Vec<Tri>,
    pub implied: Vec<Tri>,
    /// Whether the symbol goes into `.config`.
    pub write: Vec<bool>,
    pub mode: Vec<Tri>,
    pub mode_vis: Vec<Tri>,
    pub mode_rev: Vec<Tri>,
    pub chosen: Vec<Option<SymId>>,
    /// Symbols that are selected beyond their direct dependencies, in order.
    pub unmet: Vec<SymId>,
}

/// Evaluates everything.
pub(crate) fn compute(k: &Kconfig, user: &User) -> Values {
    let mut v = Values::default();
    if let Some(modules) = k.modules {
        // What the modules symbol depends on comes first in the order, and is judged with modules off.
        run(k, user, &mut v, Some(modules));
        let value = v.tri[modules.index()];
        v = Values { modules: value, ..Values::default() };
    }
    run(k, user, &mut v, None);
    v
}

fn run(k: &Kconfig, user: &User, v: &mut Values, until: Option<SymId>) {
    let (symbols, choices) = (k.symbols.len(), k.choices.len());
    v.tri = vec![Tri::No; symbols];
    v.tri[SymId::M.index()] = Tri::Mod;
    v.tri[SymId::Y.index()] = Tri::Yes;
    v.text = vec![None; symbols];
    for list in [&mut v.vis, &mut v.dir, &mut v.rev, &mut v.implied] {
        *list = vec![Tri::No; symbols];
    }
    v.write = vec![false; symbols];
    for list in [&mut v.mode, &mut v.mode_vis, &mut v.mode_rev] {
        *list = vec![Tri::No; choices];
    }
    v.chosen = vec![None; choices];
    for unit in &k.order {
        match *unit {
            Unit::Vis(s) => v.vis[s.index()] = v.prompts(k, s),
            Unit::Mode(c) => v.mode(k, user, c),
            Unit::Sel(c) => v.select(k, user, c),
            Unit::Sym(s) => v.symbol(k, user, s),
        }
        if until.is_some_and(|s| *unit == Unit::Sym(s)) {
            break;
        }
    }
}

impl Values {
    /// The value of an expression.
    pub fn eval(&self, k: &Kconfig, e: &Expr) -> Tri {
        match e {
            Expr::Sym(s) => self.tri[s.index()],
            Expr::Choice(c) => self.mode[c.index()],
            Expr::ChoiceIsYes(c) => Tri::of(self.mode[c.index()] == Tri::Yes),
            Expr::Not(e) => self.eval(k, e).negated(),
            Expr::And(parts) => parts.iter().map(|p| self.eval(k, p)).min().unwrap_or(Tri::Yes),
            Expr::Or(parts) => parts.iter().map(|p| self.eval(k, p)).max().unwrap_or(Tri::No),
            Expr::Cmp(rel, a, b) => Tri::of(self.compare(k, *rel, *a, *b)),
        }
    }

    /// The value of a condition: `y` if there is none.
    pub fn cond(&self, k: &Kconfig, c: &Cond) -> Tri {
        c.as_ref().map_or(Tri::Yes, |e| self.eval(k, e))
    }

    /// The value as text, as it stands in `.config` without quotes.
    pub fn string<'a>(&'a self, k: &'a Kconfig, s: SymId) -> &'a str {
        let sym = k.sym(s);
        match sym.kind {
            Kind::Unknown => &sym.name,
            Kind::Bool | Kind::Tristate => match self.tri[s.index()] {
                Tri::Mod if self.modules == Tri::No => "n",
                t => t.as_str(),
            },
            _ => self.text[s.index()].as_deref().unwrap_or(""),
        }
    }

    /// Numbers are compared as numbers, everything else as text.
    fn compare(&self, k: &Kconfig, rel: Rel, a: SymId, b: SymId) -> bool {
        let (left, right) = (self.string(k, a), self.string(k, b));
        let kind = |s: SymId| if matches!(s, SymId::N | SymId::M | SymId::Y) { Kind::Tristate } else { k.sym(s).kind };
        let (ka, kb) = (kind(a), kind(b));
        let order = if ka == Kind::Str && kb == Kind::Str {
            left.cmp(right)
        } else {
            match (as_number(left, ka), as_number(right, kb)) {
                (Some(x), Some(y)) => x.cmp(&y),
                _ => left.as_bytes().cmp(right.as_bytes()),
            }
        };
        rel.holds(order)
    }

    /// The type that counts: without modules a tristate is a bool, and so is a value of a choice that is `y`.
    pub fn kind(&self, k: &Kconfig, s: SymId) -> Kind {
        let sym = k.sym(s);
        let boolean = self.modules == Tri::No || (sym.choice.is_some() && self.vis[s.index()] == Tri::Yes);
        if sym.kind == Kind::Tristate && boolean { Kind::Bool } else { sym.kind }
    }

    fn promote(&self, kind: Kind, value: Tri) -> Tri {
        if value == Tri::Mod && (kind != Kind::Tristate || self.modules == Tri::No) { Tri::Yes } else { value }
    }

    /// The visibility of the prompts.
    fn prompts(&self, k: &Kconfig, s: SymId) -> Tri {
        let sym = k.sym(s);
        let mode = sym.choice.map(|c| self.mode[c.index()]);
        let one = |p: &crate::model::Prompt| match self.cond(k, &p.cond) {
            Tri::Mod if mode == Some(Tri::Yes) && sym.kind == Kind::Tristate => Tri::No,
            t => t,
        };
        let best = sym.nodes.iter().filter_map(|n| k.node(*n).prompt.as_ref()).map(one).max().unwrap_or(Tri::No);
        self.promote(sym.kind, best)
    }

    fn any(&self, k: &Kconfig, list: &[Arc<Expr>]) -> Tri {
        list.iter().map(|e| self.eval(k, e)).max().unwrap_or(Tri::No)
    }

    fn mode(&mut self, k: &Kconfig, user: &User, c: ChoiceId) {
        let choice = k.choice(c);
        let prompts = choice.nodes.iter().filter_map(|n| k.node(*n).prompt.as_ref());
        let vis = self.promote(choice.kind, prompts.map(|p| self.cond(k, &p.cond)).max().unwrap_or(Tri::No));
        let rev = self.promote(choice.kind, self.any(k, &choice.rev_dep));
        let wish = &user.choices[c.index()];
        let wanted = if vis != Tri::No && wish.set { wish.mode.min(vis) } else { Tri::No };
        self.mode_vis[c.index()] = vis;
        self.mode_rev[c.index()] = rev;
        self.mode[c.index()] = self.promote(choice.kind, wanted.max(rev));
    }

    fn select(&mut self, k: &Kconfig, user: &User, c: ChoiceId) {
        if self.mode[c.index()] != Tri::Yes {
            return;
        }
        let wish = user.choices[c.index()].chosen.filter(|s| self.vis[s.index()] != Tri::No);
        self.chosen[c.index()] = wish.or_else(|| self.choice_default(k, c));
        if self.chosen[c.index()].is_none() {
            self.mode[c.index()] = Tri::No;
        }
    }

    /// The value that a choice has when the user says nothing: the first default that is visible, else the first visible value.
    pub fn choice_default(&self, k: &Kconfig, c: ChoiceId) -> Option<SymId> {
        let choice = k.choice(c);
        let visible = |s: &SymId| self.vis[s.index()] != Tri::No;
        let defaults = choice.defaults.iter().filter(|d| self.cond(k, &d.cond) != Tri::No);
        let mut named = defaults.filter_map(|d| if let Expr::Sym(s) = &*d.value { Some(*s) } else { None });
        named.find(visible).or_else(|| choice.values.iter().copied().find(visible))
    }

    fn symbol(&mut self, k: &Kconfig, user: &User, s: SymId) {
        let (sym, i) = (k.sym(s), s.index());
        if sym.kind == Kind::Unknown {
            return;
        }
        self.vis[i] = self.prompts(k, s);
        if sym.choice.is_none() {
            self.dir[i] = self.promote(sym.kind, self.cond(k, &sym.dir_dep));
            self.rev[i] = self.promote(sym.kind, self.any(k, &sym.rev_dep));
            self.implied[i] = self.promote(sym.kind, self.any(k, &sym.implied));
        }
        self.write[i] = self.vis[i] != Tri::No;
        if sym.kind.is_logic() {
            self.logic(k, user, s);
        } else {
            self.plain(k, user, s);
        }
        if sym.no_write {
            self.write[i] = false;
        }
    }

    fn logic(&mut self, k: &Kconfig, user: &User, s: SymId) {
        let (sym, i) = (k.sym(s), s.index());
        let value = match sym.choice {
            Some(c) if self.vis[i] == Tri::Yes => Tri::of(self.chosen[c.index()] == Some(s)),
            _ => {
                let limit = if sym.transitional { Tri::Yes } else { self.vis[i] };
                let wish = if limit == Tri::No { None } else { user.tri(s) };
                let base = match wish {
                    Some(wish) => wish.min(limit),
                    None => self.logic_default(k, s),
                };
                if self.dir[i] < self.rev[i] {
                    self.unmet.push(s);
                }
                base.max(self.rev[i])
            }
        };
        self.tri[i] = if value == Tri::Mod && self.kind(k, s) == Kind::Bool { Tri::Yes } else { value };
    }

    fn logic_default(&mut self, k: &Kconfig, s: SymId) -> Tri {
        let i = s.index();
        let mut value = Tri::No;
        let mut write = self.rev[i] != Tri::No;
        if let Some((d, cond)) = self.default_of(k, s) {
            value = self.eval(k, &d.value).min(cond);
            write |= value != Tri::No;
        }
        if self.implied[i] != Tri::No {
            write = true;
            value = value.max(self.implied[i]).min(self.dir[i]);
        }
        self.write[i] |= write;
        value
    }

    /// The first default whose condition holds, and the value of its condition.
    pub fn default_of<'a>(&self, k: &'a Kconfig, s: SymId) -> Option<(&'a crate::model::Default, Tri)> {
        k.sym(s).defaults.iter().map(|d| (d, self.cond(k, &d.cond))).find(|(_, t)| *t != Tri::No)
    }

    /// The text of the default that applies.
    pub fn default_text(&self, k: &Kconfig, s: SymId) -> Option<Arc<str>> {
        match &*self.default_of(k, s)?.0.value {
            Expr::Sym(value) => Some(self.string(k, *value).into()),
            _ => None,
        }
    }

    fn plain(&mut self, k: &Kconfig, user: &User, s: SymId) {
        let (sym, i) = (k.sym(s), s.index());
        let mut value: Arc<str> = match sym.kind {
            Kind::Int if !user.empty_numbers => "0".into(),
            Kind::Hex if !user.empty_numbers => "0x0".into(),
            _ => "".into(),
        };
        match user.text(s).filter(|_| self.vis[i] != Tri::No || sym.transitional) {
            Some(wish) => value = wish,
            None => {
                if let Some(text) = self.default_text(k, s) {
                    self.write[i] = true;
                    value = text;
                }
            }
        }
        if let Some((low, high)) = self.range(k, s) {
            let n = parse(&value, sym.kind);
            if n < low || n > high {
                let bound = if n < low { low } else { high };
                value = if sym.kind == Kind::Int { bound.to_string().into() } else { format!("{bound:#x}").into() };
            }
        }
        self.text[i] = Some(value);
    }

    /// The range that applies.
    pub fn range(&self, k: &Kconfig, s: SymId) -> Option<(i64, i64)> {
        let sym = k.sym(s);
        if !matches!(sym.kind, Kind::Int | Kind::Hex) {
            return None;
        }
        let range = sym.ranges.iter().find(|r| self.cond(k, &r.cond) != Tri::No)?;
        let bound = |b: SymId| {
            let kind = k.sym(b).kind;
            parse(self.string(k, b), if matches!(kind, Kind::Int | Kind::Hex) { kind } else { sym.kind })
        };
        Some((bound(range.low), bound(range.high)))
    }

    /// Whether the user may give the symbol this text.
    pub fn accepts(&self, k: &Kconfig, s: SymId, text: &str) -> bool {
        let kind = k.sym(s).kind;
        let fits = |(low, high)| (low..=high).contains(&parse(text, kind));
        kind.accepts(text) && self.range(k, s).is_none_or(fits)
    }
}

/// The number at the start of the text, 0 if there is none; too large ones are the largest.
pub(crate) fn parse(text: &str, kind: Kind) -> i64 {
    let text = text.trim_start();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (radix, digits) = match kind {
        Kind::Hex => (16, digits.strip_prefix("0x").or(digits.strip_prefix("0X")).unwrap_or(digits)),
        _ => (10, digits),
    };
    let mut value = 0i64;
    for d in digits.chars().map_while(|c| c.to_digit(radix)) {
        let next = value.saturating_mul(i64::from(radix));
        value = if negative { next.saturating_sub(i64::from(d)) } else { next.saturating_add(i64::from(d)) };
    }
    value
}

/// The text as a number in a comparison: by the type of its symbol, constants as in C (0x, octal). Wide enough for all 64-bit numbers.
fn as_number(text: &str, kind: Kind) -> Option<i128> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let hex = digits.strip_prefix("0x").or(digits.strip_prefix("0X"));
    let (radix, digits) = match kind {
        Kind::Bool | Kind::Tristate => {
            return Some(match text {
                "n" => 0,
                "m" => 1,
                "y" => 2,
                _ => -1,
            });
        }
        Kind::Int => (10, digits),
        Kind::Hex => (16, hex.unwrap_or(digits)),
        _ => match hex {
            Some(rest) => (16, rest),
            None if digits.len() > 1 && digits.starts_with('0') => (8, &digits[1..]),
            None => (10, digits),
        },
    };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    i64::from_str_radix(digits, radix).map(i128::from).or(u64::from_str_radix(digits, radix).map(i128::from)).ok().map(|n| n * sign)
}
