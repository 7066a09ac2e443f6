//! Memory for devices: physically contiguous, written and read by volatile copies, never borrowed as Rust references.

use core::sync::atomic::{AtomicU16, AtomicU32, Ordering};

use super::frame::{PAGE_SHIFT, PAGE_SIZE, Pfn};
use super::{phys, section};
use crate::arch::imp::pageops;

/// A zeroed, physically contiguous buffer.
pub struct DmaBuffer {
    phys: u64,
    len: usize,
}

impl DmaBuffer {
    /// `len` bytes rounded up to pages; `None` when memory is exhausted or `len` is 0 or above 1 MiB.
    pub fn new(len: usize) -> Option<DmaBuffer> {
        let pages = len.div_ceil(PAGE_SIZE);
        let first = section::alloc_contiguous(pages, 1)?;
        for i in 0..pages as u64 {
            // SAFETY: a frame of ours, not yet known to anybody.
            unsafe { pageops::clear(Pfn(first.0 + i).virt()) };
        }
        Some(DmaBuffer { phys: first.0 << PAGE_SHIFT, len: pages * PAGE_SIZE })
    }

    /// Physical address of byte 0.
    #[inline]
    pub fn phys(&self) -> u64 {
        self.phys
    }

    /// Bytes.
    #[inline]
    #[allow(clippy::len_without_is_empty)] // never empty
    pub fn len(&self) -> usize {
        self.len
    }

    /// Copies out, bounds checked (panics: a driver bug).
    pub fn read(&self, offset: usize, dst: &mut [u8]) {
        let source = self.at(offset, dst.len());
        // SAFETY: in bounds; the buffer is never seen as a Rust reference. A device may write it meanwhile: the bytes are then old or new ones.
        unsafe { dst.as_mut_ptr().copy_from_nonoverlapping(source, dst.len()) }
    }

    /// Copies in, bounds checked.
    pub fn write(&self, offset: usize, src: &[u8]) {
        let target = self.at(offset, src.len());
        // SAFETY: as in `read`.
        unsafe { target.copy_from_nonoverlapping(src.as_ptr(), src.len()) }
    }

    /// Volatile load of a little-endian word with acquire order.
    #[inline]
    pub fn load_u16(&self, offset: usize) -> u16 {
        let word = self.at(offset, 2).cast::<AtomicU16>();
        assert!(word.is_aligned());
        // SAFETY: in bounds, aligned, only touched as an atomic or by byte copies.
        u16::from_le(unsafe { (*word).load(Ordering::Acquire) })
    }

    /// Volatile load with acquire order.
    #[inline]
    pub fn load_u32(&self, offset: usize) -> u32 {
        let word = self.at(offset, 4).cast::<AtomicU32>();
        assert!(word.is_aligned());
        // SAFETY: as in `load_u16`.
        u32::from_le(unsafe { (*word).load(Ordering::Acquire) })
    }

    /// Volatile store with release order.
    #[inline]
    pub fn store_u16(&self, offset: usize, value: u16) {
        let word = self.at(offset, 2).cast::<AtomicU16>();
        assert!(word.is_aligned());
        // SAFETY: as in `load_u16`.
        unsafe { (*word).store(value.to_le(), Ordering::Release) }
    }

    /// Volatile store with release order.
    #[inline]
    pub fn store_u32(&self, offset: usize, value: u32) {
        let word = self.at(offset, 4).cast::<AtomicU32>();
        assert!(word.is_aligned());
        // SAFETY: as in `load_u16`.
        unsafe { (*word).store(value.to_le(), Ordering::Release) }
    }

    #[inline]
    fn at(&self, offset: usize, len: usize) -> *mut u8 {
        assert!(offset <= self.len && len <= self.len - offset, "DMA access out of bounds");
        phys::virt(self.phys + offset as u64)
    }
}

impl Drop for DmaBuffer {
    fn drop(&mut self) {
        (0..(self.len / PAGE_SIZE) as u64).for_each(|i| section::free(Pfn((self.phys >> PAGE_SHIFT) + i)));
    }
}
