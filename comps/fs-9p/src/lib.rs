//! Directories of the host as a file system (mount(8) `-t 9p`): a client of the protocol 9P2000.L over virtio.
//!
//! The host may change files at any time. Names are asked about each time a walk ends at one; attributes are asked for by stat(2) and open(2), and when the size or
//! the time of a file differs from what it was, its pages are forgotten. Between an open and its close pages stay as they were read. What the program writes
//! reaches the host before write(2) returns; stores to a shared mapping at msync(2), fsync(2), close(2), munmap(2) and the end of the machine. That is more than
//! Linux's `cache=mmap` promises, and less than `cache=none` where a file that is open changes under the program.
//!
//! Nothing that the host sends is trusted: every length and type is looked at, and a reply that is not sound is EIO.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod attr;
mod boot;
mod client;
mod data;
mod known;
mod message;
mod mount;
mod node;
mod ops;
#[cfg(test)]
mod tests;
mod xattrs;

pub use boot::root;
pub use mount::{register, sync_all};
