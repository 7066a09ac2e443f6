//! The lines of one menu: which entries are shown, and how.

use crate::config::Config;
use crate::expr::Tri;
use crate::model::{ChoiceId, Item, Kind, NodeId, SymId};

/// What selecting a line does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Opens a menu.
    Open,
    /// Turns a symbol on and off.
    Toggle(SymId),
    /// The same, and there is a menu behind it.
    ToggleOpen(SymId),
    /// Edits a value.
    Edit(SymId),
    /// Opens the list of a choice's values.
    Choose(ChoiceId),
    /// Takes a choice's value.
    Pick(SymId),
    /// Only text.
    None,
}

/// One line.
#[derive(Clone, Debug)]
pub struct Row {
    pub node: NodeId,
    pub action: Action,
    /// What stands before the text: `[*]`, `<M>`, `(value)`.
    pub mark: String,
    pub text: String,
    pub indent: usize,
    /// Shown although its dependencies are not met.
    pub hidden: bool,
}

struct Builder<'a, 'k> {
    config: &'a Config<'k>,
    /// Entries whose dependencies are not met are shown too.
    all: bool,
    rows: Vec<Row>,
}

/// The lines of a menu, a menuconfig or a choice.
pub fn rows(config: &Config<'_>, menu: NodeId, all: bool) -> Vec<Row> {
    let mut b = Builder { config, all, rows: Vec::new() };
    if let Item::Choice(c) = config.kconfig().node(menu).item
        && config.mode(c) != Tri::Mod
    {
        b.values(menu, c);
    } else {
        b.children(menu, 0);
    }
    b.rows
}

impl Builder<'_, '_> {
    fn children(&mut self, id: NodeId, indent: usize) {
        for &child in &self.config.kconfig().node(id).children {
            self.entry(child, indent);
        }
    }

    fn shown(&self, id: NodeId) -> bool {
        self.config.is_visible(id) || (self.all && self.config.kconfig().node(id).prompt.is_some())
    }

    fn push(&mut self, node: NodeId, action: Action, mark: String, text: String, indent: usize) {
        let hidden = !self.config.is_visible(node);
        self.rows.push(Row { node, action, mark, text, indent, hidden });
    }

    fn entry(&mut self, id: NodeId, indent: usize) {
        let k = self.config.kconfig();
        let node = k.node(id);
        if !self.shown(id) {
            // Below a hidden menu nothing is visible; below a hidden symbol something may be.
            return;
        }
        let prompt = node.prompt.as_ref().map_or(String::new(), |p| p.text.clone());
        let arrow = if node.children.iter().any(|c| self.shown(*c)) { "  --->" } else { "  ----" };
        match node.item {
            Item::Menu => self.push(id, Action::Open, "   ".into(), format!("{prompt}{arrow}"), indent),
            Item::Comment => self.push(id, Action::None, "   ".into(), format!("*** {prompt} ***"), indent),
            Item::If => (),
            Item::Choice(c) => self.choice(id, c, &prompt, indent),
            Item::Symbol(s) => {
                let sym = k.sym(s);
                let new = if self.config.is_new(s) { " (NEW)" } else { "" };
                if !sym.kind.is_logic() {
                    self.push(id, Action::Edit(s), format!("({})", self.config.value(s)), format!("{prompt}{new}"), indent);
                    self.children(id, indent + 2);
                } else if node.is_menuconfig {
                    self.push(id, Action::ToggleOpen(s), mark(self.config, s), format!("{prompt}{new}{arrow}"), indent);
                } else {
                    self.push(id, Action::Toggle(s), mark(self.config, s), format!("{prompt}{new}"), indent);
                    self.children(id, indent + 2);
                }
            }
        }
    }

    fn choice(&mut self, id: NodeId, c: ChoiceId, prompt: &str, indent: usize) {
        let k = self.config.kconfig();
        let can_change = [Tri::No, Tri::Mod, Tri::Yes].iter().any(|t| *t != self.config.mode(c) && self.config.choice_can_be(c, *t));
        let mode = match (self.config.mode(c), can_change) {
            (_, false) => "   ",
            (Tri::Yes, _) => "<*>",
            (Tri::Mod, _) => "<M>",
            (Tri::No, _) => "< >",
        };
        let chosen = self.config.chosen(c);
        let below = |s: &SymId| k.node(id).children.iter().copied().find(|n| k.node(*n).item == Item::Symbol(*s));
        let value = chosen.as_ref().and_then(below);
        let name = value.and_then(|n| k.node(n).prompt.as_ref()).map_or(String::new(), |p| format!(" ({})", p.text));
        let new = if chosen.is_some() && !self.config.choice_has_user_value(c) { " (NEW)" } else { "" };
        self.push(id, Action::Choose(c), mode.into(), format!("{prompt}{name}{new}  --->"), indent);
        if let Some(value) = value {
            self.children(value, indent + 2);
        }
    }

    /// The values of a choice, of which one is taken.
    fn values(&mut self, menu: NodeId, c: ChoiceId) {
        let k = self.config.kconfig();
        for &child in &k.node(menu).children {
            if !self.shown(child) {
                continue;
            }
            let prompt = k.node(child).prompt.as_ref().map_or("", |p| &p.text);
            match k.node(child).item {
                Item::Symbol(s) => {
                    let mark = if self.config.chosen(c) == Some(s) { "(X)" } else { "( )" };
                    self.push(child, Action::Pick(s), mark.into(), prompt.into(), 0);
                }
                _ => self.push(child, Action::None, "   ".into(), format!("*** {prompt} ***"), 0),
            }
        }
    }
}

/// `[*]` bool, `<M>` tristate, `-*-` cannot be changed, `{M}` is selected as `m` and may be `y`.
pub fn mark(config: &Config<'_>, s: SymId) -> String {
    let sign = match config.tri(s) {
        Tri::Yes => '*',
        Tri::Mod => 'M',
        Tri::No => ' ',
    };
    let (open, close) = match (config.kind(s), config.is_changeable(s)) {
        (_, false) => ('-', '-'),
        (Kind::Tristate, _) if config.selected(s) == Tri::Mod => ('{', '}'),
        (Kind::Tristate, _) => ('<', '>'),
        _ => ('[', ']'),
    };
    format!("{open}{sign}{close}")
}
