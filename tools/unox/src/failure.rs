//! A failure of the tool itself: what happened, where, what to type, and the exit status.

use std::fmt;
use std::path::Path;
use std::process::ExitCode;

/// The name the program was called by: `kraft` or `unox`.
pub fn called() -> &'static str {
    let first = std::env::args_os().next();
    if first.as_deref().map(Path::new).and_then(Path::file_name).is_some_and(|n| n == "kraft") { "kraft" } else { "unox" }
}

/// Why a verb could not do its job.
#[derive(Debug)]
pub struct Failure {
    status: u8,
    message: String,
}

/// `Result` with [`Failure`].
pub type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    /// Status of everything that is unox's own failure.
    pub const STATUS: u8 = 125;

    /// A failure of unox (125).
    pub fn new(message: impl Into<String>) -> Self {
        Failure { status: Self::STATUS, message: message.into() }
    }

    /// A failure with the status that the verb gives it: 1 it could not be done, 2 it was asked for in a wrong way.
    pub fn with_status(status: u8, message: impl Into<String>) -> Self {
        Failure { status, message: message.into() }
    }

    /// The program is no program (126), as a shell says it.
    pub fn not_executable(message: impl Into<String>) -> Self {
        Failure { status: 126, message: message.into() }
    }

    /// There is no such program (127).
    pub fn not_found(message: impl Into<String>) -> Self {
        Failure { status: 127, message: message.into() }
    }

    /// Prints the failure and gives the status.
    pub fn report(self) -> ExitCode {
        vmm::tty::say(&format!("{}: {}", called(), self.message));
        ExitCode::from(self.status)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<vmm::Error> for Failure {
    fn from(error: vmm::Error) -> Self {
        Failure::new(error.to_string())
    }
}
