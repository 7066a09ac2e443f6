//! `up`: everything from an application's name to its output.

use super::build::{self, Build};
use super::configure::Target;
use super::image::{self, Options};
use super::init::{self, Init};
use super::session::Session;
use crate::failure::{Failure, Result};
use clap::Args;

/// `up`.
#[derive(Debug, Args)]
pub struct Up {
    /// Directory of the project, below the current one
    #[arg(value_name = "NAME")]
    name: String,
    /// The application (kraft list --apps shows them)
    #[arg(short, long, value_name = "APP")]
    template: String,
    #[command(flatten)]
    run: Options,
    /// Also in a directory that has files; they stay
    #[arg(short = 'F', long)]
    force: bool,
    /// Steps of the build done at once [default: one per CPU]
    #[arg(short, long, value_name = "N", num_args = 0..=1, default_missing_value = "0")]
    jobs: Option<usize>,
    /// One step per CPU (usual)
    #[arg(long)]
    fast: bool,
    /// Makes a Makefile (it is made anyway)
    #[arg(long)]
    with_makefile: bool,
    /// Arguments of main
    #[arg(value_name = "ARGS", last = true)]
    arguments: Vec<std::ffi::OsString>,
}

pub fn run(session: &Session, up: Up) -> Result<u8> {
    let init =
        Init { name: Some(up.name), template: Some(up.template), workdir: up.run.workdir.clone(), force: up.force, ..Init::default() };
    let dir = init::make(session, init)?;
    let build = Build {
        name: None,
        target: Target { plat: up.run.plat.clone(), arch: up.run.arch.clone(), target: None },
        workdir: dir.clone(),
        verbose: 0,
        jobs: up.jobs,
        fast: up.fast,
        fetch: false,
        no_fetch: false,
        prepare: false,
        no_prepare: false,
        progress: false,
        no_progress: false,
        force: false,
        keep_going: false,
        json: false,
    };
    match build::run(session, build)? {
        0 => image::start(&Options { workdir: Some(dir), ..up.run }, &up.arguments, std::time::Instant::now()),
        status => Err(Failure::with_status(status, "the build failed")),
    }
}
