//! Where everything goes: superblock, inodes with short directories and symbolic links beside them, long directories, contents.
//!
//! Inodes are 64-byte aligned, so none crosses a block, and stand in breadth-first order: the inodes of one directory are neighbours,
//! and a path is found in few pages.

use alloc::vec;
use alloc::vec::Vec;

use super::encode::{self, InodeFields, Superblock};
use super::tree::{Kind, Tree, WriteError};
use crate::ondisk::{BLOCK_SIZE, EXTENDED_SIZE, FLAT_INLINE, FLAT_PLAIN, SLOT, SUPER_OFFSET, SUPER_SIZE};

const BLOCK: u64 = BLOCK_SIZE as u64;
/// The longest directory that is stored beside its inode. A longer one would leave up to as much of a block empty before it.
const INLINE_DIR: usize = 1024;

/// What belongs to the image as a whole.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Seconds since the epoch in the superblock; 0 keeps images reproducible.
    pub build_time: u64,
    /// The file system's UUID, for example a hash of the contents.
    pub uuid: [u8; 16],
    /// Volume name, padded with NULs.
    pub volume: [u8; 16],
}

/// Where the contents of one regular file go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Byte offset in the image, a multiple of 4096.
    pub offset: u64,
    /// Bytes of contents, never 0; the rest of the last block is zero.
    pub len: u64,
    /// The key given with [`Kind::File`].
    pub source: u64,
}

/// A laid-out image: `meta` at offset 0, each extent's contents at its offset, zeros elsewhere, `len` bytes in all.
#[derive(Debug)]
pub struct Layout {
    /// Superblock, inodes, extended attributes and directories; a multiple of 4096 bytes.
    pub meta: Vec<u8>,
    /// The contents, by ascending offset.
    pub files: Vec<Extent>,
    /// Bytes of the whole image, a multiple of 4096.
    pub len: u64,
    /// Number of inodes.
    pub inodes: u64,
}

/// The place of one node.
#[derive(Clone, Copy, Default)]
struct Place {
    offset: u64,
    block: u32,
    inline: bool,
    size: u64,
}

impl Tree {
    /// Lays the tree out. The same tree and options give the same result.
    pub fn layout(&self, options: &Options) -> Result<Layout, WriteError> {
        let order = self.breadth_first();
        let xattrs = order.iter().map(|&n| encode::xattrs(&self.nodes[n].meta.xattrs)).collect::<Result<Vec<_>, _>>()?;
        let mut places = vec![Place::default(); self.nodes.len()];
        let mut at = (SUPER_OFFSET + SUPER_SIZE) as u64;
        for (&n, xattr) in order.iter().zip(&xattrs) {
            let size = self.data_size(n);
            let head = (EXTENDED_SIZE + xattr.len()) as u64;
            let inline = match self.nodes[n].kind {
                Kind::Directory => size <= INLINE_DIR as u64 && head + size <= BLOCK,
                Kind::Symlink(_) => head + size <= BLOCK,
                _ => false,
            };
            if inline && at % BLOCK + head + size > BLOCK {
                at = at.next_multiple_of(BLOCK);
            }
            places[n] = Place { offset: at, block: 0, inline, size };
            at = (at + head + if inline { size } else { 0 }).next_multiple_of(EXTENDED_SIZE as u64);
        }
        let mut block = at.div_ceil(BLOCK);
        let mut files = Vec::new();
        for contents in [false, true] {
            for &n in &order {
                if matches!(self.nodes[n].kind, Kind::File { .. }) == contents {
                    block = self.place_data(n, block, &mut places[n], &mut files)?;
                }
            }
        }
        let len = block.checked_mul(BLOCK).ok_or(WriteError::TooLarge)?;
        let data_start = files.first().map_or(len, |f: &Extent| f.offset);
        let mut meta = vec![0; usize::try_from(data_start).map_err(|_| WriteError::TooLarge)?];
        for (i, (&n, xattr)) in order.iter().zip(&xattrs).enumerate() {
            self.emit(n, i as u32 + 1, xattr, &places, &mut meta)?;
        }
        let root_nid = (places[0].offset / SLOT) as u16;
        let blocks = u32::try_from(block).map_err(|_| WriteError::TooLarge)?;
        encode::superblock(&mut meta, &Superblock { root_nid, inodes: order.len() as u64, blocks, options });
        Ok(Layout { meta, files, len, inodes: order.len() as u64 })
    }

