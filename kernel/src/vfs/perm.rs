//! Permission checks: mode bits against the caller's file-system ids, and the capabilities that override them (path_resolution(7), capabilities(7)).

use abi::fs::mode;
use abi::{Errno, Result};

use super::inode::Inode;
use super::types::FileType;
use crate::cred::{Cred, cap};

/// What is to be done with a file.
pub const MAY_EXEC: u32 = 1;
/// Write.
pub const MAY_WRITE: u32 = 2;
/// Read.
pub const MAY_READ: u32 = 4;

/// EACCES unless `cred` may do all of `want` (`MAY_*`) with the file. A directory's MAY_EXEC is search.
#[inline]
pub fn check(inode: &Inode, cred: &Cred, want: u32) -> Result<()> {
    let perm = inode.perm();
    let granted = if cred.fsuid == inode.uid() {
        perm >> 6
    } else if perm >> 3 & want == perm & want || !cred.in_group(inode.gid()) {
        // Where group and others are granted the same of what is wanted, membership does not matter.
        perm
    } else {
        perm >> 3
    };
    if want & !granted & 7 == 0 { Ok(()) } else { override_by_capability(inode, cred, perm, want) }
}

#[cold]
fn override_by_capability(inode: &Inode, cred: &Cred, perm: u32, want: u32) -> Result<()> {
    let overrides = cred.capable(cap::DAC_OVERRIDE);
    let read_search = cred.capable(cap::DAC_READ_SEARCH);
    let allowed = if inode.kind == FileType::Directory {
        overrides || read_search && want & MAY_WRITE == 0
    } else {
        overrides && (want & MAY_EXEC == 0 || perm & 0o111 != 0) || read_search && want == MAY_READ
    };
    if allowed { Ok(()) } else { Err(Errno::EACCES) }
}

/// EPERM unless `cred` owns the file or has CAP_FOWNER.
pub fn check_owner(inode: &Inode, cred: &Cred) -> Result<()> {
    if cred.fsuid == inode.uid() || cred.capable(cap::FOWNER) { Ok(()) } else { Err(Errno::EPERM) }
}

/// Whether removing or renaming `victim` in `dir` is forbidden by the sticky bit: EPERM.
pub fn check_sticky(dir: &Inode, victim: &Inode, cred: &Cred) -> Result<()> {
    let free = dir.perm() & mode::S_ISVTX == 0 || cred.fsuid == victim.uid() || cred.fsuid == dir.uid() || cred.capable(cap::FOWNER);
    if free { Ok(()) } else { Err(Errno::EPERM) }
}
