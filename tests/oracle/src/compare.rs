//! Compares the two outcomes and says readably where they differ.

use crate::run::{Job, Outcome, native, under_unox};
use similar::{ChangeTag, TextDiff};
use std::fmt::Write;

/// Runs `job` on both and compares; with `only_unox` a status of 0 is what is asked for.
///
/// # Errors
/// A readable account of the differences.
pub fn check(job: &Job, only_unox: bool) -> Result<(), String> {
    if crate::native_only() {
        return if only_unox { Ok(()) } else { differences(&native(job)?, &native(job)?) };
    }
    if only_unox {
        let got = under_unox(job)?;
        return if got.status == 0 { Ok(()) } else { Err(account(&got)) };
    }
    differences(&native(job)?, &under_unox(job)?)
}

fn account(got: &Outcome) -> String {
    let tail = |b: &[u8]| String::from_utf8_lossy(&b[b.len().saturating_sub(3000)..]).into_owned();
    format!("status {}\n-- stdout:\n{}-- stderr:\n{}{}", got.status, tail(&got.stdout), tail(&got.stderr), got.notes)
}

/// Nothing when both are equal.
///
/// # Errors
/// The differences: `-` is what Linux said, `+` what unox said.
pub fn differences(linux: &Outcome, unox: &Outcome) -> Result<(), String> {
    let mut text = String::new();
    if linux.status != unox.status {
        let _ = writeln!(text, "exit status: Linux {}, unox {}", linux.status, unox.status);
    }
    for (name, a, b) in [("stdout", &linux.stdout, &unox.stdout), ("stderr", &linux.stderr, &unox.stderr)] {
        if a != b {
            let _ = writeln!(text, "{name} (- Linux, + unox):");
            text.push_str(&diff(a, b));
        }
    }
    if text.is_empty() {
        return Ok(());
    }
    if !unox.notes.is_empty() {
        let _ = write!(text, "unox said:\n{}", unox.notes.chars().take(3000).collect::<String>());
    }
    Err(text)
}

/// A line diff of at most some 80 lines; binary data is only measured.
fn diff(a: &[u8], b: &[u8]) -> String {
    const LINES: usize = 80;
    let (Ok(a), Ok(b)) = (std::str::from_utf8(a), std::str::from_utf8(b)) else { return measure(a, b) };
    if a.len().max(b.len()) > 1 << 20 {
        return measure(a.as_bytes(), b.as_bytes());
    }
    let mut out = String::new();
    let mut shown = 0;
    for group in TextDiff::from_lines(a, b).grouped_ops(1) {
        for op in group {
            for change in TextDiff::from_lines(a, b).iter_changes(&op) {
                let sign = match change.tag() {
                    ChangeTag::Delete => "  -",
                    ChangeTag::Insert => "  +",
                    ChangeTag::Equal => "   ",
                };
                shown += 1;
                if shown > LINES {
                    return out + "  ...\n";
                }
                let _ = writeln!(out, "{sign}{}", change.value().trim_end_matches('\n'));
            }
        }
    }
    out
}

fn measure(a: &[u8], b: &[u8]) -> String {
    let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    format!("  Linux {} bytes, unox {} bytes, equal up to byte {same}\n", a.len(), b.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(status: i32, stdout: &str) -> Outcome {
        Outcome { status, stdout: stdout.into(), stderr: Vec::new(), notes: String::new() }
    }

    #[test]
    fn equal_outcomes_pass() {
        assert!(differences(&outcome(1, "a\n"), &outcome(1, "a\n")).is_ok());
    }

    #[test]
    fn a_difference_is_shown_with_both_sides() {
        let text = differences(&outcome(0, "a\nb\n"), &outcome(139, "a\nc\n")).unwrap_err();
        assert!(text.contains("Linux 0, unox 139") && text.contains("  -b") && text.contains("  +c"), "{text}");
    }
}
