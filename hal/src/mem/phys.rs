//! The direct map: where the kernel sees physical memory.

/// The direct map's first address: physical 0.
#[cfg(not(any(test, feature = "fake-memory")))]
const BASE: usize = 0xffff_8880_0000_0000;

/// Size of the direct map's window (64 TiB, as on Linux).
#[cfg(not(any(test, feature = "fake-memory")))]
const SIZE: usize = 1 << 46;

/// The address at which the kernel sees physical address `pa`. Only RAM is mapped there.
#[cfg(not(any(test, feature = "fake-memory")))]
#[inline]
pub(crate) fn virt(pa: u64) -> *mut u8 {
    (BASE + pa as usize) as *mut u8
}

/// The physical address behind an address of the direct map.
#[cfg(not(any(test, feature = "fake-memory")))]
#[inline]
pub(crate) fn phys_of(va: usize) -> Option<u64> {
    let offset = va.wrapping_sub(BASE);
    (offset < SIZE).then_some(offset as u64)
}

#[cfg(any(test, feature = "fake-memory"))]
pub(crate) use fake::{phys_of, virt};

/// Host tests: "physical memory" is a static arena. Without std: Cargo may give this feature to the kernel image too, when it checks all targets at once.
#[cfg(any(test, feature = "fake-memory"))]
pub(crate) mod fake {
    use alloc::alloc::{Layout, alloc};

    use crate::sync::Once;

    pub(crate) const SIZE: usize = 64 << 20;
    static BASE: Once<usize> = Once::new();

    fn base() -> usize {
        // SAFETY: the layout has a size; the block is never freed. (Not zeroed on purpose: the allocators must not rely on it.)
        *BASE.get_or_init(|| unsafe { alloc(Layout::from_size_align(SIZE, 2 << 20).unwrap()) } as usize)
    }

    pub(crate) fn virt(pa: u64) -> *mut u8 {
        assert!((pa as usize) < SIZE);
        (base() + pa as usize) as *mut u8
    }

    pub(crate) fn phys_of(va: usize) -> Option<u64> {
        let offset = va.wrapping_sub(base());
        (offset < SIZE).then_some(offset as u64)
    }

    /// Starts the allocators once for all tests; tests run in parallel on one arena.
    pub(crate) fn start() {
        static STARTED: Once<()> = Once::new();
        STARTED.get_or_init(|| crate::mem::section::init(&[0x1000..0x9_f000, 0x18_0000..SIZE as u64]));
    }
}
