//! What can go wrong, with what the user can do about it.

use std::path::PathBuf;

/// Result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a build stopped.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no `.config` yet.
    #[error("{}: there is no configuration; run `configure` (or `menuconfig`) first", .0.display())]
    NotConfigured(PathBuf),
    /// A path given by the caller is no directory with what belongs there.
    #[error("{}: {what}", .path.display())]
    Place {
        /// The path.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// Programs of the host are missing.
    #[error("{}", missing(.0))]
    Requirements(Vec<&'static crate::require::Requirement>),
    /// GNU make refused a Makefile.uk or one of a port's own rules failed.
    #[error("{0}")]
    Make(String),
    /// A line of the evaluated plan makes no sense.
    #[error("{0}")]
    Plan(String),
    /// A command failed; its output has been shown.
    #[error("{0}")]
    Failed(String),
    /// A source could not be fetched, checked, unpacked or patched.
    #[error("{0}")]
    Source(String),
    /// The user (or another program) asked to stop.
    #[error("interrupted; what was finished is kept")]
    Interrupted,
    /// Another build works in the same directory.
    #[error("{}: another build is at work here", .0.display())]
    Locked(PathBuf),
    /// Input or output failed.
    #[error("{}: {source}", .path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// From the host.
        source: std::io::Error,
    },
}

fn missing(what: &[&'static crate::require::Requirement]) -> String {
    let mut text = String::new();
    for r in what {
        text.push_str(&format!("{} is missing: {}\n", r.program, r.why));
    }
    let mut packages: Vec<&str> = what.iter().map(|r| r.package).collect();
    packages.dedup();
    text.push_str(&format!("install with: apt-get install --no-install-recommends {}", packages.join(" ")));
    text
}

pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Error {
    let path = path.into();
    move |source| Error::Io { path, source }
}
