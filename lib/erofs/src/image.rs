//! The image: superblock, inodes by number, and where the data of a file lies.

use crate::inode::{Inode, Nid};
use crate::ondisk::{
    BLOCK_BITS, BLOCK_SIZE, EXTENDED_SIZE, FLAT_INLINE, FLAT_PLAIN, INCOMPAT_KNOWN, MAGIC, SLOT, SUPER_OFFSET, SUPER_SIZE, le16, le32, le64,
};
use crate::source::Fault;
use crate::{Error, Source, Xattr};

/// An EROFS image. Over a byte slice it is cheap to copy, and what it gives are parts of the slice.
#[derive(Clone, Copy, Debug)]
pub struct Image<S> {
    source: S,
    /// Bytes of the image, without padding behind it.
    len: u64,
    /// Byte offset of the metadata area, the origin of nids.
    meta: u64,
    /// Byte offset of the shared extended attributes.
    pub(crate) shared_xattrs: u64,
    root: Nid,
    inodes: u64,
    build_time: (i64, u32),
}

/// Where a file's contents lie: one contiguous piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Data {
    /// Byte offset in the image; a multiple of 4096 unless the data is stored beside its inode (short symlinks and directories).
    pub offset: u64,
    /// Bytes. With a plain layout the rest of the last page, up to the next multiple of 4096, is in the image too and is zero.
    pub len: u64,
}

impl<'a> Image<&'a [u8]> {
    /// The image itself, without padding.
    #[inline]
    pub fn bytes(&self) -> &'a [u8] {
        // `new` has found it as long as this.
        self.source.get(..self.len as usize).unwrap_or(self.source)
    }
}

impl<S: Source> Image<S> {
    /// Checks the superblock; costs the same for every size of image. The source may be longer than the image (padding).
    ///
    /// The optional checksum is not verified: it covers the superblock only, and all of that is checked here anyway.
    pub fn new(source: S) -> Result<Image<S>, Error> {
        let sb = source.piece(SUPER_OFFSET as u64, SUPER_SIZE as u64).map_err(|fault| fault.or(Error::Truncated))?;
        Self::parse(source, &sb).unwrap_or(Err(Error::Truncated))
    }

    /// `None` stands for a field beyond the superblock, which the caller has excluded.
    fn parse(source: S, sb: &[u8]) -> Option<Result<Image<S>, Error>> {
        if le32(sb, 0)? != MAGIC {
            return Some(Err(Error::BadMagic));
        }
        let bits = *sb.get(12)?;
        // dirblkbits (offset 90) enlarges directory blocks beyond the block size; no tool writes it.
        if bits != BLOCK_BITS || *sb.get(90)? != 0 {
            return Some(Err(Error::BlockSize(bits)));
        }
        let unknown = le32(sb, 80)? & !INCOMPAT_KNOWN;
        if unknown != 0 {
            return Some(Err(Error::Feature(unknown)));
        }
        let len = u64::from(le32(sb, 36)?) * BLOCK_SIZE as u64;
        if len > source.size() {
            return Some(Err(Error::Truncated));
        }
        let nsec = le32(sb, 32)?;
        let image = Image {
            source,
            len,
            meta: u64::from(le32(sb, 40)?) * BLOCK_SIZE as u64,
            shared_xattrs: u64::from(le32(sb, 44)?) * BLOCK_SIZE as u64,
            root: Nid(u64::from(le16(sb, 14)?)),
            inodes: le64(sb, 16)?,
            build_time: (le64(sb, 24)? as i64, if nsec < 1_000_000_000 { nsec } else { 0 }),
        };
        // An image whose root is no directory is of no use: say so now, not at the first lookup.
        Some(match image.inode(image.root) {
            Ok(root) if root.is_dir() => Ok(image),
            Ok(_) => Err(Error::NotDirectory(image.root)),
            Err(e) => Err(e),
        })
    }

    /// The root directory.
    #[inline]
    pub fn root(&self) -> Nid {
        self.root
    }

    /// Bytes of the image, without padding.
    #[inline]
    pub fn size(&self) -> u64 {
        self.len
    }

    /// Where the image's bytes are.
    #[inline]
    pub fn source(&self) -> &S {
        &self.source
    }

    /// How many inodes the superblock says there are; for statfs(2), not to be trusted for more.
    #[inline]
    pub fn inodes(&self) -> u64 {
        self.inodes
    }

    /// Reads one inode.
    #[inline]
    pub fn inode(&self, nid: Nid) -> Result<Inode, Error> {
        let bad = || Error::BadInode(nid);
        let offset = nid.0.checked_mul(SLOT).and_then(|o| o.checked_add(self.meta)).ok_or_else(bad)?;
        let left = self.len.checked_sub(offset).ok_or_else(bad)?;
        let raw = self.slice(offset, left.min(EXTENDED_SIZE as u64)).map_err(|fault| fault.or(bad()))?;
        Inode::decode(nid, offset, &raw, self.build_time).ok_or_else(bad)
    }

