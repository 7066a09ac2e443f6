//! Types of earlier rooms that a process holds.

pub use crate::mm::AddressSpace;
