//! mount(2), umount2(2), chroot(2), chdir(2).

use alloc::sync::Arc;

use abi::fs::{ms, umount as un};
use abi::{Errno, Result};

use super::context::{Caller, FsContext};
use super::mount::{self, KEPT, Mount, MountFlags, Path};
use super::perm::{self, MAY_EXEC};
use super::superblock;
use crate::cred::cap;

/// Makes `root` the root file system; the context is the first process's.
pub fn mount_root(root: Arc<super::inode::Inode>, umask: u32) -> Result<Arc<FsContext>> {
    let mount = Mount::of_root(root, b"root", MountFlags::empty())?;
    Ok(FsContext::new(mount.top(), umask))
}

/// What mount(2) is asked, decoded.
pub struct MountArgs<'a> {
    /// Source: a device, a name, or the directory to bind.
    pub source: &'a [u8],
    /// The source as a path, for MS_BIND and MS_MOVE.
    pub source_path: Option<Path>,
    /// Where.
    pub target: Path,
    /// Kind of file system.
    pub kind: &'a [u8],
    /// MS_*.
    pub flags: u64,
    /// Options of the file system.
    pub data: &'a [u8],
}

/// mount(2).
pub fn mount(caller: &Caller<'_>, args: MountArgs<'_>) -> Result<()> {
    if !caller.cred.capable(cap::SYS_ADMIN) {
        return Err(Errno::EPERM);
    }
    let flags = if args.flags & ms::MGC_MSK == ms::MGC_VAL { args.flags & !ms::MGC_MSK } else { args.flags };
    let at_top = Arc::ptr_eq(&args.target.dentry, &args.target.mount.root);
    if flags & ms::REMOUNT != 0 {
        if !at_top {
            return Err(Errno::EINVAL);
        }
        args.target.mount.set_flags(MountFlags::from_ms(flags & KEPT));
        return Ok(());
    }
    if flags & ms::PROPAGATION != 0 {
        // One mount namespace: nothing propagates, so every choice is true already.
        return if at_top { Ok(()) } else { Err(Errno::EINVAL) };
    }
    if flags & ms::BIND != 0 {
        return bind(args.source_path.ok_or(Errno::EINVAL)?, args.target, flags & ms::REC != 0);
    }
    if flags & ms::MOVE != 0 {
        return relocate(args.source_path.ok_or(Errno::EINVAL)?, args.target);
    }
    if !args.target.inode()?.is_dir() {
        return Err(Errno::ENOTDIR);
    }
    let root = superblock::find(args.kind)?.mount(args.source, args.data)?;
    let fresh = Mount::of_root(root, args.source, MountFlags::from_ms(flags & KEPT))?;
    mount::attach(&fresh, args.target)
}

fn same_kind(source: &Path, target: &Path) -> Result<()> {
    match (source.inode()?.is_dir(), target.inode()?.is_dir()) {
        (true, true) | (false, false) => Ok(()),
        _ => Err(Errno::ENOTDIR),
    }
}

fn bind(source: Path, target: Path, recursive: bool) -> Result<()> {
    same_kind(&source, &target)?;
    let fresh = Mount::new(source.dentry.clone(), &source.mount.source, source.mount.flags())?;
    let below = if recursive { mount::all() } else { alloc::vec::Vec::new() };
    mount::attach(&fresh, target)?;
    for child in below {
        let Some(place) = child.place() else { continue };
        if Arc::ptr_eq(&place.mount, &source.mount) && source.dentry.is_ancestor_of(&place.dentry) {
            bind(child.top(), Path { mount: fresh.clone(), dentry: place.dentry }, true)?;
        }
    }
    Ok(())
}

fn relocate(source: Path, target: Path) -> Result<()> {
    if !Arc::ptr_eq(&source.dentry, &source.mount.root) || source.mount.place().is_none() {
        return Err(Errno::EINVAL);
    }
    same_kind(&source, &target)?;
    if target.is_under(&source.mount.top()) {
        return Err(Errno::ELOOP);
    }
    mount::relocate(&source.mount, target)
}

/// umount2(2); `target` was walked to with or without following a last symbolic link.
pub fn umount(caller: &Caller<'_>, target: Path, flags: u32) -> Result<()> {
    if flags & !(un::FORCE | un::DETACH | un::EXPIRE | un::NOFOLLOW) != 0 {
        return Err(Errno::EINVAL);
    }
    if !caller.cred.capable(cap::SYS_ADMIN) {
        return Err(Errno::EPERM);
    }
    if !Arc::ptr_eq(&target.dentry, &target.mount.root) {
        return Err(Errno::EINVAL);
    }
    if flags & un::EXPIRE != 0 && flags & (un::FORCE | un::DETACH) != 0 {
        return Err(Errno::EINVAL);
    }
    let mount = target.mount.clone();
    drop(target);
    if mount.place().is_none() {
        // The root stays.
        return Err(Errno::EBUSY);
    }
    if flags & un::EXPIRE != 0 {
        // Never marked by anything but this call, which reports the first mark so.
        return Err(Errno::EAGAIN);
    }
    mount::detach(&mount, flags & un::DETACH != 0, 1)
}

/// chdir(2): ENOTDIR, EACCES.
pub fn chdir(caller: &Caller<'_>, path: Path) -> Result<()> {
    enterable(caller, &path)?;
    caller.fs.set_cwd(path);
    Ok(())
}

/// chroot(2): as chdir, then EPERM without CAP_SYS_CHROOT.
pub fn chroot(caller: &Caller<'_>, path: Path) -> Result<()> {
    enterable(caller, &path)?;
    if !caller.cred.capable(cap::SYS_CHROOT) {
        return Err(Errno::EPERM);
    }
    caller.fs.set_root(path);
    Ok(())
}

fn enterable(caller: &Caller<'_>, path: &Path) -> Result<()> {
    let inode = path.inode()?;
    if !inode.is_dir() {
        return Err(Errno::ENOTDIR);
    }
    perm::check(inode, caller.cred, MAY_EXEC)
}
