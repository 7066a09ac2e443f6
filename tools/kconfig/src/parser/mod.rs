//! Reads the files: entries, blocks and `source`. Options of an entry are in `options`, expressions in `expr`.

mod expr;
mod options;

use crate::error::{Error, Pos, Warning};
use crate::expr::{self as logic, Cond};
use crate::lexer::{self, Split};
use crate::lines::{Line, Lines};
use crate::model::{Choice, ChoiceId, Item, Kconfig, Kind, Node, NodeId, Prompt};
use crate::preproc::Preproc;
use expr::Cursor;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

/// Files inside files, and blocks inside blocks: bounds on recursion.
const MAX_FILES: usize = 100;
const MAX_BLOCKS: usize = 200;

/// Words that begin a line; anything else at the start is an assignment or an error.
const KEYWORDS: &[&str] = &[
    "config",
    "menuconfig",
    "choice",
    "endchoice",
    "comment",
    "menu",
    "endmenu",
    "if",
    "endif",
    "source",
    "osource",
    "rsource",
    "orsource",
    "mainmenu",
    "bool",
    "boolean",
    "tristate",
    "string",
    "int",
    "hex",
    "def_bool",
    "def_tristate",
    "def_string",
    "def_int",
    "def_hex",
    "prompt",
    "default",
    "depends",
    "select",
    "imply",
    "range",
    "visible",
    "optional",
    "option",
    "modules",
    "help",
    "---help---",
    "requires",
    "gsource",
    "grsource",
    "transitional",
];

struct Block {
    node: NodeId,
    /// The word that ends it.
    end: &'static str,
    pos: Pos,
}

pub(crate) struct Parser {
    k: Kconfig,
    pre: Preproc,
    /// Relative paths start here.
    base: PathBuf,
    blocks: Vec<Block>,
    /// The entry that options belong to.
    target: Option<NodeId>,
    open: Vec<PathBuf>,
    named_choices: HashMap<String, ChoiceId>,
}

/// Reads the tree that starts at `root`. The result is as written: nothing is propagated yet.
pub(crate) fn parse(root: &Path, env: &BTreeMap<String, String>) -> Result<Kconfig, Error> {
    let pre = Preproc::new(env);
    let base = match pre.env("srctree") {
        Some(dir) if !dir.is_empty() => PathBuf::from(dir),
        _ => root.parent().map(Path::to_path_buf).unwrap_or_default(),
    };
    let start = Pos::start(&root.to_string_lossy());
    let mut p =
        Parser { k: Kconfig::empty(start), pre, base, blocks: Vec::new(), target: None, open: Vec::new(), named_choices: HashMap::new() };
    p.file(root, None)?;
    p.k.warnings.append(&mut p.pre.warnings);
    p.k.messages.append(&mut p.pre.messages);
    Ok(p.k)
}

impl Parser {
    fn file(&mut self, path: &Path, from: Option<&Pos>) -> Result<(), Error> {
        if self.open.len() >= MAX_FILES || self.open.iter().any(|p| p == path) {
            let chain: Vec<String> = self.open.iter().map(|p| format!("\n  {} sources", p.display())).collect();
            return Err(Error::new(from.cloned(), format!("recursive inclusion:{}\n  {}", chain.concat(), path.display()))
                .hint("remove one of these `source` lines"));
        }
        let bytes = std::fs::read(path).map_err(|e| {
            Error::new(from.cloned(), format!("cannot read {}: {e}", path.display())).hint("look at the path and the variables in it")
        })?;
        let name = path.to_string_lossy().into_owned();
        let mut lines = Lines::new(&name, &String::from_utf8_lossy(&bytes));
        self.k.files.push(name);
        self.open.push(path.to_path_buf());
        self.target = None;
        let depth = self.blocks.len();
        while let Some(line) = lines.logical() {
            self.line(&line, &mut lines, depth)?;
        }
        if let Some(block) = self.blocks.get(depth) {
            let word = block.end.trim_start_matches("end");
            return Err(Error::at(&block.pos, format!("`{word}` without `{}` in its file", block.end)).hint(format!(
                "add `{}` before the end of {}",
                block.end,
                path.display()
            )));
        }
        self.open.pop();
        self.target = None;
        Ok(())
    }

