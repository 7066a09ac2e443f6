//! The options of an entry: type, prompt, default, depends on, select, range, help...

use super::Parser;
use super::expr::Cursor;
use crate::error::{Error, Pos};
use crate::expr::{self as logic, Expr};
use crate::lexer::Tok;
use crate::lines::Lines;
use crate::model::{Default, Item, Kind, NodeId, Prompt, Range, Select};
use std::sync::Arc;

/// What an option line may stand in.
fn allowed(item: Item, word: &str) -> bool {
    match word {
        "help" | "---help---" => true,
        "depends" | "requires" => item != Item::If,
        "visible" => item == Item::Menu,
        "optional" => matches!(item, Item::Choice(_)),
        "prompt" | "default" | "bool" | "boolean" | "tristate" => matches!(item, Item::Choice(_) | Item::Symbol(_)),
        _ => matches!(item, Item::Symbol(_)),
    }
}

fn owner(item: Item) -> &'static str {
    match item {
        Item::Menu => "menu",
        Item::Comment => "comment",
        Item::If => "if",
        Item::Symbol(_) => "config",
        Item::Choice(_) => "choice",
    }
}

impl Parser {
    pub(super) fn option(&mut self, c: &mut Cursor<'_>, pos: &Pos, word: &str, lines: &mut Lines) -> Result<(), Error> {
        if !super::KEYWORDS.contains(&word) {
            return Err(Error::at(pos, format!("unknown keyword `{word}`"))
                .hint("an entry (config, menu, choice, if, source ...) or one of its options"));
        }
        let Some(target) = self.target else {
            return Err(Error::at(pos, format!("`{word}` belongs to no entry"))
                .hint("options stand right below their `config`, `choice`, `menu` or `comment`"));
        };
        let item = self.k.nodes[target.index()].item;
        if !allowed(item, word) {
            return Err(Error::at(pos, format!("`{word}` is no option of a `{}`", owner(item))));
        }
        match word {
            "help" | "---help---" => {
                c.end()?;
                let Some(text) = lines.help() else {
                    self.warn(pos, "the help text is empty".into());
                    return Ok(());
                };
                self.k.nodes[target.index()].help = Some(text);
                Ok(())
            }
            "depends" | "requires" => {
                if !c.keyword("on") && word == "depends" {
                    return Err(c.error("`on`"));
                }
                let cond = Some(self.expr(c)?);
                // Newer kernels have `depends on A if B`: the dependency counts only while B holds.
                let cond = match self.condition(c)? {
                    None => cond,
                    Some(when) => logic::or(&Some(Arc::new(Expr::Not(when))), &cond),
                };
                let node = &mut self.k.nodes[target.index()];
                node.dep = logic::and(&node.dep, &cond);
                Ok(())
            }
            "visible" => {
                if !c.keyword("if") {
                    return Err(c.error("`if`"));
                }
                let cond = Some(self.expr(c)?);
                c.end()?;
                let node = &mut self.k.nodes[target.index()];
                node.visible_if = logic::and(&node.visible_if, &cond);
                Ok(())
            }
            "optional" => {
                if let Item::Choice(id) = item {
                    self.k.choices[id.index()].optional = true;
                }
                c.end()
            }
            "prompt" => self.prompt(c, target, pos),
            "default" => self.default(c, target, pos),
            "bool" | "boolean" => self.typed(c, target, pos, Kind::Bool),
            "tristate" => self.typed(c, target, pos, Kind::Tristate),
            "string" => self.typed(c, target, pos, Kind::Str),
            "int" => self.typed(c, target, pos, Kind::Int),
            "hex" => self.typed(c, target, pos, Kind::Hex),
            _ => self.symbol_option(c, target, pos, word),
        }
    }

