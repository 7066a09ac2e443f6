//! Delivering signals on the way back to the application: the default action, or a frame for the handler; and restarting interrupted calls.

use abi::Errno;
use abi::signal::{SIG_DFL, SIG_IGN, SS_AUTODISARM, SigAction, StackT, sa, sig};
use hal::sigframe::{self, BadFrame, FrameSpec};
use hal::task::Owner;
use hal::trap::UserContext;
use zerocopy::IntoBytes;

use super::user::{UserThread, current};
use super::{exit, fatal, ptimers};
use crate::control;
use crate::sched::{self, WaitOptions, work};
use crate::signal::{Actions, DefaultAction, Info, NO_STACK, bit, default_action};

/// Number of restart_syscall(2).
const RESTART_SYSCALL: u64 = 219;

/// What the thread has to do before it goes on.
enum Event {
    /// The process ends with this wait status.
    Exit(i32),
    /// The process is stopped.
    Stopped,
    /// A signal.
    Signal(Info),
    /// Nothing.
    Nothing,
}

/// The SIGNAL or RESTART bit was set: does all that is due. At most one handler is prepared; the SIGNAL bit is set again if more signals wait.
pub fn run(ctx: &mut UserContext) {
    let thread = sched::current();
    thread.task().work().fetch_and(!(work::SIGNAL | work::RESTART), core::sync::atomic::Ordering::AcqRel);
    let user = current();
    loop {
        match next(&user) {
            Event::Exit(status) => exit::exit_thread(status),
            Event::Stopped => wait_for_continue(&user),
            Event::Signal(mut info) => {
                ptimers::delivered(&user.process, &mut info);
                if handle(ctx, &user, &info) {
                    break;
                }
            }
            Event::Nothing => {
                restart(ctx, &user);
                if let Some(mask) = user.signals.take_saved() {
                    user.signals.store_blocked(mask);
                    recalculate(&user);
                }
                break;
            }
        }
    }
}

fn next(user: &UserThread) -> Event {
    let mut state = user.process.signals.lock();
    if let Some(status) = state.exiting {
        return Event::Exit(status);
    }
    if state.stopped_by.is_some() {
        return Event::Stopped;
    }
    let blocked = user.signals.blocked();
    let mut own = user.signals.pending.lock();
    if let Some(info) = own.next(blocked).and_then(|signal| own.take(signal)) {
        return Event::Signal(info);
    }
    drop(own);
    match state.pending.next(blocked).and_then(|signal| state.pending.take(signal)) {
        Some(info) => Event::Signal(info),
        None => Event::Nothing,
    }
}

/// Sets or clears the SIGNAL bit of the calling thread by what is pending. Call after the mask changed.
pub fn recalculate(user: &UserThread) {
    let thread = sched::current();
    let state = user.process.signals.lock();
    let waiting = (user.signals.pending.lock().set() | state.pending.set()) & !user.signals.blocked();
    if waiting != 0 || state.exiting.is_some() || state.stopped_by.is_some() {
        thread.set_work(work::SIGNAL);
    } else {
        thread.task().work().fetch_and(!work::SIGNAL, core::sync::atomic::Ordering::AcqRel);
    }
}

fn wait_for_continue(user: &UserThread) {
    let process = &user.process;
    // Only SIGCONT and SIGKILL end a stop, and both clear `stopped_by`.
    let options = WaitOptions { deadline: None, uninterruptible: true };
    let _ = process.stopped.wait(options, || {
        let state = process.signals.lock();
        (state.stopped_by.is_none() || state.exiting.is_some()).then_some(())
    });
}

/// Acts on a signal. True when a handler was prepared.
fn handle(ctx: &mut UserContext, user: &UserThread, info: &Info) -> bool {
    if control::tracing() {
        let text = alloc::format!("signal {:x} {:x} {:x} {:x}", user.tid(), info.signal, info.code, info.fields[0]);
        control::bulk("strace", text.as_bytes());
    }
    let actions = user.process.signal_actions();
    let action = actions.take_for_delivery(info.signal);
    match action.handler {
        SIG_IGN => false,
        SIG_DFL => {
            drop(actions); // it may be the end, where nothing is dropped any more
            act_by_default(ctx, user, info);
            false
        }
        _ => {
            prepare_restart(ctx, &action);
            super::rseq::leave_section(user, ctx);
            match build_frame(ctx, user, &action, info) {
                Ok(()) => {
                    let mut mask = user.signals.blocked() | action.mask;
                    if action.flags & sa::NODEFER == 0 {
                        mask |= bit(info.signal);
                    }
                    user.signals.store_blocked(mask);
                    recalculate(user);
                    true
                }
                Err(BadFrame) => {
                    force_fault_of_frame(user, &actions, info.signal);
                    false
                }
            }
        }
    }
}

fn act_by_default(ctx: &UserContext, user: &UserThread, info: &Info) {
    match default_action(info.signal) {
        DefaultAction::Ignore => {}
        DefaultAction::Stop => stop(user, info.signal),
        DefaultAction::Terminate | DefaultAction::Dump => {
            fatal::explain(ctx, user, info);
            exit::exit_group(info.signal.cast_signed())
        }
    }
}

fn stop(user: &UserThread, signal: u32) {
    let mut state = user.process.signals.lock();
    state.stopped_by = Some(signal);
    state.report = Some((signal.cast_signed() << 8) | 0x7f);
    for thread in &state.threads {
        thread.interrupt();
    }
    drop(state);
    exit::tell_parent_of_stop(&user.process, abi::signal::code::CLD_STOPPED, signal.cast_signed());
}

