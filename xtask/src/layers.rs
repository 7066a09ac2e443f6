//! The rules about rooms, checked: who may depend on whom, where `unsafe` and processor-specific code live, that files say what they are for.

use crate::shell::{cargo, output, root};
use std::path::{Path, PathBuf};

/// Which rooms a room may use. A room is the first folder of a crate's path; `lib`, `comps`, `tools` and `tests` hold many crates.
const MAY_USE: &[(&str, &[&str])] = &[
    // Only for `flags`, a macro: cargo itself sees to it that what uses abi is not used by it.
    ("abi", &["lib"]),
    ("lib", &["abi", "lib"]),
    ("hal", &["abi", "lib"]),
    ("kernel", &["hal", "abi", "lib"]),
    // comps for the vDSO's bytes, which the ELF loader maps.
    ("loader", &["comps", "kernel", "hal", "abi", "lib"]),
    ("comps", &["kernel", "hal", "abi", "lib", "comps"]),
    ("syscall", &["kernel", "loader", "hal", "abi", "lib"]),
    ("glue", &["comps", "syscall", "kernel", "hal", "abi", "lib"]),
    ("image", &["comps", "syscall", "loader", "kernel", "hal", "abi", "lib"]),
    ("tools", &["tools", "abi", "lib"]),
    ("xtask", &["tools", "abi", "lib"]),
    ("tests", &["xtask", "tests", "tools", "abi", "lib"]),
];

/// Rooms (or crates) whose source may hold `unsafe`, each for a reason.
const UNSAFE: &[(&str, &str)] = &[
    ("hal", "the machine"),
    ("image", "the entry point and the C symbols that the compiler asks for"),
    ("glue", "the C side of ports"),
    ("comps/vdso/so", "code of the vDSO: it runs in the application"),
    ("tools/vmm", "fork, ioctl and wait4"),
    ("tools/unox", "ptrace"),
    ("tools/insncount", "QEMU's plugin interface is C"),
];

/// Where the processor may be named.
const MACHINE_ROOM: &str = "hal";

/// A broken rule: where, and which.
pub type Violation = String;

/// Prints what is broken.
///
/// # Errors
/// The number of broken rules.
pub fn run() -> Result<(), String> {
    let found = check(&root())?;
    for violation in &found {
        println!("{violation}");
    }
    match found.len() {
        0 => {
            println!("layers: every rule holds");
            Ok(())
        }
        n => Err(format!("{n} broken rules")),
    }
}

/// All broken rules.
///
/// # Errors
/// When cargo or a file cannot be asked.
pub fn check(root: &Path) -> Result<Vec<Violation>, String> {
    let mut found = dependencies(root)?;
    let sources = sources(root);
    for path in &sources {
        let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
        let shown = path.strip_prefix(root).unwrap_or(path).display().to_string();
        found.extend(source(&shown, &text));
    }
    found.extend(kernel_order(root));
    Ok(found)
}

/// Rust files of the workspace's crates.
fn sources(root: &Path) -> Vec<PathBuf> {
    let rooms = MAY_USE.iter().map(|(room, _)| root.join(room));
    let all = rooms.flat_map(|dir| files(&dir, &["rs"]));
    // Programs that run in the guest are judged by what they print.
    all.filter(|f| !f.starts_with(root.join("tests/guest")) && !f.starts_with(root.join("tests/apps"))).collect()
}

/// Files under `dir` with one of the extensions, in order of their names; build output and hidden folders are passed over.
pub fn files(dir: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let mut out = Vec::new();
    let Ok(entries) = std::fs::read_dir(dir) else { return out };
    let mut entries: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "target" && !name.starts_with('.') {
                out.extend(files(&path, extensions));
            }
        } else if path.extension().is_some_and(|e| extensions.iter().any(|x| e == *x)) {
            out.push(path);
        }
    }
    out
}

