//! rt_sigaction, sigaltstack, rt_sigreturn, restart_syscall.

use abi::signal::{SigAction, StackT, sig};
use abi::{Errno, Result};
use hal::task::Owner;
use hal::user::UserPtr;
use kernel::process::{altstack, current, deliver, signals, trap};
use kernel::sched;

/// Bytes of a signal set in the kernel's ABI.
const SET_SIZE: usize = 8;

/// rt_sigaction(2).
pub fn rt_sigaction(signal: u32, new: UserPtr<SigAction>, old: UserPtr<SigAction>, size: usize) -> Result<()> {
    if size != SET_SIZE || !(1..=sig::MAX).contains(&signal) {
        return Err(Errno::EINVAL);
    }
    let user = current();
    let actions = user.process.signal_actions();
    let before = match new.non_null() {
        Some(new) => {
            let before = actions.set(signal, new.read()?)?;
            signals::drop_ignored(&user.process, signal);
            before
        }
        None => actions.get(signal),
    };
    old.non_null().map_or(Ok(()), |old| old.write(&before))
}

/// sigaltstack(2).
pub fn sigaltstack(new: UserPtr<StackT>, old: UserPtr<StackT>) -> Result<()> {
    let user = current();
    let sp = sched::current().task().with_context(|ctx| ctx.rsp);
    let before = altstack::get(&user, sp);
    if let Some(new) = new.non_null() {
        altstack::set(&user, new.read()?, Some(sp))?;
    }
    old.non_null().map_or(Ok(()), |old| old.write(&before))
}

/// rt_sigreturn(2).
pub fn rt_sigreturn() -> Result<usize> {
    Ok(deliver::sigreturn())
}

/// restart_syscall(2).
pub fn restart_syscall() -> Result<usize> {
    trap::restart_syscall()
}
