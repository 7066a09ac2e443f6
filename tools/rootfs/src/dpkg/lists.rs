//! The file lists of the installed packages.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::host::Host;
use crate::paths;

/// Top-level directories that a merged /usr makes links: lists may name files by either path.
const MERGED: [&[u8]; 6] = [b"/bin/", b"/sbin/", b"/lib/", b"/lib32/", b"/lib64/", b"/libx32/"];

/// All lists, by package name.
pub struct Lists {
    lists: HashMap<String, Vec<u8>>,
}

impl Lists {
    /// Reads `NAME.list` and `NAME:ARCH.list`; of several architectures the 64-bit one.
    pub fn read(host: &Host, info: &[u8]) -> Lists {
        let mut lists = HashMap::new();
        for file in host.list(info).unwrap_or_default() {
            let Some(stem) = file.strip_suffix(b".list") else { continue };
            let stem = paths::text(stem);
            let (name, arch) = stem.split_once(':').unwrap_or((&stem, ""));
            if !matches!(arch, "" | "amd64") && lists.contains_key(name) {
                continue;
            }
            if let Ok(bytes) = std::fs::read(host.real(&paths::join(info, &file))) {
                lists.insert(name.to_owned(), bytes);
            }
        }
        Lists { lists }
    }

    /// One package's list.
    pub fn of(&self, package: &str) -> Option<&[u8]> {
        self.lists.get(package).map(Vec::as_slice)
    }

    /// Which packages own these files (canonical paths)? One pass over all lists.
    pub fn owners<'p>(&self, files: impl Iterator<Item = &'p [u8]>) -> HashMap<&'p [u8], &str> {
        let mut wanted: HashMap<Vec<u8>, &'p [u8]> = HashMap::new();
        for file in files {
            wanted.insert(file.to_vec(), file);
            if let Some(short) = file.strip_prefix(b"/usr")
                && MERGED.iter().any(|m| short.starts_with(m))
            {
                wanted.insert(short.to_vec(), file);
            }
        }
        let mut owners: HashMap<&[u8], &str> = HashMap::new();
        let longest = wanted.keys().map(Vec::len).max().unwrap_or(0);
        for (package, list) in &self.lists {
            let mut start = 0;
            for end in memchr::memchr_iter(b'\n', list) {
                let line = &list[start..end];
                start = end + 1;
                if line.len() <= longest
                    && let Some(&file) = wanted.get(line)
                {
                    // A file with two owners (diversions): the first by name, so that plans are reproducible.
                    let owner = owners.entry(file).or_insert(package);
                    *owner = (*owner).min(package);
                }
            }
        }
        owners
    }

    /// Which of these directories do packages outside `closure` list too?
    pub fn also_of_others<V>(&self, directories: &BTreeMap<Vec<u8>, V>, closure: &BTreeSet<String>) -> Vec<Vec<u8>> {
        let others = self.lists.iter().filter(|(package, _)| !closure.contains(*package));
        let lines = others.flat_map(|(_, list)| list.split(|&b| b == b'\n'));
        lines.filter(|line| directories.contains_key(*line)).map(<[u8]>::to_vec).collect()
    }
}
