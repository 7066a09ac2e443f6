//! Builds the kernel, and the tool with the kernel inside.

use crate::shell::{cargo, check, target};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The tool.
pub fn unox() -> PathBuf {
    target().join("release/unox")
}

/// The kernel with its symbols, for debuggers.
pub fn kernel_file() -> PathBuf {
    target().join("release/unox-kernel")
}

/// The kernel as it is embedded and measured: without symbols.
pub fn stripped_kernel() -> PathBuf {
    target().join("release/unox-kernel.stripped")
}

/// The one symbol that stays: where `unox run --gdb` stops to learn which files the program has in memory.
const DEBUGGER_STOP: &str = "unox_mapped";

/// Builds the kernel and strips a copy; gives the path of the one with symbols.
///
/// # Errors
/// What cargo or strip said.
pub fn kernel() -> Result<PathBuf, String> {
    check(cargo().args(["build", "--quiet", "--release", "--package", "unox-kernel"]))?;
    strip(&kernel_file(), &stripped_kernel(), &["--keep-symbol", DEBUGGER_STOP])?;
    Ok(kernel_file())
}

/// Strips a copy. The same bytes keep their date, so that the tool is not built again for nothing.
fn strip(from: &Path, to: &Path, options: &[&str]) -> Result<(), String> {
    let fresh = to.with_extension("new");
    check(Command::new("strip").args(options).arg("-o").arg(&fresh).arg(from))?;
    let same = matches!((std::fs::read(&fresh), std::fs::read(to)), (Ok(a), Ok(b)) if a == b);
    let done = if same { std::fs::remove_file(&fresh) } else { std::fs::rename(&fresh, to) };
    done.map_err(|e| format!("{}: {e}", fresh.display()))
}

/// Builds the kernel, then the tool around it.
///
/// # Errors
/// What cargo or strip said.
pub fn all() -> Result<(), String> {
    kernel()?;
    let counter = plugin()?;
    let stripped = counter.with_extension("stripped");
    strip(&counter, &stripped, &[])?;
    let mut tool = cargo();
    tool.args(["build", "--quiet", "--release", "--package", "unox", "--bin", "unox"])
        .env("UNOX_KERNEL", absolute(stripped_kernel())?)
        .env("UNOX_PLUGIN", stripped);
    // What the kernel gains from whole-program optimisation the tool does not need: it would only build slower.
    tool.env("CARGO_PROFILE_RELEASE_LTO", "off").env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    check(&mut tool)
}

/// Builds the instruction-counting QEMU plugin.
///
/// # Errors
/// What cargo said.
pub fn plugin() -> Result<PathBuf, String> {
    check(cargo().args(["build", "--quiet", "--release", "--package", "insncount"]))?;
    absolute(target().join("release/libinsncount.so"))
}

fn absolute(path: PathBuf) -> Result<PathBuf, String> {
    std::path::absolute(&path).map_err(|e| format!("{}: {e}", path.display()))
}
