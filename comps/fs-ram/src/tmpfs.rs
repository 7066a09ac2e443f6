//! tmpfs and its mount options (tmpfs(5)).

use alloc::sync::Arc;
use alloc::vec::Vec;

use abi::{Errno, Result};
use kernel::vfs::{Attr, FileSystem, FileType, Inode};

use crate::fs::Ram;

/// The kind `tmpfs`, or `ramfs`, which has no limits.
pub struct Tmpfs {
    name: &'static str,
    limited: bool,
}

/// tmpfs.
pub static TMPFS: Tmpfs = Tmpfs { name: "tmpfs", limited: true };
/// ramfs.
pub static RAMFS: Tmpfs = Tmpfs { name: "ramfs", limited: false };

/// The options of a mount.
#[derive(Debug, PartialEq, Eq)]
struct Options {
    pages: u64,
    inodes: u64,
    perm: u32,
    uid: u32,
    gid: u32,
}

impl Options {
    /// Parses `size=50%,nr_inodes=1k,mode=755`; `memory` is the machine's, in pages. EINVAL for what tmpfs does not know.
    fn parse(data: &[u8], memory: u64) -> Result<Options> {
        let mut options = Options { pages: memory / 2, inodes: memory / 2, perm: 0o1777, uid: 0, gid: 0 };
        for item in data.split(|b| *b == b',').filter(|i| !i.is_empty()) {
            let text = core::str::from_utf8(item).map_err(|_| Errno::EINVAL)?;
            let (key, value) = text.split_once('=').unwrap_or((text, ""));
            match key {
                "size" => options.pages = size(value, memory)?.div_ceil(4096),
                "nr_blocks" => options.pages = number(value)?,
                "nr_inodes" => options.inodes = number(value)?,
                "mode" => options.perm = u32::from_str_radix(value, 8).ok().filter(|m| *m <= 0o7777).ok_or(Errno::EINVAL)?,
                "uid" => options.uid = value.parse().map_err(|_| Errno::EINVAL)?,
                "gid" => options.gid = value.parse().map_err(|_| Errno::EINVAL)?,
                // Placement of pages and inode numbers: there is one kind of each here.
                "huge" | "mpol" | "inode32" | "inode64" | "noswap" => {}
                _ => return Err(Errno::EINVAL),
            }
        }
        // 0 lifts a limit.
        if options.pages == 0 {
            options.pages = u64::MAX;
        }
        if options.inodes == 0 {
            options.inodes = u64::MAX;
        }
        Ok(options)
    }
}

/// A number with k, m, g, t, p, e.
fn number(text: &str) -> Result<u64> {
    let shift = match text.as_bytes().last().map_or(b'0', u8::to_ascii_lowercase) {
        b'k' => 10,
        b'm' => 20,
        b'g' => 30,
        b't' => 40,
        b'p' => 50,
        b'e' => 60,
        _ => 0,
    };
    let digits = if shift > 0 { text.get(..text.len() - 1).unwrap_or("") } else { text };
    let value: u64 = digits.parse().map_err(|_| Errno::EINVAL)?;
    value.checked_shl(shift).filter(|v| v >> shift == value).ok_or(Errno::EINVAL)
}

/// Bytes, or a share of memory.
fn size(text: &str, memory_pages: u64) -> Result<u64> {
    match text.strip_suffix('%') {
        Some(share) => {
            let share: u64 = share.parse().map_err(|_| Errno::EINVAL)?;
            Ok((memory_pages / 100).saturating_mul(4096).saturating_mul(share.min(1_000_000)).max(4096))
        }
        None => number(text),
    }
}

impl FileSystem for Tmpfs {
    fn name(&self) -> &'static str {
        self.name
    }

    fn mount(&self, _source: &[u8], data: &[u8]) -> Result<Arc<Inode>> {
        let memory = hal::mem::stats().total / 4096;
        let mut options = Options::parse(data, memory)?;
        if !self.limited {
            (options.pages, options.inodes) = (u64::MAX, u64::MAX);
        }
        let mut shown = Vec::new();
        if options.pages != u64::MAX {
            shown.extend_from_slice(alloc::format!(",size={}k", options.pages.saturating_mul(4)).as_bytes());
        }
        if options.perm != 0o1777 {
            shown.extend_from_slice(alloc::format!(",mode={:o}", options.perm).as_bytes());
        }
        let ram = Ram::plain(options.pages, options.inodes, shown);
        let attr = Attr { uid: options.uid, gid: options.gid, ..Attr::new(FileType::Directory, options.perm) };
        ram.mount_empty(self.name, attr)
    }
}

/// An empty, unlimited file system to be filled by a component (an unpacked archive as root).
pub fn populate(kind: &'static str, attr: Attr) -> Result<Arc<Inode>> {
    Ram::plain(u64::MAX, u64::MAX, Vec::new()).mount_empty(kind, attr)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options() {
        let o = Options::parse(b"size=64k,mode=755,uid=7,nr_inodes=1k", 1000).unwrap();
        assert_eq!(o, Options { pages: 16, inodes: 1024, perm: 0o755, uid: 7, gid: 0 });
        assert_eq!(Options::parse(b"size=50%", 1000).unwrap().pages, 500);
        assert_eq!(Options::parse(b"size=0", 1000).unwrap().pages, u64::MAX);
        for bad in [&b"size=x"[..], b"mode=9", b"colour=red", b"size=99999999999999999999", b"nr_inodes=17e", b"\xff"] {
            assert_eq!(Options::parse(bad, 1000), Err(Errno::EINVAL));
        }
    }
}
