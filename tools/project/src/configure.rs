//! From a project to its `.config`: what the file asks for, what the command line asks for, and what the rules of Kconfig make of it.

use crate::error::{Error, Result, io, make_dir, write};
use crate::name::symbol;
use crate::project::{Project, remembered};
use kconfig::{Config, Kconfig, Tri};
use std::io::IsTerminal;
use std::path::PathBuf;

/// The core's root of the configuration, below its tree.
const ROOT: &str = "image/Config.uk";

/// How to configure.
#[derive(Clone, Debug, Default)]
pub struct ConfigureOptions {
    /// What `.config` says is forgotten.
    pub fresh: bool,
    /// Options of the command line: names without `CONFIG_`.
    pub wishes: Vec<(String, String)>,
    /// The target was named: it is remembered for the next calls.
    pub explicit_target: bool,
    /// Options without a value are asked for, line by line.
    pub ask: bool,
}

/// An option that did not get the value asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmet {
    /// Its name without `CONFIG_`.
    pub symbol: String,
    /// What was asked for.
    pub asked: String,
    /// Who asked.
    pub by: String,
    /// What it is.
    pub is: String,
    /// Why.
    pub why: String,
    /// The command line asked.
    pub command_line: bool,
}

impl std::fmt::Display for Unmet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CONFIG_{}: {} asks for {}, it is {}: {}", self.symbol, self.by, self.asked, self.is, self.why)
    }
}

/// What configuring did.
#[derive(Clone, Debug, Default)]
pub struct Configured {
    /// Options that did not get their value.
    pub unmet: Vec<Unmet>,
    /// What else is worth saying: warnings of the configuration's files.
    pub notes: Vec<String>,
    /// `.config` is another than before.
    pub changed: bool,
}

/// One wish and where it comes from.
struct Wish {
    symbol: String,
    value: String,
    by: String,
    command_line: bool,
    /// Not every core or library has it.
    optional: bool,
}

/// Makes `.config`.
///
/// # Errors
/// A configuration file that is wrong, an option of the command line that is not there or has another type, what cannot be written.
pub fn configure(project: &Project, options: &ConfigureOptions) -> Result<Configured> {
    let tree = load(project)?;
    let mut config = Config::new(&tree);
    let path = project.config();
    let before = std::fs::read_to_string(&path).ok();
    if before.is_some() && !options.fresh {
        config.read(&path).map_err(configuration)?;
    }
    let mut wishes = of_file(project, before.is_none() || options.fresh);
    wishes.extend(options.wishes.iter().map(|(symbol, value)| Wish {
        symbol: symbol.clone(),
        value: value.clone(),
        by: "the command line".into(),
        command_line: true,
        optional: false,
    }));
    let mut done = Configured::default();
    let refused = apply(&mut config, &wishes)?;
    if options.ask {
        let echo = !std::io::stdin().is_terminal();
        kconfig::ask(&mut config, kconfig::Ask::New, echo, &mut std::io::stdin().lock(), &mut std::io::stdout().lock())
            .map_err(io(&path, "the questions"))?;
    }
    config.olddefconfig();
    done.unmet = refused.into_iter().chain(unmet(&config, &tree, &wishes)).collect();
    finish(project, &tree, config, before.as_deref(), &mut done)?;
    if options.explicit_target || project.file.targets.len() > 1 {
        let file = remembered(&project.dir);
        make_dir(file.parent().unwrap_or(&project.dir))?;
        write(&file, &project.target.label())?;
    }
    Ok(done)
}

/// Brings an existing `.config` up to date: new options get their default, libraries that the file names since are chosen.
///
/// # Errors
/// As [`configure`].
pub fn sync(project: &Project) -> Result<Configured> {
    let tree = load(project)?;
    let path = project.config();
    let before = std::fs::read_to_string(&path).ok();
    let mut config = Config::new(&tree);
    config.read(&path).map_err(configuration)?;
    let text = before.as_deref().unwrap_or_default();
    let is_new = |w: &Wish| !text.lines().any(|l| mentions(l, &w.symbol));
    let wishes: Vec<Wish> = of_libraries(project).into_iter().filter(is_new).collect();
    let mut done = Configured::default();
    let refused = apply(&mut config, &wishes)?;
    config.olddefconfig();
    done.unmet = refused.into_iter().chain(unmet(&config, &tree, &wishes)).collect();
    finish(project, &tree, config, before.as_deref(), &mut done)?;
    Ok(done)
}

/// Does a line of a `.config` say something of an option?
fn mentions(line: &str, symbol: &str) -> bool {
    let rest = line.strip_prefix("# ").unwrap_or(line).strip_prefix("CONFIG_").and_then(|r| r.strip_prefix(symbol));
    rest.is_some_and(|r| r.starts_with('=') || r == " is not set")
}

/// Lets the user change the configuration in the terminal's menu. False: nothing was saved.
///
/// # Errors
/// As [`configure`]; no terminal.
pub fn menuconfig(project: &Project) -> Result<bool> {
    if !project.is_configured() {
        configure(project, &ConfigureOptions::default())?;
    } else {
        sync(project)?;
    }
    let tree = load(project)?;
    let mut config = Config::new(&tree);
    let path = project.config();
    config.read(&path).map_err(configuration)?;
    config.olddefconfig();
    let outcome = kconfig::menu::run(&mut config, &path).map_err(io(&path, "the menu"))?;
    Ok(outcome == kconfig::menu::Outcome::Saved)
}

