//! What the user asked for, and finding the program in PATH.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::cache::Cache;
use crate::paths;
use crate::shim;
use crate::{Error, Result};

/// One `--add HOST[:GUEST]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddSpec {
    /// Path on the host; relative ones start at the request's `host_cwd`.
    pub host: PathBuf,
    /// Absolute path in the guest; the host's when not given.
    pub guest: Option<PathBuf>,
}

impl AddSpec {
    /// Reads `HOST` or `HOST:GUEST`. The last colon divides, and only if an absolute path follows it.
    pub fn parse(text: &OsStr) -> Result<AddSpec> {
        let all = paths::bytes(text);
        let bad = || Error::BadAdd(paths::text(all));
        if all.is_empty() {
            return Err(bad());
        }
        let Some(colon) = memchr::memmem::rfind(all, b":/") else {
            return Ok(AddSpec { host: paths::path(all).into(), guest: None });
        };
        if colon == 0 {
            return Err(bad());
        }
        let guest = paths::path(&all[colon + 1..]);
        if guest.components().any(|c| matches!(c, std::path::Component::ParentDir)) {
            return Err(bad());
        }
        Ok(AddSpec { host: paths::path(&all[..colon]).into(), guest: Some(guest.into()) })
    }
}

/// Caps on what is taken recursively without being asked for by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Files below a directory that an argument names.
    pub argument_files: usize,
    /// Their bytes.
    pub argument_bytes: u64,
    /// Files of an installation outside the package manager (`/opt/jdk`, `~/.pyenv/versions/3.12`).
    pub prefix_files: usize,
    /// Their bytes.
    pub prefix_bytes: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { argument_files: 50_000, argument_bytes: 256 << 20, prefix_files: 100_000, prefix_bytes: 1 << 30 }
    }
}

/// What to plan for.
#[derive(Clone, Debug)]
pub struct Request {
    /// The program as typed: a path, or a name to look up in PATH.
    pub program: OsString,
    /// Its arguments, without argv\[0\].
    pub args: Vec<OsString>,
    /// Environment of the program; PATH, LD_LIBRARY_PATH, LD_PRELOAD, HOME, TERM and TZ matter here.
    pub env: Vec<(OsString, OsString)>,
    /// Directory that relative paths start from on the host.
    pub host_cwd: PathBuf,
    /// Working directory in the guest; made if need be.
    pub cwd: PathBuf,
    /// `--add`.
    pub add: Vec<AddSpec>,
    /// `--rootfs`: exactly this directory and nothing else; `program` is then a path in it.
    pub rootfs: Option<PathBuf>,
    /// Take the files of the packages that the program belongs to and depends on.
    pub packages: bool,
    /// Goes into /etc/hostname and /etc/hosts.
    pub hostname: String,
    /// Caps.
    pub limits: Limits,
    /// Where finished plans are kept; nothing plans anew each time.
    pub cache: Option<Cache>,
    /// The host's file system starts here (`/`; tests use a directory).
    pub host_root: PathBuf,
}

impl Request {
    /// A request as `unox run PROGRAM ARGS...` has it, with this process's environment and directory and the default cache.
    pub fn new<A: Into<OsString>>(program: impl Into<OsString>, args: impl IntoIterator<Item = A>) -> Request {
        let cwd = std::env::current_dir().unwrap_or_else(|_| "/".into());
        Request {
            program: program.into(),
            args: args.into_iter().map(Into::into).collect(),
            env: std::env::vars_os().collect(),
            host_cwd: cwd.clone(),
            cwd,
            add: Vec::new(),
            rootfs: None,
            packages: true,
            hostname: "unox".into(),
            limits: Limits::default(),
            cache: Cache::open_default().ok(),
            host_root: "/".into(),
        }
    }

    /// A variable of the environment; the last one counts.
    pub fn var(&self, name: &str) -> Option<&OsStr> {
        self.env.iter().rev().find(|(k, _)| k == name).map(|(_, v)| v.as_os_str())
    }
}

/// Finds the program on the host as execvp(3) would: a name with a slash is a path from `cwd`, another is looked up in `path`. Returns
/// the absolute path, symbolic links kept.
pub fn find_program(program: &OsStr, path: Option<&OsStr>, cwd: &Path, host_root: &Path) -> Result<PathBuf> {
    let host = |p: &Path| host_root.join(p.strip_prefix("/").unwrap_or(p));
    let name = paths::bytes(program);
    let missing = |hint: String| Error::NotFound { program: paths::text(name), hint };
    if name.contains(&b'/') {
        let full = paths::path(&paths::tidy(paths::bytes(&cwd.join(program)))).to_path_buf();
        // Under another root an absolute link cannot be followed here; the plan does that.
        return match std::fs::symlink_metadata(host(&full)) {
            Ok(m) if m.is_dir() => Err(Error::NotExecutable { path: full, why: "it is a directory".into() }),
            Ok(_) => match shim::resolve(&full, cwd, host_root) {
                shim::Shim::Program(real) => Ok(real),
                _ => Ok(full),
            },
            Err(_) => Err(missing(" (no such file)".into())),
        };
    }
    let path = path.unwrap_or(OsStr::new("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"));
    let mut denied = None;
    for dir in std::env::split_paths(path) {
        let full = cwd.join(dir).join(program);
        let Ok(meta) = std::fs::symlink_metadata(host(&full)) else { continue };
        let meta = if meta.is_symlink() { std::fs::metadata(host(&full)).unwrap_or(meta) } else { meta };
        let full = paths::path(&paths::tidy(paths::bytes(&full))).to_path_buf();
        match shim::resolve(&full, cwd, host_root) {
            shim::Shim::No => {}
            shim::Shim::Program(real) => return Ok(real),
            // "system": what follows in PATH.
            shim::Shim::PassOver => continue,
        }
        if meta.is_symlink() || meta.is_file() && std::os::unix::fs::PermissionsExt::mode(&meta.permissions()) & 0o111 != 0 {
            return Ok(full);
        }
        denied.get_or_insert(full);
    }
    match denied {
        Some(path) => Err(Error::NotExecutable { path, why: "it is not an executable file (chmod +x?)".into() }),
        None if name.is_empty() => Err(missing(" (the name is empty)".into())),
        None => Err(missing(format!(" in PATH; searched {}", paths::text(paths::bytes(path))))),
    }
}
