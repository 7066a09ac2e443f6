//! The process: threads, family, group and session, limits, what its signals do.

use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, AtomicU64, Ordering};

use super::program::Program;
use abi::{Errno, Result};

use super::user::UserThread;
use crate::limits::Limits;
use crate::sched::{Thread, WaitQueue};
use crate::signal::{Actions, Pending};
use crate::sync::{IrqSpinLock, SpinLock};

/// A process (thread group).
pub struct Process {
    /// Process id.
    pub pid: i32,
    /// Resource limits.
    pub limits: Arc<Limits>,
    /// The program it runs.
    pub program: SpinLock<Option<Arc<Program>>>,
    /// What each signal does. Interrupt handlers that send signals look at it.
    pub actions: IrqSpinLock<Arc<Actions>>,
    /// The parent's id, for getppid: 0 without one.
    pub(super) ppid: AtomicI32,
    /// Threads, pending signals, the way out. Taken by interrupt handlers that send signals.
    pub signals: IrqSpinLock<SignalState>,
    pub(super) pgid: AtomicI32,
    pub(super) sid: AtomicI32,
    pub(super) parent: SpinLock<Weak<Process>>,
    /// Children, living and dead.
    pub children: SpinLock<Vec<Arc<Process>>>,
    /// Woken when a child changes state.
    pub child_events: WaitQueue,
    /// Threads stopped by job control wait here.
    pub(super) stopped: WaitQueue,
    /// Signal to the parent at the end, 0 for none.
    pub exit_signal: u32,
    /// Accounting of threads that have ended.
    pub ended: SpinLock<Usage>,
    /// Accounting of children that were waited for.
    pub children_usage: SpinLock<Usage>,
    /// CLOCK_MONOTONIC at the start.
    pub start_time: u64,
    /// PR_SET_DUMPABLE.
    pub dumpable: AtomicU32,
    /// PR_SET_CHILD_SUBREAPER.
    pub subreaper: AtomicBool,
    /// PR_SET_THP_DISABLE.
    pub thp_disable: AtomicBool,
    /// personality(2).
    pub personality: AtomicU32,
    /// OOM score adjustment of /proc.
    pub oom_score_adj: AtomicI32,
    /// Interval and POSIX timers.
    pub timers: super::timers::Timers,
    /// membarrier(2) registrations.
    pub membarrier: AtomicU32,
    /// Pages read and written by the block layer, in 512-byte units (/proc/pid/io, ru_inblock).
    pub io: [AtomicU64; 2],
}

/// What sending a signal has to see at once.
pub struct SignalState {
    /// Signals for the process.
    pub pending: Pending,
    /// Its living threads, the leader first while it lives.
    pub threads: Vec<Arc<Thread>>,
    /// Set once the whole process ends: the wait status.
    pub exiting: Option<i32>,
    /// Stopped by this signal.
    pub stopped_by: Option<u32>,
    /// The wait status of a process without threads.
    pub zombie: Option<i32>,
    /// A stop or continuation that wait has not reported.
    pub report: Option<i32>,
}

/// Sums for getrusage.
#[derive(Debug, Clone, Copy, Default)]
pub struct Usage {
    /// User time, ns.
    pub user: u64,
    /// System time, ns.
    pub system: u64,
    /// Page faults without and with I/O.
    pub faults: [u64; 2],
    /// Context switches.
    pub voluntary: u64,
    /// See `voluntary`.
    pub involuntary: u64,
    /// Greatest resident set, KiB.
    pub max_rss: u64,
}

impl Usage {
    /// Adds another sum.
    pub fn add(&mut self, other: &Usage) {
        self.user += other.user;
        self.system += other.system;
        self.faults[0] += other.faults[0];
        self.faults[1] += other.faults[1];
        self.voluntary += other.voluntary;
        self.involuntary += other.involuntary;
        self.max_rss = self.max_rss.max(other.max_rss);
    }
}

/// What one thread has used.
pub fn thread_usage(thread: &Thread) -> Usage {
    let (user, system) = thread.user_system_time();
    let (voluntary, involuntary) = thread.switches();
    let faults = thread.user::<UserThread>().map_or([0, 0], |user| [0, 1].map(|i| user.faults[i].load(Ordering::Relaxed)));
    Usage { user, system, faults, voluntary, involuntary, max_rss: 0 }
}

