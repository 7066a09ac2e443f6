//! Reading and writing a file's pages by read(2) and write(2). No lock is held while user memory is touched: the buffer may be a mapping of the
//! same file.

use abi::{Errno, Result};
use hal::mem::{Frame, PAGE_SIZE, Page};

use super::cache::{PageCache, split};
use crate::iobuf::{ReadBuf, WriteBuf};

/// Bytes to do in the page at `offset`.
fn piece(offset: usize, left: u64, room: usize) -> usize {
    // At most a page, so it fits.
    (PAGE_SIZE - offset).min(room).min(usize::try_from(left).unwrap_or(usize::MAX))
}

impl PageCache {
    /// Reads from `pos` up to the end of the file; returns the bytes put into `buf`, 0 at or behind the end. EFAULT or EIO only when nothing was read.
    pub fn read_at(&self, buf: &mut ReadBuf<'_>, pos: u64) -> Result<usize> {
        let size = self.size();
        let mut pos = pos;
        let start = buf.done();
        while pos < size && buf.remaining() > 0 {
            let (index, offset) = split(pos);
            let want = piece(offset, size - pos, buf.remaining());
            let got = match self.page(index) {
                Ok(Some(page)) => buf.put_page(&page, offset, want),
                Ok(None) => buf.put_zeros(want),
                Err(error) => Err(error),
            };
            match got {
                Ok(n) => pos += n as u64,
                Err(_) if buf.done() > start => break,
                Err(error) => return Err(error),
            }
            if got != Ok(want) {
                break;
            }
        }
        Ok(buf.done() - start)
    }

    /// Writes at `pos`, making the file longer if need be; returns the bytes taken. ENOSPC, EFAULT, EFBIG (behind the largest offset) only when nothing
    /// was written. The caller keeps writers of one file in order (the inode's lock) and has applied O_APPEND and RLIMIT_FSIZE.
    pub fn write_at(&self, buf: &mut WriteBuf<'_>, pos: u64) -> Result<usize> {
        let room = (i64::MAX as u64).checked_sub(pos).filter(|&room| room > 0 || buf.remaining() == 0).ok_or(Errno::EFBIG)?;
        buf.limit(usize::try_from(room).unwrap_or(usize::MAX));
        if pos > self.size() && buf.remaining() > 0 {
            self.clear_tail();
        }
        // Counted by what reached the file: the buffer may have given bytes that then found no room.
        let mut written = 0;
        while buf.remaining() > 0 {
            let at = pos + written as u64;
            let (index, offset) = split(at);
            let want = piece(offset, u64::MAX, buf.remaining());
            match self.write_page(buf, index, offset, want) {
                Ok(n) => {
                    written += n;
                    if at + n as u64 > self.size() {
                        self.set_size(at + n as u64);
                    }
                    if n < want {
                        break;
                    }
                }
                Err(_) if written > 0 => break,
                Err(error) => return Err(error),
            }
        }
        Ok(written)
    }

    /// Writes a piece of one page.
    fn write_page(&self, buf: &mut WriteBuf<'_>, index: u64, offset: usize, want: usize) -> Result<usize> {
        // A page that is written whole need not be read, copied or zeroed first; but its old bytes must be there until all new ones are.
        if want == PAGE_SIZE && self.is_unowned(index) {
            let fresh = Frame::uninit().ok_or(Errno::ENOMEM)?;
            let got = buf.take_into_frame(&fresh, 0, PAGE_SIZE)?;
            if got == PAGE_SIZE && self.offer(index, &fresh)? {
                return Ok(got);
            }
            let frame = self.own_page(index, true)?;
            copy_part(&fresh, &frame, got);
            if self.is_shared() {
                self.mark_changed(index, &frame)?;
            }
            return Ok(got);
        }
        let frame = self.own_page(index, true)?;
        let got = buf.take_into_frame(&frame, offset, want)?;
        if self.is_shared() {
            self.mark_changed(index, &frame)?;
        }
        Ok(got)
    }

    /// Zeroes what is behind the end of the file in its last page: bytes that a mapping wrote there must not appear when the file grows.
    pub(super) fn clear_tail(&self) {
        let (index, offset) = split(self.size());
        if offset == 0 {
            return;
        }
        if let Ok(Some(Page::Owned(frame))) = self.peek(&self.state.lock(), index) {
            frame.clear(offset, PAGE_SIZE - offset);
        }
    }
}

/// Copies the first `len` bytes of a page.
fn copy_part(from: &Frame, to: &Frame, len: usize) {
    let mut chunk = [0; 256];
    let mut at = 0;
    while at < len {
        let n = chunk.len().min(len - at);
        from.read(at, &mut chunk[..n]);
        to.write(at, &chunk[..n]);
        at += n;
    }
}
