//! From the names in a project's file to directories: libraries, what stands in for those that have no port, and the target.

use crate::catalog::Catalog;
use crate::error::{Error, Result};
use crate::kraftfile::{Kraftfile, Library, Target};
use crate::name::{Kind, Wanted, bare, full, nearest, same, symbol};
use crate::sources::{Origin, Place, local};
use crate::{Rc, Workspace, git};
use std::path::{Path, PathBuf};

/// A library with its directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// Its own name: `libfortune`.
    pub name: String,
    /// The option that selects it, without `CONFIG_`.
    pub symbol: String,
    /// Its files.
    pub dir: PathBuf,
    /// Options that the project's file sets for it.
    pub kconfig: Vec<(String, String)>,
}

/// A library that has no port of its own here, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StandIn {
    /// The name in project files.
    pub name: &'static str,
    /// The library that is used instead.
    pub port: Option<&'static str>,
    /// What is said.
    pub why: &'static str,
}

/// C libraries are always answered by ours: another one does not know this kernel's calls.
const STAND_INS: &[StandIn] = &[
    StandIn { name: "newlib", port: Some("musl"), why: "musl is the C library here; it takes newlib's place" },
    StandIn { name: "nolibc", port: Some("musl"), why: "musl is the C library here; it takes nolibc's place" },
    StandIn { name: "pthread-embedded", port: Some("musl"), why: "threads are part of musl here; pthread-embedded is left out" },
];

/// Libraries of Unikraft that the kernel makes unnecessary: passed over when nobody has a port of that name.
const PASSED_OVER: &[StandIn] = &[
    StandIn { name: "lwip", port: None, why: "there is no port of lwip, and ports have no network yet; it is left out" },
    StandIn { name: "tlsf", port: None, why: "the kernel has its own allocator; tlsf is left out" },
    StandIn { name: "tinyalloc", port: None, why: "the kernel has its own allocator; tinyalloc is left out" },
    StandIn { name: "mimalloc", port: None, why: "the kernel has its own allocator; mimalloc is left out" },
];

/// What always stands in for a library of this name.
pub fn stand_in(name: &str) -> Option<&'static StandIn> {
    STAND_INS.iter().find(|s| same(s.name, name))
}

/// The C library, when a project names none.
const LIBC: &str = "musl";

/// The platform and architecture by their own names, or why they cannot be.
///
/// # Errors
/// A sentence that names what there is.
pub fn target(platform: &str, architecture: &str) -> std::result::Result<(&'static str, &'static str), String> {
    match platform {
        "kvm" | "qemu" | "fc" | "firecracker" => {}
        _ => {
            let near = nearest(platform, ["kvm", "qemu", "fc"].into_iter()).map(|n| format!("; did you mean {n}?")).unwrap_or_default();
            return Err(format!(
                "platform `{platform}` is not there{near}\n  there is kvm (QEMU, Firecracker, cloud-hypervisor: one image boots on all)"
            ));
        }
    }
    if architecture != "x86_64" && architecture != "amd64" {
        let near = nearest(architecture, ["x86_64"].into_iter()).map(|n| format!("; did you mean {n}?")).unwrap_or_default();
        return Err(format!("architecture `{architecture}` is not there{near}\n  there is x86_64"));
    }
    Ok(("kvm", "x86_64"))
}

