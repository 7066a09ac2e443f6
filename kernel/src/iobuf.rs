//! Where the bytes of a read go and where those of a write come from: user memory (one range or an iovec) or a kernel buffer.
//!
//! One pair of types instead of a copy of every read and write path for user and kernel callers (loader, sendfile, splice).

use abi::{Errno, Result};
use hal::mem::{Frame, Page};
use hal::user;

/// A range of user memory: (address, length).
pub type UserRange = (usize, usize);

/// Destination of a read.
pub struct ReadBuf<'a> {
    target: Target<'a>,
    done: usize,
    left: usize,
}

enum Target<'a> {
    User(UserRange),
    /// The ranges that are not full, and the bytes done of the first.
    Vector(&'a [UserRange], usize),
    Kernel(&'a mut [u8]),
}

impl<'a> ReadBuf<'a> {
    /// One range of user memory.
    #[inline]
    pub fn user(addr: usize, len: usize) -> ReadBuf<'static> {
        ReadBuf { target: Target::User((addr, len)), done: 0, left: len }
    }

    /// Several ranges, filled in order; the sum of lengths must have been checked against overflow.
    pub fn vector(ranges: &'a [UserRange]) -> ReadBuf<'a> {
        ReadBuf { left: ranges.iter().map(|r| r.1).sum(), target: Target::Vector(ranges, 0), done: 0 }
    }

    /// A kernel buffer.
    pub fn kernel(buf: &'a mut [u8]) -> ReadBuf<'a> {
        ReadBuf { left: buf.len(), target: Target::Kernel(buf), done: 0 }
    }

    /// Bytes that still fit.
    #[inline]
    pub fn remaining(&self) -> usize {
        self.left
    }

    /// Bytes written so far.
    #[inline]
    pub fn done(&self) -> usize {
        self.done
    }

    /// Lowers the space to at most `max` more bytes.
    pub fn limit(&mut self, max: usize) {
        self.left = self.left.min(max);
    }

    /// Appends up to `src.len()` bytes; says how many fitted. EFAULT if none could be written for a bad address.
    #[inline]
    pub fn put(&mut self, src: &[u8]) -> Result<usize> {
        self.each(src.len(), |piece, from| match piece {
            Piece::User(addr, len) => user::write_some(addr, &src[from..from + len]),
            Piece::Kernel(dst) => {
                let len = dst.len();
                dst.copy_from_slice(&src[from..from + len]);
                len
            }
        })
    }

    /// Appends `len` bytes at `offset` of `page`.
    #[inline]
    pub fn put_page(&mut self, page: &Page, offset: usize, len: usize) -> Result<usize> {
        self.each(len, |piece, from| match piece {
            Piece::User(addr, len) => user::write_from_page(addr, page, offset + from, len),
            Piece::Kernel(dst) => {
                page.read(offset + from, dst);
                dst.len()
            }
        })
    }

    /// Appends `len` zeros.
    #[inline]
    pub fn put_zeros(&mut self, len: usize) -> Result<usize> {
        self.each(len, |piece, _| match piece {
            Piece::User(addr, len) => user::clear_some(addr, len),
            Piece::Kernel(dst) => {
                dst.fill(0);
                dst.len()
            }
        })
    }

    /// Runs `copy(piece, bytes before it)` over the pieces of the next `len` bytes; `copy` says how many bytes it did.
    #[inline(always)] // most buffers are one range: then this is little more than the copy
    fn each(&mut self, len: usize, mut copy: impl FnMut(Piece<'_>, usize) -> usize) -> Result<usize> {
        let len = len.min(self.left);
        let Target::User((addr, _)) = self.target else { return self.each_piece(len, copy) };
        let did = copy(Piece::User(addr.wrapping_add(self.done), len), 0);
        self.done += did;
        self.left -= did;
        if did == 0 && len > 0 { Err(Errno::EFAULT) } else { Ok(did) }
    }

    #[inline(never)]
    fn each_piece(&mut self, len: usize, mut copy: impl FnMut(Piece<'_>, usize) -> usize) -> Result<usize> {
        let mut from = 0;
        while from < len {
            let want = len - from;
            let (asked, did) = match &mut self.target {
                Target::Kernel(buf) => {
                    let at = self.done;
                    (want, copy(Piece::Kernel(&mut buf[at..at + want]), from))
                }
                Target::User((addr, _)) => (want, copy(Piece::User(addr.wrapping_add(self.done), want), from)),
                Target::Vector(ranges, at) => {
                    let (addr, room) = next_range(ranges, at);
                    let want = want.min(room);
                    let did = copy(Piece::User(addr, want), from);
                    *at += did;
                    (want, did)
                }
            };
            self.done += did;
            self.left -= did;
            from += did;
            if did < asked {
                break;
            }
        }
        if from == 0 && len > 0 { Err(Errno::EFAULT) } else { Ok(from) }
    }
}

enum Piece<'b> {
    User(usize, usize),
    Kernel(&'b mut [u8]),
}

/// Where the next byte of a vector is and how many follow it there; `at` bytes of them are done.
fn next_range(ranges: &mut &[UserRange], at: &mut usize) -> UserRange {
    while let [(addr, len), rest @ ..] = *ranges {
        if *at < *len {
            return (addr.wrapping_add(*at), len - *at);
        }
        *ranges = rest;
        *at -= len;
    }
    (0, 0)
}

/// Source of a write.
pub struct WriteBuf<'a> {
    source: Source<'a>,
    done: usize,
    left: usize,
}

enum Source<'a> {
    User(UserRange),
    /// As for [`ReadBuf`].
    Vector(&'a [UserRange], usize),
    Kernel(&'a [u8]),
}

impl<'a> WriteBuf<'a> {
    /// One range of user memory.
    #[inline]
    pub fn user(addr: usize, len: usize) -> WriteBuf<'static> {
        WriteBuf { source: Source::User((addr, len)), done: 0, left: len }
    }

    /// Several ranges, taken in order.
    pub fn vector(ranges: &'a [UserRange]) -> WriteBuf<'a> {
        WriteBuf { left: ranges.iter().map(|r| r.1).sum(), source: Source::Vector(ranges, 0), done: 0 }
    }

    /// A kernel buffer.
    pub fn kernel(buf: &'a [u8]) -> WriteBuf<'a> {
        WriteBuf { left: buf.len(), source: Source::Kernel(buf), done: 0 }
    }

    /// Bytes that are left.
    #[inline]
    pub fn remaining(&self) -> usize {
        self.left
    }

    /// Bytes taken so far.
    #[inline]
    pub fn done(&self) -> usize {
        self.done
    }

    /// Lowers what is left to at most `max` bytes (RLIMIT_FSIZE, pipe atomicity).
    pub fn limit(&mut self, max: usize) {
        self.left = self.left.min(max);
    }

    /// Runs `f` with no more than `max` bytes left; what is left beyond is there again afterwards.
    pub fn with_at_most<R>(&mut self, max: usize, f: impl FnOnce(&mut Self) -> R) -> R {
        let held = self.left.saturating_sub(max);
        self.left -= held;
        let result = f(self);
        self.left += held;
        result
    }

    /// Takes up to `dst.len()` bytes; EFAULT if none could be read.
    #[inline]
    pub fn take(&mut self, dst: &mut [u8]) -> Result<usize> {
        self.each(dst.len(), |piece, from| match piece {
            SourcePiece::User(addr, len) => user::read_some(addr, &mut dst[from..from + len]),
            SourcePiece::Kernel(src) => {
                dst[from..from + src.len()].copy_from_slice(src);
                src.len()
            }
        })
    }

    /// Takes `len` bytes into `frame` at `offset`.
    #[inline]
    pub fn take_into_frame(&mut self, frame: &Frame, offset: usize, len: usize) -> Result<usize> {
        self.each(len, |piece, from| match piece {
            SourcePiece::User(addr, len) => user::read_into_frame(addr, frame, offset + from, len),
            SourcePiece::Kernel(src) => {
                frame.write(offset + from, src);
                src.len()
            }
        })
    }

    /// Bytes of the next range: what one call would move for a file that takes vectors piece by piece.
    pub fn piece(&self) -> usize {
        match self.source {
            Source::Vector(mut ranges, mut at) => next_range(&mut ranges, &mut at).1.min(self.left),
            _ => self.left,
        }
    }

    /// Passes over up to `len` bytes (/dev/null).
    pub fn skip(&mut self, len: usize) -> usize {
        let len = len.min(self.left);
        if let Source::Vector(_, at) = &mut self.source {
            *at += len;
        }
        self.done += len;
        self.left -= len;
        len
    }

    #[inline(always)] // as in ReadBuf
    fn each(&mut self, len: usize, mut copy: impl FnMut(SourcePiece<'_>, usize) -> usize) -> Result<usize> {
        let len = len.min(self.left);
        let Source::User((addr, _)) = self.source else { return self.each_piece(len, copy) };
        let did = copy(SourcePiece::User(addr.wrapping_add(self.done), len), 0);
        self.done += did;
        self.left -= did;
        if did == 0 && len > 0 { Err(Errno::EFAULT) } else { Ok(did) }
    }

    #[inline(never)]
    fn each_piece(&mut self, len: usize, mut copy: impl FnMut(SourcePiece<'_>, usize) -> usize) -> Result<usize> {
        let mut from = 0;
        while from < len {
            let want = len - from;
            let (asked, did) = match &mut self.source {
                Source::Kernel(buf) => (want, copy(SourcePiece::Kernel(&buf[self.done..self.done + want]), from)),
                Source::User((addr, _)) => (want, copy(SourcePiece::User(addr.wrapping_add(self.done), want), from)),
                Source::Vector(ranges, at) => {
                    let (addr, room) = next_range(ranges, at);
                    let want = want.min(room);
                    let did = copy(SourcePiece::User(addr, want), from);
                    *at += did;
                    (want, did)
                }
            };
            self.done += did;
            self.left -= did;
            from += did;
            if did < asked {
                break;
            }
        }
        if from == 0 && len > 0 { Err(Errno::EFAULT) } else { Ok(from) }
    }
}

enum SourcePiece<'b> {
    User(usize, usize),
    Kernel(&'b [u8]),
}
