//! Runs GNU make: to evaluate every Makefile.uk, and to run the rules that ports wrote themselves.

use crate::error::{Error, Result, io};
use crate::options::BuildOptions;
use crate::places::Places;
use crate::require;
use crate::vars::Vars;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What make said about the files.
pub(crate) struct Evaluated {
    pub vars: Vars,
    /// Every file that make knows of: targets, prerequisites, make files.
    pub files: Vec<String>,
    /// Targets that have a recipe.
    pub rules: std::collections::HashSet<String>,
    /// There are pattern rules besides our own: what they depend on cannot be known beforehand.
    pub patterns: bool,
}

/// make in one build directory.
pub(crate) struct Make<'a> {
    pub options: &'a BuildOptions,
    pub places: &'a Places,
    pub cache: &'a Path,
    pub jobs: usize,
}

/// Variables of the caller's environment that would change what a Makefile.uk means.
const CLEARED: &[&str] = &[
    "MAKEFLAGS",
    "MFLAGS",
    "MAKELEVEL",
    "MAKEFILES",
    "MAKEOVERRIDES",
    "CC",
    "CXX",
    "CPP",
    "LD",
    "AR",
    "AS",
    "NM",
    "OBJCOPY",
    "STRIP",
    "CFLAGS",
    "CXXFLAGS",
    "CPPFLAGS",
    "ASFLAGS",
    "LDFLAGS",
    "ARFLAGS",
    "BUILD_DIR",
    "V",
    "O",
    "A",
    "L",
    "P",
    "C",
    "N",
    "UK_PLAN_FILE",
    "CPATH",
    "C_INCLUDE_PATH",
    "CPLUS_INCLUDE_PATH",
    "LIBRARY_PATH",
    "GCC_EXEC_PREFIX",
    "COMPILER_PATH",
    "DEPENDENCIES_OUTPUT",
    "SUNPRO_DEPENDENCIES",
    "RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "CARGO_TARGET_DIR",
    "CARGO_ENCODED_RUSTFLAGS",
    "GREP_OPTIONS",
];

/// A command with an environment that changes nothing behind the user's back.
pub(crate) fn clean_command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    CLEARED.iter().for_each(|name| {
        command.env_remove(name);
    });
    command.env("LC_ALL", "C").stdin(Stdio::null());
    command
}

