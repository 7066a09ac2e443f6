//! `pre_up` and `post_down` of a project's file: commands of the host before and after a run, through `sh -c` in the project's directory. Each is
//! shown before it runs, for the file may be another's.

use crate::failure::{Failure, Result};
use project::Image;
use std::io::Write;
use std::process::Command;

fn say(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}: {line}", crate::failure::called());
}

/// What a file says about networks that cannot be had.
pub fn networks(image: &Image) {
    for network in &image.networks {
        let commands = if network.hooks.is_empty() { "" } else { ", and its pre_up and post_down are not run" };
        say(&format!("network {}: there is no network yet: no card is attached{commands}", network.name));
    }
}

/// For `--dry-run`: the commands that would be run.
pub fn show(image: &Image) {
    image.hooks.pre_up.iter().for_each(|c| say(&format!("would run before: {c}")));
    image.hooks.post_down.iter().for_each(|c| say(&format!("would run afterwards: {c}")));
}

/// Runs `pre_up`; the first command that fails is the end.
pub fn up(image: &Image) -> Result<()> {
    image.hooks.pre_up.iter().try_for_each(|line| command("pre_up", line, image))
}

/// Runs `post_down`, all of it; what fails is said and changes nothing.
pub fn down(image: &Image) {
    for line in &image.hooks.post_down {
        if let Err(failure) = command("post_down", line, image) {
            say(&failure.to_string());
        }
    }
}

/// A machine in the background outlives this program.
pub fn left(image: &Image) {
    if !image.hooks.post_down.is_empty() {
        say("the machine goes on in the background: post_down is not run; when it has ended, run");
        image.hooks.post_down.iter().for_each(|c| say(&format!("  {c}")));
    }
}

fn command(key: &str, line: &str, image: &Image) -> Result<()> {
    say(&format!("{key}: {line}"));
    let status = Command::new("sh").arg("-c").arg(line).current_dir(&image.dir).env("KRAFT_IMAGE", &image.path).status();
    let failed = |what: String| Err(Failure::with_status(1, format!("{key}: `{line}` {what}")));
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => failed(match status.code() {
            Some(code) => format!("ended with status {code}"),
            None => "was killed by a signal".into(),
        }),
        Err(error) => failed(format!("cannot be run: {error}")),
    }
}
