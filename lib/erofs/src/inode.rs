//! Inodes: decoding the compact and the extended form.

use crate::ondisk::{COMPACT_SIZE, EXTENDED_SIZE, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG, XATTR_HEADER, le16, le32, le64};
use crate::{Error, FileType};

/// Node id: the place of an inode in the image, in 32-byte slots from the metadata area. Stable for the life of the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nid(pub u64);

/// A decoded inode. Small and `Copy`; the data is reached through [`crate::Image`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inode {
    /// Where it lies.
    pub nid: Nid,
    /// Inode number as stat(2) shows it.
    pub ino: u64,
    /// Type and permission bits, as `st_mode`.
    pub mode: u16,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Number of names.
    pub nlink: u32,
    /// Bytes of data.
    pub size: u64,
    /// Modification time: seconds and nanoseconds since the epoch.
    pub mtime: (i64, u32),
    /// Device number of a device file in Linux's 32-bit encoding: minor\[7:0\] | major << 8 | minor\[19:8\] << 20; 0 for the rest.
    pub rdev: u32,
    /// First data block (meaningless for devices).
    pub(crate) block: u32,
    /// `FLAT_PLAIN`, `FLAT_INLINE` or another layout, refused when the data is asked for.
    pub(crate) layout: u8,
    /// Bytes of the inode itself: 32 or 64.
    pub(crate) core_size: u8,
    /// Bytes of the inline extended attributes.
    pub(crate) xattr_size: u32,
    /// Byte offset of the inode in the image.
    pub(crate) offset: u64,
}

impl Inode {
    /// Decodes the inode that starts `raw`. `times` is the image's build time, which compact inodes share.
    #[inline]
    pub(crate) fn decode(nid: Nid, offset: u64, raw: &[u8], times: (i64, u32)) -> Option<Inode> {
        let base: &[u8; COMPACT_SIZE] = raw.first_chunk()?;
        let format = le16(base, 0)?;
        // Bit 0 is the form, bits 1-3 the layout; a set bit above them is a format from the future (Linux: EOPNOTSUPP).
        if format & !0xf != 0 {
            return None;
        }
        let icount = le16(base, 2)?;
        let xattr_size = if icount == 0 { 0 } else { XATTR_HEADER as u32 + 4 * (u32::from(icount) - 1) };
        let mode = le16(base, 4)?;
        let union = le32(base, 16)?;
        let kind = FileType::from_mode(mode)?;
        let rdev = if matches!(kind, FileType::CharDevice | FileType::BlockDevice) { union } else { 0 };
        let ino = u64::from(le32(base, 20)?);
        let layout = (format >> 1) as u8;
        let common = Inode {
            nid,
            ino,
            mode,
            uid: 0,
            gid: 0,
            nlink: 0,
            size: 0,
            mtime: times,
            rdev,
            block: union,
            layout,
            core_size: COMPACT_SIZE as u8,
            xattr_size,
            offset,
        };
        if format & 1 == 0 {
            return Some(Inode {
                nlink: u32::from(le16(base, 6)?),
                size: u64::from(le32(base, 8)?),
                uid: u32::from(le16(base, 24)?),
                gid: u32::from(le16(base, 26)?),
                ..common
            });
        }
        let full: &[u8; EXTENDED_SIZE] = raw.first_chunk()?;
        let nsec = le32(full, 40)?;
        Some(Inode {
            size: le64(full, 8)?,
            uid: le32(full, 24)?,
            gid: le32(full, 28)?,
            // Nanoseconds come from the image: keep the promise that they are below one second.
            mtime: (le64(full, 32)? as i64, if nsec < 1_000_000_000 { nsec } else { 0 }),
            nlink: le32(full, 44)?,
            core_size: EXTENDED_SIZE as u8,
            ..common
        })
    }

    /// What kind of file it is.
    #[inline]
    pub fn file_type(&self) -> FileType {
        // decode() refused every mode without a type, so the default is never taken.
        FileType::from_mode(self.mode).unwrap_or(FileType::Unknown)
    }

    /// Is it a directory?
    #[inline]
    pub fn is_dir(&self) -> bool {
        self.mode & S_IFMT == S_IFDIR
    }

    /// Is it a regular file?
    #[inline]
    pub fn is_file(&self) -> bool {
        self.mode & S_IFMT == S_IFREG
    }

    /// Is it a symbolic link?
    #[inline]
    pub fn is_symlink(&self) -> bool {
        self.mode & S_IFMT == S_IFLNK
    }

    /// Does it have extended attributes? Free, unlike asking for them.
    #[inline]
    pub fn has_xattrs(&self) -> bool {
        self.xattr_size != 0
    }

    /// Does it have data blocks, or the error that says it has none.
    pub(crate) fn want_data(&self) -> Result<(), Error> {
        match self.mode & S_IFMT {
            S_IFREG | S_IFDIR | S_IFLNK => Ok(()),
            _ => Err(Error::NoData(self.nid)),
        }
    }
}
