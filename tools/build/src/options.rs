//! What a build is told: places, name, how to run and where archives may come from.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// How progress is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Show {
    /// A bar when standard output is a terminal, else a line per step.
    #[default]
    Auto,
    /// A line per step.
    Lines,
    /// Warnings and errors only.
    Quiet,
}

/// Everything a [`crate::Build`] needs to know. [`BuildOptions::new`] gives the usual values; change fields before use.
#[derive(Clone, Debug)]
pub struct BuildOptions {
    /// Root of the core's source (UK_BASE); `image/Makefile.uk` below it is evaluated.
    pub base: PathBuf,
    /// The application's directory (UK_APP); its Makefile.uk is evaluated first.
    pub app: PathBuf,
    /// Directories of external libraries, in the order in which they are evaluated.
    pub libs: Vec<PathBuf>,
    /// The build directory (BUILD_DIR); usually `app/build`.
    pub out: PathBuf,
    /// The `.config` file; usually `app/.config`.
    pub config: PathBuf,
    /// Name of the image, without platform and architecture; CONFIG_UK_NAME in the configuration comes first.
    pub name: String,
    /// Steps run at once; 0 is one per CPU.
    pub jobs: usize,
    /// 0: one line or bar. 1: commands as well. 2: reasons for each step as well.
    pub verbose: u8,
    /// How progress is shown.
    pub show: Show,
    /// After a failure, still do what does not depend on it.
    pub keep_going: bool,
    /// Nothing is taken from the network: only `file://`, mirrors that are `file://`, and the cache.
    pub offline: bool,
    /// Asked before (or, with `prioritize_origin`, after) an archive's own address: `file:///DIR` or `http(s)://HOST/DIR`.
    pub mirrors: Vec<String>,
    /// The archive's own address is tried before the mirrors.
    pub prioritize_origin: bool,
    /// An archive without LIBX_ORIGIN_SHA256 (or another checksum) is an error instead of a warning.
    pub require_checksums: bool,
    /// Members of archives are compiled whether the image can need them or not.
    pub all_members: bool,
    /// The user's cache; `None` is `$XDG_CACHE_HOME/unox`, else `~/.cache/unox`.
    pub cache: Option<PathBuf>,
    /// Objects are taken from and put into the cache shared by all projects.
    pub use_object_cache: bool,
    /// Words that start [`crate::helper::main`]; empty is this program with `__uk-helper`.
    pub helper: Vec<OsString>,
    /// Variables set on make's command line: `("CC", "clang")`.
    pub variables: Vec<(String, String)>,
}

impl BuildOptions {
    /// The usual places: `app/build`, `app/.config`, the name of the application's directory.
    pub fn new(base: impl Into<PathBuf>, app: impl Into<PathBuf>) -> BuildOptions {
        let app = app.into();
        BuildOptions {
            base: base.into(),
            out: app.join("build"),
            config: app.join(".config"),
            name: default_name(&app),
            app,
            libs: Vec::new(),
            jobs: 0,
            verbose: 0,
            show: Show::Auto,
            keep_going: false,
            offline: false,
            mirrors: Vec::new(),
            prioritize_origin: false,
            require_checksums: false,
            all_members: false,
            cache: None,
            use_object_cache: true,
            helper: Vec::new(),
            variables: Vec::new(),
        }
    }
}

fn default_name(app: &Path) -> String {
    let full = std::path::absolute(app).unwrap_or_else(|_| app.to_path_buf());
    let name = full.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_else(|| "app".into());
    name.strip_prefix("app-").filter(|n| !n.is_empty()).unwrap_or(&name).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_the_directorys() {
        assert_eq!(BuildOptions::new("/b", "/x/app-fortune").name, "fortune");
        assert_eq!(BuildOptions::new("/b", "/x/iperf3").name, "iperf3");
        assert_eq!(BuildOptions::new("/b", "/x/iperf3").out, Path::new("/x/iperf3/build"));
    }
}