    fn breadth_first(&self) -> Vec<usize> {
        let mut seen = vec![false; self.nodes.len()];
        let mut order = vec![0];
        let mut next = 0;
        while let Some(&n) = order.get(next) {
            next += 1;
            for &child in self.nodes[n].children.values() {
                // A hard link is met more than once.
                if !core::mem::replace(&mut seen[child], true) {
                    order.push(child);
                }
            }
        }
        order
    }

    fn data_size(&self, n: usize) -> u64 {
        match &self.nodes[n].kind {
            Kind::Directory => encode::dir_size(self.names(n).iter().map(|&(name, _)| name)),
            Kind::File { len, .. } => *len,
            Kind::Symlink(target) => target.len() as u64,
            _ => 0,
        }
    }

    /// The names of a directory in the image's order: bytewise, with `.` and `..` in their places (`!` and `-x` precede them).
    fn names(&self, n: usize) -> Vec<(&[u8], usize)> {
        let node = &self.nodes[n];
        let mut all: Vec<_> = node.children.iter().map(|(name, &child)| (name.as_slice(), child)).collect();
        all.extend([(&b"."[..], n), (&b".."[..], node.parent)]);
        all.sort_unstable();
        all
    }

    /// Gives a node's data its blocks and returns the first free one.
    fn place_data(&self, n: usize, block: u64, place: &mut Place, files: &mut Vec<Extent>) -> Result<u64, WriteError> {
        if place.inline || place.size == 0 {
            return Ok(block);
        }
        place.block = u32::try_from(block).map_err(|_| WriteError::TooLarge)?;
        if let Kind::File { len, source } = self.nodes[n].kind {
            files.push(Extent { offset: block * BLOCK, len, source });
        }
        block.checked_add(place.size.div_ceil(BLOCK)).filter(|&b| b <= u64::from(u32::MAX)).ok_or(WriteError::TooLarge)
    }

    fn emit(&self, n: usize, ino: u32, xattr: &[u8], places: &[Place], meta: &mut [u8]) -> Result<(), WriteError> {
        let (node, place) = (&self.nodes[n], places[n]);
        let union = match node.kind {
            Kind::CharDevice(dev) | Kind::BlockDevice(dev) => dev,
            _ => place.block,
        };
        let fields = InodeFields {
            layout: if place.inline { FLAT_INLINE } else { FLAT_PLAIN },
            kind: &node.kind,
            meta: &node.meta,
            size: place.size,
            union,
            ino,
            nlink: node.nlink,
            xattr_len: xattr.len(),
        };
        let at = usize::try_from(place.offset).map_err(|_| WriteError::TooLarge)?;
        meta[at..at + EXTENDED_SIZE].copy_from_slice(&encode::inode(&fields));
        let mut tail = at + EXTENDED_SIZE;
        meta[tail..tail + xattr.len()].copy_from_slice(xattr);
        tail += xattr.len();
        let data = match &node.kind {
            Kind::Directory => {
                let entry = |(name, child): (_, usize)| (name, places[child].offset / SLOT, encode::file_type(&self.nodes[child].kind));
                &encode::dir(self.names(n).into_iter().map(entry))
            }
            Kind::Symlink(target) => target,
            _ => return Ok(()),
        };
        let start = if place.inline { tail } else { place.block as usize * BLOCK_SIZE };
        meta[start..start + data.len()].copy_from_slice(data);
        Ok(())
    }
}
