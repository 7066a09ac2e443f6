//! `list`: what there is, where it comes from, and bringing it here.

use super::session::Session;
use super::table;
use crate::failure::{Failure, Result};
use clap::{Args, Subcommand};
use project::name::{Kind, Wanted};
use project::pull::{PullOptions, Puller};
use project::sources::{Component, Origin, Place};
use project::{Catalog, Kraftfile, Workspace, catalog};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// `list`.
#[derive(Debug, Args)]
#[command(disable_help_subcommand = true, args_conflicts_with_subcommands = true)]
pub struct List {
    #[command(flatten)]
    show: Show,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Args)]
struct Show {
    /// Only what is in the workspace
    #[arg(short, long)]
    installed: bool,
    /// The core
    #[arg(short, long)]
    core: bool,
    /// Platforms
    #[arg(short, long)]
    plats: bool,
    /// Libraries
    #[arg(short, long)]
    libs: bool,
    /// Applications
    #[arg(short, long)]
    apps: bool,
    /// Architectures
    #[arg(long)]
    archs: bool,
    /// Says where each is on this host
    #[arg(short = 'd', long)]
    show_local: bool,
    /// Shows the list page by page ($PAGER)
    #[arg(short = 'n', long)]
    paginate: bool,
    /// Only what the project here (or in PATH) uses
    #[arg(short, long, value_name = "PATH", num_args = 0..=1, require_equals = true, default_missing_value = ".")]
    this: Option<PathBuf>,
    /// Prints JSON
    #[arg(short, long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Saves where components come from: a directory, a repository, an index file, or github.com/ORG/lib-*.
    Add {
        /// A directory (a port, or of ports), a git repository, an index (YAML, JSON), an archive, `github.com/ORG/lib-*`
        #[arg(required = true, value_name = "ORIGIN")]
        origins: Vec<String>,
        /// Looks at all origins right away
        #[arg(long, overrides_with = "no_update")]
        update: bool,
        /// Does not (usual)
        #[arg(long, overrides_with = "update")]
        no_update: bool,
    },
    /// Forgets origins.
    #[command(alias = "delete")]
    Remove {
        /// As it was added
        #[arg(required = true, value_name = "ORIGIN")]
        origins: Vec<String>,
    },
    /// Looks what all origins offer.
    Update,
    /// Brings components into the workspace.
    Pull {
        /// [TYPE/]NAME[@VERSION]; none: everything known
        #[arg(value_name = "NAME")]
        names: Vec<String>,
        /// The workspace [default: $UK_WORKDIR]
        #[arg(short, long, value_name = "PATH")]
        workdir: Option<PathBuf>,
        /// Clones also what is a directory of this host
        #[arg(short, long)]
        git: bool,
        /// Not what an application needs
        #[arg(short = 'D', long)]
        no_deps: bool,
        /// Does not compare checksums of archives
        #[arg(short = 'k', long)]
        skip_verify: bool,
    },
    /// Shows all about a component.
    Show {
        /// [TYPE/]NAME
        #[arg(value_name = "NAME")]
        name: String,
        /// Prints JSON
        #[arg(short, long)]
        json: bool,
    },
}

pub fn run(session: &Session, list: List) -> Result<u8> {
    match list.command {
        None => show_all(session, &list.show),
        Some(Command::Add { origins, update, .. }) => add(session, &origins, update),
        Some(Command::Remove { origins }) => remove(session, &origins),
        Some(Command::Update) => update_all(session),
        Some(Command::Pull { names, workdir, git, no_deps, skip_verify }) => {
            pull(session, &names, workdir.as_deref(), &PullOptions { git, no_deps, skip_verify, into_project: None })
        }
        Some(Command::Show { name, json }) => show(session, &name, json),
    }
}

fn add(session: &Session, origins: &[String], update: bool) -> Result<u8> {
    let (workspace, mut rc) = session.place()?;
    for typed in origins {
        let origin = Origin::parse(typed, &workspace.cwd)?;
        if let Origin::Dir(path) = &origin
            && !path.exists()
            && !path.to_string_lossy().contains(['*', '?'])
        {
            return Err(Failure::with_status(
                1,
                format!(
                    "{}: there is no such directory\n  an origin is a directory, a repository's address, or an index file",
                    path.display()
                ),
            ));
        }
        if let Origin::Index(place) | Origin::Archive(place) = &origin
            && place.starts_with('/')
            && !Path::new(place).is_file()
        {
            return Err(Failure::with_status(1, format!("{place}: there is no such file")));
        }
        let text = origin.text();
        if rc.add_origin(&text)? {
            session.say(&format!("Saved: {text}"));
        } else {
            session.warn(&format!("Origin already saved: {text}"));
        }
    }
    if update { update_all(session) } else { Ok(0) }
}

