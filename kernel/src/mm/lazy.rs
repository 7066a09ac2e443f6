//! MADV_FREE: pages that the program can do without are kept while there is memory, and given up when there is none. Whether a page was written again
//! is the CPU's dirty bit, cleared when the advice is given; whatever else makes or changes an entry for writing sets it.
//!
//! The ranges belong to the page table ([`Resident`]), not to the map: memory may run out while somebody holds the map's lock. A range in the list is anonymous
//! memory that is not locked; who unmaps, moves or locks a part takes it out first.

use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, Ordering};

use abi::mm::advice;
use abi::{Errno, Result};
use hal::mem::TlbBatch;

use super::advise::check_zap;
use super::imap::Resident;
use super::reclaim;
use super::space::AddressSpace;
use crate::sync::SpinLock;

/// Ranges remembered; beyond it the oldest is given up at once.
const RANGES: usize = 64;

/// Bytes looked through for pages to give up before asking whether that was enough.
const AT_ONCE: usize = 2 << 20;

/// Page tables that have, or had, ranges.
static TABLES: SpinLock<Vec<Weak<Resident>>> = SpinLock::new(Vec::new());

/// Ranges under MADV_FREE of one page table, oldest first: what of them was not written since may be given up.
pub(super) struct Lazy {
    ranges: SpinLock<Vec<(usize, usize)>>,
    /// In `TABLES`.
    listed: AtomicBool,
}

impl Lazy {
    pub(super) const fn new() -> Lazy {
        Lazy { ranges: SpinLock::new(Vec::new()), listed: AtomicBool::new(false) }
    }
}

/// Takes a part out of the list.
fn cut(ranges: &mut Vec<(usize, usize)>, start: usize, end: usize) {
    let mut above = None;
    ranges.retain_mut(|range| {
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
        && ranges.len() < RANGES
        && ranges.try_reserve(1).is_ok()
    {
        ranges.push(above);
    }
}

impl Resident {
    /// The pages of a range may go. A range that there is no room to remember, it or the oldest, goes at once.
    fn let_go(&self, start: usize, end: usize, batch: &mut TlbBatch<'_>) {
        let mut ranges = self.lazy.ranges.lock();
        if ranges.iter().any(|range| range.0 <= start && end <= range.1) {
            return;
        }
        cut(&mut ranges, start, end);
        if let Some(next) = ranges.iter_mut().find(|range| range.1 == start || range.0 == end) {
            *next = (next.0.min(start), next.1.max(end));
            return;
        }
        let mut oldest = (start, end);
        if ranges.len() < RANGES && ranges.try_reserve(1).is_ok() {
            ranges.push((start, end));
            return;
        }
        if !ranges.is_empty() {
            oldest = ranges.remove(0);
            ranges.push((start, end)); // where the oldest was there is room
        }
        self.give_up(oldest, batch);
    }

    /// A range is something else now, and stays.
    #[inline]
    pub(super) fn keep(&self, start: usize, end: usize) {
        if self.lazy.listed.load(Ordering::Relaxed) {
            cut(&mut self.lazy.ranges.lock(), start, end);
        }
    }

    fn give_up(&self, range: (usize, usize), batch: &mut TlbBatch<'_>) -> usize {
        let given = self.table.zap_clean_range(range.0, range.1, batch);
        self.sub(given);
        given
    }

    /// Gives up pages of the oldest range that has any, some at a time; says how many.
    fn shrink(&self) -> usize {
        let Some(mut ranges) = self.lazy.ranges.try_lock() else { return 0 };
        let mut batch = TlbBatch::new(&self.table);
        while let Some(range) = ranges.first_mut() {
            let end = range.1.min(range.0.saturating_add(AT_ONCE));
            let given = self.give_up((range.0, end), &mut batch);
            range.0 = end;
            if end == range.1 {
                ranges.remove(0);
            }
            if given > 0 {
                return given;
            }
        }
        0
    }
}

/// The shrinker of this kind of pages: table by table.
fn shrink() -> usize {
    let Some(tables) = TABLES.try_lock() else { return 0 };
    tables.iter().filter_map(Weak::upgrade).map(|table| table.shrink()).find(|&given| given > 0).unwrap_or(0)
}

/// Enters a table in the list of those that have ranges.
#[cold]
fn list(table: &Arc<Resident>) -> Result<()> {
    reclaim::register(reclaim::Kind::Unwanted, shrink);
    let mut tables = TABLES.lock();
    tables.retain(|other| other.strong_count() > 0);
    tables.try_reserve(1).map_err(|_| Errno::EAGAIN)?;
    tables.push(Arc::downgrade(table));
    table.lazy.listed.store(true, Ordering::Relaxed);
    Ok(())
}

impl AddressSpace {
    /// MADV_FREE.
    pub(super) fn advise_free(&self, addr: usize, end: usize) -> Result<()> {
        // For writing: two threads must not enter the table twice, nor unmap what is entered here.
        let map = self.map.write();
        if !self.resident.lazy.listed.load(Ordering::Relaxed) {
            list(&self.resident)?;
        }
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
                self.resident.let_go(from, to, &mut batch);
            }
        }
        if hole || at < end { Err(Errno::ENOMEM) } else { Ok(()) }
    }
}
