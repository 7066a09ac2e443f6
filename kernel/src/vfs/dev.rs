//! Device numbers and who answers for them; FIFOs too, whose pipes live in a later module.

use alloc::sync::Arc;
use alloc::vec::Vec;

use abi::{Errno, Result};

use super::file::{FileOps, OpenFlags};
use super::inode::Inode;
use super::types::FileType;
use crate::sync::{Once, RwLock};

/// Opens the files of a driver.
pub trait Device: Sync {
    /// The behaviour of an open file on the device that `inode.rdev` names; ENXIO for a minor that is not there.
    fn open(&self, inode: &Arc<Inode>, flags: OpenFlags) -> Result<Arc<dyn FileOps>>;
}

struct Range {
    kind: FileType,
    major: u32,
    first: u32,
    count: u32,
    device: &'static dyn Device,
}

static DEVICES: RwLock<Vec<Range>> = RwLock::new(Vec::new());

/// Registers a character driver for `count` minors of `major` from `first` on.
pub fn register_char(major: u32, first: u32, count: u32, device: &'static dyn Device) {
    DEVICES.write().push(Range { kind: FileType::Char, major, first, count, device });
}

/// Registers a block driver.
pub fn register_block(major: u32, first: u32, count: u32, device: &'static dyn Device) {
    DEVICES.write().push(Range { kind: FileType::Block, major, first, count, device });
}

/// Opens the device behind a special file; ENXIO when nobody answers for its number.
pub fn open_device(inode: &Arc<Inode>, flags: OpenFlags) -> Result<Arc<dyn FileOps>> {
    let dev = inode.rdev;
    let matches = |r: &Range| r.kind == inode.kind && r.major == dev.major && dev.minor.checked_sub(r.first).is_some_and(|n| n < r.count);
    let device = DEVICES.read().iter().find(|r| matches(r)).map(|r| r.device);
    device.ok_or(Errno::ENXIO)?.open(inode, flags)
}

static FIFO: Once<&'static dyn Device> = Once::new();

/// Registers who opens FIFOs; the pipe is kept in `inode.attached`.
pub fn set_fifo(opener: &'static dyn Device) {
    let _ = FIFO.set(opener);
}

/// Opens a FIFO (may wait for the other side).
pub fn open_fifo(inode: &Arc<Inode>, flags: OpenFlags) -> Result<Arc<dyn FileOps>> {
    FIFO.get().ok_or(Errno::ENXIO)?.open(inode, flags)
}
