//! The C library as a port: each program of `libc/` tries an area of musl, in ring 0 and on Linux, and must say the same. `libc-known-failures.txt`
//! names what fails.

use libtest_mimic::Trial;
use oracle::directive::Settings;
use oracle::known::Known;
use oracle::programs::{is_c, programs};
use ports::programs::Programs;
use std::path::Path;

const LIBC: Programs = Programs { name: "libc", libs: &["ports/musl"], config: &["CONFIG_LIBMUSL=y"] };

fn collect() -> Result<Vec<Trial>, String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let known = Known::read(&here.join("libc-known-failures.txt"))?;
    let dir = oracle::repo().join("tests/ports/libc");
    let mut trials = Vec::new();
    for program in programs(&dir, is_c)? {
        for (case, settings) in &program.cases {
            let (source, settings) = (program.source.clone(), settings.clone());
            trials.push(known.trial(&program.test_name(case), move || test(&source, &settings)));
        }
    }
    match known.strays(&trials).first() {
        Some(name) => Err(format!("libc-known-failures.txt names {name}, which no program has")),
        None => Ok(trials),
    }
}

fn test(source: &Path, settings: &Settings) -> Result<(), String> {
    LIBC.compare(source, settings)
}

fn main() {
    ports::main(2, collect);
}
