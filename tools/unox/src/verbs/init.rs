//! `init`: a new project.

use super::session::Session;
use crate::failure::{Failure, Result};
use clap::Args;
use project::init::{InitOptions, directory};
use std::path::PathBuf;

/// `init`.
#[derive(Clone, Debug, Default, Args)]
pub struct Init {
    /// Directory of the project, below the current one [default: the current one]
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// Begins with this application (kraft list --apps shows them)
    #[arg(short, long, value_name = "NAME[@VERSION]")]
    pub template: Option<String>,
    /// Platform of an empty project
    #[arg(short, long, value_name = "PLAT", conflicts_with = "template")]
    pub plat: Option<String>,
    /// Architecture of an empty project
    #[arg(short = 'm', long, value_name = "ARCH", conflicts_with = "template")]
    pub arch: Option<String>,
    /// Directory of the project
    #[arg(short, long, value_name = "PATH")]
    pub workdir: Option<PathBuf>,
    /// Makes a Makefile (it is made anyway)
    #[arg(short = 'M', long)]
    pub with_makefile: bool,
    /// Does not pull what the application needs
    #[arg(short = 'D', long)]
    pub no_deps: bool,
    /// Puts what the application needs into the project's own .unikraft
    #[arg(short, long)]
    pub dump: bool,
    /// Also in a directory that has files; they stay
    #[arg(short = 'F', long)]
    pub force: bool,
}

pub fn run(session: &Session, init: Init) -> Result<u8> {
    make(session, init).map(|_| 0)
}

/// Makes the project and returns its directory.
pub fn make(session: &Session, init: Init) -> Result<PathBuf> {
    let (workspace, rc) = session.place()?;
    let mut options = InitOptions {
        name: init.name,
        dir: init.workdir,
        template: init.template,
        platform: init.plat,
        architecture: init.arch,
        no_deps: init.no_deps,
        dump: init.dump,
        force: init.force,
    };
    let dir = directory(&workspace, &options)?;
    if !options.force && dir.is_dir() && dir.read_dir().is_ok_and(|mut d| d.next().is_some()) {
        if !session.confirm(&format!("{}: the directory is not empty. Make a project there? Its files stay.", dir.display())) {
            let what = "the directory is not empty\n  choose another name, or keep its files and add a project's with --force";
            return Err(Failure::with_status(2, format!("{}: {what}", dir.display())));
        }
        options.force = true;
    }
    Ok(project::init::init(&workspace, &rc, &options, &|line| session.say(line))?)
}
