//! Page frames: reference-counted 4 KiB pages of RAM, and pages borrowed from memory that is not ours to free.

use core::sync::atomic::{Ordering, fence};

use super::{phys, section};
use crate::arch::imp::pageops;

/// Bytes in a page.
pub const PAGE_SIZE: usize = 4096;
/// log2 of [`PAGE_SIZE`].
pub const PAGE_SHIFT: usize = 12;

/// A physical page number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pfn(pub u64);

impl Pfn {
    /// Where the kernel sees the page. Meaningful for RAM only.
    #[inline]
    pub(crate) fn virt(self) -> *mut u8 {
        phys::virt(self.0 << PAGE_SHIFT)
    }
}

/// A counted reference to one page of RAM. `clone` adds a reference, `drop` removes one; the last one frees the page. Page-table entries hold
/// references too, so `ref_count() == 1` on the frame of a mapping means that only this mapping has it (what copy-on-write asks).
pub struct Frame {
    pfn: Pfn,
}

impl Frame {
    /// A page of zeros; `None` when memory is exhausted.
    pub fn zeroed() -> Option<Frame> {
        let frame = Frame::uninit()?;
        // SAFETY: a page of RAM that only this new handle reaches.
        unsafe { pageops::clear(frame.pfn.virt()) };
        Some(frame)
    }

    /// A page with unspecified contents, for callers that overwrite all of it.
    pub fn uninit() -> Option<Frame> {
        super::find_memory(section::alloc_for_user).map(|pfn| Frame { pfn })
    }

    /// As [`Frame::uninit`], but nothing is given up for it: for what may as well be left undone.
    pub fn spare() -> Option<Frame> {
        section::alloc_for_user().map(|pfn| Frame { pfn })
    }

    /// A new page with the contents of `page`.
    pub fn copy_of(page: &Page) -> Option<Frame> {
        let frame = Frame::uninit()?;
        // SAFETY: the target is ours alone, the source is alive while `page` is borrowed. The application may write it meanwhile on another
        // CPU; then the copy holds bytes from before or after, as on real hardware.
        unsafe { pageops::copy(frame.pfn.virt(), page.virt()) };
        Some(frame)
    }

    /// Its physical page number.
    #[inline]
    pub fn pfn(&self) -> Pfn {
        self.pfn
    }

    /// References held now, by anybody.
    #[inline]
    pub fn ref_count(&self) -> u32 {
        section::count(self.pfn).load(Ordering::Acquire)
    }

    /// Copies out of the page. Panics if `offset + dst.len() > PAGE_SIZE` (a kernel bug, never a user's number).
    pub fn read(&self, offset: usize, dst: &mut [u8]) {
        read_at(self.pfn.virt(), offset, dst);
    }

    /// Copies into the page; same bound.
    pub fn write(&self, offset: usize, src: &[u8]) {
        check(offset, src.len());
        // SAFETY: in bounds; a page of RAM that is never seen as a Rust reference, so `src` cannot overlap it.
        unsafe { self.pfn.virt().add(offset).copy_from_nonoverlapping(src.as_ptr(), src.len()) }
    }

    /// Zeroes `len` bytes from `offset`; same bound.
    pub fn clear(&self, offset: usize, len: usize) {
        check(offset, len);
        // SAFETY: as in `write`.
        unsafe { self.pfn.virt().add(offset).write_bytes(0, len) }
    }

    /// Takes over a reference that somebody gave up with [`Frame::into_raw`].
    ///
    /// # Safety
    /// `pfn` carries such a reference, and only this call takes it over.
    #[inline]
    pub(crate) unsafe fn from_raw(pfn: Pfn) -> Frame {
        Frame { pfn }
    }

    /// Gives up the handle but not the reference (which a page-table entry then holds).
    #[inline]
    pub(crate) fn into_raw(self) -> Pfn {
        let pfn = self.pfn;
        core::mem::forget(self);
        pfn
    }
}

#[inline]
fn check(offset: usize, len: usize) {
    assert!(offset <= PAGE_SIZE && len <= PAGE_SIZE - offset, "page access out of bounds");
}

fn read_at(page: *const u8, offset: usize, dst: &mut [u8]) {
    check(offset, dst.len());
    // SAFETY: in bounds of a live page; `dst` is a Rust object and pages are never seen as such, so they do not overlap.
    unsafe { dst.as_mut_ptr().copy_from_nonoverlapping(page.add(offset), dst.len()) }
}

impl Clone for Frame {
    #[inline]
    fn clone(&self) -> Frame {
        section::count(self.pfn).fetch_add(1, Ordering::Relaxed);
        Frame { pfn: self.pfn }
    }
}

impl Drop for Frame {
    #[inline]
    fn drop(&mut self) {
        let count = section::count(self.pfn);
        // A sole owner needs no atomic decrement: nobody else can clone it.
        if count.load(Ordering::Acquire) == 1 || count.fetch_sub(1, Ordering::Release) == 1 {
            fence(Ordering::Acquire);
            section::free(self.pfn);
        }
    }
}

/// A page that can be mapped or read: counted RAM, or a page of a read-only region (root image, module) that lives for ever.
#[derive(Clone)]
pub enum Page {
    /// RAM of ours.
    Owned(Frame),
    /// A page of a [`super::mmio::RoRegion`]: never written, never freed.
    Borrowed(Borrowed),
}

/// A page of a read-only region: where it is in physical memory and where the kernel sees it. Only [`super::mmio::RoRegion`] makes them.
#[derive(Debug, Clone, Copy)]
pub struct Borrowed {
    pub(super) pfn: Pfn,
    pub(super) virt: *const u8,
}

// SAFETY: the page behind it is readable by every CPU for ever.
unsafe impl Send for Borrowed {}
// SAFETY: as above.
unsafe impl Sync for Borrowed {}

impl Page {
    /// Its physical page number.
    #[inline]
    pub fn pfn(&self) -> Pfn {
        match self {
            Page::Owned(frame) => frame.pfn(),
            Page::Borrowed(page) => page.pfn,
        }
    }

    /// Copies out of the page. Panics if out of bounds.
    pub fn read(&self, offset: usize, dst: &mut [u8]) {
        read_at(self.virt(), offset, dst);
    }

    /// Where the kernel sees it.
    #[inline]
    pub(crate) fn virt(&self) -> *const u8 {
        match self {
            Page::Owned(frame) => frame.pfn.virt(),
            Page::Borrowed(page) => page.virt,
        }
    }
}

impl core::fmt::Debug for Frame {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Frame({:#x})", self.pfn.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counted_and_copied() {
        phys::fake::start();
        let frame = Frame::zeroed().unwrap();
        let mut buffer = [1u8; 8];
        frame.read(PAGE_SIZE - 8, &mut buffer);
        assert_eq!(buffer, [0; 8]);
        frame.write(5, b"hello");
        let second = frame.clone();
        assert_eq!(second.ref_count(), 2);
        let copy = Frame::copy_of(&Page::Owned(second)).unwrap();
        assert_eq!(frame.ref_count(), 1);
        copy.read(3, &mut buffer);
        assert_eq!(&buffer, b"\0\0hello\0");
        copy.clear(5, 2);
        copy.read(3, &mut buffer);
        assert_eq!(&buffer, b"\0\0\0\0llo\0");
    }

    #[test]
    #[should_panic(expected = "out of bounds")]
    fn bounds() {
        phys::fake::start();
        Frame::zeroed().unwrap().write(4090, &[0; 7]);
    }
}
