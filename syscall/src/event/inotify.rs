//! inotify(7).

use abi::event::inotify::{DONT_FOLLOW, ONLYDIR};
use abi::{Errno, Result};
use kernel::fd::inotify::{self, Inotify};
use kernel::vfs::file::OpenFlags;
use kernel::vfs::perm;
use kernel::vfs::walk::{WalkFlags, lookup};

use crate::args::{Fd, UserPath};
use crate::file::common::{Me, PathBuf};
use crate::io::current::{file, files, nofile};

/// inotify_init(2): complete.
pub fn init() -> Result<i32> {
    init1(0)
}

/// inotify_init1(2): complete.
pub fn init1(flags: u32) -> Result<i32> {
    let flags = OpenFlags::from_bits_retain(flags);
    if !(OpenFlags::CLOEXEC | OpenFlags::NONBLOCK).contains(flags) {
        return Err(Errno::EINVAL);
    }
    files().insert(Inotify::open(flags - OpenFlags::CLOEXEC), flags.contains(OpenFlags::CLOEXEC), nofile())
}

/// inotify_add_watch(2): complete but for IN_EXCL_UNLINK, which is accepted without effect.
pub fn add_watch(fd: Fd, path: UserPath, mask: u32) -> Result<i32> {
    inotify::check_mask(mask)?;
    let file = file(fd)?;
    let instance = inotify::of(&file)?;
    let mut flags = WalkFlags::empty();
    flags.set(WalkFlags::FOLLOW, mask & DONT_FOLLOW == 0);
    flags.set(WalkFlags::DIRECTORY, mask & ONLYDIR != 0);
    let mut buf = PathBuf::new();
    let me = Me::now();
    let found = lookup(&me.caller(), None, buf.read(path)?, flags)?;
    let inode = found.inode()?;
    perm::check(inode, me.caller().cred, perm::MAY_READ)?;
    instance.add(inode, mask)
}

/// inotify_rm_watch(2): complete.
pub fn rm_watch(fd: Fd, wd: i32) -> Result<()> {
    let file = file(fd)?;
    inotify::of(&file)?.remove(wd)
}
