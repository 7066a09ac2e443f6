//! The contents of a pipe: slots of pages.
//!
//! The oldest slot has a place of its own, and stays there with its page when it is emptied: a pipe is emptied more often than not, and the next
//! write finds it.

use alloc::collections::VecDeque;

use abi::{Errno, Result};
use hal::mem::{Frame, PAGE_SIZE, Page};

use crate::iobuf::{ReadBuf, WriteBuf};

/// Slots of a new pipe: 64 KiB.
const DEFAULT_SLOTS: usize = 16;

/// One page, or part of one, in a pipe.
pub struct Slot {
    /// The page.
    pub page: Page,
    /// First byte of the data.
    pub offset: usize,
    /// Bytes of data.
    pub len: usize,
    /// Later writes may go on in this page: it is the pipe's own.
    pub can_merge: bool,
    /// One packet (O_DIRECT): a read takes it whole and alone.
    pub packet: bool,
    /// Another pipe shows the page too (tee).
    pub shared: bool,
}

impl Slot {
    fn reusable(&self) -> bool {
        self.can_merge && !self.shared
    }
}

/// The contents of a pipe.
pub struct Ring {
    /// The oldest slot. Empty only when nothing is behind it; its page is then ours alone, for the next write.
    first: Option<Slot>,
    /// The others, oldest first. Capacity is reserved for `max` slots.
    rest: VecDeque<Slot>,
    /// Slots with data.
    live: usize,
    max: usize,
    /// Pages kept from emptied slots, so that a steady flow allocates nothing.
    spare: [Option<Frame>; 2],
}

impl Ring {
    pub(super) fn new() -> Ring {
        Ring { first: None, rest: VecDeque::with_capacity(DEFAULT_SLOTS), live: 0, max: DEFAULT_SLOTS, spare: [None, None] }
    }

    /// Whether all slots are taken.
    #[inline]
    pub fn is_full(&self) -> bool {
        self.live >= self.max
    }

    /// Slots with data.
    #[inline]
    pub fn live(&self) -> usize {
        self.live
    }

    /// Slots there may be.
    #[inline]
    pub(super) fn max(&self) -> usize {
        self.max
    }

    /// Changes it; EBUSY when there is more in the pipe, ENOMEM.
    pub(super) fn set_max(&mut self, slots: usize) -> Result<()> {
        if slots < self.live {
            return Err(Errno::EBUSY);
        }
        self.rest.try_reserve_exact(slots.saturating_sub(self.rest.len())).map_err(|_| Errno::ENOMEM)?;
        self.max = slots;
        Ok(())
    }

    fn frame(&mut self) -> Option<Frame> {
        if self.live == 0
            && let Some(Slot { page: Page::Owned(frame), .. }) = self.first.take()
        {
            return Some(frame);
        }
        self.spare[0].take().or_else(|| self.spare[1].take()).or_else(Frame::uninit)
    }

    /// Keeps the page of a slot for later if it is ours alone.
    fn put_aside(&mut self, slot: Slot) {
        if slot.reusable()
            && let Page::Owned(frame) = slot.page
            && let Some(place) = self.spare.iter_mut().find(|place| place.is_none())
        {
            *place = Some(frame);
        }
    }

    /// The oldest slot was read to its end.
    fn retire(&mut self) {
        self.live -= 1;
        match &mut self.first {
            Some(slot) if self.live == 0 && slot.reusable() => (slot.offset, slot.len) = (0, 0),
            first => {
                let old = core::mem::replace(first, self.rest.pop_front());
                if let Some(old) = old {
                    self.put_aside(old);
                }
            }
        }
    }

    /// The oldest slot.
    #[inline]
    pub fn front(&self) -> Option<&Slot> {
        if self.live == 0 { None } else { self.first.as_ref() }
    }

    /// Takes the oldest slot.
    pub fn take_front(&mut self) -> Option<Slot> {
        if self.live == 0 {
            return None;
        }
        self.live -= 1;
        core::mem::replace(&mut self.first, self.rest.pop_front())
    }

    /// The newest slot.
    fn back_mut(&mut self) -> Option<&mut Slot> {
        if self.live == 0 { None } else { self.rest.back_mut().or(self.first.as_mut()) }
    }

