//! virtio (OASIS Virtual I/O Device 1.2): transports, split virtqueues, the console device that carries stdio, and the channel of 9p file systems.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod console;
mod mmio;
#[cfg(feature = "ninep")]
pub mod ninep;
#[cfg(feature = "pci")]
mod pci;
mod queue;
mod transport;

pub use mmio::set_present as set_mmio_present;
pub use queue::Queue;
pub use transport::{Transport, find};
