//! `configure` and `menuconfig`.

use super::session::Session;
use crate::failure::{Failure, Result};
use clap::Args;
use project::configure::{ConfigureOptions, configure, menuconfig};
use project::{Choice, Kraftfile, Project};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Which target of the project.
#[derive(Clone, Debug, Default, Args)]
pub struct Target {
    /// Platform
    #[arg(short, long, value_name = "PLAT")]
    pub plat: Option<String>,
    /// Architecture
    #[arg(short = 'm', long, value_name = "ARCH")]
    pub arch: Option<String>,
    /// A target of the project's file, by name
    #[arg(short, long, value_name = "TARGET")]
    pub target: Option<String>,
}

impl Target {
    pub fn choice(&self) -> Choice {
        Choice { target: self.target.clone(), platform: self.plat.clone(), architecture: self.arch.clone() }
    }
}

/// `configure`.
#[derive(Debug, Args)]
pub struct Configure {
    #[command(flatten)]
    target: Target,
    /// Starts anew: what .config says is forgotten
    #[arg(short = 'F', long)]
    force: bool,
    /// Asks for the options that have no value yet, line by line (all of them with --force)
    #[arg(short, long)]
    interactive: bool,
    /// Opens the menu afterwards
    #[arg(short = 'k', long)]
    menuconfig: bool,
    /// The project [default: here]
    #[arg(short, long, value_name = "PATH", default_value = ".")]
    workdir: PathBuf,
    /// Turns options on
    #[arg(short, long, value_name = "OPTION", num_args = 1..)]
    yes: Vec<String>,
    /// Turns options off
    #[arg(short, long, value_name = "OPTION", num_args = 1..)]
    no: Vec<String>,
    /// Sets options
    #[arg(short, long, value_name = "OPTION=VALUE", num_args = 1..)]
    set: Vec<String>,
    /// Uses another version of a library
    #[arg(short, long, value_name = "LIB@VERSION", num_args = 1..)]
    use_version: Vec<String>,
    /// Prints what was done as JSON
    #[arg(long)]
    json: bool,
    /// Sets an option
    #[arg(value_name = "OPTION=VALUE")]
    options: Vec<String>,
}

/// `menuconfig`.
#[derive(Debug, Args)]
pub struct Menuconfig {
    #[command(flatten)]
    target: Target,
    /// The project [default: here]
    #[arg(short, long, value_name = "PATH", default_value = ".")]
    workdir: PathBuf,
}

pub fn run(session: &Session, options: Configure) -> Result<u8> {
    for typed in &options.use_version {
        let wanted = project::name::Wanted::parse(typed)?;
        let path = Kraftfile::find(&options.workdir)?;
        let Some(version) = &wanted.version else {
            return Err(Failure::with_status(2, format!("{typed}: write LIB@VERSION")));
        };
        project::kraftfile::edit::add_library(&path, &wanted.name, Some(version))?;
    }
    let mut wishes = Vec::new();
    for (names, value) in [(&options.yes, "y"), (&options.no, "n")] {
        for name in names {
            wishes.push(if name.contains('=') { pair(name)? } else { (plain(name)?, value.to_owned()) });
        }
    }
    for text in options.set.iter().chain(&options.options) {
        wishes.push(pair(text)?);
    }
    let choice = settle(session, &options.workdir, options.target.choice())?;
    let project = open(session, &options.workdir, &choice)?;
    let status = apply(
        session,
        &project,
        &ConfigureOptions { fresh: options.force, wishes, explicit_target: choice != Choice::default(), ask: options.interactive },
        options.json,
    )?;
    if options.menuconfig {
        return edit(session, &project).map(|()| status);
    }
    Ok(status)
}

