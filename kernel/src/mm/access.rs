//! The memory of an address space that is not the current one: the loader fills a new stack, procfs reads arguments, a debugger looks around. Pages are brought in
//! as if the application had touched them.

use hal::mem::{PAGE_SIZE, Page, Perm, TlbBatch};

use super::fault::{Access, FaultOutcome};
use super::space::AddressSpace;
use super::vma::Source;

impl AddressSpace {
    /// The page at `addr` after an access there; `None` where the application could not do it.
    fn page_for(&self, addr: usize, access: Access) -> Option<Page> {
        let va = addr & !(PAGE_SIZE - 1);
        let table = &self.resident().table;
        // A page that was just brought in can be taken away again by another thread: try a few times.
        for _ in 0..4 {
            if let Some(mapping) = table.query(va)
                && mapping.perm.contains(if access == Access::Write { Perm::WRITE } else { Perm::READ })
            {
                let page = if mapping.owned { table.frame(va).map(Page::Owned) } else { self.borrowed_page(va) };
                if page.is_some() {
                    if access == Access::Write && !mapping.dirty {
                        // What is written here the CPU does not see; an entry for writing is marked by giving it its permissions again.
                        table.set_perm(va, mapping.perm, &mut TlbBatch::new(table));
                    }
                    return page;
                }
            }
            if self.fault(addr, access) != FaultOutcome::Resolved {
                return None;
            }
        }
        None
    }

    /// The page mapped at `va` that is not ours: of a file's backing, or of a fixed list.
    fn borrowed_page(&self, va: usize) -> Option<Page> {
        let (cache, index) = {
            let map = self.map.read();
            let entry = map.vmas.at_or_after(va).filter(|entry| entry.start <= va)?;
            let offset = (va - entry.start) / PAGE_SIZE;
            match &entry.value.source {
                Source::File(mapped) => (mapped.cache().clone(), mapped.first() + offset as u64), // widening
                Source::Special(pages, first) => return pages.pages.get(first + offset).cloned(),
                Source::Anonymous => return None,
            }
        };
        cache.page(index).ok().flatten()
    }

    /// Copies out of the application's memory at `addr`; says how many bytes could be read.
    pub fn read_memory(&self, addr: usize, dst: &mut [u8]) -> usize {
        let mut done = 0;
        while done < dst.len() {
            let Some(at) = addr.checked_add(done) else { break };
            let offset = at % PAGE_SIZE;
            let len = (PAGE_SIZE - offset).min(dst.len() - done);
            let Some(page) = self.page_for(at, Access::Read) else { break };
            page.read(offset, &mut dst[done..done + len]);
            done += len;
        }
        done
    }

    /// Copies into the application's memory at `addr`; says how many bytes could be written.
    pub fn write_memory(&self, addr: usize, src: &[u8]) -> usize {
        let mut done = 0;
        while done < src.len() {
            let Some(at) = addr.checked_add(done) else { break };
            let offset = at % PAGE_SIZE;
            let len = (PAGE_SIZE - offset).min(src.len() - done);
            let Some(Page::Owned(frame)) = self.page_for(at, Access::Write) else { break };
            frame.write(offset, &src[done..done + len]);
            done += len;
        }
        done
    }

    /// Zeroes `[start, end)` within one page.
    pub fn clear_in_page(&self, start: usize, end: usize) -> bool {
        match self.page_for(start, Access::Write) {
            Some(Page::Owned(frame)) => {
                frame.clear(start % PAGE_SIZE, (end - start).min(PAGE_SIZE - start % PAGE_SIZE));
                true
            }
            _ => false,
        }
    }
}