/// The target that is meant: by name, by platform and architecture, or the only one.
///
/// # Errors
/// [`Error::Usage`] when there is none, or several; the message names them.
pub fn choose<'f>(file: &'f Kraftfile, name: Option<&str>, platform: Option<&str>, architecture: Option<&str>) -> Result<&'f Target> {
    let normal = |t: &Target| {
        target(&t.platform, &t.architecture).map_or_else(|_| (t.platform.clone(), t.architecture.clone()), |(p, a)| (p.into(), a.into()))
    };
    let meant = |p: &str, a: &str| target(p, a).map_or_else(|_| (p.to_owned(), a.to_owned()), |(p, a)| (p.into(), a.into()));
    let fits = |t: &&Target| {
        let (p, a) = normal(t);
        let (wanted_p, wanted_a) = meant(platform.unwrap_or(&p), architecture.unwrap_or(&a));
        name.is_none_or(|n| t.label() == n || t.name.as_deref() == Some(n) || format!("{}/{}", t.platform, t.architecture) == n)
            && (wanted_p, wanted_a) == (p, a)
    };
    let found: Vec<&Target> = file.targets.iter().filter(fits).collect();
    let labels = || file.targets.iter().map(Target::label).collect::<Vec<_>>().join(", ");
    match found[..] {
        [one] => Ok(one),
        [] => Err(Error::Usage(format!("{}: no target fits; there are: {}", file.path.display(), labels()))),
        // The same image twice under two names of one platform.
        [first, ref rest @ ..] if rest.iter().all(|t| t.kconfig == first.kconfig && t.name == first.name && normal(t) == normal(first)) => {
            Ok(first)
        }
        _ => Err(Error::Usage(format!("{}: several targets: {}\n  choose one with -t NAME", file.path.display(), labels()))),
    }
}

/// What resolving needs.
#[derive(Clone, Copy, Debug)]
pub struct Resolver<'a> {
    /// The project's directory.
    pub project: &'a Path,
    /// Where things are.
    pub workspace: &'a Workspace,
    /// The configuration.
    pub rc: &'a Rc,
    /// The core's tree.
    pub core: &'a Path,
}

