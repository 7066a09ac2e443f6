//! Where components come from: directories, git repositories, index files, archives, and the names with a star that GitHub knows.

pub mod index;
pub mod local;
pub mod remote;

use crate::error::{Error, Result};
use crate::name::{Kind, split_kind};
use crate::rc::Rc;
use crate::workspace::{Workspace, expand, is_core};
use std::path::{Path, PathBuf};

/// Where one component's files are.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// A directory of this host.
    Dir(PathBuf),
    /// A git repository.
    Git(String),
    /// Archives only: each version has its own.
    Archive(String),
}

/// One version of a component.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Version {
    /// Branch, tag or number: `staging`, `0.5`.
    pub name: String,
    /// A channel (branch), not a release.
    #[serde(default)]
    pub channel: bool,
    /// When it was released, in seconds since 1970.
    #[serde(default)]
    pub released: Option<u64>,
    /// Archive of this version.
    #[serde(default)]
    pub resource: Option<String>,
    /// The archive's SHA-256.
    #[serde(default)]
    pub sha256: Option<String>,
}

/// A component somebody offers.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Component {
    /// What it is.
    pub kind: Kind,
    /// Its name without type.
    pub name: String,
    /// A line about it.
    #[serde(default)]
    pub description: String,
    /// Its files.
    pub place: Place,
    /// Known versions, the default first.
    pub versions: Vec<Version>,
    /// The origin it was found by.
    pub origin: String,
    /// When it was looked at last, in seconds since 1970.
    pub checked: u64,
}

impl Component {
    /// `lib/lwip`.
    pub fn label(&self) -> String {
        if self.kind == Kind::Core { self.name.clone() } else { format!("{}/{}", self.kind.word(), self.name) }
    }

    /// The version that is taken when none is named.
    pub fn default_version(&self) -> &str {
        self.versions.first().map_or("-", |v| &v.name)
    }
}

/// What looking at origins needs to know.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The workspace.
    pub workspace: &'a Workspace,
    /// The configuration.
    pub rc: &'a Rc,
    /// Now, in seconds since 1970.
    pub now: u64,
}

/// An origin by its form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A port, or a directory of ports. May end in a name with stars.
    Dir(PathBuf),
    /// A git repository.
    Git(String),
    /// `github.com/ORG/PATTERN`.
    GitHub {
        /// Organisation or user.
        org: String,
        /// Pattern of names.
        pattern: String,
    },
    /// A list of components in YAML or JSON.
    Index(String),
    /// An archive with one component.
    Archive(String),
}

impl Origin {
    /// Reads what a user typed; a local path becomes absolute.
    ///
    /// # Errors
    /// [`Error::Usage`] for what is none of the forms.
    pub fn parse(text: &str, cwd: &Path) -> Result<Origin> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Error::Usage("an origin is a directory, a repository's address, or an index file".into()));
        }
        if let Some((org, name)) = github(text) {
            return Ok(if name.contains(['*', '?']) {
                Origin::GitHub { org, pattern: name }
            } else if is_archive(text) {
                Origin::Archive(text.into())
            } else {
                Origin::Git(text.into())
            });
        }
        let remote = text.contains("://") || (text.contains('@') && text.contains(':') && !text.starts_with('/'));
        let file = text.split(['?', '#']).next().unwrap_or(text).to_ascii_lowercase();
        let index = [".yaml", ".yml", ".json"].iter().any(|e| file.ends_with(e));
        if remote && index {
            return Ok(Origin::Index(text.into()));
        }
        if remote && is_archive(&file) {
            return Ok(Origin::Archive(text.into()));
        }
        if remote && text.contains('*') {
            return Err(Error::Usage(format!("{text}: a name with a star can only be looked up on github.com and in directories")));
        }
        if remote {
            return Ok(Origin::Git(text.into()));
        }
        let path = cwd.join(expand(Path::new(text), &|n| std::env::var_os(n).map(PathBuf::from)));
        Ok(match path {
            p if p.is_dir() => Origin::Dir(std::fs::canonicalize(&p).unwrap_or(p)),
            p if index => Origin::Index(p.display().to_string()),
            p if is_archive(&file) => Origin::Archive(p.display().to_string()),
            p => Origin::Dir(p),
        })
    }

    /// As it is saved.
    pub fn text(&self) -> String {
        match self {
            Origin::Dir(p) => p.display().to_string(),
            Origin::Git(s) | Origin::Index(s) | Origin::Archive(s) => s.clone(),
            Origin::GitHub { org, pattern } => format!("https://github.com/{org}/{pattern}"),
        }
    }

    /// Looks what the origin offers; the second part are lines worth saying.
    ///
    /// # Errors
    /// When nobody can answer for it.
    pub fn probe(&self, context: &Context<'_>) -> Result<(Vec<Component>, Vec<String>)> {
        match self {
            Origin::Dir(path) => local::probe(path, context.now).map(|c| (c, Vec::new())),
            Origin::Git(url) => remote::git(url, context),
            Origin::GitHub { org, pattern } => remote::github(org, pattern, context),
            Origin::Index(place) => index::probe(place, context).map(|c| (c, Vec::new())),
            Origin::Archive(url) => Ok((vec![remote::archive(url, context.now)], Vec::new())),
        }
    }
}

