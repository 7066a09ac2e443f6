//! EROFS as the tree below: nothing is built or remembered here, every question goes to the image, which is in memory or on a disk.

use alloc::borrow::Cow;
use alloc::sync::Arc;

use abi::fs::{Statfs, magic};
use abi::{Errno, Result};
use erofs::{Fault, Image, Nid, Source};
use fs_ram::{Lower, LowerEntry, LowerId, VisitXattr};
use hal::mem::mmio::RoRegion;
use hal::mem::{Frame, PAGE_SIZE};
use kernel::mm::{Backing, BackingPage};
use kernel::vfs::{Attr, Dev, FileType, Times, Timestamp};

use crate::fill;

const PAGE: u64 = PAGE_SIZE as u64;

/// Where an image is, and how the kernel has what it finds there.
pub trait Place: Source + Clone + Send + Sync + 'static {
    /// The contents of a file that lie from `start` (a multiple of the page size) on, one page after the other.
    fn file(&self, start: u64, len: u64) -> Option<Arc<dyn Backing>>;

    /// Bytes that stay.
    fn text(bytes: Self::Bytes) -> Cow<'static, [u8]>;
}

/// The image.
pub struct ErofsTree<P> {
    image: Image<P>,
}

/// A malformed part of the image.
fn damaged(error: erofs::Error) -> Errno {
    match error {
        erofs::Error::NotDirectory(_) => Errno::ENOTDIR,
        erofs::Error::NotSymlink(_) => Errno::EINVAL,
        erofs::Error::Unreadable => Errno::EIO,
        _ => Errno::EUCLEAN,
    }
}

impl<P: Place> ErofsTree<P> {
    /// Checks the superblock.
    pub fn new(place: P) -> Result<ErofsTree<P>> {
        Ok(ErofsTree { image: Image::new(place).map_err(damaged)? })
    }

    fn inode(&self, id: LowerId) -> Result<erofs::Inode> {
        self.image.inode(Nid(id)).map_err(damaged)
    }
}

fn kind_of(kind: erofs::FileType) -> Option<FileType> {
    Some(match kind {
        erofs::FileType::Unknown => return None,
        erofs::FileType::Regular => FileType::Regular,
        erofs::FileType::Directory => FileType::Directory,
        erofs::FileType::CharDevice => FileType::Char,
        erofs::FileType::BlockDevice => FileType::Block,
        erofs::FileType::Fifo => FileType::Fifo,
        erofs::FileType::Socket => FileType::Socket,
        erofs::FileType::Symlink => FileType::Symlink,
    })
}

impl<P: Place> Lower for ErofsTree<P> {
    fn root(&self) -> LowerId {
        self.image.root().0
    }

    fn attr(&self, id: LowerId) -> Result<(Attr, u64)> {
        let inode = self.inode(id)?;
        let kind = kind_of(inode.file_type()).ok_or(Errno::EUCLEAN)?;
        let t = Timestamp { sec: inode.mtime.0, nsec: inode.mtime.1 };
        // A directory's size says nothing of its names, but programs know it as whole blocks.
        let size = if kind == FileType::Directory { inode.size.max(1).checked_next_multiple_of(PAGE) } else { Some(inode.size) };
        let attr = Attr {
            kind,
            perm: u32::from(inode.mode) & 0o7777,
            uid: inode.uid,
            gid: inode.gid,
            nlink: inode.nlink.max(1),
            size: size.filter(|size| i64::try_from(*size).is_ok()).ok_or(Errno::EUCLEAN)?,
            rdev: Dev::decode(inode.rdev),
            times: Times::all(t),
        };
        Ok((attr, inode.ino))
    }

    fn lookup(&self, dir: LowerId, name: &[u8]) -> Result<Option<LowerId>> {
        let dir = self.inode(dir)?;
        let found = self.image.lookup(&dir, name).map_err(damaged)?;
        Ok(found.map(|(nid, _)| nid.0))
    }