impl Resolver<'_> {
    /// All libraries of a project with their directories, the C library first; the second part are lines worth saying.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a library that is nowhere, with what to do.
    pub fn libraries(&self, file: &Kraftfile) -> Result<(Vec<Resolved>, Vec<String>)> {
        let mut all: Vec<Resolved> = Vec::new();
        let mut notes = Vec::new();
        for library in &file.libraries {
            let at = |why: &str| format!("{}:{}:{}: {}: {why}", file.path.display(), library.place.0, library.place.1, library.name);
            if let Some(instead) = stand_in(&library.name) {
                notes.push(format!("{}: {}", library.name, instead.why));
                if let Some(name) = instead.port {
                    self.libc(name, true, &mut all).map_err(|e| Error::NotFound(at(&e.to_string())))?;
                }
                continue;
            }
            match self.find(library) {
                Ok(dir) => {
                    self.version_note(library, &dir, &mut notes);
                    push(&mut all, resolved(&library.name, dir, library.component.kconfig.clone()));
                }
                Err(error) => match PASSED_OVER.iter().find(|s| same(s.name, &library.name)) {
                    Some(instead) => notes.push(format!("{}: {}", library.name, instead.why)),
                    None => return Err(Error::NotFound(at(&error.to_string()))),
                },
            }
        }
        self.libc(LIBC, false, &mut all)?;
        Ok((all, notes))
    }

    /// The C library stands first: its headers are what the others are compiled with.
    fn libc(&self, name: &str, named: bool, all: &mut Vec<Resolved>) -> Result<()> {
        if let Some(at) = all.iter().position(|l| l.name == full(name)) {
            let libc = all.remove(at);
            all.insert(0, libc);
            return Ok(());
        }
        let library = Library { name: name.to_owned(), component: crate::kraftfile::Component::default(), place: (0, 0) };
        match self.find(&library) {
            Ok(dir) => all.insert(0, resolved(name, dir, Vec::new())),
            // A core without ports of its own (tests have one) does without.
            Err(_) if !named && !self.core.join("ports").is_dir() => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// The directory of one library: its `source`, the project's `.unikraft/libs`, the workspace, directories among the origins, the core's ports.
    pub fn find(&self, library: &Library) -> Result<PathBuf> {
        if let Some(source) = library.component.source.as_deref()
            && let Some(found) = self.by_source(source)?
        {
            return Ok(found);
        }
        if let Some(dir) = self.workspace.installed(Some(self.project), Kind::Lib, &library.name) {
            return Ok(dir);
        }
        if let Some(dir) = self.offered(&library.name) {
            return Ok(dir);
        }
        let catalog = Catalog::load(self.workspace, self.rc);
        let wanted = Wanted { kind: Some(Kind::Lib), name: bare(&library.name).to_owned(), version: None, typed: library.name.clone() };
        let component = catalog.find(&wanted, Some(Kind::Lib))?;
        match &component.place {
            Place::Dir(dir) => Ok(dir.clone()),
            _ => Err(Error::NotFound(format!(
                "it is known ({}) but not here; bring it with\n  kraft list pull {}",
                component.origin,
                component.label()
            ))),
        }
    }

    /// Directories among the origins, then the core's ports: looked at without asking git, since every build comes by.
    fn offered(&self, name: &str) -> Option<PathBuf> {
        let of_origin = |text: &String| match Origin::parse(text, &self.workspace.cwd) {
            Ok(Origin::Dir(path)) if local::kind_of(&path) == Some(Kind::Lib) => {
                path.file_name().and_then(|n| n.to_str()).is_some_and(|n| same(n, name)).then_some(path)
            }
            Ok(Origin::Dir(path)) => crate::workspace::in_dir(&path, Kind::Lib, name),
            _ => None,
        };
        let port = || crate::workspace::in_dir(&self.core.join("ports"), Kind::Lib, name);
        self.rc.origins.iter().find_map(of_origin).or_else(port)
    }

    /// A path is meant from the project; an address only says where `list pull` would find it.
    fn by_source(&self, source: &str) -> Result<Option<PathBuf>> {
        let path = source.strip_prefix("file://").unwrap_or(source);
        if path.contains("://") || path.starts_with("git@") || sources_only(path) {
            return Ok(None);
        }
        let expanded = crate::workspace::expand(Path::new(path), &|n| std::env::var_os(n).map(PathBuf::from));
        let dir = self.project.join(expanded);
        match local::kind_of(&dir) {
            Some(Kind::Lib | Kind::App) => Ok(Some(std::fs::canonicalize(&dir).unwrap_or(dir))),
            _ if dir.is_dir() => Err(Error::NotFound(format!("its source {} has no Makefile.uk", dir.display()))),
            _ => Err(Error::NotFound(format!("its source {} is no directory", dir.display()))),
        }
    }

    /// A clone on another branch than the file asks for is used as it is; that is worth a line.
    fn version_note(&self, library: &Library, dir: &Path, notes: &mut Vec<String>) {
        let Some(version) = library.component.version.as_deref() else { return };
        let Some(head) = git::head(dir) else { return };
        let plain = |v: &str| v.trim_start_matches('v').trim_start_matches("RELEASE-").to_owned();
        let makefile = local::makefile_version(dir, &library.name);
        if plain(&head) != plain(version) && makefile.as_deref() != Some(version) {
            notes.push(format!("{}: the project asks for {version}; {} is at {head} and is used as it is", library.name, dir.display()));
        }
    }
}

/// `github.com/...` without a scheme.
fn sources_only(path: &str) -> bool {
    crate::sources::github(path).is_some()
}

fn resolved(name: &str, dir: PathBuf, kconfig: Vec<(String, String)>) -> Resolved {
    Resolved { name: full(name), symbol: symbol(name), dir, kconfig }
}

fn push(all: &mut Vec<Resolved>, new: Resolved) {
    match all.iter_mut().find(|l| l.name == new.name) {
        Some(old) => old.kconfig.extend(new.kconfig),
        None => all.push(new),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets() {
        assert_eq!(target("qemu", "amd64"), Ok(("kvm", "x86_64")));
        assert!(target("kvm", "x86_84").unwrap_err().contains("did you mean x86_64"));
        assert!(target("xen", "x86_64").unwrap_err().contains("there is kvm"));
    }

    #[test]
    fn a_target_is_chosen() {
        let text = "specification: '0.5'\nunikraft: s\ntargets:\n- {name: a, architecture: x86_64, platform: kvm}\n- {name: b, architecture: arm64, platform: kvm}\n";
        let file = Kraftfile::parse(Path::new("k"), text, &|_| None).unwrap();
        assert_eq!(choose(&file, Some("b"), None, None).unwrap().architecture, "arm64");
        assert_eq!(choose(&file, None, Some("qemu"), Some("x86_64")).unwrap().label(), "a");
        assert!(choose(&file, None, None, None).unwrap_err().to_string().contains("several targets: a, b"));
        assert!(choose(&file, Some("c"), None, None).unwrap_err().to_string().contains("no target fits"));
    }
}
