//! The bytes of superblock, inodes, directories and extended attributes.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use super::layout::Options;
use super::tree::{Kind, Meta, WriteError};
use crate::FileType;
use crate::ondisk::{self, *};

/// `EROFS_FEATURE_COMPAT_SB_CHKSUM` and `EROFS_FEATURE_COMPAT_MTIME`: the checksum is there, times are modification times.
const COMPAT: u32 = 0x1 | 0x2;

/// What the superblock says.
pub struct Superblock<'a> {
    pub root_nid: u16,
    pub inodes: u64,
    pub blocks: u32,
    pub options: &'a Options,
}

fn put(out: &mut [u8], at: usize, bytes: &[u8]) {
    out[at..at + bytes.len()].copy_from_slice(bytes);
}

/// Writes the superblock into the first block of `image`, checksum last.
pub fn superblock(image: &mut [u8], s: &Superblock<'_>) {
    let sb = &mut image[SUPER_OFFSET..SUPER_OFFSET + SUPER_SIZE];
    put(sb, 0, &MAGIC.to_le_bytes());
    put(sb, 8, &COMPAT.to_le_bytes());
    put(sb, 12, &[BLOCK_BITS]);
    put(sb, 14, &s.root_nid.to_le_bytes());
    put(sb, 16, &s.inodes.to_le_bytes());
    put(sb, 24, &s.options.build_time.to_le_bytes());
    put(sb, 36, &s.blocks.to_le_bytes());
    put(sb, 48, &s.options.uuid);
    put(sb, 64, &s.options.volume);
    // Over the rest of the block with a zero checksum, as mkfs.erofs and the kernel have it: the inodes there are covered too.
    let sum = crc32c(&image[SUPER_OFFSET..BLOCK_SIZE]);
    put(image, SUPER_OFFSET + 4, &sum.to_le_bytes());
}

/// CRC-32C without the final inversion, as Linux's `crc32c(~0, ...)`. Bit by bit: it runs over 3 KiB once per image.
fn crc32c(bytes: &[u8]) -> u32 {
    bytes.iter().fold(!0, |crc, &b| (0..8).fold(crc ^ u32::from(b), |c, _| (c >> 1) ^ (0x82f6_3b78 & (c & 1).wrapping_neg())))
}

/// What an inode says.
pub struct InodeFields<'a> {
    pub layout: u8,
    pub kind: &'a Kind,
    pub meta: &'a Meta,
    pub size: u64,
    pub union: u32,
    pub ino: u32,
    pub nlink: u32,
    pub xattr_len: usize,
}

/// An extended inode.
pub fn inode(f: &InodeFields<'_>) -> [u8; EXTENDED_SIZE] {
    let mut out = [0; EXTENDED_SIZE];
    let icount = if f.xattr_len == 0 { 0 } else { (f.xattr_len - XATTR_HEADER) / 4 + 1 };
    put(&mut out, 0, &(1 | u16::from(f.layout) << 1).to_le_bytes());
    // encode::xattrs() refused what does not fit 16 bits.
    put(&mut out, 2, &(icount as u16).to_le_bytes());
    put(&mut out, 4, &(type_bits(f.kind) | f.meta.perm & 0o7777).to_le_bytes());
    put(&mut out, 8, &f.size.to_le_bytes());
    put(&mut out, 16, &f.union.to_le_bytes());
    put(&mut out, 20, &f.ino.to_le_bytes());
    put(&mut out, 24, &f.meta.uid.to_le_bytes());
    put(&mut out, 28, &f.meta.gid.to_le_bytes());
    put(&mut out, 32, &f.meta.mtime.0.to_le_bytes());
    put(&mut out, 40, &f.meta.mtime.1.to_le_bytes());
    put(&mut out, 44, &f.nlink.to_le_bytes());
    out
}

