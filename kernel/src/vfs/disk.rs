//! Disks: a part of one as the contents of a file, read on demand into the page cache.

use alloc::sync::Arc;
use core::ops::Range;
use core::sync::atomic::{AtomicU64, Ordering};

use abi::Result;
use hal::mem::{Frame, PAGE_SIZE};

use crate::mm::{Backing, BackingPage};
use crate::sync::Once;

const PAGE: u64 = PAGE_SIZE as u64;
/// Pages read around one that somebody jumps to: what a page fault maps at once.
const AROUND: u64 = 16;
/// Pages read at once where somebody reads on and on.
const WINDOW: u64 = 32;

/// A disk that can be read.
pub trait Disk: Sync {
    /// Bytes on it.
    fn size(&self) -> u64;

    /// Fills the pages from byte `offset` (a multiple of 512) on, with zeros behind the end. May sleep. EIO when it cannot be read.
    fn read(&self, offset: u64, frames: &[Frame]) -> Result<()>;
}

static FINDER: Once<fn() -> Option<&'static dyn Disk>> = Once::new();

/// Registers the driver. It is asked when somebody looks for the disk, for looking starts the device.
pub fn set_finder(finder: fn() -> Option<&'static dyn Disk>) {
    let _ = FINDER.set(finder);
}

/// The machine's disk.
pub fn first() -> Option<&'static dyn Disk> {
    FINDER.get()?()
}

/// A piece of a disk.
pub struct Extent {
    disk: &'static dyn Disk,
    start: u64,
    size: u64,
    /// Where the next read is if somebody reads on.
    next: AtomicU64,
}

impl Extent {
    /// `size` bytes from byte `start` (a multiple of 512) on.
    pub fn new(disk: &'static dyn Disk, start: u64, size: u64) -> Arc<Extent> {
        Arc::new(Extent { disk, start, size, next: AtomicU64::new(0) })
    }
}

impl Backing for Extent {
    fn lookup(&self, index: u64) -> BackingPage {
        if index < self.size.div_ceil(PAGE) { BackingPage::NeedsRead } else { BackingPage::Hole }
    }

    fn read(&self, index: u64, frame: &Frame) -> Result<()> {
        self.read_many(index, core::slice::from_ref(frame))
    }

    fn reads_again(&self) -> bool {
        true
    }

    fn read_ahead(&self, index: u64) -> Range<u64> {
        let first = index - index % AROUND;
        let range = if self.next.load(Ordering::Relaxed) == index { index..index + WINDOW } else { first..first + AROUND };
        self.next.store(range.end, Ordering::Relaxed);
        range
    }

    fn read_many(&self, index: u64, frames: &[Frame]) -> Result<()> {
        let at = index.saturating_mul(PAGE);
        self.disk.read(self.start.saturating_add(at), frames)?;
        // Only the last page can hold what is not the file's.
        let left = usize::try_from(self.size.saturating_sub(at)).unwrap_or(usize::MAX);
        let last = left / PAGE_SIZE;
        if let Some(frame) = frames.get(last) {
            frame.clear(left % PAGE_SIZE, PAGE_SIZE - left % PAGE_SIZE);
        }
        Ok(())
    }
}
