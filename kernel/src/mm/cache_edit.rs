//! Changing a file's pages as a whole: truncate(2), fallocate(2), holes, write-back.

use alloc::vec::Vec;

use abi::{Errno, Result};
use hal::mem::{Frame, PAGE_SIZE};

use super::backing::BackingPage;
use super::cache::{PageCache, Slot, split};

const PAGE: u64 = PAGE_SIZE as u64;

impl PageCache {
    /// True when the file has no page of its own at `index`.
    pub(super) fn is_unowned(&self, index: u64) -> bool {
        !matches!(self.state.lock().tree.get(index), Some(Slot::Owned { .. }))
    }

    /// Puts a page with new contents at `index` unless the file got its own meanwhile; says whether it did.
    pub(super) fn offer(&self, index: u64, frame: &Frame) -> Result<bool> {
        let mut state = self.state.lock();
        if matches!(state.tree.get(index), Some(Slot::Owned { .. })) {
            return Ok(false);
        }
        let old = match state.tree.get(index) {
            None => self.backing_page(&state, index),
            Some(_) => BackingPage::Hole,
        };
        self.insert_owned(&mut state, index, frame)?;
        if !state.mappings.is_empty() {
            let old = match old {
                BackingPage::InPlace(page) => Some(page.pfn()),
                _ => super::cache::zero_page().map(|zero| zero.pfn()),
            };
            state.mappings.zap_page(index, old);
        }
        Ok(true)
    }

    /// Sets the size. Pages behind the new end are dropped and taken out of all mappings (which then raise SIGBUS there); growing adds zeros.
    /// ENOMEM or ENOSPC when the new last page cannot be made the file's own, EIO when it cannot be read.
    pub fn truncate(&self, size: u64) -> Result<()> {
        if size > i64::MAX as u64 {
            return Err(Errno::EFBIG);
        }
        let old = self.size();
        if size >= old {
            // What a mapping wrote behind the old end in its page shows now, as on Linux.
            self.set_size(size);
            return Ok(());
        }
        let (index, offset) = split(size);
        // Where the file is cut elsewhere too, a page that is not here comes from there as it will be.
        if offset != 0 && if self.is_shared() { !self.is_unowned(index) } else { self.page(index)?.is_some() } {
            let frame = self.own_page(index, true)?;
            frame.clear(offset, PAGE_SIZE - offset);
        }
        let first_gone = size.div_ceil(PAGE);
        let mut state = self.state.lock();
        self.set_size(size);
        if !self.is_shared() {
            state.backing_limit = state.backing_limit.min(first_gone);
        }
        self.drop_slots(&mut state, first_gone, u64::MAX);
        state.mappings.zap(first_gone, u64::MAX, true);
        Ok(())
    }

    /// Makes `start..end` read as zeros and frees its whole pages; the size stays (FALLOC_FL_PUNCH_HOLE, MADV_REMOVE).
    pub fn punch_hole(&self, start: u64, end: u64) -> Result<()> {
        if self.is_shared() {
            return Err(Errno::EOPNOTSUPP);
        }
        let end = end.min(self.size().next_multiple_of(PAGE));
        if start >= end {
            return Ok(());
        }
        let first = start.div_ceil(PAGE);
        let last = end / PAGE;
        if first > last {
            // Inside one page.
            return self.clear_part(start / PAGE, split(start).1, split(end).1);
        }
        if split(start).1 != 0 {
            self.clear_part(start / PAGE, split(start).1, PAGE_SIZE)?;
        }
        if split(end).1 != 0 {
            self.clear_part(last, 0, split(end).1)?;
        }
        if first < last {
            let mut state = self.state.lock();
            // First out of the mappings: there, the file's reference tells its pages from private copies.
            state.mappings.zap(first, last, false);
            self.drop_slots(&mut state, first, last - 1);
            if self.backing().is_some() {
                for index in first..last.min(state.backing_limit) {
                    if !matches!(self.backing_page(&state, index), BackingPage::Hole) {
                        state.tree.insert(index, Slot::Hole);
                    }
                }
            }
        }
        Ok(())
    }

    fn clear_part(&self, index: u64, from: usize, to: usize) -> Result<()> {
        if self.page(index)?.is_some() {
            self.own_page(index, true)?.clear(from, to - from);
        }
        Ok(())
    }

    /// Makes all pages of `start..end` exist (fallocate(2) without flags); does not change the size. ENOSPC or ENOMEM when they do not fit.
    pub fn allocate(&self, start: u64, end: u64) -> Result<()> {
        if self.is_shared() {
            return Err(Errno::EOPNOTSUPP);
        }
        for index in start / PAGE..end.div_ceil(PAGE) {
            if self.page(index)?.is_none() {
                self.own_page(index, true)?;
                if let Some(Slot::Owned { written, .. }) = self.state.lock().tree.get_mut(index) {
                    *written = false;
                }
            }
        }
        Ok(())
    }

