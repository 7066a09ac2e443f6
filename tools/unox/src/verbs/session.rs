//! How verbs speak: lines for the user, warnings, questions; and where the user's things are.

use super::Globals;
use crate::failure::{self, Failure, Result};
use project::{Rc, Workspace};
use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

/// One call of the program.
pub struct Session {
    globals: Globals,
    colors: bool,
}

impl Session {
    pub fn new(globals: Globals) -> Session {
        let colors = !globals.no_color && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()) && std::io::stdout().is_terminal();
        Session { globals, colors }
    }

    /// `-v` before the verb.
    pub fn verbose(&self) -> bool {
        self.globals.verbose
    }

    /// Colours may be used on standard output.
    pub fn colors(&self) -> bool {
        self.colors
    }

    /// Where things are, and the user's configuration.
    pub fn place(&self) -> Result<(Workspace, Rc)> {
        self.place_in(None)
    }

    /// The same with another workspace directory (`-w`).
    pub fn place_in(&self, workdir: Option<&Path>) -> Result<(Workspace, Rc)> {
        let workspace = match workdir {
            None => Workspace::from_env()?,
            Some(dir) => {
                let cwd =
                    std::env::current_dir().map_err(|e| Failure::with_status(1, format!("cannot tell the current directory: {e}")))?;
                let parts = ["UK_ROOT", "UK_LIBS", "UK_APPS", "UK_ARCHS", "UK_PLATS"];
                Workspace::new(&cwd, &|name| match name {
                    "UK_WORKDIR" => Some(dir.to_path_buf()),
                    name if parts.contains(&name) => None,
                    name => std::env::var_os(name).map(PathBuf::from),
                })?
            }
        };
        let rc = Rc::load(&workspace.rc)?;
        Ok((workspace, rc))
    }

    /// A line on standard output.
    pub fn say(&self, line: &str) {
        crate::run::print(&format!("{}{line}\n", self.time()));
    }

    /// A line on standard error, for verbs whose standard output is for programs.
    pub fn aside(&self, line: &str) {
        let _ = writeln!(std::io::stderr().lock(), "{}{line}", self.time());
    }

    /// A warning on standard error.
    pub fn warn(&self, line: &str) {
        let _ = writeln!(std::io::stderr().lock(), "{}{}: warning: {line}", self.time(), failure::called());
    }

    fn time(&self) -> String {
        if !self.globals.timestamps {
            return String::new();
        }
        let now = project::catalog::now() % 86_400;
        format!("[{:02}:{:02}:{:02}] ", now / 3600, now / 60 % 60, now % 60)
    }

    /// A question that is answered with yes or no; without a terminal nobody answers.
    pub fn confirm(&self, question: &str) -> bool {
        if self.globals.yes {
            return true;
        }
        matches!(self.ask(&format!("{question} [y/N] ")).as_deref(), Some("y" | "Y" | "yes" | "Yes"))
    }

    /// A question; `None` without a terminal and at the end of input.
    pub fn ask(&self, question: &str) -> Option<String> {
        if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
            return None;
        }
        let mut err = std::io::stderr().lock();
        let _ = write!(err, "{question}");
        let _ = err.flush();
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line).ok()?;
        (read > 0).then(|| line.trim().to_owned())
    }

    /// One of several, by number or name.
    pub fn choose(&self, question: &str, among: &[String]) -> Option<usize> {
        for (i, one) in among.iter().enumerate() {
            if std::io::stdin().is_terminal() && std::io::stderr().is_terminal() {
                let _ = writeln!(std::io::stderr().lock(), "  {}) {one}", i + 1);
            }
        }
        loop {
            let answer = self.ask(&format!("{question} [1-{}] ", among.len()))?;
            let number = answer.parse::<usize>().ok().filter(|n| (1..=among.len()).contains(n)).map(|n| n - 1);
            if let Some(found) = number.or_else(|| among.iter().position(|a| *a == answer)) {
                return Some(found);
            }
        }
    }
}
