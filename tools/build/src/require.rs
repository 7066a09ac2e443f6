//! The host's programs that building a port needs.

use std::path::PathBuf;

/// A program of the host.
#[derive(Debug, PartialEq, Eq)]
pub struct Requirement {
    /// Its name in PATH.
    pub program: &'static str,
    /// Debian's package with it.
    pub package: &'static str,
    /// What it is for.
    pub why: &'static str,
}

/// Needed by every build.
pub const ALWAYS: &[Requirement] = &[
    Requirement { program: "make", package: "make", why: "GNU make evaluates Makefile.uk" },
    Requirement { program: "gcc", package: "gcc", why: "compiles the ports" },
    Requirement { program: "objcopy", package: "binutils", why: "hides a library's private symbols" },
    Requirement { program: "strip", package: "binutils", why: "makes the image small" },
];

/// Needed by some libraries only; named when one asks for it.
pub const SOMETIMES: &[Requirement] = &[
    Requirement { program: "patch", package: "patch", why: "applies a port's patches" },
    Requirement { program: "git", package: "git", why: "clones a library's origin" },
    Requirement { program: "m4", package: "m4", why: "a source is written in m4" },
    Requirement { program: "awk", package: "gawk", why: "a source is made by awk" },
    Requirement { program: "dtc", package: "device-tree-compiler", why: "a source is a device tree" },
    Requirement { program: "g++", package: "g++", why: "a source is C++" },
    Requirement { program: "curl", package: "curl", why: "downloads archives" },
    Requirement { program: "xz", package: "xz-utils", why: "an archive is .tar.xz" },
    Requirement { program: "bzip2", package: "bzip2", why: "an archive is .tar.bz2" },
    Requirement { program: "zstd", package: "zstd", why: "an archive is .tar.zst" },
    Requirement { program: "cargo", package: "cargo", why: "the kernel is written in Rust (install with https://rustup.rs)" },
];

/// The first file of this name in PATH.
pub fn find(program: &str) -> Option<PathBuf> {
    use std::os::unix::fs::PermissionsExt;
    if program.contains('/') {
        return Some(PathBuf::from(program)).filter(|p| p.is_file());
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|dir| dir.join(program))
        .find(|p| std::fs::metadata(p).is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0))
}

/// What of `table` is not in PATH.
pub fn missing(table: &'static [Requirement]) -> Vec<&'static Requirement> {
    table.iter().filter(|r| find(r.program).is_none()).collect()
}

/// The requirement for a program that one library asks for.
pub fn sometimes(program: &str) -> Option<&'static Requirement> {
    SOMETIMES.iter().chain(ALWAYS).find(|r| r.program == program)
}