fn remove(session: &Session, origins: &[String]) -> Result<u8> {
    let (workspace, mut rc) = session.place()?;
    let mut status = 0;
    for typed in origins {
        let text = Origin::parse(typed, &workspace.cwd).map_or_else(|_| typed.clone(), |o| o.text());
        let with_git = format!("{text}.git");
        if rc.remove_origin(typed)? || rc.remove_origin(&text)? || rc.remove_origin(&with_git)? {
            session.say(&format!("Removed: {typed}"));
        } else {
            session.warn(&format!("{typed}: not among the origins; there are:\n  {}", rc.origins.join("\n  ")));
            status = 1;
        }
    }
    Ok(status)
}

fn update_all(session: &Session) -> Result<u8> {
    let (workspace, rc) = session.place()?;
    let report = catalog::update(&workspace, &rc, &|line| session.say(line))?;
    for (_, error) in &report.failed {
        session.warn(&error.to_string());
    }
    let failed = match report.failed.len() {
        0 => String::new(),
        1 => ", 1 origin failed".into(),
        n => format!(", {n} origins failed"),
    };
    session.say(&format!(
        "{} component{} found in {} origins{failed}",
        report.found,
        if report.found == 1 { "" } else { "s" },
        rc.origins.len()
    ));
    Ok(u8::from(!report.failed.is_empty()))
}

fn pull(session: &Session, names: &[String], workdir: Option<&Path>, options: &PullOptions) -> Result<u8> {
    let (workspace, rc) = session.place_in(workdir)?;
    let catalog = Catalog::load(&workspace, &rc);
    let say = |line: &str| session.say(line);
    let puller = Puller { workspace: &workspace, rc: &rc, catalog: &catalog, say: &say };
    if names.is_empty() {
        if !session.confirm(&format!("Pull all {} components that are known?", catalog.components.len())) {
            return Err(Failure::with_status(
                2,
                "pull what? Name components (kraft list shows them), or answer yes with -Y for all of them",
            ));
        }
        for component in &catalog.components {
            puller.pull(&Wanted::parse(&component.label())?, Some(component.kind), options)?;
        }
        return Ok(0);
    }
    for name in names {
        puller.pull(&Wanted::parse(name)?, None, options)?;
    }
    Ok(0)
}

fn show(session: &Session, name: &str, json: bool) -> Result<u8> {
    let (workspace, rc) = session.place()?;
    let catalog = Catalog::load(&workspace, &rc);
    let wanted = Wanted::parse(name)?;
    let all = catalog.named(&wanted);
    if all.is_empty() {
        catalog.find(&wanted, None)?;
    }
    if json {
        let list: Vec<Value> = all.iter().map(|c| as_json(&workspace, c)).collect();
        let value = if let [one] = &list[..] { one.clone() } else { Value::Array(list) };
        session.say(&format!("{value:#}"));
        return Ok(0);
    }
    let texts: Vec<String> = all.iter().map(|c| about(&workspace, c)).collect();
    session.say(texts.join("\n").trim_end());
    Ok(0)
}

fn about(workspace: &Workspace, component: &Component) -> String {
    let distributions: Vec<String> = distributions(component);
    let located = location(workspace, component).map_or_else(|| "not here (kraft list pull)".to_owned(), |p| p.display().to_string());
    let source = match &component.place {
        Place::Dir(path) => path.display().to_string(),
        Place::Git(url) | Place::Archive(url) => url.clone(),
    };
    let mut out = String::new();
    for (key, value) in [
        ("name", component.name.clone()),
        ("type", component.kind.word().to_owned()),
        ("description", component.description.clone()),
        ("distributions", distributions.join(", ")),
        ("source", source),
        ("origin", component.origin.clone()),
        ("last checked", table::ago(component.checked, catalog::now())),
        ("located at", located),
    ] {
        if !value.is_empty() {
            out.push_str(&format!("{key:>13}: {value}\n"));
        }
    }
    out
}

/// `staging@3.10.1`: a branch and the version of the original sources that it has; releases by themselves.
fn distributions(component: &Component) -> Vec<String> {
    let release = component.versions.iter().find(|v| !v.channel).map(|v| v.name.as_str());
    match &component.place {
        Place::Dir(_) => component
            .versions
            .iter()
            .filter(|v| v.channel)
            .map(|v| release.map_or(v.name.clone(), |r| format!("{}@{r}", v.name)))
            .collect::<Vec<_>>(),
        _ => component.versions.iter().map(|v| if v.channel { v.name.clone() } else { format!("stable@{}", v.name) }).collect(),
    }
    .into_iter()
    .chain(release.filter(|_| matches!(component.place, Place::Dir(_)) && !component.versions.iter().any(|v| v.channel)).map(str::to_owned))
    .collect()
}

