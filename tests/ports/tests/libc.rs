//! The C library as a port: each program of `libc/` tries an area of musl, in ring 0 and on Linux, and must say the same. `libc-known-failures.txt`
//! names what fails.

use libtest_mimic::Trial;
use oracle::directive::{Settings, cases};
use oracle::known::Known;
use ports::programs::Programs;
use std::path::{Path, PathBuf};

const LIBC: Programs = Programs { name: "libc", libs: &["ports/musl"], config: &["CONFIG_LIBMUSL=y"] };

fn collect() -> Result<Vec<Trial>, String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let known = Known::read(&here.join("libc-known-failures.txt"))?;
    let dir = oracle::repo().join("tests/ports/libc");
    let entries = std::fs::read_dir(&dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    let mut sources: Vec<PathBuf> = entries.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "c")).collect();
    sources.sort();
    let mut trials = Vec::new();
    for source in sources {
        let text = std::fs::read_to_string(&source).map_err(|e| format!("{}: {e}", source.display()))?;
        let stem = source.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        for (case, settings) in cases(&text).map_err(|e| format!("{}: {e}", source.display()))? {
            let name = if case.is_empty() { stem.clone() } else { format!("{stem}::{case}") };
            let source = source.clone();
            trials.push(known.trial(&name, move || test(&source, &settings)));
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