    /// Where the contents of a regular file, directory or symbolic link lie. Page-aligned with the plain layout.
    ///
    /// An empty file has offset 0. Fails with [`Error::NotContiguous`] for a file of more than a block with an inline tail (our writer
    /// makes none, mkfs.erofs does): read such files with [`Image::block`].
    #[inline]
    pub fn data(&self, ino: &Inode) -> Result<Data, Error> {
        ino.want_data()?;
        if ino.size == 0 {
            return Ok(Data { offset: 0, len: 0 });
        }
        let offset = match ino.layout {
            FLAT_PLAIN => u64::from(ino.block) * BLOCK_SIZE as u64,
            FLAT_INLINE if ino.size < BLOCK_SIZE as u64 => self.tail_offset(ino)?,
            FLAT_INLINE if ino.size.is_multiple_of(BLOCK_SIZE as u64) => u64::from(ino.block) * BLOCK_SIZE as u64,
            FLAT_INLINE => return Err(Error::NotContiguous(ino.nid)),
            _ => return Err(Error::Layout(ino.nid)),
        };
        let inside = self.len.checked_sub(offset).is_some_and(|left| ino.size <= left);
        if inside { Ok(Data { offset, len: ino.size }) } else { Err(Error::DataRange(ino.nid)) }
    }

    /// One block of the data, of either layout: up to 4096 bytes, fewer at the end of the file, none behind it.
    #[inline]
    pub fn block(&self, ino: &Inode, index: u64) -> Result<S::Bytes, Error> {
        ino.want_data()?;
        let range = || Error::DataRange(ino.nid);
        let start = index.saturating_mul(BLOCK_SIZE as u64);
        if start >= ino.size {
            return self.slice(0, 0).map_err(|fault| fault.or(range()));
        }
        let len = (ino.size - start).min(BLOCK_SIZE as u64);
        let offset = match ino.layout {
            FLAT_INLINE if len < BLOCK_SIZE as u64 => self.tail_offset(ino)?,
            FLAT_PLAIN | FLAT_INLINE => (u64::from(ino.block) * BLOCK_SIZE as u64).checked_add(start).ok_or_else(range)?,
            _ => return Err(Error::Layout(ino.nid)),
        };
        self.slice(offset, len).map_err(|fault| fault.or(range()))
    }

    /// The whole contents as a slice; as [`Image::data`], but ready to read.
    pub fn contents(&self, ino: &Inode) -> Result<S::Bytes, Error> {
        let data = self.data(ino)?;
        self.slice(data.offset, data.len).map_err(|fault| fault.or(Error::DataRange(ino.nid)))
    }

    /// The target of a symbolic link: not empty, at most 4095 bytes (PATH_MAX), no NUL.
    pub fn readlink(&self, ino: &Inode) -> Result<S::Bytes, Error> {
        if !ino.is_symlink() {
            return Err(Error::NotSymlink(ino.nid));
        }
        if ino.size == 0 || ino.size >= BLOCK_SIZE as u64 {
            return Err(Error::DataRange(ino.nid));
        }
        let target = self.block(ino, 0)?;
        if target.contains(&0) { Err(Error::DataRange(ino.nid)) } else { Ok(target) }
    }

    /// Calls `visit` with each extended attribute, in the order of the image, until it returns false.
    pub fn xattrs(&self, ino: &Inode, visit: &mut dyn FnMut(Xattr<'_>) -> bool) -> Result<(), Error> {
        crate::xattr::visit(self, ino, visit)
    }

    /// Where data stored beside the inode starts. It may not cross into another block (Linux refuses that too).
    #[inline]
    fn tail_offset(&self, ino: &Inode) -> Result<u64, Error> {
        let bad = || Error::DataRange(ino.nid);
        let offset = ino.offset.checked_add(u64::from(ino.core_size) + u64::from(ino.xattr_size)).ok_or_else(bad)?;
        let tail = ino.size % BLOCK_SIZE as u64;
        if offset % BLOCK_SIZE as u64 + tail > BLOCK_SIZE as u64 { Err(bad()) } else { Ok(offset) }
    }

    /// A piece of the image.
    #[inline]
    pub(crate) fn slice(&self, offset: u64, len: u64) -> Result<S::Bytes, Fault> {
        if self.len.checked_sub(offset).is_none_or(|left| len > left) {
            return Err(Fault::Outside);
        }
        self.source.piece(offset, len)
    }
}
