//! `fetch`, `prepare` and `build`.

use super::configure::{self, Target};
use super::session::Session;
use crate::failure::{Failure, Result};
use clap::Args;
use project::Project;
use project::configure::{ConfigureOptions, sync};
use serde_json::json;
use std::path::{Path, PathBuf};

/// `fetch` and `prepare`.
#[derive(Debug, Args)]
pub struct Step {
    #[command(flatten)]
    target: Target,
    /// The project [default: here]
    #[arg(short, long, value_name = "PATH", default_value = ".")]
    workdir: PathBuf,
    /// Says more
    #[arg(short, long, action = clap::ArgAction::Count)]
    verbose: u8,
}

/// `build`.
#[derive(Clone, Debug, Args)]
pub struct Build {
    /// A target of the project's file, by name
    #[arg(value_name = "TARGET")]
    pub name: Option<String>,
    #[command(flatten)]
    pub target: Target,
    /// The project [default: here]
    #[arg(short, long, value_name = "PATH", default_value = ".")]
    pub workdir: PathBuf,
    /// Prints the commands; twice: the reason of each as well
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Steps done at once [default: one per CPU]
    #[arg(short, long, value_name = "N", num_args = 0..=1, default_missing_value = "0")]
    pub jobs: Option<usize>,
    /// One step per CPU (usual)
    #[arg(long)]
    pub fast: bool,
    /// Downloads what is missing (usual)
    #[arg(long, overrides_with = "no_fetch")]
    pub fetch: bool,
    /// Takes nothing from the network
    #[arg(long, overrides_with = "fetch")]
    pub no_fetch: bool,
    /// Prepares what is not prepared (usual)
    #[arg(long, overrides_with = "no_prepare")]
    pub prepare: bool,
    /// For kraft's sake: what is prepared is not prepared again anyway
    #[arg(long, overrides_with = "prepare")]
    pub no_prepare: bool,
    /// A progress bar (usual, on a terminal)
    #[arg(long, overrides_with = "no_progress")]
    pub progress: bool,
    /// A line per step instead of a progress bar
    #[arg(long, overrides_with = "progress")]
    pub no_progress: bool,
    /// Configures anew first
    #[arg(short = 'F', long)]
    pub force: bool,
    /// After a failure, still does what does not depend on it
    #[arg(short, long)]
    pub keep_going: bool,
    /// Prints what was built as JSON
    #[arg(long)]
    pub json: bool,
}

pub fn fetch(session: &Session, step: Step) -> Result<u8> {
    let project = ready(session, &step.workdir, &step.target, false, false)?;
    built(&project, step.verbose)?.fetch()?;
    Ok(0)
}

pub fn prepare(session: &Session, step: Step) -> Result<u8> {
    let project = ready(session, &step.workdir, &step.target, false, false)?;
    built(&project, step.verbose)?.prepare()?;
    Ok(0)
}

fn built(project: &Project, verbose: u8) -> Result<ukbuild::Build> {
    let mut options = project.build_options();
    options.verbose = verbose;
    Ok(ukbuild::Build::new(options)?)
}

pub fn run(session: &Session, build: Build) -> Result<u8> {
    let mut target = build.target.clone();
    if let Some(name) = &build.name {
        if target.target.is_some() {
            return Err(Failure::with_status(2, "the target is named twice"));
        }
        target.target = Some(name.clone());
    }
    let project = ready(session, &build.workdir, &target, build.force, build.json)?;
    let mut options = project.build_options();
    options.jobs = build.jobs.unwrap_or(0);
    options.verbose = build.verbose.max(u8::from(session.verbose()));
    options.offline |= build.no_fetch;
    options.keep_going = build.keep_going;
    if build.no_progress {
        options.show = ukbuild::Show::Lines;
    }
    if build.json {
        options.show = ukbuild::Show::Quiet;
    }
    let outcome = ukbuild::Build::new(options)?.build()?;
    if build.json {
        let value = json!({
            "image": outcome.image, "debug": outcome.debug, "map": outcome.map, "rootfs": outcome.rootfs, "compiled": outcome.compiled,
            "cached": outcome.cached, "commands": outcome.commands, "seconds": outcome.elapsed.as_secs_f64(),
        });
        session.say(&format!("{value:#}"));
        return Ok(0);
    }
    let shown = |path: &Path| path.strip_prefix(&project.dir).unwrap_or(path).display().to_string();
    session.say("\nSuccessfully built unikernels:\n");
    session.say(&format!("  => {}", shown(&outcome.image)));
    session.say(&format!("  => {} (with symbols)", shown(&outcome.debug)));
    if let Some(rootfs) = &outcome.rootfs {
        session.say(&format!("  => {} (root file system)", shown(rootfs)));
    }
    session.say("\nTo run it:  kraft run");
    Ok(0)
}

/// Opens the project and sees to it that its configuration is there and fits.
fn ready(session: &Session, dir: &Path, target: &Target, force: bool, quiet: bool) -> Result<Project> {
    let configured = dir.join(".config").is_file() && !force;
    let choice = if configured { target.choice() } else { configure::settle(session, dir, target.choice())? };
    let project = configure::open(session, dir, &choice)?;
    if configured && choice == project::Choice::default() {
        let synced = sync(&project)?;
        for note in synced.notes {
            session.warn(&note);
        }
        for unmet in synced.unmet {
            session.warn(&unmet.to_string());
        }
        return Ok(project);
    }
    let options = ConfigureOptions { fresh: force, wishes: Vec::new(), explicit_target: choice != project::Choice::default(), ask: false };
    if quiet {
        project::configure::configure(&project, &options)?;
    } else {
        configure::apply(session, &project, &options, false)?;
    }
    Ok(project)
}