/// Direction of dependency, from cargo's own view; and that each crate has the workspace's lints.
fn dependencies(root: &Path) -> Result<Vec<Violation>, String> {
    let text = output(cargo().args(["metadata", "--no-deps", "--offline", "--format-version=1"]))?;
    let metadata: serde_json::Value = serde_json::from_str(&text).map_err(|e| format!("cargo metadata: {e}"))?;
    let mut found = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let manifest = PathBuf::from(package["manifest_path"].as_str().unwrap_or_default());
        let from = room(root, &manifest);
        let allowed = MAY_USE.iter().find(|(room, _)| *room == from).map(|(_, may)| *may);
        let Some(allowed) = allowed else {
            found.push(format!("{}: {from} is no room of the house", manifest.display()));
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let Some(path) = dependency["path"].as_str() else { continue };
            let to = room(root, &Path::new(path).join("Cargo.toml"));
            if !allowed.contains(&to.as_str()) {
                let (crate_name, other) = (package["name"].as_str().unwrap_or(""), dependency["name"].as_str().unwrap_or(""));
                found.push(format!(
                    "{crate_name} depends on {other}: {from} may use {}",
                    if allowed.is_empty() { "nothing of ours".into() } else { allowed.join(", ") }
                ));
            }
        }
        let toml = std::fs::read_to_string(&manifest).unwrap_or_default();
        if !has_lints(&toml) {
            found.push(format!("{}: lacks [lints] workspace = true", manifest.strip_prefix(root).unwrap_or(&manifest).display()));
        }
    }
    Ok(found)
}

fn has_lints(toml: &str) -> bool {
    let mut lines = toml.lines().map(str::trim).skip_while(|l| *l != "[lints]").skip(1);
    lines.find(|l| !l.is_empty() && !l.starts_with('#')).is_some_and(|l| l.replace(' ', "") == "workspace=true")
}

fn room(root: &Path, manifest: &Path) -> String {
    let inside = manifest.strip_prefix(root).unwrap_or(manifest);
    inside.components().next().map(|c| c.as_os_str().to_string_lossy().into_owned()).unwrap_or_default()
}

/// The rules about one file.
fn source(shown: &str, text: &str) -> Vec<Violation> {
    let mut found = Vec::new();
    if !text.starts_with("//!") {
        found.push(format!("{shown}: does not open with //! and what it is for"));
    }
    let within = |place: &str| shown.strip_prefix(place).is_some_and(|rest| rest.starts_with('/'));
    let allowed = UNSAFE.iter().any(|(place, _)| within(place));
    for (i, line) in text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or("");
        if !within(MACHINE_ROOM) && code.contains(concat!("target", "_arch")) && !within("xtask") {
            found.push(format!("{shown}:{}: names the processor outside {MACHINE_ROOM}", i + 1));
        }
        if !allowed && is_unsafe(code) {
            found.push(format!("{shown}:{}: unsafe outside {}", i + 1, UNSAFE.map_names()));
        }
    }
    let crate_root = shown.ends_with("src/lib.rs") || shown.ends_with("src/main.rs");
    if crate_root && !allowed && !text.contains("#![forbid(unsafe_code)]") {
        found.push(format!("{shown}: lacks #![forbid(unsafe_code)]"));
    }
    found
}

trait Names {
    fn map_names(&self) -> String;
}

impl Names for [(&str, &str)] {
    fn map_names(&self) -> String {
        self.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }
}

/// Whether a line of code opens an unsafe block, function, impl, trait or foreign block. `unsafe_code` and the like are other words, and
/// words in quotes are none.
fn is_unsafe(code: &str) -> bool {
    let bare: String = code.split('"').step_by(2).collect();
    ["unsafe {", "unsafe fn", "unsafe impl", "unsafe trait", "unsafe extern", "#[unsafe("].iter().any(|word| bare.contains(word))
}

/// `kernel/src/lib.rs` states the order of the kernel's modules in its first lines (`a < b < c`); no module may use a later one.
fn kernel_order(root: &Path) -> Vec<Violation> {
    let src = root.join("kernel/src");
    let Ok(lib) = std::fs::read_to_string(src.join("lib.rs")) else { return Vec::new() };
    let order = stated_order(&lib);
    let mut found = Vec::new();
    if order.is_empty() {
        found.push("kernel/src/lib.rs: does not state the order of its modules (`a < b < c`)".to_string());
    }
    for path in files(&src, &["rs"]) {
        let inside = path.strip_prefix(&src).unwrap_or(&path);
        let module =
            inside.components().next().map(|c| c.as_os_str().to_string_lossy().trim_end_matches(".rs").to_string()).unwrap_or_default();
        if module == "lib" || order.is_empty() {
            continue;
        }
        let Some(place) = order.iter().position(|m| *m == module) else {
            found.push(format!("kernel/src/{}: module {module} has no place in the order stated in kernel/src/lib.rs", inside.display()));
            continue;
        };
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        for (line, used) in uses(&text) {
            if order.iter().position(|m| *m == used).is_some_and(|other| other > place) {
                found.push(format!("kernel/src/{}:{line}: {module} uses the later module {used}", inside.display()));
            }
        }
    }
    found
}

