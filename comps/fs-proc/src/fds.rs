//! /proc/PID/fd and /proc/PID/fdinfo.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::any::Any;
use core::fmt::Write;

use abi::fs::Statfs;
use abi::{Errno, Result};
use fs_pseudo::{Content, Dir, Node, Target, Text};
use kernel::fd::FdTable;
use kernel::fd::pipe::{PipeEnd, open_end};
use kernel::process::UserThread;
use kernel::vfs::file::{File, FileOps, OpenFlags};
use kernel::vfs::{Attr, FileType, Inode, InodeOps, Mount, MountFlags, Path, SuperBlock, SuperOps};

use crate::parse_id;
use crate::pid::Subject;

fn table(subject: &Subject) -> Result<Arc<FdTable>> {
    subject.with_user(UserThread::files)
}

fn file(subject: &Subject, name: &[u8]) -> Result<Arc<File>> {
    let fd = parse_id(name).ok_or(Errno::ENOENT)?;
    table(subject)?.get_raw(fd).map_err(|_| Errno::ENOENT)
}

fn list(subject: &Subject, kind: FileType, visit: &mut dyn FnMut(&[u8], FileType) -> bool) {
    let Ok(table) = table(subject) else { return };
    let mut from = 0;
    while let Some((fd, _)) = table.next(from) {
        if !visit(format!("{fd}").as_bytes(), kind) {
            return;
        }
        from = usize::try_from(fd).unwrap_or(usize::MAX - 1) + 1;
    }
}

/// /proc/PID/fd.
pub struct FdDir(pub Subject);

impl Dir for FdDir {
    fn lookup(&self, name: &[u8]) -> Result<Node> {
        Ok(Node::Link(Arc::new(FdLink { subject: self.0.clone(), file: file(&self.0, name)? })))
    }

    fn list(&self, visit: &mut dyn FnMut(&[u8], FileType) -> bool) {
        list(&self.0, FileType::Symlink, visit);
    }

    fn perm(&self) -> u32 {
        0o500
    }

    fn owner(&self) -> (u32, u32) {
        self.0.with_user(|user| (user.cred().euid, user.cred().egid)).unwrap_or((0, 0))
    }

    fn is_static(&self) -> bool {
        false
    }
}

struct FdLink {
    subject: Subject,
    file: Arc<File>,
}

impl Target for FdLink {
    fn text(&self) -> Result<Vec<u8>> {
        match self.file.path() {
            Some(path) => {
                let root = self.subject.with_user(|user| user.fs().root())?;
                Ok(path.to_bytes(&root))
            }
            None => {
                let mut text = String::new();
                self.file.ops.describe(&self.file, &mut text).map_err(|_| Errno::EIO)?;
                Ok(text.into_bytes())
            }
        }
    }

    fn place(&self) -> Option<Path> {
        self.file.path().cloned().or_else(|| nameless(&self.file))
    }
}

/// A place for an open file that has no name (a pipe, stdout), so that it can be opened again through its link, as /dev/stdout is.
fn nameless(file: &Arc<File>) -> Option<Path> {
    let sb = SuperBlock::new("pipefs", Box::new(Nameless));
    let stat = file.stat();
    let kind = FileType::from_mode(stat.st_mode).unwrap_or(FileType::Fifo);
    let attr = Attr { uid: stat.st_uid, gid: stat.st_gid, ..Attr::new(kind, stat.st_mode & 0o7777) };
    let inode = Inode::new(&sb, stat.st_ino, attr, Box::new(Reopen { file: file.clone() }));
    Mount::of_root(inode, b"none", MountFlags::empty()).ok().map(|mount| mount.top())
}

struct Nameless;

impl SuperOps for Nameless {
    fn statfs(&self) -> Statfs {
        /// PIPEFS_MAGIC.
        const MAGIC: i64 = 0x5049_5045;
        Statfs { f_type: MAGIC, f_bsize: 4096, f_frsize: 4096, f_namelen: 255, ..Statfs::default() }
    }
}

struct Reopen {
    file: Arc<File>,
}

impl InodeOps for Reopen {
    fn open(&self, _inode: &Arc<Inode>, flags: OpenFlags) -> Result<Arc<dyn FileOps>> {
        match PipeEnd::of(&self.file) {
            Some(pipe) => Ok(Arc::new(open_end(pipe, flags)?)),
            None if self.file.stat().st_mode & abi::fs::mode::S_IFMT == abi::fs::mode::S_IFSOCK => Err(Errno::ENXIO),
            None => Ok(self.file.ops.clone()),
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

/// /proc/PID/fdinfo.
pub struct FdInfoDir(pub Subject);

impl Dir for FdInfoDir {
    fn lookup(&self, name: &[u8]) -> Result<Node> {
        Ok(Node::File(Arc::new(FdInfo { file: file(&self.0, name)? })))
    }

    fn list(&self, visit: &mut dyn FnMut(&[u8], FileType) -> bool) {
        list(&self.0, FileType::Regular, visit);
    }

    fn is_static(&self) -> bool {
        false
    }
}

struct FdInfo {
    file: Arc<File>,
}

impl Content for FdInfo {
    fn text(&self, out: &mut Text) -> Result<()> {
        let pos = *self.file.pos.lock();
        let stat = self.file.stat();
        let mount = self.file.path().map_or(0, |path| path.mount.id);
        let flags = self.file.flags().bits() | OpenFlags::LARGEFILE.bits();
        writeln!(out, "pos:\t{pos}\nflags:\t0{flags:o}\nmnt_id:\t{mount}\nino:\t{}", stat.st_ino).map_err(|_| Errno::EIO)?;
        self.file.ops.fdinfo(&self.file, out).map_err(|_| Errno::EIO)
    }

    fn perm(&self) -> u32 {
        0o400
    }
}
