//! Where things are: the directories of the environment (UK_WORKDIR, UK_ROOT, UK_LIBS, ...), a project's own `.unikraft`, and the core's source.

use crate::error::{Error, Result, io, make_dir};
use crate::name::{Kind, bare};
use std::path::{Path, PathBuf};

/// A user's workspace. Directories need not exist.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// $UK_WORKDIR, else ~/.unikraft.
    pub workdir: PathBuf,
    /// $UK_ROOT, else workdir/unikraft: the core.
    pub root: PathBuf,
    /// $UK_LIBS, else workdir/libs.
    pub libs: PathBuf,
    /// $UK_APPS, else workdir/apps.
    pub apps: PathBuf,
    /// $UK_ARCHS, else workdir/archs.
    pub archs: PathBuf,
    /// $UK_PLATS, else workdir/plats.
    pub plats: PathBuf,
    /// $UK_CACHEDIR, else ~/.kraftcache.
    pub cachedir: PathBuf,
    /// $KRAFTRC, else ~/.kraftrc.
    pub rc: PathBuf,
    /// Directory that relative names are meant from.
    pub cwd: PathBuf,
    /// UK_ROOT was given.
    root_given: bool,
    /// The tree this program was built from.
    built_from: Option<PathBuf>,
}

/// The core's source and how it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Core {
    /// Root of the tree.
    pub path: PathBuf,
    /// "UK_ROOT", "workspace", "project" or "built from".
    pub how: &'static str,
}

impl Workspace {
    /// From the process's environment and current directory.
    ///
    /// # Errors
    /// When there is neither HOME nor the variables that do without it.
    pub fn from_env() -> Result<Workspace> {
        let cwd = std::env::current_dir().map_err(io(".", "cannot tell the current directory"))?;
        Self::new(&cwd, &|name| std::env::var_os(name).map(PathBuf::from))
    }

    /// From any environment.
    ///
    /// # Errors
    /// As [`Workspace::from_env`].
    pub fn new(cwd: &Path, variable: &dyn Fn(&str) -> Option<PathBuf>) -> Result<Workspace> {
        let set = |name: &str| variable(name).filter(|v| !v.as_os_str().is_empty()).map(|v| cwd.join(expand(&v, variable)));
        let home = |name: &str, below: &str| match variable("HOME").filter(|h| h.is_absolute()) {
            Some(home) => Ok(home.join(below)),
            None => Err(Error::Usage(format!("there is no HOME; set {name}"))),
        };
        let or = |name: &str, below: &str| set(name).map_or_else(|| home(name, below), Ok);
        let workdir = or("UK_WORKDIR", ".unikraft")?;
        let part = |name: &str, below: &str| set(name).unwrap_or_else(|| workdir.join(below));
        let built_from = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).map(Path::to_path_buf);
        Ok(Workspace {
            root: part("UK_ROOT", "unikraft"),
            libs: part("UK_LIBS", "libs"),
            apps: part("UK_APPS", "apps"),
            archs: part("UK_ARCHS", "archs"),
            plats: part("UK_PLATS", "plats"),
            cachedir: or("UK_CACHEDIR", ".kraftcache")?,
            rc: or("KRAFTRC", ".kraftrc")?,
            cwd: cwd.to_path_buf(),
            root_given: set("UK_ROOT").is_some(),
            built_from,
            workdir,
        })
    }

    /// The directory of a type.
    pub fn dir(&self, kind: Kind) -> &Path {
        match kind {
            Kind::Core => &self.root,
            Kind::Arch => &self.archs,
            Kind::Plat => &self.plats,
            Kind::Lib => &self.libs,
            Kind::App => &self.apps,
        }
    }

    /// The directory of a type inside a project: `.unikraft/libs`.
    pub fn local_dir(project: &Path, kind: Kind) -> PathBuf {
        let below = match kind {
            Kind::Core => "unikraft",
            Kind::Arch => "archs",
            Kind::Plat => "plats",
            Kind::Lib => "libs",
            Kind::App => "apps",
        };
        project.join(".unikraft").join(below)
    }

    /// Makes apps, archs, libs and plats.
    ///
    /// # Errors
    /// When a directory cannot be made.
    pub fn make(&self) -> Result<()> {
        [&self.apps, &self.archs, &self.libs, &self.plats].into_iter().try_for_each(|d| make_dir(d))
    }

    /// Where a component is, if it is in the workspace or in a project's `.unikraft`.
    pub fn installed(&self, project: Option<&Path>, kind: Kind, name: &str) -> Option<PathBuf> {
        let local = project.map(|p| Self::local_dir(p, kind));
        if kind == Kind::Core {
            return local.into_iter().chain([self.root.clone()]).find(|p| is_core(p));
        }
        local.into_iter().chain([self.dir(kind).to_path_buf()]).find_map(|dir| in_dir(&dir, kind, name))
    }

    /// The core: the project's own, $UK_ROOT, the workspace's, the tree this program was built from.
    ///
    /// # Errors
    /// [`Error::NoCore`] with what to set.
    pub fn core(&self, project: Option<&Path>) -> Result<Core> {
        if let Some(path) = project.map(|p| Self::local_dir(p, Kind::Core)).filter(|p| is_core(p)) {
            return Ok(Core { path, how: "project" });
        }
        if is_core(&self.root) {
            let path = std::fs::canonicalize(&self.root).map_err(io(&self.root, "cannot follow"))?;
            return Ok(Core { path, how: if self.root_given { "UK_ROOT" } else { "workspace" } });
        }
        if self.root_given {
            let why = if self.root.is_dir() { "is not the source of unox (there is no image/Makefile.uk)" } else { "is no directory" };
            return Err(Error::NoCore(format!(
                "UK_ROOT={}: {why}\n  set UK_ROOT to the root of unox's source tree, or unset it",
                self.root.display()
            )));
        }
        match &self.built_from {
            Some(path) if is_core(path) => Ok(Core { path: path.clone(), how: "built from" }),
            _ => {
                let foreign = if self.root.join("Config.uk").is_file() || self.root.join("Makefile.uk").is_file() {
                    format!("{} is another Unikraft core, not unox\n  ", self.root.display())
                } else {
                    String::new()
                };
                Err(Error::NoCore(format!(
                    "the core's source is not here\n  {foreign}set UK_ROOT to the root of unox's source tree, or `kraft list add` its repository and `kraft list pull unikraft`"
                )))
            }
        }
    }

    /// The core that local sources give: not the workspace's own. What `kraft list pull unikraft` links.
    pub fn core_source(&self) -> Option<&Path> {
        self.built_from.as_deref().filter(|p| is_core(p))
    }

    /// For tests: as if this program had been built from elsewhere.
    pub fn set_built_from(&mut self, tree: Option<PathBuf>) {
        self.built_from = tree;
    }
}

