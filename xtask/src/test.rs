//! `cargo xtask test`: every test, on a machine that is set up for them, with one summary line at the end.

use crate::shell::{cargo, target};
use crate::{build, setup, sources};
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::time::Instant;

/// Counts of a `test result:` line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// passed, failed, ignored, measured, filtered out
    pub all: [u64; 5],
}

const NAMES: [&str; 5] = ["passed", "failed", "ignored", "measured", "filtered out"];

impl Counts {
    /// Reads `test result: ok. 3 passed; 0 failed; …`.
    pub fn parse(line: &str) -> Option<Counts> {
        let (_, counts) = line.trim().strip_prefix("test result: ")?.split_once(". ")?;
        let mut all = [0; 5];
        for part in counts.split("; ") {
            if let Some((number, name)) = part.split_once(' ')
                && let Some(at) = NAMES.iter().position(|n| *n == name)
            {
                all[at] = number.parse().ok()?;
            }
        }
        Some(Counts { all })
    }

    fn add(&mut self, other: Counts) {
        for (sum, one) in self.all.iter_mut().zip(other.all) {
            *sum += one;
        }
    }
}

/// Runs them; `words` go to `cargo test`.
///
/// # Errors
/// That some failed, or what kept them from running.
pub fn run(words: &[String]) -> Result<(), String> {
    setup::run(setup::Need::Test)?;
    // What is missing fails the tests of its port, and those say so.
    if let Err(why) = sources::run() {
        eprintln!("xtask: {why}");
    }
    build::all()?;
    let began = Instant::now();
    let mut command = cargo();
    command.args(["test", "--workspace", "--no-fail-fast"]).args(words).stdout(Stdio::piped()).stdin(Stdio::null());
    let unox = std::path::absolute(build::unox()).map_err(|e| e.to_string())?;
    command.env("UNOX", unox).env("UNOX_CACHE", std::path::absolute(target().join("unox-cache")).map_err(|e| e.to_string())?);
    // Commands of another build must not reach the tool that is tested.
    command.env_remove("UNOX_KERNEL").env_remove("UNOX_QEMU");
    let mut child = command.spawn().map_err(|e| format!("cargo test: {e}"))?;
    let mut total = Counts::default();
    let mut failures = Vec::new();
    if let Some(out) = child.stdout.take() {
        read(BufReader::new(out), &mut std::io::stdout().lock(), &mut total, &mut failures);
    }
    let status = child.wait().map_err(|e| format!("cargo test: {e}"))?;
    if !failures.is_empty() {
        println!("\nfailures of all crates:\n{}", failures.join("\n"));
    }
    let word = if status.success() { "ok" } else { "FAILED" };
    let counts: Vec<String> = total.all.iter().zip(NAMES).map(|(n, name)| format!("{n} {name}")).collect();
    println!("\ntest result: {word}. {}; finished in {:.2}s", counts.join("; "), began.elapsed().as_secs_f64());
    if status.success() { Ok(()) } else { Err("some tests failed".to_string()) }
}

/// Passes the output on as it comes, and adds up.
fn read(mut from: impl BufRead, to: &mut impl Write, total: &mut Counts, failures: &mut Vec<String>) {
    let mut line = Vec::new();
    loop {
        line.clear();
        match from.read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let _ = to.write_all(&line);
        let text = String::from_utf8_lossy(&line);
        if let Some(counts) = Counts::parse(&text) {
            total.add(counts);
        }
        if text.starts_with("test ") && text.trim_end().ends_with("... FAILED") {
            failures.push(format!("    {}", text.trim_start_matches("test ").trim_end().trim_end_matches("... FAILED")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adds_up_what_cargo_prints() {
        let text = "test a ... FAILED\ntest result: FAILED. 3 passed; 1 failed; 2 ignored; 0 measured; 4 filtered out; finished in 0.10s\n\n\
                    test result: ok. 5 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s\n";
        let (mut total, mut failures) = (Counts::default(), Vec::new());
        read(text.as_bytes(), &mut std::io::sink(), &mut total, &mut failures);
        assert_eq!(total.all, [8, 1, 2, 0, 4]);
        assert_eq!(failures, ["    a "]);
        assert_eq!(Counts::parse("test result"), None);
    }
}
