//! Memory is short: whoever keeps pages that can be had again gives some of them up.
//!
//! It runs inside the allocation that failed, whoever asked (a page fault, a pipe, a page table, the heap), and so under locks that are not known here. Hence the
//! rule for those who give: take locks by `try_lock` only, do not sleep, do not allocate; freeing is allowed.

use crate::sync::Once;

/// Gives up some pages, the least needed of its kind first; says how many. 0: there are none, or they cannot be reached now.
pub type Shrinker = fn() -> usize;

/// Kinds of pages that can be given up, in the order in which they are.
#[derive(Clone, Copy)]
pub enum Kind {
    /// Nobody wants them any more (MADV_FREE).
    Unwanted,
    /// They can be read again.
    Readable,
}

static SHRINKERS: [Once<Shrinker>; 2] = [const { Once::new() }; 2];

/// Registers who gives one kind of pages, for the life of the machine; again is harmless.
pub fn register(kind: Kind, shrinker: Shrinker) {
    hal::mem::set_reclaimer(run);
    let _ = SHRINKERS[kind as usize].set(shrinker);
}

/// Asks until somebody gives; false when nobody can.
pub(super) fn run() -> bool {
    SHRINKERS.iter().filter_map(Once::get).any(|shrink| shrink() > 0)
}
