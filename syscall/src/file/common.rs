//! What calls with paths share: the caller, the path's bytes, the directory it starts from.

use alloc::sync::Arc;
use alloc::vec::Vec;

use abi::fs::{PATH_MAX, at};
use abi::{Errno, Result};
use hal::user;
use kernel::cred::Cred;
use kernel::process;
use kernel::vfs::walk::{self, WalkFlags};
use kernel::vfs::{Caller, File, FsContext, Path};

use crate::args::{Fd, UserPath};
use crate::io::current::files;

/// The caller's places and identity, held for the call.
pub struct Me {
    /// Root, current directory, umask.
    pub fs: Arc<FsContext>,
    /// Identity.
    pub cred: Arc<Cred>,
}

impl Me {
    /// Of the running thread.
    #[inline]
    pub fn now() -> Me {
        let me = process::current();
        Me { fs: me.fs(), cred: me.cred() }
    }

    /// As the VFS takes it.
    #[inline]
    pub fn caller(&self) -> Caller<'_> {
        Caller { fs: &self.fs, cred: &self.cred }
    }
}

/// Most paths are shorter; the buffer is zeroed at each call, so it is not larger.
const SHORT: usize = 256;

/// Room for a path on the stack, and for a long one on the heap.
pub struct PathBuf {
    short: [u8; SHORT],
    long: Vec<u8>,
}

impl PathBuf {
    /// Room.
    #[inline]
    pub fn new() -> PathBuf {
        PathBuf { short: [0; SHORT], long: Vec::new() }
    }

    /// Copies the path in: EFAULT, ENAMETOOLONG.
    #[inline]
    pub fn read(&mut self, path: UserPath) -> Result<&[u8]> {
        let addr = path.0.addr();
        match user::read_cstr(addr, &mut self.short, Errno::ENAMETOOLONG) {
            Ok(len) => Ok(&self.short[..len]),
            Err(Errno::ENAMETOOLONG) => self.read_long(addr, PATH_MAX),
            Err(e) => Err(e),
        }
    }

    #[cold]
    fn read_long(&mut self, addr: usize, max: usize) -> Result<&[u8]> {
        self.long.try_reserve_exact(max).map_err(|_| Errno::ENOMEM)?;
        self.long.resize(max, 0);
        let len = user::read_cstr(addr, &mut self.long, Errno::ENAMETOOLONG)?;
        Ok(&self.long[..len])
    }
}

impl Default for PathBuf {
    fn default() -> Self {
        PathBuf::new()
    }
}

/// The open file behind a descriptor, O_PATH too.
pub fn any_file(fd: Fd) -> Result<Arc<File>> {
    files().get_raw(fd.0)
}

/// Where the walk of `path` starts: `None` is the current directory (or the root, if `path` is absolute). EBADF; ENOTDIR for what has no place.
#[inline]
pub fn start(fd: Fd, path: &[u8]) -> Result<Option<Path>> {
    if fd.0 == at::FDCWD || path.first() == Some(&b'/') { Ok(None) } else { place_of(fd).map(Some) }
}

/// The place of an open file, to walk from.
pub fn place_of(fd: Fd) -> Result<Path> {
    any_file(fd)?.path().cloned().ok_or(Errno::ENOTDIR)
}

/// The file that (`fd`, `path`) names. `flags` holds AT_EMPTY_PATH or not; `follow` says what is done with a symbolic link at the end.
#[inline]
pub fn target(me: &Me, fd: Fd, path: &[u8], flags: u32, follow: bool) -> Result<Path> {
    if path.is_empty() && flags & at::EMPTY_PATH != 0 {
        // What has no path (a pipe) has no attributes that could be changed by it.
        return if fd.0 == at::FDCWD { Ok(me.fs.cwd()) } else { any_file(fd)?.path().cloned().ok_or(Errno::EINVAL) };
    }
    let walk_flags = if follow { WalkFlags::FOLLOW } else { WalkFlags::empty() };
    walk::lookup(&me.caller(), start(fd, path)?, path, walk_flags)
}

/// EINVAL for bits that are not `known`.
#[inline]
pub fn only(flags: u32, known: u32) -> Result<()> {
    if flags & !known == 0 { Ok(()) } else { Err(Errno::EINVAL) }
}

/// AT_FDCWD as a descriptor.
pub const CWD: Fd = Fd(at::FDCWD);
