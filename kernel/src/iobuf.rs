//! Where the bytes of a read go and where those of a write come from: user memory (one range or an iovec) or a kernel buffer.
//!
//! One type instead of a copy of every read and write path for user and kernel callers (loader, sendfile, splice), in two directions.

use abi::{Errno, Result};
use hal::mem::{Frame, Page};
use hal::user;

/// A range of user memory: (address, length).
pub type UserRange = (usize, usize);

/// Destination of a read.
pub type ReadBuf<'a> = IoBuf<'a, In>;

/// Source of a write.
pub type WriteBuf<'a> = IoBuf<'a, Out>;

/// Which way bytes go, seen from the kernel buffer that may stand in for user memory.
pub trait Way {
    /// A kernel buffer.
    type Bytes<'b>: AsRef<[u8]>;
    /// `len` of its bytes from `at` on.
    fn part<'b>(whole: &'b mut Self::Bytes<'_>, at: usize, len: usize) -> Self::Bytes<'b>;
}

/// Bytes go into the buffer.
pub enum In {}

/// Bytes come from the buffer.
pub enum Out {}

impl Way for In {
    type Bytes<'b> = &'b mut [u8];
    fn part<'b>(whole: &'b mut &mut [u8], at: usize, len: usize) -> &'b mut [u8] {
        &mut whole[at..at + len]
    }
}

impl Way for Out {
    type Bytes<'b> = &'b [u8];
    fn part<'b>(whole: &'b mut &[u8], at: usize, len: usize) -> &'b [u8] {
        &whole[at..at + len]
    }
}

/// A place in memory, and how far it is filled or emptied.
pub struct IoBuf<'a, W: Way> {
    memory: Memory<'a, W>,
    done: usize,
    left: usize,
}

