//! mprotect(2).

use abi::{Errno, Result};
use hal::mem::{Mapping, PAGE_SIZE, Perm, TlbBatch};

use super::space::{AddressSpace, Map, is_aligned, page_up};
use super::vma::{Source, VmFlags, Vma, may};

/// The permissions that a page already there gets: writing only where no copy and no notice is needed first.
pub(super) fn page_perm(vma: &Vma, page: &Mapping) -> Perm {
    let writable = match &vma.source {
        Source::Special(..) => false,
        Source::File(mapped) if vma.is_shared() => page.owned && !mapped.cache().tracks_writes(),
        Source::Anonymous | Source::File(_) => page.owned && page.ref_count == 1,
    };
    if writable { vma.perm } else { vma.perm & !Perm::WRITE }
}

impl AddressSpace {
    /// mprotect(2). `grows_down`: PROT_GROWSDOWN. EINVAL unaligned; ENOMEM at the first address that is not mapped or by limits; EACCES where the file
    /// forbids it. What lies before the place of the error is done, as on Linux.
    pub fn mprotect(&self, addr: usize, len: usize, perm: Perm, grows_down: bool) -> Result<()> {
        if !is_aligned(addr) {
            return Err(Errno::EINVAL);
        }
        if len == 0 {
            return Ok(());
        }
        let end = page_up(len).and_then(|len| addr.checked_add(len)).ok_or(Errno::ENOMEM)?;
        let mut map = self.map.write();
        let mut start = addr;
        if grows_down {
            let entry = map.vmas.at_or_after(addr).filter(|e| e.start < end).ok_or(Errno::ENOMEM)?;
            if !entry.value.flags.contains(VmFlags::GROWS_DOWN) {
                return Err(Errno::EINVAL);
            }
            start = entry.start;
        }
        // Most often a part of one mapping, or nothing to do.
        if let Some(entry) = map.vmas.find(start)
            && entry.end >= end
            && entry.value.perm == perm
        {
            return Ok(());
        }
        let (until, outcome) = self.check_protect(&map, start, end, perm);
        if start < until {
            map.change(start, until, |vma| vma.perm = perm);
            let mut batch = TlbBatch::new(&self.resident.table);
            let mut at = start;
            while let Some(entry) = map.vmas.at_or_after(at).filter(|e| at < until && e.start < until) {
                let to = entry.end.min(until);
                self.resident.table.protect_range(at.max(entry.start), to, |_, page| page_perm(&entry.value, page), &mut batch);
                at = to;
            }
        }
        outcome
    }

    /// Up to where the change is possible, and what the call answers.
    fn check_protect(&self, map: &Map, start: usize, end: usize, perm: Perm) -> (usize, Result<()>) {
        let mut at = start;
        let mut more_data = 0;
        if !map.has_room(2) {
            return (start, Err(Errno::ENOMEM));
        }
        while at < end {
            let Some(entry) = map.vmas.at_or_after(at) else { break };
            if entry.start > at {
                return (at, Err(Errno::ENOMEM));
            }
            if !may(entry.value.flags, perm) {
                return (at, Err(Errno::EACCES));
            }
            let until = entry.end.min(end);
            let becomes_data = perm.contains(Perm::WRITE) && !entry.value.is_data() && !entry.value.is_shared();
            if becomes_data && !entry.value.flags.contains(VmFlags::GROWS_DOWN) {
                more_data += (until - at) / PAGE_SIZE;
                if !self.may_expand_data(map, more_data) {
                    return (at, Err(Errno::ENOMEM));
                }
            }
            at = until;
        }
        (at, if at < end { Err(Errno::ENOMEM) } else { Ok(()) })
    }

    fn may_expand_data(&self, map: &Map, pages: usize) -> bool {
        map.counts.data.saturating_add(pages) <= self.limit_pages(abi::process::rlimit::DATA)
    }
}
