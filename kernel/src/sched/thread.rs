//! The thread: machine task, scheduling state, accounting.

use alloc::boxed::Box;
use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;
use core::any::Any;
use core::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, AtomicU64, AtomicUsize, Ordering};

use fairness::{IDLE_WEIGHT, NICE_0};
use hal::task::{Owner, Task};
use hal::trap::UserContext;
use idxheap::{NOWHERE, Slot};

use super::timer::{Expire, Timer};
use super::{FAIR_RANK, queue, switch, work};
use crate::sync::{Once, SpinLock};
use abi::sched::policy;

/// What a thread of an application is besides a thread: the process module's type.
pub trait UserPart: Any + Send + Sync {
    /// Sends `signal` from the kernel to `thread`, whose part this is.
    fn raise(&self, thread: &Thread, signal: u32);
}

/// How a thread is scheduled (sched(7)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// SCHED_* number.
    pub policy: i32,
    /// 1 to 99 for FIFO and RR, else 0.
    pub priority: u32,
    /// −20 to 19.
    pub nice: i32,
}

impl Policy {
    /// SCHED_OTHER, nice 0.
    pub const DEFAULT: Policy = Policy { policy: policy::OTHER, priority: 0, nice: 0 };

    /// FIFO or RR.
    pub fn is_realtime(self) -> bool {
        matches!(self.policy, policy::FIFO | policy::RR)
    }
}

/// Values of `Thread::state`.
pub(super) mod state {
    /// Runs or waits in a queue.
    pub const RUN: u32 = 0;
    /// Runs, and was woken meanwhile: the next park returns at once.
    pub const TOKEN: u32 = 1;
    /// Sleeps.
    pub const SLEEP: u32 = 2;
    /// Sleeps, and a signal wakes it.
    pub const SLEEP_INTERRUPTIBLE: u32 = 3;
    /// Has ended.
    pub const DEAD: u32 = 4;
    /// Was made and not started.
    pub const NEW: u32 = 5;
}

type Body = Box<dyn FnOnce() + Send>;

/// A thread.
pub struct Thread {
    task: Task,
    me: Weak<Thread>,
    pub(super) idle: bool,
    pub(super) state: AtomicU32,
    pub(super) cpu: AtomicUsize,
    pub(super) run_slot: AtomicUsize,
    policy: AtomicI32,
    priority: AtomicU32,
    nice: AtomicI32,
    weight: AtomicU64,
    pub(super) rank: AtomicU32,
    /// The best rank of those who wait for its locks.
    lent: AtomicU32,
    pub(super) vruntime: AtomicU64,
    /// Ticks of its time slice used (RR).
    pub(super) slice: AtomicU32,
    /// Nanoseconds run until `started`.
    runtime: AtomicU64,
    /// When it was switched to, or accounted last.
    pub(super) started: AtomicU64,
    user_ticks: AtomicU64,
    system_ticks: AtomicU64,
    pub(super) voluntary: AtomicU64,
    pub(super) involuntary: AtomicU64,
    sleep_timer: Once<Timer>,
    user: Option<Arc<crate::ThreadUser>>,
    body: SpinLock<Option<Body>>,
    /// Identity of the address space it needs, 0 for any.
    pub(super) space: AtomicU64,
    /// Whether rseq is registered: preemption sets the RSEQ bit.
    pub(super) rseq: AtomicBool,
    /// For the futex module: which of the waited-for words was woken, and the bucket it waits in.
    pub wait_word: AtomicU32,
    /// See `wait_word`.
    pub wait_bucket: AtomicU32,
}

static THREADS: AtomicUsize = AtomicUsize::new(0);
/// Kernel threads that have not ended. Nobody else need hold them while they sleep.
static KERNEL_THREADS: SpinLock<Vec<Arc<Thread>>> = SpinLock::new(Vec::new());

/// Threads that exist, with kernel threads.
pub fn thread_count() -> usize {
    THREADS.load(Ordering::Relaxed)
}

impl Owner for Thread {
    #[inline]
    fn task(&self) -> &Task {
        &self.task
    }
}

impl Slot for Thread {
    fn slot(&self) -> usize {
        self.run_slot.load(Ordering::Relaxed)
    }
    fn set_slot(&self, slot: usize) {
        self.run_slot.store(slot, Ordering::Relaxed);
    }
}

impl Thread {
    /// A thread of an application that starts with `ctx`. `copy_xstate`: its extended registers are the caller's. It runs after [`Thread::start`].
    /// `None` without memory for its stack.
    pub fn new_user(ctx: &UserContext, fs_base: u64, gs_base: u64, copy_xstate: bool, user: Arc<crate::ThreadUser>) -> Option<Arc<Thread>> {
        switch::bury_the_dead();
        Some(Thread::with_task(Task::new_user(ctx, fs_base, gs_base, copy_xstate)?, false, None, Some(user)))
    }

