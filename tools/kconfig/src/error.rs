//! What can be wrong with a Kconfig or a `.config` file, and where.

use std::fmt;
use std::sync::Arc;

/// A place in a file. Line and column count from 1; 0 means "the file as a whole".
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pos {
    /// The path as it was opened.
    pub file: Arc<str>,
    /// Line, from 1.
    pub line: u32,
    /// Column in bytes, from 1.
    pub column: u32,
}

impl Pos {
    /// The place before the first character of `file`.
    pub fn start(file: &str) -> Pos {
        Pos { file: file.into(), line: 0, column: 0 }
    }
}

impl fmt::Display for Pos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.column) {
            (0, _) => write!(f, "{}", self.file),
            (line, 0) => write!(f, "{}:{line}", self.file),
            (line, column) => write!(f, "{}:{line}:{column}", self.file),
        }
    }
}

/// Why a file could not be used: where, what, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Where, if it has a place.
    pub pos: Option<Pos>,
    /// What is wrong. One line, or several when a chain is shown.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

impl Error {
    pub(crate) fn new(pos: Option<Pos>, message: impl Into<String>) -> Error {
        Error { pos, message: message.into(), hint: None }
    }

    pub(crate) fn at(pos: &Pos, message: impl Into<String>) -> Error {
        Error::new(Some(pos.clone()), message)
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Error {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(pos) = &self.pos {
            write!(f, "{pos}: ")?;
        }
        write!(f, "{}", self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "\n  {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

/// Something doubtful that does not stop the work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Where, if it has a place.
    pub pos: Option<Pos>,
    /// What is doubtful; several lines for an unmet dependency, worded as Linux does.
    pub message: String,
}

impl Warning {
    pub(crate) fn at(pos: &Pos, message: impl Into<String>) -> Warning {
        Warning { pos: Some(pos.clone()), message: message.into() }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.pos {
            Some(pos) => write!(f, "{pos}: warning: {}", self.message),
            None => write!(f, "{}", self.message),
        }
    }
}
