//! Virtual memory: what is mapped where, page faults, and the pages of files.
//!
//! [`PageCache`] holds the pages of one file (or of a shared anonymous mapping) and knows who maps them. [`AddressSpace`] holds the mappings of one
//! process. Lock order: an address space's map, then a page cache, then page tables (in hal). No user memory is touched under any of them. Who gives memory up
//! when it is short ([`reclaim`]) only tries them.

mod access;
mod advise;
mod backing;
mod brk;
mod cache;
mod cache_edit;
mod cache_io;
mod fault;
mod fork;
mod imap;
mod layout;
mod lazy;
mod lock;
mod map;
mod protect;
pub mod reclaim;
mod remap;
mod report;
mod shrink;
mod space;
#[cfg(test)]
mod tests;
mod unmap;
mod vma;

pub use backing::{Backing, BackingPage, PageQuota};
pub use cache::{PageCache, readable_pages};
pub use fault::{Access, FaultOutcome, SegvCode};
pub use imap::{MappedIn, Resident};
pub use layout::Layout;
pub use map::{MapRequest, MapTarget};
pub use report::{MapName, Usage, VmaInfo};
pub use space::AddressSpace;
pub use vma::{NamedObject, SpecialPages, VmFlags};
