//! What can go wrong with projects, workspaces and sources: each message says the cause and what to do about it.

use std::path::{Path, PathBuf};

/// Result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// A place in a user's file and what is to be said about it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Diagnostic {
    /// The file.
    pub path: PathBuf,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is to be said.
    pub message: String,
}

impl std::fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}: {}", self.path.display(), self.line, self.column, self.message)
    }
}

/// Why something could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A user's file is not as it must be.
    #[error("{0}")]
    File(Diagnostic),
    /// There is no kraft.yaml or Kraftfile.
    #[error("{}: no kraft.yaml and no Kraftfile here\n  make a project with `kraft init`, or go to a project's directory", .0.display())]
    NoProject(PathBuf),
    /// A component that nobody has.
    #[error("{0}")]
    NotFound(String),
    /// The core's source was not found.
    #[error("{0}")]
    NoCore(String),
    /// A wrong use: an argument that makes no sense.
    #[error("{0}")]
    Usage(String),
    /// A command of the host failed.
    #[error("{0}")]
    Command(String),
    /// The configuration could not be made.
    #[error("{0}")]
    Configuration(String),
    /// From the build system.
    #[error("{0}")]
    Build(#[from] ukbuild::Error),
    /// Input or output failed.
    #[error("{}: {what}: {source}", .path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// What was tried: "cannot read".
        what: &'static str,
        /// From the host.
        source: std::io::Error,
    },
}

impl Error {
    /// The exit status a command ends with: 2 for a wrong use, 1 for the rest.
    pub fn status(&self) -> u8 {
        if matches!(self, Error::Usage(_)) { 2 } else { 1 }
    }
}

/// For `map_err`: what was tried at which path.
pub(crate) fn io(path: impl AsRef<Path>, what: &'static str) -> impl FnOnce(std::io::Error) -> Error {
    let path = path.as_ref().to_path_buf();
    move |source| Error::Io { path, what, source }
}

/// Reads a text file.
pub(crate) fn read(path: &Path) -> Result<String> {
    let bytes = std::fs::read(path).map_err(io(path, "cannot read"))?;
    String::from_utf8(bytes).map_err(|e| {
        let good = &e.as_bytes()[..e.utf8_error().valid_up_to()];
        let line = good.iter().filter(|&&b| b == b'\n').count() + 1;
        Error::File(Diagnostic { path: path.to_path_buf(), line, column: 1, message: "this line is not UTF-8 text".into() })
    })
}

/// Writes a text file by a rename, so that nobody sees half of it.
pub(crate) fn write(path: &Path, text: &str) -> Result<()> {
    // A link stays a link: what it names is replaced.
    let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let new = target.with_file_name(format!(
        ".{}.{}.new",
        target.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default(),
        std::process::id()
    ));
    let done = std::fs::write(&new, text).and_then(|()| {
        if let Ok(old) = std::fs::metadata(&target) {
            std::fs::set_permissions(&new, old.permissions())?;
        }
        std::fs::rename(&new, &target)
    });
    done.map_err(|e| {
        let _ = std::fs::remove_file(&new);
        io(path, "cannot write")(e)
    })
}

/// Makes a directory and those above it.
pub(crate) fn make_dir(path: &Path) -> Result<()> {
    std::fs::create_dir_all(path).map_err(io(path, "cannot make the directory"))
}