    /// lseek(SEEK_DATA): the first byte of data at or behind `pos`. ENXIO when there is none.
    pub fn seek_data(&self, pos: u64) -> Result<u64> {
        let size = self.size();
        let state = self.state.lock();
        let mut index = pos / PAGE;
        while pos < size && index < size.div_ceil(PAGE) {
            match state.tree.get(index) {
                Some(Slot::Owned { written: true, .. }) => return Ok(pos.max(index * PAGE)),
                Some(Slot::Owned { .. } | Slot::Hole) => index += 1,
                None if !matches!(self.backing_page(&state, index), BackingPage::Hole) => return Ok(pos.max(index * PAGE)),
                // Nothing of the backing here: on to the next own page, or page by page where the backing goes on.
                None if self.backing().is_some() && index < state.backing_limit => index += 1,
                None => index = state.tree.next(index).map_or(u64::MAX / PAGE, |(next, _)| next),
            }
        }
        Err(Errno::ENXIO)
    }

    /// lseek(SEEK_HOLE): the first hole at or behind `pos`; the end of the file counts as one. ENXIO behind the end.
    pub fn seek_hole(&self, pos: u64) -> Result<u64> {
        let size = self.size();
        if pos >= size {
            return Err(Errno::ENXIO);
        }
        let state = self.state.lock();
        let mut index = pos / PAGE;
        while index < size.div_ceil(PAGE) {
            let data = match state.tree.get(index) {
                Some(Slot::Owned { written, .. }) => *written,
                Some(Slot::Hole) => false,
                None => !matches!(self.backing_page(&state, index), BackingPage::Hole),
            };
            if !data {
                return Ok(pos.max(index * PAGE));
            }
            index += 1;
        }
        Ok(size)
    }

    /// Writes changed pages of `start..end` back, as many at once as the backing takes. The first error is returned; those pages stay changed.
    pub fn sync(&self, start: u64, end: u64) -> Result<()> {
        let Some(backing) = self.backing().filter(|b| b.writes_back()) else { return Ok(()) };
        let mut index = start / PAGE;
        let end = end.div_ceil(PAGE);
        loop {
            if index >= end {
                return Ok(());
            }
            let mut frames = Vec::new();
            let mut guard = self.state.lock();
            let state = &mut *guard;
            let changed = |slot: &Slot| matches!(slot, Slot::Owned { dirty: true, .. });
            let next = state.tree.iter_from(index).take_while(|(at, _)| *at < end).find(|(_, slot)| changed(slot)).map(|(at, _)| at);
            let Some(at) = next else { return Ok(()) };
            index = at;
            while index < end
                && frames.len() < backing.write_batch()
                && let Some(Slot::Owned { frame, dirty: dirty @ true, .. }) = state.tree.get_mut(index)
            {
                *dirty = false;
                frames.push(frame.clone());
                // From here on a write through a mapping faults and marks the page again.
                state.mappings.write_protect(index);
                index += 1;
            }
            let room = frames.len() * PAGE_SIZE;
            let len = usize::try_from(self.size().saturating_sub(at * PAGE)).unwrap_or(room).min(room);
            drop(guard);
            if len > 0
                && let Err(error) = backing.write_many(at, &frames, len)
            {
                let mut state = self.state.lock();
                for index in at..index {
                    if let Some(Slot::Owned { dirty, .. }) = state.tree.get_mut(index) {
                        *dirty = true;
                    }
                }
                return Err(error);
            }
        }
    }

    /// Notes that bytes were put into `frame`, the page at `index`: it may have been written back, or forgotten, since it was given out for writing.
    pub(super) fn mark_changed(&self, index: u64, frame: &Frame) -> Result<()> {
        let mut state = self.state.lock();
        match state.tree.get_mut(index) {
            Some(Slot::Owned { frame: there, dirty, .. }) if there.pfn() == frame.pfn() => *dirty = true,
            None => self.insert_owned(&mut state, index, frame)?,
            Some(_) => {}
        }
        Ok(())
    }

    /// Forgets clean pages that the backing can give again. Mappings are emptied too.
    pub fn invalidate(&self) {
        if !self.tracks_writes() {
            return;
        }
        let mut state = self.state.lock();
        let clean = |slot: &Slot| matches!(slot, Slot::Owned { dirty: false, .. });
        let mut from = 0;
        loop {
            let next = state.tree.iter_from(from).find(|(_, slot)| clean(slot)).map(|(i, _)| i);
            let Some(index) = next else { return };
            state.mappings.zap(index, index + 1, false);
            self.drop_slots(&mut state, index, index);
            from = index + 1;
        }
    }

    /// The file was changed elsewhere and has `size` bytes now: the next read sees what is there.
    pub fn revalidate(&self, size: u64) {
        self.invalidate();
        let first_gone = size.div_ceil(PAGE);
        let mut state = self.state.lock();
        if size < self.size() {
            self.drop_slots(&mut state, first_gone, u64::MAX);
            state.mappings.zap(first_gone, u64::MAX, true);
        }
        self.set_size(size);
    }
}