    fn line(&mut self, line: &Line, lines: &mut Lines, depth: usize) -> Result<(), Error> {
        let tokens = match lexer::split(line, &mut self.pre, |word| KEYWORDS.contains(&word))? {
            Split::Tokens(tokens) => tokens,
            Split::Assign { name, op, value } => return self.pre.assign(&name, op, &value, &line.pos(0)),
        };
        if tokens.is_empty() {
            return Ok(());
        }
        let mut c = Cursor { line, tokens: &tokens, next: 0 };
        let pos = c.pos();
        let word = match c.peek() {
            Some(lexer::Tok::Word { text, plain: true }) => text.clone(),
            _ => return Err(c.error("a keyword").hint("an entry (config, menu, choice, if, source ...) or one of its options")),
        };
        c.next += 1;
        match word.as_str() {
            "mainmenu" => {
                let text = c.text("the title")?;
                self.k.nodes[0].prompt = Some(Prompt { text, cond: None, pos });
                c.end()
            }
            "config" | "menuconfig" => self.config(&mut c, pos, word == "menuconfig"),
            "choice" => self.choice(&mut c, pos),
            "menu" | "comment" => self.menu(&mut c, pos, word == "menu"),
            "if" => {
                let cond = self.expr(&mut c)?;
                c.end()?;
                let id = self.add(Item::If, pos.clone())?;
                self.k.nodes[id.index()].dep = Some(cond);
                self.open_block(id, "endif", pos)?;
                self.target = None;
                Ok(())
            }
            "endmenu" | "endif" | "endchoice" => self.close(&c, &pos, &word, depth),
            "source" | "rsource" | "osource" | "orsource" | "gsource" | "grsource" => self.source(&mut c, &pos, &word),
            _ => self.option(&mut c, &pos, &word, lines),
        }
    }

    fn config(&mut self, c: &mut Cursor<'_>, pos: Pos, is_menuconfig: bool) -> Result<(), Error> {
        let name = c.word("the name of the symbol")?;
        c.end()?;
        if matches!(name.as_str(), "y" | "m" | "n") {
            return Err(Error::at(&pos, format!("`{name}` is a constant and cannot be configured")).hint("choose another name"));
        }
        let sym = self.k.name(&name);
        let id = self.add(Item::Symbol(sym), pos)?;
        self.k.nodes[id.index()].is_menuconfig = is_menuconfig;
        self.k.symbols[sym.index()].nodes.push(id);
        self.target = Some(id);
        Ok(())
    }

    fn choice(&mut self, c: &mut Cursor<'_>, pos: Pos) -> Result<(), Error> {
        let name = if c.peek().is_some() { Some(c.word("the name of the choice")?) } else { None };
        c.end()?;
        let known = name.as_ref().and_then(|n| self.named_choices.get(n)).copied();
        let choice = known.unwrap_or_else(|| {
            let id = ChoiceId(u32::try_from(self.k.choices.len()).expect("fewer choices than bytes read"));
            self.k.choices.push(Choice { name: name.clone(), ..Choice::default() });
            id
        });
        if let Some(name) = name {
            self.named_choices.insert(name, choice);
        }
        let id = self.add(Item::Choice(choice), pos.clone())?;
        self.k.choices[choice.index()].nodes.push(id);
        self.open_block(id, "endchoice", pos)?;
        self.target = Some(id);
        Ok(())
    }

    fn menu(&mut self, c: &mut Cursor<'_>, pos: Pos, is_menu: bool) -> Result<(), Error> {
        let at = c.pos();
        let text = c.text("the text")?;
        c.end()?;
        let id = self.add(if is_menu { Item::Menu } else { Item::Comment }, pos.clone())?;
        self.k.nodes[id.index()].prompt = Some(Prompt { text, cond: None, pos: at });
        if is_menu {
            self.open_block(id, "endmenu", pos)?;
        }
        self.target = Some(id);
        Ok(())
    }

