//! Every program of `tests/guest` is one named test (or several, one for each `unox-case:`): equal on Linux and on unox.

use libtest_mimic::{Arguments, Trial};
use oracle::directive::Settings;
use oracle::known::Known;
use oracle::programs::programs;
use oracle::run::Job;
use std::path::Path;
use std::time::Duration;

fn main() {
    let mut args = Arguments::from_args();
    // Each test is a whole machine: more than two at once only slow each other into their time limits.
    args.test_threads = args.test_threads.or(Some(2));
    let trials = match collect() {
        Ok(trials) => trials,
        Err(why) => {
            eprintln!("{why}");
            std::process::exit(1);
        }
    };
    libtest_mimic::run(&args, trials).exit();
}

fn collect() -> Result<Vec<Trial>, String> {
    let known = Known::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("known-failures.txt"))?;
    let dir = oracle::repo().join("tests/guest");
    let mut trials = Vec::new();
    for program in programs(&dir, is_program)? {
        for (case, settings) in &program.cases {
            let (source, case, settings) = (program.source.clone(), case.clone(), settings.clone());
            trials.push(known.trial(&program.test_name(&case), move || test(&source, &case, &settings)));
        }
    }
    match known.strays(&trials).first() {
        Some(name) => Err(format!("known-failures.txt names {name}, which no program has")),
        None => Ok(trials),
    }
}

fn is_program(path: &Path) -> bool {
    path.is_file() && !matches!(path.extension().and_then(|e| e.to_str()), Some("h" | "md" | "txt"))
}

fn test(source: &Path, case: &str, settings: &Settings) -> Result<(), String> {
    if settings.get("root") == "yes" && !rustix::process::geteuid().is_root() {
        return Err("must be run as root on the host, since it is root on unox".to_owned());
    }
    let number = |key: &str, default: u64| settings.get(key).parse().unwrap_or(default);
    let mut job = Job {
        program: oracle::build::build(source, case, settings)?,
        args: settings.args().into_iter().map(Into::into).collect(),
        stdin: settings.get("stdin").replace("\\n", "\n").into_bytes(),
        timeout: Duration::from_secs(number("timeout", 60)),
        ..Job::default()
    };
    if number("stdin-bytes", 0) > 0 {
        job.stdin = oracle::run::noise(number("stdin-bytes", 0));
    }
    if let Some((name, value)) = settings.get("env").split_once('=') {
        job.env.push((name.to_owned(), value.to_owned()));
    }
    if !settings.get("mem").is_empty() {
        job.options.extend(["-m".to_owned(), settings.get("mem").to_owned()]);
    }
    oracle::compare::check(&job, settings.get("only") == "unox")
}
