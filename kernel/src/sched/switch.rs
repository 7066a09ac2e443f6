//! Giving up the CPU: park, yield, preemption, the tick, the idle loop, the end of a thread.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::Ordering;

use abi::sched::policy;
use hal::clock;
use hal::cpu::IrqOff;
use hal::task::Owner;

use super::queue::{Cpu, cpu, running_key, this_cpu};
use super::thread::{Thread, forget_kernel_thread, state};
use super::{PREEMPTIVE, TICK_NS, blocker, current, timer, work};
use crate::sync::{Once, SpinLock};

/// Ticks of a SCHED_RR slice (100 ms).
const RR_TICKS: u32 = 25;

type SpaceHook = fn(&Thread);
type TickHook = fn(&Thread, bool);

static SPACE_HOOK: Once<SpaceHook> = Once::new();
static TICK_HOOK: Once<TickHook> = Once::new();
static DEAD: SpinLock<Vec<Arc<Thread>>> = SpinLock::new(Vec::new());

/// Registers what loads the address space of the thread that is switched to. Called with interrupts off.
pub fn set_space_hook(hook: SpaceHook) {
    let _ = SPACE_HOOK.set(hook);
}

/// Registers what looks at CPU-time limits and timers of the thread that a tick found running (`true`: in the application). Called with interrupts off.
pub fn set_tick_hook(hook: TickHook) {
    let _ = TICK_HOOK.set(hook);
}

/// Leaves the boot stack for `first`, which must be new; never returns.
pub fn start(first: Arc<Thread>) -> ! {
    blocker::init();
    let id = hal::cpu::id();
    if let Some(idle) = Thread::new_idle(id) {
        let _ = cpu(id).idle.set(idle);
    }
    first.state.store(state::RUN, Ordering::Release);
    let now = clock::monotonic_ns();
    first.started.store(now, Ordering::Relaxed);
    load_space(cpu(id), &first);
    start_ticks(cpu(id), now);
    hal::task::start(first)
}

/// Why the running thread calls [`schedule`].
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reason {
    /// It sleeps or has ended.
    Sleep,
    /// It gives its turn away.
    Yield,
    /// Another one should run; it keeps its place among equals.
    Preempt,
}

