//! Virtual memory: what is mapped where, page faults, and the pages of files.
//!
//! [`PageCache`] holds the pages of one file (or of a shared anonymous mapping) and knows who maps them. [`AddressSpace`] holds the mappings of one
//! process. Lock order: an address space's map, then a page cache, then page tables (in hal). No user memory is touched under any of them.

mod cache;
mod cache_edit;
mod cache_io;
mod imap;

pub use cache::{Backing, BackingPage, PageCache, PageQuota};
pub use imap::{MappedIn, Resident};
