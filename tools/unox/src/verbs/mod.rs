//! The verbs of `kraft`: projects of ports, from a list of what there is to a running unikernel. Called as `kraft`, the program has these alone; as
//! `unox`, they stand beside `unox run PROGRAM` and its kin.

pub mod build;
pub mod clean;
pub mod configure;
mod hooks;
pub mod image;
pub mod init;
pub mod install;
pub mod library;
pub mod list;
mod session;
mod table;
pub mod up;
mod volumes;

use crate::failure::{Failure, Result};
use clap::{Args, Subcommand};
use session::Session;

/// Options that stand before the verb.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct Globals {
    /// Says more
    #[arg(short, long, id = "more")]
    pub verbose: bool,
    /// Answers every question with yes
    #[arg(short = 'Y', long)]
    pub yes: bool,
    /// Begins every message with the time
    #[arg(short = 'T', long)]
    pub timestamps: bool,
    /// Uses no colours
    #[arg(short = 'C', long)]
    pub no_color: bool,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Lists components: libraries, applications, the core; adds and removes where they come from; brings them here.
    List(list::List),
    /// Makes a project from an application, configures, builds and runs it.
    Up(Box<up::Up>),
    /// Makes a project: empty, or from an application (-t).
    Init(init::Init),
    /// Makes libraries; adds them to projects and removes them.
    #[command(subcommand, disable_help_subcommand = true)]
    Lib(library::Lib),
    /// Makes the configuration (.config) from the project's file and options.
    Configure(configure::Configure),
    /// Changes the configuration in a menu.
    Menuconfig(configure::Menuconfig),
    /// Downloads and unpacks the original sources of all libraries.
    Fetch(build::Step),
    /// Fetches, applies patches and does what else must be done before compiling.
    Prepare(build::Step),
    /// Builds the unikernel; configures first where nothing is configured.
    Build(build::Build),
    /// Removes what building made.
    Clean(clean::Clean),
    /// Removes the build directory.
    Properclean(clean::Whole),
    /// Removes the build directory and the configuration.
    Distclean(clean::Whole),
    /// Makes a link named `kraft` to this program.
    InstallKraft(install::Install),
}

/// Does what a verb says and gives the exit status.
pub fn run(verb: Verb, globals: Globals) -> Result<u8> {
    let session = Session::new(globals);
    match verb {
        Verb::List(list) => list::run(&session, list),
        Verb::Up(up) => up::run(&session, *up),
        Verb::Init(init) => init::run(&session, init),
        Verb::Lib(lib) => library::run(&session, lib),
        Verb::Configure(configure) => configure::run(&session, configure),
        Verb::Menuconfig(menu) => configure::menu(&session, menu),
        Verb::Fetch(step) => build::fetch(&session, step),
        Verb::Prepare(step) => build::prepare(&session, step),
        Verb::Build(build) => build::run(&session, build),
        Verb::Clean(clean) => clean::run(&session, clean),
        Verb::Properclean(whole) => clean::whole(&session, whole, false),
        Verb::Distclean(whole) => clean::whole(&session, whole, true),
        Verb::InstallKraft(install) => install::run(&session, install),
    }
}

impl From<project::Error> for Failure {
    fn from(error: project::Error) -> Self {
        Failure::with_status(error.status(), error.to_string())
    }
}

impl From<ukbuild::Error> for Failure {
    fn from(error: ukbuild::Error) -> Self {
        Failure::with_status(1, error.to_string())
    }
}
