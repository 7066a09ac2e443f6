//! The files of Debian packages: the one that owns the program and those it depends on, from dpkg's database.

mod lists;
mod made;
mod rules;
mod status;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use crate::collect::{Budget, Collector};
use crate::host::Stat;
use crate::paths;
use crate::plan::{Reason, What};
use crate::request::Request;
use lists::Lists;
use status::Status;

const STATUS: &[u8] = b"/var/lib/dpkg/status";
const INFO: &[u8] = b"/var/lib/dpkg/info";

/// Takes the packages of `programs` and of `libraries` (canonical paths). Returns the programs that no package owns.
/// `names` are other paths the programs are called by (links that may belong to another package).
pub fn take(c: &mut Collector<'_>, request: &Request, programs: &[Vec<u8>], names: &[Vec<u8>], libraries: &[Vec<u8>]) -> Vec<Vec<u8>> {
    c.guard(STATUS);
    c.guard(INFO);
    let Ok(status) = c.host.read(STATUS) else { return programs.to_vec() };
    let status = Status::parse(&status);
    let lists = Lists::read(c.host, INFO);
    let owners = lists.owners(programs.iter().chain(names).chain(libraries).map(Vec::as_slice));
    let mut roots = BTreeSet::new();
    let mut orphans = Vec::new();
    for program in programs {
        match owners.get(program.as_slice()) {
            Some(&package) => {
                roots.insert(package.to_owned());
            }
            None => orphans.push(program.clone()),
        }
    }
    roots.extend(names.iter().filter_map(|n| owners.get(n.as_slice())).map(|&p| p.to_owned()));
    let companions: Vec<_> = roots.iter().flat_map(|p| rules::companions(p)).filter(|p| status.has(p)).collect();
    roots.extend(companions);
    for library in libraries {
        if let Some(&package) = owners.get(library.as_slice())
            && !rules::PLAIN_LIBRARIES.contains(&package)
        {
            roots.insert(package.to_owned());
        }
    }
    let closure = status.closure(&roots, |p| rules::TOOLING.contains(&p));
    for package in &closure {
        if let Some(list) = lists.of(package) {
            files(c, package, list);
        }
    }
    for package in &closure {
        extras(c, request, package);
    }
    made::take(c, &lists, &closure);
    alternatives(c);
    orphans
}

/// The files on a package's list, and the compiled Python beside them, which maintainer scripts make.
fn files(c: &mut Collector<'_>, package: &str, list: &[u8]) {
    let reason = Reason::Package(Arc::from(package));
    let mut python_dirs: BTreeMap<Vec<u8>, HashSet<Vec<u8>>> = BTreeMap::new();
    for path in list.split(|&b| b == b'\n').filter(|p| p.len() > 2 && rules::wanted(p)) {
        let taken = c.add(path, &reason);
        if let Some(stem) = path.strip_suffix(b".py") {
            python_dirs.entry(paths::parent(path).to_vec()).or_default().insert(paths::name(stem).to_vec());
        }
        readable(c, taken);
    }
    for (dir, stems) in python_dirs {
        let cache = paths::join(&dir, b"__pycache__");
        let Some((canonical, _)) = c.host.canonical(&cache) else { continue };
        for name in c.host.list(&canonical).unwrap_or_default() {
            // NAME.cpython-311.pyc, NAME.cpython-311.opt-1.pyc
            let stem = name.split(|&b| b == b'.').next().unwrap_or(&name);
            if stems.contains(stem) {
                c.add(&paths::join(&canonical, &name), &reason);
            }
        }
    }
}

/// Takes a file out again that the user may not read: nobody asked for it by name, so it is a note and no error.
fn readable(c: &mut Collector<'_>, taken: Option<(Vec<u8>, Stat)>) {
    let Some((path, stat)) = taken else { return };
    if stat.what == Some(What::File)
        && stat.meta.perm & 0o004 == 0
        && let Err(e) = c.host.open(&path)
    {
        c.entries.remove(&path);
        c.notes.push(format!("{}: left out: {e}", paths::text(&path)));
    }
}

/// What a package needs that is on no list: its configuration directory, files that triggers and maintainer scripts make.
fn extras(c: &mut Collector<'_>, request: &Request, package: &str) {
    let reason = Reason::Package(Arc::from(package));
    for path in rules::made_for(package) {
        let mut budget = Budget { files: 2000, bytes: 64 << 20, follow: true };
        c.add_tree(path.as_bytes(), &reason, &mut budget, &|_| false);
    }
    // /etc/php, /etc/java-17-openjdk: own directories right below /etc, with what was generated there.
    let own: Vec<Vec<u8>> = c
        .entries
        .values()
        .filter(|e| e.what == What::Dir && e.reason == reason && rules::own_etc_dir(&e.guest))
        .map(|e| e.guest.clone())
        .collect();
    for dir in own {
        let mut budget = Budget { files: 2000, bytes: 16 << 20, follow: true };
        let host = c.host;
        // Private files (keys) stay out unless they are named.
        let private = |p: &[u8]| host.lstat(p).is_some_and(|s| matches!(s.what, Some(What::File | What::Dir)) && s.meta.perm & 0o004 == 0);
        c.add_tree(&dir, &reason, &mut budget, &private);
    }
    if package.starts_with("python3.") && package.ends_with("-minimal") {
        python_sites(c, request, package.trim_end_matches("-minimal"));
    }
}

/// Where pip installs for a distribution's Python: for all users, and for this one.
fn python_sites(c: &mut Collector<'_>, request: &Request, python: &str) {
    let mut sites = vec![format!("/usr/local/lib/{python}/dist-packages").into_bytes()];
    if let Some(home) = request.var("HOME") {
        sites.push(paths::join(paths::bytes(home), format!(".local/lib/{python}/site-packages").as_bytes()));
    }
    for site in sites {
        c.guard(&site);
        let reason = Reason::Prefix(Arc::from(paths::text(&site)));
        let mut budget = Budget { files: request.limits.prefix_files, bytes: request.limits.prefix_bytes, follow: false };
        if !c.add_tree(&site, &reason, &mut budget, &|_| false) {
            c.notes.push(format!("{}: too large, taken in part; --add what is missing", paths::text(&site)));
        }
    }
}

/// Generic names (awk, java, libblas.so.3) of what is in the plan: /etc/alternatives/NAME and the link that leads to it.
fn alternatives(c: &mut Collector<'_>) {
    const DB: &[u8] = b"/var/lib/dpkg/alternatives";
    c.guard(DB);
    let Some((dir, _)) = c.host.canonical(DB) else { return };
    for name in c.host.list(&dir).unwrap_or_default() {
        let Ok(text) = c.host.read(&paths::join(&dir, &name)) else { continue };
        let master = text.split(|&b| b == b'\n').nth(1).unwrap_or_default().to_vec();
        let link = paths::join(b"/etc/alternatives", &name);
        let there = c.host.canonical(&link).is_some_and(|(target, _)| c.entries.contains_key(&target));
        if there && master.first() == Some(&b'/') && rules::wanted(&master) {
            let reason = Reason::Package(Arc::from("alternatives"));
            c.add(&link, &reason);
            c.add(&master, &reason);
        }
    }
}
