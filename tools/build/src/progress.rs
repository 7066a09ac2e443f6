//! What the user sees of a build: a bar on a terminal, a line per step elsewhere.

use crate::Show;
use std::io::{IsTerminal, Write};
use std::sync::{Mutex, PoisonError};

/// Shared by the threads of a build.
pub(crate) struct Progress {
    bar: bool,
    quiet: bool,
    verbose: u8,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    total: usize,
    done: usize,
    drawn: bool,
}

impl Progress {
    pub(crate) fn new(show: Show, verbose: u8) -> Progress {
        let bar = show == Show::Auto && verbose == 0 && std::io::stdout().is_terminal();
        Progress { bar, quiet: show == Show::Quiet, verbose, inner: Mutex::default() }
    }

    fn inner(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// So many steps more are to be done.
    pub(crate) fn total(&self, steps: usize) {
        self.inner().total += steps;
    }

    /// A step begins (or, `from` saying so, was found elsewhere).
    pub(crate) fn step(&self, verb: &str, label: &str, commands: &[String], from: &str) {
        if self.quiet {
            return;
        }
        let mut inner = self.inner();
        if self.bar {
            let total = inner.total.max(1);
            let width = columns();
            let done = inner.done.min(total);
            let filled = done * 20 / total;
            let text = format!("[{}{}] {done:>4}/{total} {verb} {label}{from}", "#".repeat(filled), ".".repeat(20 - filled));
            let text: String = text.chars().take(width.saturating_sub(1)).collect();
            let _ = write!(std::io::stdout(), "\r\x1b[K{text}");
            let _ = std::io::stdout().flush();
            inner.drawn = true;
            return;
        }
        let mut out = std::io::stdout().lock();
        let _ = writeln!(out, "  {verb:<8}{label}{from}");
        if self.verbose > 0 && from.is_empty() {
            for command in commands {
                let _ = writeln!(out, "{command}");
            }
        }
    }

    /// Why a step is run; for `-vv`.
    pub(crate) fn why(&self, label: &str, why: &str) {
        if self.verbose > 1 {
            println!("  # {label}: {why}");
        }
    }

    pub(crate) fn finished(&self) {
        self.inner().done += 1;
    }

    /// Something for the user to read, above the bar.
    pub(crate) fn say(&self, text: &str) {
        if text.is_empty() {
            return;
        }
        let mut inner = self.inner();
        self.clear(&mut inner);
        let _ = std::io::stderr().write_all(text.as_bytes());
        if !text.ends_with('\n') {
            let _ = std::io::stderr().write_all(b"\n");
        }
    }

    fn clear(&self, inner: &mut Inner) {
        if inner.drawn {
            let _ = write!(std::io::stdout(), "\r\x1b[K");
            let _ = std::io::stdout().flush();
            inner.drawn = false;
        }
    }

    /// The bar goes.
    pub(crate) fn end(&self) {
        let mut inner = self.inner();
        self.clear(&mut inner);
    }
}

/// The terminal's width, asked for once.
fn columns() -> usize {
    static WIDTH: std::sync::OnceLock<usize> = std::sync::OnceLock::new();
    *WIDTH.get_or_init(|| {
        let stty = std::process::Command::new("stty")
            .arg("size")
            .stdin(std::process::Stdio::inherit())
            .stderr(std::process::Stdio::null())
            .output();
        let text = stty.map(|o| String::from_utf8_lossy(&o.stdout).into_owned()).unwrap_or_default();
        text.split_whitespace().nth(1).and_then(|c| c.parse().ok()).filter(|c| *c > 20).unwrap_or(80)
    })
}
