//! Logical lines: physical lines joined where they end in a backslash, with the way back to the place in the file.

use crate::error::Pos;
use std::sync::Arc;

/// One logical line.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub text: String,
    file: Arc<str>,
    /// (first byte in `text`, line number) of each physical line.
    parts: Vec<(usize, u32)>,
}

impl Line {
    /// The place of a byte of `text`.
    pub fn pos(&self, offset: usize) -> Pos {
        let (start, line) = self.parts.iter().rev().find(|(start, _)| *start <= offset).copied().unwrap_or((0, 1));
        Pos { file: self.file.clone(), line, column: u32::try_from(offset - start).unwrap_or(u32::MAX - 1) + 1 }
    }
}

/// A file, line by line.
pub(crate) struct Lines {
    file: Arc<str>,
    raw: Vec<String>,
    next: usize,
}

impl Lines {
    pub fn new(file: &str, text: &str) -> Lines {
        Lines { file: file.into(), raw: text.lines().map(str::to_string).collect(), next: 0 }
    }

    /// The next logical line.
    pub fn logical(&mut self) -> Option<Line> {
        let mut line = Line { text: String::new(), file: self.file.clone(), parts: Vec::new() };
        while let Some(raw) = self.raw.get(self.next) {
            self.next += 1;
            line.parts.push((line.text.len(), number(self.next)));
            match raw.strip_suffix('\\') {
                Some(body) => line.text.push_str(body),
                None => {
                    line.text.push_str(raw);
                    return Some(line);
                }
            }
        }
        (!line.parts.is_empty()).then_some(line)
    }

    /// The help text from here on: it ends before the first line that is indented less than its first one, and at any line without indentation.
    /// `None` when there is none.
    pub fn help(&mut self) -> Option<String> {
        let mut indent = 0;
        let mut out: Vec<String> = Vec::new();
        while let Some(raw) = self.raw.get(self.next) {
            let line = expand_tabs(raw);
            let body = line.trim_start_matches(' ');
            if body.is_empty() {
                if indent > 0 {
                    out.push(String::new());
                }
                self.next += 1;
                continue;
            }
            let depth = line.len() - body.len();
            if depth == 0 || depth < indent {
                break;
            }
            if indent == 0 {
                indent = depth;
            }
            out.push(line[indent..].trim_end().to_string());
            self.next += 1;
        }
        while out.last().is_some_and(String::is_empty) {
            out.pop();
        }
        (!out.is_empty()).then(|| out.join("\n"))
    }
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Tabs of the indentation become spaces, up to the next multiple of 8.
fn expand_tabs(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len() + 16);
    for (i, c) in raw.char_indices() {
        match c {
            '\t' => out.extend(std::iter::repeat_n(' ', 8 - out.len() % 8)),
            ' ' => out.push(' '),
            '\r' if i + 1 == raw.len() => (),
            _ => {
                out.push_str(raw[i..].trim_end());
                break;
            }
        }
    }
    if out.bytes().all(|b| b == b' ') {
        out.clear();
    }
    out
}
