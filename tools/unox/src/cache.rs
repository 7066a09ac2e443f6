//! Where derived things are kept: `$UNOX_CACHE`, else `$XDG_CACHE_HOME/unox`, else `~/.cache/unox`, else a directory of the user's own under the
//! temporary one.

use std::path::PathBuf;

/// The cache directory; it may not exist yet.
pub fn dir() -> PathBuf {
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    variable("UNOX_CACHE")
        .or_else(|| variable("XDG_CACHE_HOME").map(|p| p.join("unox")))
        .or_else(|| variable("HOME").filter(|p| p.parent().is_some()).map(|p| p.join(".cache/unox")))
        .unwrap_or_else(|| std::env::temp_dir().join(format!("unox-{}", nix::unistd::getuid())))
}
