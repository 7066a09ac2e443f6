//! /dev. Device nodes are found when they are looked up and never made before; devpts is the directory of pseudo-terminals.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

#[cfg(feature = "disk")]
mod disk;
mod mem;
mod names;
#[cfg(feature = "pty")]
mod pts;
mod terminals;

use kernel::vfs::{dev, superblock};

pub use mem::null;
pub use terminals::set_console;

/// Registers the drivers and the file systems.
pub fn init() {
    dev::register_char(mem::MAJOR, 0, 16, &mem::Memory);
    dev::register_char(terminals::TTY_MAJOR, 0, 256, &terminals::Terminals);
    dev::register_char(terminals::TTY_AUX_MAJOR, 0, 3, &terminals::Terminals);
    #[cfg(feature = "disk")]
    dev::register_block(disk::MAJOR, 0, 1, &disk::Driver);
    superblock::register(&names::DevFs);
    #[cfg(feature = "pty")]
    {
        dev::register_char(pts::MAJOR, 0, 4096, &pts::Slaves);
        superblock::register(&pts::DevPts);
    }
}
