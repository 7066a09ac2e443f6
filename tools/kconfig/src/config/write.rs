//! Writes `.config`, the C header and the make file.

use super::Config;
use crate::error::Error;
use crate::expr::Tri;
use crate::model::{Item, Kind, NodeId, SymId};
use std::path::Path;

impl Config<'_> {
    /// The text of the `.config`, as Linux writes it.
    pub fn to_dotconfig(&self) -> String {
        let mut out = format!("#\n# Automatically generated file; DO NOT EDIT.\n# {}\n#\n", self.k.title());
        let mut done = vec![false; self.k.symbols.len()];
        let mut gap = false;
        // A node is met twice when it has children: before and after them.
        let mut stack: Vec<(NodeId, bool)> = self.k.node(self.k.root()).children.iter().rev().map(|c| (*c, false)).collect();
        while let Some((id, after)) = stack.pop() {
            let node = self.k.node(id);
            let title = node.prompt.as_ref().filter(|_| matches!(node.item, Item::Menu | Item::Comment) && self.is_visible(id));
            if after {
                if let (Some(p), Item::Menu) = (title, node.item) {
                    out.push_str(&format!("# end of {}\n", p.text));
                    gap = true;
                }
                continue;
            }
            if let Some(p) = title {
                out.push_str(&format!("\n#\n# {}\n#\n", p.text));
                gap = false;
            }
            if let Item::Symbol(s) = node.item
                && self.is_written(s)
                && !std::mem::replace(&mut done[s.index()], true)
            {
                if std::mem::take(&mut gap) {
                    out.push('\n');
                }
                self.dot_line(s, &mut out);
            }
            stack.push((id, true));
            stack.extend(node.children.iter().rev().map(|c| (*c, false)));
        }
        out
    }

    /// One line of a `.config`.
    pub(super) fn dot_line(&self, s: SymId, out: &mut String) {
        let sym = self.k.sym(s);
        let value = self.value(s);
        let line = match sym.kind {
            Kind::Bool | Kind::Tristate if value == "n" => format!("# {}{} is not set\n", self.prefix, sym.name),
            Kind::Str => format!("{}{}=\"{}\"\n", self.prefix, sym.name, escape(value)),
            _ => format!("{}{}={value}\n", self.prefix, sym.name),
        };
        out.push_str(&line);
    }

    /// The symbols that are written, each once, in the order of the menu.
    fn written(&self) -> Vec<SymId> {
        let mut done = vec![false; self.k.symbols.len()];
        let mut list = Vec::new();
        for id in self.k.preorder() {
            if let Item::Symbol(s) = self.k.node(id).item
                && self.is_written(s)
                && !std::mem::replace(&mut done[s.index()], true)
            {
                list.push(s);
            }
        }
        list
    }

    /// The C header (Linux's autoconf.h): `#define CONFIG_X 1`, `CONFIG_X_MODULE` for `m`, numbers and quoted strings; what is off is not there.
    pub fn to_header(&self) -> String {
        let mut out = format!("/*\n * Automatically generated file; DO NOT EDIT.\n * {}\n */\n", self.k.title());
        for s in self.written() {
            let (sym, value) = (self.k.sym(s), self.value(s));
            let (suffix, value) = match (sym.kind, value) {
                (Kind::Bool | Kind::Tristate, "n") => continue,
                (Kind::Bool | Kind::Tristate, "m") => ("_MODULE", "1".to_string()),
                (Kind::Bool | Kind::Tristate, _) => ("", "1".to_string()),
                (Kind::Str, v) => ("", format!("\"{}\"", escape(v))),
                (Kind::Hex, v) if !v.starts_with("0x") && !v.starts_with("0X") => ("", format!("0x{v}")),
                (_, v) => ("", v.to_string()),
            };
            out.push_str(&format!("#define {}{}{suffix} {value}\n", self.prefix, sym.name));
        }
        out
    }

    /// The file that make includes: `CONFIG_X=y` for what is on, strings in quotes as in `.config` (as Unikraft's make files expect), and so that make
    /// reads the very characters (`$` and `#` are escaped).
    pub fn to_make(&self) -> String {
        let mut out = format!("#\n# Automatically generated file; DO NOT EDIT.\n# {}\n#\n", self.k.title());
        for s in self.written() {
            if self.k.sym(s).kind.is_logic() && self.tri(s) == Tri::No {
                continue;
            }
            let mut line = String::new();
            self.dot_line(s, &mut line);
            out.push_str(&line.replace('$', "$$").replace('#', "\\#"));
        }
        out
    }

    /// Writes the `.config`. An existing file that would not change is not touched, so that make sees no change.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&mut self, path: &Path) -> Result<(), Error> {
        save(path, &self.to_dotconfig())?;
        self.changed = false;
        Ok(())
    }

    /// Writes [`Config::to_header`].
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_header(&self, path: &Path) -> Result<(), Error> {
        save(path, &self.to_header())
    }

    /// Writes [`Config::to_make`].
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_make(&self, path: &Path) -> Result<(), Error> {
        save(path, &self.to_make())
    }
}

/// `"` and `\` get a backslash.
pub(super) fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// Writes a file whole or not at all, and only when it changes.
pub(super) fn save(path: &Path, text: &str) -> Result<(), Error> {
    if std::fs::read(path).is_ok_and(|old| old == text.as_bytes()) {
        return Ok(());
    }
    let failed = |e: std::io::Error| Error::new(None, format!("cannot write {}: {e}", path.display()));
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".tmp{}", std::process::id()));
    let temporary = path.with_file_name(name);
    std::fs::write(&temporary, text).map_err(failed)?;
    std::fs::rename(&temporary, path).map_err(|e| {
        let _ = std::fs::remove_file(&temporary);
        failed(e)
    })
}
