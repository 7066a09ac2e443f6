//! `${VAR}`, `${VAR:-default}`, `${VAR-default}` and `$$` in the scalars of a file.

use crate::error::{Diagnostic, Result};
use crate::yaml::Node;
use std::path::Path;

/// Replaces in all values. What is not set and has no default becomes nothing, with a warning.
pub fn tree(path: &Path, root: &mut Node, variable: &dyn Fn(&str) -> Option<String>, warnings: &mut Vec<Diagnostic>) -> Result<()> {
    let mut first = None;
    root.map_texts(&mut |text, (line, column)| {
        if !text.contains('$') {
            return None;
        }
        let say = |message: String| Diagnostic { path: path.to_path_buf(), line, column, message };
        match one(text, variable) {
            Ok((new, unset)) => {
                warnings.extend(unset.into_iter().map(|name| say(format!("the variable {name} is not set: nothing is put in its place"))));
                Some(new)
            }
            Err(why) => {
                first.get_or_insert_with(|| say(why));
                None
            }
        }
    });
    first.map_or(Ok(()), |d| Err(crate::Error::File(d)))
}

/// The new text and the variables that were not set.
fn one(text: &str, variable: &dyn Fn(&str) -> Option<String>) -> std::result::Result<(String, Vec<String>), String> {
    let mut out = String::new();
    let mut unset = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            out.push('$');
            rest = after;
        } else if let Some(inner) = rest.strip_prefix('{') {
            let end = inner.find('}').ok_or("`${` without its `}` (a dollar sign itself is written `$$`)")?;
            let (name, default, empty_too) = split(&inner[..end]);
            if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
                return Err(format!("`${{{}}}` names no variable", &inner[..end]));
            }
            match (variable(name).filter(|v| !(empty_too && v.is_empty())), default) {
                (Some(value), _) => out.push_str(&value),
                (None, Some(default)) => out.push_str(default),
                (None, None) => unset.push(name.to_owned()),
            }
            rest = &inner[end + 1..];
        } else {
            out.push('$');
        }
    }
    out.push_str(rest);
    Ok((out, unset))
}

fn split(inner: &str) -> (&str, Option<&str>, bool) {
    if let Some((name, default)) = inner.split_once(":-") {
        return (name, Some(default), true);
    }
    inner.split_once('-').map_or((inner, None, false), |(name, default)| (name, Some(default), false))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(text: &str) -> std::result::Result<(String, Vec<String>), String> {
        one(text, &|name| match name {
            "A" => Some("1".into()),
            "E" => Some(String::new()),
            _ => None,
        })
    }

    #[test]
    fn forms() {
        assert_eq!(with("x${A}y$$${E:-d}${E-d}${N:-n}$(B)").unwrap(), ("x1y$dn$(B)".into(), vec![]));
        assert_eq!(with("${N}").unwrap(), (String::new(), vec!["N".into()]));
        assert!(with("${A").unwrap_err().contains('}'));
        assert!(with("${}").unwrap_err().contains("no variable"));
    }
}
