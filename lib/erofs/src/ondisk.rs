//! The on-disk constants and the little-endian field access shared by reader and writer.
//! Source: Linux `fs/erofs/erofs_fs.h`.

/// Bytes in a block; the only block size accepted, because it is the page size.
pub const BLOCK_SIZE: usize = 4096;
/// log2 of [`BLOCK_SIZE`].
pub const BLOCK_BITS: u8 = 12;
/// Where the superblock starts.
pub const SUPER_OFFSET: usize = 1024;
/// Bytes in the superblock.
pub const SUPER_SIZE: usize = 128;
/// `EROFS_SUPER_MAGIC_V1`.
pub const MAGIC: u32 = 0xE0F5_E1E2;
/// A nid counts slots of this many bytes from the start of the metadata area.
pub const SLOT: u64 = 32;
/// Bytes of a compact inode.
pub const COMPACT_SIZE: usize = 32;
/// Bytes of an extended inode.
pub const EXTENDED_SIZE: usize = 64;
/// Bytes of a directory entry without its name.
pub const DIRENT_SIZE: usize = 12;
/// Bytes before the entries of an inline extended-attribute area.
pub const XATTR_HEADER: usize = 12;
/// Bytes before the name of an extended attribute.
pub const XATTR_ENTRY: usize = 4;
/// `EROFS_INODE_FLAT_PLAIN`: all data in contiguous blocks.
pub const FLAT_PLAIN: u8 = 0;
/// `EROFS_INODE_FLAT_INLINE`: as plain, but the last partial block follows the inode.
pub const FLAT_INLINE: u8 = 2;
/// `EROFS_FEATURE_INCOMPAT_ZERO_PADDING` and `..._CHUNKED_FILE`: say nothing about plain inodes, so they are let through.
pub const INCOMPAT_KNOWN: u32 = 0x1 | 0x4;
/// Name prefixes of extended attributes by `e_name_index`; index 5 (lustre) is not on ordinary systems but is part of the format.
pub const XATTR_PREFIXES: [&str; 7] =
    ["", "user.", "system.posix_acl_access", "system.posix_acl_default", "trusted.", "lustre.", "security."];

/// `S_IFMT` and its values (stat(2)).
pub const S_IFMT: u16 = 0o170_000;
/// Directory.
pub const S_IFDIR: u16 = 0o040_000;
/// Regular file.
pub const S_IFREG: u16 = 0o100_000;
/// Symbolic link.
pub const S_IFLNK: u16 = 0o120_000;
/// Character device.
pub const S_IFCHR: u16 = 0o020_000;
/// Block device.
pub const S_IFBLK: u16 = 0o060_000;
/// FIFO.
pub const S_IFIFO: u16 = 0o010_000;
/// Socket.
pub const S_IFSOCK: u16 = 0o140_000;

/// Reads a little-endian u16 at `at`, or nothing when the slice is too short.
#[inline]
pub fn le16(b: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*b.get(at..)?.first_chunk()?))
}

/// Reads a little-endian u32 at `at`, or nothing when the slice is too short.
#[inline]
pub fn le32(b: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*b.get(at..)?.first_chunk()?))
}

/// Reads a little-endian u64 at `at`, or nothing when the slice is too short.
#[inline]
pub fn le64(b: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*b.get(at..)?.first_chunk()?))
}
