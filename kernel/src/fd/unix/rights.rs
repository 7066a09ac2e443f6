//! Descriptors on their way (SCM_RIGHTS).
//!
//! A socket may carry itself, or one that carries it, and a long chain of sockets in sockets is freed by one close. So the number in flight is bounded
//! (what such a ring can lose), and files are let go one after the other, never by recursion.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use abi::{Errno, Result};

use crate::sync::SpinLock;
use crate::vfs::file::File;

/// Most descriptors in flight in the whole machine.
const MAX_IN_FLIGHT: usize = 4096;

static IN_FLIGHT: AtomicUsize = AtomicUsize::new(0);
static LEAVING: SpinLock<Vec<Arc<File>>> = SpinLock::new(Vec::new());
static DRAINING: AtomicBool = AtomicBool::new(false);

/// Open files in a message.
#[derive(Default)]
pub struct Rights {
    files: Vec<Arc<File>>,
}

impl Rights {
    /// Sends `files` on their way; ETOOMANYREFS.
    pub fn new(files: Vec<Arc<File>>) -> Result<Rights> {
        let before = IN_FLIGHT.fetch_add(files.len(), Ordering::Relaxed);
        let rights = Rights { files };
        if !rights.files.is_empty() && before + rights.files.len() > MAX_IN_FLIGHT { Err(Errno::ETOOMANYREFS) } else { Ok(rights) }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Takes them out.
    pub fn take(&mut self) -> Vec<Arc<File>> {
        IN_FLIGHT.fetch_sub(self.files.len(), Ordering::Relaxed);
        core::mem::take(&mut self.files)
    }

    /// References to them, for MSG_PEEK.
    pub fn copies(&self) -> Vec<Arc<File>> {
        self.files.clone()
    }
}

impl Drop for Rights {
    fn drop(&mut self) {
        if self.files.is_empty() {
            return;
        }
        LEAVING.lock().append(&mut self.take());
        loop {
            // Whoever drains already, perhaps further up our own stack, takes ours too.
            if DRAINING.swap(true, Ordering::Acquire) {
                return;
            }
            while let Some(file) = pop() {
                drop(file);
            }
            DRAINING.store(false, Ordering::Release);
            if LEAVING.lock().is_empty() {
                return;
            }
        }
    }
}

fn pop() -> Option<Arc<File>> {
    LEAVING.lock().pop()
}
