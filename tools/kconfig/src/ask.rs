//! The line-mode questions of Linux's `conf`: each symbol with its value and the answers that are possible, one line each.

use crate::config::Config;
use crate::expr::Tri;
use crate::model::{ChoiceId, Item, NodeId, SymId};
use std::io::{self, BufRead, Write};

/// Which symbols are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Only those without a value (oldconfig).
    New,
    /// All that are visible (oldaskconfig), then those that became visible by the answers.
    All,
}

struct Asker<'a, 'k> {
    config: &'a mut Config<'k>,
    input: &'a mut dyn BufRead,
    out: &'a mut dyn Write,
    mode: Ask,
    echo: bool,
    /// The menu that is being asked.
    root: NodeId,
    indent: usize,
    /// Menus entered in this round.
    rounds: u32,
}

/// Asks on `out`, reads answers from `input`; with `echo` each answer is written too, for input that is no terminal.
///
/// # Errors
/// Of reading and writing; `UnexpectedEof` when the answers end before the questions. What was answered until then is set.
pub fn ask(config: &mut Config<'_>, mode: Ask, echo: bool, input: &mut dyn BufRead, out: &mut dyn Write) -> io::Result<()> {
    let root = config.kconfig().root();
    let mut asker = Asker { config, input, out, mode, echo, root, indent: 1, rounds: 0 };
    if mode == Ask::All {
        asker.entry(root)?;
        asker.mode = Ask::New;
    }
    loop {
        asker.rounds = 0;
        asker.check(root)?;
        if asker.rounds == 0 {
            return Ok(());
        }
    }
}

impl Asker<'_, '_> {
    /// Looks for symbols without a value, and asks the menu they are in.
    fn check(&mut self, id: NodeId) -> io::Result<()> {
        let k = self.config.kconfig();
        if id != k.root() && !self.config.is_visible(id) {
            return Ok(());
        }
        let new = match k.node(id).item {
            Item::Symbol(s) => self.config.is_new(s),
            Item::Choice(c) => !self.config.choice_has_user_value(c) && (self.changeable(c) || self.config.mode(c) == Tri::Yes),
            _ => false,
        };
        if new {
            if self.rounds == 0 {
                writeln!(self.out, "*\n* Restart config...\n*")?;
            }
            self.rounds += 1;
            self.root = self.menu_of(id);
            self.entry(self.root)?;
        }
        for &child in &k.node(id).children {
            self.check(child)?;
        }
        Ok(())
    }

    fn menu_of(&self, id: NodeId) -> NodeId {
        let k = self.config.kconfig();
        let is_menu = |n: &NodeId| k.node(*n).item == Item::Menu || k.node(*n).is_menuconfig;
        std::iter::successors(Some(id), |n| k.node(*n).parent).find(is_menu).unwrap_or_else(|| k.root())
    }

    fn changeable(&self, c: ChoiceId) -> bool {
        let v = self.config.values();
        v.mode_vis[c.index()] > v.mode_rev[c.index()]
    }

    fn entry(&mut self, id: NodeId) -> io::Result<()> {
        let k = self.config.kconfig();
        let node = k.node(id);
        if id != k.root() && !self.config.is_visible(id) {
            return Ok(());
        }
        if node.item == Item::Menu || node.item == Item::Comment || node.is_menuconfig {
            if node.item != Item::Comment && self.mode != Ask::All && self.root != id {
                return self.check(id);
            }
            let (w, text) = (self.indent, node.prompt.as_ref().map_or("", |p| &p.text));
            writeln!(self.out, "{:>w$}\n{:>w$} {text}\n{:>w$}", '*', '*', '*')?;
        }
        let nested = match node.item {
            Item::Choice(c) => {
                self.choice(id, c)?;
                if self.config.mode(c) != Tri::Mod {
                    return Ok(());
                }
                true
            }
            Item::Symbol(s) => {
                if k.sym(s).kind.is_logic() {
                    self.logic(id, s)?
                } else {
                    self.text(id, s)?
                }
                true
            }
            _ => false,
        };
        self.indent += if nested { 2 } else { 0 };
        for &child in &node.children {
            self.entry(child)?;
        }
        self.indent -= if nested { 2 } else { 0 };
        Ok(())
    }