/// Runs the best thread. Returns when the caller runs again.
fn schedule(reason: Reason) {
    let _irq = IrqOff::new();
    let cpu = this_cpu();
    let me = current();
    let now = clock::monotonic_ns();
    let mut queue = cpu.queue.lock();
    me.account(now);
    me.task().work().fetch_and(!work::RESCHED, Ordering::AcqRel);
    let runnable = matches!(me.state.load(Ordering::Acquire), state::RUN | state::TOKEN);
    if runnable && !me.idle {
        let Some((head, _)) = queue.heap.peek() else { return };
        if reason == Reason::Yield && u32::from(head.rank) == me.rank.load(Ordering::Relaxed) && head.rank == fairness::FAIR {
            let behind = me.vruntime.load(Ordering::Relaxed).max(head.order.saturating_add(1));
            me.vruntime.store(behind, Ordering::Relaxed);
        }
        let keeps_turn = reason == Reason::Preempt && me.slice.load(Ordering::Relaxed) < RR_TICKS;
        if !keeps_turn {
            me.slice.store(0, Ordering::Relaxed);
        }
        let Some(arc) = me.arc() else { return };
        // A woken-while-parking thread is in the queue already.
        if me.run_slot.load(Ordering::Relaxed) == idxheap::NOWHERE {
            queue.insert(arc, keeps_turn);
        }
    }
    let next = match queue.take_next() {
        Some(next) => next,
        None => match cpu.idle.get() {
            Some(idle) if !me.idle => idle.clone(),
            _ => return,
        },
    };
    drop(queue);
    if core::ptr::eq(&*next, &*me) {
        return;
    }
    let counter = if reason == Reason::Sleep { &me.voluntary } else { &me.involuntary };
    counter.store(counter.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    next.started.store(now, Ordering::Relaxed);
    next.cpu.store(hal::cpu::id(), Ordering::Relaxed);
    if me.idle {
        start_ticks(cpu, now);
    }
    load_space(cpu, &next);
    hal::task::switch_to(next);
}

/// Calls the space hook if `next` needs another address space than the one loaded.
#[inline]
fn load_space(cpu: &Cpu, next: &Thread) {
    let space = next.space.load(Ordering::Acquire);
    if space != 0 && space != cpu.space.load(Ordering::Relaxed) {
        cpu.space.store(space, Ordering::Relaxed);
        if let Some(hook) = SPACE_HOOK.get() {
            hook(next);
        }
    }
}

/// Forgets which address space is loaded; exec calls this when the running thread changes to another one.
pub fn reload_space() {
    let _irq = IrqOff::new();
    this_cpu().space.store(0, Ordering::Relaxed);
    load_space(this_cpu(), &current());
}

/// Sleeps until [`Thread::unpark`], the deadline (absolute, nanoseconds), or, if `interruptible`, a signal. May return early: callers check their condition in a loop.
pub fn park(interruptible: bool, deadline: Option<u64>) {
    let me = current();
    if let Some(deadline) = deadline {
        me.sleep_timer().arm(deadline);
    }
    sleep(&me, interruptible);
    if deadline.is_some() {
        me.sleep_timer().cancel();
    }
}

fn sleep(me: &Thread, interruptible: bool) {
    let asleep = if interruptible { state::SLEEP_INTERRUPTIBLE } else { state::SLEEP };
    let _irq = IrqOff::new();
    if me.state.compare_exchange(state::RUN, asleep, Ordering::AcqRel, Ordering::Relaxed).is_err() {
        me.state.store(state::RUN, Ordering::Release); // there was a token
        return;
    }
    if interruptible && me.signal_pending() && me.state.compare_exchange(asleep, state::RUN, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
        return;
    }
    schedule(Reason::Sleep);
}

/// Gives the rest of the turn to another runnable thread, if there is one.
pub fn yield_now() {
    schedule(Reason::Yield);
}

/// Lets another thread run if one was found to deserve it. Call in long loops of the kernel where no spin lock is held.
#[inline]
pub fn cond_resched() {
    if current().task().work().load(Ordering::Relaxed) & work::RESCHED != 0 {
        schedule(Reason::Preempt);
    }
}

/// The RESCHED bit was set on the way back to the application.
pub fn reschedule() {
    let me = current();
    if me.rseq.load(Ordering::Relaxed) {
        me.set_work(work::RSEQ);
    }
    schedule(Reason::Preempt);
}

/// Ends the running thread. What its stack holds is leaked: drop it before.
pub fn exit() -> ! {
    let me = current();
    if let Some(arc) = me.arc() {
        DEAD.lock().push(arc);
    }
    forget_kernel_thread(&me);
    me.state.store(state::DEAD, Ordering::Release);
    loop {
        schedule(Reason::Sleep);
    }
}

/// Frees threads that have ended, in a context that may free.
pub(super) fn bury_the_dead() {
    loop {
        let Some(thread) = DEAD.lock().pop() else { return };
        drop(thread);
    }
}

pub(super) fn idle_loop(id: usize) -> ! {
    let cpu = cpu(id);
    loop {
        bury_the_dead();
        timer::bury_the_dead();
        hal::cpu::wait_for_interrupt(|| !cpu.queue.lock().heap.is_empty());
        schedule(Reason::Sleep);
    }
}

fn start_ticks(cpu: &Cpu, now: u64) {
    if cpu.next_tick.load(Ordering::Relaxed) == u64::MAX {
        cpu.next_tick.store(now + TICK_NS, Ordering::Relaxed);
        program(cpu, now + TICK_NS);
    }
}

/// Makes this CPU's timer fire at `deadline` at the latest.
pub(super) fn program(cpu: &Cpu, deadline: u64) {
    if deadline < cpu.programmed.load(Ordering::Relaxed) {
        cpu.programmed.store(deadline, Ordering::Relaxed);
        clock::set_deadline(deadline);
    }
}

/// The CPU's timer fired: runs timers, samples CPU time, ends time slices. Interrupts are off.
pub fn tick(from_app: bool) {
    let cpu = this_cpu();
    let now = clock::monotonic_ns();
    cpu.programmed.store(u64::MAX, Ordering::Relaxed);
    let next_timer = timer::run(now);
    let mut next_tick = cpu.next_tick.load(Ordering::Relaxed);
    if now >= next_tick {
        next_tick = if !hal::task::started() || current().idle {
            u64::MAX
        } else {
            scheduling_tick(cpu, now, from_app);
            now + TICK_NS
        };
        cpu.next_tick.store(next_tick, Ordering::Relaxed);
    }
    let next = next_tick.min(next_timer.unwrap_or(u64::MAX));
    if next != u64::MAX {
        program(cpu, next);
    }
}

fn scheduling_tick(cpu: &Cpu, now: u64, from_app: bool) {
    let running = current();
    running.account(now);
    running.sample(from_app);
    let best = if PREEMPTIVE { cpu.queue.lock().heap.peek().map(|(key, _)| *key) } else { None };
    if let Some(best) = best {
        let mine = running_key(&running);
        let turn_is_over = if mine.rank == fairness::FAIR {
            best.rank < mine.rank || best.order < mine.order
        } else if best.rank == mine.rank && running.policy().policy == policy::RR {
            running.slice.fetch_add(1, Ordering::Relaxed) + 1 >= RR_TICKS
        } else {
            best.rank < mine.rank
        };
        if turn_is_over {
            running.set_work(work::RESCHED);
        }
    }
    if let Some(hook) = TICK_HOOK.get() {
        hook(&running, from_app);
    }
}
