//! EROFS, uncompressed: the format of the root image.
//!
//! The reader works on a byte slice (the image mapped in memory) or on another [`Source`], allocates nothing and trusts nothing: every offset,
//! count and length found in the image is checked, and a bad one is an [`Error`], never a panic. The writer (feature `write`, alloc only) lays out a tree
//! so that file contents are page-aligned and contiguous, which lets the kernel map them in place.
//!
//! Format: Linux `fs/erofs/erofs_fs.h` and <https://erofs.docs.kernel.org/en/latest/core_ondisk.html>.
#![no_std]
#![forbid(unsafe_code)]

#[cfg(feature = "write")]
extern crate alloc;

mod dir;
mod error;
mod image;
mod inode;
mod ondisk;
mod source;
#[cfg(feature = "write")]
pub mod write;
mod xattr;

pub use dir::{DirEntry, FileType};
pub use error::Error;
pub use image::{Data, Image};
pub use inode::{Inode, Nid};
pub use ondisk::BLOCK_SIZE;
pub use source::{Fault, Source};
pub use xattr::Xattr;
