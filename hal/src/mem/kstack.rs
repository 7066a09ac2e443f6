//! Kernel stacks: 16 KiB each (more where the compiler does not optimise), with unmapped space below, so that an overflow faults instead of writing into a neighbour.

use super::kmap;
use crate::sync::SpinLock;

/// Bytes of a stack.
pub(crate) const SIZE: usize = if cfg!(debug_assertions) { 64 << 10 } else { 16 << 10 };
/// Distance between stacks: the rest is guard.
const STRIDE: usize = 2 * SIZE;
const CACHE_MAX: usize = 32;
const FREE_MAX: usize = 256;

struct Pool {
    /// Slots whose frames are still mapped.
    cached: [u32; CACHE_MAX],
    n_cached: usize,
    /// Slots without frames. Slots beyond its room are not used again (there are two million).
    free: [u32; FREE_MAX],
    n_free: usize,
    next: u32,
}

static POOL: SpinLock<Pool> = SpinLock::new(Pool { cached: [0; CACHE_MAX], n_cached: 0, free: [0; FREE_MAX], n_free: 0, next: 0 });

/// A stack for one thread in the kernel. Given back on drop, which must happen on another stack.
pub(crate) struct KernelStack {
    slot: u32,
}

impl KernelStack {
    /// A stack with unspecified contents; `None` when memory is exhausted.
    pub(crate) fn new() -> Option<KernelStack> {
        let slot = {
            let mut pool = POOL.lock();
            if pool.n_cached > 0 {
                pool.n_cached -= 1;
                return Some(KernelStack { slot: pool.cached[pool.n_cached] });
            }
            if pool.n_free > 0 {
                pool.n_free -= 1;
                pool.free[pool.n_free]
            } else if kmap::STACKS + (pool.next as usize + 1) * STRIDE <= kmap::STACKS_END {
                pool.next += 1;
                pool.next - 1
            } else {
                return None;
            }
        };
        let stack = KernelStack { slot };
        if kmap::map_frames(stack.bottom(), SIZE / super::PAGE_SIZE).is_none() {
            stack.forget_slot();
            return None;
        }
        Some(stack)
    }

    /// First address past the stack: where it starts to grow down.
    pub(crate) fn top(&self) -> usize {
        kmap::STACKS + (self.slot as usize + 1) * STRIDE
    }

    /// Its lowest address; below is the guard.
    pub(crate) fn bottom(&self) -> usize {
        self.top() - SIZE
    }

    /// Keeps the (unmapped) slot for later.
    fn forget_slot(self) {
        let mut pool = POOL.lock();
        if pool.n_free < FREE_MAX {
            let n = pool.n_free;
            pool.free[n] = self.slot;
            pool.n_free += 1;
        }
        core::mem::forget(self);
    }
}

impl Drop for KernelStack {
    fn drop(&mut self) {
        let mut pool = POOL.lock();
        if pool.n_cached < CACHE_MAX {
            let n = pool.n_cached;
            pool.cached[n] = self.slot;
            pool.n_cached += 1;
            return;
        }
        drop(pool);
        kmap::unmap_frames(self.bottom(), SIZE / super::PAGE_SIZE);
        KernelStack { slot: self.slot }.forget_slot();
    }
}
