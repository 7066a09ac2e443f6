//! Bringing components into the workspace or a project: clones, unpacked archives, links to directories, copies of applications.

use crate::catalog::Catalog;
use crate::error::{Error, Result, io, make_dir};
use crate::name::{Kind, Wanted};
use crate::sources::{Component, Context, Place, Version, remote};
use crate::{Kraftfile, Rc, Workspace, git};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// How to pull.
#[derive(Clone, Debug, Default)]
pub struct PullOptions {
    /// A clone also of what is a directory here.
    pub git: bool,
    /// Not what an application needs.
    pub no_deps: bool,
    /// Checksums of archives are not compared.
    pub skip_verify: bool,
    /// Into this project's `.unikraft` instead of the workspace.
    pub into_project: Option<PathBuf>,
}

/// Pulls.
#[derive(Clone, Copy)]
pub struct Puller<'a> {
    /// Where to.
    pub workspace: &'a Workspace,
    /// Mirrors, offline.
    pub rc: &'a Rc,
    /// What there is.
    pub catalog: &'a Catalog,
    /// Gets a line for each thing done.
    pub say: &'a dyn Fn(&str),
}

impl std::fmt::Debug for Puller<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Puller").field("workspace", self.workspace).finish_non_exhaustive()
    }
}

impl Puller<'_> {
    /// Pulls a component and, for an application, what its file asks for. The result is where it is.
    ///
    /// # Errors
    /// When nobody has it, or it cannot be brought.
    pub fn pull(&self, wanted: &Wanted, kind: Option<Kind>, options: &PullOptions) -> Result<PathBuf> {
        let component = self.catalog.find(wanted, kind)?;
        if options.into_project.is_none() {
            self.workspace.make()?;
        }
        let base = match &options.into_project {
            Some(project) => Workspace::local_dir(project, component.kind),
            None => self.workspace.dir(component.kind).to_path_buf(),
        };
        let target = if component.kind == Kind::Core { base } else { base.join(&component.name) };
        // One that lies there under another spelling (lib-x) is that one.
        let target = match component.kind {
            Kind::Core => target,
            kind => self.workspace.installed(options.into_project.as_deref(), kind, &component.name).unwrap_or(target),
        };
        self.place(component, wanted.version.as_deref(), &target, options)?;
        if component.kind == Kind::App && !options.no_deps {
            self.dependencies(&target, options)?;
        }
        Ok(target)
    }

    /// Brings a component to a path.
    ///
    /// # Errors
    /// As [`Puller::pull`].
    pub fn place(&self, component: &Component, version: Option<&str>, target: &Path, options: &PullOptions) -> Result<()> {
        if target.exists() && target.read_dir().is_ok_and(|mut d| d.next().is_some()) {
            return self.already(component, version, target);
        }
        if let Some(parent) = target.parent() {
            make_dir(parent)?;
        }
        let _ = std::fs::remove_dir(target);
        let label = component.label();
        match &component.place {
            Place::Dir(from) if options.git && from.join(".git").exists() => {
                self.clone(&from.display().to_string(), version.or(git::head(from).as_deref()), target)?;
                (self.say)(&format!("Cloned {label}: {} from {}", target.display(), from.display()));
            }
            Place::Dir(from) if component.kind == Kind::App => {
                copy(from, target)?;
                (self.say)(&format!("Copied {label}: {} from {}", target.display(), from.display()));
            }
            Place::Dir(from) => {
                std::os::unix::fs::symlink(from, target).map_err(io(target, "cannot make the link"))?;
                (self.say)(&format!(
                    "Linked {label}: {} -> {} (a directory of this host, used as it is)",
                    target.display(),
                    from.display()
                ));
            }
            Place::Git(url) => {
                let version = version.map(str::to_owned).or_else(|| component.versions.first().map(|v| v.name.clone()));
                let version = version.map(|v| self.reference(component, &v)).transpose()?;
                self.clone(url, version.as_deref(), target)?;
                (self.say)(&format!("Cloned {label}@{}: {}", version.as_deref().unwrap_or("HEAD"), target.display()));
            }
            Place::Archive(_) => {
                let found = archive_version(component, version)?;
                self.unpack(component, found, target, options)?;
                (self.say)(&format!("Unpacked {label}@{}: {}", found.name, target.display()));
            }
        }
        Ok(())
    }

    /// What is there stays; a clone is moved to the version asked for.
    fn already(&self, component: &Component, version: Option<&str>, target: &Path) -> Result<()> {
        let label = component.label();
        let head = git::head(target);
        match (version, head) {
            (Some(version), Some(head)) if version != head && matches!(component.place, Place::Git(_)) => {
                let done = Command::new("git")
                    .args(["-C"])
                    .arg(target)
                    .args(["checkout", "--quiet", version, "--"])
                    .env("GIT_TERMINAL_PROMPT", "0")
                    .stdin(Stdio::null())
                    .output();
                match done {
                    Ok(o) if o.status.success() => (self.say)(&format!("{label} at {} is now {version} (was {head})", target.display())),
                    _ => (self.say)(&format!(
                        "{label} at {} is {head}, and {version} cannot be checked out there; it stays",
                        target.display()
                    )),
                }
            }
            _ => (self.say)(&format!("{label} is there already: {}", target.display())),
        }
        Ok(())
    }

    /// The branch or tag that a version means: itself, with `v`, with `RELEASE-`.
    fn reference(&self, component: &Component, version: &str) -> Result<String> {
        let spellings = [version.to_owned(), format!("v{version}"), format!("RELEASE-{version}")];
        let known = |s: &&String| component.versions.iter().any(|v| v.name == **s);
        if let Some(found) = spellings.iter().find(known) {
            return Ok(found.clone());
        }
        let names: Vec<&str> = component.versions.iter().take(12).map(|v| v.name.as_str()).collect();
        Err(Error::NotFound(format!("{}: there is no version `{version}`; there are: {}", component.label(), names.join(", "))))
    }

    fn clone(&self, url: &str, version: Option<&str>, target: &Path) -> Result<()> {
        let context = Context { workspace: self.workspace, rc: self.rc, now: 0 };
        let from = remote::in_mirrors(url, &context).unwrap_or_else(|| url.to_owned());
        if self.rc.offline && !remote::is_local(&from) {
            return Err(Error::NotFound(format!(
                "{url}: offline = true in {}, and no mirror has it\n  put a clone into a mirror directory (git clone --mirror), or set offline = false",
                self.rc.path().display()
            )));
        }
        let part = beside(target);
        let _ = std::fs::remove_dir_all(&part);
        git::clone(&from, version, &part).inspect_err(|_| {
            let _ = std::fs::remove_dir_all(&part);
        })?;
        std::fs::rename(&part, target).map_err(io(target, "cannot put the clone at"))
    }

    fn unpack(&self, component: &Component, version: &Version, target: &Path, options: &PullOptions) -> Result<()> {
        let Some(url) = version.resource.as_deref() else {
            return Err(Error::NotFound(format!(
                "{}@{}: the origin {} names no archive for it",
                component.label(),
                version.name,
                component.origin
            )));
        };
        let archive = self.archive(url)?;
        if let (Some(sum), false) = (&version.sha256, options.skip_verify) {
            let bytes = std::fs::read(&archive).map_err(io(&archive, "cannot read"))?;
            let found: String = Sha256::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect();
            if !found.eq_ignore_ascii_case(sum) {
                return Err(Error::Command(format!(
                    "{url}: the archive has not the checksum that {} promises\n  expected {sum}\n  found    {found}\n  (-k takes it all the same)",
                    component.origin
                )));
            }
        }
        let part = beside(target);
        let _ = std::fs::remove_dir_all(&part);
        make_dir(&part)?;
        if let Err(why) = ukbuild::helper::unpack(&archive, &part) {
            let _ = std::fs::remove_dir_all(&part);
            return Err(Error::Command(format!("{}: {why}", archive.display())));
        }
        // Archives hold one directory; that is the component.
        let inside: Vec<PathBuf> = part.read_dir().map_err(io(&part, "cannot read"))?.filter_map(|e| e.ok().map(|e| e.path())).collect();
        let from = match &inside[..] {
            [one] if one.is_dir() => one.clone(),
            _ => part.clone(),
        };
        std::fs::rename(&from, target).map_err(io(target, "cannot put the component at"))?;
        let _ = std::fs::remove_dir_all(&part);
        Ok(())
    }

    /// The archive as a file of this host: itself, a mirror's, or downloaded.
    fn archive(&self, url: &str) -> Result<PathBuf> {
        if remote::is_local(url) {
            return Ok(PathBuf::from(url.strip_prefix("file://").unwrap_or(url)));
        }
        let name = url.rsplit('/').next().unwrap_or(url);
        let local = self.rc.mirrors.iter().filter_map(|m| m.strip_prefix("file://")).map(|m| Path::new(m).join(name)).find(|p| p.is_file());
        if let Some(path) = local {
            return Ok(path);
        }
        if self.rc.offline {
            return Err(Error::NotFound(format!("{url}: offline = true in {}, and no mirror has {name}", self.rc.path().display())));
        }
        let dir = self.workspace.cachedir.join("archives");
        make_dir(&dir)?;
        let path = dir.join(name);
        let part = beside(&path);
        let output = Command::new("curl")
            .args(["--fail", "--silent", "--show-error", "--location", "--connect-timeout", "10", "-o"])
            .arg(&part)
            .args(["--", url])
            .stdin(Stdio::null())
            .output()
            .map_err(|e| Error::Command(format!("{url}: cannot run curl: {e}")))?;
        if !output.status.success() {
            let _ = std::fs::remove_file(&part);
            return Err(Error::Command(format!("{url}: {}", String::from_utf8_lossy(&output.stderr).trim())));
        }
        std::fs::rename(&part, &path).map_err(io(&path, "cannot write"))?;
        Ok(path)
    }

    /// What an application's file asks for and nobody has here yet.
    fn dependencies(&self, app: &Path, options: &PullOptions) -> Result<()> {
        let Ok(file) = Kraftfile::open(app) else { return Ok(()) };
        for library in &file.libraries {
            let stand_in = crate::resolve::stand_in(&library.name);
            let name = match stand_in {
                Some(s) => match s.port {
                    Some(l) => l,
                    None => continue,
                },
                None => library.name.as_str(),
            };
            let version = library.component.version.clone().filter(|_| stand_in.is_none());
            let wanted = Wanted { kind: Some(Kind::Lib), name: crate::name::bare(name).to_owned(), version, typed: name.to_owned() };
            match self.pull(&wanted, Some(Kind::Lib), options) {
                Err(Error::NotFound(why)) => (self.say)(&format!("{} asks for {}: {why}", file.path.display(), library.name)),
                other => drop(other?),
            }
        }
        Ok(())
    }
}

