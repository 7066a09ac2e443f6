//! `kraft menuconfig` and questions, on a terminal.

mod common;

use common::kraft::Workspace;
use nix::pty::{OpenptyResult, Winsize, openpty};
use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Stdio};

struct Terminal {
    child: Child,
    master: File,
    seen: String,
}

impl Terminal {
    fn start(w: &Workspace, dir: &str, words: &[&str]) -> Terminal {
        let size = Winsize { ws_row: 40, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0 };
        let OpenptyResult { master, slave } = openpty(Some(&size), None).unwrap();
        let stdio = || Stdio::from(slave.try_clone().unwrap());
        let mut command = w.program(w.path("bin/kraft").to_str().unwrap(), dir);
        command.args(words).env("TERM", "xterm").stdin(stdio()).stdout(stdio()).stderr(stdio());
        Terminal { child: command.spawn().unwrap(), master: File::from(master), seen: String::new() }
    }

    /// Waits for a text, then types.
    fn at(&mut self, text: &str, keys: &str) {
        let mut buffer = [0; 4096];
        while !self.seen.contains(text) {
            match self.master.read(&mut buffer) {
                Ok(n) if n > 0 => self.seen.push_str(&String::from_utf8_lossy(&buffer[..n])),
                _ => panic!("waited for {text:?}; came: {}", self.seen),
            }
        }
        self.seen.clear();
        self.master.write_all(keys.as_bytes()).unwrap();
    }

    fn end(mut self) -> i32 {
        let mut rest = Vec::new();
        // The other side is closed with an error at the end.
        let _ = self.master.read_to_end(&mut rest);
        self.child.wait().unwrap().code().unwrap()
    }
}

#[test]
fn menuconfig_changes_the_configuration() {
    let w = Workspace::new();
    w.works("workspace", &["init", "-t", "hello", "p"]);
    let mut terminal = Terminal::start(&w, "workspace/p", &["menuconfig"]);
    // The first letter stands out, and is apart in what is written.
    terminal.at("ase", "by");
    terminal.at("eeds", "\x1b");
    terminal.at("Do you wish to save", "y");
    assert_eq!(terminal.end(), 0);
    assert!(w.read("workspace/p/.config").contains("CONFIG_BASE=y\n"), "{}", w.read("workspace/p/.config"));
}

#[test]
fn configure_asks_line_by_line() {
    let w = Workspace::new();
    w.works("workspace", &["init", "-t", "hello", "p"]);
    let mut terminal = Terminal::start(&w, "workspace/p", &["configure", "-F", "-i", "HZ=70"]);
    // What the command line says is not asked again.
    terminal.at("(BASE) [N/y/?] (NEW)", "y\n");
    for _ in 0..20 {
        let _ = terminal.master.write_all(b"\n");
    }
    terminal.at("Configured hello", "");
    assert_eq!(terminal.end(), 0);
    let file = w.read("workspace/p/.config");
    assert!(file.contains("CONFIG_BASE=y\n") && file.contains("CONFIG_HZ=70\n"), "{file}");
}

#[test]
fn one_of_several_targets_is_asked_for() {
    let w = Workspace::new();
    w.works("workspace", &["init", "p"]);
    w.write(
        "workspace/p/kraft.yaml",
        "specification: '0.5'\nunikraft: staging\ntargets:\n- {name: fast, architecture: x86_64, platform: kvm, kconfig: [CONFIG_HZ=1000]}\n- {name: slow, architecture: x86_64, platform: kvm, kconfig: [CONFIG_HZ=10]}\n",
    );
    let mut terminal = Terminal::start(&w, "workspace/p", &["configure"]);
    terminal.at("Which target? [1-2] ", "nonsense\n");
    terminal.at("Which target? [1-2] ", "2\n");
    terminal.at("Configured p for slow", "");
    assert_eq!(terminal.end(), 0);
    assert!(w.read("workspace/p/.config").contains("CONFIG_HZ=10\n"));
}

#[test]
fn a_new_library_asks_for_what_was_not_said() {
    let w = Workspace::new();
    let mut terminal = Terminal::start(&w, "workspace", &["lib", "init"]);
    terminal.at("Library's name: ", "some\n");
    terminal.at("Author's name: ", "A B\n");
    terminal.at("Author's address: ", "a@b\n");
    terminal.at("Version of the original sources: ", "2\n");
    terminal.at("Address of the original sources: ", "https://example.org/some-2.tar.gz\n");
    assert_eq!(terminal.end(), 0);
    assert!(w.read("workspace/some/Makefile.uk").contains("LIBSOME_URL=https://example.org/some-$(LIBSOME_VERSION).tar.gz\n"));
}
