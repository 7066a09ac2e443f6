//! Reading a tree into typed fields: wrong types are errors that say what was expected, unknown keys are warnings with the nearest known one.

use crate::error::{Diagnostic, Result};
use crate::name::nearest;
use crate::yaml::{Node, Value};
use std::path::Path;

/// A file being read.
pub struct Fields<'a> {
    pub path: &'a Path,
    pub warnings: Vec<Diagnostic>,
}

impl Fields<'_> {
    /// Must be a mapping; warns about keys outside `known`. Keys that begin with `x-` are the user's own.
    pub fn mapping<'n>(&mut self, node: &'n Node, what: &str, known: &[&str]) -> Result<&'n [(Node, Node)]> {
        let Value::Map { entries, .. } = &node.value else {
            return Err(node.error(self.path, format!("{what}: expected a mapping (`key: value`), found {}", node.kind())));
        };
        for (key, _) in entries {
            let name = self.text(key, "a key")?;
            if !known.contains(&name.as_str()) && !name.starts_with("x-") {
                let near = nearest(&name, known.iter().copied()).map(|n| format!("; did you mean `{n}`?")).unwrap_or_default();
                self.warn(key, format!("unknown key `{name}` in {what}{near}"));
            }
        }
        Ok(entries)
    }

    pub fn warn(&mut self, node: &Node, message: String) {
        self.warnings.push(node.says(self.path, message));
    }

    /// A text, number or truth value, as text.
    pub fn text(&self, node: &Node, what: &str) -> Result<String> {
        node.text().map(str::to_owned).ok_or_else(|| node.error(self.path, format!("{what}: expected a text, found {}", node.kind())))
    }

    /// An optional text under `key`; null is none.
    pub fn optional(&self, map: &Node, key: &str, what: &str) -> Result<Option<String>> {
        match map.get(key) {
            None | Some(Node { value: Value::Null, .. }) => Ok(None),
            Some(node) => self.text(node, &format!("`{key}` of {what}")).map(Some),
        }
    }

    /// A text or a list of texts.
    pub fn texts(&self, node: &Node, what: &str) -> Result<Vec<String>> {
        match &node.value {
            Value::Null => Ok(Vec::new()),
            Value::Seq(items) => items.iter().map(|i| self.text(i, &format!("an item of {what}"))).collect(),
            Value::Scalar { text, .. } => Ok(vec![text.clone()]),
            Value::Map { .. } => Err(node.error(self.path, format!("{what}: expected a text or a list of texts, found a mapping"))),
        }
    }

    /// `kconfig`: a list of `CONFIG_X=y`, or a mapping `CONFIG_X: y`. Names come without `CONFIG_`.
    pub fn kconfig(&self, node: Option<&Node>) -> Result<Vec<(String, String)>> {
        let Some(node) = node else { return Ok(Vec::new()) };
        match &node.value {
            Value::Null => Ok(Vec::new()),
            Value::Seq(items) => items.iter().map(|i| self.option_line(i)).collect(),
            Value::Map { entries, .. } => entries.iter().map(|(k, v)| self.option_pair(k, v)).collect(),
            Value::Scalar { .. } => {
                let found = node.kind();
                Err(node.error(self.path, format!("`kconfig`: expected a list of `CONFIG_NAME=value` or a mapping, found {found}")))
            }
        }
    }

    fn option_line(&self, node: &Node) -> Result<(String, String)> {
        // `- CONFIG_X: y` is a mapping of one.
        if let [(key, value)] = node.entries() {
            return self.option_pair(key, value);
        }
        let line = self.text(node, "an option of `kconfig`")?;
        match line.split_once('=') {
            Some((name, value)) => Ok((self.option_name(node, name.trim())?, value.trim().to_owned())),
            None => Err(node.error(self.path, format!("`{line}`: expected `CONFIG_NAME=value`"))),
        }
    }

    fn option_pair(&self, key: &Node, value: &Node) -> Result<(String, String)> {
        let name = self.option_name(key, &self.text(key, "an option's name")?)?;
        let text = match &value.value {
            Value::Scalar { text, plain: true } if matches!(text.as_str(), "true" | "yes" | "on") => "y".into(),
            Value::Scalar { text, plain: true } if matches!(text.as_str(), "false" | "no" | "off") => "n".into(),
            Value::Null => "n".into(),
            _ => self.text(value, &format!("the value of {name}"))?,
        };
        Ok((name, text))
    }

    fn option_name(&self, node: &Node, name: &str) -> Result<String> {
        let bare = name.strip_prefix("CONFIG_").unwrap_or(name);
        if bare.is_empty() || !bare.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return Err(node.error(self.path, format!("`{name}` is no option's name (`CONFIG_` and letters, digits, underscores)")));
        }
        Ok(bare.to_owned())
    }
}
