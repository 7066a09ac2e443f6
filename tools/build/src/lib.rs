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

mod build;
mod clean;
mod depfile;
mod dotconfig;
mod ensure;
mod error;
mod exec;
mod files;
mod hash;
pub mod helper;
mod kernel;
mod lazy;
mod make;
mod members;
mod objcache;
mod options;
mod places;
mod plan;
mod print;
mod progress;
pub mod require;
mod rootfs;
mod source;
mod stat;
mod state;
mod steps;
mod symbols;
mod vars;
mod words;

pub use build::{Build, Outcome};
pub use error::{Error, Result};
pub use options::{BuildOptions, Show};
pub use print::Query;

/// What follows the name in an image's file name.
pub const PLATFORM: &str = "kvm-x86_64";
/// File beside the build directory that keeps the checksums of archives whose Makefile.uk has none.
pub const SUMS: &str = ".sums";

/// A path as the user knows it: below the application or the libraries by its end.
pub(crate) fn short(path: &str, options: &BuildOptions) -> String {
    let app = options.app.display().to_string();
    path.strip_prefix(&app).map(|p| p.trim_start_matches('/').to_string()).filter(|p| !p.is_empty()).unwrap_or_else(|| path.to_string())
}
