//! Changes to a kraft.yaml in the user's own text: comments, order and quotes stay as they are.

use crate::error::{Result, read, write};
use crate::yaml::{Node, Value};
use std::path::Path;

/// Adds a library, or changes the version of one that is there. False: nothing had to change.
///
/// # Errors
/// When the file is not YAML, has another shape than `libraries:` with a mapping, or cannot be written.
pub fn add_library(path: &Path, name: &str, version: Option<&str>) -> Result<bool> {
    let text = read(path)?;
    let new = with_library(path, &text, name, version)?;
    replace(path, &text, new)
}

/// Removes a library. False: it was not there.
///
/// # Errors
/// As [`add_library`].
pub fn remove_library(path: &Path, name: &str) -> Result<bool> {
    let text = read(path)?;
    let new = without_library(path, &text, name)?;
    replace(path, &text, new)
}

fn replace(path: &Path, old: &str, new: Option<String>) -> Result<bool> {
    let Some(new) = new.filter(|n| n != old) else { return Ok(false) };
    // An edit must never spoil a file.
    crate::yaml::parse(path, &new)?;
    write(path, &new)?;
    Ok(true)
}

fn with_library(path: &Path, text: &str, name: &str, version: Option<&str>) -> Result<Option<String>> {
    let root = crate::yaml::parse(path, text)?;
    let mut lines = Lines::new(text);
    let entry = |indent: usize, step: usize| {
        let pad = " ".repeat(indent);
        match version {
            Some(v) => vec![format!("{pad}{name}:"), format!("{pad}{}version: {}", " ".repeat(step), quoted(v))],
            None => vec![format!("{pad}{name}: true")],
        }
    };
    let Some((key, libraries)) = root.entries().iter().find(|(k, _)| k.text() == Some("libraries")) else {
        lines.insert(lines.end_of(&root), [vec!["libraries:".to_owned()], entry(2, 2)].concat());
        return Ok(Some(lines.text()));
    };
    match &libraries.value {
        Value::Null => {
            lines.strip_value(key);
            lines.insert(key.line, entry(key.column + 1, 2));
        }
        Value::Map { entries, .. } => {
            if let Some((_, value)) = entries.iter().find(|(k, _)| k.text().is_some_and(|k| crate::name::same(k, name))) {
                return set_version(path, &mut lines, value, version);
            }
            if let Value::Map { flow: true, .. } = libraries.value {
                let braces = if version.is_some() { "in block form (one library a line, without braces)" } else { "in block form" };
                if !entries.is_empty() {
                    return Err(libraries.error(path, format!("`libraries` is written in braces; write it {braces} and try again")));
                }
                lines.strip_value(key);
                lines.insert(key.line, entry(key.column + 1, 2));
                return Ok(Some(lines.text()));
            }
            let indent = entries.first().map_or(key.column + 1, |(k, _)| k.column - 1);
            lines.insert(lines.end_of(libraries), entry(indent, indent.saturating_sub(key.column - 1).max(2)));
        }
        _ => return Err(libraries.error(path, format!("`libraries`: expected a mapping (`name: version`), found {}", libraries.kind()))),
    }
    Ok(Some(lines.text()))
}

/// Changes the version in the place where it stands.
fn set_version(path: &Path, lines: &mut Lines, value: &Node, version: Option<&str>) -> Result<Option<String>> {
    let Some(version) = version else { return Ok(None) };
    let scalar = match &value.value {
        Value::Map { .. } => value.get("version"),
        _ => Some(value),
    };
    let Some(scalar) = scalar else {
        return Err(value.error(path, format!("the library is there without `version`; add `version: {version}` by hand")));
    };
    if scalar.text() == Some(version) {
        return Ok(None);
    }
    if scalar.value == Value::Null {
        lines.append_value(scalar.line, version);
    } else {
        lines.replace_scalar(scalar, &quoted(version));
    }
    Ok(Some(lines.text()))
}

fn without_library(path: &Path, text: &str, name: &str) -> Result<Option<String>> {
    let root = crate::yaml::parse(path, text)?;
    let Some((key, libraries)) = root.entries().iter().find(|(k, _)| k.text() == Some("libraries")) else { return Ok(None) };
    let entries = libraries.entries();
    let Some((name_node, value)) = entries.iter().find(|(k, _)| k.text().is_some_and(|k| crate::name::same(k, name))) else {
        return Ok(None);
    };
    if let Value::Map { flow: true, .. } = libraries.value {
        return Err(libraries.error(path, "`libraries` is written in braces; write it in block form (one library a line) and try again"));
    }
    let mut lines = Lines::new(text);
    lines.remove(name_node.line, value.end_line.max(name_node.end_line));
    if entries.len() == 1 {
        lines.remove(key.line, key.line);
    }
    Ok(Some(lines.text()))
}

