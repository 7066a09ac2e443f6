//! Starts machines in every way, good and bad, and looks how they end.

mod endings;
mod looking;
mod machines;
mod plain;
mod roots;
mod shares;
mod terminal;
mod tool;

use libtest_mimic::{Arguments, Trial};
use oracle::directive::Settings;
use oracle::known::Known;
use oracle::run::{Job, Outcome};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A named test.
type Test = (&'static str, fn() -> Result<(), String>);

fn main() {
    let mut args = Arguments::from_args();
    args.test_threads = args.test_threads.or(Some(2));
    let known = Known::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("known-failures.txt")).unwrap_or_else(|why| fail(&why));
    let all =
        [machines::TESTS, endings::TESTS, plain::TESTS, roots::TESTS, shares::TESTS, terminal::TESTS, tool::TESTS, looking::TESTS].concat();
    let trials: Vec<Trial> = all.into_iter().map(|(name, test)| known.trial(name, test)).collect();
    if let Some(name) = known.strays(&trials).first() {
        fail(&format!("known-failures.txt names {name}, which is no test"));
    }
    if oracle::native_only() {
        return;
    }
    libtest_mimic::run(&args, trials).exit();
}

fn fail(why: &str) -> ! {
    eprintln!("{why}");
    std::process::exit(1)
}

/// A job of `unox run OPTIONS PROGRAM ARGS`.
fn job(options: &[&str], program: &str, args: &[&str]) -> Job {
    Job {
        program: PathBuf::from(program),
        args: args.iter().map(Into::into).collect(),
        options: options.iter().map(|o| (*o).to_owned()).collect(),
        timeout: Duration::from_secs(60),
        ..Job::default()
    }
}

/// The program compiled from a source in `tests/guest`.
fn guest(source: &str, link: &str) -> Result<PathBuf, String> {
    let mut settings = Settings::default();
    settings.set("link", link);
    oracle::build::build(&oracle::repo().join("tests/guest").join(source), &format!("boot-{link}"), &settings)
}

/// Fails with `what` and all that came out.
fn expect(good: bool, what: &str, got: &Outcome) -> Result<(), String> {
    if good {
        return Ok(());
    }
    let text = String::from_utf8_lossy;
    Err(format!("{what}\nstatus {}\n-- stdout:\n{}\n-- stderr:\n{}{}", got.status, text(&got.stdout), text(&got.stderr), got.notes))
}
