//! The git command, as far as sources and new libraries need it.

use crate::error::{Error, Result};
use std::path::Path;
use std::process::{Command, Stdio};

/// A branch or tag of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Its name.
    pub name: String,
    /// A tag, not a branch.
    pub tag: bool,
}

fn command(dir: Option<&Path>) -> Command {
    let mut command = Command::new("git");
    // Nobody is there to type a password, and messages are to be in one language.
    command.env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C").stdin(Stdio::null());
    // The caller's repository is not meant.
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        command.env_remove(name);
    }
    if let Some(dir) = dir {
        command.arg("-C").arg(dir);
    }
    command
}

fn output(mut command: Command, what: &str) -> Result<String> {
    let output = command.output().map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => {
            Error::Command(format!("{what}: git is missing\n  install with: apt-get install --no-install-recommends git"))
        }
        _ => Error::Command(format!("{what}: cannot run git: {e}")),
    })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let line = said
        .lines()
        .rfind(|l| l.starts_with("fatal:") || l.starts_with("error:"))
        .or(said.lines().next_back())
        .unwrap_or("no reason given");
    Err(Error::Command(format!("{what}: git: {line}")))
}

/// Branches and tags of a repository anywhere.
///
/// # Errors
/// When it cannot be reached.
pub fn references(url: &str) -> Result<Vec<Reference>> {
    let mut git = command(None);
    git.args(["ls-remote", "--heads", "--tags", "--refs", "--", url]);
    let text = output(git, url)?;
    let reference = |line: &str| {
        let (_, full) = line.split_once('\t')?;
        let tag = full.starts_with("refs/tags/");
        let name = full.strip_prefix("refs/tags/").or_else(|| full.strip_prefix("refs/heads/"))?;
        Some(Reference { name: name.to_owned(), tag })
    };
    Ok(text.lines().filter_map(reference).collect())
}

/// Clones; `version` is a branch or tag.
///
/// # Errors
/// When it cannot be reached, or has no such branch or tag.
pub fn clone(url: &str, version: Option<&str>, into: &Path) -> Result<()> {
    let mut git = command(None);
    git.args(["clone", "--quiet", "--recurse-submodules"]);
    if let Some(version) = version {
        git.args(["--branch", version]);
    }
    git.args(["-c", "advice.detachedHead=false", "--"]).arg(url).arg(into);
    output(git, url).map(drop)
}

/// The branch that is checked out, or the tag; `None` outside of a repository of its own.
pub fn head(dir: &Path) -> Option<String> {
    if !dir.join(".git").exists() {
        return None;
    }
    let ask = |args: &[&str]| {
        let mut git = command(Some(dir));
        git.args(args);
        output(git, "").ok().map(|s| s.trim().to_owned()).filter(|s| !s.is_empty())
    };
    ask(&["symbolic-ref", "--short", "-q", "HEAD"])
        .or_else(|| ask(&["describe", "--tags", "--exact-match", "HEAD"]))
        .or_else(|| ask(&["rev-parse", "--short", "HEAD"]))
}

/// When the last commit was made, in seconds since 1970.
pub fn committed(dir: &Path) -> Option<u64> {
    if !dir.join(".git").exists() {
        return None;
    }
    let mut git = command(Some(dir));
    git.args(["log", "-1", "--format=%ct"]);
    output(git, "").ok()?.trim().parse().ok()
}

/// A value of the user's git configuration.
pub fn config(dir: &Path, key: &str) -> Option<String> {
    let mut git = command(Some(dir));
    git.args(["config", "--get", key]);
    output(git, "").ok().map(|s| s.trim().to_owned()).filter(|s| !s.is_empty())
}

/// A new repository with one empty commit, as Unikraft's repositories begin.
///
/// # Errors
/// When git refuses.
pub fn init(dir: &Path, branch: &str, author: (&str, &str)) -> Result<()> {
    let what = dir.display().to_string();
    let mut git = command(Some(dir));
    git.args(["check-ref-format", "--branch", branch]);
    output(git, &format!("branch `{branch}`"))?;
    let mut git = command(Some(dir));
    git.args(["init", "--quiet"]);
    output(git, &what)?;
    let mut git = command(Some(dir));
    git.args(["symbolic-ref", "HEAD", &format!("refs/heads/{branch}")]);
    output(git, &what)?;
    let mut git = command(Some(dir));
    git.envs([
        ("GIT_AUTHOR_NAME", author.0),
        ("GIT_COMMITTER_NAME", author.0),
        ("GIT_AUTHOR_EMAIL", author.1),
        ("GIT_COMMITTER_EMAIL", author.1),
    ]);
    git.args(["-c", "commit.gpgsign=false", "commit", "--quiet", "--allow-empty", "--no-verify", "-m", "Initial commit (blank)"]);
    output(git, &what).map(drop)
}