fn location(workspace: &Workspace, component: &Component) -> Option<PathBuf> {
    let project = std::env::current_dir().ok();
    let installed = workspace.installed(project.as_deref(), component.kind, &component.name);
    installed.or_else(|| match &component.place {
        Place::Dir(path) => Some(path.clone()),
        _ => None,
    })
}

fn as_json(workspace: &Workspace, component: &Component) -> Value {
    json!({
        "name": component.name,
        "type": component.kind,
        "description": component.description,
        "versions": component.versions,
        "source": component.place,
        "origin": component.origin,
        "checked": component.checked,
        "installed": workspace.installed(std::env::current_dir().ok().as_deref(), component.kind, &component.name),
        "location": location(workspace, component),
    })
}

fn show_all(session: &Session, options: &Show) -> Result<u8> {
    let (workspace, rc) = session.place()?;
    let catalog = Catalog::load(&workspace, &rc);
    let flags = [
        (Kind::Core, options.core),
        (Kind::Arch, options.archs),
        (Kind::Plat, options.plats),
        (Kind::Lib, options.libs),
        (Kind::App, options.apps),
    ];
    let any = flags.iter().any(|(_, on)| *on);
    let kinds: Vec<Kind> = flags.iter().filter(|(_, on)| *on || !any).map(|(k, _)| *k).collect();
    let used = options.this.as_deref().map(Kraftfile::open).transpose()?;
    let project = std::env::current_dir().ok();
    let here = |c: &&Component| workspace.installed(project.as_deref(), c.kind, &c.name).is_some();
    let uses =
        |c: &&Component| used.as_ref().is_none_or(|f| c.kind == Kind::Core || (c.kind == Kind::Lib && f.find_library(&c.name).is_some()));
    let shown: Vec<&Component> =
        catalog.components.iter().filter(|c| kinds.contains(&c.kind)).filter(|c| !options.installed || here(c)).filter(uses).collect();
    if options.json {
        let list: Vec<Value> = shown.iter().map(|c| as_json(&workspace, c)).collect();
        session.say(&format!("{:#}", Value::Array(list)));
        return Ok(0);
    }
    let mut text = String::new();
    for kind in kinds {
        let rows: Vec<(u8, Vec<String>)> =
            shown.iter().filter(|c| c.kind == kind).map(|c| row(&workspace, c, options.show_local, here(c))).collect();
        if rows.is_empty() {
            continue;
        }
        let mut columns = vec!["NAME", "VERSION", "RELEASED", "LAST CHECKED"];
        if options.show_local {
            columns.push("LOCATION");
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&table::render(kind.heading(), &columns, &rows, session.colors()));
    }
    if text.is_empty() {
        text.push_str("nothing of this kind is known; kraft list add ORIGIN says where to look\n");
    }
    if options.paginate {
        page(&text)
    } else {
        crate::run::print(&text)
    }
    if !catalog.unseen.is_empty() && !options.installed {
        session.aside(&format!("{} origins were never looked at: kraft list update", catalog.unseen.len()));
    }
    Ok(0)
}

/// Green: in the workspace; yellow: a directory of this host that is used where it is; red: elsewhere.
fn row(workspace: &Workspace, component: &Component, local: bool, here: bool) -> (u8, Vec<String>) {
    let color = match (&component.place, here) {
        (_, true) => 32,
        (Place::Dir(_), _) => 33,
        _ => 31,
    };
    let version = component.versions.iter().find(|v| !v.channel).or(component.versions.first());
    let released = component.versions.iter().find_map(|v| v.released).map_or_else(|| "-".into(), table::date);
    let name = version.map_or("-", |v| &v.name).to_owned();
    let mut cells = vec![component.name.clone(), name, released, table::ago(component.checked, catalog::now())];
    if local {
        cells.push(location(workspace, component).map_or_else(|| "-".into(), |p| p.display().to_string()));
    }
    (color, cells)
}

/// Through $PAGER; without one, or without a terminal, as it is.
fn page(text: &str) {
    use std::io::{IsTerminal, Write};
    let pager = std::env::var("PAGER").ok().filter(|p| !p.is_empty()).unwrap_or_else(|| "less -FRX".into());
    let Ok(words) = project::words::split(&pager) else { return crate::run::print(text) };
    let Some((program, arguments)) = words.split_first().filter(|_| std::io::stdout().is_terminal()) else {
        return crate::run::print(text);
    };
    match std::process::Command::new(program).args(arguments).stdin(std::process::Stdio::piped()).spawn() {
        Ok(mut child) => {
            if let Some(mut stdin) = child.stdin.take() {
                let _ = stdin.write_all(text.as_bytes());
            }
            let _ = child.wait();
        }
        Err(_) => crate::run::print(text),
    }
}