fn type_bits(kind: &Kind) -> u16 {
    match kind {
        Kind::Directory => S_IFDIR,
        Kind::File { .. } => S_IFREG,
        Kind::Symlink(_) => S_IFLNK,
        Kind::CharDevice(_) => S_IFCHR,
        Kind::BlockDevice(_) => S_IFBLK,
        Kind::Fifo => S_IFIFO,
        Kind::Socket => S_IFSOCK,
    }
}

/// The type byte of a directory entry.
pub fn file_type(kind: &Kind) -> u8 {
    FileType::from_mode(type_bits(kind)).unwrap_or(FileType::Unknown) as u8
}

/// How many of the names that follow fit one block, and the bytes they take with their entries.
fn fill<'n>(names: impl Iterator<Item = &'n [u8]>) -> (usize, usize) {
    let (mut count, mut used) = (0, 0);
    for name in names {
        let more = used + DIRENT_SIZE + name.len();
        if more > BLOCK_SIZE {
            break;
        }
        (count, used) = (count + 1, more);
    }
    (count, used)
}

/// Bytes of a directory with these names.
pub fn dir_size<'n>(names: impl Iterator<Item = &'n [u8]>) -> u64 {
    let names: Vec<_> = names.collect();
    let (mut rest, mut size) = (&names[..], 0);
    loop {
        let (count, used) = fill(rest.iter().copied());
        rest = &rest[count..];
        if rest.is_empty() {
            return size + used as u64;
        }
        size += BLOCK_SIZE as u64;
    }
}

/// A directory: (name, nid, type) in order.
pub fn dir<'n>(entries: impl Iterator<Item = (&'n [u8], u64, u8)>) -> Vec<u8> {
    let entries: Vec<_> = entries.collect();
    let mut rest = &entries[..];
    let mut out = Vec::new();
    while !rest.is_empty() {
        out.resize(out.len().next_multiple_of(BLOCK_SIZE), 0);
        let (count, _) = fill(rest.iter().map(|e| e.0));
        let mut name_at = count * DIRENT_SIZE;
        for (name, nid, kind) in &rest[..count] {
            out.extend_from_slice(&nid.to_le_bytes());
            out.extend_from_slice(&(name_at as u16).to_le_bytes());
            out.extend_from_slice(&[*kind, 0]);
            name_at += name.len();
        }
        rest[..count].iter().for_each(|e| out.extend_from_slice(e.0));
        rest = &rest[count..];
    }
    out
}

/// The inline area of extended attributes; empty when there are none. Sorted: the order of listxattr(2) must not change the image.
pub fn xattrs(list: &[(Vec<u8>, Vec<u8>)]) -> Result<Vec<u8>, WriteError> {
    if list.is_empty() {
        return Ok(Vec::new());
    }
    let mut sorted: Vec<_> = list.iter().collect();
    sorted.sort();
    let mut out = [0; XATTR_HEADER].to_vec();
    for (name, value) in sorted {
        let bad = || WriteError::BadXattr(String::from_utf8_lossy(name).into_owned());
        let (index, rest) = split_name(name).ok_or_else(bad)?;
        let name_len = u8::try_from(rest.len()).map_err(|_| bad())?;
        let value_len = u16::try_from(value.len()).map_err(|_| bad())?;
        out.extend_from_slice(&[name_len, index]);
        out.extend_from_slice(&value_len.to_le_bytes());
        out.extend_from_slice(rest);
        out.extend_from_slice(value);
        out.resize(out.len().next_multiple_of(4), 0);
    }
    if (out.len() - XATTR_HEADER) / 4 + 1 > usize::from(u16::MAX) {
        return Err(WriteError::BadXattr("the whole list".to_owned()));
    }
    Ok(out)
}

/// The prefix index and the rest of a full name. Index 0 (no prefix) is not understood by Linux.
fn split_name(name: &[u8]) -> Option<(u8, &[u8])> {
    ondisk::XATTR_PREFIXES.iter().enumerate().skip(1).find_map(|(i, p)| {
        let rest = name.strip_prefix(p.as_bytes())?;
        // The two ACL names are whole names; the others need something behind the dot.
        (rest.is_empty() != p.ends_with('.')).then_some((i as u8, rest))
    })
}
