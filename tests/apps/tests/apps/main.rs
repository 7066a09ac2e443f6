//! Each line of the table is one named test: a real Debian program, its arguments, its input; equal on Linux and under `unox run`.
//!
//! A program that is not installed is a failure, with the command that installs it: a skipped test would say nothing.

mod inputs;
mod table;

use libtest_mimic::{Arguments, Trial};
use oracle::known::Known;
use oracle::run::Job;
use std::path::{Path, PathBuf};
use std::time::Duration;
use table::{App, Input};

fn main() {
    let mut args = Arguments::from_args();
    // Each test is a whole machine: more than two at once only slow each other into their time limits.
    args.test_threads = args.test_threads.or(Some(2));
    let known = match Known::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("known-failures.txt")) {
        Ok(known) => known,
        Err(why) => fail(&why),
    };
    let dir = match inputs::prepare() {
        Ok(dir) => dir,
        Err(why) => fail(&why),
    };
    let trials: Vec<Trial> = table::APPS
        .iter()
        .map(|app| {
            let dir = dir.clone();
            known.trial(app.name, move || test(app, &dir))
        })
        .collect();
    if let Some(name) = known.strays(&trials).first() {
        fail(&format!("known-failures.txt names {name}, which is no test"));
    }
    libtest_mimic::run(&args, trials).exit();
}

fn fail(why: &str) -> ! {
    eprintln!("{why}");
    std::process::exit(1)
}

fn test(app: &App, dir: &Path) -> Result<(), String> {
    if !Path::new(app.program).exists() {
        return Err(format!("{} is not installed: run `cargo xtask setup`", app.program));
    }
    let place = |word: &str| word.replace("{in}", &dir.to_string_lossy());
    let mut job = Job {
        program: PathBuf::from(app.program),
        args: app.args.iter().map(|a| place(a).into()).collect(),
        timeout: Duration::from_secs(app.seconds),
        ..Job::default()
    };
    job.stdin = match app.stdin {
        Input::None => Vec::new(),
        Input::Text(text) => text.as_bytes().to_vec(),
        Input::File(name) => std::fs::read(dir.join(name)).map_err(|e| format!("{name}: {e}"))?,
        Input::Noise(bytes) => oracle::run::noise(bytes),
    };
    if app.measures && !oracle::native_only() {
        let (linux, unox) = (oracle::run::native(&job)?, oracle::run::under_unox(&job)?);
        let same = linux.status == unox.status && linux.stdout.is_empty() == unox.stdout.is_empty();
        return if same { Ok(()) } else { oracle::compare::differences(&linux, &unox) };
    }
    oracle::compare::check(&job, false)
}
