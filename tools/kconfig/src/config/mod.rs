//! Values for a tree: what the user set, and what follows from it.

mod auto;
mod eval;
mod read;
mod savedef;
mod set;
mod write;

use crate::error::{Pos, Warning};
use crate::expr::{Expr, Tri};
use crate::model::{ChoiceId, Item, Kconfig, Kind, NodeId, SymId};
pub use auto::Mode;
pub(crate) use eval::Values;
use std::cell::OnceCell;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Wish {
    Tri(Tri),
    Text(Arc<str>),
}

#[derive(Clone, Debug, Default)]
struct ChoiceWish {
    set: bool,
    mode: Tri,
    chosen: Option<SymId>,
}

/// What the user set.
#[derive(Clone, Debug, Default)]
pub(crate) struct User {
    symbols: Vec<Option<Wish>>,
    choices: Vec<ChoiceWish>,
    empty_numbers: bool,
}

impl User {
    fn tri(&self, s: SymId) -> Option<Tri> {
        match self.symbols[s.index()] {
            Some(Wish::Tri(t)) => Some(t),
            _ => None,
        }
    }

    fn text(&self, s: SymId) -> Option<Arc<str>> {
        match &self.symbols[s.index()] {
            Some(Wish::Text(t)) => Some(t.clone()),
            _ => None,
        }
    }
}

/// A configuration of a [`Kconfig`] tree.
#[derive(Clone, Debug)]
pub struct Config<'k> {
    k: &'k Kconfig,
    user: User,
    /// Where each symbol got its value from, for messages.
    origin: Vec<Option<Pos>>,
    values: OnceCell<Values>,
    prefix: String,
    warnings: Vec<Warning>,
    changed: bool,
}

impl<'k> Config<'k> {
    /// A configuration in which every symbol has its default.
    pub fn new(k: &'k Kconfig) -> Config<'k> {
        let user =
            User { symbols: vec![None; k.symbols.len()], choices: vec![ChoiceWish::default(); k.choices.len()], empty_numbers: false };
        Config {
            k,
            user,
            origin: vec![None; k.symbols.len()],
            values: OnceCell::new(),
            prefix: "CONFIG_".into(),
            warnings: Vec::new(),
            changed: false,
        }
    }

    /// Another prefix than `CONFIG_` in the files that are read and written.
    #[must_use]
    pub fn with_prefix(mut self, prefix: &str) -> Config<'k> {
        self.prefix = prefix.into();
        self
    }