    /// Options that only symbols have.
    fn symbol_option(&mut self, c: &mut Cursor<'_>, target: NodeId, pos: &Pos, word: &str) -> Result<(), Error> {
        let Item::Symbol(sym) = self.k.nodes[target.index()].item else { return Ok(()) };
        let kind = match word {
            "def_bool" => Some(Kind::Bool),
            "def_tristate" => Some(Kind::Tristate),
            "def_string" => Some(Kind::Str),
            "def_int" => Some(Kind::Int),
            "def_hex" => Some(Kind::Hex),
            _ => None,
        };
        if let Some(kind) = kind {
            self.set_kind(pos, kind);
            return self.default(c, target, pos);
        }
        match word {
            "select" | "imply" => {
                let at = c.pos();
                let name = c.word("the name of a symbol")?;
                let cond = self.condition(c)?;
                if matches!(name.as_str(), "y" | "m" | "n") {
                    return Err(Error::at(&at, format!("`{name}` is a constant: it cannot be the target of `{word}`")));
                }
                let chosen = self.k.name(&name);
                let select = Select { target: chosen, weak: word == "imply", cond, node: target, pos: pos.clone() };
                self.k.symbols[sym.index()].selects.push(select);
            }
            "range" => {
                let low = self.symbol(c)?;
                let high = self.symbol(c)?;
                let cond = self.condition(c)?;
                self.k.symbols[sym.index()].ranges.push(Range { low, high, cond, node: target, pos: pos.clone() });
            }
            "transitional" => {
                c.end()?;
                let symbol = &mut self.k.symbols[sym.index()];
                (symbol.transitional, symbol.no_write) = (true, true);
            }
            "modules" => {
                c.end()?;
                self.set_modules(sym, pos);
            }
            "option" => return self.legacy_option(c, target, pos),
            _ => self.warn(pos, format!("`{word}` is ignored")),
        }
        Ok(())
    }

    fn set_modules(&mut self, sym: crate::model::SymId, pos: &Pos) {
        match self.k.modules {
            Some(old) if old != sym => {
                let message = format!("symbol '{}' is already the modules symbol", self.k.sym(old).name);
                self.warn(pos, message);
            }
            _ => self.k.modules = Some(sym),
        }
    }

    /// `option env=`, `modules`, `defconfig_list`, `allnoconfig_y`: the words that older trees have.
    fn legacy_option(&mut self, c: &mut Cursor<'_>, target: NodeId, pos: &Pos) -> Result<(), Error> {
        let Item::Symbol(sym) = self.k.nodes[target.index()].item else { return Ok(()) };
        let name = c.word("the name of the option")?;
        let value = if c.op("=") { Some(c.text("the value of the option")?) } else { None };
        c.end()?;
        match (name.as_str(), value) {
            ("modules", None) => self.set_modules(sym, pos),
            ("defconfig_list", None) => self.k.defconfig_list = Some(sym),
            ("env", Some(variable)) => {
                self.k.symbols[sym.index()].no_write = true;
                match self.pre.env(&variable).map(str::to_string) {
                    Some(text) => {
                        let value = Arc::new(Expr::Sym(self.k.constant(&text)));
                        self.k.symbols[sym.index()].defaults.push(Default { value, cond: None, node: target, pos: pos.clone() });
                    }
                    None => self.warn(pos, format!("the environment variable {variable} is not set")),
                }
            }
            ("allnoconfig_y", None) => (),
            _ => self.warn(pos, format!("unknown option `{name}` is ignored")),
        }
        Ok(())
    }

    /// `TYPE ["prompt" [if EXPR]]`
    fn typed(&mut self, c: &mut Cursor<'_>, target: NodeId, pos: &Pos, kind: Kind) -> Result<(), Error> {
        self.set_kind(pos, kind);
        if c.peek().is_none() { Ok(()) } else { self.prompt(c, target, pos) }
    }

    fn prompt(&mut self, c: &mut Cursor<'_>, target: NodeId, pos: &Pos) -> Result<(), Error> {
        let at = c.pos();
        if matches!(c.peek(), Some(Tok::Word { text, plain: true }) if text == "if") {
            return Err(c.error("the prompt's text in quotes"));
        }
        let text = c.text("the prompt's text in quotes")?;
        let cond = self.condition(c)?;
        if text.starts_with([' ', '\t']) {
            self.warn(&at, "ignoring leading whitespace of the prompt".into());
        }
        if self.k.nodes[target.index()].prompt.is_some() {
            self.warn(pos, "prompt redefined".into());
        }
        let cond = logic::and(&cond, &self.visibility());
        let text = text.trim_start().to_string();
        self.k.nodes[target.index()].prompt = Some(Prompt { text, cond, pos: at });
        Ok(())
    }

    fn default(&mut self, c: &mut Cursor<'_>, target: NodeId, pos: &Pos) -> Result<(), Error> {
        let value = self.expr(c)?;
        let cond = self.condition(c)?;
        let default = Default { value, cond, node: target, pos: pos.clone() };
        match self.k.nodes[target.index()].item {
            Item::Symbol(s) => self.k.symbols[s.index()].defaults.push(default),
            Item::Choice(id) => self.k.choices[id.index()].defaults.push(default),
            _ => (),
        }
        Ok(())
    }
}
