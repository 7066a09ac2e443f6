//! Extended state (x87, SSE, AVX, AVX-512): one area per thread, saved and loaded eagerly at each switch.

use core::arch::asm;
use core::arch::x86_64::__cpuid_count;
use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use super::cpuid::features;

/// x87 and SSE: what FXSAVE knows.
pub(crate) const LEGACY: u64 = 3;
const AVX: u64 = 1 << 2;
const AVX512: u64 = 7 << 5;
/// Bytes of the legacy region, and of it with the XSAVE header.
pub(crate) const LEGACY_SIZE: usize = 512;
pub(crate) const HEADER_SIZE: usize = 64;
/// The largest area for the components above.
pub(crate) const MAX_SIZE: usize = 2688;

/// The components in use (XCR0), 0 without XSAVE; and the size of an area.
static MASK: AtomicU64 = AtomicU64::new(0);
static SIZE: AtomicU64 = AtomicU64::new(LEGACY_SIZE as u64);
static MXCSR_MASK: AtomicU32 = AtomicU32::new(0xffbf);
static MODE: AtomicU64 = AtomicU64::new(FX);
const FX: u64 = 0;
const PLAIN: u64 = 1;
const OPTIMISED: u64 = 2;

/// An area by itself, for state that is not a thread's.
#[repr(C, align(64))]
#[derive(Clone)]
pub(crate) struct Area(pub(crate) [u8; MAX_SIZE]);

/// Runs `f` on an area of [`size`] zeros: only what is used of the largest area is touched.
#[inline]
pub(crate) fn with_area<R>(f: impl FnOnce(&mut [u8]) -> R) -> R {
    let mut area = MaybeUninit::<Area>::uninit();
    let start = area.as_mut_ptr().cast::<u8>();
    // SAFETY: `size` is at most the area's (checked at boot); the bytes of the slice are written before it is made.
    f(unsafe {
        start.write_bytes(0, size());
        core::slice::from_raw_parts_mut(start, size())
    })
}

/// Enables the components that the CPU has. Protection keys and AMX stay off: nothing manages their state.
///
/// # Safety
/// On each CPU once, after CR4.OSXSAVE was set.
pub(crate) unsafe fn init() {
    let mut legacy = Area([0; MAX_SIZE]);
    // SAFETY: the mode is FXSAVE until changed below, and the area is large enough.
    unsafe { save(legacy.0.as_mut_ptr()) };
    match u32::from_le_bytes([legacy.0[28], legacy.0[29], legacy.0[30], legacy.0[31]]) {
        0 => {} // the oldest CPUs do not tell
        mask => MXCSR_MASK.store(mask, Ordering::Relaxed),
    }
    if !features().xsave {
        return;
    }
    let leaf = __cpuid_count(0xd, 0);
    let offered = u64::from(leaf.edx) << 32 | u64::from(leaf.eax);
    let mut mask = LEGACY | offered & AVX;
    if mask & AVX != 0 && offered & AVX512 == AVX512 {
        mask |= AVX512;
    }
    // SAFETY: OSXSAVE is on and the mask is a valid subset of what the CPU offers (SDM 1, 13.3).
    unsafe { asm!("xsetbv", in("ecx") 0, in("eax") mask as u32, in("edx") (mask >> 32) as u32, options(nomem, nostack, preserves_flags)) };
    // EBX is the size for the components enabled in XCR0.
    let size = __cpuid_count(0xd, 0).ebx as usize;
    assert!(size <= MAX_SIZE, "the CPU's extended state is larger than known");
    MASK.store(mask, Ordering::Relaxed);
    SIZE.store(size as u64, Ordering::Relaxed);
    MODE.store(if features().xsaveopt { OPTIMISED } else { PLAIN }, Ordering::Relaxed);
}

/// Enabled components; 0 when only FXSAVE is there.
pub(crate) fn mask() -> u64 {
    MASK.load(Ordering::Relaxed)
}

/// Bytes of an area.
pub(crate) fn size() -> usize {
    SIZE.load(Ordering::Relaxed) as usize
}

/// The MXCSR bits that the CPU has.
pub(crate) fn mxcsr_mask() -> u32 {
    MXCSR_MASK.load(Ordering::Relaxed)
}

/// Saves all components at `area`.
///
/// # Safety
/// `area` has [`size`] bytes, aligned to 64, with a header that is zero or was written by XSAVE.
pub(crate) unsafe fn save(area: *mut u8) {
    // SAFETY: the caller's contract.
    unsafe {
        if MODE.load(Ordering::Relaxed) == FX {
            asm!("fxsave64 [{}]", in(reg) area, options(nostack, preserves_flags));
        } else {
            asm!("xsave64 [{}]", in(reg) area, in("eax") u32::MAX, in("edx") u32::MAX, options(nostack, preserves_flags));
        }
    }
}

/// As [`save`], but what did not change since `area` was loaded on this CPU need not be written: for a thread's own area.
///
/// # Safety
/// As [`save`], and nobody else wrote to `area` since it was loaded.
#[inline]
pub(crate) unsafe fn save_own(area: *mut u8) {
    if MODE.load(Ordering::Relaxed) != OPTIMISED {
        // SAFETY: the caller's contract.
        return unsafe { save(area) };
    }
    // SAFETY: the caller's contract; the CPU has XSAVEOPT.
    unsafe { asm!("xsaveopt64 [{}]", in(reg) area, in("eax") u32::MAX, in("edx") u32::MAX, options(nostack, preserves_flags)) };
}

/// Loads all components from `area`.
///
/// # Safety
/// `area` as for [`save`], with contents that the CPU accepts: saved by it, or checked by `sigframe`.
#[inline]
pub(crate) unsafe fn load(area: *const u8) {
    // SAFETY: the caller's contract. The xmm registers are the application's business: its values are in its context, and the compiler is
    // told that all are overwritten.
    unsafe {
        if MODE.load(Ordering::Relaxed) == FX {
            asm!("fxrstor64 [{}]", in(reg) area, clobber_abi("sysv64"), options(nostack, readonly));
        } else {
            asm!("xrstor64 [{}]", in(reg) area, in("eax") u32::MAX, in("edx") u32::MAX, clobber_abi("sysv64"), options(nostack, readonly));
        }
    }
}

/// Fills `area` with the state that a program starts with: everything initial, x87 and SSE exceptions masked.
pub(crate) fn initial(area: &mut [u8]) {
    area.fill(0);
    area[0..2].copy_from_slice(&0x37f_u16.to_le_bytes());
    area[24..28].copy_from_slice(&0x1f80_u32.to_le_bytes());
}
