//! The frame allocator. RAM is cut into sections of 2 MiB; a section's table (reference counts and a free bitmap, one page of its own memory)
//! is made when the first frame of the section is needed. No other page is touched until its owner touches it.

use core::ops::Range;
use core::ptr::{NonNull, null_mut};
use core::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

use super::frame::{PAGE_SHIFT, PAGE_SIZE, Pfn};
use super::{MemoryStats, phys};
use crate::sync::SpinLock;

const FRAMES: usize = 512;
const SECTION_SHIFT: u32 = 21;
const REGION_SHIFT: u32 = 30;
const REGIONS_MAX: usize = 512;
const RANGES_MAX: usize = 32;

/// Table of one section. The counts are shared by everybody who holds a frame of it; the rest belongs to the allocator's lock.
#[repr(C)]
struct Section {
    counts: [AtomicU32; FRAMES],
    free: [u64; FRAMES / 64],
    next: Option<NonNull<Section>>,
    base: u64,
    n_free: u32,
    /// Bit per word of `free` that is not 0.
    summary: u8,
    listed: bool,
}

const _: () = assert!(size_of::<Section>() <= PAGE_SIZE);

type Region = [AtomicPtr<Section>; 512];

static REGIONS: [AtomicPtr<Region>; REGIONS_MAX] = [const { AtomicPtr::new(null_mut()) }; REGIONS_MAX];

struct Allocator {
    ranges: [(u64, u64); RANGES_MAX],
    n_ranges: usize,
    /// Physical address of the first section that has no table yet.
    cursor: u64,
    /// Sections with free frames.
    head: Option<NonNull<Section>>,
    total: u64,
    used: u64,
    peak: u64,
    /// The kernel's last frames: not given to applications, so that a program that takes all memory can still be ended in order.
    reserve: u64,
}

// SAFETY: the section tables it points to are never freed and only reached under the lock.
unsafe impl Send for Allocator {}

static ALLOCATOR: SpinLock<Allocator> =
    SpinLock::new(Allocator { ranges: [(0, 0); RANGES_MAX], n_ranges: 0, cursor: 0, head: None, total: 0, used: 0, peak: 0, reserve: 0 });

pub(crate) fn init(usable: &[Range<u64>]) {
    let mut a = ALLOCATOR.lock();
    let page = PAGE_SIZE as u64;
    for range in usable {
        let start = range.start.next_multiple_of(page).max(page);
        let end = (range.end & !(page - 1)).min((REGIONS_MAX as u64) << REGION_SHIFT);
        if start < end && a.n_ranges < RANGES_MAX {
            let n = a.n_ranges;
            a.ranges[n] = (start, end);
            a.n_ranges += 1;
            a.total += end - start;
        }
    }
    a.reserve = RESERVE_MIN + (a.total / page / RESERVE_SHARE).min(RESERVE_MAX);
}

const RESERVE_MIN: u64 = 16;
const RESERVE_MAX: u64 = 256;
const RESERVE_SHARE: u64 = 128;

pub(crate) fn stats() -> MemoryStats {
    let a = ALLOCATOR.lock();
    MemoryStats { total: a.total, free: a.total.saturating_sub(a.used * PAGE_SIZE as u64), peak_used: a.peak * PAGE_SIZE as u64 }
}

/// True for RAM that the allocator manages (device mappings must not alias it).
pub(crate) fn is_ram(start: u64, end: u64) -> bool {
    let a = ALLOCATOR.lock();
    a.ranges[..a.n_ranges].iter().any(|&(s, e)| start < e && s < end)
}

/// The reference count of a frame that was handed out.
#[inline]
pub(crate) fn count(pfn: Pfn) -> &'static AtomicU32 {
    let section = pfn.0 as usize >> 9;
    let region = REGIONS[section >> 9].load(Ordering::Relaxed);
    // SAFETY: the frame was handed out, so its region and section tables were published before (the frame's way to this CPU orders that);
    // both live for ever.
    unsafe { &(*(*region)[section & 511].load(Ordering::Relaxed)).counts[pfn.0 as usize & (FRAMES - 1)] }
}

/// Takes one frame for the kernel; its count is 1 and its contents are unspecified.
pub(crate) fn alloc() -> Option<Pfn> {
    ALLOCATOR.lock().take_one()
}

/// As [`alloc`], for an application: the reserve stays.
#[inline]
pub(crate) fn alloc_for_user() -> Option<Pfn> {
    let mut a = ALLOCATOR.lock();
    if a.is_below(1) {
        return None;
    }
    a.take_one()
}

/// True when only the kernel's reserve divided by `share` is left.
pub(crate) fn is_below(share: u64) -> bool {
    ALLOCATOR.lock().is_below(share)
}

