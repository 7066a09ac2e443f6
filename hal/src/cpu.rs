//! The CPU we run on: interrupt flag, features, random numbers, per-CPU identity.

use core::arch::asm;
use core::arch::x86_64::_rdrand64_step;

use crate::arch::imp::{calibrate, cpuid, regs};
use crate::sync::Once;

/// Interrupts are off on this CPU while a value of this type lives; drop restores the flag as it was.
pub struct IrqOff {
    was_on: bool,
    _not_send: core::marker::PhantomData<*const ()>,
}

impl IrqOff {
    /// Turns interrupts off.
    #[inline]
    #[allow(clippy::new_without_default)] // a guard with a side effect, not a value
    pub fn new() -> IrqOff {
        if cfg!(any(test, feature = "fake-memory")) {
            return IrqOff { was_on: false, _not_send: core::marker::PhantomData }; // host tests run in ring 3
        }
        let was_on = regs::rflags() & regs::RFLAGS_IF != 0;
        if was_on {
            regs::cli();
        }
        IrqOff { was_on, _not_send: core::marker::PhantomData }
    }
}

impl Drop for IrqOff {
    #[inline]
    fn drop(&mut self) {
        if self.was_on {
            regs::sti();
        }
    }
}

/// Index of this CPU, 0 for the boot CPU.
#[inline]
pub fn id() -> usize {
    0
}

/// Number of CPUs that run.
#[inline]
pub fn count() -> usize {
    1
}

/// A hardware random number (RDRAND), `None` where the CPU has none.
pub fn hardware_random() -> Option<u64> {
    if !cpuid::features().rdrand {
        return None;
    }
    let mut value = 0;
    // The SDM (volume 1, 7.3.17.1) asks for ten tries before giving up.
    // SAFETY: the CPU has RDRAND.
    (0..10).any(|_| unsafe { random_step(&mut value) }).then_some(value)
}

/// # Safety
/// The CPU has RDRAND.
#[target_feature(enable = "rdrand")]
unsafe fn random_step(value: &mut u64) -> bool {
    _rdrand64_step(value) == 1
}

/// The time-stamp counter; a cheap source of jitter and the raw clock.
#[inline]
pub fn cycles() -> u64 {
    regs::rdtsc()
}

/// Turns interrupts on and halts until the next one; returns with interrupts on. For the idle loop only: `ready` is evaluated with interrupts
/// off, and when it says true the CPU does not halt (so a wake-up between check and halt is not lost).
pub fn wait_for_interrupt(ready: impl FnOnce() -> bool) {
    regs::cli();
    if ready() {
        regs::sti();
        return;
    }
    // SAFETY: `sti` takes effect after the instruction that follows it, so no interrupt is lost between the two.
    unsafe { asm!("sti", "hlt", options(nostack)) };
}

/// CPU identification for auxv and /proc/cpuinfo.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Twelve characters, such as `AuthenticAMD`.
    pub vendor: [u8; 12],
    /// Marketing name, NUL padded.
    pub model_name: [u8; 48],
    /// Display family, model, stepping.
    pub family: u32,
    /// See `family`.
    pub model: u32,
    /// See `family`.
    pub stepping: u32,
    /// CPUID.1:EDX, which is AT_HWCAP.
    pub hwcap: u32,
    /// AT_HWCAP2: bit 1 says FSGSBASE works in the application.
    pub hwcap2: u32,
    /// TSC frequency in kHz, 0 until calibrated.
    pub tsc_khz: u64,
}

static IDENTITY: Once<Identity> = Once::new();

/// Identification of the boot CPU.
pub fn identity() -> &'static Identity {
    IDENTITY.get_or_init(|| {
        let has = cpuid::features();
        let (vendor, model_name) = cpuid::names();
        let (signature, family, model) = (has.signature, has.signature >> 8 & 15, has.signature >> 4 & 15);
        Identity {
            vendor,
            model_name,
            family: if family == 15 { 15 + (signature >> 20 & 0xff) } else { family },
            model: if matches!(family, 6 | 15) { model | (signature >> 16 & 15) << 4 } else { model },
            stepping: signature & 15,
            hwcap: has.leaf1_edx,
            hwcap2: u32::from(has.fsgsbase) << 1,
            tsc_khz: calibrate::tsc_hz() / 1000,
        }
    })
}

/// AT_HWCAP and AT_HWCAP2: the part of [`identity`] that every program start needs, without asking for names.
pub fn hwcaps() -> (u32, u32) {
    let has = cpuid::features();
    (has.leaf1_edx, u32::from(has.fsgsbase) << 1)
}

/// Whether `rep movsb` and `rep stosb` are the fast way to copy (ERMS on a CPU that is not emulated).
pub fn has_fast_rep() -> bool {
    cpuid::features().fast_rep
}

/// Words of features as /proc/cpuinfo lists them: CPUID.1:EDX, 80000001:EDX, 1:ECX, 80000001:ECX, 7:EBX, 7:ECX. Asked anew each time.
pub fn feature_words() -> [u32; 6] {
    cpuid::feature_words()
}

/// Bits of a physical address of this machine.
pub fn physical_bits() -> u32 {
    cpuid::physical_bits()
}