    /// A new node below the innermost block.
    fn add(&mut self, item: Item, pos: Pos) -> Result<NodeId, Error> {
        let parent = self.blocks.last().map_or(NodeId(0), |b| b.node);
        let Ok(number) = u32::try_from(self.k.nodes.len()) else { return Err(Error::at(&pos, "too many entries")) };
        let id = NodeId(number);
        self.k.nodes.push(Node {
            item,
            prompt: None,
            dep: None,
            visible_if: None,
            help: None,
            children: Vec::new(),
            parent: Some(parent),
            is_menuconfig: false,
            pos,
        });
        self.k.nodes[parent.index()].children.push(id);
        Ok(id)
    }

    fn open_block(&mut self, node: NodeId, end: &'static str, pos: Pos) -> Result<(), Error> {
        if self.blocks.len() >= MAX_BLOCKS {
            return Err(Error::at(&pos, format!("more than {MAX_BLOCKS} blocks inside one another")));
        }
        self.blocks.push(Block { node, end, pos });
        Ok(())
    }

    fn close(&mut self, c: &Cursor<'_>, pos: &Pos, word: &str, depth: usize) -> Result<(), Error> {
        c.end()?;
        let open = word.trim_start_matches("end");
        if self.blocks.len() <= depth {
            let hint = match self.blocks.last() {
                Some(b) if b.end == word => format!("the `{open}` at {} must be closed in its own file", b.pos),
                _ => format!("remove it, or add the `{open}` that it closes"),
            };
            return Err(Error::at(pos, format!("`{word}` without `{open}` in this file")).hint(hint));
        }
        let Some(block) = self.blocks.pop() else { return Ok(()) };
        if block.end != word {
            return Err(Error::at(pos, format!("`{word}`, but the innermost open block is the `{}` at {}", &block.end[3..], block.pos))
                .hint(format!("close that one first with `{}`", block.end)));
        }
        self.target = None;
        Ok(())
    }

    fn source(&mut self, c: &mut Cursor<'_>, pos: &Pos, word: &str) -> Result<(), Error> {
        let at = c.pos();
        let pattern = c.text("the path of a file")?;
        c.end()?;
        let optional = word.starts_with('o') || word.starts_with('g');
        let relative = word.contains("rs");
        let base = if relative { self.open.last().and_then(|p| p.parent()).unwrap_or(Path::new("")) } else { &self.base };
        let full = base.join(&pattern);
        let text = full.to_string_lossy().into_owned();
        let files: Vec<PathBuf> = if full.is_file() || !text.contains(['*', '?', '[']) {
            if optional && !full.exists() { Vec::new() } else { vec![full] }
        } else {
            let found = glob::glob(&text).map_err(|e| Error::at(&at, format!("bad pattern `{pattern}`: {e}")))?;
            found.filter_map(Result::ok).filter(|p| p.is_file()).collect()
        };
        if files.is_empty() && !optional {
            return Err(Error::at(&at, format!("no file matches `{text}`")).hint("`osource` accepts that there is none"));
        }
        for file in files {
            self.file(&file, Some(pos))?;
        }
        self.target = None;
        Ok(())
    }

    /// What `visible if` of the menus around says.
    fn visibility(&self) -> Cond {
        let blocks = self.blocks.iter().rev().filter(|b| Some(b.node) != self.target);
        blocks.fold(None, |cond, b| logic::and(&cond, &self.k.nodes[b.node.index()].visible_if))
    }

    fn warn(&mut self, pos: &Pos, message: String) {
        self.k.warnings.push(Warning::at(pos, message));
    }

    /// Gives the target's symbol or choice its type.
    fn set_kind(&mut self, pos: &Pos, kind: Kind) {
        let Some(target) = self.target else { return };
        let (old, name) = match self.k.nodes[target.index()].item {
            Item::Symbol(s) => {
                let sym = &mut self.k.symbols[s.index()];
                (&mut sym.kind, sym.name.clone())
            }
            Item::Choice(c) => (&mut self.k.choices[c.index()].kind, "choice".to_string()),
            _ => return,
        };
        if *old == Kind::Unknown {
            *old = kind;
        } else if *old != kind {
            let message = format!("ignoring type redefinition of '{name}' from '{}' to '{}'", old.as_str(), kind.as_str());
            self.warn(pos, message);
        }
    }
}