/// The tree of the core, the libraries and the application.
fn load(project: &Project) -> Result<Kconfig> {
    let root = project.core.path.join(ROOT);
    let env = project.build()?.kconfig_env()?;
    Kconfig::load(&root, &env).map_err(configuration)
}

fn configuration(error: kconfig::Error) -> Error {
    Error::Configuration(error.to_string())
}

/// What the project's file asks for: the core's options, the target's, the libraries and theirs.
fn of_file(project: &Project, first: bool) -> Vec<Wish> {
    let file = project.file.path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let wish = |symbol: &str, value: &str, optional: bool| Wish {
        symbol: symbol.to_owned(),
        value: value.to_owned(),
        by: file.clone(),
        command_line: false,
        optional,
    };
    let mut all: Vec<Wish> = project.file.unikraft.kconfig.iter().map(|(s, v)| wish(s, v, false)).collect();
    all.push(wish("ARCH_X86_64", "y", true));
    all.push(wish("PLAT_KVM", "y", true));
    all.extend(project.target.kconfig.iter().map(|(s, v)| wish(s, v, false)));
    all.extend(of_libraries(project));
    for library in &project.libs {
        all.extend(library.kconfig.iter().map(|(s, v)| wish(s, v, false)));
    }
    if first || project.file.name.is_some() {
        all.push(wish("UK_NAME", &project.name(), true));
    }
    all
}

fn of_libraries(project: &Project) -> Vec<Wish> {
    let file = project.file.path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let named = |name: &str| project.file.find_library(name).is_some();
    let wish = |l: &crate::resolve::Resolved| Wish {
        symbol: symbol(&l.name),
        value: "y".into(),
        by: file.clone(),
        command_line: false,
        optional: !named(&l.name),
    };
    project.libs.iter().map(wish).collect()
}

/// Sets all wishes. What the project's file asks for and is not there is worth a line; on the command line it is an error.
fn apply(config: &mut Config<'_>, wishes: &[Wish]) -> Result<Vec<Unmet>> {
    let mut refused = Vec::new();
    for wish in wishes {
        let Err(error) = config.set(&wish.symbol, &wish.value) else { continue };
        if wish.command_line {
            return Err(Error::Usage(error.to_string()));
        }
        if wish.optional {
            continue;
        }
        let lib = wish.symbol.starts_with("LIB") && wish.value == "y" && config.kconfig().find(&wish.symbol).is_none();
        let hint = if lib { " (a library's Config.uk defines it, and a build takes only what is chosen)" } else { "" };
        refused.push(Unmet {
            symbol: wish.symbol.clone(),
            asked: wish.value.clone(),
            by: wish.by.clone(),
            is: "not there".into(),
            why: format!("{}{hint}", error.to_string().replace('\n', ";").replace(";  ", "; ")),
            command_line: false,
        });
    }
    Ok(refused)
}

/// Wishes that the rules did not grant. The last wish for an option counts.
fn unmet(config: &Config<'_>, tree: &Kconfig, wishes: &[Wish]) -> Vec<Unmet> {
    let last = |i: usize, w: &Wish| !wishes[i + 1..].iter().any(|later| later.symbol == w.symbol);
    let mut all = Vec::new();
    for (_, wish) in wishes.iter().enumerate().filter(|(i, w)| last(*i, w)) {
        let Some(is) = config.get(&wish.symbol) else { continue };
        let asked = wish.value.trim_matches('"');
        if is == asked || tree.find(&wish.symbol).is_none() || (wish.optional && wish.symbol == "UK_NAME") {
            continue;
        }
        all.push(Unmet {
            symbol: wish.symbol.clone(),
            asked: wish.value.clone(),
            by: wish.by.clone(),
            is: if is.is_empty() { "empty".into() } else { is.to_owned() },
            why: why(config, tree, &wish.symbol),
            command_line: wish.command_line,
        });
    }
    all
}

/// Why an option has the value it has, in a line.
fn why(config: &Config<'_>, tree: &Kconfig, name: &str) -> String {
    let Some(id) = tree.find(name) else { return "there is no such option".into() };
    let sym = tree.sym(id);
    if let Some(dep) = sym.dir_dep.as_ref().filter(|d| config.eval(d) == Tri::No) {
        return format!("it depends on {}", config.with_values(dep));
    }
    if let Some(by) = sym.rev_dep.iter().find(|e| config.eval(e) != Tri::No) {
        return format!("it is selected by {}", config.with_values(by));
    }
    if let Some(choice) = sym.choice
        && let Some(chosen) = config.chosen(choice).filter(|c| *c != id)
    {
        return format!("{} is chosen, and only one of them can be", tree.sym(chosen).name);
    }
    if config.visibility(id) == Tri::No {
        return "it cannot be set by hand: other options decide it".into();
    }
    "the rules of its Config.uk are against it".into()
}

/// Writes `.config` and collects the warnings.
fn finish(project: &Project, tree: &Kconfig, config: Config<'_>, before: Option<&str>, done: &mut Configured) -> Result<()> {
    done.notes.extend(tree.warnings().iter().map(ToString::to_string));
    done.notes.extend(config.warnings().iter().map(ToString::to_string));
    let path: PathBuf = project.config();
    let text = config.to_dotconfig();
    done.changed = before != Some(text.as_str());
    if done.changed {
        if let Some(old) = before {
            // As Linux does: what was there can be looked up.
            let _ = std::fs::write(project.dir.join(".config.old"), old);
        }
        write(&path, &text)?;
    }
    Ok(())
}