enum Memory<'a, W: Way> {
    User(usize),
    /// The ranges that are not through, and the bytes done of the first.
    Vector(&'a [UserRange], usize),
    Kernel(W::Bytes<'a>),
}

enum Piece<B> {
    User(usize, usize),
    Kernel(B),
}

impl<'a, W: Way> IoBuf<'a, W> {
    /// One range of user memory.
    #[inline]
    pub fn user(addr: usize, len: usize) -> IoBuf<'a, W> {
        IoBuf { memory: Memory::User(addr), done: 0, left: len }
    }

    /// Several ranges, taken in order; the sum of lengths must have been checked against overflow.
    pub fn vector(ranges: &'a [UserRange]) -> IoBuf<'a, W> {
        IoBuf { left: ranges.iter().map(|r| r.1).sum(), memory: Memory::Vector(ranges, 0), done: 0 }
    }

    /// A kernel buffer.
    pub fn kernel(buf: W::Bytes<'a>) -> IoBuf<'a, W> {
        IoBuf { left: buf.as_ref().len(), memory: Memory::Kernel(buf), done: 0 }
    }

    /// Bytes that are left: to be filled, or to be taken.
    #[inline]
    pub fn remaining(&self) -> usize {
        self.left
    }

    /// Bytes moved so far.
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

    /// Bytes of the next range: what one call would move for a file that takes vectors piece by piece.
    pub fn piece(&self) -> usize {
        match self.memory {
            Memory::Vector(mut ranges, mut at) => next_range(&mut ranges, &mut at).1.min(self.left),
            _ => self.left,
        }
    }

    /// Passes over up to `len` bytes (/dev/null).
    pub fn skip(&mut self, len: usize) -> usize {
        let len = len.min(self.left);
        if let Memory::Vector(_, at) = &mut self.memory {
            *at += len;
        }
        self.done += len;
        self.left -= len;
        len
    }

    /// Runs `copy(piece, bytes before it)` over the pieces of the next `len` bytes; `copy` says how many bytes it did. Where it did fewer, `short` says
    /// what that means.
    #[inline(always)] // most buffers are one range: then this is little more than the copy
    fn each(&mut self, len: usize, short: Short, mut copy: impl for<'b> FnMut(Piece<W::Bytes<'b>>, usize) -> usize) -> Result<usize> {
        let len = len.min(self.left);
        let Memory::User(addr) = self.memory else { return self.each_piece(len, short, copy) };
        let did = copy(Piece::User(addr.wrapping_add(self.done), len), 0);
        self.done += did;
        self.left -= did;
        if did < len { self.stopped(did, short) } else { Ok(did) }
    }

    /// A copy ran into a bad address after `did` bytes, which were counted.
    #[cold]
    fn stopped(&mut self, did: usize, short: Short) -> Result<usize> {
        match short {
            Short::Counts if did > 0 => Ok(did),
            Short::Counts => Err(Errno::EFAULT),
            Short::Fails => {
                self.done -= did;
                self.left = 0; // nothing can be moved any more
                Err(Errno::EFAULT)
            }
        }
    }

    #[inline(never)]
    fn each_piece(&mut self, len: usize, short: Short, mut copy: impl for<'b> FnMut(Piece<W::Bytes<'b>>, usize) -> usize) -> Result<usize> {
        let mut from = 0;
        while from < len {
            let want = len - from;
            let (asked, did) = match &mut self.memory {
                Memory::Kernel(buf) => (want, copy(Piece::Kernel(W::part(buf, self.done, want)), from)),
                Memory::User(addr) => (want, copy(Piece::User(addr.wrapping_add(self.done), want), from)),
                Memory::Vector(ranges, at) => {
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
                return self.stopped(from, short);
            }
        }
        Ok(from)
    }
}

/// What a copy means that runs into a bad address after some bytes.
#[derive(Clone, Copy)]
enum Short {
    /// The bytes count; EFAULT if there are none.
    Counts,
    /// None of them counts: EFAULT.
    Fails,
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

impl IoBuf<'_, In> {
    /// Appends up to `src.len()` bytes; says how many fitted. EFAULT if none could be written for a bad address.
    #[inline]
    pub fn put(&mut self, src: &[u8]) -> Result<usize> {
        self.each(src.len(), Short::Counts, |piece, from| match piece {
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
        self.put_from(page, offset, len, Short::Counts)
    }

    /// As [`ReadBuf::put_page`], but all or nothing: EFAULT also where a part could be written, which then does not count.
    #[inline]
    pub fn put_page_whole(&mut self, page: &Page, offset: usize, len: usize) -> Result<usize> {
        self.put_from(page, offset, len, Short::Fails)
    }

    #[inline(always)]
    fn put_from(&mut self, page: &Page, offset: usize, len: usize, short: Short) -> Result<usize> {
        self.each(len, short, |piece, from| match piece {
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
        self.each(len, Short::Counts, |piece, _| match piece {
            Piece::User(addr, len) => user::clear_some(addr, len),
            Piece::Kernel(dst) => {
                dst.fill(0);
                dst.len()
            }
        })
    }
}

impl IoBuf<'_, Out> {
    /// Takes up to `dst.len()` bytes; EFAULT if none could be read.
    #[inline]
    pub fn take(&mut self, dst: &mut [u8]) -> Result<usize> {
        self.each(dst.len(), Short::Counts, |piece, from| match piece {
            Piece::User(addr, len) => user::read_some(addr, &mut dst[from..from + len]),
            Piece::Kernel(src) => {
                dst[from..from + src.len()].copy_from_slice(src);
                src.len()
            }
        })
    }

    /// Takes `len` bytes into `frame` at `offset`.
    #[inline]
    pub fn take_into_frame(&mut self, frame: &Frame, offset: usize, len: usize) -> Result<usize> {
        self.take_to(frame, offset, len, Short::Counts)
    }

    /// As [`WriteBuf::take_into_frame`], but all or nothing: EFAULT also where a part could be read, which then does not count.
    #[inline]
    pub fn take_into_frame_whole(&mut self, frame: &Frame, offset: usize, len: usize) -> Result<usize> {
        self.take_to(frame, offset, len, Short::Fails)
    }

    #[inline(always)]
    fn take_to(&mut self, frame: &Frame, offset: usize, len: usize, short: Short) -> Result<usize> {
        self.each(len, short, |piece, from| match piece {
            Piece::User(addr, len) => user::read_into_frame(addr, frame, offset + from, len),
            Piece::Kernel(src) => {
                frame.write(offset + from, src);
                src.len()
            }
        })
    }
}
