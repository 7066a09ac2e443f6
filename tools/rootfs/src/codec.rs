//! Plans as bytes: for the cache, and as the input of the image's hash. Little-endian, length-prefixed; reading trusts nothing.

use std::sync::Arc;

use crate::plan::{Entry, Meta, Reason, What};

/// Writes.
#[derive(Default)]
pub struct Encoder {
    /// What was written so far.
    pub bytes: Vec<u8>,
}

impl Encoder {
    pub fn u64(&mut self, v: u64) {
        self.bytes.extend_from_slice(&v.to_le_bytes());
    }

    pub fn blob(&mut self, v: &[u8]) {
        self.u64(v.len() as u64);
        self.bytes.extend_from_slice(v);
    }

    pub fn entry(&mut self, e: &Entry) {
        self.blob(&e.guest);
        self.u64(u64::from(e.host.is_some()));
        self.blob(e.host.as_deref().unwrap_or_default());
        let (tag, number, bytes): (u64, u32, &[u8]) = match &e.what {
            What::Dir => (0, 0, &[]),
            What::File => (1, 0, &[]),
            What::Generated(b) => (2, 0, b),
            What::Symlink(t) => (3, 0, t),
            What::CharDevice(d) => (4, *d, &[]),
            What::BlockDevice(d) => (5, *d, &[]),
            What::Fifo => (6, 0, &[]),
        };
        self.u64(tag << 32 | u64::from(number));
        self.blob(bytes);
        self.meta(&e.meta);
        let (tag, text) = match &e.reason {
            Reason::Program => (0, ""),
            Reason::Interpreter => (1, ""),
            Reason::Library(t) => (2, &**t),
            Reason::Package(t) => (3, &**t),
            Reason::Prefix(t) => (4, &**t),
            Reason::Argument => (5, ""),
            Reason::Add => (6, ""),
            Reason::Rootfs => (7, ""),
            Reason::System => (8, ""),
        };
        self.u64(tag);
        self.blob(text.as_bytes());
    }

    pub fn meta(&mut self, m: &Meta) {
        let flags = u64::from(m.perm) | u64::from(m.linked) << 16 | u64::from(m.soft) << 17;
        for v in [flags, u64::from(m.uid) << 32 | u64::from(m.gid), m.size, m.mtime.0 as u64, u64::from(m.mtime.1)] {
            self.u64(v);
        }
        for v in [m.ctime.0 as u64, u64::from(m.ctime.1), m.ino, m.dev] {
            self.u64(v);
        }
    }
}

/// Reads what [`Encoder`] wrote; nothing when the bytes are not that.
pub struct Decoder<'a> {
    rest: &'a [u8],
    /// Reason texts repeat by the thousand: share them.
    texts: Vec<Arc<str>>,
}

impl<'a> Decoder<'a> {
    pub fn new(bytes: &'a [u8]) -> Decoder<'a> {
        Decoder { rest: bytes, texts: Vec::new() }
    }

    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub fn u64(&mut self) -> Option<u64> {
        let (head, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(u64::from_le_bytes(*head))
    }

    pub fn u32(&mut self) -> Option<u32> {
        self.u64()?.try_into().ok()
    }

    pub fn blob(&mut self) -> Option<&'a [u8]> {
        let len = usize::try_from(self.u64()?).ok()?;
        let (head, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        Some(head)
    }

    fn text(&mut self) -> Option<Arc<str>> {
        let text = std::str::from_utf8(self.blob()?).ok()?;
        // Entries of one package stand near each other.
        if let Some(known) = self.texts.iter().rev().take(8).find(|t| &***t == text) {
            return Some(known.clone());
        }
        self.texts.push(text.into());
        self.texts.last().cloned()
    }

    pub fn entry(&mut self) -> Option<Entry> {
        let guest = self.blob()?.to_vec();
        let has_host = self.u64()? != 0;
        let host = self.blob()?;
        let host = has_host.then(|| host.to_vec());
        let (tag, number) = {
            let v = self.u64()?;
            (v >> 32, v as u32)
        };
        let bytes = self.blob()?.to_vec();
        let what = match tag {
            0 => What::Dir,
            1 => What::File,
            2 => What::Generated(bytes),
            3 => What::Symlink(bytes),
            4 => What::CharDevice(number),
            5 => What::BlockDevice(number),
            6 => What::Fifo,
            _ => return None,
        };
        let meta = self.meta()?;
        let tag = self.u64()?;
        let text = self.text()?;
        let reason = match tag {
            0 => Reason::Program,
            1 => Reason::Interpreter,
            2 => Reason::Library(text),
            3 => Reason::Package(text),
            4 => Reason::Prefix(text),
            5 => Reason::Argument,
            6 => Reason::Add,
            7 => Reason::Rootfs,
            8 => Reason::System,
            _ => return None,
        };
        Some(Entry { guest, host, what, meta, reason })
    }

    pub fn meta(&mut self) -> Option<Meta> {
        let (flags, owner) = (self.u64()?, self.u64()?);
        Some(Meta {
            perm: (flags & 0o7777) as u16,
            linked: flags >> 16 & 1 != 0,
            soft: flags >> 17 & 1 != 0,
            uid: (owner >> 32) as u32,
            gid: owner as u32,
            size: self.u64()?,
            mtime: (self.u64()? as i64, self.u32()?),
            ctime: (self.u64()? as i64, self.u32()?),
            ino: self.u64()?,
            dev: self.u64()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip_and_garbage() {
        let entry = Entry {
            guest: b"/a\xff".to_vec(),
            host: Some(b"/b".to_vec()),
            what: What::Symlink(b"x".to_vec()),
            meta: Meta { perm: 0o4755, uid: 1, gid: 2, size: 3, mtime: (-4, 5), ctime: (6, 7), ino: 8, dev: 9, linked: true, soft: true },
            reason: Reason::Package("p".into()),
        };
        let mut out = Encoder::default();
        out.entry(&entry);
        let mut back = Decoder::new(&out.bytes);
        assert_eq!(back.entry(), Some(entry));
        assert!(back.is_empty());
        for len in 0..out.bytes.len() {
            assert_eq!(Decoder::new(&out.bytes[..len]).entry(), None);
        }
        assert_eq!(Decoder::new(&[0xff; 300]).entry(), None);
    }
}
