//! The run queues, one per CPU. Insertion allocates nothing: room is made when a thread is created.

use alloc::sync::Arc;
use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use fairness::{FAIR, Key};
use idxheap::{Heap, NOWHERE};

use super::thread::Thread;
use super::{FAIR_RANK, MAX_CPUS, PREEMPTIVE, work};
use crate::sync::{IrqSpinLock, Once};

/// What the scheduler keeps per CPU.
pub(super) struct Cpu {
    pub queue: IrqSpinLock<Queue>,
    /// The thread that runs when no other can.
    pub idle: Once<Arc<Thread>>,
    /// When this CPU's timer will fire, as far as it was asked for; u64::MAX: never.
    pub programmed: AtomicU64,
    /// When the next scheduling tick is due.
    pub next_tick: AtomicU64,
    /// Address space loaded last.
    pub space: AtomicU64,
}

pub(super) struct Queue {
    pub heap: Heap<Key, Arc<Thread>>,
    /// Virtual time that never goes back; new and woken threads start near it.
    pub minimum: u64,
    /// Arrival numbers for real-time threads: at the back and at the front.
    back: u64,
    front: u64,
}

const MIDDLE: u64 = 1 << 63;

static CPUS: [Cpu; MAX_CPUS] = [const {
    Cpu {
        queue: IrqSpinLock::new(Queue { heap: Heap::new(), minimum: 0, back: MIDDLE, front: MIDDLE }),
        idle: Once::new(),
        programmed: AtomicU64::new(u64::MAX),
        next_tick: AtomicU64::new(u64::MAX),
        space: AtomicU64::new(0),
    }
}; MAX_CPUS];

/// Threads every queue has room for.
static ROOM: AtomicUsize = AtomicUsize::new(0);

/// The CPU we run on. Interrupts should be off, or the answer is a hint.
#[inline]
pub(super) fn this_cpu() -> &'static Cpu {
    cpu(hal::cpu::id())
}

#[inline]
pub(super) fn cpu(id: usize) -> &'static Cpu {
    &CPUS[id % MAX_CPUS]
}

/// Makes room for `threads` in every queue.
pub(super) fn make_room(threads: usize) {
    if threads <= ROOM.load(Ordering::Relaxed) {
        return;
    }
    let room = threads.next_power_of_two().max(16);
    for cpu in CPUS.iter().take(hal::cpu::count().min(MAX_CPUS)) {
        cpu.queue.lock().heap.reserve_total(room);
    }
    ROOM.fetch_max(room, Ordering::Relaxed);
}

impl Queue {
    /// The key of `thread` when it joins; `front`: it was preempted and keeps its turn.
    pub fn key(&mut self, thread: &Thread, front: bool) -> Key {
        let rank = u8::try_from(thread.rank.load(Ordering::Relaxed)).unwrap_or(FAIR);
        let order = if rank == FAIR {
            thread.vruntime.load(Ordering::Relaxed)
        } else if front {
            self.front -= 1;
            self.front
        } else {
            self.back += 1;
            self.back
        };
        Key { rank, order }
    }

    pub fn insert(&mut self, thread: Arc<Thread>, front: bool) -> Key {
        let key = self.key(&thread, front);
        self.heap.push(key, thread);
        key
    }

    pub fn take_next(&mut self) -> Option<Arc<Thread>> {
        let (key, thread) = self.heap.pop()?;
        if key.rank == FAIR {
            self.minimum = self.minimum.max(key.order);
        }
        Some(thread)
    }
}

/// A woken thread joins its CPU's queue.
pub(super) fn enqueue(thread: &Thread) {
    let Some(arc) = thread.arc() else { return };
    let cpu = cpu(thread.cpu.load(Ordering::Relaxed));
    let mut queue = cpu.queue.lock();
    let placed = fairness::placed(thread.vruntime.load(Ordering::Relaxed), queue.minimum);
    thread.vruntime.store(placed, Ordering::Relaxed);
    let key = queue.insert(arc, false);
    preempt(cpu, key);
}

/// A new thread joins this CPU's queue, behind its maker.
pub(super) fn enqueue_new(thread: &Thread) {
    let Some(arc) = thread.arc() else { return };
    let irq = hal::cpu::IrqOff::new();
    let id = hal::cpu::id();
    let mut queue = cpu(id).queue.lock();
    thread.cpu.store(id, Ordering::Relaxed);
    let start = if hal::task::started() { super::current().vruntime.load(Ordering::Relaxed) } else { 0 };
    thread.vruntime.store(start.max(queue.minimum), Ordering::Relaxed);
    let key = queue.insert(arc, false);
    preempt(cpu(id), key);
    drop(queue);
    drop(irq);
}

/// Asks the running thread to give way if `key` goes before it.
fn preempt(cpu: &Cpu, key: Key) {
    if !hal::task::started() || !core::ptr::eq(cpu, this_cpu()) {
        return; // with several CPUs: an interrupt to the other one belongs here
    }
    let running = super::current();
    if running.idle || PREEMPTIVE && key.preempts(running_key(&running)) {
        running.set_work(work::RESCHED);
    }
}

/// The key of a running thread, for comparisons.
pub(super) fn running_key(thread: &Thread) -> Key {
    let rank = u8::try_from(thread.rank.load(Ordering::Relaxed)).unwrap_or(FAIR);
    if rank != FAIR {
        return Key { rank, order: 0 };
    }
    let since = hal::clock::monotonic_ns().saturating_sub(thread.started.load(Ordering::Relaxed));
    Key { rank, order: thread.vruntime.load(Ordering::Relaxed).saturating_add(since) }
}

/// Makes the CPU that runs `thread` look at its work word. With one CPU the way back to the application does.
pub(super) fn kick(_thread: &Thread) {}

/// Makes `thread` run at `rank` from now on; true when that is another one. Ahead of its new equals when it lost rank, behind them when it gained (as Linux).
pub(super) fn set_rank(thread: &Thread, rank: u32) -> bool {
    let cpu = cpu(thread.cpu.load(Ordering::Relaxed));
    let mut queue = cpu.queue.lock();
    let old = thread.rank.swap(rank, Ordering::Relaxed);
    if old == rank {
        return false;
    }
    if rank == FAIR_RANK {
        let placed = fairness::placed(thread.vruntime.load(Ordering::Relaxed), queue.minimum);
        thread.vruntime.store(placed, Ordering::Relaxed);
    }
    if thread.run_slot.load(Ordering::Relaxed) != NOWHERE
        && let Some(arc) = thread.arc()
        && let Some((_, arc)) = queue.heap.remove(&arc)
    {
        let key = queue.insert(arc, rank > old);
        preempt(cpu, key);
    } else if let Some((head, _)) = queue.heap.peek()
        && PREEMPTIVE
        && head.preempts(running_key(thread))
    {
        thread.set_work(work::RESCHED); // should it be the running one
    }
    true
}

/// Threads in this CPU's queue, without the running one.
pub fn queue_length() -> usize {
    let _irq = hal::cpu::IrqOff::new();
    this_cpu().queue.lock().heap.len()
}

/// Runnable threads of the machine with the running ones, for /proc/loadavg.
pub fn runnable_count() -> usize {
    let waiting: usize = CPUS.iter().take(hal::cpu::count().min(MAX_CPUS)).map(|cpu| cpu.queue.lock().heap.len()).sum();
    waiting + 1
}
