//! The hidden side of the command: what the recipes of our make macros call. `unox __uk-helper fetch|patch ...` downloads, checks,
//! unpacks and patches one library's origin.

mod archive;
mod checksum;
mod download;
mod fetch;
mod git;
mod patch;
mod stamp;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Unpacks an archive, known by its name, into a directory, which is made; nothing is written outside of it.
///
/// # Errors
/// A sentence: not readable, broken, or with members that would lie outside.
pub fn unpack(archive: &Path, into: &Path) -> Result<(), String> {
    let name = archive.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    archive::unpack(archive, &name, into)
}

/// Word in argv[1] that leads here.
pub const VERB: &str = "__uk-helper";

/// A message for the user.
pub(crate) type Outcome<T> = Result<T, String>;

/// What the caller's environment says.
pub(crate) struct Settings {
    pub mirrors: Vec<String>,
    pub cache: PathBuf,
    /// The file with recorded checksums.
    pub sums: PathBuf,
    pub offline: bool,
    pub origin_first: bool,
    pub require_sums: bool,
    pub quiet: bool,
}

impl Settings {
    fn from_environment() -> Settings {
        let on = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty());
        let path = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
        Settings {
            mirrors: std::env::var("UK_MIRRORS").unwrap_or_default().lines().map(str::to_string).filter(|m| !m.is_empty()).collect(),
            cache: path("UK_CACHE").unwrap_or_else(crate::build::default_cache).join("sources"),
            sums: path("UK_SUMS").unwrap_or_else(|| PathBuf::from(crate::SUMS)),
            offline: on("UK_OFFLINE"),
            origin_first: on("UK_ORIGIN_FIRST"),
            require_sums: on("UK_REQUIRE_SUMS"),
            quiet: on("UK_QUIET"),
        }
    }

    /// One line about what is done.
    pub(crate) fn say(&self, verb: &str, what: &str) {
        if !self.quiet {
            println!("  {verb:<8}{what}");
        }
    }
}

/// The words of a call.
pub(crate) struct Call {
    /// `libx`
    pub lib: String,
    /// `build/libx`
    pub dir: PathBuf,
    /// `sha256:...` as the Makefile.uk has them.
    pub sums: Vec<String>,
    /// Everything else.
    pub rest: Vec<String>,
}

fn parse(args: &[OsString]) -> Outcome<Call> {
    let mut call = Call { lib: String::new(), dir: PathBuf::new(), sums: Vec::new(), rest: Vec::new() };
    let mut words = args.iter().map(|a| a.to_string_lossy().into_owned());
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("{word}: a value is missing"));
        match word.as_str() {
            "--lib" => call.lib = value()?,
            "--dir" => call.dir = PathBuf::from(value()?),
            "--sum" => call.sums.push(value()?),
            _ => call.rest.push(word),
        }
    }
    if call.lib.is_empty() || call.dir.as_os_str().is_empty() {
        return Err("--lib and --dir are needed".into());
    }
    Ok(call)
}

/// Runs one helper; `args` are the words after [`VERB`]. The result is the exit status.
pub fn main(args: &[OsString]) -> i32 {
    let settings = Settings::from_environment();
    let verb = args.first().map(|a| a.to_string_lossy().into_owned()).unwrap_or_default();
    let result = parse(args.get(1..).unwrap_or_default()).and_then(|call| {
        std::fs::create_dir_all(&call.dir).map_err(|e| format!("{}: {e}", call.dir.display()))?;
        let run = match verb.as_str() {
            "fetch" => fetch::run(&call, &settings),
            "patch" => patch::run(&call, &settings),
            other => Err(format!("{other}: no such helper")),
        };
        run.map_err(|why| format!("{}: {why}", call.lib))
    });
    match result {
        Ok(()) => 0,
        Err(why) => {
            eprintln!("{why}");
            1
        }
    }
}

/// An error of the host at a path.
pub(crate) fn at(path: impl AsRef<Path>) -> impl FnOnce(std::io::Error) -> String {
    let shown = path.as_ref().display().to_string();
    move |e| format!("{shown}: {e}")
}
