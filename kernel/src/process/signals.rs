//! Sending signals.

use alloc::sync::Arc;

use abi::signal::sig;

use super::process::{Process, SignalState};
use super::user::UserThread;
use crate::poll::PollEvents;
use crate::sched::Thread;
use crate::signal::{Info, QUEUED, STOPPING, bit};

/// Whether the sender may allocate.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Context {
    Thread,
    Interrupt,
}

/// Sends to one thread. Not for interrupt handlers.
pub fn send_to_thread(thread: &Thread, info: Info) {
    let Some(user) = thread.user::<UserThread>() else { return };
    {
        let mut state = user.process.signals.lock();
        prepare(&user.process, &mut state, info.signal);
        if drops(&user.process, user.signals.deaf_to(), info.signal) {
            return;
        }
        user.signals.pending.lock().push(info);
        if user.signals.deaf_to() & bit(info.signal) == 0 {
            thread.interrupt();
        }
    }
    QUEUED.notify(PollEvents::IN);
}

/// Sends to a process: to the thread that will take it first, any otherwise. Not for interrupt handlers.
pub fn send_to_process(process: &Process, info: Info) {
    send(process, info, Context::Thread);
}

/// As [`send_to_process`], from an interrupt handler.
pub fn send_from_interrupt(process: &Process, info: Info) {
    send(process, info, Context::Interrupt);
}

fn send(process: &Process, info: Info, context: Context) {
    {
        let mut state = process.signals.lock();
        prepare(process, &mut state, info.signal);
        let taker = taker(&state, info.signal).cloned();
        if drops(process, if taker.is_some() { 0 } else { u64::MAX }, info.signal) {
            return;
        }
        match context {
            Context::Thread => state.pending.push(info),
            Context::Interrupt => {
                state.pending.push_in_place(info);
            }
        }
        if let Some(taker) = taker {
            taker.interrupt();
        }
    }
    QUEUED.notify(PollEvents::IN);
}

/// The thread that takes a signal sent to the process: the first that does not block it.
fn taker(state: &SignalState, signal: u32) -> Option<&Arc<Thread>> {
    let deaf = |thread: &Thread| thread.user::<UserThread>().is_none_or(|user| user.signals.deaf_to() & bit(signal) != 0);
    state.threads.iter().find(|thread| !deaf(thread))
}

/// A signal that would do nothing is not even queued, unless it is blocked (its action may change meanwhile).
fn drops(process: &Process, deaf_to: u64, signal: u32) -> bool {
    deaf_to & bit(signal) == 0 && process.actions.get().is_some_and(|actions| actions.ignores(signal))
}

/// SIGCONT takes pending stops away and wakes the stopped; a stop takes a pending SIGCONT away.
fn prepare(process: &Process, state: &mut SignalState, signal: u32) {
    let (flushed, resumes) = match signal {
        sig::CONT => (STOPPING, true),
        sig::KILL => (0, true),
        _ if bit(signal) & STOPPING != 0 => (bit(sig::CONT), false),
        _ => return,
    };
    state.pending.flush(flushed);
    for thread in &state.threads {
        if let Some(user) = thread.user::<UserThread>() {
            user.signals.pending.lock().flush(flushed);
        }
    }
    if resumes && state.stopped_by.take().is_some() {
        state.report = Some(0xffff);
        process.stopped.wake_all();
    }
}
