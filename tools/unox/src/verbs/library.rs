//! `lib`: new libraries, and the libraries of a project.

use super::session::Session;
use crate::failure::{Failure, Result};
use clap::{Args, Subcommand};
use project::kraftfile::edit;
use project::libinit::{self, LibOptions};
use project::name::{Kind, Wanted, bare, same};
use project::pull::{PullOptions, Puller};
use project::{Catalog, Kraftfile};
use std::path::{Path, PathBuf};

/// `lib`.
#[derive(Debug, Subcommand)]
pub enum Lib {
    /// Makes a new library: a git repository with Makefile.uk, Config.uk and the rest of what a port needs.
    Init(Box<Init>),
    /// Adds libraries to the project's file.
    Add(Add),
    /// Removes libraries from the project's file.
    Remove(Remove),
    /// Sets the version of a library's original sources (in its Makefile.uk).
    Bump(Bump),
}

/// `lib init`.
#[derive(Debug, Args)]
pub struct Init {
    /// Name; `lib` is put before it where it does not begin so
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// Who makes it [default: from git's configuration]
    #[arg(short, long, value_name = "NAME")]
    author_name: Option<String>,
    /// Where to write to [default: from git's configuration]
    #[arg(short = 'e', long, value_name = "EMAIL")]
    author_email: Option<String>,
    /// Version of the original sources
    #[arg(short, long, value_name = "VERSION")]
    version: Option<String>,
    /// Address of the original sources; $VERSION in it stands for the version. A repository on GitHub is enough
    #[arg(short = 's', long, value_name = "URL")]
    origin: Option<String>,
    /// Chooses main.c from the start
    #[arg(short = 'm', long)]
    with_main: bool,
    /// The directory [default: NAME]
    #[arg(short, long, value_name = "PATH")]
    workdir: Option<PathBuf>,
    /// Also in a directory that has files; they stay
    #[arg(short = 'F', long)]
    force: bool,
    /// Asks nothing
    #[arg(short = 'q', long)]
    no_prompt: bool,
    /// Makefile.uk, Config.uk and main.c only
    #[arg(short = 'S', long)]
    soft_pack: bool,
    /// First branch of the repository
    #[arg(short = 'b', long, value_name = "BRANCH", default_value = "staging")]
    initial_branch: String,
}

/// `lib add`.
#[derive(Debug, Args)]
pub struct Add {
    /// NAME[@VERSION]
    #[arg(required = true, value_name = "LIB")]
    libs: Vec<String>,
    /// The project [default: here]
    #[arg(short, long, value_name = "PATH", default_value = ".")]
    workdir: PathBuf,
    /// Brings a library that is not here (usual)
    #[arg(long, overrides_with = "no_pull")]
    pull: bool,
    /// Only changes the file
    #[arg(long, overrides_with = "pull")]
    no_pull: bool,
}

/// `lib remove`.
#[derive(Debug, Args)]
pub struct Remove {
    /// Names
    #[arg(required = true, value_name = "LIB")]
    libs: Vec<String>,
    /// The project [default: here]
    #[arg(short, long, value_name = "PATH", default_value = ".")]
    workdir: PathBuf,
    /// Removes the library's files from the workspace, too
    #[arg(short = 'P', long)]
    purge: bool,
}

/// `lib bump`.
#[derive(Debug, Args)]
pub struct Bump {
    /// The library, by name or directory [default: here]
    #[arg(value_name = "NAME|PATH", default_value = ".")]
    lib: String,
    /// The new version
    #[arg(short, long, value_name = "VERSION", conflicts_with = "force_version")]
    version: Option<String>,
    /// The same
    #[arg(short = 'F', long, value_name = "VERSION")]
    force_version: Option<String>,
    /// All libraries of the workspace (not there)
    #[arg(short = 'A', long, hide = true)]
    all: bool,
    /// The newest version (not there)
    #[arg(short, long, hide = true)]
    fast_forward: bool,
    /// Builds afterwards (not there)
    #[arg(short, long, hide = true)]
    build: bool,
}

pub fn run(session: &Session, lib: Lib) -> Result<u8> {
    match lib {
        Lib::Init(init) => make(session, *init),
        Lib::Add(add) => self::add(session, &add),
        Lib::Remove(remove) => self::remove(session, &remove),
        Lib::Bump(bump) => self::bump(session, &bump),
    }
}

fn make(session: &Session, init: Init) -> Result<u8> {
    let (workspace, rc) = session.place()?;
    let ask = |given: Option<String>, question: &str, usual: Option<String>| -> Option<String> {
        if given.is_some() || init.no_prompt {
            return given;
        }
        let hint = usual.as_deref().map(|u| format!(" [{u}]")).unwrap_or_default();
        session.ask(&format!("{question}{hint}: ")).filter(|a| !a.is_empty()).or(usual)
    };
    let (user, address) = libinit::author(&workspace.cwd);
    let Some(name) = ask(init.name, "Library's name", None) else {
        return Err(Failure::with_status(2, "which name? kraft lib init NAME"));
    };
    let options = LibOptions {
        dir: init.workdir,
        author_name: ask(init.author_name, "Author's name", user),
        author_email: ask(init.author_email, "Author's address", address),
        version: ask(init.version, "Version of the original sources", None),
        origin: ask(init.origin, "Address of the original sources", None),
        with_main: init.with_main,
        force: init.force,
        soft_pack: init.soft_pack,
        initial_branch: init.initial_branch,
        ..LibOptions::new(&name)
    };
    let dir = libinit::init(&workspace, &options, !rc.offline)?;
    session.say(&format!("Generated new library: {}", dir.display()));
    Ok(0)
}

