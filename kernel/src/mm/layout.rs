//! Where things go in a new address space, with or without randomisation (the same arithmetic as Linux's, so that addresses look familiar).

use hal::mem::{PAGE_SIZE, USER_END};

use super::vma::STACK_GUARD_GAP;

const STACK_RANDOM_PAGES: u64 = 0x3f_ffff;
const MMAP_RANDOM_BITS: u32 = 28;
const BRK_RANDOM: u64 = 0x0200_0000;
const GAP_MIN: usize = 128 << 20;
const GAP_MAX: usize = USER_END / 6 * 5;

/// The fixed points of an address space.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// Mappings are placed below this, from the top down.
    pub mmap_base: usize,
    /// First address behind the first stack.
    pub stack_top: usize,
    /// Where a position-independent program is loaded.
    pub pie_base: usize,
    /// What the start of the heap is moved by, behind the end of the program.
    pub brk_offset: usize,
}

/// `bits` masked, as pages. The values are far below the address width.
fn pages(bits: u64) -> usize {
    bits as usize * PAGE_SIZE
}

impl Layout {
    /// A layout for a stack limit (RLIMIT_STACK) in bytes. `entropy`: four random numbers; `None` gives the addresses that Linux gives without randomisation.
    pub fn new(entropy: Option<[u64; 4]>, stack_limit: u64) -> Layout {
        let [mmap, stack, pie, brk] = entropy.unwrap_or_default();
        let random = entropy.is_some();
        let mmap_random = pages(mmap & ((1 << MMAP_RANDOM_BITS) - 1));
        let room_for_random = if random { pages(STACK_RANDOM_PAGES) } else { 0 };
        let gap =
            usize::try_from(stack_limit).unwrap_or(usize::MAX).saturating_add(room_for_random + STACK_GUARD_GAP).clamp(GAP_MIN, GAP_MAX);
        Layout {
            mmap_base: (USER_END - gap - mmap_random) & !(PAGE_SIZE - 1),
            stack_top: USER_END - pages(stack & STACK_RANDOM_PAGES),
            pie_base: ((USER_END / 3 * 2) & !(PAGE_SIZE - 1)) + pages(pie & ((1 << MMAP_RANDOM_BITS) - 1)),
            brk_offset: pages(brk % (BRK_RANDOM / PAGE_SIZE as u64)),
        }
    }
}