/// The order in the crate's first comment.
fn stated_order(lib: &str) -> Vec<String> {
    let comment: String = lib.lines().take_while(|l| l.starts_with("//!")).map(|l| l.trim_start_matches("//!")).collect();
    let stated = comment.split('`').find(|piece| piece.contains(" < "));
    stated.map(|s| s.split('<').map(|m| m.trim().to_string()).collect()).unwrap_or_default()
}

/// The first-level modules a file takes from its own crate, with the lines. Tests may use anything.
fn uses(text: &str) -> Vec<(usize, String)> {
    let mut out = Vec::new();
    for (i, line) in text.lines().enumerate() {
        if line.contains("#[cfg(test)]") {
            break;
        }
        let code = line.split("//").next().unwrap_or("");
        for piece in code.split("crate::").skip(1) {
            let name = |text: &str| text.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
            match piece.strip_prefix('{') {
                Some(group) => out.extend(top_level(group).into_iter().map(|part| (i + 1, name(&part)))),
                None => out.push((i + 1, name(piece))),
            }
        }
    }
    out
}

/// The parts of a `{a, b::{c, d}}` group at its own level.
fn top_level(group: &str) -> Vec<String> {
    let (mut depth, mut parts) = (0_i32, vec![String::new()]);
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => parts.push(String::new()),
            _ if depth < 0 => break,
            _ => parts.last_mut().into_iter().for_each(|p| p.push(c)),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_must_say_what_it_is_for() {
        assert_eq!(source("lib/x/src/a.rs", "//! Why.\n"), Vec::<String>::new());
        assert_eq!(source("lib/x/src/a.rs", "use x;\n").len(), 1);
    }

    #[test]
    fn unsafe_has_its_rooms() {
        let text = "//! Why.\nfn f() { unsafe { g() } }\n";
        assert_eq!(source("hal/src/a.rs", text), Vec::<String>::new());
        assert_eq!(source("kernel/src/a.rs", text).len(), 1);
        assert_eq!(source("kernel/src/a.rs", "//! Why.\n// unsafe { is talked about }\nlet x = \"unsafe {\";\n"), Vec::<String>::new());
        assert_eq!(source("kernel/src/lib.rs", "//! Why.\n").len(), 1);
        assert_eq!(source("kernel/src/lib.rs", "//! Why.\n#![forbid(unsafe_code)]\n"), Vec::<String>::new());
    }

    #[test]
    fn the_processor_is_named_in_hal_only() {
        let text = concat!("//! Why.\n#[cfg(target", "_arch = \"x86_64\")]\nmod a;\n");
        assert_eq!(source("hal/src/a.rs", text), Vec::<String>::new());
        assert_eq!(source("abi/src/a.rs", text).len(), 1);
    }

    #[test]
    fn lints_are_inherited_or_missed() {
        assert!(has_lints("[package]\n\n[lints]\nworkspace = true\n"));
        assert!(!has_lints("[package]\n[lints.rust]\nx = 1\n"));
        assert!(!has_lints(""));
    }

    #[test]
    fn modules_are_read_from_uses() {
        let text =
            "use crate::{mm::Space, vfs::{File, Inode}};\nfn f() { crate::fd::get() }\n// crate::net\n#[cfg(test)]\nuse crate::boot;\n";
        let names: Vec<String> = uses(text).into_iter().map(|(_, n)| n).collect();
        assert_eq!(names, ["mm", "vfs", "fd"]);
        assert_eq!(stated_order("//! Order:\n//! `sync < mm <\n//! vfs`.\n#![no_std]"), ["sync", "mm", "vfs"]);
    }
}
