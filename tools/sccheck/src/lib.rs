//! Which system calls can a program make? Found in its machine code and its libraries', without running anything: each `syscall`
//! instruction, the number it is given, and whether the program can reach it.
//!
//! The answer is an estimate in both directions. Calls through computed pointers count as possible when the pointer stands in the
//! library's data; numbers that only running code knows are counted as unknown; generated code and `dlopen` are not seen.
#![forbid(unsafe_code)]

mod code;
mod graph;
mod track;

use std::path::{Path, PathBuf};

/// What part an object has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// All of it can run: the program, and the ELF interpreter.
    Whole,
    /// Only what others import runs, what that calls, and what its data points to.
    Library,
}

/// One object to look at.
#[derive(Clone, Debug)]
pub struct Input {
    /// The file.
    pub path: PathBuf,
    /// Its part.
    pub role: Role,
}

/// Where a call is made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Place {
    /// File name of the object.
    pub object: String,
    /// The function's symbol, or its address.
    pub function: String,
}

/// A system call that the program can make.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Call {
    /// Its number.
    pub number: u32,
    /// Its name; `?` when Linux has none by this number.
    pub name: String,
    /// The kernel has it.
    pub supported: bool,
    /// Where it is made, sorted; the program's own places first.
    pub places: Vec<Place>,
}

/// The result.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    /// The calls, by number.
    pub calls: Vec<Call>,
    /// Places whose number is not known.
    pub unknown: Vec<Place>,
    /// Places that use `int 0x80`, the 32-bit interface.
    pub int80: Vec<Place>,
    /// `syscall` instructions looked at, reachable or not.
    pub sites: usize,
}

impl Report {
    /// The calls that the kernel has not.
    pub fn missing(&self) -> impl Iterator<Item = &Call> {
        self.calls.iter().filter(|c| !c.supported)
    }
}

/// Why an object could not be looked at.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// From the host.
        source: std::io::Error,
    },
    /// It is no ELF file for x86-64, or damaged.
    #[error("{}: {why}", .path.display())]
    Elf {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
}

/// The calls that this version's kernel has: number and name.
pub fn supported() -> &'static [(u32, &'static str)] {
    include!(concat!(env!("OUT_DIR"), "/supported.rs"))
}

/// Linux's name of a system call on x86-64.
pub fn name_of(number: u32) -> Option<&'static str> {
    syscalls::x86_64::Sysno::new(number as usize).map(|s| s.name())
}

/// Looks at a program (first) and its libraries, in the loader's order.
pub fn check(inputs: &[Input], supported: &[(u32, &str)]) -> Result<Report, Error> {
    let objects = inputs.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let found = graph::reach(&objects);
    let mut report = Report { sites: objects.iter().map(|o| o.site_count).sum(), ..Report::default() };
    for (number, places) in found.calls {
        let name = name_of(number).unwrap_or("?").to_owned();
        let places = places.into_iter().map(|p| objects[p.object].place(p.function)).collect();
        report.calls.push(Call { number, name, supported: supported.iter().any(|s| s.0 == number), places });
    }
    let place = |p: &graph::At| objects[p.object].place(p.function);
    report.unknown = found.unknown.iter().map(place).collect();
    report.int80 = found.int80.iter().map(place).collect();
    Ok(report)
}

fn read(input: &Input) -> Result<code::Object, Error> {
    let path: &Path = &input.path;
    let bytes = std::fs::read(path).map_err(|source| Error::Io { path: path.into(), source })?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    code::Object::read(name, input.role, &bytes).map_err(|why| Error::Elf { path: path.into(), why })
}
