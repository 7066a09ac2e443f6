//! Robust lists: the locks that a thread held when it ended are marked, and a waiter is woken (set_robust_list(2)).

use abi::futex::{OWNER_DIED, RobustListHead, TID_MASK, WAITERS};
use hal::user::{UserPtr, atomic};

use super::{ANY, Scope, wake};
use crate::mm::AddressSpace;

/// A list longer than this is taken for a loop (Linux's ROBUST_LIST_LIMIT).
const LIMIT: usize = 2048;

/// Walks the list of thread `tid` at `head`.
pub fn walk(mm: &AddressSpace, head: usize, tid: i32) {
    let Ok(list) = UserPtr::<RobustListHead>::new(head).read() else { return };
    let word = |entry: usize| (entry & !1).wrapping_add_signed(isize::try_from(list.futex_offset).unwrap_or(0));
    let mut entry = list.next;
    for _ in 0..LIMIT {
        if entry & !1 == head {
            break;
        }
        let Ok(next) = UserPtr::<usize>::new(entry & !1).read() else { break };
        if entry != list.pending && release(mm, word(entry), tid, entry & 1 != 0, false).is_none() {
            return;
        }
        entry = next;
        crate::sched::cond_resched();
    }
    if list.pending & !1 != 0 {
        let _ = release(mm, word(list.pending), tid, list.pending & 1 != 0, true);
    }
}

/// Marks one lock; `None` if its word cannot be read.
fn release(mm: &AddressSpace, addr: usize, tid: i32, pi: bool, pending: bool) -> Option<()> {
    let mut seen = atomic::load_u32(addr).ok()?;
    loop {
        if pending && !pi && seen & TID_MASK == 0 {
            // It was unlocked, and the thread died before it could wake a waiter.
            let _ = wake(mm, addr, Scope::Shared, 1, ANY);
            return Some(());
        }
        if seen & TID_MASK != tid.cast_unsigned() {
            return Some(());
        }
        let found = atomic::compare_exchange_u32(addr, seen, seen & WAITERS | OWNER_DIED).ok()?;
        if found == seen {
            break;
        }
        seen = found;
    }
    if !pi && seen & WAITERS != 0 {
        let _ = wake(mm, addr, Scope::Shared, 1, ANY);
    }
    Some(())
}