    pub(super) fn new_idle(cpu: usize) -> Option<Arc<Thread>> {
        let thread = Thread::with_task(Task::new_kernel(switch::idle_loop, cpu)?, true, None, None);
        thread.state.store(state::RUN, Ordering::Relaxed);
        Some(thread)
    }

    fn with_task(task: Task, idle: bool, body: Option<Body>, user: Option<Arc<crate::ThreadUser>>) -> Arc<Thread> {
        queue::make_room(THREADS.fetch_add(1, Ordering::Relaxed) + 1);
        Arc::new_cyclic(|me| Thread {
            task,
            me: me.clone(),
            idle,
            state: AtomicU32::new(state::NEW),
            cpu: AtomicUsize::new(hal::cpu::id()),
            run_slot: AtomicUsize::new(NOWHERE),
            policy: AtomicI32::new(policy::OTHER),
            priority: AtomicU32::new(0),
            nice: AtomicI32::new(0),
            weight: AtomicU64::new(NICE_0),
            rank: AtomicU32::new(FAIR_RANK),
            lent: AtomicU32::new(FAIR_RANK),
            vruntime: AtomicU64::new(0),
            slice: AtomicU32::new(0),
            runtime: AtomicU64::new(0),
            started: AtomicU64::new(0),
            user_ticks: AtomicU64::new(0),
            system_ticks: AtomicU64::new(0),
            voluntary: AtomicU64::new(0),
            involuntary: AtomicU64::new(0),
            sleep_timer: Once::new(),
            user,
            body: SpinLock::new(body),
            space: AtomicU64::new(0),
            rseq: AtomicBool::new(false),
            wait_word: AtomicU32::new(0),
            wait_bucket: AtomicU32::new(0),
        })
    }

    /// Makes a new thread runnable.
    pub fn start(&self) {
        if self.state.compare_exchange(state::NEW, state::RUN, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
            queue::enqueue_new(self);
        }
    }

    /// A counted reference to this thread. `None` only while it is being dropped.
    #[inline]
    pub fn arc(&self) -> Option<Arc<Thread>> {
        self.me.upgrade()
    }

    /// The application's part, as the type that the process module gave.
    #[inline]
    pub fn user<T: UserPart>(&self) -> Option<&T> {
        // The type is known here, so the comparison costs nothing.
        let any: &dyn Any = &**self.user.as_ref()?;
        any.downcast_ref()
    }

    /// The application's part, untyped.
    pub fn user_dyn(&self) -> Option<&dyn UserPart> {
        self.user.as_deref().map(|user| user as &dyn UserPart)
    }

    /// Says which address space the thread needs; the space hook is called when it is switched to after a thread of another one.
    pub fn set_space(&self, id: u64) {
        self.space.store(id, Ordering::Release);
    }

    /// The address space it needs.
    pub fn space(&self) -> u64 {
        self.space.load(Ordering::Acquire)
    }

    /// Says whether the thread has registered rseq.
    pub fn set_rseq(&self, registered: bool) {
        self.rseq.store(registered, Ordering::Relaxed);
    }

    /// Whether the SIGNAL bit of the work word is set.
    #[inline]
    pub fn signal_pending(&self) -> bool {
        self.task.work().load(Ordering::Acquire) & work::SIGNAL != 0
    }

    /// Sets bits of the work word.
    pub fn set_work(&self, bits: u32) {
        self.task.work().fetch_or(bits, Ordering::AcqRel);
    }

    /// Wakes the thread if it sleeps; else its next park returns at once. Usable from interrupt handlers. True if it slept.
    pub fn unpark(&self) -> bool {
        loop {
            let seen = self.state.load(Ordering::Acquire);
            let (new, woken) = match seen {
                state::RUN => (state::TOKEN, false),
                state::SLEEP | state::SLEEP_INTERRUPTIBLE => (state::RUN, true),
                _ => return false,
            };
            if self.state.compare_exchange(seen, new, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
                if woken {
                    queue::enqueue(self);
                }
                return woken;
            }
        }
    }

    /// Sets the SIGNAL bit and ends an interruptible sleep. Usable from interrupt handlers.
    pub fn interrupt(&self) {
        self.set_work(work::SIGNAL);
        if self.state.compare_exchange(state::SLEEP_INTERRUPTIBLE, state::RUN, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
            queue::enqueue(self);
        } else {
            queue::kick(self);
        }
    }

    /// Whether it sleeps now, and if so whether signals end the sleep; for /proc.
    pub fn sleeping(&self) -> Option<bool> {
        match self.state.load(Ordering::Relaxed) {
            state::SLEEP => Some(false),
            state::SLEEP_INTERRUPTIBLE => Some(true),
            _ => None,
        }
    }

    /// How it is scheduled.
    pub fn policy(&self) -> Policy {
        Policy {
            policy: self.policy.load(Ordering::Relaxed),
            priority: self.priority.load(Ordering::Relaxed),
            nice: self.nice.load(Ordering::Relaxed),
        }
    }