    fn read_dir(&self, dir: LowerId, cookie: u64, emit: &mut dyn FnMut(LowerEntry<'_>) -> bool) -> Result<()> {
        let dir = self.inode(dir)?;
        let each = &mut |e: erofs::DirEntry<'_>| emit(LowerEntry { name: e.name, id: e.nid.0, kind: kind_of(e.file_type), next: e.next });
        self.image.readdir(&dir, cookie, each).map(drop).map_err(damaged)
    }

    fn link(&self, id: LowerId) -> Result<Cow<'_, [u8]>> {
        self.image.readlink(&self.inode(id)?).map(P::text).map_err(damaged)
    }

    fn backing(&self, id: LowerId) -> Result<Arc<dyn Backing>> {
        let inode = self.inode(id)?;
        match self.image.data(&inode) {
            Ok(data) if data.offset.is_multiple_of(PAGE) => self.image.source().file(data.offset, data.len).ok_or(Errno::EUCLEAN),
            Ok(_) | Err(erofs::Error::NotContiguous(_)) => Ok(Arc::new(Blocks { image: self.image.clone(), inode })),
            Err(e) => Err(damaged(e)),
        }
    }

    fn xattrs(&self, id: LowerId, visit: &mut VisitXattr<'_>) -> Result<()> {
        let inode = self.inode(id)?;
        if !inode.has_xattrs() {
            return Ok(());
        }
        self.image.xattrs(&inode, &mut |attr| visit(attr.prefix.as_bytes(), attr.name, attr.value)).map_err(damaged)
    }

    fn statfs(&self) -> Statfs {
        let blocks = self.image.size() / PAGE;
        // Read-only below, written in memory above: on Linux that is overlayfs, and programs that look take it for writable.
        Statfs { f_type: magic::OVERLAYFS, f_blocks: blocks, f_files: self.image.inodes(), ..Statfs::default() }
    }
}

/// An image in memory, used where it is.
#[derive(Clone, Copy)]
pub struct InMemory(pub RoRegion);

impl Source for InMemory {
    type Bytes = &'static [u8];

    #[inline]
    fn size(&self) -> u64 {
        self.0.bytes().size()
    }

    #[inline]
    fn piece(&self, offset: u64, len: u64) -> core::result::Result<&'static [u8], Fault> {
        self.0.bytes().piece(offset, len)
    }
}

impl Place for InMemory {
    fn file(&self, start: u64, len: u64) -> Option<Arc<dyn Backing>> {
        let (start, pages) = (usize::try_from(start).ok()?, usize::try_from(len.div_ceil(PAGE)).ok()?);
        Some(Arc::new(InPlace { region: self.0, start, pages }))
    }

    fn text(bytes: &'static [u8]) -> Cow<'static, [u8]> {
        Cow::Borrowed(bytes)
    }
}

/// A file whose pages lie in the image one after the other, aligned: they are used where they are.
struct InPlace {
    region: RoRegion,
    start: usize,
    pages: usize,
}

impl Backing for InPlace {
    #[inline]
    fn lookup(&self, index: u64) -> BackingPage {
        let Some(index) = usize::try_from(index).ok().filter(|i| *i < self.pages) else { return BackingPage::Hole };
        // `data()` has checked the range; only the last page may stick out of the region, when the image was cut short.
        match self.region.page(self.start + index * PAGE_SIZE) {
            Some(page) => BackingPage::InPlace(page),
            None => BackingPage::NeedsRead,
        }
    }

    fn read(&self, index: u64, frame: &Frame) -> Result<()> {
        let start = usize::try_from(index).ok().and_then(|i| i.checked_mul(PAGE_SIZE)?.checked_add(self.start)).ok_or(Errno::EIO)?;
        let rest = self.region.bytes().get(start..).ok_or(Errno::EIO)?;
        fill(frame, &rest[..rest.len().min(PAGE_SIZE)]);
        Ok(())
    }
}

/// A file that shares a block with metadata (mkfs.erofs' inline tails): its pages are copied.
struct Blocks<P> {
    image: Image<P>,
    inode: erofs::Inode,
}

impl<P: Place> Backing for Blocks<P> {
    fn lookup(&self, index: u64) -> BackingPage {
        if index < self.inode.size.div_ceil(PAGE) { BackingPage::NeedsRead } else { BackingPage::Hole }
    }

    fn read(&self, index: u64, frame: &Frame) -> Result<()> {
        fill(frame, &self.image.block(&self.inode, index).map_err(|_| Errno::EIO)?);
        Ok(())
    }
}