    /// The rest of a question, and the answer; none when it is not asked: then the value is shown.
    fn answer(&mut self, new: bool, changeable: bool, value: &str) -> io::Result<Option<String>> {
        if new {
            write!(self.out, "(NEW) ")?;
        }
        if !changeable || (self.mode == Ask::New && !new) {
            writeln!(self.out, "{value}")?;
            return Ok(None);
        }
        self.line().map(Some)
    }

    /// Whether the question is marked NEW. What is shown only for the sake of its children counts as answered.
    fn unanswered(&self, s: SymId) -> bool {
        !self.config.has_user_value(s) && self.config.visibility(s) != Tri::No
    }

    fn line(&mut self) -> io::Result<String> {
        self.out.flush()?;
        let mut line = String::new();
        if self.input.read_line(&mut line)? == 0 {
            writeln!(self.out)?;
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the answers ended before the questions"));
        }
        let line = line.trim_end_matches(['\n', '\r']).to_string();
        if self.echo {
            writeln!(self.out, "{line}")?;
        }
        Ok(line)
    }

    fn logic(&mut self, id: NodeId, s: SymId) -> io::Result<()> {
        loop {
            let old = self.config.tri(s);
            let name = self.config.kconfig().sym(s).name.clone();
            let possible = [Tri::No, Tri::Mod, Tri::Yes].into_iter().filter(|t| *t != old && self.config.can_be(s, *t)).collect::<Vec<_>>();
            self.question(id, &name, old, &possible)?;
            let (new, changeable) = (self.unanswered(s), self.config.is_changeable(s));
            let Some(answer) = self.answer(new, changeable, old.as_str())? else { return Ok(()) };
            match wanted(&answer, old) {
                Some(value) if self.config.set_tri(s, value) => return Ok(()),
                None if !answer.trim().starts_with('?') => continue,
                _ => self.help(id)?,
            }
        }
    }

    fn question(&mut self, id: NodeId, name: &str, old: Tri, possible: &[Tri]) -> io::Result<()> {
        let prompt = self.config.kconfig().node(id).prompt.as_ref().map_or("", |p| &p.text);
        write!(self.out, "{:w$}{prompt} ", "", w = self.indent - 1)?;
        if !name.is_empty() {
            write!(self.out, "({name}) ")?;
        }
        write!(self.out, "[{}", old.as_str().to_uppercase())?;
        for t in possible {
            write!(self.out, "/{t}")?;
        }
        write!(self.out, "/?] ")
    }

    fn text(&mut self, id: NodeId, s: SymId) -> io::Result<()> {
        loop {
            let k = self.config.kconfig();
            let prompt = k.node(id).prompt.as_ref().map_or("", |p| &p.text);
            let value = self.config.value(s).to_string();
            write!(self.out, "{:w$}{prompt} ({}) [{value}] ", "", k.sym(s).name, w = self.indent - 1)?;
            let (new, changeable) = (self.unanswered(s), self.config.is_changeable(s));
            let Some(answer) = self.answer(new, changeable, &value)? else { return Ok(()) };
            match answer.as_str() {
                "?" => self.help(id)?,
                "" if self.config.set_value(s, &value) => return Ok(()),
                other if self.config.set_value(s, other) => return Ok(()),
                _ => {
                    let kind = k.sym(s).kind.as_str();
                    let range = self.config.range(s).map(|(low, high)| self.config.show_range(s, low, high)).unwrap_or_default();
                    writeln!(self.out, "{:w$}that is no value for it: {kind}{range}", "", w = self.indent - 1)?;
                }
            }
        }
    }

    fn help(&mut self, id: NodeId) -> io::Result<()> {
        let text = self.config.help(id);
        writeln!(self.out, "\n{text}")
    }

