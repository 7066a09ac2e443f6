//! `cargo xtask bench`: the project's figures, measured in one run on one machine, beside a Linux guest that runs the same programs.
//!
//! Wall time under emulation on a shared machine is noise; guest instructions are not. They are counted from outside, by a QEMU plugin. Instructions
//! are blind to copies by QEMU, so host memory and wall time stand beside them.

mod figures;
mod linux;
mod measure;
mod newc;
mod shared;
mod table;

use crate::{build, setup};
use measure::Lab;
use table::Row;

/// Measures and prints. Words: `--json`, `--no-linux`, and parts of the names of the figures wanted.
///
/// # Errors
/// What kept every figure from being measured; a single figure that fails is printed as such.
pub fn run(words: &[String]) -> Result<(), String> {
    let has = |flag: &str| words.iter().any(|w| w == flag);
    if let Some(unknown) = words.iter().find(|w| w.starts_with('-') && !["--json", "--no-linux"].contains(&w.as_str())) {
        return Err(format!("bench knows --json and --no-linux, not {unknown}"));
    }
    let wanted: Vec<&String> = words.iter().filter(|w| !w.starts_with('-')).collect();
    setup::run(setup::Need::Test)?;
    build::all()?;
    let lab = Lab::new(!has("--no-linux"))?;
    let mut rows = Vec::new();
    for figure in figures::all() {
        if wanted.is_empty() || wanted.iter().any(|w| figure.name.contains(w.as_str())) {
            let row = figure.measure(&lab);
            eprintln!("xtask: {}", table::line(&row));
            rows.push(row);
        }
    }
    if has("--json") {
        println!("{}", table::json(&rows));
    } else {
        print!("{}", table::text(&rows));
        if let Some(why) = lab.without_linux() {
            println!("no Linux guest: {why}");
        }
    }
    let failed = rows.iter().filter(|row: &&Row| row.unox.is_err()).count();
    if failed == 0 { Ok(()) } else { Err(format!("{failed} figures could not be measured")) }
}
