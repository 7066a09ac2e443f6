//! The menu on a pseudo terminal: keys go in, and what a user would see is read from a terminal emulation.

mod common;

use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::pty::{OpenptyResult, Winsize, openpty};
use nix::sys::signal::{Signal, kill};
use nix::sys::termios::{LocalFlags, tcgetattr};
use nix::unistd::Pid;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

const TREE: &str = r#"mainmenu "Test Configuration"

config NET
	bool "Networking"
	help
	  The network stack.

config TCP
	bool "TCP"
	depends on NET

menu "Library Configuration"

config LIBC
	bool "C library"
	default y

config SCHED
	bool "Scheduler"
	select LIST

config LIST
	bool "Lists"

config HEAP
	int "Heap pages"
	range 1 100
	default 16

config NAME
	string "Name of the image"
	default "unikernel"

config FANCY
	bool "Fancy things"
	depends on LIBC && (TCP || UDP) && HEAP > 50

config UDP
	bool "UDP"
	depends on NET

choice
	prompt "Allocator"
	default BUDDY

config BUDDY
	bool "Buddy"

config REGION
	bool "Region"

endchoice

endmenu

menu "Drivers"
	depends on NET
config VIRTIO
	bool "Virtio"
endmenu
"#;

struct Session {
    child: Child,
    keys: File,
    slave: OwnedFd,
    bytes: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    scratch: common::Scratch,
}

/// The example program, which cargo builds with the tests.
fn program() -> PathBuf {
    let mut dir = std::env::current_exe().unwrap();
    dir.pop();
    dir.pop();
    dir.join("examples/kconf")
}

fn start(name: &str, rows: u16, columns: u16) -> Session {
    start_with(name, rows, columns, "KCONF_UNUSED")
}

fn start_with(name: &str, rows: u16, columns: u16, variable: &str) -> Session {
    let scratch = common::Scratch::new(name);
    scratch.file("Kconfig", TREE);
    let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    let OpenptyResult { master, slave } = openpty(Some(&size), None).unwrap();
    let stdio = || Stdio::from(slave.try_clone().unwrap());
    let child = Command::new(program())
        .args(["Kconfig", "menu"])
        .current_dir(&scratch.0)
        .env("TERM", "xterm-256color")
        .env_remove("KCONFIG_CONFIG")
        .env(variable, "1")
        .env("RUST_BACKTRACE", "0")
        .stdin(stdio())
        .stdout(stdio())
        .stderr(stdio())
        .spawn()
        .unwrap();
    let keys = File::from(master);
    let mut reader = keys.try_clone().unwrap();
    let (sender, bytes) = channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 8192];
        while let Ok(n @ 1..) = reader.read(&mut buffer) {
            if sender.send(buffer[..n].to_vec()).is_err() {
                break;
            }
        }
    });
    Session { child, keys, slave, bytes, screen: vt100::Parser::new(rows.try_into().unwrap(), columns.try_into().unwrap(), 0), scratch }
}

impl Session {
    fn press(&mut self, keys: &str) -> &mut Session {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self
    }

    /// Waits until the screen shows the text.
    fn sees(&mut self, text: &str) -> &mut Session {
        self.waits(text, |screen| screen.contains(text));
        self
    }

    fn sees_no(&mut self, text: &str) -> &mut Session {
        self.waits(text, |screen| !screen.contains(text));
        self
    }

