//! `clean`, `properclean` and `distclean`. They work without a core and without the libraries: what is removed is in the project's directory.

use super::session::Session;
use crate::failure::Result;
use clap::Args;
use project::Kraftfile;
use std::path::PathBuf;

/// `clean`.
#[derive(Debug, Args)]
pub struct Clean {
    /// Libraries; none: all that was built
    #[arg(value_name = "LIB", conflicts_with_all = ["proper", "dist"])]
    libs: Vec<String>,
    /// The project [default: here]
    #[arg(short, long, value_name = "PATH", default_value = ".")]
    workdir: PathBuf,
    /// Removes the build directory (properclean)
    #[arg(short, long)]
    proper: bool,
    /// Removes the build directory and the configuration (distclean)
    #[arg(short, long)]
    dist: bool,
    /// Accepted for kraft's sake
    #[arg(long, overrides_with = "no_progress", hide = true)]
    progress: bool,
    /// Accepted for kraft's sake
    #[arg(long, overrides_with = "progress", hide = true)]
    no_progress: bool,
}

/// `properclean` and `distclean`.
#[derive(Debug, Args)]
pub struct Whole {
    /// The project [default: here]
    #[arg(short, long, value_name = "PATH", default_value = ".")]
    workdir: PathBuf,
}

pub fn run(session: &Session, clean: Clean) -> Result<u8> {
    if clean.proper || clean.dist {
        return whole(session, Whole { workdir: clean.workdir }, clean.dist);
    }
    let build = build(session, &clean.workdir)?;
    if clean.libs.is_empty() {
        build.clean()?;
        session.say("Cleaned: objects, libraries and images; fetched sources stay (kraft clean -p removes them, too)");
    }
    for lib in &clean.libs {
        build.clean_lib(lib)?;
        session.say(&format!("Cleaned: {}", project::name::full(lib)));
    }
    Ok(0)
}

pub fn whole(session: &Session, whole: Whole, configuration: bool) -> Result<u8> {
    let build = build(session, &whole.workdir)?;
    if configuration {
        build.distclean()?;
    } else {
        build.properclean()?;
    }
    session.say(if configuration { "Removed: build directory and configuration" } else { "Removed: build directory" });
    Ok(0)
}

/// The build of a project's directory, for cleaning alone: a wrong file or a missing library must not stand in the way.
fn build(session: &Session, dir: &std::path::Path) -> Result<ukbuild::Build> {
    Kraftfile::find(dir)?;
    let (workspace, _) = session.place()?;
    let app = std::path::absolute(dir).unwrap_or_else(|_| dir.to_path_buf());
    let core = workspace.core(Some(&app)).map(|c| c.path).unwrap_or_else(|_| app.clone());
    Ok(ukbuild::Build::new(ukbuild::BuildOptions::new(core, app))?)
}
