//! The kernel's heap: slabs of equal objects up to 2 KiB, whole frames above, mapped pages for what frames in a row cannot give.
//!
//! Not usable from interrupt handlers. An object's page is not touched before the object is handed out, and an empty slab goes back to the frames.

use core::alloc::{GlobalAlloc, Layout};
use core::ptr::{NonNull, null_mut};

use super::frame::{PAGE_SIZE, Pfn};
use super::{kmap, phys, section};
use crate::sync::SpinLock;

/// The allocator; `image` names one as `#[global_allocator]`.
pub struct KernelHeap;

const SIZES: [u16; 20] = [16, 32, 48, 64, 80, 96, 128, 160, 192, 256, 320, 384, 512, 640, 768, 1024, 1280, 1536, 1792, 2048];
const SMALL_MAX: usize = 2048;

/// Class of each size in steps of 16 bytes.
const CLASS_OF: [u8; SMALL_MAX / 16 + 1] = {
    let mut table = [0; SMALL_MAX / 16 + 1];
    let mut step = 0;
    let mut class = 0;
    while step < table.len() {
        if step * 16 > SIZES[class] as usize {
            class += 1;
        }
        table[step] = class as u8;
        step += 1;
    }
    table
};

/// Bytes of a slab of this class; a slab is aligned to its size.
const fn slab_size(class: usize) -> usize {
    if SIZES[class] <= 1024 { PAGE_SIZE } else { 4 * PAGE_SIZE }
}

/// Alignment that all objects of a class have: the largest power of two that divides the size.
const fn class_align(class: usize) -> usize {
    1 << SIZES[class].trailing_zeros()
}

/// At the start of each slab.
struct Slab {
    /// Freed objects, linked through their first word.
    free: *mut u8,
    /// Offset of the first object never handed out.
    fresh: u16,
    used: u16,
    listed: bool,
    next: *mut Slab,
    prev: *mut Slab,
}

/// Slabs of one class that have room.
struct Class {
    head: *mut Slab,
}

// SAFETY: slabs are only reached under the class's lock.
unsafe impl Send for Class {}

static CLASSES: [SpinLock<Class>; SIZES.len()] = [const { SpinLock::new(Class { head: null_mut() }) }; SIZES.len()];

#[inline]
fn class_of(layout: &Layout) -> Option<usize> {
    if layout.size() > SMALL_MAX {
        return None;
    }
    let mut class = CLASS_OF[layout.size().div_ceil(16)] as usize;
    if layout.align() > 16 {
        while class_align(class) < layout.align() {
            class += 1;
            if class == SIZES.len() {
                return None;
            }
        }
    }
    Some(class)
}

/// The allocator's two ways. Not inlined: the crate that names the allocator is built for size, and calls these from a few lines of its own.
#[inline(never)]
fn take(layout: Layout) -> *mut u8 {
    match class_of(&layout) {
        Some(class) => {
            let block = CLASSES[class].lock().alloc(class);
            if block.is_null() { alloc_again(class) } else { block }
        }
        None => alloc_large(&layout),
    }
}

/// There was no memory for a slab. The lock is free here, so that pages given up may give their own small objects back.
#[cold]
fn alloc_again(class: usize) -> *mut u8 {
    super::reclaim_for(|| NonNull::new(CLASSES[class].lock().alloc(class))).map_or(null_mut(), NonNull::as_ptr)
}

#[inline(never)]
fn give_back(block: *mut u8, layout: Layout) {
    match class_of(&layout) {
        Some(class) => CLASSES[class].lock().free(class, block),
        None => free_large(block, &layout),
    }
}

// SAFETY: blocks are handed out once until freed, with the size and alignment asked for (see the parts).
unsafe impl GlobalAlloc for KernelHeap {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        take(layout)
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        give_back(block, layout);
    }
}

