//! munmap(2), msync(2), mincore(2).

use abi::mm::MsyncFlags;
use abi::{Errno, Result};
use hal::mem::{PAGE_SIZE, USER_END};

use super::cache::Slot;
use super::space::{AddressSpace, MAPPINGS_MAX, Removed, is_aligned, page_up};
use super::vma::{Source, VmFlags};

impl AddressSpace {
    /// munmap(2). EINVAL for an unaligned address, no length, or a range outside; ENOMEM when it would cut one mapping too many.
    pub fn munmap(&self, addr: usize, len: usize) -> Result<()> {
        if !is_aligned(addr) || addr > USER_END || len > USER_END - addr {
            return Err(Errno::EINVAL);
        }
        let len = page_up(len).filter(|&len| len > 0).ok_or(Errno::EINVAL)?;
        let mut removed = Removed::default();
        let mut map = self.map.write();
        let cuts_inside = map.vmas.find(addr).is_some_and(|e| e.start < addr && e.end > addr + len);
        if cuts_inside && (map.vmas.len() >= MAPPINGS_MAX || hal::mem::is_exhausted()) {
            return Err(Errno::ENOMEM);
        }
        self.unmap_locked(&mut map, addr, addr + len, &mut removed);
        drop(map);
        drop(removed);
        Ok(())
    }

    /// msync(2): shared file pages go back to the file. ENOMEM when part of the range is not mapped (the rest is done).
    pub fn msync(&self, addr: usize, len: usize, flags: MsyncFlags) -> Result<()> {
        if !MsyncFlags::all().contains(flags) || flags.contains(MsyncFlags::ASYNC | MsyncFlags::SYNC) || !is_aligned(addr) {
            return Err(Errno::EINVAL);
        }
        let end = page_up(len).and_then(|len| addr.checked_add(len)).ok_or(Errno::ENOMEM)?;
        let mut at = addr;
        let mut hole = false;
        while at < end {
            let (next, sync) = {
                let map = self.map.read();
                let Some(entry) = map.vmas.at_or_after(at).filter(|e| e.start < end) else {
                    hole = true;
                    break;
                };
                hole |= entry.start > at;
                let start = entry.start.max(at);
                if flags.contains(MsyncFlags::INVALIDATE) && entry.value.flags.contains(VmFlags::LOCKED) {
                    return Err(Errno::EBUSY);
                }
                let until = entry.end.min(end);
                let sync = match &entry.value.source {
                    Source::File(mapped) if entry.value.is_shared() && flags.contains(MsyncFlags::SYNC) => {
                        let from = entry.value.object_offset(start - entry.start);
                        Some((mapped.cache().clone(), from, from + (until - start) as u64))
                    }
                    _ => None,
                };
                (until, sync)
            };
            if let Some((cache, from, to)) = sync {
                cache.sync(from, to)?;
            }
            at = next;
        }
        if hole { Err(Errno::ENOMEM) } else { Ok(()) }
    }

    /// mincore(2): gives `put(n-th page, resident)` for each page. EINVAL unaligned; ENOMEM outside or not mapped.
    pub fn mincore(&self, addr: usize, len: usize, mut put: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        if !is_aligned(addr) {
            return Err(Errno::EINVAL);
        }
        let len = page_up(len).ok_or(Errno::ENOMEM)?;
        let end = addr.checked_add(len).filter(|&end| end <= USER_END).ok_or(Errno::ENOMEM)?;
        let mut at = addr;
        let mut chunk = [0u8; 256];
        while at < end {
            let mut n = 0;
            {
                let map = self.map.read();
                while at < end && n < chunk.len() {
                    let entry = map.vmas.find(at).ok_or(Errno::ENOMEM)?;
                    let here = self.resident.table.query(at).is_some()
                        || match &entry.value.source {
                            Source::File(mapped) => {
                                let index = entry.value.object_offset(at - entry.start) / PAGE_SIZE as u64;
                                let state = mapped.cache().state.lock();
                                matches!(state.tree.get(index), Some(Slot::Owned { .. }))
                                    || mapped.cache().peek(&state, index).is_ok_and(|p| p.is_some())
                            }
                            Source::Anonymous => false,
                            Source::Special(..) => true,
                        };
                    chunk[n] = u8::from(here);
                    n += 1;
                    at += PAGE_SIZE;
                }
            }
            // The map is free again: writing the answer may fault.
            put(&chunk[..n])?;
        }
        Ok(())
    }
}
