//! What maintainer scripts and triggers made in directories of a package's own: caches of plug-ins (graphviz), indexes. No list has them, and the
//! program does not work without.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::lists::Lists;
use super::rules;
use crate::collect::Collector;
use crate::paths;
use crate::plan::{Reason, What};

/// Files and bytes that one package's directories may add: data that a program keeps there is not the package.
const FILES: usize = 200;
const BYTES: u64 = 32 << 20;

/// Takes what lies beside the files of `closure` in directories that no other package has, and is on nobody's list.
pub fn take(c: &mut Collector<'_>, lists: &Lists, closure: &BTreeSet<String>) {
    let directories = own(c, lists, closure);
    let mut found: Vec<(Vec<u8>, Arc<str>, u64)> = Vec::new();
    for (dir, package) in directories {
        for name in c.host.list(&dir).unwrap_or_default() {
            let path = paths::join(&dir, &name);
            if c.entries.contains_key(&path) || !rules::wanted(&path) {
                continue;
            }
            let Some(stat) = c.host.lstat(&path) else { continue };
            let readable = stat.meta.perm & 0o004 != 0;
            if matches!(stat.what, Some(What::File | What::Symlink(_))) && readable {
                found.push((path, package.clone(), stat.meta.size));
            }
        }
    }
    let owned: BTreeSet<Vec<u8>> = lists.owners(found.iter().map(|(path, ..)| path.as_slice())).keys().map(|path| path.to_vec()).collect();
    let mut spent: BTreeMap<Arc<str>, (usize, u64)> = BTreeMap::new();
    for (path, package, size) in found.into_iter().filter(|(path, ..)| !owned.contains(path)) {
        let (files, bytes) = spent.entry(package.clone()).or_default();
        if *files < FILES && *bytes + size <= BYTES {
            *files += 1;
            *bytes += size;
            c.add(&path, &Reason::Package(package));
        }
    }
}

/// The directories below /usr and /var/lib that only packages of the closure list, each with one that does.
fn own(c: &Collector<'_>, lists: &Lists, closure: &BTreeSet<String>) -> BTreeMap<Vec<u8>, Arc<str>> {
    let mut all: BTreeMap<Vec<u8>, Arc<str>> = BTreeMap::new();
    for package in closure {
        let name: Arc<str> = Arc::from(package.as_str());
        for path in lists.of(package).unwrap_or_default().split(|&b| b == b'\n') {
            let place = [&b"/usr/lib/"[..], b"/usr/libexec/", b"/usr/share/", b"/var/lib/"].iter().any(|top| path.starts_with(top));
            if place && c.entries.get(path).is_some_and(|e| e.what == What::Dir) {
                all.entry(path.to_vec()).or_insert_with(|| name.clone());
            }
        }
    }
    for path in lists.also_of_others(&all, closure) {
        all.remove(&path);
    }
    all
}
