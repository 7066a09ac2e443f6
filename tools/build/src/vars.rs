//! The evaluated make variables, as mk/phases.mk writes them.

use std::collections::HashMap;

/// Between name and value.
const SEPARATOR: char = '\u{1f}';

/// Make variables with their final values.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vars {
    map: HashMap<String, String>,
}

impl Vars {
    pub(crate) fn parse(text: &str) -> Vars {
        let pairs = text.lines().filter_map(|l| l.split_once(SEPARATOR));
        Vars { map: pairs.map(|(name, value)| (name.trim().to_string(), value.trim().to_string())).collect() }
    }

    /// The value, or nothing.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.map.get(name).map_or("", String::as_str)
    }

    /// `X` and `X-y` as one text: both spellings are used.
    pub(crate) fn both(&self, name: &str) -> String {
        let (plain, yes) = (self.get(name), self.get(&format!("{name}-y")));
        match (plain.is_empty(), yes.is_empty()) {
            (_, true) => plain.to_string(),
            (true, false) => yes.to_string(),
            (false, false) => format!("{plain} {yes}"),
        }
    }

    /// The words of `X` and `X-y`.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        self.both(name).split_whitespace().map(str::to_string).collect()
    }

    /// All, by name.
    pub(crate) fn sorted(&self) -> Vec<(&str, &str)> {
        let mut all: Vec<_> = self.map.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        all.sort_unstable();
        all
    }
}
