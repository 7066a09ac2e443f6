//! Draws the list of a menu.

use super::rows::{Action, Row};
use super::term::Style;
use super::{App, BUTTONS, dialog};
use std::io;

const INTRO: &str = "Arrow keys navigate the menu. <Enter> selects submenus ---> (or empty submenus ----). Highlighted letters are hotkeys. \
    Pressing <Y> includes, <N> excludes, <M> makes a module. Press <Esc><Esc> to exit, <?> for Help, </> for Search, <W> for why, <Z> for all. \
    Legend: [*] on  [ ] off  <M> module  < > module capable  -*- fixed";
const SHORT_INTRO: &str = "Enter opens, Space changes, ? help, / search, w why, z all, Esc leaves";

impl App<'_, '_> {
    pub(super) fn draw(&mut self) -> io::Result<()> {
        self.term.clear()?;
        let (width, height) = (self.term.width, self.term.height);
        if width < 30 || height < 10 {
            self.term.text(0, 0, "This terminal is too small: 30x10 is needed.", Style::Screen);
            return self.term.show();
        }
        let name = self.path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let changed = if self.config.changed() { " (changed)" } else { "" };
        self.term.text(1, 0, &format!("{name}{changed} - {}", self.config.kconfig().title()), Style::Screen);
        let node = self.level().node;
        let k = self.config.kconfig();
        let title = k.node(node).prompt.as_ref().map_or("", |p| &p.text);
        let mut path = self.config.path(node);
        if node != k.root() {
            path.push(title.to_string());
        }
        self.term.text(1, 1, &path.join(" -> "), Style::Screen);
        let (w, h) = (width - 2, height - 3);
        self.term.frame(1, 2, w, h, title);
        let intro = dialog::wrap(if height < 20 { SHORT_INTRO } else { INTRO }, w - 4);
        let intro = &intro[..intro.len().min(if height < 20 { 1 } else { 5 })];
        for (i, line) in intro.iter().enumerate() {
            self.term.text(3, 3 + i, line, Style::Dialog);
        }
        let first = 4 + intro.len();
        let page = (2 + h).saturating_sub(first + 3).max(1);
        self.list(first, page, w);
        self.buttons(2 + h - 2, w);
        self.term.show()
    }

    /// Lines on a page of the list: for the keys that jump by it.
    pub(super) fn page(&self) -> usize {
        if self.term.height < 20 { self.term.height.saturating_sub(9).max(1) } else { self.term.height.saturating_sub(13).max(1) }
    }

    fn list(&mut self, first: usize, page: usize, w: usize) {
        let count = self.rows.len();
        let level = self.level();
        if level.cursor < level.top {
            level.top = level.cursor;
        } else if level.cursor >= level.top + page {
            level.top = level.cursor + 1 - page;
        }
        level.top = level.top.min(count.saturating_sub(page));
        let (top, cursor) = (level.top, level.cursor);
        let rows: Vec<Row> = self.rows.iter().skip(top).take(page).cloned().collect();
        let room = w.saturating_sub(10);
        for (i, row) in rows.iter().enumerate() {
            let text = format!("{}{} {}", " ".repeat(row.indent), row.mark, row.text);
            let text: String = text.chars().take(room).collect();
            let style = if top + i == cursor {
                Style::Selected
            } else if row.hidden {
                Style::Dim
            } else {
                Style::Dialog
            };
            self.term.text(6, first + i, &text, style);
            let hot = row.indent + row.mark.chars().count() + 1;
            if row.action != Action::None && style == Style::Dialog && hot < room {
                let letter: String = text.chars().skip(hot).take(1).collect();
                self.term.text(6 + hot, first + i, &letter, Style::Hot);
            }
        }
        if count == 0 {
            self.term.text(6, first, "(nothing here; z shows entries whose dependencies are not met)", Style::Dim);
        }
        if top > 0 {
            self.term.text(6, first - 1, "^(-)", Style::Title);
        }
        if top + page < count {
            self.term.text(6, first + page, "v(+)", Style::Title);
        }
    }

    fn buttons(&mut self, y: usize, w: usize) {
        let total: usize = BUTTONS.iter().map(|b| b.len() + 4).sum();
        let mut x = 1 + w.saturating_sub(total) / 2;
        for (i, label) in BUTTONS.iter().enumerate() {
            self.term.text(x, y, &format!("<{label}>"), if i == self.button { Style::Selected } else { Style::Dialog });
            x += label.len() + 4;
        }
    }
}
