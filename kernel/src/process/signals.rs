//! Sending signals.

use alloc::sync::Arc;

use abi::signal::sig;

use super::process::{Process, SignalState};
use super::user::UserThread;
use crate::poll::PollEvents;
use crate::sched::Thread;
use crate::signal::{Info, Pending, QUEUED, STOPPING, bit};

/// Whether the sender may allocate.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Context {
    Thread,
    Interrupt,
}

/// What became of a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// It waits for a thread to take it.
    Queued,
    /// It would do nothing and was dropped.
    Ignored,
}

/// Sends to one thread. Not for interrupt handlers.
pub fn send_to_thread(thread: &Thread, info: Info) -> Sent {
    send_thread(thread, info, Context::Thread)
}

/// As [`send_to_thread`], from an interrupt handler.
pub fn send_to_thread_from_interrupt(thread: &Thread, info: Info) -> Sent {
    send_thread(thread, info, Context::Interrupt)
}

fn send_thread(thread: &Thread, info: Info, context: Context) -> Sent {
    let Some(user) = thread.user::<UserThread>() else { return Sent::Ignored };
    {
        let mut state = user.process.signals.lock();
        prepare(&user.process, &mut state, info.signal);
        if drops(&user.process, user.signals.deaf_to(), info.signal) {
            return Sent::Ignored;
        }
        push(&mut user.signals.pending.lock(), info, context);
        if user.signals.deaf_to() & bit(info.signal) == 0 {
            thread.interrupt();
        }
    }
    QUEUED.notify(PollEvents::IN);
    Sent::Queued
}

fn push(pending: &mut Pending, info: Info, context: Context) {
    match context {
        Context::Thread => pending.push(info),
        Context::Interrupt => {
            pending.push_in_place(info);
        }
    }
}

/// Sends to a process: to the thread that will take it first, any otherwise. Not for interrupt handlers.
pub fn send_to_process(process: &Process, info: Info) -> Sent {
    send(process, info, Context::Thread)
}

/// As [`send_to_process`], from an interrupt handler.
pub fn send_from_interrupt(process: &Process, info: Info) -> Sent {
    send(process, info, Context::Interrupt)
}

fn send(process: &Process, info: Info, context: Context) -> Sent {
    {
        let mut state = process.signals.lock();
        prepare(process, &mut state, info.signal);
        let taker = taker(&state, info.signal).cloned();
        if drops(process, if taker.is_some() { 0 } else { u64::MAX }, info.signal) {
            return Sent::Ignored;
        }
        push(&mut state.pending, info, context);
        if let Some(taker) = taker {
            taker.interrupt();
        }
    }
    QUEUED.notify(PollEvents::IN);
    Sent::Queued
}

/// The thread that takes a signal sent to the process: the first that does not block it.
fn taker(state: &SignalState, signal: u32) -> Option<&Arc<Thread>> {
    let deaf = |thread: &Thread| thread.user::<UserThread>().is_none_or(|user| user.signals.deaf_to() & bit(signal) != 0);
    state.threads.iter().find(|thread| !deaf(thread))
}

/// A signal that would do nothing is not even queued, unless it is blocked (its action may change meanwhile).
fn drops(process: &Process, deaf_to: u64, signal: u32) -> bool {
    deaf_to & bit(signal) == 0 && process.actions.lock().ignores(signal)
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

/// A signal from outside, as kill(2) by nobody (the control port). May be called from an interrupt handler.
pub fn from_host(signal: u32) {
    if let Some(process) = super::table::initial() {
        send_from_interrupt(process, Info::from_user(signal, abi::signal::code::USER, 0, 0));
    }
}

/// Sends to every process of a group, as the kernel (terminals); how many there were.
pub fn send_to_group(group: i32, info: Info) -> usize {
    let members = super::table::all().into_iter().filter(|process| process.pgid() == group && !process.is_zombie());
    members.fold(0, |sent, process| {
        send_to_process(&process, info);
        sent + 1
    })
}

/// The action of `signal` changed: if it is ignored now, what is pending of it goes away (POSIX).
pub fn drop_ignored(process: &Process, signal: u32) {
    if !process.signal_actions().ignores(signal) {
        return;
    }
    let mut state = process.signals.lock();
    state.pending.flush(bit(signal));
    for thread in &state.threads {
        if let Some(user) = thread.user::<UserThread>() {
            user.signals.pending.lock().flush(bit(signal));
        }
    }
}
