//! An image on a disk: metadata comes through the disk's page cache, contents go from the disk into the pages of their files.

use alloc::borrow::Cow;
use alloc::sync::Arc;
use alloc::vec::Vec;

use erofs::{Fault, Source};
use hal::mem::PAGE_SIZE;
use kernel::mm::{Backing, PageCache};
use kernel::vfs::disk::{Disk, Extent};

use crate::image::Place;

/// The disk's bytes.
#[derive(Clone)]
pub struct OnDisk {
    disk: &'static dyn Disk,
    pages: Arc<PageCache>,
}

impl OnDisk {
    /// The whole of a disk.
    pub fn new(disk: &'static dyn Disk) -> OnDisk {
        let size = disk.size();
        OnDisk { disk, pages: PageCache::new(Some(Extent::new(disk, 0, size)), size, None) }
    }

    /// `None` when memory or the disk fails.
    fn copy(&self, offset: u64, len: u64) -> Option<Vec<u8>> {
        let len = usize::try_from(len).ok()?;
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(len).ok()?;
        bytes.resize(len, 0);
        let mut at = usize::try_from(offset).ok()?;
        let mut rest = &mut bytes[..];
        while !rest.is_empty() {
            let (piece, after) = rest.split_at_mut((PAGE_SIZE - at % PAGE_SIZE).min(rest.len()));
            if let Some(page) = self.pages.page((at / PAGE_SIZE) as u64).ok()? {
                page.read(at % PAGE_SIZE, piece);
            }
            at += piece.len();
            rest = after;
        }
        Some(bytes)
    }
}

impl Source for OnDisk {
    type Bytes = Vec<u8>;

    fn size(&self) -> u64 {
        self.pages.size()
    }

    fn piece(&self, offset: u64, len: u64) -> Result<Vec<u8>, Fault> {
        if self.size().checked_sub(offset).is_none_or(|left| len > left) {
            return Err(Fault::Outside);
        }
        self.copy(offset, len).ok_or(Fault::Unreadable)
    }
}

impl Place for OnDisk {
    fn file(&self, start: u64, len: u64) -> Option<Arc<dyn Backing>> {
        Some(Extent::new(self.disk, start, len))
    }

    fn text(bytes: Vec<u8>) -> Cow<'static, [u8]> {
        Cow::Owned(bytes)
    }
}
