//! docs/book/porting.md, executed: every `sh` block in one shell, in order; every `text` block is looked for in what the block before it printed.

use libtest_mimic::{Arguments, Trial};
use std::process::Command;

/// The chapter's blocks: (language, text).
fn blocks(chapter: &str) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in chapter.lines() {
        match (line.strip_prefix("```"), open.take()) {
            (Some(_), Some(block)) => all.push(block),
            (Some(language), None) => open = Some((language.to_string(), String::new())),
            (None, Some((language, text))) => open = Some((language, format!("{text}{line}\n"))),
            (None, None) => {}
        }
    }
    all
}

fn chapter() -> Result<(), String> {
    let text = std::fs::read_to_string(oracle::repo().join("docs/book/porting.md")).map_err(|e| e.to_string())?;
    let blocks = blocks(&text);
    let home = tempfile::tempdir().map_err(|e| e.to_string())?;
    let bin = home.path().join("bin");
    std::fs::create_dir(&bin).map_err(|e| e.to_string())?;
    std::os::unix::fs::symlink(oracle::run::unox()?, bin.join("kraft")).map_err(|e| e.to_string())?;
    let mirror = oracle::target().join("mirror");
    let rc = format!("[fetch]\nmirrors = [\"file://{}\"]\noffline = true\n", mirror.display());
    std::fs::write(home.path().join(".kraftrc"), rc).map_err(|e| e.to_string())?;
    let mut script = "set -e\n".to_string();
    for (at, (_, body)) in blocks.iter().enumerate().filter(|(_, (language, _))| language == "sh") {
        script.push_str(&format!("echo '@@@ {at}'\n{body}"));
    }
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
    let cache = std::env::var_os("XDG_CACHE_HOME").map_or_else(|| oracle::target().join("ports/cache"), Into::into);
    let cargo = std::env::var_os("CARGO_HOME").or_else(|| Some(std::path::Path::new(&std::env::var_os("HOME")?).join(".cargo").into()));
    let rustup = std::env::var_os("RUSTUP_HOME").or_else(|| Some(std::path::Path::new(&std::env::var_os("HOME")?).join(".rustup").into()));
    let mut shell = Command::new("timeout");
    shell
        .args(["900", "bash", "-c", &script])
        .env("HOME", home.path())
        .env("PATH", path)
        .env("XDG_CACHE_HOME", cache)
        .current_dir(home.path());
    shell
        .env_remove("KRAFTRC")
        .env("UK_ROOT", oracle::repo())
        .envs(cargo.map(|v| ("CARGO_HOME", v)))
        .envs(rustup.map(|v| ("RUSTUP_HOME", v)));
    let out = shell.output().map_err(|e| e.to_string())?;
    let printed = String::from_utf8_lossy(&out.stdout).into_owned();
    if !out.status.success() {
        return Err(format!("{}:\n{printed}\n{}", out.status, String::from_utf8_lossy(&out.stderr)));
    }
    for (at, (_, wanted)) in blocks.iter().enumerate().filter(|(_, (language, _))| language == "text") {
        let before = format!("@@@ {}\n", at - 1);
        let said = printed.split(&before).nth(1).and_then(|rest| rest.split("@@@ ").next()).unwrap_or("");
        if let Some(line) = wanted.lines().find(|line| !said.contains(line)) {
            return Err(format!("block {at}: {line:?} is not in\n{said}"));
        }
    }
    Ok(())
}

fn main() {
    if oracle::native_only() {
        return;
    }
    libtest_mimic::run(&Arguments::from_args(), vec![Trial::test("the_chapter_on_porting", || Ok(chapter()?))]).exit();
}
