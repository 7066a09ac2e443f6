//! Which pipe a FIFO's inode stands for: all opens of one inode meet in one pipe, which lives as long as an end is open.

use alloc::collections::BTreeMap;
use alloc::sync::{Arc, Weak};

use abi::Result;

use crate::fd::pipe::{Pipe, open_end};
use crate::sync::SpinLock;
use crate::vfs::file::{FileOps, OpenFlags};

static FIFOS: SpinLock<BTreeMap<(u64, u64), Weak<Pipe>>> = SpinLock::new(BTreeMap::new());

/// Opens the FIFO with device number `dev` and inode number `ino`. Blocks for the other side as fifo(7) says; ENXIO, ERESTARTSYS.
pub fn open(dev: u64, ino: u64, flags: OpenFlags) -> Result<Arc<dyn FileOps>> {
    let fresh = Pipe::new();
    let pipe = {
        let mut fifos = FIFOS.lock();
        fifos.retain(|_, pipe| pipe.strong_count() > 0);
        match fifos.get(&(dev, ino)).and_then(Weak::upgrade) {
            Some(pipe) => pipe,
            None => {
                fifos.insert((dev, ino), Arc::downgrade(&fresh));
                fresh
            }
        }
    };
    Ok(Arc::new(open_end(&pipe, flags)?))
}
