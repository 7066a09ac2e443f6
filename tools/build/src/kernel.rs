//! The kernel by cargo: one target directory in the user's cache for all projects, and cargo called only when a source changed.

use crate::error::{Error, Result, io};
use crate::exec::Executor;
use crate::stat::Stat;
use crate::{depfile, make, require};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What chooses the kernel besides its sources.
pub(crate) fn key(e: &Executor<'_>) -> String {
    let cargo = e.plan.tools.get("CARGO").map_or("cargo", String::as_str);
    format!("{:?} {} {}", e.plan.kernel, arguments(e).join(" "), Stat::of(require::find(cargo).unwrap_or_default()).mtime())
}

fn arguments(e: &Executor<'_>) -> Vec<String> {
    let Some(kernel) = &e.plan.kernel else { return Vec::new() };
    let mut words = vec!["build".to_string(), "--manifest-path".into(), e.options.base.join("Cargo.toml").display().to_string()];
    words.extend(["-p".into(), kernel.package.clone(), "--profile".into(), kernel.profile.clone(), "--no-default-features".into()]);
    if !kernel.features.is_empty() {
        words.extend(["--features".into(), kernel.features.join(",")]);
    }
    words
}

/// Builds the kernel's archive and copies it to `out`; the files it was made from.
pub(crate) fn build(e: &Executor<'_>, out: &Path) -> Result<Vec<String>> {
    let Some(kernel) = &e.plan.kernel else { return Ok(Vec::new()) };
    let program = e.plan.tools.get("CARGO").map_or("cargo", String::as_str);
    if require::find(program).is_none() {
        return Err(Error::Requirements(require::sometimes("cargo").into_iter().collect()));
    }
    let target = e.cache.join("kernel");
    std::fs::create_dir_all(&target).map_err(io(&target))?;
    // Another project's features would replace the file between cargo's end and our copy.
    let lock = std::fs::File::create(target.join(".unox-lock")).map_err(io(&target))?;
    if lock.try_lock().is_err() {
        e.progress.say("waiting: another project is building the kernel");
        lock.lock().map_err(io(&target))?;
    }
    let mut cargo = make::clean_command(program);
    cargo.args(arguments(e)).arg("--target-dir").arg(&target).arg(format!("-j{}", e.jobs)).current_dir(&e.options.base);
    if e.options.offline {
        cargo.arg("--offline");
    }
    run(e, cargo)?;
    let dir = target.join(if kernel.profile == "dev" { "debug" } else { kernel.profile.as_str() });
    let name = kernel.package.replace('-', "_");
    let made = dir.join(format!("lib{name}.a"));
    let _ = std::fs::remove_file(out);
    std::fs::copy(&made, out).map_err(io(&made))?;
    let text = std::fs::read_to_string(dir.join(format!("lib{name}.d"))).unwrap_or_default();
    Ok(sources(&e.options.base, depfile::parse(&text)))
}

fn run(e: &Executor<'_>, mut cargo: Command) -> Result<()> {
    if e.options.verbose > 0 {
        println!("{cargo:?}");
    }
    let output = cargo.output().map_err(io("cargo"))?;
    if output.status.success() {
        return Ok(());
    }
    if std::os::unix::process::ExitStatusExt::signal(&output.status).is_some() {
        return Err(Error::Interrupted);
    }
    e.progress.say(&String::from_utf8_lossy(&output.stderr));
    Err(Error::Failed(format!("the kernel could not be built; the command was:\n  {cargo:?}")))
}

/// The sources that cargo names, and the manifests of their crates and of the workspace.
fn sources(base: &Path, listed: Vec<String>) -> Vec<String> {
    let mut all: BTreeSet<PathBuf> =
        ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", ".cargo/config.toml"].iter().map(|f| base.join(f)).collect();
    for file in listed.iter().map(PathBuf::from) {
        let manifest = file.ancestors().skip(1).take_while(|d| d.starts_with(base)).map(|d| d.join("Cargo.toml")).find(|m| m.exists());
        all.extend(manifest);
        all.insert(file);
    }
    all.into_iter().filter(|f| f.is_file()).map(|f| f.display().to_string()).collect()
}

/// The linker that came with rustc, as flags for gcc, and its files; nothing when there is none.
pub(crate) fn rusts_linker(rustc: &str) -> Option<(String, Vec<String>)> {
    let output = make::clean_command(rustc).args(["--print", "sysroot"]).output().ok()?;
    let sysroot = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    let targets = std::fs::read_dir(sysroot.join("lib/rustlib")).ok()?.flatten();
    let dir = targets.map(|t| t.path().join("bin/gcc-ld")).find(|d| d.join("ld.lld").is_file())?;
    let real = dir.parent().map(|bin| bin.join("rust-lld")).filter(|l| l.is_file());
    let files = std::iter::once(dir.join("ld.lld")).chain(real).map(|f| f.display().to_string()).collect();
    Some((format!("-fuse-ld=lld -B{}", dir.display()), files))
}
