//! Attributes: chmod(2), chown(2), utimensat(2), access(2), statx(2).

use alloc::sync::Arc;

use abi::fs::{STATX_ATTR_MOUNT_ROOT, STATX_BASIC_STATS, STATX_BTIME, STATX_MNT_ID, Statx, StatxTimestamp, inotify, mode};
use abi::{Errno, Result};

use super::context::Caller;
use super::inode::Inode;
use super::mount::{MountFlags, Path};
use super::notify;
use super::ops::AttrChange;
use super::perm::{self, MAY_EXEC, MAY_WRITE};
use super::types::{FileType, Timestamp, now};
use crate::cred::{Cred, cap};

/// chmod(2): EPERM unless owner; the set-group-ID bit goes when the caller is not in the file's group. EOPNOTSUPP for symbolic links.
pub fn chmod(caller: &Caller<'_>, path: &Path, perm: u32) -> Result<()> {
    let inode = path.inode()?;
    path.mount.want_write()?;
    if inode.kind == FileType::Symlink {
        return Err(Errno::EOPNOTSUPP);
    }
    perm::check_owner(inode, caller.cred)?;
    let mut perm = perm & 0o7777;
    if !caller.cred.in_group(inode.gid()) && !caller.cred.capable(cap::FSETID) {
        perm &= !mode::S_ISGID;
    }
    inode.ops.dirty(inode)?;
    inode.ops.set_attr(inode, &AttrChange::Perm(perm))?;
    inode.set_perm(perm);
    inode.touch_change();
    notify::on_dentry(&path.dentry, inotify::ATTRIB);
    Ok(())
}

/// chown(2): `None` leaves that id. A file that is no directory loses its set-id bits.
pub fn chown(caller: &Caller<'_>, path: &Path, uid: Option<u32>, gid: Option<u32>) -> Result<()> {
    let inode = path.inode()?;
    path.mount.want_write()?;
    let cred = caller.cred;
    let owner = cred.fsuid == inode.uid();
    if !cred.capable(cap::CHOWN) {
        let uid_ok = uid.is_none_or(|uid| owner && uid == inode.uid());
        let gid_ok = gid.is_none_or(|gid| owner && (cred.in_group(gid) || gid == inode.gid()));
        if !uid_ok || !gid_ok {
            return Err(Errno::EPERM);
        }
    }
    inode.ops.dirty(inode)?;
    inode.ops.set_attr(inode, &AttrChange::Owner(uid, gid))?;
    inode.set_owner(uid.unwrap_or(inode.uid()), gid.unwrap_or(inode.gid()));
    if !inode.is_dir() {
        inode.drop_setid();
    }
    inode.touch_change();
    notify::on_dentry(&path.dentry, inotify::ATTRIB);
    Ok(())
}

/// A time for utimensat(2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewTime {
    /// UTIME_NOW.
    Now,
    /// UTIME_OMIT.
    Omit,
    /// This.
    At(Timestamp),
}

/// utimensat(2) and its elders. Both now: needs write permission or ownership (EACCES); else ownership (EPERM).
pub fn set_times(caller: &Caller<'_>, path: &Path, access: NewTime, modify: NewTime) -> Result<()> {
    if (access, modify) == (NewTime::Omit, NewTime::Omit) {
        return Ok(());
    }
    let inode = path.inode()?;
    path.mount.want_write()?;
    if perm::check_owner(inode, caller.cred).is_err() {
        if (access, modify) != (NewTime::Now, NewTime::Now) {
            return Err(Errno::EPERM);
        }
        perm::check(inode, caller.cred, MAY_WRITE)?;
    }
    inode.ops.dirty(inode)?;
    inode.ops.set_attr(inode, &AttrChange::Times(access, modify))?;
    let t = now();
    let pick = |old: Timestamp, new| match new {
        NewTime::Now => t,
        NewTime::Omit => old,
        NewTime::At(at) => at,
    };
    inode.update_times(|times| {
        times.access = pick(times.access, access);
        times.modify = pick(times.modify, modify);
        times.change = t;
    });
    notify::on_dentry(&path.dentry, inotify::ATTRIB);
    Ok(())
}

/// access(2) with the ids of `cred`: `want` is `MAY_*`, 0 for existence.
pub fn access(cred: &Cred, path: &Path, want: u32) -> Result<()> {
    let inode = path.inode()?;
    if want & MAY_EXEC != 0 && inode.kind == FileType::Regular && path.mount.flags().contains(MountFlags::NOEXEC) {
        return Err(Errno::EACCES);
    }
    if want != 0 {
        perm::check(inode, cred, want)?;
    }
    let on_disk = matches!(inode.kind, FileType::Regular | FileType::Directory | FileType::Symlink);
    if want & MAY_WRITE != 0 && on_disk { path.mount.want_write() } else { Ok(()) }
}

/// The credentials that access(2) checks with: real ids; capabilities only for root.
pub fn real_ids(cred: &Cred) -> Cred {
    let caps = if cred.uid == 0 { cred.cap_permitted } else { 0 };
    Cred { fsuid: cred.uid, fsgid: cred.gid, cap_effective: caps, ..cred.clone() }
}

fn statx_time(t: Timestamp) -> StatxTimestamp {
    StatxTimestamp { tv_sec: t.sec, tv_nsec: t.nsec, reserved: 0 }
}

/// statx(2): everything that is known, whatever was asked.
pub fn statx(inode: &Arc<Inode>, path: Option<&Path>) -> Statx {
    let stat = inode.stat();
    let times = inode.times();
    let small = |v: u64| u32::try_from(v).unwrap_or(u32::MAX);
    let mut out = Statx {
        stx_mask: STATX_BASIC_STATS | STATX_BTIME,
        stx_blksize: 4096,
        stx_nlink: small(stat.st_nlink),
        stx_uid: stat.st_uid,
        stx_gid: stat.st_gid,
        stx_mode: u16::try_from(stat.st_mode).unwrap_or(0),
        stx_ino: stat.st_ino,
        stx_size: stat.st_size.unsigned_abs(),
        stx_blocks: stat.st_blocks.unsigned_abs(),
        stx_attributes_mask: STATX_ATTR_MOUNT_ROOT,
        stx_atime: statx_time(times.access),
        stx_btime: statx_time(times.birth),
        stx_ctime: statx_time(times.change),
        stx_mtime: statx_time(times.modify),
        stx_rdev_major: inode.rdev.major,
        stx_rdev_minor: inode.rdev.minor,
        stx_dev_major: inode.sb.dev.major,
        stx_dev_minor: inode.sb.dev.minor,
        ..Statx::default()
    };
    if let Some(path) = path {
        out.stx_mask |= STATX_MNT_ID;
        out.stx_mnt_id = u64::from(path.mount.id);
        if Arc::ptr_eq(&path.dentry, &path.mount.root) {
            out.stx_attributes |= STATX_ATTR_MOUNT_ROOT;
        }
    }
    out
}
