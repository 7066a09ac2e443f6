//! What the keys do in a list.

use super::rows::Action;
use super::term::Key;
use super::{App, BUTTONS, dialog};
use crate::expr::Tri;
use crate::model::{Item, Kind, NodeId, SymId};
use std::io;

/// Letters with a meaning of their own: they are no hotkeys.
const COMMANDS: &str = "ynmhwzYNMHWZ";

impl App<'_, '_> {
    /// Handles a key. True if the user leaves the outermost menu.
    pub(super) fn press(&mut self, key: Key) -> io::Result<bool> {
        let last = self.rows.len().saturating_sub(1);
        let page = self.page();
        let level = self.level();
        match key {
            Key::Up | Key::Char('-') => level.cursor = level.cursor.saturating_sub(1),
            Key::Down | Key::Char('+') => level.cursor = (level.cursor + 1).min(last),
            Key::PageUp => level.cursor = level.cursor.saturating_sub(page),
            Key::PageDown => level.cursor = (level.cursor + page).min(last),
            Key::Home => level.cursor = 0,
            Key::End => level.cursor = last,
            Key::Left | Key::BackTab => self.button = (self.button + BUTTONS.len() - 1) % BUTTONS.len(),
            Key::Right | Key::Tab => self.button = (self.button + 1) % BUTTONS.len(),
            Key::Escape | Key::F(5) => return Ok(self.back()),
            Key::Interrupt | Key::F(9) => return Ok(true),
            Key::Enter => return self.push_button(),
            Key::Char(' ') => self.change(None)?,
            Key::Char('y' | 'Y') => self.change(Some(Tri::Yes))?,
            Key::Char('n' | 'N') => self.change(Some(Tri::No))?,
            Key::Char('m' | 'M') => self.change(Some(Tri::Mod))?,
            Key::Char('?' | 'h' | 'H') | Key::F(1) => self.help()?,
            Key::Char('w' | 'W') | Key::F(2) => self.why()?,
            Key::Char('z' | 'Z') => self.all = !self.all,
            Key::Char('/') | Key::F(8) => self.search()?,
            Key::F(6) => self.save_as()?,
            Key::F(7) => self.load()?,
            Key::Char(c) => self.jump(c),
            _ => (),
        }
        Ok(false)
    }

    /// Closes the menu that is open. True if it was the outermost.
    fn back(&mut self) -> bool {
        if self.levels.len() == 1 {
            return true;
        }
        self.levels.pop();
        self.button = 0;
        false
    }

    fn push_button(&mut self) -> io::Result<bool> {
        match self.button {
            0 => self.select()?,
            1 => return Ok(self.back()),
            2 => self.help()?,
            3 => self.save_as()?,
            _ => self.load()?,
        }
        Ok(false)
    }

    /// The next entry whose text begins with the letter.
    fn jump(&mut self, letter: char) {
        if COMMANDS.contains(letter) {
            return;
        }
        let (count, start) = (self.rows.len(), self.level().cursor + 1);
        let matches = |i: &usize| {
            let row = &self.rows[*i];
            let first = row.text.trim_start_matches('*').trim_start().chars().next();
            first.is_some_and(|f| f.to_lowercase().eq(letter.to_lowercase()))
        };
        if let Some(found) = (0..count).map(|i| (start + i) % count).find(matches) {
            self.level().cursor = found;
        }
    }

    fn select(&mut self) -> io::Result<()> {
        let Some(row) = self.row().cloned() else { return Ok(()) };
        match row.action {
            Action::Open => self.enter(row.node),
            Action::ToggleOpen(s) if self.config.tri(s) != Tri::No || !self.config.is_changeable(s) => self.enter(row.node),
            Action::ToggleOpen(_) | Action::Toggle(_) => self.change(None)?,
            Action::Edit(s) => self.edit(row.node, s)?,
            Action::Choose(c) if self.config.mode(c) == Tri::No => self.change(None)?,
            Action::Choose(_) => self.enter(row.node),
            Action::Pick(s) => self.pick(s)?,
            Action::None => (),
        }
        Ok(())
    }

