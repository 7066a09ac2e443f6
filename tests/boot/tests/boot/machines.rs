//! Machine types and memory sizes.

use crate::{Test, expect, guest, job};
use oracle::compare::differences;
use oracle::run::{native, under_unox};

pub const TESTS: &[Test] = &[
    ("microvm", || grep(&["--machine", "microvm"])),
    ("q35", || grep(&["--machine", "q35"])),
    ("pc", || grep(&["--machine", "pc"])),
    ("tcg", || grep(&["--accel", "tcg"])),
    ("no_aslr", || grep(&["--no-aslr"])),
    ("memory_hello_8m", || hello("8")),
    ("memory_hello_4m_says_so_or_runs", too_small),
    ("memory_grep_10m", || grep(&["-m", "10"])),
    ("memory_python_48m", || same(&["-m", "48"], "/usr/bin/python3", &["-c", "print(1)"])),
    ("memory_4g", || grep(&["-m", "4G"])),
    ("memory_8g", || same(&["-m", "8G"], "/usr/bin/true", &[])),
    ("smp_2_still_runs", || grep(&["--qemu-arg", "-smp", "--qemu-arg", "2"])),
    ("older_cpu", || same(&["--qemu-arg", "-cpu", "--qemu-arg", "qemu64"], "/usr/bin/echo", &["old"])),
    ("nehalem", || same(&["--qemu-arg", "-cpu", "--qemu-arg", "Nehalem"], "/usr/bin/sha256sum", &["/etc/passwd"])),
];

fn same(options: &[&str], program: &str, args: &[&str]) -> Result<(), String> {
    let job = job(options, program, args);
    differences(&native(&job)?, &under_unox(&job)?)
}

fn grep(options: &[&str]) -> Result<(), String> {
    same(options, "/usr/bin/grep", &["-c", "root", "/etc/passwd"])
}

fn hello(megabytes: &str) -> Result<(), String> {
    same(&["-m", megabytes], &guest("hello.c", "static")?.to_string_lossy(), &[])
}

/// With too little memory the machine runs or says why not; it does not hang.
fn too_small() -> Result<(), String> {
    let got = under_unox(&job(&["-m", "4"], "/usr/bin/python3", &["-c", "print(1)"]))?;
    let explained = got.status != 0 && got.notes.to_lowercase().contains("memory");
    expect(got.status == 0 || explained, "neither ran nor spoke of memory", &got)
}
