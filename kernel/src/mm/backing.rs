//! Where the pages of a file come from, and how many there may be.

use core::ops::Range;
use core::sync::atomic::{AtomicU64, Ordering};

use abi::{Errno, Result};
use hal::mem::{Frame, Page};

/// What a backing has at an index.
pub enum BackingPage {
    /// A page that can be mapped and read where it is, for ever.
    InPlace(Page),
    /// Nothing: reads as zeros.
    Hole,
    /// The page must be read with [`Backing::read`].
    NeedsRead,
}

/// Where the pages of a file come from. Bytes behind the end of the file in its last page must be zero.
pub trait Backing: Send + Sync {
    /// What is at page `index`. Must not sleep.
    fn lookup(&self, index: u64) -> BackingPage;

    /// Fills `frame` (contents unspecified) with page `index`. May sleep. EIO when it cannot be read.
    fn read(&self, _index: u64, _frame: &Frame) -> Result<()> {
        Err(Errno::EIO)
    }

    /// Writes the first `len` bytes of page `index` back. May sleep.
    fn write_back(&self, _index: u64, _frame: &Frame, _len: usize) -> Result<()> {
        Err(Errno::EROFS)
    }

    /// Whether changed pages go back (else they live in memory only, as those of the root image do).
    fn writes_back(&self) -> bool {
        false
    }

    /// Whether a page that was read and not changed may be dropped and read again. Writes through mappings are noticed then.
    fn reads_again(&self) -> bool {
        self.writes_back()
    }

    /// Whether the file is somebody else's too (9p): sizes are set there before they are set here, holes cannot be made, and what was changed there is
    /// noticed by [`PageCache::revalidate`].
    fn is_shared(&self) -> bool {
        false
    }

    /// Which pages are best read with page `index`, as many as are not here yet; `index` is among them.
    fn read_ahead(&self, index: u64) -> Range<u64> {
        index..index.saturating_add(1)
    }

    /// As [`Backing::read`] for the pages from `index` on.
    fn read_many(&self, index: u64, frames: &[Frame]) -> Result<()> {
        (index..).zip(frames).try_for_each(|(index, frame)| self.read(index, frame))
    }

    /// The most pages that [`Backing::write_many`] takes.
    fn write_batch(&self) -> usize {
        1
    }

    /// As [`Backing::write_back`] for the first `len` bytes of the pages from `index` on.
    fn write_many(&self, index: u64, frames: &[Frame], len: usize) -> Result<()> {
        frames.first().map_or(Ok(()), |frame| self.write_back(index, frame, len))
    }
}

/// A limit on the pages of several caches: the size of a tmpfs.
pub struct PageQuota {
    limit: AtomicU64,
    used: AtomicU64,
}

impl PageQuota {
    /// A limit of so many pages.
    pub fn new(limit: u64) -> PageQuota {
        PageQuota { limit: AtomicU64::new(limit), used: AtomicU64::new(0) }
    }
    /// The limit, in pages.
    pub fn limit(&self) -> u64 {
        self.limit.load(Ordering::Relaxed)
    }
    /// Changes the limit (remount); pages over it stay.
    pub fn set_limit(&self, pages: u64) {
        self.limit.store(pages, Ordering::Relaxed);
    }
    /// Pages in use.
    pub fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }
    pub(super) fn charge(&self) -> bool {
        self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| (used < self.limit()).then_some(used + 1)).is_ok()
    }
    pub(super) fn uncharge(&self, pages: u64) {
        self.used.fetch_sub(pages, Ordering::Relaxed);
    }
}
