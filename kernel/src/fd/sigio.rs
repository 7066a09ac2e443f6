//! O_ASYNC: signals about readiness (fcntl(2), "Managing signals"). Few files have it, so what is known of them is beside, not in, the files.

use alloc::sync::Arc;
use core::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, Ordering};

use ordmap::OrdMap;

use crate::fd::hooks;
use crate::poll::{PollEvents, Watcher};
use crate::sync::SpinLock;
use crate::vfs::file::File;

/// Who is told, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Owner {
    /// Process, or negated process group; 0 for nobody.
    pub pid: i32,
    /// F_OWNER_*, as it was set.
    pub kind: i32,
    /// Signal instead of SIGIO, 0 for SIGIO.
    pub signal: u32,
}

struct Notifier {
    file: usize,
    fd: AtomicI32,
    pid: AtomicI32,
    kind: AtomicI32,
    signal: AtomicU32,
    on: AtomicBool,
}

static NOTIFIERS: SpinLock<OrdMap<usize, Arc<Notifier>>> = SpinLock::new(OrdMap::new());

impl Watcher for Notifier {
    fn notify(&self, events: PollEvents) -> bool {
        let pid = self.pid.load(Ordering::Relaxed);
        if self.on.load(Ordering::Relaxed)
            && pid != 0
            && let Some(signals) = hooks::signals()
        {
            let signal = self.signal.load(Ordering::Relaxed).cast_signed();
            signals.io(pid, signal, self.fd.load(Ordering::Relaxed), events.bits());
        }
        false
    }

    fn file_closed(&self) {
        let gone = NOTIFIERS.lock().remove(&self.file);
        drop(gone);
    }
}

fn notifier(fd: i32, file: &File) -> Arc<Notifier> {
    let fresh = Arc::new(Notifier {
        file: file.id(),
        fd: AtomicI32::new(fd),
        pid: AtomicI32::new(0),
        kind: AtomicI32::new(0),
        signal: AtomicU32::new(0),
        on: AtomicBool::new(false),
    });
    let (known, new) = {
        let mut notifiers = NOTIFIERS.lock();
        match notifiers.get(&file.id()) {
            Some(known) => (known.clone(), false),
            None => {
                notifiers.insert(file.id(), fresh.clone());
                (fresh, true)
            }
        }
    };
    if new {
        file.links.add(known.clone());
        if let Some(head) = file.ops.poll_head() {
            head.add(known.clone(), false);
        }
    }
    known
}

/// The owner of `file` (F_GETOWN, F_GETSIG).
pub fn get(file: &File) -> Owner {
    NOTIFIERS.lock().get(&file.id()).map_or(Owner::default(), |known| Owner {
        pid: known.pid.load(Ordering::Relaxed),
        kind: known.kind.load(Ordering::Relaxed),
        signal: known.signal.load(Ordering::Relaxed),
    })
}

/// Sets the owner (F_SETOWN, F_SETSIG).
pub fn set(fd: i32, file: &File, owner: Owner) {
    let known = notifier(fd, file);
    known.fd.store(fd, Ordering::Relaxed);
    known.pid.store(owner.pid, Ordering::Relaxed);
    known.kind.store(owner.kind, Ordering::Relaxed);
    known.signal.store(owner.signal, Ordering::Relaxed);
}

/// O_ASYNC was set or cleared.
pub fn switch(fd: i32, file: &File, on: bool) {
    if on || NOTIFIERS.lock().contains_key(&file.id()) {
        notifier(fd, file).on.store(on, Ordering::Relaxed);
    }
}
