//! Timers: something to call at a time. Arming, cancelling and expiry allocate nothing; expiry runs in the timer interrupt.

use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use idxheap::{Heap, NOWHERE, Slot};

use super::queue::this_cpu;
use super::{MAX_CPUS, switch};
use crate::sync::IrqSpinLock;

/// What a timer calls.
pub trait Expire: Send + Sync {
    /// The time has come; `now` is CLOCK_MONOTONIC in nanoseconds. Runs in the timer interrupt: must not sleep, allocate or free. It may arm the timer again.
    fn expire(&self, now: u64);
}

/// A one-shot timer on CLOCK_MONOTONIC. Dropping it cancels it.
pub struct Timer {
    node: Arc<Node>,
}

struct Node {
    slot: AtomicUsize,
    /// The CPU whose queue it is or was in.
    cpu: AtomicUsize,
    deadline: AtomicU64,
    target: Weak<dyn Expire>,
}

impl Slot for Node {
    fn slot(&self) -> usize {
        self.slot.load(Ordering::Relaxed)
    }
    fn set_slot(&self, slot: usize) {
        self.slot.store(slot, Ordering::Relaxed);
    }
}

static QUEUES: [IrqSpinLock<Heap<u64, Arc<Node>>>; MAX_CPUS] = [const { IrqSpinLock::new(Heap::new()) }; MAX_CPUS];
static COUNT: AtomicUsize = AtomicUsize::new(0);
static ROOM: AtomicUsize = AtomicUsize::new(0);
/// Targets whose last reference the interrupt handler held; freed where freeing is allowed.
static DEAD: IrqSpinLock<Vec<Arc<dyn Expire>>> = IrqSpinLock::new(Vec::new());

impl Timer {
    /// A timer that will call `target`, if it still lives.
    pub fn new(target: Weak<dyn Expire>) -> Timer {
        let count = COUNT.fetch_add(1, Ordering::Relaxed) + 1;
        if count > ROOM.load(Ordering::Relaxed) {
            let room = count.next_power_of_two().max(16);
            for queue in QUEUES.iter().take(hal::cpu::count().min(MAX_CPUS)) {
                queue.lock().reserve_total(room);
            }
            let mut dead = DEAD.lock();
            let have = dead.len();
            dead.reserve(room.saturating_sub(have));
            ROOM.fetch_max(room, Ordering::Relaxed);
        }
        bury_the_dead();
        let node = Node { slot: AtomicUsize::new(NOWHERE), cpu: AtomicUsize::new(0), deadline: AtomicU64::new(0), target };
        Timer { node: Arc::new(node) }
    }

    /// Fires at `deadline` (absolute, nanoseconds); a past time fires at once. Replaces an earlier deadline.
    pub fn arm(&self, deadline: u64) {
        let _irq = hal::cpu::IrqOff::new();
        self.cancel();
        let id = hal::cpu::id() % MAX_CPUS;
        let mut queue = QUEUES[id].lock();
        self.node.cpu.store(id, Ordering::Relaxed);
        self.node.deadline.store(deadline, Ordering::Relaxed);
        queue.push(deadline, self.node.clone());
        switch::program(this_cpu(), deadline);
    }

    /// Disarms; false if it was not armed.
    pub fn cancel(&self) -> bool {
        if self.node.slot.load(Ordering::Relaxed) == NOWHERE {
            return false;
        }
        let taken = QUEUES[self.node.cpu.load(Ordering::Relaxed)].lock().remove(&self.node);
        taken.is_some()
    }

    /// The deadline it was armed for last, whether or not it has passed.
    pub fn last_deadline(&self) -> u64 {
        self.node.deadline.load(Ordering::Relaxed)
    }

    /// The deadline it is armed for.
    pub fn deadline(&self) -> Option<u64> {
        (self.node.slot.load(Ordering::Relaxed) != NOWHERE).then(|| self.node.deadline.load(Ordering::Relaxed))
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.cancel();
        COUNT.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Runs what is due on this CPU and says when the next timer is.
pub(super) fn run(now: u64) -> Option<u64> {
    let queue = &QUEUES[hal::cpu::id() % MAX_CPUS];
    loop {
        let node = {
            let mut queue = queue.lock();
            match queue.peek() {
                Some((deadline, _)) if *deadline <= now => queue.pop().map(|(_, node)| node),
                Some((deadline, _)) => return Some(*deadline),
                None => return None,
            }
        };
        if let Some(target) = node.and_then(|node| node.target.upgrade()) {
            target.expire(now);
            if Arc::strong_count(&target) == 1 {
                DEAD.lock().push(target);
            }
        }
    }
}

/// Frees what the interrupt handler could not.
pub(super) fn bury_the_dead() {
    loop {
        let Some(target) = DEAD.lock().pop() else { return };
        drop(target);
    }
}

/// The next deadline on any CPU, for idle statistics.
pub fn next_deadline() -> Option<u64> {
    QUEUES.iter().take(hal::cpu::count().min(MAX_CPUS)).filter_map(|q| q.lock().peek().map(|(d, _)| *d)).min()
}
