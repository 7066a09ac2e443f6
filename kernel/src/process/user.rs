//! The application's side of a thread: what it shares with others, its identity, its signals.

use alloc::sync::Arc;
use core::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, AtomicU64, AtomicUsize, Ordering};

use hal::task::Part;

use super::process::Process;
use super::slot::Slot;
use crate::cred::Cred;
use crate::fd::FdTable;
use crate::mm::AddressSpace;
use crate::sched::{self, Thread, UserPart};
use crate::signal::{Info, ThreadSignals};
use crate::sync::SpinLock;
use crate::vfs::context::FsContext;

/// What a thread of an application is besides a [`Thread`].
pub struct UserThread {
    /// The process (thread group).
    pub process: Arc<Process>,
    pub(super) tid: AtomicI32,
    files: Slot<FdTable>,
    fs: Slot<FsContext>,
    mm: Slot<AddressSpace>,
    cred: Slot<Cred>,
    /// Mask, pending signals, alternate stack.
    pub signals: ThreadSignals,
    name: SpinLock<[u8; 16]>,
    /// CLONE_CHILD_CLEARTID: cleared and woken at the end, 0 for none.
    pub clear_child_tid: AtomicUsize,
    /// set_robust_list(2), 0 for none.
    pub robust_list: AtomicUsize,
    /// rseq(2): address (0: not registered) and signature.
    pub rseq: AtomicUsize,
    /// See `rseq`.
    pub rseq_signature: AtomicU32,
    /// PR_SET_NO_NEW_PRIVS.
    pub no_new_privs: AtomicBool,
    /// PR_SET_KEEPCAPS.
    pub keep_caps: AtomicBool,
    /// PR_SET_TIMERSLACK, nanoseconds.
    pub timer_slack: AtomicU64,
    /// PR_SET_PDEATHSIG.
    pub parent_death_signal: AtomicU32,
    /// Capability bounding set and ambient set.
    pub cap_bounding: AtomicU64,
    /// See `cap_bounding`.
    pub cap_ambient: AtomicU64,
    /// prctl securebits.
    pub securebits: AtomicU32,
    /// Address, trap number and error code of the last fault, for signal frames.
    pub fault: SpinLock<(u64, u64, u64)>,
    /// SCHED_RESET_ON_FORK.
    pub reset_on_fork: AtomicBool,
    /// Minor and major page faults.
    pub faults: [AtomicU64; 2],
}

/// What a new thread gets from its maker.
pub struct Shared {
    /// Descriptors.
    pub files: Arc<FdTable>,
    /// Places in the file system.
    pub fs: Arc<FsContext>,
    /// Memory.
    pub mm: Arc<AddressSpace>,
    /// Identity.
    pub cred: Arc<Cred>,
    /// Blocked signals.
    pub blocked: u64,
    /// Name, NUL padded.
    pub name: [u8; 16],
}

impl UserThread {
    /// A thread of `process` with number `tid`.
    pub fn new(process: Arc<Process>, tid: i32, shared: Shared) -> UserThread {
        UserThread {
            process,
            tid: AtomicI32::new(tid),
            files: Slot::new(shared.files),
            fs: Slot::new(shared.fs),
            mm: Slot::new(shared.mm),
            cred: Slot::new(shared.cred),
            signals: ThreadSignals::new(shared.blocked),
            name: SpinLock::new(shared.name),
            clear_child_tid: AtomicUsize::new(0),
            robust_list: AtomicUsize::new(0),
            rseq: AtomicUsize::new(0),
            rseq_signature: AtomicU32::new(0),
            no_new_privs: AtomicBool::new(false),
            keep_caps: AtomicBool::new(false),
            timer_slack: AtomicU64::new(50_000),
            parent_death_signal: AtomicU32::new(0),
            cap_bounding: AtomicU64::new(crate::cred::cap::ALL),
            cap_ambient: AtomicU64::new(0),
            securebits: AtomicU32::new(0),
            fault: SpinLock::new((0, 0, 0)),
            reset_on_fork: AtomicBool::new(false),
            faults: [AtomicU64::new(0), AtomicU64::new(0)],
        }
    }

    /// Thread id (gettid).
    #[inline]
    pub fn tid(&self) -> i32 {
        self.tid.load(Ordering::Relaxed)
    }

    /// Process id (getpid).
    #[inline]
    pub fn pid(&self) -> i32 {
        self.process.pid
    }

    /// The descriptor table. Of the caller's own thread, which has not ended.
    #[inline]
    pub fn files(&self) -> Arc<FdTable> {
        self.files.get().expect("a running thread has descriptors")
    }

    /// Places in the file system, as `files`.
    #[inline]
    pub fn fs(&self) -> Arc<FsContext> {
        self.fs.get().expect("a running thread has a directory")
    }

    /// The address space, as `files`.
    #[inline]
    pub fn mm(&self) -> Arc<AddressSpace> {
        self.mm.get().expect("a running thread has memory")
    }

    /// Identity, as `files`.
    #[inline]
    pub fn cred(&self) -> Arc<Cred> {
        self.cred.get().expect("a running thread has an identity")
    }

    /// The slots, for threads other than the caller's own (/proc) and for exec, unshare and exit.
    pub fn files_slot(&self) -> &Slot<FdTable> {
        &self.files
    }
    /// See [`UserThread::files_slot`].
    pub fn fs_slot(&self) -> &Slot<FsContext> {
        &self.fs
    }
    /// See [`UserThread::files_slot`].
    pub fn mm_slot(&self) -> &Slot<AddressSpace> {
        &self.mm
    }
    /// See [`UserThread::files_slot`].
    pub fn cred_slot(&self) -> &Slot<Cred> {
        &self.cred
    }

    /// Changes identity (setuid and so on).
    pub fn set_cred(&self, cred: Cred) {
        drop(self.cred.replace(Arc::new(cred)));
    }

    /// The name (comm), NUL padded.
    pub fn name(&self) -> [u8; 16] {
        *self.name.lock()
    }

    /// Sets the name: at most 15 bytes, cut at a NUL.
    pub fn set_name(&self, name: &[u8]) {
        *self.name.lock() = name_bytes(name);
    }
}

/// A thread name, cut and NUL padded.
pub fn name_bytes(name: &[u8]) -> [u8; 16] {
    let mut bytes = [0; 16];
    let len = name.iter().position(|b| *b == 0).unwrap_or(name.len()).min(15);
    bytes[..len].copy_from_slice(&name[..len]);
    bytes
}

impl UserPart for UserThread {
    fn raise(&self, thread: &Thread, signal: u32) {
        let uid = self.cred_slot().get().map_or(0, |cred| cred.uid);
        let _ = super::signals::send_to_thread(thread, Info::from_user(signal, abi::signal::code::USER, self.pid(), uid));
    }
}

/// The running thread's application part. Panics in kernel threads: only for code that runs for an application.
#[inline]
pub fn current() -> Part<UserThread> {
    try_current().expect("an application's thread")
}

/// As [`current`]; `None` in kernel threads.
#[inline(always)] // so that `current` is one function also where size counts
pub fn try_current() -> Option<Part<UserThread>> {
    sched::current().part(Thread::user::<UserThread>)
}