/// A version as YAML: what could be taken for a number gets quotes.
fn quoted(version: &str) -> String {
    let word = version.chars().all(|c| c.is_ascii_alphanumeric() || "-_./+".contains(c));
    let special = version.parse::<f64>().is_ok() || matches!(version, "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "");
    if word && !special && !version.starts_with(['-', '.']) { version.to_owned() } else { format!("'{}'", version.replace('\'', "''")) }
}

/// The text by lines; numbers are from 1 and stay those of the first text as long as edits go from the end to the beginning.
struct Lines {
    lines: Vec<String>,
    newline: &'static str,
}

impl Lines {
    fn new(text: &str) -> Lines {
        let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
        Lines { lines: text.lines().map(str::to_owned).collect(), newline }
    }

    fn text(&self) -> String {
        self.lines.iter().flat_map(|l| [l.as_str(), self.newline]).collect()
    }

    /// The last line of a node that holds anything of it.
    fn end_of(&self, node: &Node) -> usize {
        let mut end = node.end_line.min(self.lines.len());
        while end > node.line && self.lines[end - 1].trim_start().is_empty() {
            end -= 1;
        }
        end
    }

    /// Puts lines behind line `after`.
    fn insert(&mut self, after: usize, new: Vec<String>) {
        let at = after.min(self.lines.len());
        self.lines.splice(at..at, new);
    }

    fn remove(&mut self, first: usize, last: usize) {
        let last = last.min(self.lines.len());
        if first >= 1 && first <= last {
            self.lines.drain(first - 1..last);
        }
    }

    /// `key: {}` and `key: null` become `key:`; a comment stays.
    fn strip_value(&mut self, key: &Node) {
        let line = &mut self.lines[key.line - 1];
        let Some(colon) = line.find(':') else { return };
        let comment = line[colon..].find(" #").map(|at| line[colon + at..].to_owned()).unwrap_or_default();
        line.truncate(colon + 1);
        line.push_str(&comment);
    }

    fn append_value(&mut self, number: usize, version: &str) {
        let line = &mut self.lines[number - 1];
        if let Some(colon) = line.find(':') {
            let rest = line[colon + 1..].trim().to_owned();
            let comment = if rest.starts_with('#') { format!(" {rest}") } else { String::new() };
            line.truncate(colon + 1);
            line.push_str(&format!(" {}{comment}", quoted(version)));
        }
    }

    /// Puts `new` where a scalar of one line stands, quotes included.
    fn replace_scalar(&mut self, scalar: &Node, new: &str) {
        let line = &mut self.lines[scalar.line - 1];
        let start = line.char_indices().nth(scalar.column - 1).map_or(line.len(), |(at, _)| at);
        let rest = &line[start..];
        let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"'));
        let len = match quote {
            Some(q) => rest[1..].find(q).map_or(rest.len(), |at| at + 2),
            None => {
                let comment = rest.find(" #").unwrap_or(rest.len());
                let flow = rest.find([',', '}']).unwrap_or(rest.len());
                rest[..comment.min(flow)].trim_end().len()
            }
        };
        line.replace_range(start..start + len, new);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(text: &str, name: &str, version: &str) -> String {
        with_library(Path::new("k"), text, name, Some(version)).unwrap().unwrap_or_else(|| text.into())
    }

    fn remove(text: &str, name: &str) -> String {
        without_library(Path::new("k"), text, name).unwrap().unwrap_or_else(|| text.into())
    }

    const SEED: &str = "specification: '0.5'\nunikraft: staging\ntargets:\n  - architecture: x86_64\n    platform: kvm\n";

    #[test]
    fn the_tutorial_s_difference() {
        assert_eq!(add(SEED, "iperf3", "staging"), format!("{SEED}libraries:\n  iperf3:\n    version: staging\n"));
        assert_eq!(remove(&add(SEED, "iperf3", "staging"), "iperf3"), SEED);
    }

    #[test]
    fn comments_and_order_stay() {
        let old = "# mine\nlibraries: # those I want\n    lwip: staging # net\n\n    # C library\n    newlib:\n        version: '0.5'\n\n# end\nunikraft: staging\n";
        let new = add(old, "iperf3", "3.10");
        assert_eq!(new, old.replace("'0.5'\n", "'0.5'\n    iperf3:\n        version: '3.10'\n"));
        assert_eq!(remove(&new, "libiperf3"), old);
        assert_eq!(add(old, "lwip", "1.0.0"), old.replace("staging # net", "1.0.0 # net"));
        assert_eq!(add(old, "newlib", "staging"), old.replace("'0.5'", "staging"));
        assert_eq!(add(old, "newlib", "0.5"), old);
        assert_eq!(remove(old, "lwip"), old.replace("    lwip: staging # net\n", ""));
    }

    #[test]
    fn empty_libraries() {
        for empty in ["libraries:\n", "libraries: {}\n", "libraries: ~\n"] {
            assert_eq!(add(empty, "x", "staging"), "libraries:\n  x:\n    version: staging\n", "{empty}");
        }
        assert_eq!(add("libraries:\n  x:\n  y: true # c\n", "x", "1.2"), "libraries:\n  x: '1.2'\n  y: true # c\n");
        assert_eq!(add("libraries:\n  x:\n  y: true # c\n", "y", "v"), "libraries:\n  x:\n  y: v # c\n");
        assert!(with_library(Path::new("k"), "libraries: {a: b}\n", "x", None).unwrap_err().to_string().contains("k:1:12"));
        assert_eq!(add("libraries: {a: {version: b}}\n", "a", "c"), "libraries: {a: {version: c}}\n");
    }

    #[test]
    fn a_file_with_other_line_ends_keeps_them() {
        assert_eq!(add("unikraft: s\r\n", "x", "v"), "unikraft: s\r\nlibraries:\r\n  x:\r\n    version: v\r\n");
    }
}
