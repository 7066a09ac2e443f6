//! Looking inside: names for addresses in reports, a real debugger with the symbols of program and libraries.

use crate::{Test, expect, job};
use oracle::run::{under_unox, unox};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub const TESTS: &[Test] = &[
    ("fault_names_the_callers", fault),
    ("lack_names_the_caller", lack),
    ("expected_lacks_are_quiet", quiet),
    ("debugger_has_all_symbols", debugger),
];

/// Faults in a function that the C library calls back; with an argument it sorts without a fault.
const SOURCE: &str = r#"
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
static int fine;
__attribute__((noinline)) int compare(const void *a, const void *b) { return fine ? *(int *)a - *(int *)b : *(volatile int *)8; }
__attribute__((noinline)) int sorter(void) { int v[] = {3, 1, 2}; qsort(v, 3, sizeof *v, compare); return v[0]; }
__attribute__((noinline)) long caller(long number) { return syscall(number, 0, 0, 0, 0, 0) + 1; }
int main(int argc, char **argv) {
    fine = argc > 1;
    if (fine) { caller(atoi(argv[1])); caller(atoi(argv[1])); }
    printf("%d\n", sorter());
    return 0;
}
"#;

fn program(name: &str) -> Result<PathBuf, String> {
    let dir = oracle::target().join("boot-tests");
    std::fs::create_dir_all(&dir).map_err(|e| e.to_string())?;
    let (source, out) = (dir.join(format!("{name}.c")), dir.join(name));
    std::fs::write(&source, SOURCE).map_err(|e| e.to_string())?;
    let done = Command::new("gcc").args(["-O1", "-o"]).arg(&out).arg(&source).output().map_err(|e| format!("gcc: {e}"))?;
    if done.status.success() { Ok(out) } else { Err(String::from_utf8_lossy(&done.stderr).into_owned()) }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn fault() -> Result<(), String> {
    let got = under_unox(&job(&[], &text(&program("looking-fault")?), &[]))?;
    let named = ["SIGSEGV: null pointer, address 0x8 at compare+0x", " sorter+0x", " main+0x", "in libc.so.6", "rip 0x", "rax "];
    let all = named.iter().all(|part| got.notes.contains(part));
    expect(got.status == 139 && all, "wanted the functions from compare up to main, and the registers", &got)
}

fn lack() -> Result<(), String> {
    // perf_event_open
    let got = under_unox(&job(&[], &text(&program("looking-lack")?), &["298"]))?;
    let named = ["298 (perf_event_open)", "ENOSYS", "syscall+0x", "in libc.so.6 from caller+0x", "profilers"];
    let once = got.notes.matches("perf_event_open").count() == 1;
    expect(got.status == 0 && once && named.iter().all(|part| got.notes.contains(part)), "wanted one line with caller and effect", &got)
}

fn quiet() -> Result<(), String> {
    // io_uring_setup
    let path = text(&program("looking-quiet")?);
    let got = under_unox(&job(&[], &path, &["425"]))?;
    expect(got.status == 0 && !got.notes.contains("io_uring"), "wanted no word about what programs expect", &got)?;
    let got = under_unox(&job(&["-v"], &path, &["425"]))?;
    expect(got.status == 0 && got.notes.contains("fall back"), "wanted the effect with -v", &got)
}

fn debugger() -> Result<(), String> {
    let program = program("looking-debugger")?;
    let mut machine = Command::new(unox()?)
        .args(["run", "--gdb"])
        .arg(&program)
        .arg("39")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| e.to_string())?;
    let lines = BufReader::new(machine.stderr.take().ok_or("no stderr")?).lines();
    let script = lines.map_while(Result::ok).find_map(|line| line.trim().strip_prefix("gdb -x ").map(str::to_owned));
    let result = script.clone().ok_or_else(|| "unox did not print the command".to_owned()).and_then(|script| session(&script));
    let _ = machine.kill();
    let _ = machine.wait();
    // A tool that is killed cannot tidy up.
    for extension in ["gdb", "gdbinit"] {
        let _ = script.as_ref().map(|script| std::fs::remove_file(PathBuf::from(script).with_extension(extension)));
    }
    result
}

fn session(script: &str) -> Result<(), String> {
    let mut gdb = Command::new("timeout");
    gdb.args(["60", "gdb", "-nx", "-batch", "-x", script]);
    // A function of a library, before that is mapped; then one of the program.
    for command in ["break -q qsort_r", "continue", "backtrace", "break compare", "continue", "backtrace", "kill"] {
        gdb.args(["-ex", command]);
    }
    // QEMU listens a moment after the command is printed.
    let socket = PathBuf::from(script).with_extension("gdb");
    for _ in 0..500 {
        if socket.exists() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let done = gdb.stdin(Stdio::null()).output().map_err(|e| format!("gdb: {e}: run `cargo xtask setup`"))?;
    let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    let frame = |number: &str, name: &str| said.lines().any(|l| l.starts_with(number) && l.contains(name));
    let wanted = [("#0", "qsort_r"), ("#1", "sorter"), ("#2", "main"), ("#0", "compare")];
    match wanted.iter().find(|(number, name)| !frame(number, name)) {
        None => Ok(()),
        Some((number, name)) => Err(format!("no frame {number} {name}:\n{said}")),
    }
}
