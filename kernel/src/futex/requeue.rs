//! FUTEX_REQUEUE, FUTEX_CMP_REQUEUE and FUTEX_WAKE_OP.

use alloc::vec::Vec;
use core::sync::atomic::Ordering;

use abi::{Errno, Result};

use super::bucket::{Entry, Key, Kind, bucket_of, key, lock_pair, put, wake_in};
use super::{ANY, Scope};
use crate::mm::AddressSpace;

/// Wakes up to `wake` waiters of `from` and moves up to `move_` others to `to`; with `expected`, EAGAIN if the word at `from` differs. Gives the number
/// of woken and moved ones.
pub fn requeue(mm: &AddressSpace, from: usize, to: usize, scope: Scope, wake: u32, move_: u32, expected: Option<u32>) -> Result<u32> {
    let (source, target) = (key(mm, from, scope)?, key(mm, to, scope)?);
    let (mut waiters, mut others) = lock_pair(&source, &target);
    if let Some(expected) = expected
        && hal::user::atomic::load_u32(from)? != expected
    {
        return Err(Errno::EAGAIN);
    }
    let woken = wake_in(&mut waiters, &source, wake, ANY)?;
    let moved = move_entries(&mut waiters, others.as_deref_mut(), &source, &target, move_);
    Ok(woken + moved)
}

/// Gives up to `count` plain entries of `source` the key `target`. `others`: the target's bucket if it is another one.
fn move_entries(waiters: &mut Vec<Entry>, mut others: Option<&mut Vec<Entry>>, source: &Key, target: &Key, count: u32) -> u32 {
    if source == target {
        return 0;
    }
    let (index, _) = bucket_of(target);
    let mut moved = 0;
    let mut at = 0;
    while moved < count && at < waiters.len() {
        if waiters[at].key != *source || waiters[at].kind != Kind::Plain {
            at += 1;
            continue;
        }
        moved += 1;
        match &mut others {
            None => {
                waiters[at].key = *target;
                at += 1;
            }
            Some(others) => {
                let mut entry = waiters.remove(at);
                entry.key = *target;
                entry.thread.wait_bucket.store(index, Ordering::Release);
                put(others, entry);
            }
        }
    }
    moved
}

/// The encoded operation of FUTEX_WAKE_OP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation(pub u32);

impl Operation {
    /// A 12-bit field, sign-extended.
    fn field(self, shift: u32) -> i32 {
        (self.0 << (20 - shift)).cast_signed() >> 20
    }

    /// The new value of the word. ENOSYS for an operation that does not exist.
    fn apply(self, old: u32) -> Result<u32> {
        let mut argument = self.field(12);
        if self.0 >> 31 != 0 {
            argument = 1i32.wrapping_shl(argument.cast_unsigned() & 31);
        }
        let argument = argument.cast_unsigned();
        match self.0 >> 28 & 7 {
            0 => Ok(argument),
            1 => Ok(old.wrapping_add(argument)),
            2 => Ok(old | argument),
            3 => Ok(old & !argument),
            4 => Ok(old ^ argument),
            _ => Err(Errno::ENOSYS),
        }
    }

    /// Whether the old value calls for waking the second futex.
    fn compare(self, old: u32) -> Result<bool> {
        let (old, with) = (old.cast_signed(), self.field(0));
        match self.0 >> 24 & 15 {
            0 => Ok(old == with),
            1 => Ok(old != with),
            2 => Ok(old < with),
            3 => Ok(old <= with),
            4 => Ok(old > with),
            5 => Ok(old >= with),
            _ => Err(Errno::ENOSYS),
        }
    }
}

/// FUTEX_WAKE_OP: changes the word at `second`, wakes up to `wake` waiters of `first`, and up to `wake_second` of `second` if its old value says so.
pub fn wake_op(
    mm: &AddressSpace,
    first: usize,
    second: usize,
    scope: Scope,
    wake: u32,
    wake_second: u32,
    operation: Operation,
) -> Result<u32> {
    let (a, b) = (key(mm, first, scope)?, key(mm, second, scope)?);
    let (mut waiters, mut others) = lock_pair(&a, &b);
    let mut old = hal::user::atomic::load_u32(second)?;
    loop {
        let found = hal::user::atomic::compare_exchange_u32(second, old, operation.apply(old)?)?;
        if found == old {
            break;
        }
        old = found;
    }
    let also_second = operation.compare(old)?;
    let mut woken = wake_in(&mut waiters, &a, wake, ANY)?;
    if also_second {
        let target = match &mut others {
            Some(others) => others,
            None => &mut waiters,
        };
        woken += wake_in(target, &b, wake_second, ANY)?;
    }
    Ok(woken)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FUTEX_OP(op, oparg, cmp, cmparg) of the man page.
    fn encode(op: u32, oparg: u32, cmp: u32, cmparg: u32) -> Operation {
        Operation((op & 0xf) << 28 | (cmp & 0xf) << 24 | (oparg & 0xfff) << 12 | cmparg & 0xfff)
    }

    #[test]
    fn operations() {
        assert_eq!(encode(0, 7, 0, 0).apply(3), Ok(7));
        assert_eq!(encode(1, 0xfff, 0, 0).apply(3), Ok(2), "arguments are signed");
        assert_eq!(encode(2, 8, 0, 0).apply(3), Ok(11));
        assert_eq!(encode(3, 1, 0, 0).apply(3), Ok(2));
        assert_eq!(encode(4, 1, 0, 0).apply(3), Ok(2));
        assert_eq!(encode(8 | 2, 4, 0, 0).apply(0), Ok(16), "FUTEX_OP_ARG_SHIFT");
        assert_eq!(encode(5, 0, 0, 0).apply(0), Err(Errno::ENOSYS));
    }

    #[test]
    fn comparisons() {
        for (cmp, expected) in [(0, false), (1, true), (2, true), (3, true), (4, false), (5, false)] {
            assert_eq!(encode(0, 0, cmp, 5).compare(u32::MAX), Ok(expected), "-1 against 5 by {cmp}");
        }
        assert_eq!(encode(0, 0, 6, 0).compare(0), Err(Errno::ENOSYS));
    }
}