    /// Takes a value of a choice, and goes back to the menu.
    fn pick(&mut self, s: SymId) -> io::Result<()> {
        if self.config.set_tri(s, Tri::Yes) {
            self.back();
            Ok(())
        } else {
            self.explain(s)
        }
    }

    /// Sets the value, or the next one that is possible. When it cannot be, the user is told why.
    fn change(&mut self, value: Option<Tri>) -> io::Result<()> {
        let Some(row) = self.row().cloned() else { return Ok(()) };
        match row.action {
            Action::Toggle(s) | Action::ToggleOpen(s) => {
                let old = self.config.tri(s);
                let done = match value {
                    Some(Tri::Mod) if self.config.kind(s) == Kind::Bool => self.config.set_tri(s, Tri::Yes),
                    Some(t) => self.config.set_tri(s, t),
                    None => self.config.toggle(s) != old,
                };
                if done { Ok(()) } else { self.explain(s) }
            }
            Action::Choose(c) => {
                match value {
                    Some(t) if !self.config.set_mode(c, t) => return self.why(),
                    Some(_) => (),
                    None if self.config.mode(c) == Tri::Yes && !self.config.choice_can_be(c, Tri::No) => self.enter(row.node),
                    None => drop(self.config.toggle_mode(c)),
                }
                Ok(())
            }
            Action::Pick(s) if value != Some(Tri::No) => self.pick(s),
            Action::Pick(s) => self.explain(s),
            Action::Edit(s) => self.edit(row.node, s),
            Action::Open => {
                self.enter(row.node);
                Ok(())
            }
            Action::None => Ok(()),
        }
    }

    fn edit(&mut self, id: NodeId, s: SymId) -> io::Result<()> {
        if self.config.visibility(s) == Tri::No {
            return self.explain(s);
        }
        let k = self.config.kconfig();
        let kind = k.sym(s).kind;
        let range = self.config.range(s).map(|(low, high)| self.config.show_range(s, low, high)).unwrap_or_default();
        let text = match kind {
            Kind::Int => "Please enter a decimal value. Fractions will not be accepted.",
            Kind::Hex => "Please enter a hexadecimal value.",
            _ => "Please enter a string value.",
        };
        let title = k.node(id).prompt.as_ref().map_or("", |p| &p.text);
        let text = if range.is_empty() { text.to_string() } else { format!("{text} Range:{range}.") };
        let old = self.config.value(s).to_string();
        let config = &*self.config;
        let check = |answer: &str| (!config.accepts(s, answer)).then(|| format!("That is not allowed: {}{range}", kind.as_str()));
        if let Some(answer) = dialog::input(&mut self.term, title, &text, &old, &check)? {
            self.config.set_value(s, &answer);
        }
        Ok(())
    }

    fn help(&mut self) -> io::Result<()> {
        let node = match self.row() {
            Some(row) => row.node,
            None => self.level().node,
        };
        self.page_of(node)
    }

    /// The help page of an entry, with the explanation of its value.
    pub(super) fn page_of(&mut self, node: NodeId) -> io::Result<()> {
        let mut text = self.config.help(node);
        if let Item::Symbol(s) = self.config.kconfig().node(node).item {
            text.push_str(&format!("\n{}\n", self.config.explain(s).join("\n")));
        }
        let title = self.config.kconfig().node(node).prompt.as_ref().map_or("Help", |p| &p.text).to_string();
        dialog::view(&mut self.term, &title, &text)
    }

    fn explain(&mut self, s: SymId) -> io::Result<()> {
        let text = self.config.explain(s).join("\n");
        dialog::view(&mut self.term, &format!("Why is {} so?", self.config.kconfig().sym(s).name), &text)
    }

    fn why(&mut self) -> io::Result<()> {
        let Some(row) = self.row() else { return Ok(()) };
        let node = row.node;
        match self.config.kconfig().node(node).item {
            Item::Symbol(s) => self.explain(s),
            _ => {
                let text = self.config.explain_entry(node).join("\n");
                dialog::view(&mut self.term, "Why is it so?", &text)
            }
        }
    }
}
