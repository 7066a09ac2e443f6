//! Reads `.config` files and defconfigs.

use super::{ChoiceWish, Config, Wish};
use crate::error::{Error, Pos, Warning};
use crate::expr::Tri;
use crate::model::{Kind, SymId};
use std::path::Path;

impl Config<'_> {
    /// Reads a `.config` or a defconfig in place of what was set before.
    ///
    /// # Errors
    /// The file cannot be read. What is wrong in it are [`Config::warnings`].
    pub fn read(&mut self, path: &Path) -> Result<(), Error> {
        let text = load(path)?;
        self.clear();
        self.merge_text(&text, &path.to_string_lossy());
        // What Linux's menu asks about when it is left: the file is not what would be written.
        self.changed = !self.settle();
        Ok(())
    }

    /// Reads a file on top of what was set before.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn merge(&mut self, path: &Path) -> Result<(), Error> {
        let text = load(path)?;
        self.merge_text(&text, &path.to_string_lossy());
        Ok(())
    }

    /// Reads text in the format of `.config` on top of what was set before; `name` stands in messages.
    pub fn merge_text(&mut self, text: &str, name: &str) {
        for wish in &mut self.user.choices {
            wish.set = true;
        }
        for (i, line) in text.lines().enumerate() {
            let pos = Pos { file: name.into(), line: u32::try_from(i).unwrap_or(u32::MAX - 1) + 1, column: 0 };
            self.line(line.trim_end_matches('\r'), &pos);
        }
        self.touch();
    }

    /// Forgets all that was set and read.
    pub fn clear(&mut self) {
        self.user.symbols.fill(None);
        self.user.choices.fill(ChoiceWish::default());
        self.origin.fill(None);
        self.warnings.clear();
        self.touch();
    }

    pub(super) fn warn(&mut self, pos: &Pos, message: String) {
        self.warnings.push(Warning::at(pos, message));
    }

    fn line(&mut self, line: &str, pos: &Pos) {
        let (name, value) = if let Some(rest) = line.strip_prefix('#') {
            let Some(rest) = rest.get(1..).and_then(|r| r.strip_prefix(&self.prefix)) else { return };
            let Some((name, "is not set")) = rest.split_once(' ').map(|(n, v)| (n, v.get(..10).unwrap_or(v))) else { return };
            (name.to_string(), None)
        } else if let Some(rest) = line.strip_prefix(&self.prefix) {
            let Some((name, value)) = rest.split_once('=') else { return };
            (name.to_string(), Some(value))
        } else {
            if !line.trim().is_empty() {
                self.warn(pos, format!("unexpected data: {line}"));
            }
            return;
        };
        let Some(s) = self.k.find(&name) else {
            self.warn(pos, format!("unknown symbol: {}{name}", self.prefix));
            return;
        };
        if self.user.symbols[s.index()].is_some() && self.origin[s.index()].as_ref().is_some_and(|p| p.file == pos.file) {
            self.warn(pos, format!("override: reassigning to symbol {name}"));
        }
        let kind = self.k.sym(s).kind;
        let wish = match value {
            None if kind.is_logic() => Wish::Tri(Tri::No),
            None => return,
            Some(value) => match parse(kind, value) {
                Ok(wish) => wish,
                Err(what) => {
                    self.warn(pos, if what.is_empty() { format!("symbol value '{value}' invalid for {name}") } else { what });
                    return;
                }
            },
        };
        self.origin[s.index()] = Some(pos.clone());
        self.user.symbols[s.index()] = Some(wish);
        self.note_choice(s, Some(pos));
    }

    /// What the value of a symbol means for the choice it is in.
    pub(super) fn note_choice(&mut self, s: SymId, pos: Option<&Pos>) {
        let (Some(c), Some(value)) = (self.k.sym(s).choice, self.user.tri(s)) else { return };
        let name = &self.k.sym(s).name;
        let wish = &mut self.user.choices[c.index()];
        let mut doubt = None;
        match value {
            Tri::No => (),
            Tri::Mod => {
                if wish.mode == Tri::Yes {
                    doubt = Some(format!("{name} creates inconsistent choice state"));
                    wish.set = false;
                }
            }
            Tri::Yes => {
                if wish.mode != Tri::No && wish.chosen != Some(s) {
                    doubt = Some(format!("override: {name} changes choice state"));
                }
                wish.chosen = Some(s);
            }
        }
        wish.mode = wish.mode.max(value);
        if let (Some(message), Some(pos)) = (doubt, pos) {
            self.warn(pos, message);
        }
    }

    /// After reading: numbers out of range are dropped; values of what is invisible are dropped when the file is exactly what would be written, so that
    /// they are asked again when they become visible. True if the file is exact in that sense.
    pub(super) fn settle(&mut self) -> bool {
        let mut exact = true;
        for s in self.k.symbols() {
            let v = self.values();
            let sym = self.k.sym(s);
            if sym.no_write || sym.kind == Kind::Unknown {
                continue;
            }
            exact &= match (&self.user.symbols[s.index()], v.write[s.index()]) {
                (Some(Wish::Tri(t)), true) => *t == v.tri[s.index()],
                (Some(Wish::Text(t)), true) => **t == *v.string(self.k, s),
                (None, false) => true,
                _ => false,
            };
        }
        let mut dropped = Vec::new();
        for s in self.k.symbols() {
            if self.k.sym(s).choice.is_some() || self.k.sym(s).no_write {
                continue;
            }
            match &self.user.symbols[s.index()] {
                Some(_) if exact && self.values().vis[s.index()] == Tri::No => dropped.push((s, None)),
                Some(Wish::Text(text)) if !self.values().accepts(self.k, s, text) => dropped.push((s, Some(text.to_string()))),
                _ => (),
            }
        }
        if dropped.is_empty() {
            return exact;
        }
        for (s, text) in dropped {
            self.user.symbols[s.index()] = None;
            if let Some(text) = text {
                let range = self.range(s).map(|(low, high)| self.show_range(s, low, high)).unwrap_or_default();
                let message = format!("symbol value '{text}' out of range{range} for {}", self.k.sym(s).name);
                self.warnings.push(Warning { pos: self.origin[s.index()].clone(), message });
            }
        }
        self.touch();
        exact
    }

    pub(crate) fn show_range(&self, s: SymId, low: i64, high: i64) -> String {
        if self.k.sym(s).kind == Kind::Hex { format!(" [{low:#x} {high:#x}]") } else { format!(" [{low} {high}]") }
    }
}

fn load(path: &Path) -> Result<String, Error> {
    let bytes = std::fs::read(path).map_err(|e| Error::new(None, format!("cannot read {}: {e}", path.display())))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The value behind `=`. The error is a message, or empty for the usual one.
fn parse(kind: Kind, value: &str) -> Result<Wish, String> {
    match kind {
        Kind::Bool | Kind::Tristate => match Tri::parse(value) {
            Some(Tri::Mod) if kind == Kind::Bool => Err(String::new()),
            Some(t) => Ok(Wish::Tri(t)),
            None => Err(String::new()),
        },
        Kind::Str => match value.strip_prefix('"') {
            Some(rest) => unescape(rest).map(|t| Wish::Text(t.into())).ok_or_else(|| "invalid string found".into()),
            None => Err("invalid string found".into()),
        },
        Kind::Int | Kind::Hex if kind.accepts(value) => Ok(Wish::Text(value.into())),
        _ => Err(String::new()),
    }
}

/// The text up to the closing quote.
fn unescape(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut chars = text.chars();
    loop {
        match chars.next()? {
            '"' => return Some(out),
            '\\' => out.push(chars.next()?),
            c => out.push(c),
        }
    }
}
