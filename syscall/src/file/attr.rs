//! Modes and owners: chmod(2), chown(2).

use abi::fs::at;
use abi::{Errno, Result};
use kernel::vfs::{Path, attr};

use super::common::{CWD, Me, PathBuf, only, target};
use crate::args::{Fd, UserPath};
use crate::io::current::files;

/// The path of an open file, O_PATH excluded; what has none (pipes, sockets) cannot be changed: EPERM.
fn opened(fd: Fd) -> Result<Path> {
    files().get(fd.0)?.path().cloned().ok_or(Errno::EPERM)
}

/// chmod(2): complete.
pub fn chmod(path: UserPath, mode: u32) -> Result<()> {
    fchmodat(CWD, path, mode)
}

/// fchmod(2): complete for files with a name, and pipes.
pub fn fchmod(fd: Fd, mode: u32) -> Result<()> {
    let file = files().get(fd.0)?;
    if file.path().is_none() {
        return file.ops.set_perm(&file, mode);
    }
    attr::chmod(&Me::now().caller(), &opened(fd)?, mode)
}

/// fchmodat(2), the call without flags: complete.
pub fn fchmodat(dirfd: Fd, path: UserPath, mode: u32) -> Result<()> {
    fchmodat2(dirfd, path, mode, 0)
}

/// fchmodat2(2): complete.
pub fn fchmodat2(dirfd: Fd, path: UserPath, mode: u32, flags: u32) -> Result<()> {
    only(flags, at::SYMLINK_NOFOLLOW | at::EMPTY_PATH)?;
    let mut buf = PathBuf::new();
    let path = buf.read(path)?;
    let me = Me::now();
    attr::chmod(&me.caller(), &target(&me, dirfd, path, flags, flags & at::SYMLINK_NOFOLLOW == 0)?, mode)
}

/// -1 leaves an id.
fn id(raw: u32) -> Option<u32> {
    (raw != u32::MAX).then_some(raw)
}

/// chown(2): complete.
pub fn chown(path: UserPath, uid: u32, gid: u32) -> Result<()> {
    fchownat(CWD, path, uid, gid, 0)
}

/// lchown(2): complete.
pub fn lchown(path: UserPath, uid: u32, gid: u32) -> Result<()> {
    fchownat(CWD, path, uid, gid, at::SYMLINK_NOFOLLOW)
}

/// fchown(2): complete for files with a name.
pub fn fchown(fd: Fd, uid: u32, gid: u32) -> Result<()> {
    attr::chown(&Me::now().caller(), &opened(fd)?, id(uid), id(gid))
}

/// fchownat(2): complete.
pub fn fchownat(dirfd: Fd, path: UserPath, uid: u32, gid: u32, flags: u32) -> Result<()> {
    only(flags, at::SYMLINK_NOFOLLOW | at::EMPTY_PATH)?;
    let mut buf = PathBuf::new();
    let path = buf.read(path)?;
    let me = Me::now();
    let found = target(&me, dirfd, path, flags, flags & at::SYMLINK_NOFOLLOW == 0)?;
    attr::chown(&me.caller(), &found, id(uid), id(gid))
}