/// Is this the root of the core's source?
pub fn is_core(path: &Path) -> bool {
    path.join("image/Makefile.uk").is_file() && path.join("image/Config.uk").is_file()
}

/// A component in a directory of components: `lwip`, `liblwip`, `lib-lwip`.
pub fn in_dir(dir: &Path, kind: Kind, name: &str) -> Option<PathBuf> {
    let word = kind.word();
    let name = if kind == Kind::Lib { bare(name) } else { name };
    let spellings = [name.to_owned(), format!("{word}-{name}"), format!("{word}{name}")];
    spellings.iter().map(|s| dir.join(s)).find(|p| crate::sources::local::kind_of(p).is_some_and(|k| k == kind))
}

/// `~/x` is in the user's home directory; a shell has usually done it.
pub fn expand(path: &Path, variable: &dyn Fn(&str) -> Option<PathBuf>) -> PathBuf {
    match (path.strip_prefix("~"), variable("HOME")) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path.to_path_buf(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_and_their_defaults() {
        let env = |name: &str| match name {
            "HOME" => Some(PathBuf::from("/h")),
            "UK_WORKDIR" => Some("w".into()),
            "UK_LIBS" => Some("~/l".into()),
            _ => None,
        };
        let w = Workspace::new(Path::new("/cwd"), &env).unwrap();
        assert_eq!((w.workdir.as_path(), w.libs.as_path()), (Path::new("/cwd/w"), Path::new("/h/l")));
        assert_eq!((w.apps.as_path(), w.root.as_path()), (Path::new("/cwd/w/apps"), Path::new("/cwd/w/unikraft")));
        assert_eq!((w.rc.as_path(), w.cachedir.as_path()), (Path::new("/h/.kraftrc"), Path::new("/h/.kraftcache")));
        assert!(Workspace::new(Path::new("/"), &|_| None).unwrap_err().to_string().contains("UK_WORKDIR"));
    }

    #[test]
    fn without_a_core_the_message_says_what_to_set() {
        let env = |name: &str| (name == "HOME").then(|| PathBuf::from("/no/home"));
        let mut w = Workspace::new(Path::new("/"), &env).unwrap();
        w.set_built_from(None);
        assert!(w.core(None).unwrap_err().to_string().contains("UK_ROOT"));
    }
}