/// Organisation and name of a GitHub address, in any form.
pub fn github(text: &str) -> Option<(String, String)> {
    let rest =
        ["https://", "http://", "git://", "ssh://git@", "git+https://", "git@"].iter().find_map(|p| text.strip_prefix(p)).unwrap_or(text);
    let rest = rest.strip_prefix("www.").unwrap_or(rest);
    let rest = rest.strip_prefix("github.com/").or_else(|| rest.strip_prefix("github.com:"))?;
    let (org, name) = rest.trim_end_matches('/').split_once('/')?;
    let name = name.strip_suffix(".git").unwrap_or(name);
    (!org.is_empty() && !name.is_empty()).then(|| (org.to_owned(), name.to_owned()))
}

/// An archive by its name.
pub fn is_archive(name: &str) -> bool {
    [".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tar.zst", ".tar", ".zip"].iter().any(|e| name.ends_with(e))
}

/// Type and name of a repository: `lib-lwip` is the library lwip; what says no type is a library.
pub fn named(repository: &str) -> (Kind, String) {
    match split_kind(repository) {
        (Some(kind), name) => (kind, name.to_owned()),
        (None, name) => (Kind::Lib, crate::name::bare(name).to_owned()),
    }
}

/// Matches `*` and `?`.
pub fn matches(pattern: &str, name: &str) -> bool {
    let (p, n): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut i, mut j, mut star) = (0, 0, None);
    while j < n.len() {
        if i < p.len() && (p[i] == '?' || p[i] == n[j]) && p[i] != '*' {
            (i, j) = (i + 1, j + 1);
        } else if i < p.len() && p[i] == '*' {
            star = Some((i, j));
            i += 1;
        } else if let Some((si, sj)) = star {
            star = Some((si, sj + 1));
            (i, j) = (si + 1, sj + 1);
        } else {
            return false;
        }
    }
    p[i..].iter().all(|&c| c == '*')
}

/// The ports that come with the core.
pub fn builtin(core: &Path, now: u64) -> Vec<Component> {
    let mut all = Vec::new();
    if is_core(core) {
        all.push(local::component(core, Kind::Core, now));
    }
    let ports = core.join("ports");
    if ports.is_dir() {
        all.extend(local::probe(&ports, now).unwrap_or_default());
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_by_their_form() {
        let origin = |t: &str| Origin::parse(t, Path::new("/cwd")).unwrap();
        assert_eq!(origin("https://github.com/unikraft/app-*"), Origin::GitHub { org: "unikraft".into(), pattern: "app-*".into() });
        assert_eq!(origin("github.com/org/lib-*"), Origin::GitHub { org: "org".into(), pattern: "lib-*".into() });
        assert!(matches!(origin("https://github.com/unikraft/unikraft.git"), Origin::Git(_)));
        assert!(matches!(origin("git@host:a/b.git"), Origin::Git(_)));
        assert!(matches!(origin("file:///x/y.git"), Origin::Git(_)));
        assert!(matches!(origin("https://h/index.yaml"), Origin::Index(_)));
        assert!(matches!(origin("https://h/lib-x.tar.gz"), Origin::Archive(_)));
        assert_eq!(origin("libs/x"), Origin::Dir("/cwd/libs/x".into()));
        assert_eq!(origin("i.json"), Origin::Index("/cwd/i.json".into()));
        assert!(Origin::parse(" ", Path::new("/")).is_err() && Origin::parse("https://gitlab.com/x/*", Path::new("/")).is_err());
    }

    #[test]
    fn stars() {
        assert!(matches("app-*", "app-x") && matches("*", "") && matches("a*b*c", "axxbyyc") && matches("l?b", "lib"));
        assert!(!matches("app-*", "lib-x") && !matches("a?", "a") && !matches("", "a"));
    }
}
