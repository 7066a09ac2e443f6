//! The page that the kernel shares read-only with the vDSO's code, one page below the vDSO's ELF header.
//!
//! A sequence lock guards it: an odd `seq` means a write is going on. This file is also compiled into the vDSO itself, so it uses nothing of this crate.

use core::sync::atomic::AtomicU32;

/// Clock parameters. CLOCK_MONOTONIC = `mono_base_ns + ((tsc - base_tsc) * mult >> shift)`; CLOCK_REALTIME adds `real_offset_ns` (wrapping).
#[repr(C)]
#[derive(Debug)]
pub struct VdsoData {
    /// Odd while the rest is being written.
    pub seq: AtomicU32,
    /// CPUs that run; with one, getcpu needs no look.
    pub cpu_count: u32,
    /// TSC at `mono_base_ns`.
    pub base_tsc: u64,
    /// Multiplier of the TSC difference.
    pub mult: u64,
    /// Right shift of the product, below 64.
    pub shift: u64,
    /// CLOCK_MONOTONIC at `base_tsc`, nanoseconds.
    pub mono_base_ns: u64,
    /// CLOCK_REALTIME minus CLOCK_MONOTONIC, nanoseconds; 0 until the real time is known (then the vDSO makes the call).
    pub real_offset_ns: u64,
}
