//! The local APIC: acknowledging interrupts, and the timer. xAPIC by its memory window, x2APIC by MSRs where the machine started with it or
//! KVM offers it (a window access leaves the virtual machine by way of an instruction decoder, an MSR access does not).

use core::sync::atomic::{AtomicU64, Ordering};

use super::cpuid::features;
use super::{directmap, regs};
use crate::{clock, irq};

/// First device vector.
pub(crate) const VECTOR_DEVICE: u8 = 32;
const VECTOR_TIMER: u8 = 62;
const VECTOR_SPURIOUS: u8 = 63;

const BASE: u64 = 0xfee0_0000;
const WINDOW_SLOT: usize = 511;
const ENABLED: u64 = 1 << 11;
const X2: u64 = 1 << 10;
const BOOT_CPU: u64 = 1 << 8;
const MSR_X2: u32 = 0x800;

const ID: u32 = 0x20;
const TASK_PRIORITY: u32 = 0x80;
const END_OF_INTERRUPT: u32 = 0xb0;
const SPURIOUS: u32 = 0xf0;
const LVT_TIMER: u32 = 0x320;
const LVT_LINT0: u32 = 0x350;
const INITIAL_COUNT: u32 = 0x380;
const CURRENT_COUNT: u32 = 0x390;
const DIVIDE: u32 = 0x3e0;

const MASKED: u32 = 1 << 16;
const PERIODIC: u32 = 1 << 17;
const DIVIDE_BY_1: u32 = 0b1011;

/// The register window's address, 0 when MSRs are used.
static WINDOW: AtomicU64 = AtomicU64::new(0);

#[inline]
fn read(register: u32) -> u32 {
    match WINDOW.load(Ordering::Relaxed) {
        // SAFETY: x2APIC mode is on, so the MSR exists.
        0 => unsafe { regs::rdmsr(MSR_X2 + (register >> 4)) as u32 },
        // SAFETY: the window is mapped for ever.
        window => unsafe { ((window + u64::from(register)) as *const u32).read_volatile() },
    }
}

#[inline]
fn write(register: u32, value: u32) {
    match WINDOW.load(Ordering::Relaxed) {
        // SAFETY: x2APIC mode is on, so the MSR exists; the registers written here touch no memory.
        0 => unsafe { regs::wrmsr(MSR_X2 + (register >> 4), u64::from(value)) },
        // SAFETY: as in `read`.
        window => unsafe { ((window + u64::from(register)) as *mut u32).write_volatile(value) },
    }
}

/// Turns the APIC on and lets its timer run freely, masked: the first reference for the TSC.
pub(crate) fn init() {
    // SAFETY: every 64-bit CPU has this MSR; the base written is the architectural default.
    unsafe {
        let old = regs::rdmsr(regs::MSR_APIC_BASE);
        let enabled = BASE | old & BOOT_CPU | ENABLED;
        if old & X2 != 0 {
            // The firmware chose it; there is no way back but by reset.
        } else if features().x2apic && features().kvm_leaf != 0 {
            // Two steps: the mode may only be changed while the APIC is on (SDM 3A, 11.12.5).
            regs::wrmsr(regs::MSR_APIC_BASE, enabled);
            regs::wrmsr(regs::MSR_APIC_BASE, enabled | X2);
        } else {
            if old != enabled {
                regs::wrmsr(regs::MSR_APIC_BASE, enabled);
            }
            WINDOW.store(directmap::map_device_2m(WINDOW_SLOT, BASE), Ordering::Relaxed);
        }
    }
    // The legacy controllers, where there are any, are not used.
    regs::outb(0x21, 0xff);
    regs::outb(0xa1, 0xff);
    write(SPURIOUS, 0x100 | u32::from(VECTOR_SPURIOUS));
    write(TASK_PRIORITY, 0);
    write(LVT_LINT0, MASKED);
    write(DIVIDE, DIVIDE_BY_1);
    run_free();
}

/// This CPU's APIC identifier.
pub(crate) fn id() -> u32 {
    let raw = read(ID);
    if WINDOW.load(Ordering::Relaxed) == 0 { raw } else { raw >> 24 }
}

/// Where a device writes to interrupt this CPU (SDM 3A, 11.11.1).
pub(crate) fn msi_address() -> u64 {
    BASE | u64::from(id() & 0xff) << 12
}

// The two registers cannot be written at once, and a short count with the periodic bit must not be there for even one instruction: QEMU's main
// loop would catch up with a timer that runs away from it (each callback takes longer than the period), with the lock held that the CPU's next write
// needs. So the bit is set after a long count, and cleared before a short one.

/// The timer counts down from the largest number again and again, without interrupts.
pub(crate) fn run_free() {
    write(INITIAL_COUNT, u32::MAX);
    write(LVT_TIMER, u32::from(VECTOR_TIMER) | MASKED | PERIODIC);
}

/// The timer fires after `count` ticks; `again` makes it start over instead of stopping, so that the time since can still be read. Not for short counts.
pub(crate) fn arm(count: u32, again: bool) {
    if again {
        write(INITIAL_COUNT, count);
        write(LVT_TIMER, u32::from(VECTOR_TIMER) | PERIODIC);
    } else {
        write(LVT_TIMER, u32::from(VECTOR_TIMER));
        write(INITIAL_COUNT, count);
    }
}

/// What is left of the count.
pub(crate) fn current_count() -> u32 {
    read(CURRENT_COUNT)
}

/// An interrupt, interrupts off.
pub(crate) fn interrupt(vector: u64, from_app: bool) {
    match vector as u8 {
        VECTOR_SPURIOUS => {}
        VECTOR_TIMER => {
            write(END_OF_INTERRUPT, 0);
            clock::timer_fired(from_app);
        }
        vector => {
            irq::dispatch(usize::from(vector - VECTOR_DEVICE));
            write(END_OF_INTERRUPT, 0);
        }
    }
}