fn archive_version<'c>(component: &'c Component, version: Option<&str>) -> Result<&'c Version> {
    let found = match version {
        None => component.versions.first(),
        Some(v) => component.versions.iter().find(|k| k.name == v || k.name.trim_start_matches('v') == v),
    };
    found.ok_or_else(|| {
        let names: Vec<&str> = component.versions.iter().map(|v| v.name.as_str()).collect();
        Error::NotFound(format!("{}: there is no version `{}`; there are: {}", component.label(), version.unwrap_or("-"), names.join(", ")))
    })
}

fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    path.with_file_name(format!(".{name}.{}.part", std::process::id()))
}

/// Copies a tree without what a build leaves in it.
///
/// # Errors
/// When a file cannot be read or written.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    make_dir(to)?;
    for entry in from.read_dir().map_err(io(from, "cannot read the directory"))? {
        let entry = entry.map_err(io(from, "cannot read the directory"))?;
        let name = entry.file_name();
        let built = [".config", ".config.old", ".git", ".unikraft", "build"];
        if name.to_str().is_some_and(|n| built.contains(&n)) {
            continue;
        }
        let (source, target) = (entry.path(), to.join(&name));
        let kind = entry.file_type().map_err(io(&source, "cannot read"))?;
        if kind.is_symlink() {
            let link = std::fs::read_link(&source).map_err(io(&source, "cannot read the link"))?;
            std::os::unix::fs::symlink(link, &target).map_err(io(&target, "cannot make the link"))?;
        } else if kind.is_dir() {
            copy(&source, &target)?;
        } else if kind.is_file() {
            std::fs::copy(&source, &target).map_err(io(&target, "cannot write"))?;
        }
    }
    Ok(())
}
