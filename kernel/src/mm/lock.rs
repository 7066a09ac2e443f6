//! mlock(2) and its family. Nothing is ever written out, so locking means: filled at once, and counted.

use abi::mm::MlockallFlags;
use abi::process::rlimit;
use abi::{Errno, Result};
use hal::mem::{PAGE_SIZE, USER_END};

use super::space::{AddressSpace, Map, page_up};
use super::vma::VmFlags;

const LOCK_BITS: VmFlags = VmFlags::LOCKED.union(VmFlags::LOCK_ON_FAULT);

/// The pages that contain a range.
fn pages_of(addr: usize, len: usize) -> Result<(usize, usize)> {
    let start = addr & !(PAGE_SIZE - 1);
    let end = len.checked_add(addr - start).and_then(page_up).and_then(|len| start.checked_add(len)).ok_or(Errno::EINVAL)?;
    Ok((start, end))
}

impl AddressSpace {
    /// mlock2(2). `on_fault`: MLOCK_ONFAULT; `may_lock`: CAP_IPC_LOCK. EPERM, ENOMEM (limit, or part not mapped), EINVAL (overflow).
    pub fn mlock(&self, addr: usize, len: usize, on_fault: bool, may_lock: bool) -> Result<()> {
        let limit = self.limit_pages(rlimit::MEMLOCK);
        if limit == 0 && !may_lock {
            return Err(Errno::EPERM);
        }
        let (start, end) = pages_of(addr, len)?;
        let mut map = self.map.write();
        let in_range = map.vmas.iter_from(start).take_while(|e| e.start < end);
        let already: usize =
            in_range.filter(|e| e.value.flags.contains(VmFlags::LOCKED)).map(|e| e.end.min(end) - e.start.max(start)).sum();
        if !may_lock && map.counts.locked.saturating_add((end - start - already) / PAGE_SIZE) > limit {
            return Err(Errno::ENOMEM);
        }
        if !map.has_room(2) {
            return Err(Errno::EAGAIN);
        }
        let until = set_lock(&mut map, start, end, if on_fault { LOCK_BITS } else { VmFlags::LOCKED });
        self.resident.keep(start, end);
        drop(map);
        if !on_fault {
            self.populate(start, until);
        }
        if until < end { Err(Errno::ENOMEM) } else { Ok(()) }
    }

    /// munlock(2).
    pub fn munlock(&self, addr: usize, len: usize) -> Result<()> {
        let (start, end) = pages_of(addr, len)?;
        let mut map = self.map.write();
        if !map.has_room(2) {
            return Err(Errno::EAGAIN);
        }
        let until = set_lock(&mut map, start, end, VmFlags::empty());
        if until < end { Err(Errno::ENOMEM) } else { Ok(()) }
    }

    /// mlockall(2). EINVAL for no or unknown flags; EPERM, ENOMEM as mlock.
    pub fn mlockall(&self, flags: MlockallFlags, may_lock: bool) -> Result<()> {
        if flags.is_empty() || !MlockallFlags::all().contains(flags) || flags == MlockallFlags::ONFAULT {
            return Err(Errno::EINVAL);
        }
        let limit = self.limit_pages(rlimit::MEMLOCK);
        if !may_lock && limit == 0 {
            return Err(Errno::EPERM);
        }
        let bits = if flags.contains(MlockallFlags::ONFAULT) { LOCK_BITS } else { VmFlags::LOCKED };
        let mut map = self.map.write();
        if flags.contains(MlockallFlags::CURRENT) {
            if !may_lock && map.counts.total > limit {
                return Err(Errno::ENOMEM);
            }
            map.change(0, USER_END, |vma| vma.flags = vma.flags.difference(LOCK_BITS) | bits);
            self.resident.keep(0, USER_END);
        }
        map.lock_future = if flags.contains(MlockallFlags::FUTURE) { bits } else { VmFlags::empty() };
        drop(map);
        if flags.contains(MlockallFlags::CURRENT) && bits == VmFlags::LOCKED {
            self.populate_all();
        }
        Ok(())
    }

    /// munlockall(2).
    pub fn munlockall(&self) {
        let mut map = self.map.write();
        map.lock_future = VmFlags::empty();
        map.change(0, USER_END, |vma| vma.flags.remove(LOCK_BITS));
    }

    /// Fills all mappings that can be accessed.
    fn populate_all(&self) {
        let mut at = 0;
        loop {
            let next = self.map.read().vmas.at_or_after(at).map(|e| (e.start, e.end));
            let Some((start, end)) = next else { return };
            self.populate(start, end);
            at = end;
        }
    }
}

/// Sets the lock bits up to the first address that is not mapped; gives that address, or `end`.
fn set_lock(map: &mut Map, start: usize, end: usize, bits: VmFlags) -> usize {
    let mut until = start;
    for entry in map.vmas.iter_from(start) {
        if entry.start > until || until >= end {
            break;
        }
        until = entry.end.min(end);
    }
    map.change(start, until, |vma| vma.flags = vma.flags.difference(LOCK_BITS) | bits);
    until
}
