//! Page frames: reference-counted 4 KiB pages of RAM, and pages borrowed from memory that is not ours to free.

/// Bytes in a page.
pub const PAGE_SIZE: usize = 4096;
/// log2 of [`PAGE_SIZE`].
pub const PAGE_SHIFT: usize = 12;

/// A physical page number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pfn(pub u64);

/// A counted reference to one page of RAM. `clone` adds a reference, `drop` removes one; the last one frees the page. Page-table entries hold
/// references too, so `ref_count() == 1` on the frame of a mapping means that only this mapping has it (what copy-on-write asks).
pub struct Frame {
    pfn: Pfn,
}

impl Frame {
    /// A page of zeros; `None` when memory is exhausted.
    pub fn zeroed() -> Option<Frame> {
        todo!()
    }

    /// A page with unspecified contents, for callers that overwrite all of it.
    pub fn uninit() -> Option<Frame> {
        todo!()
    }

    /// A new page with the contents of `page`.
    pub fn copy_of(_page: &Page) -> Option<Frame> {
        todo!()
    }

    /// Its physical page number.
    pub fn pfn(&self) -> Pfn {
        self.pfn
    }

    /// References held now, by anybody.
    pub fn ref_count(&self) -> u32 {
        todo!()
    }

    /// Copies out of the page. Panics if `offset + dst.len() > PAGE_SIZE` (a kernel bug, never a user's number).
    pub fn read(&self, _offset: usize, _dst: &mut [u8]) {
        todo!()
    }

    /// Copies into the page; same bound.
    pub fn write(&self, _offset: usize, _src: &[u8]) {
        todo!()
    }

    /// Zeroes `len` bytes from `offset`; same bound.
    pub fn clear(&self, _offset: usize, _len: usize) {
        todo!()
    }
}

impl Clone for Frame {
    fn clone(&self) -> Frame {
        todo!()
    }
}

/// A page that can be mapped or read: counted RAM, or a page of a read-only region (root image, module) that lives for ever.
#[derive(Clone)]
pub enum Page {
    /// RAM of ours.
    Owned(Frame),
    /// A page of a [`super::mmio::RoRegion`]: never written, never freed.
    Borrowed(Pfn),
}

impl Page {
    /// Its physical page number.
    pub fn pfn(&self) -> Pfn {
        match self {
            Page::Owned(frame) => frame.pfn(),
            Page::Borrowed(pfn) => *pfn,
        }
    }

    /// Copies out of the page. Panics if out of bounds.
    pub fn read(&self, _offset: usize, _dst: &mut [u8]) {
        todo!()
    }
}
