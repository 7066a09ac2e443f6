//! kvmclock (Linux Documentation/virt/kvm/x86/msr.rst): KVM tells the TSC's frequency in a structure that it writes into our memory.

use core::cell::UnsafeCell;
use core::sync::atomic::{Ordering, fence};

use core::arch::x86_64::__cpuid;

use super::cpuid::features;
use super::{regs, start};

const MSR_SYSTEM_TIME: u32 = 0x4b56_4d01;
const FEATURE_CLOCKSOURCE2: u32 = 1 << 3;

/// struct pvclock_vcpu_time_info
#[repr(C, align(64))]
#[derive(Clone, Copy)]
struct TimeInfo {
    version: u32,
    pad0: u32,
    tsc_timestamp: u64,
    system_time: u64,
    mult: u32,
    shift: i8,
    flags: u8,
    pad: [u8; 2],
}

struct Shared(UnsafeCell<TimeInfo>);
// SAFETY: written by the hypervisor between two writes of the MSR, read by the boot CPU in between.
unsafe impl Sync for Shared {}
static INFO: Shared =
    Shared(UnsafeCell::new(TimeInfo { version: 0, pad0: 0, tsc_timestamp: 0, system_time: 0, mult: 0, shift: 0, flags: 0, pad: [0; 2] }));

/// The TSC's frequency in Hz, when KVM offers its clock.
pub(crate) fn tsc_hz() -> Option<u64> {
    let leaf = features().kvm_leaf;
    if leaf == 0 || __cpuid(leaf + 1).eax & FEATURE_CLOCKSOURCE2 == 0 {
        return None;
    }
    // SAFETY: KVM announced the MSR; bit 0 lets it write the structure, which lives for ever, and the second write stops it.
    let info = unsafe {
        regs::wrmsr(MSR_SYSTEM_TIME, start::image_phys(INFO.0.get() as u64) | 1);
        fence(Ordering::SeqCst);
        let info = INFO.0.get().read_volatile();
        regs::wrmsr(MSR_SYSTEM_TIME, 0);
        info
    };
    if info.mult == 0 || info.version & 1 != 0 {
        return None;
    }
    // ns = ((tsc << shift) * mult) >> 32, so Hz = 10^9 * 2^32 / mult, shifted the other way.
    let hz = (1_000_000_000u128 << 32) / u128::from(info.mult);
    let hz = if info.shift >= 0 { hz >> info.shift } else { hz << -info.shift };
    u64::try_from(hz).ok().filter(|hz| *hz > 1_000_000)
}
