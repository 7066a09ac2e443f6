//! FIFOs: all opens of one inode meet in one pipe, which lives as long as an end is open.

use alloc::sync::{Arc, Weak};

use abi::{Errno, Result};

use crate::fd::pipe::{Pipe, open_end};
use crate::sync::SpinLock;
use crate::vfs::dev::Device;
use crate::vfs::file::{FileOps, OpenFlags};
use crate::vfs::inode::Inode;

/// What the inode keeps: its pipe, while an end is open.
struct Fifo(SpinLock<Weak<Pipe>>);

/// Opens FIFOs for the file system ([`crate::vfs::dev::set_fifo`]).
pub struct Opener;

impl Device for Opener {
    /// Blocks for the other side as fifo(7) says; ENXIO, ERESTARTSYS.
    fn open(&self, inode: &Arc<Inode>, flags: OpenFlags) -> Result<Arc<dyn FileOps>> {
        let kept = inode.attached.lock().get_or_insert_with(|| Arc::new(Fifo(SpinLock::new(Weak::new())))).clone();
        let fifo = kept.downcast_ref::<Fifo>().ok_or(Errno::ENXIO)?;
        let fresh = Pipe::new();
        let pipe = {
            let mut known = fifo.0.lock();
            known.upgrade().unwrap_or_else(|| {
                *known = Arc::downgrade(&fresh);
                fresh
            })
        };
        Ok(Arc::new(open_end(&pipe, flags)?))
    }
}
