//! What calls with paths share: the caller, the path's bytes, the directory it starts from.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use abi::fs::{PATH_MAX, at};
use abi::{Errno, Result};
use hal::task::Part;
use hal::user::{self, CStrBuf};
use kernel::cred::Cred;
use kernel::process::{self, UserThread};
use kernel::vfs::walk::{self, WalkFlags};
use kernel::vfs::{Caller, File, FsContext, Path};

use crate::args::{Fd, UserPath};
use crate::io::current::file_raw;

/// The caller's places and identity, held for the call.
pub struct Me {
    /// Root, current directory, umask.
    pub fs: Arc<FsContext>,
    /// Identity.
    pub cred: Arc<Cred>,
    /// The thread.
    pub user: Part<UserThread>,
}

impl Me {
    /// Of the running thread.
    #[inline]
    pub fn now() -> Me {
        let user = process::current();
        Me { fs: user.fs(), cred: user.cred(), user }
    }

    /// As the VFS takes it.
    #[inline]
    pub fn caller(&self) -> Caller<'_> {
        Caller { fs: &self.fs, cred: &self.cred }
    }
}

/// Most paths are shorter.
const SHORT: usize = 256;

/// Room for a path on the stack, and for a long one on the heap.
pub struct PathBuf {
    short: CStrBuf<SHORT>,
    long: Option<Box<[u8]>>,
}

impl PathBuf {
    /// Room.
    #[inline]
    pub fn new() -> PathBuf {
        PathBuf { short: CStrBuf::new(), long: None }
    }

    /// Copies the path in: EFAULT, ENAMETOOLONG.
    #[inline]
    pub fn read(&mut self, path: UserPath) -> Result<&[u8]> {
        let addr = path.0.addr();
        if self.short.read_at_once(addr) { Ok(self.short.get()) } else { self.read_slowly(addr) }
    }

    #[cold]
    fn read_slowly(&mut self, addr: usize) -> Result<&[u8]> {
        match self.short.read(addr, Errno::ENAMETOOLONG) {
            Err(Errno::ENAMETOOLONG) => Self::read_long(&mut self.long, addr, PATH_MAX),
            done => done,
        }
    }

    fn read_long(long: &mut Option<Box<[u8]>>, addr: usize, max: usize) -> Result<&[u8]> {
        let mut room = Vec::new();
        room.try_reserve_exact(max).map_err(|_| Errno::ENOMEM)?;
        room.resize(max, 0);
        let long = long.insert(room.into_boxed_slice());
        let len = user::read_cstr(addr, long, Errno::ENAMETOOLONG)?;
        Ok(&long[..len])
    }
}

impl Default for PathBuf {
    fn default() -> Self {
        PathBuf::new()
    }
}

/// The open file behind a descriptor, O_PATH too.
pub fn any_file(fd: Fd) -> Result<Arc<File>> {
    file_raw(fd)
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

/// The file that (`fd`, `path`) names, `path` not empty. What the cache knows takes no reference to the caller's places and identity.
#[inline]
pub fn find(user: &UserThread, fd: Fd, path: &[u8], flags: WalkFlags) -> Result<Path> {
    if fd.0 != at::FDCWD && path.first() != Some(&b'/') || path.is_empty() {
        return find_from(fd, path, flags);
    }
    let begun = user.fs_slot().with(|fs| user.cred_slot().with(|cred| walk::begin(fs, cred, path))).flatten();
    match begun {
        Some((at, done)) if done == path.len() => walk::finish(at, path, flags),
        Some((at, done)) => find_rest(at, path, done, flags),
        None => Err(Errno::ESRCH), // the thread has ended: nothing runs here then
    }
}

#[inline(never)]
fn find_from(fd: Fd, path: &[u8], flags: WalkFlags) -> Result<Path> {
    walk::lookup(&Me::now().caller(), start(fd, path)?, path, flags)
}

#[inline(never)]
fn find_rest(at: Path, path: &[u8], done: usize, flags: WalkFlags) -> Result<Path> {
    walk::go_on(&Me::now().caller(), at, path, done, flags)
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
