//! mmap, munmap, mprotect, mremap, brk.

use alloc::sync::Arc;

use abi::mm::{LEGACY_MAP_MASK, MAP_SHARED_VALIDATE, MAP_TYPE, MapFlags, MremapFlags, Prot};
use abi::{Errno, Result};
use hal::mem::{PAGE_SIZE, Perm};
use kernel::mm::{MapRequest, MapTarget};
use kernel::process;
use kernel::vfs::file::File;
use kernel::vfs::mount::MountFlags;

use super::{may_lock, perm};
use crate::args::Fd;
use crate::io::current;

/// Complete but for huge pages (MAP_HUGETLB: ENOMEM) and DAX (MAP_SYNC: EOPNOTSUPP).
pub fn mmap(addr: usize, len: usize, prot: Prot, flags: MapFlags, fd: Fd, offset: u64) -> Result<usize> {
    if !offset.is_multiple_of(PAGE_SIZE as u64) {
        return Err(Errno::EINVAL);
    }
    let perm = perm(prot);
    let kind = flags.bits() & MAP_TYPE;
    let (target, may, flags) = if flags.contains(MapFlags::ANONYMOUS) {
        check_anonymous(len, flags, kind)?;
        (MapTarget::Anonymous, Perm::all(), flags)
    } else {
        let file = current::file(fd)?;
        let shared = check_file(&file, len, perm, flags, kind)?;
        let cache = file.ops.page_cache(&file)?;
        let may = may(&file, shared);
        if !may.contains(perm) {
            return Err(Errno::EPERM); // sealed against writing
        }
        let mut flags = flags;
        flags.set(MapFlags::SHARED, shared);
        (MapTarget::File(cache, Some(file)), may, flags)
    };
    let offset = if matches!(target, MapTarget::Anonymous) { 0 } else { offset };
    let may_lock = flags.contains(MapFlags::LOCKED) && may_lock();
    let code = perm.contains(Perm::EXEC) && matches!(target, MapTarget::File(..));
    let mm = process::current().mm();
    let start = mm.mmap(MapRequest { addr, len, perm, flags, target, offset, may, may_lock })?;
    if code {
        process::mapped::mapped(&mm, start);
    }
    Ok(start)
}

/// What a mapping without file must fulfil.
fn check_anonymous(len: usize, flags: MapFlags, kind: u32) -> Result<()> {
    let shared = kind == MapFlags::SHARED.bits();
    if len == 0 || !shared && kind != MapFlags::PRIVATE.bits() || shared && flags.contains(MapFlags::GROWSDOWN) {
        return Err(Errno::EINVAL);
    }
    // There are no huge pages, as on a machine that reserves none.
    if flags.contains(MapFlags::HUGETLB) { Err(Errno::ENOMEM) } else { Ok(()) }
}

/// What a mapping of `file` must fulfil; says whether it is shared.
fn check_file(file: &File, len: usize, perm: Perm, flags: MapFlags, kind: u32) -> Result<bool> {
    if len == 0 || flags.contains(MapFlags::HUGETLB) {
        return Err(Errno::EINVAL);
    }
    let shared = match kind {
        MAP_SHARED_VALIDATE if flags.bits() & !(LEGACY_MAP_MASK | MAP_SHARED_VALIDATE) != 0 => return Err(Errno::EOPNOTSUPP),
        MAP_SHARED_VALIDATE => true,
        _ if kind == MapFlags::SHARED.bits() => true,
        _ if kind == MapFlags::PRIVATE.bits() => false,
        _ => return Err(Errno::EINVAL),
    };
    if !file.readable() || shared && perm.contains(Perm::WRITE) && !file.writable() {
        return Err(Errno::EACCES);
    }
    if perm.contains(Perm::EXEC) && is_noexec(file) {
        return Err(Errno::EPERM);
    }
    if flags.contains(MapFlags::GROWSDOWN) { Err(Errno::EINVAL) } else { Ok(shared) }
}

fn is_noexec(file: &File) -> bool {
    file.path().is_some_and(|path| path.mount.flags().contains(MountFlags::NOEXEC))
}

/// What mprotect may allow later.
fn may(file: &Arc<File>, shared: bool) -> Perm {
    let mut may = Perm::all();
    let sealed = file.inode().is_some_and(|inode| inode.seals.check_map_write().is_err());
    may.set(Perm::WRITE, !shared || file.writable() && !sealed);
    may.set(Perm::EXEC, !is_noexec(file));
    may
}

/// Complete.
pub fn munmap(addr: usize, len: usize) -> Result<()> {
    process::current().mm().munmap(addr, len)
}

/// Complete.
pub fn mprotect(addr: usize, len: usize, prot: Prot) -> Result<()> {
    let grows = prot & (Prot::GROWSDOWN | Prot::GROWSUP);
    if grows == Prot::GROWSDOWN | Prot::GROWSUP || !addr.is_multiple_of(PAGE_SIZE) {
        return Err(Errno::EINVAL);
    }
    if len == 0 {
        return Ok(());
    }
    let end = len.checked_next_multiple_of(PAGE_SIZE).and_then(|len| addr.checked_add(len));
    end.ok_or(Errno::ENOMEM)?;
    // Nothing grows up on x86.
    if !(Prot::all() - Prot::GROWSUP).contains(prot) {
        return Err(Errno::EINVAL);
    }
    process::current().mm().mprotect(addr, len, perm(prot), grows == Prot::GROWSDOWN)
}

/// Complete.
pub fn mremap(old: usize, old_len: usize, new_len: usize, flags: MremapFlags, new: usize) -> Result<usize> {
    process::current().mm().mremap(old, old_len, new_len, flags, new, may_lock())
}

/// Complete.
pub fn brk(end: usize) -> Result<usize> {
    Ok(process::current().mm().brk(end))
}