/// Configures and says so. 1 when an option of the command line did not get its value.
pub fn apply(session: &Session, project: &Project, options: &ConfigureOptions, json: bool) -> Result<u8> {
    let done = configure(project, options)?;
    for note in &done.notes {
        session.warn(note);
    }
    for unmet in &done.unmet {
        session.warn(&unmet.to_string());
    }
    let status = u8::from(done.unmet.iter().any(|u| u.command_line));
    if json {
        let libs: Vec<_> = project.libs.iter().map(|l| json!({"name": l.name, "path": l.dir})).collect();
        let unmet: Vec<_> = done.unmet.iter().map(|u| json!({"option": u.symbol, "asked": u.asked, "is": u.is, "why": u.why})).collect();
        let value = json!({"name": project.name(), "target": project.target.label(), "config": project.config(), "core": project.core.path, "libraries": libs, "unmet": unmet, "changed": done.changed});
        session.say(&format!("{value:#}"));
        return Ok(status);
    }
    let libs: Vec<&str> = project.libs.iter().map(|l| l.name.as_str()).collect();
    session.say(&format!(
        "Configured {} for {} with {}",
        project.name(),
        project.target.label(),
        if libs.is_empty() { "no library".into() } else { libs.join(", ") }
    ));
    if session.verbose() {
        session.say(&format!("core: {} ({})", project.core.path.display(), project.core.how));
        project.libs.iter().for_each(|l| session.say(&format!("{}: {}", l.name, l.dir.display())));
    }
    Ok(status)
}

/// Several targets and nothing said: the user is asked, if there is one.
pub fn settle(session: &Session, dir: &Path, choice: Choice) -> Result<Choice> {
    if choice != Choice::default() {
        return Ok(choice);
    }
    let file = Kraftfile::open(dir)?;
    if file.targets.len() < 2 {
        return Ok(choice);
    }
    let labels: Vec<String> = file.targets.iter().map(project::kraftfile::Target::label).collect();
    Ok(match session.choose("Which target?", &labels) {
        Some(at) => Choice { target: Some(labels[at].clone()), ..choice },
        None => choice,
    })
}

/// Opens a project and says what is worth saying about it.
pub fn open(session: &Session, dir: &Path, choice: &Choice) -> Result<Project> {
    let (workspace, rc) = session.place()?;
    let project = Project::open(dir, &workspace, &rc, choice)?;
    for warning in &project.file.warnings {
        session.warn(&warning.to_string());
    }
    for note in &project.notes {
        session.aside(note);
    }
    if let Some(version) = project.file.unikraft.version.as_deref().filter(|v| !["staging", "stable", "latest"].contains(v)) {
        session.aside(&format!("unikraft {version}: the core is unox {} ({})", env!("CARGO_PKG_VERSION"), project.core.path.display()));
    }
    Ok(project)
}

pub fn menu(session: &Session, options: Menuconfig) -> Result<u8> {
    use std::io::IsTerminal;
    let choice = settle(session, &options.workdir, options.target.choice())?;
    let project = open(session, &options.workdir, &choice)?;
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        return Err(Failure::with_status(1, "menuconfig needs a terminal\n  without one: kraft configure OPTION=VALUE"));
    }
    edit(session, &project).map(|()| 0)
}

fn edit(session: &Session, project: &Project) -> Result<()> {
    let saved = menuconfig(project)?;
    session.say(if saved { "Saved: .config" } else { "Nothing was changed" });
    Ok(())
}

/// `OPTION=VALUE`, with or without `CONFIG_`.
fn pair(text: &str) -> Result<(String, String)> {
    match text.split_once('=') {
        Some((name, value)) => Ok((plain(name)?, value.to_owned())),
        None => Err(Failure::with_status(2, format!("`{text}`: write OPTION=VALUE (or -y {text})"))),
    }
}

fn plain(name: &str) -> Result<String> {
    let name = name.trim();
    let bare = name.strip_prefix("CONFIG_").unwrap_or(name);
    if bare.is_empty() || !bare.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Err(Failure::with_status(2, format!("`{name}` is no option's name")));
    }
    Ok(bare.to_owned())
}
