//! The tool as a process: signals reach the program, and no QEMU stays behind.

use crate::{Test, job};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use oracle::run::{under_unox, unox};
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub const TESTS: &[Test] = &[
    ("interrupt_reaches_the_program", || signalled(Signal::SIGINT, 42)),
    ("terminate_reaches_the_program", || signalled(Signal::SIGTERM, 43)),
    ("terminate_kills_by_default", by_default),
    ("no_qemu_left_after_kill", no_orphan),
    ("rootfs_directory", rootfs),
    ("rootfs_misses_the_program", rootfs_missing),
    ("environment_and_directory", environment),
    ("closed_stdout", closed_stdout),
];

const WAITS: &str = "$| = 1; $SIG{INT} = sub { exit 42 }; $SIG{TERM} = sub { exit 43 }; print \"ready\\n\"; sleep 50";

/// Starts `unox run ARGS` and waits for its first line.
fn start(args: &[&str]) -> Result<Child, String> {
    let mut child =
        Command::new(unox()?).arg("run").args(args).stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(|e| e.to_string())?;
    let mut first = [0];
    let got = child.stdout.as_mut().map_or(0, |out| out.read(&mut first).unwrap_or(0));
    if got == 1 {
        return Ok(child);
    }
    let _ = child.kill();
    let _ = child.wait();
    Err("the program wrote nothing".to_owned())
}

fn send(child: &Child, signal: Signal) {
    if let Ok(pid) = i32::try_from(child.id()) {
        let _ = kill(Pid::from_raw(pid), signal);
    }
}

fn finish(child: &mut Child) -> Result<i32, String> {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(20) {
        if let Some(status) = child.try_wait().map_err(|e| e.to_string())? {
            return Ok(status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0)));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let _ = child.kill();
    let _ = child.wait();
    Err("unox did not end".to_owned())
}

fn is(got: i32, want: i32) -> Result<(), String> {
    if got == want { Ok(()) } else { Err(format!("status {got}, wanted {want}")) }
}

fn signalled(signal: Signal, want: i32) -> Result<(), String> {
    let mut child = start(&["/usr/bin/perl", "-e", WAITS])?;
    send(&child, signal);
    is(finish(&mut child)?, want)
}

fn by_default() -> Result<(), String> {
    let mut child = start(&["/usr/bin/perl", "-e", "$| = 1; print \"ready\\n\"; sleep 50"])?;
    send(&child, Signal::SIGTERM);
    is(finish(&mut child)?, 143)
}

/// Processes whose command line holds `mark`.
fn marked(mark: &str) -> usize {
    let holds = |pid: &std::ffi::OsStr| {
        std::fs::read(std::path::Path::new("/proc").join(pid).join("cmdline")).is_ok_and(|c| String::from_utf8_lossy(&c).contains(mark))
    };
    std::fs::read_dir("/proc").map_or(0, |all| all.flatten().filter(|e| holds(&e.file_name())).count())
}

fn no_orphan() -> Result<(), String> {
    let mark = format!("unox-boot-test-{}", std::process::id());
    let mut child = start(&["--qemu-arg", "-name", "--qemu-arg", &mark, "/usr/bin/perl", "-e", WAITS])?;
    if marked(&mark) < 2 {
        return Err("QEMU was not found by its name".to_owned());
    }
    let _ = child.kill();
    let _ = child.wait();
    for _ in 0..100 {
        if marked(&mark) == 0 {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Err("QEMU still runs after SIGKILL of unox".to_owned())
}

fn rootfs() -> Result<(), String> {
    let dir = oracle::target().join("boot-tests/root");
    std::fs::create_dir_all(dir.join("bin")).map_err(|e| e.to_string())?;
    std::fs::copy(crate::guest("hello.c", "static")?, dir.join("bin/hello")).map_err(|e| e.to_string())?;
    let got = under_unox(&job(&["--rootfs", &dir.to_string_lossy()], "/bin/hello", &[]))?;
    crate::expect(got.status == 7 && got.stdout == b"Hello, world!\n", "wanted the greeting and status 7", &got)
}

fn rootfs_missing() -> Result<(), String> {
    let dir = oracle::target().join("boot-tests/empty-root");
    std::fs::create_dir_all(&dir).map_err(|e| e.to_string())?;
    let got = under_unox(&job(&["--rootfs", &dir.to_string_lossy()], "/bin/hello", &[]))?;
    crate::expect(got.status == 127, "wanted status 127", &got)
}

fn environment() -> Result<(), String> {
    let options = ["--env", "COLOUR=green", "--workdir", "/etc", "--hostname", "elsewhere", "--user", "1000:1001"];
    let code = "import os, socket; print(os.environ['COLOUR'], os.getcwd(), os.uname().nodename, os.getuid(), os.getgid())";
    let got = under_unox(&job(&options, "/usr/bin/python3", &["-c", code]))?;
    crate::expect(got.stdout == b"green /etc elsewhere 1000 1001\n", "wanted what the options say", &got)
}

/// `unox run … | head -1`: the program gets SIGPIPE or EPIPE and the machine ends.
fn closed_stdout() -> Result<(), String> {
    let mut child = start(&["/usr/bin/seq", "1", "100000000"])?;
    drop(child.stdout.take());
    let status = finish(&mut child)?;
    if status == 0 { Err("status 0 although the reader went away".to_owned()) } else { Ok(()) }
}
