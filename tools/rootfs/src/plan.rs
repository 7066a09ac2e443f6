//! The plan: every file of the image, where it comes from and why it is there.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::codec::Encoder;
use crate::paths;

/// Changes whenever the same plan would give other bytes (writer, layout, generated files) or be stored otherwise.
pub(crate) const VERSION: u32 = 7;

/// Why a file is in the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It is the program.
    Program,
    /// ELF or `#!` interpreter.
    Interpreter,
    /// A shared library that this object asks for.
    Library(Arc<str>),
    /// Part of this distribution package.
    Package(Arc<str>),
    /// Belongs to an installation outside the package manager, in this directory.
    Prefix(Arc<str>),
    /// An argument of the program names it.
    Argument,
    /// `--add`.
    Add,
    /// `--rootfs`.
    Rootfs,
    /// The minimal system: /etc, /tmp, mount points, locale, certificates.
    System,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Program => f.write_str("program"),
            Reason::Interpreter => f.write_str("interpreter"),
            Reason::Library(of) => write!(f, "library of {of}"),
            Reason::Package(p) => write!(f, "package {p}"),
            Reason::Prefix(p) => write!(f, "installed with {p}"),
            Reason::Argument => f.write_str("argument"),
            Reason::Add => f.write_str("--add"),
            Reason::Rootfs => f.write_str("--rootfs"),
            Reason::System => f.write_str("system"),
        }
    }
}

/// What a file of the image is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Directory.
    Dir,
    /// Regular file, copied from the host.
    File,
    /// Regular file made by the tool.
    Generated(Vec<u8>),
    /// Symbolic link to this target.
    Symlink(Vec<u8>),
    /// Character device, Linux's 32-bit number.
    CharDevice(u32),
    /// Block device, Linux's 32-bit number.
    BlockDevice(u32),
    /// FIFO.
    Fifo,
}

/// What stat(2) said of the source when the plan was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Meta {
    /// Permission bits (07777).
    pub perm: u16,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Bytes, of regular files.
    pub size: u64,
    /// Modification time: seconds, nanoseconds.
    pub mtime: (i64, u32),
    /// Change time, to notice a change that keeps size and mtime; 0 for all but regular files.
    pub ctime: (i64, u32),
    /// Inode number on the host.
    pub ino: u64,
    /// Device number on the host.
    pub dev: u64,
    /// More than one name on the host: hard links stay hard links.
    pub linked: bool,
    /// A directory that is there for what is in it: its mtime comes from the host, but a change of it changes nothing.
    pub soft: bool,
}

/// One file of the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Absolute path in the guest, as bytes, without symbolic links on the way.
    pub guest: Vec<u8>,
    /// Absolute path on the host; nothing for what the tool makes itself.
    pub host: Option<Vec<u8>>,
    /// What it is.
    pub what: What,
    /// Owner, times and so on.
    pub meta: Meta,
    /// Why it is there.
    pub reason: Reason,
}

impl Entry {
    /// Path in the guest.
    pub fn guest_path(&self) -> &Path {
        paths::path(&self.guest)
    }

    /// Path on the host.
    pub fn host_path(&self) -> Option<&Path> {
        self.host.as_deref().map(paths::path)
    }

    /// Bytes of contents.
    pub fn size(&self) -> u64 {
        match &self.what {
            What::File => self.meta.size,
            What::Generated(bytes) => bytes.len() as u64,
            What::Symlink(target) => target.len() as u64,
            _ => 0,
        }
    }
}

/// Everything an image will hold, and what to start in it.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The files, sorted by guest path.
    pub entries: Vec<Entry>,
    /// The program to start: a guest path. For `#!/usr/bin/env X` scripts it is X itself.
    pub exec: PathBuf,
    /// Its arguments, argv\[0\] first.
    pub argv: Vec<OsString>,
    /// Working directory in the guest.
    pub cwd: PathBuf,
    /// What the user should know: a directory cut at its cap, a file left out because it cannot be read.
    pub notes: Vec<String>,
    /// The plan came from the cache.
    pub cached: bool,
}

impl Plan {
    /// Bytes of all contents.
    pub fn size(&self) -> u64 {
        self.entries.iter().map(Entry::size).sum()
    }

    /// The entry at a guest path.
    pub fn get(&self, guest: &Path) -> Option<&Entry> {
        let guest = paths::bytes(guest);
        self.entries.binary_search_by(|e| e.guest.as_slice().cmp(guest)).ok().map(|i| &self.entries[i])
    }

    /// The same files without what only this host knows (inode numbers, change times) and without the times of directories that
    /// installing something else would change: those get the newest time of what is in them. For images that are passed on.
    pub fn portable(&self) -> Plan {
        let mut plan = self.clone();
        let mut numbers = HashMap::new();
        let mut newest: HashMap<Vec<u8>, (i64, u32)> = HashMap::new();
        // Backwards: what is in a directory sorts behind it.
        for e in plan.entries.iter_mut().rev() {
            if e.meta.soft || e.host.is_none() && e.what == What::Dir {
                e.meta.mtime = newest.get(&e.guest).copied().unwrap_or((0, 0));
            }
            if e.guest != b"/" {
                let time = newest.entry(paths::parent(&e.guest).to_vec()).or_default();
                *time = (*time).max(e.meta.mtime);
            }
        }
        for e in &mut plan.entries {
            // Hard links are told by device and inode: number them as they come.
            let next = numbers.len() as u64 + 1;
            let ino = if e.meta.linked { *numbers.entry((e.meta.dev, e.meta.ino)).or_insert(next) } else { 0 };
            e.meta = Meta { ino, dev: 0, ctime: (0, 0), soft: false, ..e.meta };
        }
        plan
    }

    /// The name of the image in the cache: SHA-256 over everything that decides its bytes.
    pub fn key(&self) -> [u8; 32] {
        let mut out = Encoder::default();
        out.u64(u64::from(VERSION));
        for e in &self.entries {
            let mut e = e.clone();
            // Where it came from does not matter either.
            e.host = None;
            // Why a file is there does not change the image, and neither does the time of a directory nobody lists.
            e.reason = Reason::System;
            if e.meta.soft {
                e.meta.mtime = (0, 0);
            }
            out.entry(&e);
        }
        Sha256::digest(&out.bytes).into()
    }
}
