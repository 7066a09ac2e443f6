//! virtio (OASIS Virtual I/O Device 1.2): transports, split virtqueues, the console device that carries stdio, the channel of 9p file systems, the disk, and
//! the entropy device.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

#[cfg(feature = "blk")]
pub mod blk;
pub mod console;
mod mmio;
#[cfg(feature = "ninep")]
pub mod ninep;
#[cfg(feature = "pci")]
mod pci;
mod queue;
#[cfg(any(feature = "blk", feature = "ninep"))]
mod requests;
#[cfg(feature = "rng")]
pub mod rng;
#[cfg(all(test, feature = "blk", feature = "rng"))]
mod tests;
mod transport;

pub use mmio::set_present as set_mmio_present;
pub use queue::Queue;
pub use transport::{Transport, find};
