//! Reads the kernel's system-call table (syscall/src/table.rs) and writes the list of its numbers: the tools may not depend on the kernel,
//! and a list kept by hand would go stale.

use std::fmt::Write;

fn main() {
    let dir = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    let table = format!("{dir}/../../syscall/src/table.rs");
    println!("cargo::rerun-if-changed={table}");
    let text = std::fs::read_to_string(&table).unwrap_or_default();
    let mut out = String::from("&[\n");
    for line in text.lines() {
        // `    name = number => path::to::handler(...);`
        let Some((left, _)) = line.trim().split_once(" => ") else { continue };
        let Some((name, number)) = left.split_once(" = ") else { continue };
        let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if let (true, Ok(number)) = (is_name, number.parse::<u32>()) {
            let _ = writeln!(out, "    ({number}, \"{name}\"),");
        }
    }
    out.push_str("]\n");
    let path = format!("{}/supported.rs", std::env::var("OUT_DIR").unwrap_or_default());
    if let Err(e) = std::fs::write(&path, out) {
        println!("cargo::error=cannot write {path}: {e}");
    }
}