fn add(session: &Session, add: &Add) -> Result<u8> {
    let (workspace, rc) = session.place()?;
    let path = file(&add.workdir)?;
    // What is wrong in the file is said before anything is changed.
    Kraftfile::open(&add.workdir)?;
    let catalog = Catalog::load(&workspace, &rc);
    let say = |line: &str| session.say(line);
    let puller = Puller { workspace: &workspace, rc: &rc, catalog: &catalog, say: &say };
    for typed in &add.libs {
        let wanted = Wanted::parse(typed)?;
        if wanted.kind.is_some_and(|k| k != Kind::Lib) {
            return Err(Failure::with_status(2, format!("{typed}: this is no library; a project has libraries only")));
        }
        let stand_in = project::resolve::stand_in(&wanted.name);
        if let Some(instead) = stand_in {
            session.say(&format!("{}: {}", wanted.name, instead.why));
        } else if !add.no_pull {
            let component = catalog.find(&wanted, Some(Kind::Lib))?;
            let here = workspace.installed(Some(&add.workdir), Kind::Lib, &component.name).is_some();
            if !here && !matches!(component.place, project::sources::Place::Dir(_)) {
                puller.pull(&Wanted { kind: Some(Kind::Lib), ..wanted.clone() }, Some(Kind::Lib), &PullOptions::default())?;
            }
        }
        let version = wanted.version.clone().or_else(|| {
            let component = catalog.find(&wanted, Some(Kind::Lib)).ok()?;
            Some(component.versions.iter().find(|v| v.channel).map_or_else(|| component.default_version().to_owned(), |v| v.name.clone()))
        });
        let changed = edit::add_library(&path, &wanted.name, Some(version.as_deref().unwrap_or("staging")))?;
        let what = if changed { "Added" } else { "There already" };
        session.say(&format!("{what}: {}@{} in {}", wanted.name, version.as_deref().unwrap_or("staging"), path.display()));
    }
    Ok(0)
}

/// The project's file; here, without `./` before it.
fn file(dir: &Path) -> Result<PathBuf> {
    let path = Kraftfile::find(dir)?;
    Ok(path.strip_prefix(".").map(Path::to_path_buf).unwrap_or(path))
}

fn remove(session: &Session, remove: &Remove) -> Result<u8> {
    let (workspace, _) = session.place()?;
    let path = file(&remove.workdir)?;
    for typed in &remove.libs {
        let wanted = Wanted::parse(typed)?;
        if !edit::remove_library(&path, &wanted.name)? {
            let file = Kraftfile::open(&remove.workdir)?;
            let names: Vec<&str> = file.libraries.iter().map(|l| l.name.as_str()).collect();
            let known = if names.is_empty() { "it has none".to_owned() } else { format!("it has {}", names.join(", ")) };
            return Err(Failure::with_status(1, format!("{}: no library `{typed}`; {known}", path.display())));
        }
        session.say(&format!("Removed: {} from {}", wanted.name, path.display()));
        if remove.purge
            && let Some(dir) = workspace.installed(Some(&remove.workdir), Kind::Lib, &wanted.name)
        {
            purge(session, &dir)?;
        }
    }
    Ok(0)
}

/// A link goes, what it names stays.
fn purge(session: &Session, dir: &Path) -> Result<()> {
    let link = dir.symlink_metadata().is_ok_and(|m| m.is_symlink());
    if !link && !session.confirm(&format!("Remove {} and all in it?", dir.display())) {
        return Err(Failure::with_status(1, format!("{}: kept; answer yes with -Y to remove it", dir.display())));
    }
    let done = if link { std::fs::remove_file(dir) } else { std::fs::remove_dir_all(dir) };
    done.map_err(|e| Failure::with_status(1, format!("{}: cannot remove: {e}", dir.display())))?;
    session.say(&format!("Removed: {}", dir.display()));
    Ok(())
}

fn bump(session: &Session, bump: &Bump) -> Result<u8> {
    for (given, flag, instead) in [
        (bump.all, "-A", "name one library and its version"),
        (bump.fast_forward, "-f", "nobody is asked for the newest version; name it with -v"),
        (bump.build, "-b", "run `kraft build` in the application's directory afterwards"),
    ] {
        if given {
            return Err(Failure::with_status(2, format!("lib bump {flag} is not there: {instead}")));
        }
    }
    let Some(version) = bump.version.as_ref().or(bump.force_version.as_ref()) else {
        return Err(Failure::with_status(2, "which version? kraft lib bump NAME -v VERSION"));
    };
    let (workspace, _) = session.place()?;
    let by_path = workspace.cwd.join(&bump.lib);
    let dir = if by_path.join("Makefile.uk").is_file() {
        std::fs::canonicalize(&by_path).unwrap_or(by_path)
    } else {
        let found = workspace.installed(None, Kind::Lib, &bump.lib);
        found
            .ok_or_else(|| Failure::with_status(1, format!("{}: neither a library's directory nor a library of the workspace", bump.lib)))?
    };
    let name = dir.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let old = libinit::bump(&dir, bare(&name), version)?;
    let same_version = same(&old, version);
    session.say(&if same_version { format!("{name} is at {old} already") } else { format!("{name}: {old} -> {version}") });
    Ok(0)
}
