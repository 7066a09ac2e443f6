//! A new project: from an application that an origin offers, or an empty one.

use crate::catalog::Catalog;
use crate::error::{Error, Result, make_dir, write};
use crate::name::{Kind, Wanted};
use crate::pull::{PullOptions, Puller};
use crate::{Kraftfile, Rc, Workspace};
use std::path::{Path, PathBuf};

/// The Makefile by which `make`, `make menuconfig`, `make clean` and the like work in a project.
pub const MAKEFILE: &str = include_str!("templates/Makefile");

/// What the new project is to be.
#[derive(Clone, Debug, Default)]
pub struct InitOptions {
    /// Directory below the current one.
    pub name: Option<String>,
    /// The directory itself.
    pub dir: Option<PathBuf>,
    /// Application to begin with, with a version if one was typed.
    pub template: Option<String>,
    /// Platform of an empty project.
    pub platform: Option<String>,
    /// Architecture of an empty project.
    pub architecture: Option<String>,
    /// What the template needs is not pulled.
    pub no_deps: bool,
    /// What the template needs goes into `.unikraft` of the project.
    pub dump: bool,
    /// Also in a directory with files.
    pub force: bool,
}

/// Where a project of these options goes.
///
/// # Errors
/// [`Error::Usage`] for a name that is none.
pub fn directory(workspace: &Workspace, options: &InitOptions) -> Result<PathBuf> {
    match (&options.dir, &options.name) {
        (Some(dir), _) => Ok(workspace.cwd.join(dir)),
        (None, None) => Ok(workspace.cwd.clone()),
        (None, Some(name)) if name.contains('/') => Ok(workspace.cwd.join(name)),
        (None, Some(name)) if crate::name::valid(name) => Ok(workspace.cwd.join(name)),
        (None, Some(name)) => Err(Error::Usage(format!("`{name}` cannot name a project: letters, digits and -_.+ only"))),
    }
}

/// Makes the project and returns its directory. `say` gets a line for each thing done.
///
/// # Errors
/// A directory that has files, a template that nobody has, what cannot be written.
pub fn init(workspace: &Workspace, rc: &Rc, options: &InitOptions, say: &dyn Fn(&str)) -> Result<PathBuf> {
    let dir = directory(workspace, options)?;
    if dir.is_file() {
        return Err(Error::Usage(format!("{}: this is a file; a project is a directory", dir.display())));
    }
    if !options.force && dir.read_dir().is_ok_and(|mut d| d.next().is_some()) {
        return Err(Error::Usage(format!(
            "{}: the directory is not empty\n  choose another name, or keep its files and add a project's with --force",
            dir.display()
        )));
    }
    match &options.template {
        Some(template) => from_template(workspace, rc, options, template, &dir, say)?,
        None => empty(rc, options, &dir)?,
    }
    if !["Makefile", "makefile", "GNUmakefile"].iter().any(|m| dir.join(m).exists()) {
        write(&dir.join("Makefile"), MAKEFILE)?;
    }
    say(&format!("Initialized new project: {}", dir.display()));
    Ok(dir)
}

fn empty(rc: &Rc, options: &InitOptions, dir: &Path) -> Result<()> {
    let platform = options.platform.as_deref().unwrap_or(&rc.platform);
    let architecture = options.architecture.as_deref().unwrap_or(&rc.architecture);
    crate::resolve::target(platform, architecture).map_err(Error::Usage)?;
    make_dir(dir)?;
    if Kraftfile::find(dir).is_err() {
        let text =
            format!("specification: '0.5'\nunikraft: staging\ntargets:\n  - architecture: {architecture}\n    platform: {platform}\n");
        write(&dir.join("kraft.yaml"), &text)?;
    }
    let make = dir.join("Makefile.uk");
    if !make.exists() {
        write(&make, "")?;
    }
    Ok(())
}

fn from_template(workspace: &Workspace, rc: &Rc, options: &InitOptions, template: &str, dir: &Path, say: &dyn Fn(&str)) -> Result<()> {
    if options.platform.is_some() || options.architecture.is_some() {
        return Err(Error::Usage("a template brings its targets: -p and -m go with an empty project only".into()));
    }
    let catalog = Catalog::load(workspace, rc);
    let wanted = Wanted::parse(template)?;
    let wanted = Wanted { kind: wanted.kind.or(Some(Kind::App)), ..wanted };
    let component = catalog.find(&wanted, Some(Kind::App))?;
    let puller = Puller { workspace, rc, catalog: &catalog, say };
    let pull = PullOptions { into_project: options.dump.then(|| dir.to_path_buf()), ..PullOptions::default() };
    if dir.exists() && options.force && dir.read_dir().is_ok_and(|mut d| d.next().is_some()) {
        let crate::sources::Place::Dir(from) = &component.place else {
            return Err(Error::Usage(format!(
                "{}: --force fills a directory only from a template that is a directory of this host",
                dir.display()
            )));
        };
        crate::pull::copy(from, dir)?;
    } else {
        puller.place(component, wanted.version.as_deref(), dir, &pull)?;
    }
    if options.no_deps {
        return Ok(());
    }
    // What the core has among its own ports is used from there; the rest is pulled.
    let file = Kraftfile::open(dir)?;
    for library in &file.libraries {
        if crate::resolve::stand_in(&library.name).is_some() {
            continue;
        }
        let wanted = Wanted {
            kind: Some(Kind::Lib),
            name: crate::name::bare(&library.name).into(),
            version: library.component.version.clone(),
            typed: library.name.clone(),
        };
        let local = catalog.find(&wanted, Some(Kind::Lib)).is_ok_and(|c| matches!(c.place, crate::sources::Place::Dir(_)));
        if options.dump || (!local && workspace.installed(Some(dir), Kind::Lib, &wanted.name).is_none()) {
            match puller.pull(&wanted, Some(Kind::Lib), &pull) {
                Err(Error::NotFound(why)) => say(&why),
                other => drop(other?),
            }
        }
    }
    Ok(())
}
