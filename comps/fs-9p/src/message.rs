//! Messages of 9P2000.L (its description is in the diod project's protocol.md; include/net/9p/9p.h in Linux): little-endian fields one after the other, strings
//! with two bytes of length.

use alloc::vec::Vec;

use abi::{Errno, Result};

/// Types of requests; the reply's is one more.
pub mod kind {
    pub const LERROR_REPLY: u8 = 7;
    pub const STATFS: u8 = 8;
    pub const LOPEN: u8 = 12;
    pub const LCREATE: u8 = 14;
    pub const SYMLINK: u8 = 16;
    pub const MKNOD: u8 = 18;
    pub const READLINK: u8 = 22;
    pub const GETATTR: u8 = 24;
    pub const SETATTR: u8 = 26;
    pub const XATTRWALK: u8 = 30;
    pub const XATTRCREATE: u8 = 32;
    pub const READDIR: u8 = 40;
    pub const FSYNC: u8 = 50;
    pub const LINK: u8 = 70;
    pub const MKDIR: u8 = 72;
    pub const RENAMEAT: u8 = 74;
    pub const UNLINKAT: u8 = 76;
    pub const VERSION: u8 = 100;
    pub const ATTACH: u8 = 104;
    pub const WALK: u8 = 110;
    pub const READ: u8 = 116;
    pub const WRITE: u8 = 118;
    pub const CLUNK: u8 = 120;
}

/// One field of a request.
#[derive(Clone, Copy)]
pub enum Field<'a> {
    U16(u16),
    U32(u32),
    U64(u64),
    /// Length and bytes.
    Text(&'a [u8]),
    /// Bytes alone.
    Bytes(&'a [u8]),
}

/// A request whose size says that `payload` more bytes follow it.
pub fn encode(kind: u8, fields: &[Field<'_>], payload: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(128);
    // The size is known at the end, the tag in the transport.
    out.extend_from_slice(&[0, 0, 0, 0, kind, 0xff, 0xff]);
    for field in fields {
        match *field {
            Field::U16(n) => out.extend_from_slice(&n.to_le_bytes()),
            Field::U32(n) => out.extend_from_slice(&n.to_le_bytes()),
            Field::U64(n) => out.extend_from_slice(&n.to_le_bytes()),
            Field::Text(text) => {
                let text = &text[..text.len().min(usize::from(u16::MAX))];
                out.extend_from_slice(&(text.len() as u16).to_le_bytes()); // cut to fit
                out.extend_from_slice(text);
            }
            Field::Bytes(bytes) => out.extend_from_slice(bytes),
        }
    }
    let size = u32::try_from(out.len() + payload).unwrap_or(u32::MAX);
    out[..4].copy_from_slice(&size.to_le_bytes());
    out
}

/// The fields of a reply; EIO where it ends too early.
pub struct Reply {
    bytes: Vec<u8>,
    at: usize,
}

impl Reply {
    /// A reply (with its header) to a request of type `asked`: the server's errno if it refuses, EIO if it is neither.
    pub fn of(bytes: Vec<u8>, asked: u8) -> Result<Reply> {
        let mut reply = Reply { bytes, at: 4 };
        let kind = reply.take(1)?[0];
        reply.take(2)?;
        if kind == asked + 1 {
            return Ok(reply);
        }
        let refused = if kind == kind::LERROR_REPLY { u16::try_from(reply.u32()?).ok().and_then(Errno::from_number) } else { None };
        Err(refused.unwrap_or(Errno::EIO))
    }

    pub fn take(&mut self, len: usize) -> Result<&[u8]> {
        let end = self.at.checked_add(len).ok_or(Errno::EIO)?;
        let part = self.bytes.get(self.at..end).ok_or(Errno::EIO)?;
        self.at = end;
        Ok(part)
    }

    fn number(&mut self, len: usize) -> Result<u64> {
        Ok(self.take(len)?.iter().rev().fold(0, |n, byte| n << 8 | u64::from(*byte)))
    }

    pub fn u8(&mut self) -> Result<u8> {
        Ok(self.take(1)?[0])
    }

    pub fn u16(&mut self) -> Result<u16> {
        self.number(2).map(|n| n as u16) // two bytes
    }

    pub fn u32(&mut self) -> Result<u32> {
        self.number(4).map(|n| n as u32) // four bytes
    }

    pub fn u64(&mut self) -> Result<u64> {
        self.number(8)
    }

    /// A string.
    pub fn text(&mut self) -> Result<&[u8]> {
        let len = self.u16()?;
        self.take(usize::from(len))
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.at >= self.bytes.len()
    }
}
