//! With a terminal: raw while the guest owns it, given back afterwards, its size passed on, Control-C the program's business.

mod common;

use common::{Fake, appears};
use nix::pty::{OpenptyResult, Winsize, openpty};
use nix::sys::termios::{LocalFlags, Termios, tcgetattr};
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, ExitStatus, Stdio};
use std::time::Duration;

struct Session {
    child: Child,
    master: File,
    slave: OwnedFd,
    before: Termios,
    fake: Fake,
}

/// Runs the tool as the leader of a session whose terminal is a fresh one of 40 rows and 100 columns.
fn on_terminal(body: &str) -> Session {
    let fake = Fake::new(body);
    let size = Winsize { ws_row: 40, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0 };
    let OpenptyResult { master, slave } = openpty(Some(&size), None).unwrap();
    let before = tcgetattr(&slave).unwrap();
    let stdio = || Stdio::from(slave.try_clone().unwrap());
    let mut command = fake.command(&[]);
    command.current_dir(&fake.dir).stdin(stdio()).stdout(stdio()).stderr(stdio());
    let terminal = slave.as_raw_fd();
    let own = move || {
        nix::unistd::setsid()?;
        // SAFETY: the descriptor is this child's copy of an open terminal; TIOCSCTTY takes an integer.
        match unsafe { libc::ioctl(terminal, libc::TIOCSCTTY, 0) } {
            0 => Ok(()),
            _ => Err(std::io::Error::last_os_error()),
        }
    };
    // SAFETY: two system calls, no allocation, in the forked child.
    unsafe { command.pre_exec(own) };
    let child = command.spawn().unwrap();
    Session { child, master: File::from(master), slave, before, fake }
}

impl Session {
    fn is_raw(&self) -> bool {
        !tcgetattr(self.slave.as_fd()).unwrap().local_flags.contains(LocalFlags::ICANON)
    }

    fn end(mut self) -> (ExitStatus, bool) {
        let status = self.child.wait().unwrap();
        let after = tcgetattr(self.slave.as_fd()).unwrap();
        (status, after.local_flags == self.before.local_flags && after.input_flags == self.before.input_flags)
    }
}

#[test]
fn the_terminal_is_raw_while_the_program_runs_and_given_back() {
    let body = "tr '\\0' '\\n' < $module > config; read -N 3 -u $tty keys; printf '%s' \"$keys\" > keys; printf 'got it' >&$tty; echo exit code 6 >&$ctl";
    let mut session = on_terminal(body);
    let config = appears(&session.fake.dir.join("config"));
    assert!(config.contains("fd0=tty\nfd1=tty\nfd2=tty\n") && config.contains("winsize=40,100\n"), "{config}");
    while !session.is_raw() {
        std::thread::sleep(Duration::from_millis(5));
    }
    session.master.write_all(b"a\x1ab").unwrap();
    let mut seen = [0; 6];
    session.master.read_exact(&mut seen).unwrap();
    assert_eq!(&seen, b"got it");
    assert_eq!(std::fs::read(session.fake.dir.join("keys")).unwrap(), b"a\x1ab");
    let (status, restored) = session.end();
    assert_eq!(status.code(), Some(6));
    assert!(restored);
}

#[test]
fn two_control_c_stop_a_guest_that_hangs() {
    let mut session = on_terminal("echo ready > ready; exec sleep 1000");
    appears(&session.fake.dir.join("ready"));
    while !session.is_raw() {
        std::thread::sleep(Duration::from_millis(5));
    }
    session.master.write_all(b"\x03").unwrap();
    std::thread::sleep(Duration::from_millis(200));
    assert!(session.child.try_wait().unwrap().is_none());
    session.master.write_all(b"\x03").unwrap();
    let (status, restored) = session.end();
    assert_eq!(status.code(), Some(130));
    assert!(restored);
}

#[test]
fn a_new_size_is_passed_on() {
    let mut session = on_terminal("echo ready > ready; read -u $control line; echo \"$line\" > size; echo exit code 0 >&$ctl");
    appears(&session.fake.dir.join("ready"));
    let size = Winsize { ws_row: 50, ws_col: 120, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: the descriptor is open and TIOCSWINSZ reads the winsize it is given.
    assert_eq!(unsafe { libc::ioctl(session.master.as_raw_fd(), libc::TIOCSWINSZ, &raw const size) }, 0);
    assert_eq!(session.child.wait().unwrap().code(), Some(0));
    assert_eq!(std::fs::read_to_string(session.fake.dir.join("size")).unwrap(), "winsize 50 120\n");
    assert!(session.end().1);
}
