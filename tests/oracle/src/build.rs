//! Compiles a guest program into `target/guest-tests`, when its source is newer than what is there.

use crate::directive::Settings;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

/// Compiles `source` as `settings` say and returns the program's path.
///
/// # Errors
/// The compiler's messages, or what to install when there is no compiler.
pub fn build(source: &Path, case: &str, settings: &Settings) -> Result<PathBuf, String> {
    // One at a time: two tests may want the same program.
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock();
    let dir = crate::target().join("guest-tests");
    std::fs::create_dir_all(&dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    let stem = source.file_stem().and_then(|s| s.to_str()).unwrap_or("program");
    let variant = ["cc", "link", "flags"].iter().any(|k| !settings.get(k).is_empty());
    let name = if variant && !case.is_empty() { format!("{stem}-{case}") } else { stem.to_owned() };
    let out = dir.join(name);
    if fresh(&out, source) {
        return Ok(out);
    }
    // A directory of its own: rustc leaves objects beside its output, and two cases may compile at once.
    let workshop = dir.join(format!(".{stem}-{case}-{}", std::process::id()));
    std::fs::create_dir_all(&workshop).map_err(|e| format!("{}: {e}", workshop.display()))?;
    let temporary = workshop.join("program");
    let mut command = match source.extension().and_then(|e| e.to_str()) {
        Some("c") => c(source, &temporary, settings, "gcc"),
        Some("cc") => c(source, &temporary, settings, "g++"),
        Some("rs") => rust(source, &temporary, settings),
        Some("go") => go(source, &temporary, &dir),
        _ => script(source, &temporary),
    };
    let done = command.output().map_err(|e| format!("{command:?}: {e}: install the compilers with `cargo xtask setup`"))?;
    if !done.status.success() {
        return Err(format!("{command:?}:\n{}", String::from_utf8_lossy(&done.stderr)));
    }
    std::fs::rename(&temporary, &out).map_err(|e| format!("{}: {e}", out.display()))?;
    let _ = std::fs::remove_dir_all(&workshop);
    Ok(out)
}

fn fresh(out: &Path, source: &Path) -> bool {
    let time = |p: &Path| std::fs::metadata(p).and_then(|m| m.modified()).ok();
    let header = source.with_file_name("check.h");
    match (time(out), time(source), time(&header)) {
        (Some(out), Some(source), Some(header)) => out > source && out > header,
        _ => false,
    }
}

fn c(source: &Path, out: &Path, settings: &Settings, default: &str) -> Command {
    let mut command = Command::new(settings.or("cc", default));
    command.args(["-O2", "-g", "-pthread"]);
    command.args(match settings.or("link", "static") {
        "static-pie" => &["-static-pie", "-fPIE"][..],
        "dynamic" => &["-pie", "-fPIE"][..],
        "dynamic-nopie" => &["-no-pie"][..],
        _ => &["-static", "-no-pie"][..],
    });
    command.arg("-o").arg(out).arg(source).args(settings.get("flags").split_whitespace());
    command
}

fn rust(source: &Path, out: &Path, settings: &Settings) -> Command {
    let mut command = Command::new("rustc");
    command.args(["--edition=2024", "-O", "--crate-name", "guest"]);
    if settings.or("link", "static") == "static" {
        command.args(["-C", "target-feature=+crt-static"]);
    }
    command.arg("-o").arg(out).arg(source);
    command
}

fn go(source: &Path, out: &Path, dir: &Path) -> Command {
    let mut command = Command::new("go");
    command.env("CGO_ENABLED", "0").env("GOCACHE", dir.join("go-cache")).env("GO111MODULE", "off");
    command.args(["build", "-o"]).arg(out).arg(source);
    command
}

/// A `#!` script is copied, with the execute bits on.
fn script(source: &Path, out: &Path) -> Command {
    let mut command = Command::new("install");
    command.args(["-m", "755"]).arg(source).arg(out);
    command
}
