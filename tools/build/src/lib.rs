//! Builds ports from source. GNU make evaluates every `Makefile.uk` with our own definitions of the macros (mk/*.mk); what comes out is a
//! plan, which this crate runs: in parallel, only what changed, with an object cache shared by all projects of a user.
//!
//! ```no_run
//! let mut options = ukbuild::BuildOptions::new("/usr/src/unox", "/home/me/apps/fortune");
//! options.libs = vec!["/home/me/libs/fortune".into()];
//! let build = ukbuild::Build::new(options)?;
//! let env = build.kconfig_env()?; // what Kconfig::load wants; then the configuration is made and written to app/.config
//! let outcome = build.build()?; // fetch, prepare, compile, link
//! println!("{}", outcome.image.display());
//! # let _ = env;
//! # Ok::<(), ukbuild::Error>(())
//! ```
#![forbid(unsafe_code)]

mod error;
pub mod helper;
mod options;
pub mod require;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

pub use error::{Error, Result};
pub use options::{BuildOptions, Show};

/// What a build left behind and what it took.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The image that boots: `build/NAME_kvm-x86_64`.
    pub image: PathBuf,
    /// The same with symbols: `build/NAME_kvm-x86_64.dbg`.
    pub debug: PathBuf,
    /// The linker's map.
    pub map: PathBuf,
    /// The cpio archive made from UK_ROOTFS, if a Makefile.uk sets it.
    pub rootfs: Option<PathBuf>,
    /// Objects compiled.
    pub compiled: usize,
    /// Objects taken from the cache.
    pub cached: usize,
    /// All commands run: compiling, linking, generating.
    pub commands: usize,
    /// Wall time.
    pub elapsed: Duration,
}

/// What [`Build::print`] can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Query {
    /// Selected libraries, one a line.
    Libs,
    /// Sources by library.
    Srcs,
    /// Objects by library.
    Objs,
    /// Make variables of the build and their values.
    Vars,
    /// System calls that libraries provide (UK_PROVIDED_SYSCALLS): `name-N`.
    Syscalls,
}

/// One build directory.
#[derive(Debug)]
pub struct Build {
    options: BuildOptions,
}

fn soon<T>(what: &str) -> Result<T> {
    Err(Error::Plan(format!("{what}: not implemented yet")))
}

impl Build {
    /// Checks the places; touches nothing yet.
    ///
    /// # Errors
    /// [`Error::Place`] when a directory is not there.
    pub fn new(options: BuildOptions) -> Result<Build> {
        Ok(Build { options })
    }

    /// As given, with absolute paths.
    pub fn options(&self) -> &BuildOptions {
        &self.options
    }

    /// Writes `$(out)/kconfig/libs.uk` and `app.uk`, which the root Config.uk sources, and returns the environment that Kconfig is loaded
    /// with: UK_BASE UK_APP UK_NAME KCONFIG_DIR and the like.
    ///
    /// # Errors
    /// When the build directory cannot be written.
    pub fn kconfig_env(&self) -> Result<BTreeMap<String, String>> {
        soon("kconfig_env")
    }

    /// Downloads and unpacks the origins of all selected libraries.
    ///
    /// # Errors
    /// What could not be fetched or did not have its checksum.
    pub fn fetch(&self) -> Result<()> {
        soon("fetch")
    }

    /// `fetch`, then applies patches and runs the targets of UK_PREPARE.
    ///
    /// # Errors
    /// As `fetch`, a patch that does not apply, a rule that fails.
    pub fn prepare(&self) -> Result<()> {
        soon("prepare")
    }

    /// Everything up to the image.
    ///
    /// # Errors
    /// The first step that failed; its output has been shown.
    pub fn build(&self) -> Result<Outcome> {
        soon("build")
    }

    /// Answers a question about the evaluated make files.
    ///
    /// # Errors
    /// When they cannot be evaluated.
    pub fn print(&self, query: Query) -> Result<String> {
        soon(&format!("print {query:?}"))
    }

    /// Removes objects, libraries and images; origins stay.
    ///
    /// # Errors
    /// When a file cannot be removed.
    pub fn clean(&self) -> Result<()> {
        soon("clean")
    }

    /// `clean` for one library; `name` with or without `lib`.
    ///
    /// # Errors
    /// When there is no such library in this build.
    pub fn clean_lib(&self, name: &str) -> Result<()> {
        soon(&format!("clean {name}"))
    }

    /// Removes the build directory.
    ///
    /// # Errors
    /// When it is no build directory, or cannot be removed.
    pub fn properclean(&self) -> Result<()> {
        soon("properclean")
    }

    /// `properclean` and the configuration.
    ///
    /// # Errors
    /// As `properclean`.
    pub fn distclean(&self) -> Result<()> {
        soon("distclean")
    }

    /// The file that [`Build::build`] makes, whether it is there or not.
    pub fn image_path(&self) -> PathBuf {
        self.options.out.join(format!("{}_kvm-x86_64", self.options.name))
    }
}