    /// The rank of its own policy: 99 − priority for real-time threads, else [`FAIR_RANK`].
    #[inline]
    pub fn own_rank(&self) -> u32 {
        match self.priority.load(Ordering::Relaxed) {
            0 => FAIR_RANK,
            priority => 99u32.saturating_sub(priority),
        }
    }

    /// The rank it runs at: the better one of its own and what it is lent.
    pub fn rank(&self) -> u32 {
        self.rank.load(Ordering::Relaxed)
    }

    /// Changes how it is scheduled, at once.
    pub fn set_policy(&self, new: Policy) {
        self.policy.store(new.policy, Ordering::Relaxed);
        self.priority.store(if new.is_realtime() { new.priority } else { 0 }, Ordering::Relaxed);
        self.nice.store(new.nice, Ordering::Relaxed);
        let weight = if new.policy == policy::IDLE { IDLE_WEIGHT } else { fairness::weight(new.nice) };
        self.weight.store(weight, Ordering::Relaxed);
        queue::set_rank(self, self.own_rank().min(self.lent.load(Ordering::Relaxed)));
    }

    /// Lends it the rank of those who wait for it ([`FAIR_RANK`]: nothing), at once. True when it runs at another rank now.
    pub fn lend(&self, rank: u32) -> bool {
        self.lent.store(rank, Ordering::Relaxed);
        queue::set_rank(self, self.own_rank().min(rank))
    }

    /// Adds the time since it was accounted last.
    pub(super) fn account(&self, now: u64) {
        let delta = now.saturating_sub(self.started.load(Ordering::Relaxed));
        self.started.store(now, Ordering::Relaxed);
        self.runtime.store(self.runtime.load(Ordering::Relaxed) + delta, Ordering::Relaxed);
        if self.rank() == FAIR_RANK {
            let virtual_delta = fairness::virtual_delta(delta, self.weight.load(Ordering::Relaxed));
            self.vruntime.store(self.vruntime.load(Ordering::Relaxed).saturating_add(virtual_delta), Ordering::Relaxed);
        }
    }

    pub(super) fn sample(&self, from_app: bool) {
        let ticks = if from_app { &self.user_ticks } else { &self.system_ticks };
        ticks.store(ticks.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    /// Nanoseconds of CPU time used, exact. Of another CPU's running thread up to its last tick or switch.
    pub fn cpu_time(&self) -> u64 {
        let _irq = hal::cpu::IrqOff::new();
        if core::ptr::eq(&*super::current(), self) {
            self.account(hal::clock::monotonic_ns());
        }
        self.runtime.load(Ordering::Relaxed)
    }

    /// (user, system) nanoseconds: the exact sum, split as the tick samples say; all user while there are none.
    pub fn user_system_time(&self) -> (u64, u64) {
        split(self.cpu_time(), self.user_ticks.load(Ordering::Relaxed), self.system_ticks.load(Ordering::Relaxed))
    }

    /// (voluntary, involuntary) context switches.
    pub fn switches(&self) -> (u64, u64) {
        (self.voluntary.load(Ordering::Relaxed), self.involuntary.load(Ordering::Relaxed))
    }

    /// The CPU it runs or ran on last.
    pub fn last_cpu(&self) -> usize {
        self.cpu.load(Ordering::Relaxed)
    }

    /// The timer that ends its sleeps, made at the first sleep with a deadline.
    pub(super) fn sleep_timer(&self) -> &Timer {
        self.sleep_timer.get_or_init(|| {
            let me: Weak<dyn Expire> = self.me.clone();
            Timer::new(me)
        })
    }
}

/// Splits an exact total as samples say.
fn split(total: u64, user: u64, system: u64) -> (u64, u64) {
    if system == 0 {
        return (total, 0);
    }
    let part = u128::from(total) * u128::from(system) / u128::from(user + system);
    let system = u64::try_from(part).unwrap_or(total);
    (total - system, system)
}

impl Expire for Thread {
    fn expire(&self, _now: u64) {
        self.unpark();
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        THREADS.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Starts a kernel thread that runs `body` and ends. `None` without memory.
pub fn spawn_kernel(body: impl FnOnce() + Send + 'static) -> Option<Arc<Thread>> {
    let task = Task::new_kernel(kernel_entry, 0)?;
    let thread = Thread::with_task(task, false, Some(Box::new(body)), None);
    KERNEL_THREADS.lock().push(thread.clone());
    thread.start();
    Some(thread)
}

/// A kernel thread ends.
pub(super) fn forget_kernel_thread(thread: &Thread) {
    if thread.user.is_none() {
        KERNEL_THREADS.lock().retain(|other| !core::ptr::eq(&**other, thread));
    }
}

fn kernel_entry(_: usize) -> ! {
    let body = super::current().body.lock().take();
    if let Some(body) = body {
        body();
    }
    switch::exit()
}
