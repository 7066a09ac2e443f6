//! A program on a terminal: the tool's host terminal is a pseudo-terminal here, and somebody types.

use crate::Test;
use nix::sys::termios::{LocalFlags, tcgetattr};
use oracle::run::unox;
use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

pub const TESTS: &[Test] = &[
    ("terminal_python_prompt", python_prompt),
    ("terminal_interrupt", interrupt),
    ("terminal_end_of_file", end_of_file),
    ("terminal_is_restored", restored),
    ("terminal_size", size),
];

struct Terminal {
    master: File,
    slave: File,
    child: Child,
    output: Receiver<Vec<u8>>,
    seen: String,
}

impl Terminal {
    fn start(args: &[&str]) -> Result<Self, String> {
        let size = nix::pty::Winsize { ws_row: 33, ws_col: 101, ws_xpixel: 0, ws_ypixel: 0 };
        let pair = nix::pty::openpty(Some(&size), None).map_err(|e| e.to_string())?;
        let (master, slave) = (File::from(pair.master), File::from(pair.slave));
        let copy = || slave.try_clone().map_err(|e| e.to_string());
        // In a session of its own, with this terminal as the controlling one: only the foreground may change its mode.
        let mut command = Command::new("setsid");
        command.args(["--ctty", "--wait"]).arg(unox()?).arg("run").args(args).stdin(copy()?).stdout(copy()?).stderr(copy()?);
        let child = command.spawn().map_err(|e| e.to_string())?;
        let (send, output) = channel();
        let mut reader = master.try_clone().map_err(|e| e.to_string())?;
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(n) = reader.read(&mut bytes) {
                if n == 0 || send.send(bytes[..n].to_vec()).is_err() {
                    break;
                }
            }
        });
        Ok(Self { master, slave, child, output, seen: String::new() })
    }

    fn type_in(&mut self, text: &str) -> Result<(), String> {
        self.master.write_all(text.as_bytes()).map_err(|e| e.to_string())
    }

    /// Waits until `text` has come out after what was waited for before.
    fn expect(&mut self, text: &str) -> Result<(), String> {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            if let Some(at) = self.seen.find(text) {
                self.seen.drain(..at + text.len());
                return Ok(());
            }
            let left = end.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.seen.push_str(&String::from_utf8_lossy(&bytes)),
                Err(_) => return Err(format!("no {text:?} came; since the last match: {:?}", self.seen)),
            }
        }
    }

    fn end(&mut self) -> Result<i32, String> {
        let end = Instant::now() + Duration::from_secs(20);
        while Instant::now() < end {
            if let Some(status) = self.child.try_wait().map_err(|e| e.to_string())? {
                return Ok(status.code().unwrap_or(-1));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Err(format!("unox did not end; since the last match: {:?}", self.seen))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn status(got: i32, want: i32) -> Result<(), String> {
    if got == want { Ok(()) } else { Err(format!("status {got}, wanted {want}")) }
}

fn python_prompt() -> Result<(), String> {
    let mut t = Terminal::start(&["/usr/bin/python3", "-q"])?;
    t.expect(">>> ")?;
    t.type_in("print(6 * 7)\r")?;
    t.expect("42\r\n")?;
    t.expect(">>> ")?;
    // Line editing: a character is taken back, the cursor goes left.
    t.type_in("print('x' * 4)\x7f\x7f5)\r")?;
    t.expect("xxxxx\r\n")?;
    t.expect(">>> ")?;
    t.type_in("while True: pass\r\r")?;
    std::thread::sleep(Duration::from_millis(500));
    t.type_in("\x03")?;
    t.expect("KeyboardInterrupt")?;
    t.expect(">>> ")?;
    // One more: Python that is left right after an interrupt ends as if killed by it.
    t.type_in("print('still' + ' here')\r")?;
    t.expect("still here\r\n")?;
    t.expect(">>> ")?;
    t.type_in("\x04")?;
    status(t.end()?, 0)
}

/// Ctrl-C ends a program that does not handle it: 128+2.
fn interrupt() -> Result<(), String> {
    let mut t = Terminal::start(&["/usr/bin/perl", "-e", "$| = 1; print \"ready\\n\"; sleep 50"])?;
    t.expect("ready")?;
    t.type_in("\x03")?;
    status(t.end()?, 130)
}

/// Canonical mode with echo; Ctrl-D on an empty line is the end of the input.
fn end_of_file() -> Result<(), String> {
    let mut t = Terminal::start(&["/usr/bin/cat"])?;
    t.type_in("abd\x7fc\r")?;
    t.expect("abc\r\n")?;
    t.type_in("\x04")?;
    status(t.end()?, 0)
}

/// The host's terminal is in its old mode again, whatever the program did.
fn restored() -> Result<(), String> {
    let mut t = Terminal::start(&["/usr/bin/python3", "-c", "import tty; tty.setraw(0); print('raw', end='\\r\\n')"])?;
    t.expect("raw")?;
    status(t.end()?, 0)?;
    let now = tcgetattr(&t.slave).map_err(|e| e.to_string())?.local_flags;
    if now.contains(LocalFlags::ICANON | LocalFlags::ECHO) { Ok(()) } else { Err(format!("still raw: {now:?}")) }
}

fn size() -> Result<(), String> {
    let mut t = Terminal::start(&["/usr/bin/python3", "-c", "import os; print(os.get_terminal_size(), os.isatty(0))"])?;
    t.expect("columns=101, lines=33")?;
    t.expect("True")?;
    status(t.end()?, 0)
}