impl Class {
    #[inline]
    fn alloc(&mut self, class: usize) -> *mut u8 {
        if self.head.is_null() && !self.new_slab(class) {
            return null_mut();
        }
        let size = SIZES[class];
        // SAFETY: slabs on the list are live and have a freed or a fresh object; the lock is held. A freed object's first word is the link.
        unsafe {
            let slab = &mut *self.head;
            slab.used += 1;
            let object = if slab.free.is_null() {
                let object = self.head.cast::<u8>().add(slab.fresh as usize);
                slab.fresh += size;
                object
            } else {
                let object = slab.free;
                slab.free = object.cast::<*mut u8>().read();
                object
            };
            if slab.free.is_null() && slab.fresh as usize + size as usize > slab_size(class) {
                self.unlist(slab);
            }
            object
        }
    }

    #[inline]
    fn free(&mut self, class: usize, object: *mut u8) {
        let slab = object.map_addr(|a| a & !(slab_size(class) - 1)).cast::<Slab>();
        // SAFETY: the object came from this class, so its slab starts there; the lock is held and the object is nobody's any more.
        unsafe {
            let slab = &mut *slab;
            object.cast::<*mut u8>().write(slab.free);
            slab.free = object;
            slab.used -= 1;
            if !slab.listed {
                self.list(slab);
            }
            // An empty slab goes, unless it is the only one with room.
            if slab.used == 0 && !(slab.next.is_null() && slab.prev.is_null()) {
                self.unlist(slab);
                release(&raw mut *slab as usize, slab_size(class) / PAGE_SIZE);
            }
        }
    }

    #[cold]
    fn new_slab(&mut self, class: usize) -> bool {
        let pages = slab_size(class) / PAGE_SIZE;
        let Some(pfn) = section::alloc_contiguous(pages, pages) else { return false };
        let slab = pfn.virt().cast::<Slab>();
        let fresh = size_of::<Slab>().next_multiple_of(class_align(class)) as u16;
        // SAFETY: fresh frames, ours alone, aligned to the slab's size.
        unsafe {
            slab.write(Slab { free: null_mut(), fresh, used: 0, listed: false, next: null_mut(), prev: null_mut() });
            self.list(&mut *slab);
        }
        true
    }

    #[inline]
    fn list(&mut self, slab: &mut Slab) {
        slab.listed = true;
        slab.prev = null_mut();
        slab.next = self.head;
        if let Some(mut next) = NonNull::new(self.head) {
            // SAFETY: listed slabs are live.
            unsafe { next.as_mut().prev = slab };
        }
        self.head = slab;
    }

    #[inline]
    fn unlist(&mut self, slab: &mut Slab) {
        slab.listed = false;
        // SAFETY: the neighbours are listed, so live.
        unsafe {
            match NonNull::new(slab.prev) {
                Some(mut prev) => prev.as_mut().next = slab.next,
                None => self.head = slab.next,
            }
            if let Some(mut next) = NonNull::new(slab.next) {
                next.as_mut().prev = slab.prev;
            }
        }
        slab.next = null_mut();
        slab.prev = null_mut();
    }
}

fn release(address: usize, pages: usize) {
    if let Some(pa) = phys::phys_of(address) {
        (0..pages as u64).for_each(|i| section::free(Pfn((pa >> 12) + i)));
    }
}

/// Above this many pages blocks are mapped; rows of frames that long would be hard to find.
const ROW_MAX: usize = 32;

#[cold]
fn alloc_large(layout: &Layout) -> *mut u8 {
    let pages = layout.size().div_ceil(PAGE_SIZE);
    let align = layout.align().div_ceil(PAGE_SIZE);
    if pages <= ROW_MAX
        && align <= ROW_MAX
        && let Some(pfn) = super::find_memory(|| section::alloc_contiguous(pages, align))
    {
        return pfn.virt();
    }
    if align > 1 || cfg!(any(test, feature = "fake-memory")) {
        return null_mut();
    }
    let Some(va) = take_range(pages) else { return null_mut() };
    if kmap::map_frames(va, pages).is_none() {
        BLOCKS.lock().give_back(va, pages);
        return null_mut();
    }
    va as *mut u8
}

