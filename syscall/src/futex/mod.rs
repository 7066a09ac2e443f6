//! futex and futex_waitv.

use abi::futex::{CLOCK_REALTIME, FUTEX2_PRIVATE, FUTEX2_SIZE_U32, FutexWaitv, PRIVATE_FLAG, WAITV_MAX, op};
use abi::time::{Timespec, clock};
use abi::{Errno, Result};
use alloc::vec::Vec;
use hal::user::UserPtr;
use kernel::futex::{self, ANY, Operation, Scope, Wanted, pi};
use kernel::process::current;
use kernel::signal::Restart;
use kernel::time;

/// futex(2). `timeout` is a pointer or, for the requeue operations, a number.
pub fn futex(addr: usize, op: i32, val: u32, timeout: usize, addr2: usize, val3: u32) -> Result<usize> {
    let command = op & !(PRIVATE_FLAG | CLOCK_REALTIME);
    let scope = if op & PRIVATE_FLAG != 0 { Scope::Private } else { Scope::Shared };
    let realtime = op & CLOCK_REALTIME != 0;
    if realtime && !matches!(command, op::WAIT_BITSET | op::WAIT_REQUEUE_PI | op::LOCK_PI2) {
        return Err(Errno::ENOSYS);
    }
    let user = current();
    let count = |n: u32| n as usize; // widening
    let second = u32::try_from(timeout & 0xffff_ffff).unwrap_or(0);
    match command {
        op::WAKE => futex::wake(&user.mm(), addr, scope, at_least_one(val), ANY).map(count),
        op::WAIT => {
            let deadline = deadline(timeout, clock::MONOTONIC, false)?;
            wait(addr, scope, val, ANY, deadline)
        }
        op::WAIT_BITSET => wait(addr, scope, val, val3, absolute(timeout, realtime)?),
        op::WAKE_BITSET => futex::wake(&user.mm(), addr, scope, at_least_one(val), val3).map(count),
        op::REQUEUE | op::CMP_REQUEUE => {
            if val.cast_signed() < 0 || second.cast_signed() < 0 {
                return Err(Errno::EINVAL);
            }
            let expected = (command == op::CMP_REQUEUE).then_some(val3);
            futex::requeue(&user.mm(), addr, addr2, scope, val, second, expected).map(count)
        }
        op::WAKE_OP => futex::wake_op(&user.mm(), addr, addr2, scope, val, second, Operation(val3)).map(count),
        op::LOCK_PI => pi::lock(&user.mm(), addr, scope, user.tid(), absolute(timeout, true)?, false).map(|()| 0),
        op::LOCK_PI2 => pi::lock(&user.mm(), addr, scope, user.tid(), absolute(timeout, realtime)?, false).map(|()| 0),
        op::TRYLOCK_PI => pi::lock(&user.mm(), addr, scope, user.tid(), None, true).map(|()| 0),
        op::UNLOCK_PI => pi::unlock(&user.mm(), addr, scope, user.tid()).map(|()| 0),
        op::WAIT_REQUEUE_PI => pi::wait_requeue(&user.mm(), addr, addr2, scope, val, user.tid(), absolute(timeout, realtime)?).map(|()| 0),
        op::CMP_REQUEUE_PI => {
            if val != 1 {
                return Err(Errno::EINVAL);
            }
            pi::requeue(&user.mm(), addr, addr2, scope, second, val3).map(count)
        }
        _ => Err(Errno::ENOSYS),
    }
}

/// Linux wakes one waiter even when asked for none.
fn at_least_one(count: u32) -> u32 {
    if count.cast_signed() < 1 { 1 } else { count }
}

/// The deadline in CLOCK_MONOTONIC of the timeout at `addr`, `None` for a null pointer.
fn deadline(addr: usize, id: i32, absolute: bool) -> Result<Option<u64>> {
    let Some(pointer) = UserPtr::<Timespec>::new(addr).non_null() else { return Ok(None) };
    let ns = pointer.read()?.to_ns()?;
    if absolute { time::to_monotonic(id, ns).map(Some) } else { Ok(Some(time::monotonic().saturating_add(ns))) }
}

fn absolute(addr: usize, realtime: bool) -> Result<Option<u64>> {
    deadline(addr, if realtime { clock::REALTIME } else { clock::MONOTONIC }, true)
}

/// Waits; with a timeout an interrupted wait goes on by restart_syscall.
fn wait(addr: usize, scope: Scope, val: u32, bitset: u32, deadline: Option<u64>) -> Result<usize> {
    let user = current();
    let mm = user.mm();
    match futex::wait(&mm, addr, scope, val, bitset, deadline) {
        Ok(()) => Ok(0),
        Err(Errno::RESTARTSYS) if deadline.is_some() => {
            let private = u64::from(scope == Scope::Private);
            let args = [addr as u64, private, u64::from(val), u64::from(bitset), deadline.unwrap_or(u64::MAX), 0]; // widening
            *user.signals.restart.lock() = Some(Restart { run: restart_wait, args });
            Err(Errno::RESTART_RESTARTBLOCK)
        }
        Err(errno) => Err(errno),
    }
}

fn restart_wait(args: &[u64; 6]) -> Result<usize> {
    let word = |value: u64| u32::try_from(value).map_err(|_| Errno::EINVAL);
    let addr = usize::try_from(args[0]).map_err(|_| Errno::EINVAL)?;
    let scope = if args[1] != 0 { Scope::Private } else { Scope::Shared };
    wait(addr, scope, word(args[2])?, word(args[3])?, Some(args[4]))
}

/// futex_waitv(2).
pub fn futex_waitv(waiters: UserPtr<FutexWaitv>, count: u32, flags: u32, timeout: usize, id: i32) -> Result<usize> {
    let count = count as usize; // widening
    if flags != 0 || count == 0 || count > WAITV_MAX || waiters.is_null() {
        return Err(Errno::EINVAL);
    }
    let deadline = if timeout == 0 {
        None
    } else if matches!(id, clock::MONOTONIC | clock::REALTIME) {
        deadline(timeout, id, true)?
    } else {
        return Err(Errno::EINVAL);
    };
    let mut wanted = Vec::with_capacity(count);
    for at in 0..count {
        let waiter = waiters.add(at).read()?;
        if waiter.flags & !FUTEX2_PRIVATE != FUTEX2_SIZE_U32 || waiter.reserved != 0 {
            return Err(Errno::EINVAL);
        }
        let scope = if waiter.flags & FUTEX2_PRIVATE != 0 { Scope::Private } else { Scope::Shared };
        let addr = usize::try_from(waiter.uaddr).map_err(|_| Errno::EFAULT)?;
        let expected = u32::try_from(waiter.val).map_err(|_| Errno::EINVAL)?;
        wanted.push(Wanted { addr, scope, expected });
    }
    futex::wait_any(&current().mm(), &wanted, deadline)
}
