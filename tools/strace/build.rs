//! Reads the kernel's system-call table (syscall/src/table.rs): the names and types of each call's arguments are how most of them are shown.

use std::fmt::Write;

fn main() {
    let dir = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    let table = format!("{dir}/../../syscall/src/table.rs");
    println!("cargo::rerun-if-changed={table}");
    let text = std::fs::read_to_string(&table).unwrap_or_default();
    let mut out = String::from("&[\n");
    for line in text.lines() {
        // `    name = number => path::to::handler(argument: Type, ...);`
        let Some((left, right)) = line.trim().split_once(" => ") else { continue };
        let Some((name, number)) = left.split_once(" = ") else { continue };
        let Some(arguments) = right.split_once('(').and_then(|(_, rest)| rest.strip_suffix(");")) else { continue };
        let Ok(number) = number.parse::<u32>() else { continue };
        let _ = write!(out, "    Call {{ number: {number}, name: \"{name}\", arguments: &[");
        for (argument, kind) in arguments.split(", ").filter_map(|a| a.split_once(": ")) {
            let _ = write!(out, "(\"{argument}\", \"{kind}\"), ");
        }
        out.push_str("] },\n");
    }
    out.push_str("]\n");
    let path = format!("{}/calls.rs", std::env::var("OUT_DIR").unwrap_or_default());
    if let Err(e) = std::fs::write(&path, out) {
        println!("cargo::error=cannot write {path}: {e}");
    }
}
