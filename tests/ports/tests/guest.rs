//! The C programs of tests/guest in ring 0: each linked with the kernel and musl, and held against the same program and the same musl on Linux.
//!
//! `guest-not-here.txt` names those that cannot apply, `guest-known-failures.txt` those that fail; one that is named there and passes fails the run.

use libtest_mimic::Trial;
use oracle::directive::Settings;
use oracle::known::Known;
use oracle::programs::{is_c, programs};
use ports::programs::Programs;
use std::path::Path;

const GUEST: Programs =
    Programs { name: "guest", libs: &["ports/musl"], config: &["CONFIG_LIBMUSL=y", "CONFIG_LIBPROCFS=y", "CONFIG_LIBSYSFS=y"] };

fn collect() -> Result<Vec<Trial>, String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let absent = Known::read(&here.join("guest-not-here.txt"))?;
    let known = Known::read(&here.join("guest-known-failures.txt"))?;
    let dir = oracle::repo().join("tests/guest");
    let mut trials = Vec::new();
    let mut skipped = Vec::new();
    for program in programs(&dir, is_c)? {
        if let Some(reason) = absent.reason(&program.stem) {
            skipped.push(Trial::test(&program.stem, || Ok(())).with_ignored_flag(true).with_kind(format!("not here: {reason}")));
            continue;
        }
        // There is one way to link here, so cases that differ in that alone are one.
        let mut done: Vec<(Vec<String>, String)> = Vec::new();
        for (case, settings) in &program.cases {
            let input = (settings.args(), settings.get("stdin").to_owned());
            if done.contains(&input) {
                continue;
            }
            done.push(input);
            let (source, settings) = (program.source.clone(), settings.clone());
            trials.push(known.trial(&program.test_name(case), move || test(&source, &settings)));
        }
    }
    let strays = [absent.strays(&skipped), known.strays(&trials)].concat();
    trials.extend(skipped);
    match strays.first() {
        Some(name) => Err(format!("the lists name {name}, which no program has")),
        None => Ok(trials),
    }
}

fn test(source: &Path, settings: &Settings) -> Result<(), String> {
    GUEST.compare(source, settings)
}

fn main() {
    ports::main(2, collect);
}
