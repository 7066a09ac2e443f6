//! Errors that say what failed, where, and what to type next.

use std::fmt;

/// A failure of the host side: one sentence, its cause where there is one, and a cure where one is known.
#[derive(Debug)]
pub struct Error {
    what: String,
    cause: Option<std::io::Error>,
    cure: Option<String>,
}

/// `Result` with [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// A failure described by one sentence without a full stop.
    pub fn new(what: impl Into<String>) -> Self {
        Error { what: what.into(), cause: None, cure: None }
    }

    /// Adds the operating system's reason.
    pub fn because(mut self, cause: impl Into<std::io::Error>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// Adds what the user can do about it.
    pub fn cure(mut self, cure: impl Into<String>) -> Self {
        self.cure = Some(cure.into());
        self
    }

    /// What the user can do about it, when known.
    pub fn cure_text(&self) -> Option<&str> {
        self.cure.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        if let Some(cause) = &self.cause {
            write!(f, ": {cause}")?;
        }
        if let Some(cure) = &self.cure {
            write!(f, "\n  {cure}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// Turns an I/O result into an [`Error`] with a sentence.
pub trait Context<T> {
    /// `what` is only built on failure.
    fn context(self, what: impl FnOnce() -> String) -> Result<T>;
}

impl<T, E: Into<std::io::Error>> Context<T> for std::result::Result<T, E> {
    fn context(self, what: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|e| Error::new(what()).because(e))
    }
}
