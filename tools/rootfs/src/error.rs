//! What can go wrong, said so that the user knows what to do.

use std::path::PathBuf;

/// Result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Why no plan or image could be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The program is in no directory of PATH, or the path does not exist. The tool exits with 127.
    #[error("{program}: not found{hint}")]
    NotFound {
        /// As typed.
        program: String,
        /// Where it was looked for, or empty.
        hint: String,
    },
    /// The file exists but cannot be run. The tool exits with 126.
    #[error("{}: cannot be run: {why}", .path.display())]
    NotExecutable {
        /// The file.
        path: PathBuf,
        /// The reason.
        why: String,
    },
    /// A shared library of the program is nowhere.
    #[error("{library}: needed by {}, but not found in its RUNPATH, LD_LIBRARY_PATH, /etc/ld.so.cache or the default directories; install the package that has it (apt-file search {library}), or set LD_LIBRARY_PATH", .needed_by.display())]
    MissingLibrary {
        /// Name as the program asks for it.
        library: String,
        /// Who asks.
        needed_by: PathBuf,
    },
    /// The ELF interpreter is not there.
    #[error("{interpreter}: the interpreter that {} asks for does not exist; install the C library it was built for (musl: apt-get install musl)", .program.display())]
    MissingInterpreter {
        /// Path from the file.
        interpreter: String,
        /// The program or script.
        program: PathBuf,
    },
    /// `#!` lines refer to each other.
    #[error("{}: more than 4 `#!` interpreters in a row (Linux says ELOOP)", .0.display())]
    ScriptLoop(PathBuf),
    /// A path the user named is not there.
    #[error("{what} {}: {source}", .path.display())]
    Given {
        /// The option.
        what: &'static str,
        /// The path.
        path: PathBuf,
        /// From the host.
        source: std::io::Error,
    },
    /// `--add` without a usable path.
    #[error("--add {0}: expected HOST or HOST:GUEST, GUEST being an absolute path")]
    BadAdd(String),
    /// A file changed between planning and copying.
    #[error("{}: changed while the image was built; run it again", .0.display())]
    Changed(PathBuf),
    /// Input or output failed.
    #[error("{}: {source}", .path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// From the host.
        source: std::io::Error,
    },
    /// The cache directory cannot be used.
    #[error("cannot use the cache {}: {source}; set XDG_CACHE_HOME to a directory you can write", .path.display())]
    Cache {
        /// The directory.
        path: PathBuf,
        /// From the host.
        source: std::io::Error,
    },
    /// The tree does not fit the image format.
    #[error("cannot build the image: {0}")]
    Image(#[from] erofs::write::WriteError),
}

impl Error {
    /// The exit status a shell gives for this: 127 not found, 126 not executable, 125 for the rest (a failure of unox itself).
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::NotFound { .. } => 127,
            Error::NotExecutable { .. } | Error::MissingInterpreter { .. } | Error::ScriptLoop(_) => 126,
            _ => 125,
        }
    }

    pub(crate) fn io(path: impl Into<PathBuf>, source: std::io::Error) -> Error {
        Error::Io { path: path.into(), source }
    }
}
