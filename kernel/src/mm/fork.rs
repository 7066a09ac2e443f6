//! fork(2): a copy of an address space that shares all pages until one side writes.

use alloc::sync::Arc;

use abi::{Errno, Result};
use hal::mem::{PageTable, Perm, TlbBatch};

use super::imap::Resident;
use super::space::{AddressSpace, Map};
use super::vma::{Source, VmFlags};
use crate::limits::Limits;

impl AddressSpace {
    /// A copy for a child with `limits`. Mappings with MADV_DONTFORK are left out, those with MADV_WIPEONFORK come empty; locks are not inherited. ENOMEM.
    pub fn fork(&self, limits: Arc<Limits>) -> Result<Arc<AddressSpace>> {
        let child = AddressSpace::new(*self.layout(), limits)?;
        let mut batch = TlbBatch::new(&self.resident.table);
        let map = self.map.write();
        let mut new = child.map.write();
        new.brk_start = map.brk_start;
        new.brk = map.brk;
        self.copy_mappings(&map, &mut new, &child.resident, &mut batch)?;
        drop(new);
        Ok(child)
    }

    fn copy_mappings(&self, map: &Map, new: &mut Map, child: &Arc<Resident>, batch: &mut TlbBatch<'_>) -> Result<()> {
        for entry in map.vmas.iter().filter(|e| !e.value.flags.contains(VmFlags::DONT_FORK)) {
            let mut vma = entry.value.duplicate(0, entry.len(), entry.start, child);
            vma.flags.remove(VmFlags::LOCKED | VmFlags::LOCK_ON_FAULT);
            let shared = vma.is_shared();
            let wiped = vma.flags.contains(VmFlags::WIPE_ON_FORK);
            new.add(entry.start, entry.end, vma);
            // Pages of shared mappings come again by faults; private ones are only here.
            if shared || wiped || matches!(entry.value.source, Source::Special(..)) {
                continue;
            }
            self.share(child, entry.start, entry.end, batch)?;
        }
        Ok(())
    }

    fn share(&self, child: &Resident, start: usize, end: usize, batch: &mut TlbBatch<'_>) -> Result<()> {
        let target: &PageTable = &child.table;
        let mut pages = 0;
        let perm = |_: usize, page: &hal::mem::Mapping| {
            pages += 1;
            page.perm & !Perm::WRITE
        };
        let shared = self.resident.table.share_range(target, start, end, perm, batch).map_err(|_| Errno::ENOMEM);
        child.add(pages);
        shared
    }
}