    /// The slots, oldest first.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Slot> {
        self.first.iter_mut().chain(self.rest.iter_mut()).take(self.live)
    }

    /// Adds a slot; the caller has seen that there is room.
    pub fn push(&mut self, slot: Slot) {
        debug_assert!(!self.is_full() && slot.len > 0);
        if self.live > 0 {
            self.rest.push_back(slot);
        } else if let Some(idle) = self.first.replace(slot) {
            self.put_aside(idle);
        }
        self.live += 1;
    }

    /// Takes `len` bytes off the oldest slot.
    #[inline]
    pub fn consume(&mut self, len: usize) {
        if let (Some(slot), true) = (&mut self.first, self.live > 0) {
            let len = len.min(slot.len);
            slot.offset += len;
            slot.len -= len;
            if slot.len == 0 {
                self.retire();
            }
        }
    }

    /// Bytes of data.
    pub(super) fn bytes(&self) -> usize {
        self.first.iter().chain(self.rest.iter()).map(|slot| slot.len).sum()
    }

    /// Moves what is there into `buf`: all slots, or one packet. An error only when nothing was moved. As on Linux, pages are moved whole: of one that runs
    /// into a bad address nothing counts.
    pub(super) fn drain(&mut self, buf: &mut ReadBuf<'_>) -> Result<usize> {
        let before = buf.done();
        while buf.remaining() > 0
            && let Some(slot) = self.front()
        {
            let (packet, want) = (slot.packet, slot.len.min(buf.remaining()));
            match buf.put_page_whole(&slot.page, slot.offset, want) {
                Ok(_) if packet => {
                    self.retire();
                    break;
                }
                Ok(got) => self.consume(got),
                // What of this slot ran into a bad page stays in the pipe.
                Err(errno) if buf.done() == before => return Err(errno),
                Err(_) => break,
            }
        }
        Ok(buf.done() - before)
    }

    /// The common case of a read, with one copy: all that is asked for, or all there is, lies in the first page. `None`: [`Ring::drain`] and more.
    #[inline(always)]
    pub(super) fn drain_first(&mut self, buf: &mut ReadBuf<'_>) -> Option<Result<usize>> {
        let want = buf.remaining();
        let slot = self.first.as_mut()?;
        let beyond = want > slot.len && self.live > 1;
        if slot.packet || slot.len == 0 || want == 0 || beyond || self.live >= self.max {
            return None; // (a full pipe has writers to wake)
        }
        let got = match buf.put_page_whole(&slot.page, slot.offset, want.min(slot.len)) {
            Ok(got) => got,
            Err(errno) => return Some(Err(errno)),
        };
        slot.offset += got;
        slot.len -= got;
        if slot.len == 0 {
            if self.live == 1 && slot.reusable() {
                slot.offset = 0;
                self.live = 0;
            } else {
                self.retire();
            }
        }
        Some(Ok(got))
    }

    /// The common case of a write, with one copy: at most a page into the empty slot that waits for it. `None`: [`Ring::fill`] and more.
    #[inline(always)]
    pub(super) fn fill_first(&mut self, buf: &mut WriteBuf<'_>, packets: bool) -> Option<Result<usize>> {
        let want = buf.remaining();
        if self.live != 0 || want == 0 || want > PAGE_SIZE {
            return None;
        }
        let slot = self.first.as_mut()?;
        let Page::Owned(frame) = &slot.page else { return None };
        let copied = match buf.take_into_frame_whole(frame, 0, want) {
            Ok(copied) => copied,
            Err(errno) => return Some(Err(errno)),
        };
        (slot.len, slot.packet) = (copied, packets);
        self.live = 1;
        Some(Ok(copied))
    }

    /// Moves as much of `buf` as fits. `first`: nothing of this call was written yet, so its odd part may join the last slot. Of a
    /// piece that runs into a bad address nothing is kept: EFAULT.
    pub(super) fn fill(&mut self, buf: &mut WriteBuf<'_>, packets: bool, first: bool) -> Result<()> {
        let odd = buf.remaining() % PAGE_SIZE;
        if first
            && odd != 0
            && let Some(slot) = self.back_mut()
            && slot.can_merge
            && !slot.packet
            && slot.offset + slot.len + odd <= PAGE_SIZE
            && let Page::Owned(frame) = &slot.page
        {
            slot.len += buf.take_into_frame_whole(frame, slot.offset + slot.len, odd)?;
        }
        while buf.remaining() > 0 && !self.is_full() {
            let frame = self.frame().ok_or(Errno::ENOMEM)?;
            let want = buf.remaining().min(PAGE_SIZE);
            let taken = buf.take_into_frame_whole(&frame, 0, want);
            let len = *taken.as_ref().unwrap_or(&0);
            let slot = Slot { page: Page::Owned(frame), offset: 0, len, can_merge: true, packet: packets, shared: false };
            if let Err(errno) = taken {
                self.put_aside(slot);
                return Err(errno);
            }
            self.push(slot);
        }
        Ok(())
    }
}