    /// The mode of a choice where it can be changed, then the list.
    fn choice(&mut self, id: NodeId, c: ChoiceId) -> io::Result<()> {
        let new = !self.config.choice_has_user_value(c);
        if self.changeable(c) {
            self.choice_mode(id, c, new)?;
        }
        match self.config.mode(c) {
            Tri::No => return Ok(()),
            Tri::Mod => {
                let prompt = self.config.kconfig().node(id).prompt.as_ref().map_or("", |p| &p.text);
                if !self.changeable(c) {
                    writeln!(self.out, "{:w$}{prompt}", "", w = self.indent - 1)?;
                }
                return Ok(());
            }
            Tri::Yes => (),
        }
        loop {
            let (shown, default) = self.choice_list(id, c)?;
            write!(self.out, "{:w$}choice", "", w = self.indent - 1)?;
            let pick = if shown.len() == 1 {
                writeln!(self.out, "[1]: 1")?;
                "1".to_string()
            } else {
                write!(self.out, "[1-{}?]: ", shown.len())?;
                if self.mode == Ask::New && !new {
                    writeln!(self.out, "{default}")?;
                    default.to_string()
                } else {
                    self.line()?.trim().to_string()
                }
            };
            let number = pick.trim_end_matches('?');
            let index = if pick.is_empty() { default } else { number.parse().unwrap_or(0) };
            if pick == "?" {
                self.help(id)?;
                continue;
            }
            let Some(&(child, s)) = index.checked_sub(1).and_then(|i| shown.get(i)) else { continue };
            if pick.ends_with('?') {
                self.help(child)?;
                continue;
            }
            self.config.set_tri(s, Tri::Yes);
            self.indent += 2;
            for &below in &self.config.kconfig().node(child).children {
                self.entry(below)?;
            }
            self.indent -= 2;
            return Ok(());
        }
    }

    /// Shows the values; returns those that can be chosen and the number of the one that is chosen now.
    fn choice_list(&mut self, id: NodeId, c: ChoiceId) -> io::Result<(Vec<(NodeId, SymId)>, usize)> {
        let k = self.config.kconfig();
        let w = self.indent;
        writeln!(self.out, "{:w$}{}", "", k.node(id).prompt.as_ref().map_or("", |p| &p.text), w = w - 1)?;
        let (mut shown, mut default) = (Vec::new(), 0);
        for &child in &k.node(id).children {
            if !self.config.is_visible(child) {
                continue;
            }
            let text = k.node(child).prompt.as_ref().map_or("", |p| &p.text);
            let Item::Symbol(s) = k.node(child).item else {
                writeln!(self.out, "{:>w$} {text}", '*')?;
                continue;
            };
            shown.push((child, s));
            let mark = if self.config.chosen(c) == Some(s) { '>' } else { ' ' };
            if mark == '>' {
                default = shown.len();
            }
            let new = if self.config.has_user_value(s) { "" } else { " (NEW)" };
            writeln!(self.out, "{mark:>w$} {}. {text} ({}){new}", shown.len(), k.sym(s).name)?;
        }
        Ok((shown, default))
    }

    fn choice_mode(&mut self, id: NodeId, c: ChoiceId, new: bool) -> io::Result<()> {
        loop {
            let old = self.config.mode(c);
            let name = self.config.kconfig().choice(c).name.clone().unwrap_or_default();
            let possible: Vec<Tri> =
                [Tri::No, Tri::Mod, Tri::Yes].into_iter().filter(|t| *t != old && self.config.choice_can_be(c, *t)).collect();
            self.question(id, &name, old, &possible)?;
            let Some(answer) = self.answer(new, true, old.as_str())? else { return Ok(()) };
            match wanted(&answer, old) {
                Some(value) if self.config.set_mode(c, value) => return Ok(()),
                None if !answer.trim().starts_with('?') => continue,
                _ => self.help(id)?,
            }
        }
    }
}

/// `n`, `no`, `m`, `y`, `yes` in any case; nothing is what it was.
fn wanted(answer: &str, old: Tri) -> Option<Tri> {
    match answer.trim().to_ascii_lowercase().as_str() {
        "" => Some(old),
        "n" | "no" => Some(Tri::No),
        "m" | "mod" | "module" => Some(Tri::Mod),
        "y" | "yes" => Some(Tri::Yes),
        _ => None,
    }
}
