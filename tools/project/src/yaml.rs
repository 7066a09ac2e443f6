//! YAML as a tree whose every node knows where it stands, so that messages can name line and column and edits can be made in the user's text.

use crate::error::{Diagnostic, Error, Result};
use saphyr_parser::{Event, Parser, ScalarStyle, Span};
use std::collections::HashMap;
use std::path::Path;

/// Deepest nesting that is read; deeper files are no files of ours.
const DEPTH: usize = 64;
/// Nodes of a file at most, aliases expanded.
const NODES: usize = 100_000;

/// A node and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Where the node's own text ends; for a block collection the end of its last node.
    pub end_line: usize,
}

/// What a node is.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing, `~` or `null`.
    Null,
    /// A scalar. `plain` without quotes: then `true` may mean a truth value.
    Scalar {
        /// Its text.
        text: String,
        /// Without quotes.
        plain: bool,
    },
    /// A sequence.
    Seq(Vec<Node>),
    /// A mapping, in order; keys are unique. `flow` when written in braces.
    Map {
        /// Keys and values.
        entries: Vec<(Node, Node)>,
        /// Written in braces.
        flow: bool,
    },
}

impl Node {
    /// The text of a scalar.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// What the node is, for messages.
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "nothing",
            Value::Scalar { text, plain: true } if text == "true" || text == "false" => "a truth value",
            Value::Scalar { text, plain: true } if text.parse::<f64>().is_ok() => "a number",
            Value::Scalar { .. } => "a text",
            Value::Seq(_) => "a list",
            Value::Map { .. } => "a mapping",
        }
    }

    /// The value of a key of a mapping.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries().iter().find(|(k, _)| k.text() == Some(key)).map(|(_, v)| v)
    }

    /// Keys and values of a mapping; nothing for other nodes.
    pub fn entries(&self) -> &[(Node, Node)] {
        match &self.value {
            Value::Map { entries, .. } => entries,
            _ => &[],
        }
    }

    /// The items of a sequence; nothing for other nodes.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::Seq(items) => items,
            _ => &[],
        }
    }

    /// Something to say about this node.
    pub fn says(&self, path: &Path, message: impl Into<String>) -> Diagnostic {
        Diagnostic { path: path.to_path_buf(), line: self.line, column: self.column, message: message.into() }
    }

    /// An error about this node.
    pub fn error(&self, path: &Path, message: impl Into<String>) -> Error {
        Error::File(self.says(path, message))
    }

    /// Changes the text of all scalars, keys excepted.
    pub fn map_texts(&mut self, f: &mut impl FnMut(&str, (usize, usize)) -> Option<String>) {
        match &mut self.value {
            Value::Scalar { text, .. } => {
                if let Some(new) = f(text, (self.line, self.column)) {
                    *text = new;
                }
            }
            Value::Seq(items) => items.iter_mut().for_each(|i| i.map_texts(f)),
            Value::Map { entries, .. } => entries.iter_mut().for_each(|(_, v)| v.map_texts(f)),
            Value::Null => {}
        }
    }
}

/// Reads the first document of a text. An empty text is [`Value::Null`].
///
/// # Errors
/// [`Error::File`] with the place and what is wrong there.
pub fn parse(path: &Path, text: &str) -> Result<Node> {
    let mut reader = Reader { path, parser: Parser::new_from_str(text), anchors: HashMap::new(), nodes: 0 };
    loop {
        let (event, span) = reader.next()?;
        match event {
            Event::StreamStart | Event::DocumentStart(_) | Event::Nothing => {}
            Event::StreamEnd | Event::DocumentEnd => return Ok(node(Value::Null, &span)),
            other => return reader.node(other, span, 0),
        }
    }
}