impl Make<'_> {
    fn command(&self) -> Result<Command> {
        let missing = require::missing(require::ALWAYS);
        if !missing.is_empty() {
            return Err(Error::Requirements(missing));
        }
        let o = self.options;
        let mut make = clean_command("make");
        make.arg("-f").arg(self.places.mk.join("main.mk")).arg("-C").arg(&o.base).arg("--no-print-directory");
        make.arg(format!("UK_MK={}", self.places.mk.display()));
        make.args(o.variables.iter().map(|(name, value)| format!("{name}={value}")));
        make.env("UK_MIRRORS", o.mirrors.join("\n")).env("UK_CACHE", self.cache);
        make.env("UK_SUMS", o.out.parent().unwrap_or(&o.out).join(crate::SUMS));
        let flags = [("UK_OFFLINE", o.offline), ("UK_ORIGIN_FIRST", o.prioritize_origin), ("UK_REQUIRE_SUMS", o.require_checksums)];
        for (name, on) in flags {
            make.env(name, if on { "1" } else { "" });
        }
        make.env("UK_SHOW_COMMANDS", if o.verbose > 0 { "y" } else { "" });
        make.env("UK_QUIET", if o.show == crate::Show::Quiet { "1" } else { "" });
        Ok(make)
    }

    /// Reads all make files; runs no recipe.
    pub(crate) fn evaluate(&self) -> Result<Evaluated> {
        let mut make = self.command()?;
        make.args(["-qp", "uk-nothing"]).env("UK_PLAN_FILE", &self.places.raw_plan);
        let _ = std::fs::remove_file(&self.places.raw_plan);
        let output = make.output().map_err(io("make"))?;
        let stderr = String::from_utf8_lossy(&output.stderr);
        // -q: 1 says that something would be done.
        if !matches!(output.status.code(), Some(0 | 1)) {
            return Err(Error::Make(format!("the make files cannot be evaluated:\n{}", self.explain(&stderr))));
        }
        for line in stderr.lines().filter(|l| !l.trim().is_empty()) {
            eprintln!("{line}");
        }
        let text = std::fs::read(&self.places.raw_plan).map_err(io(&self.places.raw_plan))?;
        let vars = Vars::parse(&String::from_utf8_lossy(&text));
        let data = String::from_utf8_lossy(&output.stdout);
        Ok(database(&data, vars, &self.options.base))
    }

    /// Runs the rules for these goals; their output goes to the user.
    pub(crate) fn run(&self, goals: &[&str]) -> Result<()> {
        let mut make = self.command()?;
        make.arg(format!("-j{}", self.jobs));
        if self.options.keep_going {
            make.arg("-k");
        }
        if self.options.show == crate::Show::Quiet {
            make.stdout(Stdio::null());
        }
        let mut child = make.args(goals).stderr(Stdio::piped()).spawn().map_err(io("make"))?;
        let mut told = String::new();
        if let Some(stderr) = child.stderr.take() {
            for line in BufReader::new(stderr).split(b'\n').map_while(std::result::Result::ok) {
                let line = String::from_utf8_lossy(&line).into_owned();
                if !hidden(&line) {
                    let _ = writeln!(std::io::stderr(), "{line}");
                }
                told.push_str(&line);
                told.push('\n');
            }
        }
        let status = child.wait().map_err(io("make"))?;
        if status.success() {
            return Ok(());
        }
        if std::os::unix::process::ExitStatusExt::signal(&status).is_some() {
            return Err(Error::Interrupted);
        }
        Err(Error::Make(self.explain(&told)))
    }

    /// The lines of make that say what went wrong, with ours for what needs explaining.
    fn explain(&self, stderr: &str) -> String {
        let mut out = Vec::new();
        for line in stderr.lines().filter(|l| l.contains("***") || l.contains("error")) {
            if let Some(path) = between(line, "No rule to make target '", "'") {
                let by = between(line, "needed by '", "'").unwrap_or_default();
                if by == "uk-sources" {
                    out.push(format!("{path}: a Makefile.uk names this file, but it does not exist, and no rule makes it"));
                } else if by.starts_with("uk-") {
                    out.push(format!("{path}: {} names this target, but no rule makes it", by.replace("uk-", "UK_").to_uppercase()));
                } else {
                    out.push(format!(
                        "{path}: {} needs this file, but it does not exist, and no rule makes it",
                        crate::short(&by, self.options)
                    ));
                }
            } else if let Some((place, target)) = line.strip_prefix("make: *** [").and_then(|l| l.split_once("] ")?.0.rsplit_once(": ")) {
                out.push(format!("the rule for {} failed ({place})", crate::short(target, self.options)));
            } else if line.contains("Waiting for unfinished jobs") || line.contains("not remade because of errors") {
            } else {
                out.push(line.trim_start_matches("make: ").to_string());
            }
        }
        out.dedup();
        if out.is_empty() { stderr.trim().to_string() } else { out.join("\n") }
    }
}

/// make's own lines about goals, which [`Make::explain`] says better.
fn hidden(line: &str) -> bool {
    line.starts_with("make: *** ") || line.starts_with("make: Target '") || line.starts_with("make: warning: jobserver")
}

fn between(line: &str, start: &str, end: &str) -> Option<String> {
    let rest = &line[line.find(start)? + start.len()..];
    Some(rest[..rest.find(end)?].to_string())
}

/// Reads the part of `make -p` about files and pattern rules.
fn database(text: &str, vars: Vars, cwd: &Path) -> Evaluated {
    let mut out = Evaluated { vars, files: Vec::new(), rules: Default::default(), patterns: false };
    let text = text.rfind("# Make data base, printed on").map_or("", |at| &text[at..]);
    if let Some(at) = text.find("\n# Implicit Rules\n") {
        // Built-in rules, and ours that cancel them, come from no make file.
        let mut rules = text[at..].lines().skip(2).take_while(|l| *l != "# Files");
        out.patterns = rules.any(|l| l.starts_with("#  recipe to execute (from"));
    }
    let Some(at) = text.find("\n# Files\n") else { return out };
    let mut current: Option<String> = None;
    for line in text[at + 9..].lines().take_while(|l| !l.starts_with("# files hash-table stats")) {
        if line.starts_with("#  recipe to execute (from") {
            if let Some(name) = &current {
                out.rules.insert(name.clone());
            }
        } else if !line.starts_with('#') && !line.is_empty() {
            let name = line.split_once(": ").map(|(n, _)| n).or_else(|| line.strip_suffix(':')).unwrap_or(line).trim_end_matches(':');
            // `target: VARIABLE := value` repeats the target.
            if name.starts_with('.') && !name.contains('/') {
                current = None;
                continue;
            }
            let path: PathBuf = cwd.join(name);
            let path = path.display().to_string();
            if current.as_ref() != Some(&path) {
                out.files.push(path.clone());
            }
            current = Some(path);
        }
    }
    out.files.sort_unstable();
    out.files.dedup();
    out
}
