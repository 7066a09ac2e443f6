//! Says in words why a symbol has its value and why it cannot be changed; and the help page of an entry.

use crate::config::Config;
use crate::expr::{Expr, Rel, Tri};
use crate::model::{Item, Kind, NodeId, SymId};
use std::sync::Arc;

/// How far a chain of failing dependencies is followed.
const MAX_DEPTH: usize = 6;

impl Config<'_> {
    /// Why the symbol has the value it has, and what stands against another: one finding per line, details indented.
    pub fn explain(&self, s: SymId) -> Vec<String> {
        let (sym, v) = (self.kconfig().sym(s), self.values());
        let mut out = vec![format!("{} is {}.", sym.name, self.shown(s))];
        let prompts: Vec<_> = sym.nodes.iter().filter_map(|n| self.kconfig().node(*n).prompt.as_ref()).collect();
        if prompts.is_empty() {
            out.push("It has no prompt: only defaults, select and imply set it.".into());
        } else if v.vis[s.index()] == Tri::No {
            for p in &prompts {
                let place = if prompts.len() > 1 { format!(" ({})", p.pos) } else { String::new() };
                out.push(format!("It cannot be set: these dependencies are not met{place}:"));
                if let Some(e) = &p.cond {
                    self.failing(e, Tri::Mod, 1, &mut out, &mut vec![s]);
                }
            }
        } else if v.vis[s.index()] == Tri::Mod && self.kind(s) == Kind::Tristate {
            out.push("It can be m at most, because of:".into());
            for e in prompts.iter().filter_map(|p| p.cond.as_ref()) {
                self.failing(e, Tri::Yes, 1, &mut out, &mut vec![s]);
            }
        }
        self.explain_bounds(s, &mut out);
        self.explain_choice(s, &mut out);
        self.explain_default(s, &mut out);
        if let Some(wish) = self.user_value(s).filter(|w| *w != self.value(s)) {
            out.push(format!("It was set to {wish}, which does not hold now."));
        }
        out
    }

    /// The same for an entry without symbol: why a menu, comment or choice is not shown.
    pub fn explain_entry(&self, id: NodeId) -> Vec<String> {
        let node = self.kconfig().node(id);
        let Some(prompt) = &node.prompt else { return vec!["It has no prompt.".into()] };
        if self.is_visible(id) {
            return vec![format!("\"{}\" is visible; what it depends on is met.", prompt.text)];
        }
        let mut out = vec![format!("\"{}\" is not shown: these dependencies are not met:", prompt.text)];
        for e in [&prompt.cond, &node.visible_if].into_iter().flatten() {
            self.failing(e, Tri::Mod, 1, &mut out, &mut Vec::new());
        }
        out
    }

    fn explain_bounds(&self, s: SymId, out: &mut Vec<String>) {
        let (sym, v) = (self.kconfig().sym(s), self.values());
        if sym.choice.is_none() && v.rev[s.index()] != Tri::No {
            let least = v.rev[s.index()];
            out.push(match least {
                Tri::Yes => "It cannot be turned off: it is selected by".to_string(),
                _ => format!("It is {least} at least: it is selected by"),
            });
            for e in sym.rev_dep.iter().filter(|e| self.eval(e) != Tri::No) {
                out.push(format!("  {}", self.with_values(e)));
            }
        }
        if v.unmet.contains(&s) {
            out.push("These selects go beyond its own dependencies, which are not met:".into());
            if let Some(e) = &sym.dir_dep {
                self.failing(e, v.rev[s.index()], 1, out, &mut vec![s]);
            }
        }
        if v.implied[s.index()] != Tri::No && !self.has_user_value(s) {
            out.push("It is implied by".into());
            for e in sym.implied.iter().filter(|e| self.eval(e) != Tri::No) {
                out.push(format!("  {}", self.with_values(e)));
            }
        }
        if let Some((low, high)) = self.range(s) {
            out.push(format!("Its range is{}.", self.show_range(s, low, high)));
        }
    }

    fn explain_choice(&self, s: SymId, out: &mut Vec<String>) {
        let Some(c) = self.kconfig().sym(s).choice else { return };
        let prompt = self.kconfig().choice(c).nodes.iter().find_map(|n| self.kconfig().node(*n).prompt.as_ref());
        let name = prompt.map_or("", |p| &p.text);
        match self.chosen(c) {
            Some(other) if other == s => out.push(format!("It is the chosen value of \"{name}\": to turn it off, choose another one.")),
            Some(other) => out.push(format!("In the choice \"{name}\", {} is chosen.", self.kconfig().sym(other).name)),
            None => (),
        }
    }

    fn explain_default(&self, s: SymId, out: &mut Vec<String>) {
        let (sym, v) = (self.kconfig().sym(s), self.values());
        if (self.has_user_value(s) && v.vis[s.index()] != Tri::No) || sym.choice.is_some() {
            return;
        }
        if let Some((d, _)) = v.default_of(self.kconfig(), s) {
            out.push(format!("Its default is {} ({}).", self.kconfig().show(&d.value), d.pos));
        } else if !sym.defaults.is_empty() {
            out.push("None of its defaults applies now.".into());
        }
    }

    /// The value as messages show it.
    fn shown(&self, s: SymId) -> String {
        let (sym, value) = (self.kconfig().sym(s), self.value(s));
        if sym.kind == Kind::Str { format!("\"{value}\"") } else { value.to_string() }
    }

    /// The expression with the current value behind every symbol.
    pub fn with_values(&self, e: &Expr) -> String {
        let mut out = String::new();
        let k = self.kconfig();
        e.print(k, &|s| (!k.sym(s).is_const && !k.sym(s).nodes.is_empty()).then(|| self.value(s).to_string()), &mut out);
        out
    }

    /// Adds the parts of `e` that keep it below `need`.
    fn failing(&self, e: &Arc<Expr>, need: Tri, depth: usize, out: &mut Vec<String>, seen: &mut Vec<SymId>) {
        if self.eval(e) >= need || depth > MAX_DEPTH {
            return;
        }
        let indent = "  ".repeat(depth);
        match &**e {
            Expr::And(parts) => parts.iter().for_each(|p| self.failing(p, need, depth, out, seen)),
            Expr::Sym(s) => {
                let sym = self.kconfig().sym(*s);
                if sym.is_const {
                    out.push(format!("{indent}{} (never true)", sym.name));
                } else if sym.nodes.is_empty() {
                    out.push(format!("{indent}{} (nothing defines it)", sym.name));
                } else {
                    out.push(format!("{indent}{} [={}]{}", sym.name, self.value(*s), self.place(*s)));
                    self.deeper(*s, depth, out, seen);
                }
            }
            Expr::Choice(c) | Expr::ChoiceIsYes(c) => {
                let node = self.kconfig().choice(*c).nodes.first().map(|n| self.kconfig().node(*n));
                let prompt = node.and_then(|n| n.prompt.as_ref());
                let name = prompt.map_or("(no prompt)", |p| &p.text);
                out.push(format!("{indent}choice \"{name}\" [={}]", self.mode(*c)));
                if let Some(cond) = prompt.and_then(|p| p.cond.as_ref()) {
                    self.failing(cond, Tri::Mod, depth + 1, out, seen);
                }
            }
            Expr::Or(parts) => {
                out.push(format!("{indent}one of"));
                parts.iter().for_each(|p| self.failing(p, need, depth + 1, out, seen));
            }
            Expr::Not(inner) => {
                out.push(format!("{indent}not {}", self.with_values(inner)));
                if let Expr::Sym(s) = &**inner {
                    let by = self.kconfig().sym(*s).rev_dep.iter().filter(|e| self.eval(e) != Tri::No);
                    by.for_each(|e| out.push(format!("{indent}  which is selected by {}", self.with_values(e))));
                }
            }
            Expr::Cmp(rel, a, b) => {
                let word = if *rel == Rel::Eq { "is" } else { rel.as_str() };
                let right = self.kconfig().sym(*b);
                let left = self.kconfig().sym(*a);
                let place = if left.nodes.is_empty() { String::new() } else { self.place(*a) };
                out.push(format!("{indent}{} [={}] {word} {}{place}", left.name, self.value(*a), right.name));
            }
        }
    }

    /// Behind a symbol that is off and cannot be turned on: what it depends on itself.
    fn deeper(&self, s: SymId, depth: usize, out: &mut Vec<String>, seen: &mut Vec<SymId>) {
        if seen.contains(&s) || self.visibility(s) != Tri::No {
            return;
        }
        seen.push(s);
        let sym = self.kconfig().sym(s);
        let conditions: Vec<_> = sym.nodes.iter().filter_map(|n| self.kconfig().node(*n).prompt.as_ref()).map(|p| &p.cond).collect();
        if conditions.is_empty() {
            out.push(format!("{}which has no prompt: only defaults and select set it", "  ".repeat(depth + 1)));
        }
        for e in conditions.into_iter().flatten() {
            self.failing(e, Tri::Mod, depth + 1, out, seen);
        }
    }

    /// Where the user finds the symbol: its prompt.
    fn place(&self, s: SymId) -> String {
        let prompt = self.kconfig().sym(s).nodes.iter().find_map(|n| self.kconfig().node(*n).prompt.as_ref());
        prompt.map_or_else(String::new, |p| format!(" \"{}\"", p.text))
    }

    /// The titles of the menus above an entry, outermost first.
    pub fn path(&self, id: NodeId) -> Vec<String> {
        let k = self.kconfig();
        let above = std::iter::successors(k.node(id).parent, |p| k.node(*p).parent).filter(|p| *p != k.root());
        let mut titles: Vec<String> = above.filter_map(|p| k.node(p).prompt.as_ref().map(|p| p.text.clone())).collect();
        titles.reverse();
        titles
    }

    /// The help page: the author's text, then what the tree says about the symbol.
    pub fn help(&self, id: NodeId) -> String {
        let (k, node) = (self.kconfig(), self.kconfig().node(id));
        let mut out = String::new();
        let text = node.help.as_deref().unwrap_or("There is no help available for this option.");
        match node.item {
            Item::Symbol(s) => {
                let sym = k.sym(s);
                out.push_str(&format!("{}{}:\n\n{text}\n\n", self.prefix(), sym.name));
                out.push_str(&format!("Symbol: {} [={}]\nType  : {}\n", sym.name, self.value(s), sym.kind.as_str()));
                if let Some((low, high)) = self.range(s) {
                    out.push_str(&format!("Range :{}\n", self.show_range(s, low, high)));
                }
                for n in &sym.nodes {
                    self.definition(*n, &mut out);
                }
                self.relations(s, &mut out);
            }
            _ => {
                out.push_str(&format!("{text}\n\n"));
                self.definition(id, &mut out);
            }
        }
        out
    }

    fn definition(&self, id: NodeId, out: &mut String) {
        let node = self.kconfig().node(id);
        out.push_str(&format!("Defined at {}:{}\n", node.pos.file, node.pos.line));
        if let Some(p) = &node.prompt {
            out.push_str(&format!("  Prompt: {}\n", p.text));
        }
        if let Some(dep) = &node.dep {
            out.push_str(&format!("  Depends on: {}\n", self.with_values(dep)));
        }
        let path = self.path(id);
        if !path.is_empty() {
            out.push_str(&format!("  Location: Main menu -> {}\n", path.join(" -> ")));
        }
    }

    fn relations(&self, s: SymId, out: &mut String) {
        let (k, sym) = (self.kconfig(), self.kconfig().sym(s));
        for (title, weak) in [("Selects", false), ("Implies", true)] {
            let names: Vec<_> = sym.selects.iter().filter(|x| x.weak == weak).map(|x| k.sym(x.target).name.as_str()).collect();
            if !names.is_empty() {
                out.push_str(&format!("{title}: {}\n", names.join(", ")));
            }
        }
        for (title, list) in [("Selected by", &sym.rev_dep), ("Implied by", &sym.implied)] {
            for level in [Tri::Yes, Tri::Mod, Tri::No] {
                let by: Vec<_> = list.iter().filter(|e| self.eval(e) == level).collect();
                if !by.is_empty() {
                    out.push_str(&format!("{title} [{level}]:\n"));
                    by.iter().for_each(|e| out.push_str(&format!("  - {}\n", self.with_values(e))));
                }
            }
        }
    }
}
