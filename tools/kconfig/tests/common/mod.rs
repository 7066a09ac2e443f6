//! What the tests share: a random source, random trees, a scratch directory, and Linux's own `conf` where it is installed.
#![allow(dead_code)] // each test file uses its part of it

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// xorshift64*: the same trees on every machine.
pub struct Rng(pub u64);

impl Rng {
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % n
    }

    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    pub fn pick<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[usize::try_from(self.below(list.len() as u64)).unwrap()]
    }
}

/// A directory that is removed again.
pub struct Scratch(pub PathBuf);

impl Scratch {
    pub fn new(name: &str) -> Scratch {
        let dir = std::env::temp_dir().join(format!("kconfig-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).unwrap();
        Scratch(dir)
    }

    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Linux's `conf` with the whole language (before 6.9 took tristate, named and optional choices away), as Debian packages it.
pub fn linux_conf() -> Option<PathBuf> {
    let path = Path::new("/usr/lib/linux-kbuild-6.1/scripts/kconfig/conf");
    if !path.exists() {
        eprintln!("skipped: {} is not there (package linux-kbuild-6.1)", path.display());
        return None;
    }
    Some(path.to_path_buf())
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Bool,
    Tristate,
    Str,
    Int,
    Hex,
}

/// A random tree and its symbols.
pub struct Tree {
    rng: Rng,
    kinds: Vec<Kind>,
    pub text: String,
    next: usize,
    /// Percent of references to symbols that come later.
    wild: u64,
    named: Option<usize>,
}

/// A random tree with `count` symbols.
pub fn tree(seed: u64, count: usize) -> Tree {
    let mut rng = Rng(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let kinds = (0..count)
        .map(|_| match rng.below(10) {
            0..=3 => Kind::Bool,
            4..=6 => Kind::Tristate,
            7 => Kind::Str,
            8 => Kind::Int,
            _ => Kind::Hex,
        })
        .collect();
    let wild = if rng.chance(10) { 5 } else { 0 };
    let mut t = Tree { rng, kinds, text: "mainmenu \"Random\"\n".into(), next: 0, wild, named: None };
    if t.rng.chance(70) {
        let value = t.rng.pick(&["y", "y", "n"]);
        writeln!(t.text, "config MODULES\n\tbool \"Modules\"\n\tmodules\n\tdefault {value}\n").unwrap();
    }
    while t.next < count {
        t.entry(0);
    }
    t
}

impl Tree {
    /// The name of a symbol that may be used now.
    fn reference(&mut self) -> usize {
        let top = if self.rng.chance(self.wild) { self.kinds.len() } else { self.next.max(1) };
        usize::try_from(self.rng.below(top as u64)).unwrap()
    }

    fn term(&mut self) -> String {
        if self.next == 0 {
            return self.rng.pick(&["y", "n", "m", "UNDEFINED"]).into();
        }
        let s = self.reference();
        let rel = self.rng.pick(&["=", "!=", "<", ">", "<=", ">="]);
        match (self.kinds[s], self.rng.below(10)) {
            (Kind::Bool | Kind::Tristate, 0..=6) => format!("S{s}"),
            (Kind::Bool | Kind::Tristate, 7) => format!("S{s} {} {}", self.rng.pick(&["=", "!="]), self.rng.pick(&["y", "m", "n"])),
            (_, 8) => self.rng.pick(&["y", "m", "n", "UNDEFINED"]).into(),
            (Kind::Bool | Kind::Tristate, _) => format!("S{s} {rel} {}", self.rng.pick(&["y", "n", "m"])),
            (Kind::Str, _) => format!("S{s} {rel} {}", self.rng.pick(&["\"a\"", "\"\"", "\"b c\"", "\"7\""])),
            (Kind::Int, _) => format!("S{s} {rel} {}", self.rng.pick(&["0", "7", "-3", "100", "0x7"])),
            (Kind::Hex, _) => format!("S{s} {rel} {}", self.rng.pick(&["0x0", "0x7", "0x10", "16"])),
        }
    }

    pub fn expr(&mut self) -> String {
        match self.rng.below(10) {
            0..=4 => self.term(),
            5..=6 => format!("{} && {}", self.term(), self.term()),
            7 => format!("({} || {}) && {}", self.term(), self.term(), self.term()),
            8 => format!("!({} || !{})", self.term(), self.term()),
            _ => format!("{} || {}", self.term(), self.term()),
        }
    }

    fn cond(&mut self) -> String {
        if self.rng.chance(40) { format!(" if {}", self.expr()) } else { String::new() }
    }

    fn value(&mut self, kind: Kind) -> String {
        match kind {
            Kind::Bool | Kind::Tristate if self.rng.chance(60) => self.rng.pick(&["y", "n", "m"]).into(),
            Kind::Bool | Kind::Tristate => self.expr(),
            Kind::Str => self.rng.pick(&["\"a\"", "\"\"", "\"b c\"", "\"q\\\"\\\\u\"", "\"7\""]).into(),
            Kind::Int => self.rng.pick(&["0", "7", "-3", "100", "12345"]).into(),
            Kind::Hex => self.rng.pick(&["0x0", "0x7", "0x10", "0xff", "1F"]).into(),
        }
    }

    fn entry(&mut self, depth: u32) {
        match self.rng.below(if depth < 4 { 20 } else { 10 }) {
            0..=10 => self.symbol(),
            11 => {
                let dep = self.expr();
                writeln!(self.text, "comment \"Comment {}\"\n\tdepends on {dep}\n", self.next).unwrap();
            }
            12..=13 => {
                let dep = self.expr();
                writeln!(self.text, "if {dep}\n").unwrap();
                self.block(depth, "endif");
            }
            14..=16 => {
                writeln!(self.text, "menu \"Menu {}\"", self.next).unwrap();
                if self.rng.chance(40) {
                    let dep = self.expr();
                    writeln!(self.text, "\tdepends on {dep}").unwrap();
                }
                if self.rng.chance(20) {
                    let dep = self.expr();
                    writeln!(self.text, "\tvisible if {dep}").unwrap();
                }
                self.block(depth, "endmenu");
            }
            _ => self.choice(),
        }
    }

    fn block(&mut self, depth: u32, end: &str) {
        for _ in 0..1 + self.rng.below(4) {
            if self.next < self.kinds.len() {
                self.entry(depth + 1);
            }
        }
        writeln!(self.text, "{end}\n").unwrap();
    }

    fn symbol(&mut self) {
        if self.next >= self.kinds.len() {
            return;
        }
        let i = self.next;
        let kind = self.kinds[i];
        let word = self.rng.pick(&["config", "config", "config", "menuconfig"]);
        writeln!(self.text, "{word} S{i}").unwrap();
        let name = match kind {
            Kind::Bool => "bool",
            Kind::Tristate => "tristate",
            Kind::Str => "string",
            Kind::Int => "int",
            Kind::Hex => "hex",
        };
        if word == "menuconfig" || self.rng.chance(70) {
            let cond = self.cond();
            writeln!(self.text, "\t{name} \"Symbol {i}\"{cond}").unwrap();
        } else {
            writeln!(self.text, "\t{name}").unwrap();
        }
        self.options(kind, i);
        // A number without any default is empty in older kernels, and 0 in newer ones.
        if matches!(kind, Kind::Int | Kind::Hex) {
            let value = self.value(kind);
            writeln!(self.text, "\tdefault {value}").unwrap();
        }
        if self.rng.chance(20) {
            writeln!(self.text, "\thelp\n\t  Help of {i}.\n\n\t  More of it.").unwrap();
        }
        writeln!(self.text).unwrap();
        self.next += 1;
        if self.rng.chance(8) && matches!(kind, Kind::Bool | Kind::Tristate) {
            // Defined again, in the same place of the tree.
            let dep = self.expr_without(i);
            writeln!(self.text, "config S{i}\n\t{name}\n\tdepends on {dep}").unwrap();
            let value = self.rng.pick(&["y", "n"]);
            writeln!(self.text, "\tdefault {value}\n").unwrap();
        }
    }

    /// An expression that does not name the symbol just defined.
    fn expr_without(&mut self, i: usize) -> String {
        self.next = i;
        let e = self.expr();
        self.next = i + 1;
        e
    }

    fn options(&mut self, kind: Kind, i: usize) {
        if self.rng.chance(50) {
            let dep = self.expr();
            writeln!(self.text, "\tdepends on {dep}").unwrap();
        }
        for _ in 0..self.rng.below(3) {
            let (value, cond) = (self.value(kind), self.cond());
            writeln!(self.text, "\tdefault {value}{cond}").unwrap();
        }
        match kind {
            Kind::Bool | Kind::Tristate => {
                for _ in 0..self.rng.below(3) {
                    let later = i + 1 + usize::try_from(self.rng.below(8)).unwrap();
                    if later < self.kinds.len() && matches!(self.kinds[later], Kind::Bool | Kind::Tristate) {
                        let (word, cond) = (self.rng.pick(&["select", "imply"]), self.cond());
                        writeln!(self.text, "\t{word} S{later}{cond}").unwrap();
                    }
                }
            }
            Kind::Int if self.rng.chance(50) => {
                let (range, cond) = (self.rng.pick(&["0 10", "-5 5", "7 7", "50 200"]), self.cond());
                writeln!(self.text, "\trange {range}{cond}").unwrap();
            }
            Kind::Hex if self.rng.chance(50) => {
                let (range, cond) = (self.rng.pick(&["0x0 0x10", "0x8 0xff", "0x7 0x7"]), self.cond());
                writeln!(self.text, "\trange {range}{cond}").unwrap();
            }
            _ => (),
        }
    }

    fn choice(&mut self) {
        let kind = if self.rng.chance(30) { Kind::Tristate } else { Kind::Bool };
        let first = self.next;
        let count = usize::try_from(1 + self.rng.below(4)).unwrap().min(self.kinds.len() - first);
        if count == 0 {
            return;
        }
        match self.rng.below(6) {
            0 => writeln!(self.text, "choice NAMED{first}").unwrap(),
            // Continued: the same choice in another place.
            1 if self.named.is_some() => writeln!(self.text, "choice NAMED{}", self.named.unwrap_or_default()).unwrap(),
            _ => writeln!(self.text, "choice").unwrap(),
        }
        if self.text.ends_with(&format!("NAMED{first}\n")) {
            self.named = Some(first);
        }
        let (word, cond) = (if kind == Kind::Bool { "bool" } else { "tristate" }, self.cond());
        writeln!(self.text, "\t{word} \"Choice {first}\"{cond}").unwrap();
        if self.rng.chance(30) {
            let dep = self.expr();
            writeln!(self.text, "\tdepends on {dep}").unwrap();
        }
        if self.rng.chance(20) {
            writeln!(self.text, "\toptional").unwrap();
        }
        for _ in 0..self.rng.below(3) {
            let pick = first + usize::try_from(self.rng.below(count as u64)).unwrap();
            let cond = self.cond();
            writeln!(self.text, "\tdefault S{pick}{cond}").unwrap();
        }
        writeln!(self.text).unwrap();
        let inside = self.rng.chance(15);
        if inside {
            let dep = self.expr_outside(first);
            writeln!(self.text, "if {dep}").unwrap();
        }
        for i in first..first + count {
            self.kinds[i] = if kind == Kind::Tristate && self.rng.chance(80) { Kind::Tristate } else { Kind::Bool };
            let name = if self.kinds[i] == Kind::Tristate { "tristate" } else { "bool" };
            writeln!(self.text, "config S{i}\n\t{name} \"Value {i}\"").unwrap();
            if self.rng.chance(30) {
                let dep = if i > first && self.rng.chance(20) { format!("S{}", i - 1) } else { self.expr_outside(first) };
                writeln!(self.text, "\tdepends on {dep}").unwrap();
            }
            writeln!(self.text).unwrap();
        }
        if inside {
            writeln!(self.text, "endif").unwrap();
        }
        self.next = first + count;
        writeln!(self.text, "endchoice\n").unwrap();
    }

    /// An expression over what comes before the choice.
    fn expr_outside(&mut self, first: usize) -> String {
        let next = std::mem::replace(&mut self.next, first);
        let e = self.expr();
        self.next = next;
        e
    }

    /// A random `.config` for the tree: right and wrong lines.
    pub fn dotconfig(&mut self) -> String {
        let mut out = String::new();
        for i in 0..self.kinds.len() {
            if self.rng.chance(40) {
                continue;
            }
            let line = match self.kinds[i] {
                Kind::Bool => self.rng.pick(&["=y", "=y", "=n", "# "]).to_string(),
                Kind::Tristate => self.rng.pick(&["=y", "=m", "=m", "# ", "=x"]).to_string(),
                Kind::Str => self.rng.pick(&["=\"x\"", "=\"\"", "=\"a\\\"b\\\\\"", "=noquote"]).to_string(),
                Kind::Int => format!("={}", self.rng.pick(&["0", "5", "-4", "77", "bad", "1000"])),
                Kind::Hex => format!("={}", self.rng.pick(&["0x0", "0x9", "ab", "0xfff", "zz"])),
            };
            match line.as_str() {
                "# " => writeln!(out, "# CONFIG_S{i} is not set").unwrap(),
                _ => writeln!(out, "CONFIG_S{i}{line}").unwrap(),
            }
        }
        out
    }
}