    /// Numbers for which no default applies are empty, as in Linux before 6.8, and not 0.
    #[must_use]
    pub fn with_empty_numbers(mut self) -> Config<'k> {
        self.user.empty_numbers = true;
        self.touch();
        self.changed = false;
        self
    }

    /// The prefix of symbols in files.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The tree.
    pub fn kconfig(&self) -> &'k Kconfig {
        self.k
    }

    pub(crate) fn values(&self) -> &Values {
        self.values.get_or_init(|| eval::compute(self.k, &self.user))
    }

    fn touch(&mut self) {
        self.values = OnceCell::new();
        self.changed = true;
    }

    /// Whether writing would change the `.config` read or written last: a value was set, or the file was not complete.
    pub fn changed(&self) -> bool {
        self.changed
    }

    pub(crate) fn mark_changed(&mut self) {
        self.changed = true;
    }

    /// Whether the text is a value that the symbol may have now: of its type, and in range.
    pub fn accepts(&self, s: SymId, text: &str) -> bool {
        let short_hex = self.k.sym(s).kind == Kind::Hex && !text.starts_with("0x") && !text.starts_with("0X");
        self.values().accepts(self.k, s, &if short_hex { format!("0x{text}") } else { text.to_string() })
    }

    /// The value of a symbol, without quotes: `y`, `m`, `n`, a number or a text. `None` if the tree does not define it.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.k.find(name).map(|s| self.value(s))
    }

    /// Whether a symbol is `y` (or `m`).
    pub fn is_on(&self, name: &str) -> bool {
        self.k.find(name).is_some_and(|s| self.tri(s) != Tri::No)
    }

    /// The value of a symbol as text.
    pub fn value(&self, s: SymId) -> &str {
        self.values().string(self.k, s)
    }

    /// The value of a bool or tristate symbol; `n` for others.
    pub fn tri(&self, s: SymId) -> Tri {
        self.values().tri[s.index()]
    }

    /// The value of an expression.
    pub fn eval(&self, e: &Expr) -> Tri {
        self.values().eval(self.k, e)
    }

    /// Whether and how far the user may set the symbol: the upper limit.
    pub fn visibility(&self, s: SymId) -> Tri {
        self.values().vis[s.index()]
    }

    /// What selects demand: the lower limit.
    pub fn selected(&self, s: SymId) -> Tri {
        self.values().rev[s.index()]
    }

    /// Whether the user can change the value.
    pub fn is_changeable(&self, s: SymId) -> bool {
        self.values().vis[s.index()] > self.values().rev[s.index()]
    }

    /// The type that counts now: without modules a tristate is a bool.
    pub fn kind(&self, s: SymId) -> Kind {
        self.values().kind(self.k, s)
    }

    /// The range of an int or hex symbol that applies now.
    pub fn range(&self, s: SymId) -> Option<(i64, i64)> {
        self.values().range(self.k, s)
    }

    /// Whether the symbol is a line of the `.config`.
    pub fn is_written(&self, s: SymId) -> bool {
        self.values().write[s.index()]
    }

    /// Whether the user (or a file) gave the symbol a value.
    pub fn has_user_value(&self, s: SymId) -> bool {
        self.user.symbols[s.index()].is_some()
    }

    /// Whether every visible value of the choice was given by the user.
    pub fn choice_has_user_value(&self, c: ChoiceId) -> bool {
        let visible = |s: &&SymId| self.values().vis[s.index()] != Tri::No;
        let all = self.k.choice(c).values.iter().filter(visible).all(|s| self.has_user_value(*s));
        self.user.choices[c.index()].set && (all || self.mode(c) != Tri::Yes)
    }

    /// The mode of a choice: `y` one value is chosen, `m` several may be `m`, `n` none.
    pub fn mode(&self, c: ChoiceId) -> Tri {
        self.values().mode[c.index()]
    }

    /// The value chosen.
    pub fn chosen(&self, c: ChoiceId) -> Option<SymId> {
        self.values().chosen[c.index()]
    }

    /// Whether the entry is shown: its prompt is visible, or something below it is while the symbol itself is on.
    pub fn is_visible(&self, id: NodeId) -> bool {
        let (node, v) = (self.k.node(id), self.values());
        let Some(prompt) = &node.prompt else { return false };
        if v.cond(self.k, &node.visible_if) == Tri::No {
            return false;
        }
        if v.cond(self.k, &prompt.cond) != Tri::No {
            return match node.item {
                Item::Symbol(s) if self.k.sym(s).choice.is_some() => v.vis[s.index()] != Tri::No,
                _ => true,
            };
        }
        match node.item {
            Item::Symbol(s) if v.tri[s.index()] != Tri::No => node.children.iter().any(|c| self.is_visible(*c)),
            _ => false,
        }
    }

    /// Symbols that need an answer: visible, changeable, and without a value from the user (`NEW` in Linux's words).
    pub fn new_symbols(&self) -> Vec<SymId> {
        let mut found = Vec::new();
        let mut stack = vec![self.k.root()];
        while let Some(id) = stack.pop() {
            if !self.is_visible(id) && id != self.k.root() {
                continue;
            }
            match self.k.node(id).item {
                Item::Symbol(s) if self.is_new(s) && !found.contains(&s) => found.push(s),
                _ => (),
            }
            stack.extend(self.k.node(id).children.iter().rev());
        }
        found
    }

    pub(crate) fn is_new(&self, s: SymId) -> bool {
        !self.has_user_value(s) && self.is_changeable(s)
    }

    /// What was doubtful in the files read and values set, and now the selects beyond direct dependencies.
    pub fn warnings(&self) -> Vec<Warning> {
        let mut all = self.warnings.clone();
        all.extend(self.values().unmet.iter().map(|s| Warning { pos: None, message: self.unmet(*s) }));
        all
    }

    /// Settles the configuration: symbols without a value get their default, values out of range are dropped (with a warning).
    pub fn olddefconfig(&mut self) {
        let changed = self.changed;
        let exact = self.settle();
        self.changed = changed || !exact;
    }
}
