//! Expressions and the small pieces of a statement.

use super::Parser;
use crate::error::Error;
use crate::expr::{Cond, Expr, Rel};
use crate::lexer::{Tok, Token};
use crate::lines::Line;
use crate::model::SymId;
use std::sync::Arc;

/// Brackets and `!` inside one another: a bound on recursion.
const MAX_DEPTH: u32 = 200;

/// The tokens of a line and how far they are read.
pub(super) struct Cursor<'a> {
    pub line: &'a Line,
    pub tokens: &'a [Token],
    pub next: usize,
}

impl Cursor<'_> {
    pub fn peek(&self) -> Option<&Tok> {
        self.tokens.get(self.next).map(|t| &t.tok)
    }

    /// The place of the next token, or of the end of the line.
    pub fn pos(&self) -> crate::error::Pos {
        self.line.pos(self.tokens.get(self.next).map_or(self.line.text.trim_end().len(), |t| t.at))
    }

    pub fn error(&self, wanted: &str) -> Error {
        let found = match self.peek() {
            None => "the line ends".to_string(),
            Some(Tok::Word { text, .. }) => format!("found `{text}`"),
            Some(Tok::Quoted(text)) => format!("found \"{text}\""),
            Some(Tok::Op(op)) => format!("found `{op}`"),
        };
        Error::at(&self.pos(), format!("expected {wanted}, {found}"))
    }

    pub fn keyword(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Tok::Word { text, plain: true }) if text == word);
        self.next += usize::from(found);
        found
    }

    pub fn op(&mut self, op: &str) -> bool {
        let found = matches!(self.peek(), Some(Tok::Op(o)) if *o == op);
        self.next += usize::from(found);
        found
    }

    /// A bare word.
    pub fn word(&mut self, wanted: &str) -> Result<String, Error> {
        match self.peek() {
            Some(Tok::Word { text, .. }) => {
                let text = text.clone();
                self.next += 1;
                Ok(text)
            }
            _ => Err(self.error(wanted)),
        }
    }

    /// A quoted string or a bare word.
    pub fn text(&mut self, wanted: &str) -> Result<String, Error> {
        match self.peek() {
            Some(Tok::Word { text, .. } | Tok::Quoted(text)) => {
                let text = text.clone();
                self.next += 1;
                Ok(text)
            }
            _ => Err(self.error(wanted)),
        }
    }

    pub fn end(&self) -> Result<(), Error> {
        if self.next < self.tokens.len() { Err(self.error("the end of the line")) } else { Ok(()) }
    }
}

impl Parser {
    /// `[if EXPR]` up to the end of the line.
    pub(super) fn condition(&mut self, c: &mut Cursor<'_>) -> Result<Cond, Error> {
        let cond = if c.keyword("if") { Some(self.expr(c)?) } else { None };
        c.end()?;
        Ok(cond)
    }

    pub(super) fn expr(&mut self, c: &mut Cursor<'_>) -> Result<Arc<Expr>, Error> {
        self.any(c, 0)
    }

    fn any(&mut self, c: &mut Cursor<'_>, depth: u32) -> Result<Arc<Expr>, Error> {
        let first = self.all(c, depth)?;
        let mut parts = vec![first];
        while c.op("||") {
            parts.push(self.all(c, depth)?);
        }
        Ok(if parts.len() == 1 { parts.swap_remove(0) } else { Arc::new(Expr::Or(parts)) })
    }

    fn all(&mut self, c: &mut Cursor<'_>, depth: u32) -> Result<Arc<Expr>, Error> {
        let first = self.term(c, depth)?;
        let mut parts = vec![first];
        while c.op("&&") {
            parts.push(self.term(c, depth)?);
        }
        Ok(if parts.len() == 1 { parts.swap_remove(0) } else { Arc::new(Expr::And(parts)) })
    }

    fn term(&mut self, c: &mut Cursor<'_>, depth: u32) -> Result<Arc<Expr>, Error> {
        if depth > MAX_DEPTH {
            return Err(c.error("a simpler expression: brackets nest too deep"));
        }
        if c.op("!") {
            return Ok(Arc::new(Expr::Not(self.term(c, depth + 1)?)));
        }
        if c.op("(") {
            let inner = self.any(c, depth + 1)?;
            return if c.op(")") { Ok(inner) } else { Err(c.error("`)`")) };
        }
        let left = self.symbol(c)?;
        for rel in [Rel::Eq, Rel::Ne, Rel::Le, Rel::Ge, Rel::Lt, Rel::Gt] {
            if c.op(rel.as_str()) {
                let right = self.symbol(c)?;
                return Ok(Arc::new(Expr::Cmp(rel, left, right)));
            }
        }
        Ok(Arc::new(Expr::Sym(left)))
    }

    /// A symbol or a constant.
    pub(super) fn symbol(&mut self, c: &mut Cursor<'_>) -> Result<SymId, Error> {
        let id = match c.peek() {
            Some(Tok::Word { text, plain }) if !(*plain && text == "if") => self.k.name(text),
            Some(Tok::Quoted(text)) => self.k.constant(text),
            _ => return Err(c.error("a symbol or a value")),
        };
        c.next += 1;
        Ok(id)
    }
}
