//! The pages of one file. A page that is not here falls through to the backing: a page of the root image used in place, or one that is read. The first
//! write copies one page, puts the copy into the tree and removes the old one from every page table that maps it, so that nobody sees stale bytes.
//!
//! No backing: tmpfs, memfd, shared anonymous memory. What is missing then reads as zeros.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Range;
use core::sync::atomic::{AtomicU64, Ordering};

use abi::{Errno, Result};
use hal::mem::{Frame, PAGE_SIZE, Page};
use pagetree::PageTree;

use super::backing::{Backing, BackingPage, PageQuota};
use super::imap::Mappings;
use super::{reclaim, shrink};
use crate::sync::{Mutex, Once};

/// A page in the tree.
pub(super) enum Slot {
    /// The file's own page.
    Owned {
        /// Its memory.
        frame: Frame,
        /// The backing has something else (so it has to go back, or lives here only).
        dirty: bool,
        /// Something was put into it; false for what fallocate(2) only set aside, which lseek(SEEK_DATA) does not count.
        written: bool,
        /// It counts against the quota: not what can be read again.
        counted: bool,
    },
    /// Zeros in front of a backing that has a page here (a punched hole).
    Hole,
}

pub(super) struct State {
    pub(super) tree: PageTree<Slot>,
    pub(super) mappings: Mappings,
    /// Pages that count.
    pub(super) owned: u64,
    /// Pages that do not.
    readable: u64,
    /// The backing's pages from this index on are gone (the file was once shorter).
    pub(super) backing_limit: u64,
}

/// The pages of one file. See the module's text.
pub struct PageCache {
    pub(super) state: Mutex<State>,
    size: AtomicU64,
    backing: Option<Arc<dyn Backing>>,
    quota: Option<Arc<PageQuota>>,
    id: u64,
}

/// Pages of all files that do not count.
static READABLE: AtomicU64 = AtomicU64::new(0);

/// Pages in memory that can be read again from where their files are, and are given up when memory is short.
pub fn readable_pages() -> u64 {
    READABLE.load(Ordering::Relaxed)
}

/// The page that stands for holes in private mappings. It always has a reference besides the mapping's, so a write copies it.
pub(super) fn zero_page() -> Option<Frame> {
    static ZERO: Once<Frame> = Once::new();
    if let Some(frame) = ZERO.get() {
        return Some(frame.clone());
    }
    let _ = ZERO.set(Frame::zeroed()?);
    ZERO.get().cloned()
}

impl PageCache {
    /// A cache for a file of `size` bytes over `backing`.
    pub fn new(backing: Option<Arc<dyn Backing>>, size: u64, quota: Option<Arc<PageQuota>>) -> Arc<PageCache> {
        static NEXT_ID: AtomicU64 = AtomicU64::new(1);
        let state = State { tree: PageTree::new(), mappings: Mappings::new(), owned: 0, readable: 0, backing_limit: u64::MAX };
        let cache = Arc::new(PageCache {
            state: Mutex::new(state),
            size: AtomicU64::new(size),
            backing,
            quota,
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
        });
        if cache.tracks_writes() {
            shrink::list(&cache);
        }
        cache
    }

    /// A number that no other cache has or had: shared futexes are known by it.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Size of the file in bytes.
    #[inline]
    pub fn size(&self) -> u64 {
        self.size.load(Ordering::Acquire)
    }

    pub(super) fn set_size(&self, size: u64) {
        self.size.store(size, Ordering::Release);
    }

    /// Pages of RAM that belong to the file (st_blocks is eight times that for files without backing).
    pub fn owned_pages(&self) -> u64 {
        self.state.lock().owned
    }

    /// True while a shared mapping may write (file seals ask).
    pub fn is_mapped_writable(&self) -> bool {
        self.state.lock().mappings.any_writable()
    }

    /// True when writes through mappings must be noticed: to be written back, or because pages that were not changed are dropped.
    #[inline]
    pub(super) fn tracks_writes(&self) -> bool {
        self.backing.as_ref().is_some_and(|b| b.reads_again())
    }

    /// Whether the file is changed elsewhere too ([`Backing::is_shared`]).
    #[inline]
    pub fn is_shared(&self) -> bool {
        self.backing.as_ref().is_some_and(|b| b.is_shared())
    }