impl Allocator {
    #[inline]
    fn is_below(&self, share: u64) -> bool {
        (self.used + self.reserve / share) * PAGE_SIZE as u64 >= self.total
    }

    #[inline]
    fn take_one(&mut self) -> Option<Pfn> {
        let a = self;
        loop {
            if let Some(mut head) = a.head {
                // SAFETY: section tables live for ever; their lock is held.
                let section = unsafe { head.as_mut() };
                let word = section.summary.trailing_zeros() as usize;
                let index = word * 64 + section.free[word].trailing_zeros() as usize;
                take(a, section, index);
                if section.n_free == 0 {
                    section.listed = false;
                    a.head = section.next;
                }
                return Some(Pfn(section.base + index as u64));
            }
            if !a.grow() {
                return None;
            }
        }
    }
}

/// Takes `n` frames in a row (at most 256), the first one aligned to `align` frames (a power of two).
pub(crate) fn alloc_contiguous(n: usize, align: usize) -> Option<Pfn> {
    if n == 1 && align == 1 {
        return alloc();
    }
    if n == 0 || n > FRAMES / 2 {
        return None;
    }
    let mut a = ALLOCATOR.lock();
    loop {
        let mut at = a.head;
        while let Some(mut pointer) = at {
            // SAFETY: as in `alloc`.
            let section = unsafe { pointer.as_mut() };
            if let Some(first) = find_run(&section.free, n, align) {
                (first..first + n).for_each(|index| take(&mut a, section, index));
                if section.n_free == 0 {
                    a.unlist(pointer);
                }
                return Some(Pfn(section.base + first as u64));
            }
            at = section.next;
        }
        if !a.grow() {
            return None;
        }
    }
}

/// Gives a frame back. The caller holds the last reference.
pub(crate) fn free(pfn: Pfn) {
    let mut a = ALLOCATOR.lock();
    let number = pfn.0 as usize >> 9;
    let region = REGIONS[number >> 9].load(Ordering::Relaxed);
    // SAFETY: as in `count`; the lock makes this the only reference to the mutable part.
    let section = unsafe { &mut *(&(*region))[number & 511].load(Ordering::Relaxed) };
    let index = pfn.0 as usize & (FRAMES - 1);
    debug_assert!(section.free[index / 64] & 1 << (index % 64) == 0, "frame freed twice");
    section.counts[index].store(0, Ordering::Relaxed);
    section.free[index / 64] |= 1 << (index % 64);
    section.summary |= 1 << (index / 64);
    section.n_free += 1;
    a.used -= 1;
    if !section.listed {
        section.listed = true;
        section.next = a.head;
        a.head = Some(NonNull::from(section));
    }
}

/// Marks frame `index` as handed out.
#[inline]
fn take(a: &mut Allocator, section: &mut Section, index: usize) {
    let word = &mut section.free[index / 64];
    *word &= !(1 << (index % 64));
    if *word == 0 {
        section.summary &= !(1 << (index / 64));
    }
    section.n_free -= 1;
    section.counts[index].store(1, Ordering::Relaxed);
    a.used += 1;
    a.peak = a.peak.max(a.used);
}

/// Sets the bits `first..last`, which were clear; how many those are.
fn set_bits(bits: &mut [u64; FRAMES / 64], first: usize, last: usize) -> u32 {
    let mut at = first;
    while at < last {
        let n = (64 - at % 64).min(last - at);
        bits[at / 64] |= (u64::MAX >> (64 - n)) << (at % 64);
        at += n;
    }
    last.saturating_sub(first) as u32 // at most 512
}

/// First index of `n` set bits in a row at a multiple of `align`.
fn find_run(free: &[u64; FRAMES / 64], n: usize, align: usize) -> Option<usize> {
    let mut first = 0;
    while first + n <= FRAMES {
        let rest = free[first / 64] >> (first % 64);
        if rest & 1 == 0 {
            // Skip to the next set bit of this word, or to the next word.
            let skip = if rest == 0 { 64 - first % 64 } else { rest.trailing_zeros() as usize };
            first = (first + skip).next_multiple_of(align);
            continue;
        }
        match (first + 1..first + n).find(|&i| free[i / 64] & 1 << (i % 64) == 0) {
            None => return Some(first),
            Some(gap) => first = (gap + 1).next_multiple_of(align),
        }
    }
    None
}

impl Allocator {
    /// Removes a section without free frames from the list.
    fn unlist(&mut self, gone: NonNull<Section>) {
        let mut link = &mut self.head;
        while let Some(mut pointer) = *link {
            // SAFETY: as in `alloc`; one list node is borrowed at a time.
            let section = unsafe { pointer.as_mut() };
            if pointer == gone {
                section.listed = false;
                *link = section.next;
                return;
            }
            link = &mut section.next;
        }
    }

