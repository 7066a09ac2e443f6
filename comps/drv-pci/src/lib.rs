//! PCI (PCI Local Bus Specification 3.0, PCI Express Base): enough to find the devices a virtual machine has on bus 0, to place their BARs where the firmware
//! did not (qboot on microvm does not) and to walk their capabilities.
#![no_std]
#![forbid(unsafe_code)]

mod config;
mod device;
pub mod ivshmem;
mod msix;

pub use config::{Access, init};
pub use device::{Bar, Device, find};
pub use msix::enable_msix;