    pub(super) fn backing(&self) -> Option<&Arc<dyn Backing>> {
        self.backing.as_ref()
    }

    /// What the backing has at `index`, as far as the file has not been cut since.
    pub(super) fn backing_page(&self, state: &State, index: u64) -> BackingPage {
        match &self.backing {
            Some(backing) if index < state.backing_limit => backing.lookup(index),
            _ => BackingPage::Hole,
        }
    }

    /// The page at `index` if it can be had without sleeping: `Ok(None)` is a hole, `Err(NotHere)` must be read.
    #[inline]
    pub(super) fn peek(&self, state: &State, index: u64) -> core::result::Result<Option<Page>, NotHere> {
        match state.tree.get(index) {
            Some(Slot::Owned { frame, .. }) => Ok(Some(Page::Owned(frame.clone()))),
            Some(Slot::Hole) => Ok(None),
            None => match self.backing_page(state, index) {
                BackingPage::InPlace(page) => Ok(Some(page)),
                BackingPage::Hole => Ok(None),
                BackingPage::NeedsRead => Err(NotHere),
            },
        }
    }

    /// The page at `index` for reading; `None` is a hole. May sleep to read it. The page is a snapshot handle: a write may replace it in the file
    /// at any time.
    pub fn page(&self, index: u64) -> Result<Option<Page>> {
        loop {
            if let Ok(page) = self.peek(&self.state.lock(), index) {
                return Ok(page);
            }
            self.read_in(index)?;
        }
    }

    /// Reads page `index` from the backing into the tree.
    pub(super) fn read_in(&self, index: u64) -> Result<()> {
        let backing = self.backing.as_ref().ok_or(Errno::EIO)?;
        let wanted = backing.read_ahead(index);
        if wanted.end.saturating_sub(wanted.start) > 1 {
            return self.read_run(backing, index, wanted);
        }
        let frame = Frame::uninit().ok_or(Errno::ENOMEM)?;
        backing.read(index, &frame)?;
        let mut state = self.state.lock();
        if state.tree.get(index).is_none() && index < state.backing_limit {
            self.put(&mut state, index, frame, false)?;
        }
        Ok(())
    }

    /// Reads page `index` and those of `wanted` around it that are not here either, as far as there is memory for them.
    fn read_run(&self, backing: &Arc<dyn Backing>, index: u64, wanted: Range<u64>) -> Result<()> {
        let behind = self.size().div_ceil(PAGE_SIZE as u64).min(wanted.end);
        let (mut first, end) = {
            let state = self.state.lock();
            let first = (wanted.start..index).rev().take_while(|at| state.tree.get(*at).is_none()).last().unwrap_or(index);
            let next = state.tree.next(index).map_or(u64::MAX, |(at, _)| at);
            (first, next.min(behind).min(state.backing_limit).max(index.saturating_add(1)))
        };
        let count = usize::try_from(end - first).map_err(|_| Errno::ENOMEM)?;
        let mut frames = Vec::new();
        frames.try_reserve_exact(count).map_err(|_| Errno::ENOMEM)?;
        frames.push(Frame::uninit().ok_or(Errno::ENOMEM)?);
        frames.extend((1..count).map_while(|_| Frame::spare()));
        if first + frames.len() as u64 <= index {
            // Not enough for what lies before it, which nobody has asked for.
            first = index;
        }
        if let Err(error) = backing.read_many(first, &frames) {
            if frames.len() == 1 {
                return Err(error);
            }
            // The page that cannot be read may be one that nobody has asked for.
            frames.truncate(1);
            first = index;
            backing.read_many(index, &frames)?;
        }
        let mut state = self.state.lock();
        for (at, frame) in (first..end).zip(frames) {
            if state.tree.get(at).is_none() && at < state.backing_limit {
                self.put(&mut state, at, frame, false)?;
            }
        }
        Ok(())
    }

