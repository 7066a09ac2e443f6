//! Compiles the vDSO's code to an object with the same rustc and links it into a shared object of its own, which `src/lib.rs` includes.
//! The link is ours because rustc would put its own version script in, and C libraries look the symbols up by the version LINUX_2.6.

use std::env;
use std::path::PathBuf;
use std::process::Command;

fn main() {
    let source = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("so");
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it"));
    println!("cargo::rerun-if-changed=so");
    println!("cargo::rerun-if-changed=../../abi/src/vdso.rs");
    let object = out.join("vdso.o");
    run(Command::new(env::var("RUSTC").unwrap_or_else(|_| "rustc".into()))
        .args(["--edition=2024", "--crate-type=lib", "--crate-name=vdso_so", "--emit=obj", "-Cpanic=abort", "-Copt-level=s"])
        .args(["-Ccodegen-units=1", "-Cdebuginfo=0", "-Cforce-unwind-tables=no", "-Crelocation-model=pic", "-o"])
        .arg(&object)
        .arg(source.join("vdso.rs")));
    run(Command::new("cc")
        .args(["-shared", "-nostdlib", "-nostartfiles", "-s", "-Wl,--no-undefined", "-Wl,-soname=linux-vdso.so.1"])
        .args(["-Wl,--hash-style=both", "-Wl,--build-id=none", "-Wl,-z,max-page-size=4096", "-Wl,-z,norelro", "-Wl,-z,noexecstack"])
        .arg(format!("-Wl,-T,{}", source.join("vdso.lds").display()))
        .arg(format!("-Wl,--version-script={}", source.join("exports.map").display()))
        .arg("-o")
        .arg(out.join("vdso.so"))
        .arg(&object));
}

fn run(command: &mut Command) {
    let status = command.status().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(status.success(), "{command:?} failed");
}