/// Before a handler runs: the interrupted call either fails with EINTR or is made again after it.
fn prepare_restart(ctx: &mut UserContext, action: &SigAction) {
    let Some(code) = restart_code(ctx) else { return };
    let again = code == i64::from(Errno::RESTARTNOINTR.number())
        || code == i64::from(Errno::RESTARTSYS.number()) && action.flags & sa::RESTART != 0;
    if again {
        ctx.rax = ctx.orig_rax;
        ctx.rip = ctx.rip.wrapping_sub(2);
    } else {
        ctx.rax = i64::from(-Errno::EINTR.number()).cast_unsigned();
    }
    ctx.orig_rax = u64::MAX;
}

/// No handler ran: the call is made again, through restart_syscall where it must go on differently.
fn restart(ctx: &mut UserContext, user: &UserThread) {
    let Some(code) = restart_code(ctx) else { return };
    let through_block = code == i64::from(Errno::RESTART_RESTARTBLOCK.number());
    if through_block && user.signals.restart.lock().is_none() {
        ctx.rax = i64::from(-Errno::EINTR.number()).cast_unsigned();
    } else {
        ctx.rax = if through_block { RESTART_SYSCALL } else { ctx.orig_rax };
        ctx.rip = ctx.rip.wrapping_sub(2);
    }
    ctx.orig_rax = u64::MAX;
}

/// The internal restart code a call ended with.
fn restart_code(ctx: &UserContext) -> Option<i64> {
    let from_call = ctx.orig_rax.cast_signed() >= 0;
    let code = ctx.rax.cast_signed().wrapping_neg();
    (from_call && matches!(code, 512..=514 | 516)).then_some(code)
}

/// Whether `sp` lies on the alternate stack (never with SS_AUTODISARM, which leaves it).
pub(super) fn on_alternate_stack(stack: &StackT, sp: u64) -> bool {
    stack.flags & SS_AUTODISARM == 0 && stack.size != 0 && sp > stack.sp && sp - stack.sp <= stack.size
}

fn build_frame(ctx: &mut UserContext, user: &UserThread, action: &SigAction, info: &Info) -> Result<(), BadFrame> {
    if action.flags & sa::RESTORER == 0 {
        return Err(BadFrame);
    }
    let stack = *user.signals.stack.lock();
    let mut top = ctx.rsp.wrapping_sub(128);
    let nested = on_alternate_stack(&stack, ctx.rsp);
    let switches = action.flags & sa::ONSTACK != 0 && stack.size != 0 && !nested;
    if switches {
        top = stack.sp.wrapping_add(stack.size);
    }
    // A frame that would run off the alternate stack is not written over what lies below it.
    let needed = sigframe::max_size() as u64; // widening
    if (switches || nested) && top.wrapping_sub(stack.sp) < needed.min(stack.size) {
        return Err(BadFrame);
    }
    let saved = user.signals.take_saved();
    let mut raw = [0u8; 128];
    raw.copy_from_slice(info.raw().as_bytes());
    let spec = FrameSpec {
        handler: action.handler,
        restorer: action.restorer,
        signal: info.signal,
        info: raw,
        old_mask: saved.unwrap_or_else(|| user.signals.blocked()),
        stack: (stack.sp, stack.flags, stack.size),
        top,
        fault: *user.fault.lock(),
    };
    sigframe::build(ctx, &spec)?;
    ctx.orig_rax = u64::MAX;
    if stack.flags & SS_AUTODISARM != 0 {
        *user.signals.stack.lock() = NO_STACK;
    }
    Ok(())
}

/// The frame could not be written: SIGSEGV, by default action if that was the signal being delivered.
fn force_fault_of_frame(user: &UserThread, actions: &Actions, signal: u32) {
    if signal == sig::SEGV {
        actions.reset(sig::SEGV);
    }
    force(user, Info::kernel(sig::SEGV));
}

/// Sends a signal that the thread cannot refuse: blocked or ignored, it gets the default action.
pub fn force(user: &UserThread, info: Info) {
    let actions = user.process.signal_actions();
    let blocked = user.signals.blocked();
    if blocked & bit(info.signal) != 0 || actions.get(info.signal).handler == SIG_IGN {
        actions.reset(info.signal);
        user.signals.store_blocked(blocked & !bit(info.signal));
    }
    {
        let _state = user.process.signals.lock();
        user.signals.pending.lock().push(info);
    }
    sched::current().set_work(work::SIGNAL);
}

/// rt_sigreturn(2): takes the context back from the frame; gives what belongs into rax. A bad frame is SIGSEGV.
pub fn sigreturn() -> usize {
    let user = current();
    let thread = sched::current();
    let (restored, rax) = thread.task().with_context(|ctx| {
        let restored = sigframe::restore(ctx);
        ctx.orig_rax = u64::MAX;
        (restored, ctx.rax)
    });
    match restored {
        Ok(restored) => {
            user.signals.store_blocked(restored.mask);
            let (sp, flags, size) = restored.stack;
            let _ = super::altstack::set(&user, StackT { sp, flags, pad: 0, size }, None);
        }
        Err(BadFrame) => force(&user, Info::kernel(sig::SEGV)),
    }
    *user.signals.restart.lock() = None;
    // The way back must be the slow one, for all registers count; and the mask may have opened.
    thread.set_work(work::SIGNAL);
    rax as usize // x86-64: the same width
}
