//! Files that live in memory. On their own they are tmpfs; over a read-only [`Lower`] tree they are the writable root file system: one inode per
//! file whose pages and entries fall through to the tree below until they are changed, so that a file keeps its identity when it is written.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod dir;
mod fs;
mod lower;
mod node;
mod tmpfs;
mod xattrs;

pub use fs::{Ram, with_lower};
pub use lower::{Lower, LowerEntry, LowerId, VisitXattr};
pub use tmpfs::{Tmpfs, populate};

/// Makes `tmpfs` (and `ramfs`, the same without a limit) known to mount(2).
pub fn register() {
    kernel::vfs::superblock::register(&tmpfs::TMPFS);
    kernel::vfs::superblock::register(&tmpfs::RAMFS);
}
