//! The alternate signal stack (sigaltstack(2)).

use abi::signal::{MINSIGSTKSZ, SS_AUTODISARM, SS_DISABLE, SS_ONSTACK, StackT};
use abi::{Errno, Result};

use super::deliver::on_alternate_stack;
use super::user::UserThread;
use crate::signal::NO_STACK;

/// What sigaltstack reports at stack pointer `sp`.
pub fn get(user: &UserThread, sp: u64) -> StackT {
    let stack = *user.signals.stack.lock();
    let state = if stack.size == 0 {
        SS_DISABLE
    } else if on_alternate_stack(&stack, sp) {
        SS_ONSTACK
    } else {
        0
    };
    StackT { flags: state | stack.flags & SS_AUTODISARM, ..stack }
}

/// Replaces the stack. With `sp` given: EPERM while on the old one. EINVAL for unknown flags, ENOMEM for one that is too small.
pub fn set(user: &UserThread, new: StackT, sp: Option<u64>) -> Result<()> {
    let mut stack = user.signals.stack.lock();
    if sp.is_some_and(|sp| on_alternate_stack(&stack, sp)) {
        return Err(Errno::EPERM);
    }
    let mode = new.flags & !SS_AUTODISARM;
    if !matches!(mode, 0 | SS_ONSTACK | SS_DISABLE) {
        return Err(Errno::EINVAL);
    }
    if mode == SS_DISABLE {
        *stack = NO_STACK;
        return Ok(());
    }
    if new.size < MINSIGSTKSZ {
        return Err(Errno::ENOMEM);
    }
    *stack = StackT { sp: new.sp, flags: new.flags & SS_AUTODISARM, pad: 0, size: new.size };
    Ok(())
}
