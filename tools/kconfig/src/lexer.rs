//! One logical line becomes words, strings and operators; macros are expanded on the way, each to (part of) one word or string, as in Linux.

use crate::error::{Error, Warning};
use crate::lines::Line;
use crate::preproc::Preproc;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tok {
    /// A bare word; `plain` when no macro made it, for only then it can be a keyword.
    Word { text: String, plain: bool },
    /// A quoted string.
    Quoted(String),
    /// An operator or bracket.
    Op(&'static str),
}

#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub tok: Tok,
    /// First byte in the line.
    pub at: usize,
}

/// Longer ones first.
const OPERATORS: [&str; 11] = ["&&", "||", "!=", "<=", ">=", "=", "<", ">", "!", "(", ")"];

pub(crate) fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'/')
}

/// A line, split.
pub(crate) enum Split {
    Tokens(Vec<Token>),
    /// `name op value` of the macro language; the value is as written.
    Assign {
        name: String,
        op: &'static str,
        value: String,
    },
}

/// Splits a line. `keyword` tells which first words begin a statement (and thus no assignment).
pub(crate) fn split(line: &Line, pre: &mut Preproc, keyword: impl Fn(&str) -> bool) -> Result<Split, Error> {
    let text = &line.text;
    let mut at = text.len() - text.trim_start().len();
    let mut tokens = Vec::new();
    if let Some((first, end)) = word(line, at, pre)? {
        let is_keyword = matches!(&first.tok, Tok::Word { text, plain: true } if keyword(text));
        let rest = text[end..].trim_start();
        let op = [":=", "+=", "="].into_iter().find(|op| rest.starts_with(op));
        if let (false, Some(op), Tok::Word { text: name, .. }) = (is_keyword, op, &first.tok) {
            return Ok(Split::Assign { name: name.clone(), op, value: rest[op.len()..].trim_start().to_string() });
        }
        if !matches!(&first.tok, Tok::Word { text, .. } if text.is_empty()) {
            tokens.push(first);
        }
        at = end;
    }
    rest(line, at, pre, &mut tokens)?;
    Ok(Split::Tokens(tokens))
}

fn rest(line: &Line, mut at: usize, pre: &mut Preproc, tokens: &mut Vec<Token>) -> Result<(), Error> {
    let text = line.text.as_str();
    while at < text.len() {
        let b = text.as_bytes()[at];
        if b == b'#' {
            break;
        }
        if b.is_ascii_whitespace() {
            at += 1;
        } else if b == b'"' || b == b'\'' {
            let (string, end) = quoted(line, at, pre)?;
            tokens.push(Token { tok: Tok::Quoted(string), at });
            at = end;
        } else if let Some(op) = OPERATORS.iter().find(|op| text[at..].starts_with(**op)) {
            tokens.push(Token { tok: Tok::Op(op), at });
            at += op.len();
        } else if let Some((token, end)) = word(line, at, pre)? {
            if !matches!(&token.tok, Tok::Word { text, .. } if text.is_empty()) {
                tokens.push(token);
            }
            at = end;
        } else {
            let c = text[at..].chars().next().unwrap_or('?');
            pre.warnings.push(Warning::at(&line.pos(at), format!("ignoring unsupported character `{c}`")));
            at += c.len_utf8();
        }
    }
    Ok(())
}

/// The word at `at`, macros expanded (it may be empty then), and where it ends.
fn word(line: &Line, start: usize, pre: &mut Preproc) -> Result<Option<(Token, usize)>, Error> {
    let bytes = line.text.as_bytes();
    let (mut out, mut at, mut plain) = (String::new(), start, true);
    while let Some(&b) = bytes.get(at) {
        if b == b'$' {
            plain = false;
            out.push_str(&pre.dollar(&line.text, &mut at, &[], &line.pos(start))?);
        } else if is_word(b) {
            out.push(char::from(b));
            at += 1;
        } else {
            break;
        }
    }
    Ok((at > start).then_some((Token { tok: Tok::Word { text: out, plain }, at: start }, at)))
}

/// The string whose quote is at `start`, and where it ends. A backslash takes the meaning from the next character.
fn quoted(line: &Line, start: usize, pre: &mut Preproc) -> Result<(String, usize), Error> {
    let text = line.text.as_str();
    let quote = text.as_bytes()[start];
    let (mut out, mut at) = (String::new(), start + 1);
    while at < text.len() {
        let b = text.as_bytes()[at];
        if b == quote {
            return Ok((out, at + 1));
        }
        if b == b'$' {
            out.push_str(&pre.dollar(text, &mut at, &[], &line.pos(start))?);
            continue;
        }
        if b == b'\\' {
            at += 1;
        }
        let Some(c) = text[at..].chars().next() else { break };
        out.push(c);
        at += c.len_utf8();
    }
    Err(Error::at(&line.pos(start), "the string does not end on its line").hint(format!("close it with {}", char::from(quote))))
}
