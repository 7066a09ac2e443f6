//! /var/lib/dpkg/status: which packages are installed and what they depend on (deb-control(5)).

use std::collections::{BTreeSet, HashMap};

/// An installed package.
#[derive(Debug, Default)]
struct Package {
    /// Each clause is satisfied by any one of its alternatives.
    depends: Vec<Vec<String>>,
}

/// The installed packages.
#[derive(Debug, Default)]
pub struct Status {
    packages: HashMap<String, Package>,
    /// Virtual name to the packages that provide it, in the order of the file.
    provides: HashMap<String, Vec<String>>,
}

impl Status {
    /// Parses the file. Unknown and damaged stanzas are passed over.
    pub fn parse(bytes: &[u8]) -> Status {
        let text = String::from_utf8_lossy(bytes);
        let mut status = Status::default();
        for stanza in text.split("\n\n") {
            status.stanza(stanza);
        }
        status
    }

    fn stanza(&mut self, stanza: &str) {
        let (mut name, mut installed, mut arch) = ("", false, "");
        let mut package = Package::default();
        let mut provides = Vec::new();
        for line in stanza.lines() {
            let Some((field, value)) = line.split_once(':') else { continue };
            let value = value.trim();
            match field {
                "Package" => name = value,
                // "install ok installed": the third word is the state.
                "Status" => {
                    installed = matches!(value.split(' ').nth(2), Some(s) if s.starts_with("installed") || s.starts_with("triggers") || s == "half-configured" || s == "unpacked")
                }
                "Architecture" => arch = value,
                "Depends" | "Pre-Depends" => package.depends.extend(clauses(value)),
                "Provides" => provides = clauses(value).into_iter().flatten().collect(),
                _ => {}
            }
        }
        if name.is_empty() || !installed || !matches!(arch, "" | "all" | "amd64") {
            return;
        }
        for virt in provides {
            self.provides.entry(virt).or_default().push(name.to_owned());
        }
        self.packages.insert(name.to_owned(), package);
    }

    /// Is it installed?
    pub fn has(&self, package: &str) -> bool {
        self.packages.contains_key(package)
    }

    /// The roots and everything they depend on, sorted. `skip` cuts packages that are not roots.
    pub fn closure(&self, roots: &BTreeSet<String>, skip: impl Fn(&str) -> bool) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        let mut queue: Vec<&str> = roots.iter().map(String::as_str).collect();
        while let Some(name) = queue.pop() {
            let Some(package) = self.packages.get(name) else { continue };
            if !all.insert(name.to_owned()) {
                continue;
            }
            for clause in &package.depends {
                let found = clause.iter().find_map(|alternative| self.find(alternative));
                queue.extend(found.filter(|n| !skip(n)));
            }
        }
        all
    }

    /// The installed package behind a name, real or virtual.
    fn find<'s>(&'s self, name: &'s str) -> Option<&'s str> {
        if self.packages.contains_key(name) {
            return Some(name);
        }
        self.provides.get(name)?.first().map(String::as_str)
    }
}

/// `a (>= 1) | b:any, c [amd64]` to names. Versions do not matter: what is installed fits.
fn clauses(value: &str) -> Vec<Vec<String>> {
    let name = |alternative: &str| {
        let word = alternative.trim().split([' ', '(', '[', '<']).next().unwrap_or("");
        word.split(':').next().unwrap_or("").to_owned()
    };
    value.split(',').map(|clause| clause.split('|').map(name).filter(|n| !n.is_empty()).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Package: app\nStatus: install ok installed\nArchitecture: amd64\nPre-Depends: libc6 (>= 2.3)\nDepends: missing | virt (>= 1), tool, loop:any\nDescription: x\n Depends: nothing\n\nPackage: libc6\nStatus: install ok installed\nMulti-Arch: same\nArchitecture: amd64\n\nPackage: real\nStatus: install ok installed\nArchitecture: all\nProvides: virt (= 2), other\n\nPackage: loop\nStatus: hold ok installed\nDepends: app\n\nPackage: tool\nStatus: install ok installed\nDepends: deep\n\nPackage: deep\nStatus: install ok installed\n\nPackage: gone\nStatus: deinstall ok config-files\n\nPackage: libc6\nStatus: install ok installed\nArchitecture: i386\nDepends: deep\n";

    fn names(set: &BTreeSet<String>) -> Vec<&str> {
        set.iter().map(String::as_str).collect()
    }

    #[test]
    fn closure_follows_alternatives_and_provides() {
        let status = Status::parse(TEXT.as_bytes());
        let roots = BTreeSet::from(["app".to_owned()]);
        assert_eq!(names(&status.closure(&roots, |_| false)), ["app", "deep", "libc6", "loop", "real", "tool"]);
        assert_eq!(names(&status.closure(&roots, |n| n == "tool")), ["app", "libc6", "loop", "real"]);
        assert_eq!(names(&status.closure(&BTreeSet::from(["tool".to_owned()]), |n| n == "tool")), ["deep", "tool"]);
        assert!(status.closure(&BTreeSet::from(["gone".to_owned()]), |_| false).is_empty());
    }

    #[test]
    fn garbage() {
        Status::parse(b"\xff\xfe::\n\n\n:\nPackage\nStatus:\n");
    }
}
