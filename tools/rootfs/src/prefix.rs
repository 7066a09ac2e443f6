//! Programs outside the package manager: what lies with them under their own prefix (`~/.pyenv/versions/3.12`, `/opt/jdk`, a venv).

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::collect::{Budget, Collector};
use crate::paths;
use crate::plan::{Entry, Reason, What};
use crate::request::Request;

/// Prefixes that many programs share: only what carries the program's name is taken.
const SHARED: [&[u8]; 4] = [b"/", b"/usr", b"/usr/local", b"/opt"];
/// What of a program's own prefix it may read at run time.
const OWN: [&[u8]; 8] = [b"lib", b"lib64", b"libexec", b"conf", b"etc", b"jre", b"release", b"pyvenv.cfg"];
/// Never read by a program that runs, and often large.
const SKIP_NAMES: [&[u8]; 5] = [b"pkgconfig", b"cmake", b".git", b"doc", b"man"];

/// Takes what belongs to a program that no package owns. `hops` are all paths the program is known by: its own and those its
/// symbolic links lead through (a venv's python is a link to the real one, and both prefixes matter). Returns the shared objects found.
pub fn take(c: &mut Collector<'_>, request: &Request, hops: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut seen = BTreeSet::new();
    let mut objects = Vec::new();
    let closed = hops.iter().any(|hop| closed_venv(c, hop));
    for hop in hops {
        let dir = paths::parent(hop);
        if !matches!(paths::name(dir), b"bin" | b"sbin") {
            continue;
        }
        let prefix = paths::parent(dir).to_vec();
        if !seen.insert((prefix.clone(), paths::name(hop).to_vec())) {
            continue;
        }
        c.guard(&paths::join(&prefix, b"lib"));
        let reason = Reason::Prefix(Arc::from(paths::text(&prefix)));
        let mut budget = Budget { files: request.limits.prefix_files, bytes: request.limits.prefix_bytes, follow: true };
        let parts = if SHARED.contains(&prefix.as_slice()) {
            named(c, &prefix, paths::name(hop))
        } else {
            OWN.map(|n| paths::join(&prefix, n)).into()
        };
        let mut complete = true;
        for part in parts {
            let venv = c.host.lstat(&paths::join(&prefix, b"pyvenv.cfg")).is_some();
            let skip = |path: &[u8]| skip(path) || closed && !venv && paths::name(path) == b"site-packages";
            complete &= c.add_tree(&part, &reason, &mut budget, &skip);
        }
        if !complete {
            c.notes.push(format!(
                "{}: more than {} files or {} MiB; taken in part, --add what is missing",
                paths::text(&prefix),
                request.limits.prefix_files,
                request.limits.prefix_bytes >> 20
            ));
        }
        let object =
            |e: &&Entry| e.what == What::File && e.reason == reason && memchr::memmem::find(paths::name(&e.guest), b".so").is_some();
        objects.extend(c.entries.values().filter(object).map(|e| e.guest.clone()));
    }
    objects
}

/// Is this a Python of a virtual environment that does not see the packages of the Python it was made from?
fn closed_venv(c: &Collector<'_>, hop: &[u8]) -> bool {
    let config = c.host.read(&paths::join(paths::parent(paths::parent(hop)), b"pyvenv.cfg")).unwrap_or_default();
    let text = String::from_utf8_lossy(&config);
    text.lines().filter_map(|l| l.split_once('=')).any(|(k, v)| k.trim() == "include-system-site-packages" && v.trim() == "false")
}

/// In a shared prefix: lib, share and libexec entries whose names start with the program's (python3.11, node_modules, ruby).
fn named(c: &mut Collector<'_>, prefix: &[u8], program: &[u8]) -> Vec<Vec<u8>> {
    let stem: Vec<u8> = program.iter().copied().take_while(u8::is_ascii_alphabetic).collect();
    let mut parts = Vec::new();
    if stem.len() < 3 || prefix == b"/" {
        return parts;
    }
    for sub in [&b"lib"[..], b"share", b"libexec"] {
        let Some((dir, stat)) = c.host.canonical(&paths::join(prefix, sub)) else { continue };
        if stat.what != Some(What::Dir) {
            continue;
        }
        c.guard(&dir);
        for name in c.host.list(&dir).unwrap_or_default() {
            let full = paths::join(&dir, &name);
            if name.starts_with(&stem) && c.host.canonical(&full).is_some_and(|(_, s)| s.what == Some(What::Dir)) {
                parts.push(full);
            }
        }
    }
    parts
}

/// Static libraries, headers, documentation, and the test suites that Python brings.
fn skip(path: &[u8]) -> bool {
    let name = paths::name(path);
    let python_tests = name == b"test" && paths::name(paths::parent(path)).starts_with(b"python");
    SKIP_NAMES.contains(&name) || python_tests || name.ends_with(b".a") || name.ends_with(b".o")
}
