//! What the kernel says in numbers, in words: system calls, and addresses by the symbols of the files they lie in.

use super::files::Files;
use crate::cli::Run;
use crate::effects;
use crate::symbols::{Find, Symbols};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use strace::Decoder;
use vmm::control::Level;

/// Callers that are named, at most.
const FRAMES: usize = 12;

/// The translator of one run.
pub struct Words {
    calls: Decoder,
    symbols: Symbols,
    /// The last `trace` line: where the program was, and what may be return addresses.
    trace: Vec<u64>,
    verbose: bool,
    traced: bool,
}

impl Words {
    /// For an image, whose files are its own.
    pub fn of_image(verbose: u8) -> Words {
        let verbose = verbose > 0;
        Words { calls: Decoder::new(verbose), symbols: Symbols::new(Box::new(|_| None)), trace: Vec::new(), verbose, traced: false }
    }

    /// For this run.
    pub fn new(run: &Run, files: &Files) -> Words {
        let verbose = run.guest.verbose > 0;
        Words { calls: Decoder::new(verbose), symbols: Symbols::new(finder(run, files)), trace: Vec::new(), verbose, traced: run.strace }
    }

    /// The words on the stack that follow a call, by name. The stack also holds what earlier calls left, so they are likely callers, not certain ones.
    fn callers(&mut self, trace: &[u64]) -> Vec<String> {
        let mut named = Vec::new();
        for &address in trace.iter().skip(1) {
            if named.len() < FRAMES && self.symbols.follows_call(address) {
                named.extend(self.symbols.name(address));
            }
        }
        named.dedup();
        named
    }

    /// `…; at 0x1234` becomes `…; called at syscall+0x1d in libc.so.6 from main+0x12 in prog`, and the effect.
    fn lack(&mut self, text: &str, trace: &[u64]) -> Option<String> {
        let (what, place) = text.rsplit_once("; at ")?;
        let mut said = what.to_string();
        match hex(place).and_then(|address| self.symbols.name(address)) {
            Some(name) => said.push_str(&format!("; called at {name}")),
            None => said.push_str(&format!("; called at {place}")),
        }
        if let Some(caller) = self.callers(trace).first() {
            said.push_str(&format!(" from {caller}"));
        }
        let call = what.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map_or("", |(name, _)| name);
        match effects::of(call) {
            Some(effect) if effect.harmless && !self.verbose => return Some(String::new()),
            Some(effect) => said.push_str(&format!(": {}", effect.text)),
            None => {}
        }
        Some(said)
    }

    /// `… at rip 0x1234, rsp …` gets the place's name, and lines about its callers.
    fn fault(&mut self, text: &str, trace: &[u64]) -> Option<String> {
        let (before, after) = text.split_once(" at rip ")?;
        let address = hex(after.split(',').next()?)?;
        let mut said = match self.symbols.name(address) {
            Some(name) => format!("{before} at {name} (rip {after})"),
            None => text.to_string(),
        };
        for (i, caller) in self.callers(trace).iter().enumerate() {
            said.push_str(&format!("\nunox: error:   #{} {caller}", i + 1));
        }
        if !self.traced {
            said.push_str("\nunox: error:   --strace shows the system calls before it, --gdb stops there");
        }
        Some(said)
    }
}

fn hex(text: &str) -> Option<u64> {
    u64::from_str_radix(text.trim().strip_prefix("0x")?, 16).ok()
}

/// How the host's file of a guest path is found: the plan knows, a root directory has it, else it is the same path.
fn finder(run: &Run, files: &Files) -> Find {
    let rootfs = run.guest.rootfs.clone();
    let known: HashMap<PathBuf, PathBuf> = files.list().filter_map(|f| Some((f.guest.to_path_buf(), f.host?.to_path_buf()))).collect();
    Box::new(move |path: &Path| {
        if let Some(host) = known.get(path) {
            return Some(host.clone());
        }
        match &rootfs {
            Some(root) => Some(root.join(path.strip_prefix("/").ok()?)),
            None => path.is_absolute().then(|| path.to_path_buf()),
        }
    })
}

impl vmm::Words for Words {
    fn strace(&mut self, record: &[u8]) -> String {
        self.calls.line(record)
    }

    fn map(&mut self, text: &[u8]) {
        self.symbols.map(text);
    }

    fn trace(&mut self, text: &[u8]) {
        self.trace = String::from_utf8_lossy(text).split(' ').filter_map(hex).collect();
    }

    fn log(&mut self, _level: Level, text: String) -> Option<String> {
        let trace = std::mem::take(&mut self.trace);
        if trace.is_empty() {
            return Some(text);
        }
        let said = self.lack(&text, &trace).or_else(|| self.fault(&text, &trace)).unwrap_or(text);
        Some(said).filter(|said| !said.is_empty())
    }
}
