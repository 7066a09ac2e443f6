//! A stand-in for QEMU: a bash script that finds the channels on its command line as QEMU would, then does what a test says.
#![allow(dead_code, reason = "each test file is a crate of its own and uses a part")]

pub mod kraft;

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Sets one shell variable for each channel: `$ctl` (control lines out), `$control` (in), `$stdin`, `$stdout`, `$stderr`, `$tty`, `$qmp`.
const PRELUDE: &str = r#"#!/bin/bash
case "$*" in *"-device help"*) printf 'name "%s"\n' ivshmem-plain virtio-blk-device virtio-serial-device; exit 0 ;; esac
ctl= control= stdin= stdout= stderr= tty= qmp= module=
previous=
for argument in "$@"; do
    case $argument in
    socket,id=*) id=${argument#socket,id=}; fd=${id##*fd=}; declare "${id%%,*}=$fd" ;;
    esac
    [ "$previous" = -initrd ] && module=$argument
    previous=$argument
done
open_stdin() { echo '{"event":"VSERPORT_CHANGE","data":{"open":true,"id":"stdin"}}' >&$qmp; }
"#;

/// A directory with a fake QEMU and a fake kernel, removed at the end.
pub struct Fake {
    pub dir: PathBuf,
}

impl Fake {
    /// `body` runs after the prelude.
    pub fn new(body: &str) -> Fake {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let dir = std::env::temp_dir().join(format!("unox-fake-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
        std::fs::create_dir_all(&dir).unwrap();
        let script = dir.join("qemu");
        // Written under another name: a script that another test's fork holds open for writing cannot be executed (ETXTBSY).
        std::fs::write(dir.join("new"), format!("{PRELUDE}{body}\n")).unwrap();
        std::fs::set_permissions(dir.join("new"), std::fs::Permissions::from_mode(0o755)).unwrap();
        assert!(Command::new("cp").arg("-p").arg(dir.join("new")).arg(&script).status().unwrap().success());
        let mut kernel = b"\x7fELF\x02\x01\x01".to_vec();
        kernel.resize(64, 0);
        kernel[18] = 62;
        std::fs::write(dir.join("kernel"), kernel).unwrap();
        Fake { dir }
    }

    /// `unox run OPTIONS... /bin/true` with the fake as its QEMU.
    pub fn command(&self, options: &[&str]) -> Command {
        self.program(options, &["/bin/true"])
    }

    /// `unox run OPTIONS... WORDS...`.
    pub fn program(&self, options: &[&str], words: &[&str]) -> Command {
        let mut command = unox();
        command.arg("run").arg("--kernel").arg(self.dir.join("kernel")).args(["--accel", "tcg"]).args(options).args(words);
        command.env("UNOX_QEMU", self.dir.join("qemu")).env("UNOX_CACHE", self.dir.join("cache"));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// The tool that is tested, with nothing of the developer's settings.
pub fn unox() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_unox"));
    for name in ["UNOX_KERNEL", "UNOX_QEMU", "UNOX_CACHE", "TERM", "LANG", "LC_ALL", "TZ"] {
        command.env_remove(name);
    }
    command
}

/// Exit status as a shell says it, stdout and stderr as text.
pub fn outcome(output: &Output) -> (i32, String, String) {
    let status = output.status.code().unwrap_or_else(|| 128 + output.status.signal().unwrap_or(0));
    (status, String::from_utf8_lossy(&output.stdout).into_owned(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Runs it to its end with `input` on stdin.
pub fn with_input(mut command: Command, input: Vec<u8>) -> Output {
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let feeder = std::thread::spawn(move || {
        let _ = pipe.write_all(&input);
    });
    let output = child.wait_with_output().unwrap();
    let _ = feeder.join();
    output
}

/// Waits until `path` holds text.
pub fn appears(path: &Path) -> String {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        match std::fs::read_to_string(path) {
            Ok(text) if !text.is_empty() => return text,
            _ if Instant::now() > until => panic!("{} did not appear", path.display()),
            _ => std::thread::sleep(Duration::from_millis(10)),
        }
    }
}

/// Waits until the process is gone or a zombie; false after some seconds.
pub fn gone(pid: &str) -> bool {
    let until = Instant::now() + Duration::from_secs(10);
    while Instant::now() < until {
        match std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())) {
            Ok(stat) if stat.rsplit(')').next().is_some_and(|rest| !rest.trim_start().starts_with(['Z', 'X'])) => {
                std::thread::sleep(Duration::from_millis(10));
            }
            _ => return true,
        }
    }
    false
}

/// Sends a signal.
pub fn send(child: &Child, signal: i32) {
    let pid = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::try_from(signal).unwrap()).unwrap();
}
