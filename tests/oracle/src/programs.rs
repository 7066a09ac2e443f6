//! A directory of test programs, each with its cases.

use crate::directive::{Settings, cases};
use std::path::{Path, PathBuf};

/// A program.
#[derive(Debug)]
pub struct Program {
    /// Its source.
    pub source: PathBuf,
    /// The source's name without extension.
    pub stem: String,
    /// Names and settings of its cases; one without a name where the source names none.
    pub cases: Vec<(String, Settings)>,
}

impl Program {
    /// What the test of this case is called.
    pub fn test_name(&self, case: &str) -> String {
        if case.is_empty() { self.stem.clone() } else { format!("{}::{case}", self.stem) }
    }
}

/// Whether this is a source in C.
pub fn is_c(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "c")
}

/// Those of a directory's files that `is_program` says are programs, by name.
///
/// # Errors
/// A file that cannot be read, or a directive that is wrong.
pub fn programs(dir: &Path, is_program: impl Fn(&Path) -> bool) -> Result<Vec<Program>, String> {
    let entries = std::fs::read_dir(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    let mut sources: Vec<PathBuf> = entries.flatten().map(|e| e.path()).filter(|p| is_program(p)).collect();
    sources.sort();
    let read = |source: PathBuf| {
        let fail = |e: &dyn std::fmt::Display| format!("{}: {e}", source.display());
        let text = std::fs::read_to_string(&source).map_err(|e| fail(&e))?;
        let cases = cases(&text).map_err(|e| fail(&e))?;
        let stem = source.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Program { source, stem, cases })
    };
    sources.into_iter().map(read).collect()
}