    /// The page at `index` for writing: the file's own, made now if there is none. `zeroed` false: the caller overwrites all of it, so a new page's
    /// contents do not matter. ENOSPC over the quota.
    pub(super) fn own_page(&self, index: u64, zeroed: bool) -> Result<Frame> {
        loop {
            let owned = self.own_page_locked(&mut self.state.lock(), index, zeroed);
            match owned {
                Ok(Some(frame)) => return Ok(frame),
                Ok(None) => self.read_in(index)?,
                // The pages of this file may give now that its lock is free.
                Err(Errno::ENOMEM) if reclaim::run() => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// As [`PageCache::own_page`] under the lock; `None`: the page must be read first.
    pub(super) fn own_page_locked(&self, state: &mut State, index: u64, zeroed: bool) -> Result<Option<Frame>> {
        if let Some(Slot::Owned { frame, dirty, written, counted }) = state.tree.get_mut(index) {
            if !*counted {
                self.charge()?;
                *counted = true;
                state.owned += 1;
                state.readable -= 1;
                READABLE.fetch_sub(1, Ordering::Relaxed);
            }
            *dirty = true;
            *written = true;
            return Ok(Some(frame.clone()));
        }
        let hole = matches!(state.tree.get(index), Some(Slot::Hole));
        let below = if hole { BackingPage::Hole } else { self.backing_page(state, index) };
        let (frame, old) = match below {
            BackingPage::NeedsRead if zeroed => return Ok(None),
            BackingPage::InPlace(page) if zeroed => (Frame::copy_of(&page), Some(page.pfn())),
            BackingPage::InPlace(page) => (Frame::uninit(), Some(page.pfn())),
            BackingPage::Hole if zeroed => (Frame::zeroed(), None),
            BackingPage::Hole | BackingPage::NeedsRead => (Frame::uninit(), None),
        };
        let frame = frame.ok_or(Errno::ENOMEM)?;
        self.put(state, index, frame.clone(), true)?;
        if !state.mappings.is_empty() {
            let old = old.or_else(|| zero_page().map(|zero| zero.pfn()));
            state.mappings.zap_page(index, old);
        }
        Ok(Some(frame))
    }

    /// Puts a page into an empty slot.
    fn put(&self, state: &mut State, index: u64, frame: Frame, dirty: bool) -> Result<()> {
        let counted = dirty || !self.tracks_writes();
        if counted {
            self.charge()?;
            state.owned += 1;
        } else {
            state.readable += 1;
            READABLE.fetch_add(1, Ordering::Relaxed);
        }
        state.tree.insert(index, Slot::Owned { frame, dirty, written: true, counted });
        Ok(())
    }

    fn charge(&self) -> Result<()> {
        if self.quota.as_ref().is_some_and(|quota| !quota.charge()) { Err(Errno::ENOSPC) } else { Ok(()) }
    }

    /// Puts a page over a hole or an empty slot; it counts as changed.
    pub(super) fn insert_owned(&self, state: &mut State, index: u64, frame: &Frame) -> Result<()> {
        self.put(state, index, frame.clone(), true)
    }

    /// Takes the pages `first..=last` out of the tree; changed ones are lost.
    pub(super) fn drop_slots(&self, state: &mut State, first: u64, last: u64) {
        let (mut gone, mut readable) = (0, 0);
        state.tree.remove_range(first, last, &mut |_, slot| match slot {
            Slot::Owned { counted: true, .. } => gone += 1,
            Slot::Owned { .. } => readable += 1,
            Slot::Hole => {}
        });
        state.owned -= gone;
        state.readable -= readable;
        READABLE.fetch_sub(readable, Ordering::Relaxed);
        if let Some(quota) = &self.quota {
            quota.uncharge(gone);
        }
    }
}

impl Drop for PageCache {
    fn drop(&mut self) {
        READABLE.fetch_sub(self.state.get_mut().readable, Ordering::Relaxed);
        if let Some(quota) = &self.quota {
            quota.uncharge(self.state.get_mut().owned);
        }
    }
}

/// The page must be read first.
pub(super) struct NotHere;

/// Index of the page that holds byte `pos`, and the byte's offset in it.
#[inline]
pub(super) fn split(pos: u64) -> (u64, usize) {
    // The remainder is below the page size, so it fits.
    (pos / PAGE_SIZE as u64, (pos % PAGE_SIZE as u64) as usize)
}
