//! `unox check`: what a program needs of the kernel, without booting.

use crate::cache;
use crate::cli::Check;
use crate::failure::{Failure, Result};
use rootfs::{Cache, Entry, Plan, Reason, Request, What};
use sccheck::{Call, Input, Place, Report, Role};
use serde_json::json;
use std::fmt::Write;

/// Places named for a call, at most.
const PLACES: usize = 3;

/// Checks. The status is 0 when nothing is missing.
pub fn run(check: &Check) -> Result<u8> {
    let request = Request { packages: false, cache: Cache::at(cache::dir()).ok(), ..Request::new(check.program.clone(), [""; 0]) };
    let plan = rootfs::plan(&request).map_err(crate::run::files::failure)?;
    let inputs = inputs(&plan);
    let report = sccheck::check(&inputs, sccheck::supported()).map_err(|e| Failure::new(e.to_string()))?;
    let text = match check.json {
        true => {
            format!("{}\n", json!({"program": plan.exec, "objects": inputs.iter().map(|i| &i.path).collect::<Vec<_>>(), "report": report}))
        }
        false => text(check, &plan, &inputs, &report),
    };
    crate::run::print(&text);
    Ok(u8::from(report.missing().next().is_some()))
}

/// The ELF files of a plan: the program and the interpreters first.
fn inputs(plan: &Plan) -> Vec<Input> {
    let part = |e: &Entry| match e.reason {
        Reason::Program | Reason::Interpreter => Some(Role::Whole),
        Reason::Library(_) => Some(Role::Library),
        _ => None,
    };
    let files = plan.entries.iter().filter(|e| e.what == What::File);
    let mut all: Vec<Input> = files.filter_map(|e| Some(Input { path: e.host_path()?.into(), role: part(e)? })).collect();
    // A `#!` script stands among them; only machine code counts.
    all.retain(|i| starts_as_elf(&i.path));
    let rank = |i: &Input| (i.role == Role::Library, i.path.file_name().is_some_and(|n| n.as_encoded_bytes().starts_with(b"ld-")));
    all.sort_by_key(rank);
    all
}

fn starts_as_elf(path: &std::path::Path) -> bool {
    use std::io::Read;
    let mut start = [0; 4];
    std::fs::File::open(path).is_ok_and(|mut f| f.read_exact(&mut start).is_ok()) && start == *b"\x7fELF"
}

fn text(check: &Check, plan: &Plan, inputs: &[Input], report: &Report) -> String {
    let mut out = String::new();
    let missing: Vec<_> = report.missing().collect();
    let shown = report.calls.iter().filter(|c| check.verbose || !c.supported);
    for call in shown {
        let _ = writeln!(out, "{}", line(call));
    }
    for (what, places) in [("number only known at run time", &report.unknown), ("32-bit call (int 0x80)", &report.int80)] {
        if !places.is_empty() {
            let _ = writeln!(out, "{what}: {}", named(places));
        }
    }
    let _ = writeln!(
        out,
        "{}: {} can make {} system calls; the kernel has {} of them, {} missing",
        plan.exec.display(),
        match inputs.len() {
            1 => "the program".to_owned(),
            n => format!("the program and {} libraries", n - 1),
        },
        report.calls.len(),
        report.calls.len() - missing.len(),
        missing.len()
    );
    if !missing.is_empty() {
        out.push_str("A call that can be made need not be: unox run says when the program makes one that is missing.\n");
    }
    out
}

fn line(call: &Call) -> String {
    let has = if call.supported { "      " } else { "missing" };
    format!("{has:<8}{:>4} {:<22} {}", call.number, call.name, named(&call.places))
}

fn named(places: &[Place]) -> String {
    let shown: Vec<_> = places.iter().take(PLACES).map(|p| format!("{} in {}", p.function, p.object)).collect();
    let more = places.len().saturating_sub(PLACES);
    if more > 0 { format!("{}, {more} more", shown.join(", ")) } else { shown.join(", ") }
}
