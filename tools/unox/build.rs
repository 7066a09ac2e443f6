//! Puts files into the tool: `UNOX_KERNEL=path cargo build -p unox` embeds that kernel, `UNOX_PLUGIN=path` the plugin that counts instructions. Without the first
//! the tool looks for `unox-kernel` beside itself; without the second it does not count.

use std::path::{Path, PathBuf};

fn main() {
    embed("UNOX_KERNEL", "unox-kernel", "embedded_kernel");
    embed("UNOX_PLUGIN", "insncount.so", "embedded_plugin");
}

fn embed(variable: &str, name: &str, flag: &str) {
    println!("cargo::rerun-if-env-changed={variable}");
    println!("cargo::rustc-check-cfg=cfg({flag})");
    let Some(path) = std::env::var_os(variable).filter(|v| !v.is_empty()).map(PathBuf::from) else { return };
    assert!(path.is_absolute(), "{variable} must be an absolute path: {}", path.display());
    println!("cargo::rerun-if-changed={}", path.display());
    let out = std::env::var_os("OUT_DIR").map(|dir| Path::new(&dir).join(name)).expect("cargo sets OUT_DIR");
    std::fs::copy(&path, out).unwrap_or_else(|error| panic!("{variable}={}: {error}", path.display()));
    println!("cargo::rustc-cfg={flag}");
}
