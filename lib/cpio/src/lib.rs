//! cpio archives in the "newc" format (magic 070701, and 070702 with checksums, which are not verified): what `cpio -o -H newc` and
//! initramfs tools write. The reader borrows the archive, allocates nothing and trusts nothing.
//!
//! Format: cpio(5), Linux Documentation/driver-api/early-userspace/buffer-format.rst.
#![no_std]
#![forbid(unsafe_code)]

/// Bytes of a header, magic included.
const HEADER: usize = 110;

/// One member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Path as stored: usually without a leading slash, perhaps `./x` or `.`.
    pub name: &'a [u8],
    /// Type and permissions.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Names of the file.
    pub nlink: u32,
    /// Modification time, seconds.
    pub mtime: u32,
    /// Inode number and device, by which hard links are told.
    pub ino: (u32, u32, u32),
    /// Major and minor of a device file.
    pub rdev: (u32, u32),
    /// Where the contents (or a link's target) begin in the archive.
    pub offset: usize,
    /// Their bytes.
    pub data: &'a [u8],
}

/// The archive is malformed at this byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed(pub usize);

/// Whether the bytes start as an archive does.
pub fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(b"070701") || bytes.starts_with(b"070702")
}

/// The members up to the trailer; padding zeros between concatenated archives are passed over.
pub fn entries(bytes: &[u8]) -> Entries<'_> {
    Entries { bytes, at: 0 }
}

/// Iterator over the members; ends after the first error.
#[derive(Clone)]
pub struct Entries<'a> {
    bytes: &'a [u8],
    at: usize,
}

fn field(header: &[u8], index: usize) -> Option<u32> {
    let text = core::str::from_utf8(header.get(6 + 8 * index..14 + 8 * index)?).ok()?;
    // from_str_radix takes a sign, which is no digit of a header.
    if text.starts_with('+') { None } else { u32::from_str_radix(text, 16).ok() }
}

impl<'a> Entries<'a> {
    /// The next member with its end, `None` when malformed.
    fn parse(&self) -> Option<(Entry<'a>, usize)> {
        let header = self.bytes.get(self.at..self.at.checked_add(HEADER)?)?;
        if !is_archive(header) {
            return None;
        }
        let f = |index| field(header, index);
        let name_len = usize::try_from(f(11)?).ok()?;
        let size = usize::try_from(f(6)?).ok()?;
        let name_at = self.at + HEADER;
        let name = self.bytes.get(name_at..name_at.checked_add(name_len)?)?.strip_suffix(b"\0")?;
        let offset = name_at.checked_add(name_len)?.checked_next_multiple_of(4)?;
        let data = self.bytes.get(offset..offset.checked_add(size)?)?;
        let entry = Entry {
            name,
            mode: f(1)?,
            uid: f(2)?,
            gid: f(3)?,
            nlink: f(4)?,
            mtime: f(5)?,
            ino: (f(0)?, f(7)?, f(8)?),
            rdev: (f(9)?, f(10)?),
            offset,
            data,
        };
        Some((entry, (offset + size).checked_next_multiple_of(4)?))
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Result<Entry<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            while self.bytes.get(self.at) == Some(&0) {
                self.at += 1;
            }
            if self.at >= self.bytes.len() {
                return None;
            }
            match self.parse() {
                // Archives may follow each other, each with its trailer.
                Some((entry, end)) if entry.name == b"TRAILER!!!" => self.at = end,
                Some((entry, end)) => {
                    self.at = end;
                    return Some(Ok(entry));
                }
                None => {
                    let at = self.at;
                    self.at = self.bytes.len();
                    return Some(Err(Malformed(at)));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::format;
    use std::vec::Vec;

    fn member(out: &mut Vec<u8>, name: &str, mode: u32, data: &[u8]) {
        let fields = [7, mode, 1, 2, 1, 99, data.len() as u32, 0, 0, 5, 6, name.len() as u32 + 1, 0];
        out.extend(b"070701");
        fields.iter().for_each(|f| out.extend(format!("{f:08X}").bytes()));
        out.extend(name.bytes());
        out.push(0);
        out.resize(out.len().next_multiple_of(4), 0);
        out.extend(data);
        out.resize(out.len().next_multiple_of(4), 0);
    }

    #[test]
    fn members_in_order_over_concatenated_archives() {
        let mut a = Vec::new();
        member(&mut a, ".", 0o40755, b"");
        member(&mut a, "etc/passwd", 0o100644, b"root:x");
        member(&mut a, "TRAILER!!!", 0, b"");
        a.resize(a.len().next_multiple_of(512), 0);
        member(&mut a, "dev/null", 0o20666, b"");
        member(&mut a, "TRAILER!!!", 0, b"");
        let all: Result<Vec<_>, _> = entries(&a).collect();
        let all = all.unwrap();
        assert_eq!(all.iter().map(|e| e.name).collect::<Vec<_>>(), [&b"."[..], b"etc/passwd", b"dev/null"]);
        assert_eq!((all[1].data, all[1].uid, all[1].gid, all[1].mtime), (&b"root:x"[..], 1, 2, 99));
        assert_eq!(&a[all[1].offset..][..6], b"root:x");
        assert_eq!(all[2].rdev, (5, 6));
    }

    #[test]
    fn malformed_archives_end_with_an_error() {
        let mut a = Vec::new();
        member(&mut a, "x", 0o100644, b"0123456789");
        for cut in 1..a.len() - 2 {
            let last = entries(&a[..cut]).last().unwrap();
            assert!(last.is_err(), "cut at {cut}");
        }
        let mut bad = a.clone();
        bad[6 + 8 * 6] = b'+';
        assert_eq!(entries(&bad).next(), Some(Err(Malformed(0))));
        let mut huge = a.clone();
        huge[6 + 8 * 6..][..8].copy_from_slice(b"FFFFFFFF");
        assert_eq!(entries(&huge).collect::<Vec<_>>(), [Err(Malformed(0))]);
        assert!(!is_archive(b"ustar"));
    }
}
