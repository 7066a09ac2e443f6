//! How fast the TSC and the APIC's timer run: from the hypervisor or CPUID where they say so, else measured against each other. The
//! APIC's timer runs at 1 GHz in QEMU and KVM.

use core::arch::x86_64::{__cpuid, __cpuid_count};
use core::sync::atomic::{AtomicU64, Ordering};

use super::cpuid::features;
use super::pvclock;

const GHZ: u64 = 1_000_000_000;

static TSC_HZ: AtomicU64 = AtomicU64::new(0);

/// The TSC's frequency, 0 until known.
pub(crate) fn tsc_hz() -> u64 {
    TSC_HZ.load(Ordering::Relaxed)
}

/// Keeps a frequency that was found.
pub(crate) fn set_tsc_hz(hz: u64) {
    TSC_HZ.store(hz, Ordering::Relaxed);
}

/// Frequency of the APIC's timer in Hz (divider 1).
pub(crate) fn apic_hz() -> u64 {
    static HZ: AtomicU64 = AtomicU64::new(0);
    let known = HZ.load(Ordering::Relaxed);
    if known != 0 {
        return known;
    }
    let hz = timing_leaf().map_or(GHZ, |leaf| if leaf.1 > 1_000_000 { leaf.1 } else { GHZ });
    HZ.store(hz, Ordering::Relaxed);
    hz
}

/// The hypervisors' timing leaf 0x40000010: TSC and bus frequency in Hz.
fn timing_leaf() -> Option<(u64, u64)> {
    (features().hypervisor_max >= 0x4000_0010).then(|| {
        let leaf = __cpuid(0x4000_0010);
        (u64::from(leaf.eax) * 1000, u64::from(leaf.ebx) * 1000)
    })
}

/// The frequency as somebody states it: kvmclock, the hypervisors' leaf, the CPU's leaves 0x15 and 0x16.
pub(crate) fn stated_tsc_hz() -> Option<u64> {
    if cfg!(any(test, feature = "fake-memory")) {
        // A test on the host has no hypervisor to ask; about so much is right.
        return Some(GHZ);
    }
    pvclock::tsc_hz().or_else(|| timing_leaf().map(|leaf| leaf.0)).filter(|hz| *hz > 1_000_000).or_else(cpu_leaves)
}

fn cpu_leaves() -> Option<u64> {
    if features().max < 0x15 {
        return None;
    }
    let leaf = __cpuid_count(0x15, 0);
    if leaf.eax != 0 && leaf.ebx != 0 && leaf.ecx != 0 {
        return Some(u64::from(leaf.ecx) * u64::from(leaf.ebx) / u64::from(leaf.eax));
    }
    // Under an emulator leaf 0x16 describes another machine's CPU.
    if features().max < 0x16 || features().hypervisor_max != 0 && features().kvm_leaf == 0 {
        return None;
    }
    let mhz = __cpuid(0x16).eax & 0xffff;
    (mhz != 0).then(|| u64::from(mhz) * 1_000_000)
}