    /// Makes the table of the next section of RAM. False when there is none left.
    #[cold]
    fn grow(&mut self) -> bool {
        let Some(&(start, _)) = self.ranges[..self.n_ranges].iter().find(|&&(_, end)| end > self.cursor) else {
            return false;
        };
        let base = start.max(self.cursor) >> SECTION_SHIFT << SECTION_SHIFT;
        let end = base + (1 << SECTION_SHIFT);
        self.cursor = end;
        let mut free = [0u64; FRAMES / 64];
        let mut n_free = 0;
        for &(s, e) in &self.ranges[..self.n_ranges] {
            let frames = |at: u64| (at.clamp(base, end) - base) as usize >> PAGE_SHIFT;
            n_free += set_bits(&mut free, frames(s), frames(e));
        }
        // The tables live in the section's last usable frames.
        let mut take_last = || {
            let word = free.iter().rposition(|&w| w != 0)?;
            let bit = 63 - free[word].leading_zeros() as usize;
            free[word] &= !(1 << bit);
            n_free -= 1;
            self.used += 1;
            Some(base + ((word * 64 + bit) << PAGE_SHIFT) as u64)
        };
        let slot = &REGIONS[(base >> REGION_SHIFT) as usize];
        if slot.load(Ordering::Relaxed).is_null() {
            let Some(page) = take_last() else { return true };
            // SAFETY: a free page of RAM, behind the direct map; nobody else knows it. All-zero is a valid Region (null pointers).
            unsafe { phys::virt(page).write_bytes(0, PAGE_SIZE) };
            slot.store(phys::virt(page).cast(), Ordering::Release);
        }
        let Some(page) = take_last() else { return true };
        let table: *mut Section = phys::virt(page).cast();
        let summary = free.iter().enumerate().fold(0, |bits, (i, &word)| bits | u8::from(word != 0) << i);
        // SAFETY: a free page of RAM, large enough and aligned; zero is valid for the counts, the other fields are written before use.
        let section = unsafe {
            phys::virt(page).write_bytes(0, PAGE_SIZE);
            &raw mut (*table).next
        };
        // SAFETY: `table` is exclusively ours until published below.
        unsafe {
            section.write(None);
            (*table).free = free;
            (*table).base = base >> PAGE_SHIFT;
            (*table).n_free = n_free;
            (*table).summary = summary;
        }
        // SAFETY: the region exists (made above or before) and lives for ever.
        let region = unsafe { &*slot.load(Ordering::Relaxed) };
        region[(base >> SECTION_SHIFT) as usize & 511].store(table, Ordering::Release);
        if n_free > 0 {
            // SAFETY: as above; from here on the lock guards it.
            unsafe {
                (*table).listed = true;
                (*table).next = self.head;
            }
            self.head = NonNull::new(table);
        }
        self.peak = self.peak.max(self.used);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_found_at_their_alignment() {
        let mut free = [0u64; 8];
        free[0] = 0b1110_0110;
        assert_eq!(find_run(&free, 2, 1), Some(1));
        assert_eq!(find_run(&free, 3, 1), Some(5));
        assert_eq!(find_run(&free, 2, 2), Some(6));
        assert_eq!(find_run(&free, 4, 4), None);
        free[1] = u64::MAX;
        free[2] = u64::MAX;
        assert_eq!(find_run(&free, 128, 64), Some(64));
        assert_eq!(find_run(&free, 129, 1), None);
    }

    #[test]
    fn bits_of_a_range() {
        for (first, last) in [(0, 0), (0, 512), (3, 4), (63, 65), (1, 511), (64, 128), (200, 100)] {
            let mut bits = [0; 8];
            let n = set_bits(&mut bits, first, last);
            assert_eq!(n as usize, (first..last).len());
            assert!((0..512).all(|i| (bits[i / 64] >> (i % 64) & 1 == 1) == (first..last).contains(&i)), "{first}..{last}");
        }
    }

    #[test]
    fn frames_are_distinct_and_come_back() {
        phys::fake::start();
        let frames: std::vec::Vec<_> = (0..1500).map(|_| alloc().unwrap()).collect();
        let mut sorted = frames.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!(sorted.len(), 1500);
        assert!(frames.iter().all(|f| count(*f).load(Ordering::Relaxed) == 1));
        frames.into_iter().for_each(free);
        let run = alloc_contiguous(64, 16).unwrap();
        assert_eq!(run.0 % 16, 0);
        (0..64).for_each(|i| free(Pfn(run.0 + i)));
        assert!(alloc_contiguous(257, 1).is_none());
    }
}