/// Its own function so that the lock is free again while frames are found.
fn take_range(pages: usize) -> Option<usize> {
    BLOCKS.lock().take(pages)
}

#[cold]
fn free_large(block: *mut u8, layout: &Layout) {
    let pages = layout.size().div_ceil(PAGE_SIZE);
    let va = block as usize;
    if (kmap::BLOCKS..kmap::BLOCKS_END).contains(&va) {
        kmap::unmap_frames(va, pages);
        BLOCKS.lock().give_back(va, pages);
    } else {
        release(va, pages);
    }
}

const RUNS_MAX: usize = 64;

/// Address space for mapped blocks.
struct Blocks {
    next: usize,
    /// Free runs (address, pages). When there is no room for one it is lost; there are 64 GiB.
    runs: [(usize, usize); RUNS_MAX],
    n: usize,
}

static BLOCKS: SpinLock<Blocks> = SpinLock::new(Blocks { next: kmap::BLOCKS, runs: [(0, 0); RUNS_MAX], n: 0 });

impl Blocks {
    fn take(&mut self, pages: usize) -> Option<usize> {
        if let Some(i) = self.runs[..self.n].iter().position(|&(_, n)| n >= pages) {
            let run = &mut self.runs[i];
            let va = run.0;
            *run = (va + pages * PAGE_SIZE, run.1 - pages);
            if run.1 == 0 {
                self.n -= 1;
                self.runs[i] = self.runs[self.n];
            }
            return Some(va);
        }
        let bytes = pages.checked_mul(PAGE_SIZE)?;
        if bytes > kmap::BLOCKS_END - self.next {
            return None;
        }
        self.next += bytes;
        Some(self.next - bytes)
    }

    fn give_back(&mut self, va: usize, pages: usize) {
        let end = va + pages * PAGE_SIZE;
        if let Some(run) = self.runs[..self.n].iter_mut().find(|(start, n)| start + n * PAGE_SIZE == va || *start == end) {
            *run = (run.0.min(va), run.1 + pages);
        } else if end == self.next {
            self.next = va;
        } else if self.n < RUNS_MAX {
            self.runs[self.n] = (va, pages);
            self.n += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn blocks_are_aligned_distinct_and_reused() {
        phys::fake::start();
        let layouts: Vec<_> =
            [(1, 1), (16, 8), (24, 8), (100, 64), (256, 256), (500, 16), (700, 128), (2048, 2048), (4096, 8), (9000, 4096)]
                .into_iter()
                .map(|(size, align)| Layout::from_size_align(size, align).unwrap())
                .collect();
        let mut blocks = Vec::new();
        for round in 0..300usize {
            for layout in &layouts {
                // SAFETY: the layouts have a size.
                let block = unsafe { KernelHeap.alloc(*layout) };
                assert!(!block.is_null() && (block as usize).is_multiple_of(layout.align()));
                // SAFETY: the block is ours and that long.
                unsafe { block.write_bytes(round as u8, layout.size()) };
                blocks.push((block, *layout, round as u8));
            }
            if round % 3 == 2 {
                for _ in 0..layouts.len() * 2 {
                    let (block, layout, fill) = blocks.swap_remove(round * 7 % blocks.len());
                    // SAFETY: allocated above with this layout, freed once.
                    unsafe {
                        assert!(core::slice::from_raw_parts(block, layout.size()).iter().all(|&b| b == fill));
                        KernelHeap.dealloc(block, layout);
                    }
                }
            }
        }
        for (block, layout, fill) in blocks {
            // SAFETY: as above.
            unsafe {
                assert!(core::slice::from_raw_parts(block, layout.size()).iter().all(|&b| b == fill));
                KernelHeap.dealloc(block, layout);
            }
        }
    }
}
