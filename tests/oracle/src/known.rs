//! Tests that are known to fail on unox, each with its reason, and the rule that keeps the list honest: such a test runs, and when it
//! passes the run fails until its line is taken out.

use libtest_mimic::{Failed, Trial};
use std::collections::BTreeMap;
use std::path::Path;

/// Test name to reason.
#[derive(Debug, Default)]
pub struct Known(BTreeMap<String, String>);

impl Known {
    /// Reads lines `NAME: REASON`; `#` starts a comment. A missing file is an empty list.
    ///
    /// # Errors
    /// A line without a reason.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let mut known = BTreeMap::new();
        for line in text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')) {
            let (name, reason) = line.split_once(": ").ok_or_else(|| format!("{}: no reason given: {line}", path.display()))?;
            known.insert(name.to_owned(), reason.to_owned());
        }
        Ok(Self(known))
    }

    /// Why `name` is in the list, if it is.
    pub fn reason(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Makes the test `name`, turned round when it is in the list.
    pub fn trial(&self, name: &str, test: impl FnOnce() -> Result<(), String> + Send + 'static) -> Trial {
        let reason = if crate::native_only() { None } else { self.0.get(name).cloned() };
        let Some(reason) = reason else { return Trial::test(name, move || test().map_err(Failed::from)) };
        let trial = Trial::test(name, move || match test() {
            Err(_) => Ok(()),
            Ok(()) => Err(Failed::from("passes now: take it out of known-failures.txt")),
        });
        trial.with_kind(format!("known failure: {reason}"))
    }

    /// Names in the list that no test has.
    pub fn strays<'a>(&'a self, trials: &[Trial]) -> Vec<&'a str> {
        self.0.keys().map(String::as_str).filter(|n| !trials.iter().any(|t| t.name() == *n)).collect()
    }
}
