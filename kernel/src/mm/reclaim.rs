//! Memory is short: whoever keeps pages that can be had again gives some of them up.
//!
//! It runs inside the allocation that failed, whoever asked (a page fault, a pipe, a page table, the heap), and so under locks that are not known here. Hence the
//! rule for those who give: take locks by `try_lock` only, do not sleep, do not allocate; freeing is allowed.

use crate::sync::Once;

/// Gives up some pages, the least needed first; says how many. 0: there are none, or they cannot be reached now.
pub type Shrinker = fn() -> usize;

/// Room for kinds of pages that can be given up.
const KINDS: usize = 4;

static SHRINKERS: [Once<Shrinker>; KINDS] = [const { Once::new() }; KINDS];

/// Registers one kind of pages, for the life of the machine; again is harmless. The first registered is asked first.
pub fn register(shrinker: Shrinker) {
    hal::mem::set_reclaimer(run);
    for slot in &SHRINKERS {
        if *slot.get_or_init(|| shrinker) as usize == shrinker as usize {
            return;
        }
    }
}

/// Asks until somebody gives; false when nobody can.
pub(super) fn run() -> bool {
    SHRINKERS.iter().map_while(Once::get).any(|shrink| shrink() > 0)
}
