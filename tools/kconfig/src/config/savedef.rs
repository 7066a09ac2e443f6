//! The minimal configuration: only what differs from the defaults (Linux's savedefconfig).

use super::{Config, write};
use crate::error::Error;
use crate::expr::Tri;
use crate::model::{Item, Kind, SymId};
use std::path::Path;

impl Config<'_> {
    /// The text of the minimal configuration.
    pub fn to_defconfig(&self) -> String {
        let mut out = String::new();
        let mut done = vec![false; self.k.symbols.len()];
        let mut stack = vec![self.k.root()];
        while let Some(id) = stack.pop() {
            let node = self.k.node(id);
            if let Item::Symbol(s) = node.item
                && self.is_written(s)
                && !std::mem::replace(&mut done[s.index()], true)
                && self.is_changeable(s)
                && !self.is_default(s)
            {
                self.dot_line(s, &mut out);
            }
            stack.extend(node.children.iter().rev());
        }
        out
    }

    /// Whether the value is the one that the symbol would have without the user.
    fn is_default(&self, s: SymId) -> bool {
        let (v, sym) = (self.values(), self.k.sym(s));
        let default = if sym.kind.is_logic() {
            let mut t = v.default_of(self.k, s).map_or(Tri::No, |(d, cond)| v.eval(self.k, &d.value).min(cond)).max(v.rev[s.index()]);
            if t == Tri::Mod && ((sym.choice.is_none() && v.modules == Tri::No) || sym.kind == Kind::Bool) {
                t = Tri::Yes;
            }
            t.max(v.implied[s.index()]).as_str().to_string()
        } else {
            v.default_text(self.k, s).map_or_else(String::new, |t| t.to_string())
        };
        if self.value(s) == default {
            return true;
        }
        // The default value of a choice is not said either, unless the choice may be off.
        sym.choice.is_some_and(|c| {
            !self.k.choice(c).optional && sym.kind == Kind::Bool && v.tri[s.index()] == Tri::Yes && v.choice_default(self.k, c) == Some(s)
        })
    }

    /// Writes the minimal configuration.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn savedefconfig(&self, path: &Path) -> Result<(), Error> {
        write::save(path, &self.to_defconfig())
    }

    /// What Linux says about a symbol that is selected beyond its direct dependencies.
    pub(super) fn unmet(&self, s: SymId) -> String {
        let (v, sym) = (self.values(), self.k.sym(s));
        let show = |s: SymId| (self.k.sym(s).kind != Kind::Unknown).then(|| self.value(s).to_string());
        let text = |e: &crate::expr::Expr| {
            let mut out = String::new();
            e.print(self.k, &show, &mut out);
            out
        };
        let dep = sym.dir_dep.as_ref().map_or_else(|| "y".to_string(), |e| text(e));
        let mut out = format!("WARNING: unmet direct dependencies detected for {}\n  Depends on [{}]: {dep}", sym.name, v.dir[s.index()]);
        for level in [Tri::Yes, Tri::Mod] {
            let by: Vec<_> = sym.rev_dep.iter().filter(|e| v.eval(self.k, e) == level).collect();
            if !by.is_empty() {
                out.push_str(&format!("\n  Selected by [{level}]:"));
                by.iter().for_each(|e| out.push_str(&format!("\n  - {}", text(e))));
            }
        }
        out
    }
}
