//! Puts the kernel into the tool: `UNOX_KERNEL=path cargo build -p unox` embeds that file. Without the variable the tool looks for
//! `unox-kernel` beside itself.

use std::path::{Path, PathBuf};

fn main() {
    println!("cargo::rerun-if-env-changed=UNOX_KERNEL");
    println!("cargo::rustc-check-cfg=cfg(embedded_kernel)");
    let Some(path) = std::env::var_os("UNOX_KERNEL").filter(|v| !v.is_empty()).map(PathBuf::from) else { return };
    assert!(path.is_absolute(), "UNOX_KERNEL must be an absolute path: {}", path.display());
    println!("cargo::rerun-if-changed={}", path.display());
    let out = std::env::var_os("OUT_DIR").map(|dir| Path::new(&dir).join("unox-kernel")).expect("cargo sets OUT_DIR");
    std::fs::copy(&path, out).unwrap_or_else(|error| panic!("UNOX_KERNEL={}: {error}", path.display()));
    println!("cargo::rustc-cfg=embedded_kernel");
}
