//! Search by symbol name and prompt text.

use super::term::{Key, Style};
use super::{App, Level, dialog};
use crate::config::Config;
use crate::model::{Item, NodeId, SymId};
use std::io;

/// The symbols that match all words, in the name (with or without prefix) or a prompt; better matches first.
pub fn find(config: &Config<'_>, words: &str) -> Vec<SymId> {
    let k = config.kconfig();
    let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
    let mut found: Vec<(u8, &str, SymId)> = Vec::new();
    for s in k.symbols() {
        let sym = k.sym(s);
        let name = sym.name.to_lowercase();
        let full = format!("{}{name}", config.prefix().to_lowercase());
        let prompts: Vec<String> = sym.nodes.iter().filter_map(|n| k.node(*n).prompt.as_ref()).map(|p| p.text.to_lowercase()).collect();
        if words.is_empty() || !words.iter().all(|w| full.contains(w) || prompts.iter().any(|p| p.contains(w))) {
            continue;
        }
        let rank = if words.len() == 1 && (name == words[0] || full == words[0]) {
            0
        } else if words.iter().all(|w| name.contains(w)) {
            1
        } else {
            2
        };
        found.push((rank, &sym.name, s));
    }
    found.sort_unstable();
    found.into_iter().map(|(_, _, s)| s).collect()
}

impl App<'_, '_> {
    pub(super) fn search(&mut self) -> io::Result<()> {
        let text = "Enter words: parts of symbol names (with or without CONFIG_) or of prompts. All of them must occur.";
        let Some(words) = dialog::input(&mut self.term, "Search", text, "", &|w| w.trim().is_empty().then(|| "a word is needed".into()))?
        else {
            return Ok(());
        };
        let found = find(self.config, &words);
        if found.is_empty() {
            return dialog::view(&mut self.term, "Search", &format!("Nothing matches \"{words}\"."));
        }
        let mut cursor = 0;
        loop {
            self.draw_found(&words, &found, cursor)?;
            let page = self.term.height.saturating_sub(7).max(1);
            match self.term.key()? {
                Key::Up | Key::Char('-') => cursor = cursor.saturating_sub(1),
                Key::Down | Key::Char('+') => cursor = (cursor + 1).min(found.len() - 1),
                Key::PageUp => cursor = cursor.saturating_sub(page),
                Key::PageDown => cursor = (cursor + page).min(found.len() - 1),
                Key::Home => cursor = 0,
                Key::End => cursor = found.len() - 1,
                Key::Char('?' | 'h' | 'w' | ' ') | Key::F(1 | 2) => self.page_of(self.config.kconfig().sym(found[cursor]).nodes[0])?,
                Key::Enter => {
                    if self.go_to(found[cursor]) {
                        return Ok(());
                    }
                    self.page_of(self.config.kconfig().sym(found[cursor]).nodes[0])?;
                }
                Key::Escape | Key::Interrupt | Key::F(5) => return Ok(()),
                _ => (),
            }
        }
    }

    fn draw_found(&mut self, words: &str, found: &[SymId], cursor: usize) -> io::Result<()> {
        self.term.clear()?;
        let (w, h) = (self.term.width.saturating_sub(4).max(20), self.term.height.saturating_sub(2).max(6));
        self.term.frame(2, 1, w, h, &format!("Search: {words} ({})", found.len()));
        let page = h.saturating_sub(5).max(1);
        let top = cursor.saturating_sub(page - 1);
        let k = self.config.kconfig();
        for (i, s) in found.iter().enumerate().skip(top).take(page) {
            let sym = k.sym(*s);
            let prompt = sym.nodes.iter().find_map(|n| k.node(*n).prompt.as_ref()).map_or("(no prompt)", |p| &p.text);
            let line = format!("{} [={}]  {prompt}", sym.name, self.config.value(*s));
            let line: String = line.chars().take(w.saturating_sub(6)).collect();
            let hidden = self.config.visibility(*s) == crate::expr::Tri::No;
            let style = match (i == cursor, hidden) {
                (true, _) => Style::Selected,
                (_, true) => Style::Dim,
                _ => Style::Dialog,
            };
            self.term.text(5, 2 + i - top, &line, style);
        }
        self.term.text(4, h - 2, "Enter goes there, ? shows help and why, Esc goes back", Style::Dim);
        self.term.show()
    }

    /// Opens the menu that shows the symbol, with the cursor on it. Entries that are not visible are shown for that. False if it has no prompt.
    fn go_to(&mut self, s: SymId) -> bool {
        let k = self.config.kconfig();
        let with_prompt = |n: &&NodeId| k.node(**n).prompt.is_some();
        let nodes = &k.sym(s).nodes;
        let best = nodes.iter().find(|n| self.config.is_visible(**n)).or_else(|| nodes.iter().find(with_prompt));
        let Some(&target) = best else { return false };
        self.all |= !self.config.is_visible(target);
        let is_menu = |n: &NodeId| {
            let node = k.node(*n);
            matches!(node.item, Item::Menu | Item::Choice(_)) || node.is_menuconfig
        };
        let mut menus: Vec<NodeId> = std::iter::successors(k.node(target).parent, |n| k.node(*n).parent).filter(is_menu).collect();
        menus.reverse();
        self.all |= menus.iter().any(|n| !self.config.is_visible(*n));
        self.levels = menus.into_iter().map(|node| Level { node, cursor: 0, top: 0 }).collect();
        let menu = self.level().node;
        let rows = super::rows::rows(self.config, menu, self.all);
        self.level().cursor = rows.iter().position(|r| r.node == target).unwrap_or(0);
        true
    }
}
