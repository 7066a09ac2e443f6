//! The root file system. The image (EROFS, or a cpio archive) stays where the machine has it and is never copied (an EROFS image may also be on a disk, and then
//! pages are read as they are needed); what the program changes
//! lives in memory over it, by the machinery of `fs-ram`. Mounting costs the same for every size of EROFS image; an archive is indexed once.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

#[cfg(feature = "cpio")]
mod archive;
#[cfg(feature = "disk")]
mod disk;
#[cfg(feature = "erofs")]
mod image;

#[cfg(any(feature = "erofs", feature = "cpio"))]
use alloc::boxed::Box;
use alloc::sync::Arc;

use abi::{Errno, Result};
use hal::mem::mmio::RoRegion;
#[cfg(any(feature = "erofs", feature = "cpio"))]
use hal::mem::{Frame, PAGE_SIZE};
use kernel::vfs::{Attr, FileType, Inode};

/// Offset and bytes of EROFS' magic number.
const EROFS_MAGIC: (usize, &[u8]) = (1024, &[0xe2, 0xe1, 0xf5, 0xe0]);

/// How archives of cpio (newc) begin, without and with checksums.
const CPIO_MAGIC: [&[u8]; 2] = [b"070701", b"070702"];

/// The root directory of the image in `region`, whose first bytes tell its kind. EINVAL for neither kind, EOPNOTSUPP for one that is left out of this kernel,
/// EUCLEAN for a damaged one.
pub fn mount(region: RoRegion) -> Result<Arc<Inode>> {
    let bytes = region.bytes();
    if bytes.get(EROFS_MAGIC.0..).is_some_and(|b| b.starts_with(EROFS_MAGIC.1)) {
        #[cfg(feature = "erofs")]
        return fs_ram::with_lower("erofs", Box::new(image::ErofsTree::new(image::InMemory(region))?));
        #[cfg(not(feature = "erofs"))]
        return Err(Errno::EOPNOTSUPP);
    }
    if CPIO_MAGIC.iter().any(|magic| bytes.starts_with(magic)) {
        #[cfg(feature = "cpio")]
        return fs_ram::with_lower("rootfs", Box::new(archive::Archive::index(region)?));
        #[cfg(not(feature = "cpio"))]
        return Err(Errno::EOPNOTSUPP);
    }
    Err(Errno::EINVAL)
}

/// The root directory of the EROFS image on a disk, of which nothing is read but what is asked for. EINVAL for anything else, EUCLEAN for a damaged or cut
/// image, EIO for a disk that cannot be read.
#[cfg(feature = "disk")]
pub fn mount_disk(disk: &'static dyn kernel::vfs::disk::Disk) -> Result<Arc<Inode>> {
    let place = disk::OnDisk::new(disk);
    let (at, magic) = EROFS_MAGIC;
    match erofs::Source::piece(&place, at as u64, magic.len() as u64) {
        Ok(bytes) if bytes == magic => fs_ram::with_lower("erofs", Box::new(image::ErofsTree::new(place)?)),
        Ok(_) | Err(erofs::Fault::Outside) => Err(Errno::EINVAL),
        Err(erofs::Fault::Unreadable) => Err(Errno::EIO),
    }
}

/// An empty root directory, for machines without an image.
pub fn empty() -> Result<Arc<Inode>> {
    fs_ram::populate("rootfs", Attr::new(FileType::Directory, 0o755))
}

/// The frame's bytes: `data`, then zeros.
#[cfg(any(feature = "erofs", feature = "cpio"))]
fn fill(frame: &Frame, data: &[u8]) {
    frame.write(0, data);
    frame.clear(data.len(), PAGE_SIZE - data.len());
}
