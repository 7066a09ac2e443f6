//! The ends of threads and processes.

use abi::signal::{code, sig};
use alloc::sync::Arc;
use core::sync::atomic::Ordering;

use super::process::{Process, thread_usage};
use super::user::current;
use super::{signals, table};
use crate::futex;
use crate::sched;
use crate::signal::{Info, bit};
use crate::sync::Once;
use abi::signal::{SIG_IGN, sa};

type ExitHook = fn(i32) -> !;

static EXIT_HOOK: Once<ExitHook> = Once::new();

/// Registers what happens when the initial process has ended; it gets the wait status (as waitpid's).
pub fn set_exit_hook(hook: ExitHook) {
    let _ = EXIT_HOOK.set(hook);
}

fn machine_ends(status: i32) -> ! {
    match EXIT_HOOK.get() {
        Some(hook) => hook(status),
        None => hal::power::stop(),
    }
}

/// exit_group(2) or a deadly signal: the whole process ends with this wait status.
pub fn exit_group(status: i32) -> ! {
    let user = current();
    {
        let mut state = user.process.signals.lock();
        if state.exiting.is_none() {
            state.exiting = Some(status);
            for thread in &state.threads {
                thread.interrupt();
            }
            user.process.stopped.wake_all();
        }
    }
    // Nothing of the initial process outlives it: the machine stops.
    if is_initial(&user.process) {
        let status = user.process.signals.lock().exiting.unwrap_or(status);
        machine_ends(status);
    }
    exit_thread(status)
}

fn is_initial(process: &Arc<Process>) -> bool {
    table::initial().is_some_and(|initial| Arc::ptr_eq(initial, process))
}

/// exit(2): the calling thread ends; `status` is the process's wait status if it was the last and nothing else was said.
pub fn exit_thread(status: i32) -> ! {
    leave(status);
    sched::exit()
}

/// All of the end that has values to drop.
fn leave(status: i32) {
    let user = current();
    let thread = sched::current();
    let process = user.process.clone();
    if let Some(mm) = user.mm_slot().get() {
        let robust = user.robust_list.swap(0, Ordering::Relaxed);
        if robust != 0 {
            futex::robust::walk(&mm, robust, user.tid());
        }
        futex::pi::abandon(&thread);
        let tid_address = user.clear_child_tid.swap(0, Ordering::Relaxed);
        if tid_address != 0 && hal::user::write_bytes(tid_address, &0u32.to_le_bytes()).is_ok() {
            let _ = futex::wake(&mm, tid_address, futex::Scope::Shared, 1, u32::MAX);
        }
    }
    process.ended.lock().add(&thread_usage(&thread));
    let last = {
        let mut state = process.signals.lock();
        state.threads.retain(|t| !core::ptr::eq(&**t, &*thread));
        let last = state.threads.is_empty();
        if last {
            state.zombie = Some(state.exiting.unwrap_or(status));
        } else {
            rehome(&state, user.signals.blocked());
        }
        last
    };
    if last && is_initial(&process) {
        let status = process.signals.lock().zombie.unwrap_or(status);
        machine_ends(status);
    }
    drop((user.files_slot().take(), user.fs_slot().take()));
    if last {
        process_ended(&process);
    } else {
        drop(user.mm_slot().take());
    }
    table::remove_thread(user.tid());
}

/// Signals of the process that only the ending thread would have taken go to another one.
fn rehome(state: &super::process::SignalState, blocked: u64) {
    let orphaned = state.pending.set() & !blocked;
    if orphaned != 0 {
        for thread in &state.threads {
            thread.interrupt();
        }
    }
}

/// The last thread of a process has ended: children go to the initial process, the parent hears of it.
fn process_ended(process: &Arc<Process>) {
    let children = core::mem::take(&mut *process.children.lock());
    if let Some(initial) = table::initial() {
        for child in children {
            *child.parent.lock() = Arc::downgrade(initial);
            child.ppid.store(initial.pid, Ordering::Relaxed);
            initial.children.lock().push(child);
        }
    }
    let Some(parent) = process.parent() else {
        table::remove_process(process.pid);
        return;
    };
    let status = process.signals.lock().zombie.unwrap_or(0);
    let usage = process.usage();
    let (code, value) = match status & 0x7f {
        0 => (code::CLD_EXITED, status >> 8 & 0xff),
        signal if status & 0x80 != 0 => (code::CLD_DUMPED, signal),
        signal => (code::CLD_KILLED, signal),
    };
    let ticks = |ns: u64| (ns / 10_000_000).cast_signed();
    let action = parent.signal_actions().get(sig::CHLD);
    let reaps_itself = process.exit_signal == sig::CHLD && (action.handler == SIG_IGN || action.flags & sa::NOCLDWAIT != 0);
    if bit(process.exit_signal) != 0 {
        let mut info = Info::child(code, process.pid, 0, value, ticks(usage.user), ticks(usage.system));
        info.signal = process.exit_signal;
        signals::send_to_process(&parent, info);
    }
    if reaps_itself {
        parent.children.lock().retain(|child| child.pid != process.pid);
        table::remove_process(process.pid);
    }
    parent.child_events.wake_all();
}

/// Job control: the parent hears that `process` stopped or went on.
pub(super) fn tell_parent_of_stop(process: &Process, code: i32, status: i32) {
    let Some(parent) = process.parent() else { return };
    if parent.signal_actions().get(sig::CHLD).flags & sa::NOCLDSTOP == 0 {
        signals::send_to_process(&parent, Info::child(code, process.pid, 0, status, 0, 0));
    }
    parent.child_events.wake_all();
}
