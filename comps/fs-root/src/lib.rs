//! The root file system. The image (EROFS, or a cpio archive) stays where the machine has it and is never copied; what the program changes
//! lives in memory over it, by the machinery of `fs-ram`. Mounting costs the same for every size of EROFS image; an archive is indexed once.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod archive;
mod image;

use alloc::boxed::Box;
use alloc::sync::Arc;

use abi::{Errno, Result};
use hal::mem::mmio::RoRegion;
use kernel::vfs::{Attr, FileType, Inode};

/// Offset and bytes of EROFS' magic number.
const EROFS_MAGIC: (usize, &[u8]) = (1024, &[0xe2, 0xe1, 0xf5, 0xe0]);

/// The root directory of the image in `region`, whose first bytes tell its kind. EINVAL for neither kind, EUCLEAN for a damaged one.
pub fn mount(region: RoRegion) -> Result<Arc<Inode>> {
    let bytes = region.bytes();
    if bytes.get(EROFS_MAGIC.0..).is_some_and(|b| b.starts_with(EROFS_MAGIC.1)) {
        return fs_ram::with_lower("erofs", Box::new(image::ErofsTree::new(region)?));
    }
    if cpio::is_archive(bytes) {
        return fs_ram::with_lower("rootfs", Box::new(archive::Archive::index(region)?));
    }
    Err(Errno::EINVAL)
}

/// An empty root directory, for machines without an image.
pub fn empty() -> Result<Arc<Inode>> {
    fs_ram::populate("rootfs", Attr::new(FileType::Directory, 0o755))
}
