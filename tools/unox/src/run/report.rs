//! What is said beside the program's own output: before a machine would start (`--dry-run`) and after it has ended.

use super::Boot;
use super::files::Files;
use super::root;
use crate::cli::Run;
use crate::failure::Result;
use crate::program::Program;
use serde_json::json;
use std::ffi::OsStr;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;
use vmm::machine::Channels;
use vmm::tty::say;
use vmm::{Config, Outcome, Spec};

/// Files named at the end, at most.
const MISSING: usize = 5;

/// What programs look for everywhere and do well without: no hint is given.
const UNIMPORTANT: [&str; 8] =
    ["/usr/lib/locale", "/usr/share/locale", "/etc/ld.so.preload", "/proc", "/sys", "/dev", "/run", "/usr/share/doc"];

/// The QEMU command, quoted for a shell. The channels are the tool's own, so they are left out.
pub fn command(spec: &Spec) -> String {
    let words = std::iter::once(spec.qemu.clone().into_os_string()).chain(spec.arguments(&Channels::default()));
    words.map(|word| quote(&word)).collect::<Vec<_>>().join(" ")
}

fn quote(word: &OsStr) -> String {
    let text = word.to_string_lossy();
    let plain = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_=+,./:@%".contains(c));
    if plain { text.into_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

/// `--dry-run`.
pub fn dry_run(run: &Run, files: &Files, spec: &Spec, config: &Config) -> Result<u8> {
    print(&if run.json { dry_json(files, spec, config) } else { dry_text(run, files, spec) });
    Ok(0)
}

/// `--dry-run` of an image.
pub fn dry_image(spec: &Spec, config: &Config, json: bool) {
    print(&if json { dry_json(&Files::default(), spec, config) } else { format!("{}\n", command(spec)) });
}

fn dry_json(files: &Files, spec: &Spec, config: &Config) -> String {
    let list: Vec<_> = files.list().map(|f| json!({"path": f.guest, "size": f.size, "host": f.host, "reason": f.reason})).collect();
    let total: u64 = files.list().map(|f| f.size).sum();
    let config: Vec<_> = config.records().map(|(k, v)| json!([k, String::from_utf8_lossy(v)])).collect();
    let arguments: Vec<_> = spec.arguments(&Channels::default()).iter().map(|a| a.to_string_lossy().into_owned()).collect();
    let via = files.has_root().then(|| files.via().to_string());
    let all = json!({"files": list, "bytes": total, "root_via": via, "qemu": {"program": spec.qemu, "arguments": arguments}, "configuration": config});
    format!("{all}\n")
}

fn dry_text(run: &Run, files: &Files, spec: &Spec) -> String {
    let mut text = String::new();
    let (mut count, mut total) = (0, 0);
    for file in files.list() {
        (count, total) = (count + 1, total + file.size);
        let from = file.host.filter(|host| *host != file.guest).map(|host| format!("  <- {}", host.display())).unwrap_or_default();
        let why = if run.guest.verbose > 0 { format!("  ({})", file.reason) } else { String::new() };
        let _ = writeln!(text, "{:>11}  {}{from}{why}", file.size, file.guest.display());
    }
    let _ = writeln!(text, "{total:>11}  bytes in {count} files");
    if files.has_root() {
        let _ = writeln!(text, "{}", root::explain(files.via(), run.root_via.is_some()));
    }
    let _ = writeln!(text, "{}", command(spec));
    text
}

/// Prints to stdout; a reader that has gone away is no failure.
pub fn print(text: &str) {
    use std::io::Write;
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

/// Says what there is to say and gives the exit status.
pub fn finish(run: &Run, program: &Program, files: &Files, outcome: &Outcome, before: Duration) -> u8 {
    if let Some(text) = &outcome.explanation {
        say(&format!("unox: {text}"));
    }
    // A program that did its job well did it without the directories it would have looked into as well.
    let succeeded = outcome.status == 0;
    let missing = worth_naming(&outcome.missing, |path| if succeeded { path.is_file() } else { path.exists() });
    if run.guest.rootfs.is_none() {
        hints(&missing, if run.guest.verbose > 0 { usize::MAX } else { MISSING });
    }
    if run.json {
        say(&as_json(outcome, files, &missing, before).to_string());
    } else if run.stats {
        figures(&program.guest, outcome, before);
    } else if run.guest.verbose > 0 {
        say(&format!("unox: QEMU started after {before:.1?}, ran for {:.1?}", outcome.ran_for));
    }
    outcome.status
}

/// As [`finish`] for an image, which holds all its files.
pub fn finish_image(boot: &Boot<'_>, outcome: &Outcome, before: Duration) -> u8 {
    if let Some(text) = &outcome.explanation {
        say(&format!("unox: {text}"));
    }
    if boot.json {
        say(&as_json(outcome, &Files::default(), &[], before).to_string());
    } else if boot.stats {
        figures(boot.name, outcome, before);
    } else if boot.verbose > 0 {
        say(&format!("unox: QEMU started after {before:.1?}, ran for {:.1?}", outcome.ran_for));
    }
    outcome.status
}

/// What the program looked for in vain, though the host has it.
fn hints(missing: &[&PathBuf], most: usize) {
    for path in missing.iter().take(most) {
        let path = path.display();
        say(&format!("unox: the program looked for {path}, which this host has and the image has not: add it with --add {path}"));
    }
    if missing.len() > most {
        say(&format!("unox: … and {} more: -v lists them, --trace finds and adds them all", missing.len() - most));
    }
}

fn worth_naming(missing: &[PathBuf], exists: impl Fn(&Path) -> bool) -> Vec<&PathBuf> {
    let mut named: Vec<&PathBuf> = Vec::new();
    for path in missing {
        let important = path.is_absolute() && !UNIMPORTANT.iter().any(|u| path.starts_with(u));
        if important && !named.contains(&path) && exists(path) {
            named.push(path);
        }
    }
    named
}

fn as_json(outcome: &Outcome, files: &Files, missing: &[&PathBuf], before: Duration) -> serde_json::Value {
    let stats: serde_json::Map<String, serde_json::Value> =
        outcome.stats.iter().map(|(k, v)| (k.clone(), v.parse::<u64>().map_or_else(|_| json!(v), |n| json!(n)))).collect();
    json!({
        "status": outcome.status,
        "explanation": outcome.explanation,
        "missing": missing,
        "stats": stats,
        "root_via": files.has_root().then(|| files.via().to_string()),
        "host": {
            "before_qemu_us": (before + outcome.started_after).as_micros(),
            "ran_us": outcome.ran_for.as_micros(),
            "qemu_rss_kib": outcome.qemu_rss_kib,
        },
    })
}

/// `--stats` for people.
fn figures(name: &Path, outcome: &Outcome, before: Duration) {
    say(&format!("unox: figures of {}", name.display()));
    for (key, value) in &outcome.stats {
        say(&format!("unox:   {key:<24} {value:>14}"));
    }
    let host = [
        ("host before QEMU, µs", (before + outcome.started_after).as_micros()),
        ("host, QEMU's life, µs", outcome.ran_for.as_micros()),
        ("host, QEMU's memory, KiB", outcome.qemu_rss_kib.into()),
    ];
    for (key, value) in host {
        say(&format!("unox:   {key:<24} {value:>14}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_name_what_the_host_has_once() {
        let missing: Vec<PathBuf> =
            ["/etc/a", "/etc/a", "/proc/self/x", "relative", "/etc/absent", "/usr/lib/locale/C"].map(PathBuf::from).to_vec();
        assert_eq!(worth_naming(&missing, |p| !p.ends_with("absent")), [Path::new("/etc/a")]);
    }

    #[test]
    fn words_are_quoted_for_a_shell() {
        assert_eq!(quote(OsStr::new("a=b,c")), "a=b,c");
        assert_eq!(quote(OsStr::new("a b'c")), "'a b'\\''c'");
        assert_eq!(quote(OsStr::new("")), "''");
    }
}
