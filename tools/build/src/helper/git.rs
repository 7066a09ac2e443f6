//! `clone`: an origin that is a git repository.

use super::{Outcome, Settings, at, download};
use std::path::Path;
use std::process::{Command, Stdio};

/// Clones into `into`; the commit.
pub(crate) fn clone(settings: &Settings, lib: &str, url: &str, branch: &str, into: &Path) -> Outcome<String> {
    if crate::require::find("git").is_none() {
        return Err("git is missing; install with: apt-get install --no-install-recommends git".into());
    }
    let name = url.trim_end_matches('/').rsplit('/').next().unwrap_or(url);
    let mut tries: Vec<String> = Vec::new();
    for mirror in settings.mirrors.iter().filter_map(|m| download::local(m)) {
        let bare = name.trim_end_matches(".git");
        tries.extend(
            [format!("{bare}.git"), bare.to_string()]
                .iter()
                .map(|n| mirror.join(n))
                .filter(|p| p.exists())
                .map(|p| format!("file://{}", p.display())),
        );
    }
    if settings.origin_first {
        tries.insert(0, url.to_string());
    } else {
        tries.push(url.to_string());
    }
    let mut why = Vec::new();
    for address in tries {
        if !download::allowed(settings, &address) {
            why.push(format!("{address}: not asked, since this is offline"));
            continue;
        }
        settings.say("CLONE", &format!("{lib}: {address}"));
        match one(&address, branch, into) {
            Ok(commit) => return Ok(commit),
            Err(e) => why.push(e),
        }
        let _ = std::fs::remove_dir_all(into);
    }
    Err(format!("{url} cannot be cloned:\n{}", why.join("\n")))
}

fn one(address: &str, branch: &str, into: &Path) -> Outcome<String> {
    let is_commit = branch.len() == 40 && branch.chars().all(|c| c.is_ascii_hexdigit());
    let mut words = vec!["clone", "-q", "--recurse-submodules"];
    if !is_commit {
        words.extend(["--depth", "1"]);
        if !branch.is_empty() {
            words.extend(["-b", branch]);
        }
    }
    words.extend(["--", address]);
    git(Path::new("/"), &words, Some(into))?;
    if is_commit {
        git(into, &["checkout", "-q", branch], None)?;
        git(into, &["submodule", "-q", "update", "--init", "--recursive"], None)?;
    }
    Ok(git(into, &["rev-parse", "HEAD"], None)?.trim().to_string())
}

fn git(dir: &Path, words: &[&str], last: Option<&Path>) -> Outcome<String> {
    let mut command = Command::new("git");
    command.args(["-c", "advice.detachedHead=false"]).args(words).args(last).current_dir(dir);
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        command.env_remove(name);
    }
    let output = command.env("GIT_TERMINAL_PROMPT", "0").stdin(Stdio::null()).output().map_err(at("git"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("git {}: {}", words.join(" "), String::from_utf8_lossy(&output.stderr).trim()))
    }
}
