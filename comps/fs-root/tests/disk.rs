//! All that holds of an image in memory, of one on a disk.
#![cfg(feature = "disk")]

#[path = "vfs.rs"]
mod vfs;