impl Process {
    /// A process without threads, not yet in the table.
    pub(super) fn new(
        pid: i32,
        parent: Weak<Process>,
        family: (i32, i32),
        limits: Arc<Limits>,
        actions: Arc<Actions>,
        exit_signal: u32,
    ) -> Arc<Process> {
        Arc::new_cyclic(|me| Process {
            pid,
            limits,
            program: SpinLock::new(None),
            actions: IrqSpinLock::new(actions),
            ppid: AtomicI32::new(parent.upgrade().map_or(0, |parent| parent.pid)),
            signals: IrqSpinLock::new(SignalState {
                pending: Pending::new(),
                threads: Vec::new(),
                exiting: None,
                stopped_by: None,
                zombie: None,
                report: None,
            }),
            pgid: AtomicI32::new(family.0),
            sid: AtomicI32::new(family.1),
            parent: SpinLock::new(parent),
            children: SpinLock::new(Vec::new()),
            child_events: WaitQueue::new(),
            stopped: WaitQueue::new(),
            exit_signal,
            ended: SpinLock::new(Usage::default()),
            children_usage: SpinLock::new(Usage::default()),
            start_time: hal::clock::monotonic_ns(),
            dumpable: AtomicU32::new(1),
            subreaper: AtomicBool::new(false),
            thp_disable: AtomicBool::new(false),
            personality: AtomicU32::new(0),
            oom_score_adj: AtomicI32::new(0),
            timers: super::timers::Timers::new(me.clone()),
            membarrier: AtomicU32::new(0),
            io: [AtomicU64::new(0), AtomicU64::new(0)],
        })
    }

    /// Process group.
    pub fn pgid(&self) -> i32 {
        self.pgid.load(Ordering::Relaxed)
    }

    /// Session.
    pub fn sid(&self) -> i32 {
        self.sid.load(Ordering::Relaxed)
    }

    /// The parent, if it lives.
    pub fn parent(&self) -> Option<Arc<Process>> {
        self.parent.lock().upgrade()
    }

    /// The parent's process id, 0 for none.
    pub fn ppid(&self) -> i32 {
        self.ppid.load(Ordering::Relaxed)
    }

    /// Living threads.
    pub fn threads(&self) -> Vec<Arc<Thread>> {
        self.signals.lock().threads.clone()
    }

    /// Number of living threads.
    pub fn thread_count(&self) -> usize {
        self.signals.lock().threads.len()
    }

    /// Whether it has ended and waits for its parent.
    pub fn is_zombie(&self) -> bool {
        self.signals.lock().zombie.is_some()
    }

    /// What its threads have used, living and ended.
    pub fn usage(&self) -> Usage {
        let mut sum = *self.ended.lock();
        for thread in &self.signals.lock().threads {
            sum.add(&thread_usage(thread));
        }
        sum
    }

    /// CPU time of all threads, ns.
    pub fn cpu_time(&self) -> u64 {
        let usage = self.usage();
        usage.user + usage.system
    }

    /// What each signal does.
    pub fn signal_actions(&self) -> Arc<Actions> {
        self.actions.lock().clone()
    }
}

impl Process {
    /// setpgid(2) by `caller`: itself or a child of its session, into a group of that session.
    pub fn set_group(&self, caller: &Process, group: i32) -> Result<()> {
        let is_child = self.parent().is_some_and(|parent| core::ptr::eq(&*parent, caller));
        if self.pid != caller.pid && !is_child {
            return Err(Errno::ESRCH);
        }
        if self.sid() == self.pid || is_child && self.sid() != caller.sid() {
            return Err(Errno::EPERM);
        }
        let exists = group == self.pid || super::table::all().iter().any(|p| p.pgid() == group && p.sid() == self.sid());
        if !exists {
            return Err(Errno::EPERM);
        }
        self.pgid.store(group, Ordering::Relaxed);
        Ok(())
    }

    /// setsid(2): EPERM for the leader of a group.
    pub fn new_session(&self) -> Result<i32> {
        if super::table::all().iter().any(|process| process.pgid() == self.pid) {
            return Err(Errno::EPERM);
        }
        self.sid.store(self.pid, Ordering::Relaxed);
        self.pgid.store(self.pid, Ordering::Relaxed);
        Ok(self.pid)
    }
}
