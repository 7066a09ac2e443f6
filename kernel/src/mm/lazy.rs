//! MADV_FREE: pages that the program can do without are kept while there is memory, and given up when there is none. Whether a page was written again
//! is the CPU's dirty bit, cleared when the advice is given; whatever else makes or changes an entry for writing sets it.

use abi::mm::advice;
use abi::{Errno, Result};
use hal::mem::TlbBatch;

use super::advise::check_zap;
use super::space::{AddressSpace, Map};
use super::vma::{Source, VmFlags};

/// Ranges remembered; beyond it the oldest is given up at once.
const RANGES: usize = 64;

impl Map {
    /// The pages of a range may go. Gives a range that there is no room to remember.
    fn let_go(&mut self, start: usize, end: usize) -> Option<(usize, usize)> {
        if self.free.iter().any(|range| range.0 <= start && end <= range.1) {
            return None;
        }
        self.keep(start, end);
        if let Some(next) = self.free.iter_mut().find(|range| range.1 == start || range.0 == end) {
            *next = (next.0.min(start), next.1.max(end));
            return None;
        }
        if self.free.len() < RANGES && self.free.try_reserve(1).is_ok() {
            self.free.push((start, end));
            return None;
        }
        if self.free.is_empty() {
            return Some((start, end));
        }
        let oldest = self.free.remove(0);
        self.free.push((start, end)); // where the oldest was there is room
        Some(oldest)
    }

    /// A range is something else now, and stays.
    #[cold]
    pub(super) fn keep(&mut self, start: usize, end: usize) {
        let mut above = None;
        self.free.retain_mut(|range| {
            if range.1 <= start || range.0 >= end {
                return true;
            }
            if range.0 >= start {
                range.0 = end;
            } else {
                // Ranges do not overlap, so one at most reaches beyond on both sides.
                above = (range.1 > end).then_some((end, range.1)).or(above);
                range.1 = start;
            }
            range.0 < range.1
        });
        // Where there is no room to remember the upper part it merely stays, too.
        if let Some(above) = above
            && self.free.len() < RANGES
            && self.free.try_reserve(1).is_ok()
        {
            self.free.push(above);
        }
    }
}

impl AddressSpace {
    /// MADV_FREE.
    pub(super) fn advise_free(&self, addr: usize, end: usize) -> Result<()> {
        let mut map = self.map.write();
        let mut batch = TlbBatch::new(&self.resident.table);
        let mut at = addr;
        let mut hole = false;
        while at < end {
            let Some(entry) = map.vmas.at_or_after(at).filter(|e| e.start < end) else { break };
            hole |= entry.start > at;
            let (from, to) = (entry.start.max(at), entry.end.min(end));
            at = to;
            if check_zap(&entry.value, advice::FREE)? {
                self.resident.table.clean_range(from, to, &mut batch);
                if let Some((from, to)) = map.let_go(from, to) {
                    self.give_up(&map, from, to, &mut batch);
                }
            }
        }
        if hole || at < end { Err(Errno::ENOMEM) } else { Ok(()) }
    }

    /// Memory is short: gives up what MADV_FREE left. True when there was something.
    #[cold]
    pub(super) fn reclaim(&self) -> bool {
        let mut map = self.map.write();
        let ranges = core::mem::take(&mut map.free);
        let mut batch = TlbBatch::new(&self.resident.table);
        ranges.iter().fold(false, |any, &(start, end)| self.give_up(&map, start, end, &mut batch) > 0 || any)
    }

    fn give_up(&self, map: &Map, start: usize, end: usize, batch: &mut TlbBatch<'_>) -> usize {
        let mut given = 0;
        for entry in map.vmas.iter_from(start).take_while(|e| e.start < end) {
            if matches!(entry.value.source, Source::Anonymous) && !entry.value.flags.contains(VmFlags::LOCKED) {
                given += self.resident.table.zap_clean_range(entry.start.max(start), entry.end.min(end), batch);
            }
        }
        self.resident.sub(given);
        given
    }
}