    fn waits(&mut self, text: &str, found: impl Fn(&str) -> bool) {
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            while let Ok(bytes) = self.bytes.recv_timeout(Duration::from_millis(30)) {
                self.screen.process(&bytes);
            }
            let contents = self.screen.screen().contents();
            if found(&contents) {
                return;
            }
            assert!(Instant::now() < end, "waited for {text:?}, the screen is\n{contents}");
        }
    }

    /// The line that shows the text.
    fn line(&self, text: &str) -> String {
        let contents = self.screen.screen().contents();
        contents.lines().find(|l| l.contains(text)).unwrap_or_default().to_string()
    }

    fn dotconfig(&self) -> String {
        std::fs::read_to_string(self.scratch.0.join(".config")).unwrap_or_default()
    }

    /// Waits for the end; what was printed after the menu.
    fn end(&mut self) -> String {
        let status = self.child.wait().unwrap();
        while let Ok(bytes) = self.bytes.recv_timeout(Duration::from_millis(100)) {
            self.screen.process(&bytes);
        }
        assert!(tcgetattr(self.slave.as_fd()).unwrap().local_flags.contains(LocalFlags::ICANON), "the terminal is still raw");
        assert!(!self.screen.screen().alternate_screen(), "still on the alternate screen");
        format!("{status:?} {}", self.screen.screen().contents())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const DOWN: &str = "\x1b[B";
const RIGHT: &str = "\x1b[C";
const PAUSE: Duration = Duration::from_millis(450);

#[test]
fn options_are_set_and_saved() {
    let mut s = start("menu-set", 24, 80);
    s.sees("Test Configuration").sees("[ ] Networking").sees_no("TCP");
    s.press("y").sees("[*] Networking").sees("[ ] TCP").sees("Drivers  --->");
    s.press("n").sees("[ ] Networking").sees_no("Drivers");
    s.press(" ").sees("[*] Networking");
    s.press("l").press("\r").sees("C library").sees("(16) Heap pages").sees("Allocator (Buddy)");
    s.press("h").sees("Symbol: LIBC [=y]").press("\r").sees_no("Symbol:");
    s.press(DOWN).press("y").sees("-*- Lists");
    s.press("\x1b\x1b").sees("Drivers");
    std::thread::sleep(PAUSE);
    s.press("\x1b\x1b").sees("save your new configuration");
    s.press("\r");
    let end = s.end();
    assert!(end.contains("Saved"), "{end}");
    let file = s.dotconfig();
    assert!(file.contains("CONFIG_NET=y\n") && file.contains("CONFIG_SCHED=y\nCONFIG_LIST=y\n"), "{file}");
    assert!(file.contains("# end of Library Configuration\n"), "{file}");
}

#[test]
fn values_are_edited_and_checked() {
    let mut s = start("menu-edit", 24, 80);
    s.sees("Networking").press("l\r").sees("(16) Heap pages");
    s.press("h").sees("Symbol: LIBC").press("q").sees("< Exit >").sees_no("Symbol: LIBC");
    s.press(DOWN).press(DOWN).press(DOWN).press("\r").sees("decimal value").sees("Range: [1 100]");
    s.press("\x15").press("500\r").sees("not allowed");
    s.press("\x7f\r").sees("(50) Heap pages");
    s.press(DOWN).press("\r").sees("string value").press(" 2\r").sees("(unikernel 2) Name");
    s.press("a").press("\r").sees("(X) Buddy").press(DOWN).press(" ").sees("Allocator (Region)");
    s.press(RIGHT).press(RIGHT).press(RIGHT).press("\r").sees("filename").press("\r").sees("The configuration is in");
    s.press("\r").sees("Allocator");
    s.press("\x03");
    let end = s.end();
    assert!(end.contains("Saved"), "{end}");
    let file = s.dotconfig();
    assert!(file.contains("CONFIG_HEAP=50\nCONFIG_NAME=\"unikernel 2\"\n"), "{file}");
    assert!(file.contains("# CONFIG_BUDDY is not set\nCONFIG_REGION=y\n"), "{file}");
}

#[test]
fn it_says_why_something_is_off() {
    let mut s = start("menu-why", 24, 80);
    s.sees("Networking").press("/").sees("Enter words").press("fancy\r").sees("FANCY [=n]  Fancy things");
    s.press("\r").sees("Library Configuration").sees("[ ] Fancy things".trim_start_matches("[ ] "));
    s.press("y").sees("these dependencies are not met").sees("one of").sees("TCP [=n] \"TCP\"").sees("NET [=n] \"Networking\"");
    s.sees("HEAP [=16] > 50");
    s.press("\r").sees_no("dependencies are not met");
    // LIST is selected by SCHED and cannot be turned off.
    s.press("\x1b[H").press(DOWN).press("y").sees("-*- Lists").press(DOWN).press("n").sees("it is selected by").sees("SCHED [=y]");
    s.press("q").sees_no("it is selected by");
    std::thread::sleep(PAUSE);
    s.press("/").sees("Enter words").press("CONFIG_nothing\r").sees("Nothing matches");
    s.press("q").sees("Lists").press("\x03").sees("save your").press("n");
    let end = s.end();
    assert!(end.contains("Discarded"), "{end}");
    assert_eq!(s.dotconfig(), "");
}

#[test]
fn it_fits_small_and_large_terminals() {
    for (rows, columns) in [(10, 30), (24, 80), (60, 200)] {
        let mut s = start(&format!("menu-{rows}"), rows, columns);
        s.sees("Networking").press("l\r").sees("C library");
        let line = s.line("C library");
        assert!(line.chars().count() <= usize::from(columns));
        s.press("\x1b[F").press("\x1b[H").press("?").sees("LIBC:").press("q").sees("C library").press("\x03").sees("save your").press("n");
        s.end();
    }
    let mut s = start("menu-tiny", 5, 20);
    s.sees("too").press("\x03");
    s.waits("the question", |c| c.contains("es") || c.contains("o"));
    s.press("n");
    s.end();
}

#[test]
fn a_signal_gives_the_terminal_back() {
    for (signal, number) in [(Signal::SIGTERM, 15), (Signal::SIGHUP, 1)] {
        let mut s = start(&format!("menu-signal-{number}"), 24, 80);
        s.sees("Networking");
        kill(Pid::from_raw(i32::try_from(s.child.id()).unwrap()), signal).unwrap();
        let end = s.end();
        assert!(end.contains(&format!("unix_wait_status({number})")), "{end}");
    }
}

/// A terminal window that is closed: the program ends by itself, without a signal (it is not the terminal's session leader here).
#[test]
fn it_ends_with_its_terminal() {
    let scratch = common::Scratch::new("menu-hangup");
    scratch.file("Kconfig", TREE);
    let size = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
    let OpenptyResult { master, slave } = openpty(Some(&size), None).unwrap();
    // Inherited, it would keep the terminal alive.
    fcntl(&master, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC)).unwrap();
    let stdio = || Stdio::from(slave.try_clone().unwrap());
    let mut command = Command::new(program());
    command.args(["Kconfig", "menu"]).current_dir(&scratch.0).env("TERM", "xterm").stdin(stdio()).stdout(stdio()).stderr(stdio());
    let mut child = command.spawn().unwrap();
    drop((command, slave));
    let mut master = File::from(master);
    let mut seen = Vec::new();
    while !String::from_utf8_lossy(&seen).contains("Networking") {
        let mut buffer = [0; 4096];
        let n = master.read(&mut buffer).unwrap();
        seen.extend_from_slice(&buffer[..n]);
    }
    drop(master);
    let end = Instant::now() + Duration::from_secs(20);
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break Some(status);
        }
        if Instant::now() > end {
            child.kill().unwrap();
            child.wait().unwrap();
            break None;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert!(status.is_some_and(|s| !s.success()), "{status:?}");
    assert_eq!(std::fs::read_to_string(scratch.0.join(".config")).ok(), None);
}

#[test]
fn a_panic_gives_the_terminal_back() {
    let mut s = start_with("menu-panic", 24, 80, "KCONF_PANIC");
    s.sees("Networking").sees("on purpose");
    let end = s.end();
    assert!(end.starts_with("ExitStatus(unix_wait_status(") && end.contains("on purpose"), "{end}");
}

#[test]
fn without_a_terminal_it_says_so() {
    let scratch = common::Scratch::new("menu-none");
    scratch.file("Kconfig", TREE);
    let out = Command::new(program()).args(["Kconfig", "menu"]).current_dir(&scratch.0).stdin(Stdio::null()).output().unwrap();
    assert!(!out.status.success());
    let text = String::from_utf8_lossy(&out.stderr);
    assert!(text.contains("needs a terminal") && text.contains("KEY=value"), "{text}");
    assert!(out.stdout.is_empty(), "{:?}", out.stdout);
}