struct Reader<'a> {
    path: &'a Path,
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Span)> {
        match self.parser.next_event() {
            Some(Ok(found)) => Ok(found),
            Some(Err(e)) => Err(self.error(e.marker().line(), e.marker().col() + 1, format!("this is not YAML: {}", e.info()))),
            None => Err(self.error(1, 1, "the text ends too early".into())),
        }
    }

    fn error(&self, line: usize, column: usize, message: String) -> Error {
        Error::File(Diagnostic { path: self.path.to_path_buf(), line, column, message })
    }

    fn node(&mut self, event: Event<'a>, span: Span, depth: usize) -> Result<Node> {
        self.nodes += 1;
        if depth > DEPTH || self.nodes > NODES {
            return Err(self.error(span.start.line(), span.start.col() + 1, "this is nested too deep or too large".into()));
        }
        let (node, anchor) = match event {
            Event::Scalar(text, style, anchor, _) => (node(scalar(&text, style == ScalarStyle::Plain), &span), anchor),
            Event::SequenceStart(anchor, _) => (self.seq(&span, depth)?, anchor),
            Event::MappingStart(anchor, _) => (self.map(&span, depth)?, anchor),
            Event::Alias(id) => (self.alias(id, &span)?, 0),
            _ => return Err(self.error(span.start.line(), span.start.col() + 1, "this is not YAML".into())),
        };
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn alias(&mut self, id: usize, span: &Span) -> Result<Node> {
        let Some(known) = self.anchors.get(&id) else {
            return Err(self.error(span.start.line(), span.start.col() + 1, "an alias inside what it names".into()));
        };
        self.nodes += size(known);
        let place = node(Value::Null, span);
        Ok(Node { value: known.value.clone(), ..place })
    }

    fn seq(&mut self, span: &Span, depth: usize) -> Result<Node> {
        let mut items: Vec<Node> = Vec::new();
        loop {
            let (event, at) = self.next()?;
            if event == Event::SequenceEnd {
                let end = items.last().map_or(at.end.line(), |n| n.end_line);
                return Ok(Node { end_line: end, ..node(Value::Seq(items), span) });
            }
            items.push(self.node(event, at, depth + 1)?);
        }
    }

    fn map(&mut self, span: &Span, depth: usize) -> Result<Node> {
        // A block mapping's start is its first key, which has a width of nothing; a flow mapping's is the brace.
        let flow = !span.is_empty();
        let mut entries: Vec<(Node, Node)> = Vec::new();
        loop {
            let (event, at) = self.next()?;
            if event == Event::MappingEnd {
                let end = if flow { at.end.line() } else { entries.last().map_or(at.end.line(), |(k, v)| v.end_line.max(k.end_line)) };
                return Ok(Node { end_line: end, ..node(Value::Map { entries, flow }, span) });
            }
            let key = self.node(event, at, depth + 1)?;
            if let Some((first, _)) = entries.iter().find(|(k, _)| k.value == key.value) {
                let name = key.text().unwrap_or("?");
                return Err(key.error(self.path, format!("`{name}` is written twice; the first is in line {}", first.line)));
            }
            let (event, at) = self.next()?;
            let mut value = self.node(event, at, depth + 1)?;
            if value.value == Value::Null {
                // An absent value is reported where the next token stands; what a user sees is the key.
                value.line = key.line;
                value.end_line = key.end_line;
            }
            entries.push((key, value));
        }
    }
}

fn size(node: &Node) -> usize {
    match &node.value {
        Value::Seq(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Map { entries, .. } => 1 + entries.iter().map(|(k, v)| size(k) + size(v)).sum::<usize>(),
        _ => 1,
    }
}

fn scalar(text: &str, plain: bool) -> Value {
    if plain && matches!(text, "" | "~" | "null" | "Null" | "NULL") { Value::Null } else { Value::Scalar { text: text.to_owned(), plain } }
}

fn node(value: Value, span: &Span) -> Node {
    Node { value, line: span.start.line().max(1), column: span.start.col() + 1, end_line: span.end.line().max(1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Node {
        parse(Path::new("f.yaml"), text).unwrap()
    }

    fn refused(text: &str) -> String {
        parse(Path::new("f.yaml"), text).unwrap_err().to_string()
    }

    #[test]
    fn nodes_know_their_places() {
        let root = read("a: 1\nb:\n  - x\n  - 'y'\nc: {d: e}\nf:\ng: 2\n");
        assert_eq!((root.get("a").unwrap().line, root.get("a").unwrap().column), (1, 4));
        let b = root.get("b").unwrap();
        assert_eq!((b.items()[1].line, b.items()[1].column, b.end_line), (4, 5, 4));
        assert_eq!(root.get("c").unwrap().get("d").unwrap().text(), Some("e"));
        assert!(matches!(root.get("c").unwrap().value, Value::Map { flow: true, .. }));
        assert!(matches!(root.value, Value::Map { flow: false, .. }));
        let f = root.get("f").unwrap();
        assert_eq!((&f.value, f.line, f.end_line), (&Value::Null, 6, 6));
        assert_eq!(root.end_line, 7);
    }

    #[test]
    fn aliases_stand_for_what_they_name() {
        let root = read("a: &x {k: v}\nb: *x\n");
        assert_eq!(root.get("b").unwrap().get("k").unwrap().text(), Some("v"));
    }

    #[test]
    fn errors_have_places() {
        assert!(refused("a: [1\nb: 2\n").starts_with("f.yaml:"), "{}", refused("a: [1\nb: 2\n"));
        assert_eq!(refused("a: 1\nb: 2\na: 3\n"), "f.yaml:3:1: `a` is written twice; the first is in line 1");
        assert!(refused(&"[".repeat(100)).contains("too deep"), "{}", refused(&"[".repeat(100)));
        let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
        for i in 1..12 {
            bomb.push_str(&format!("a{i}: &a{i} [{}]\n", format!("*a{},", i - 1).repeat(10)));
        }
        assert!(refused(&bomb).contains("too large"));
    }

    #[test]
    fn an_empty_text_is_null() {
        assert_eq!(read("").value, Value::Null);
        assert_eq!(read("# only a comment\n").value, Value::Null);
    }
}
