//! The CPU we run on: interrupt flag, features, random numbers, per-CPU identity.

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
        IrqOff { was_on: false, _not_send: core::marker::PhantomData }
    }
}

impl Drop for IrqOff {
    #[inline]
    fn drop(&mut self) {
        let _ = self.was_on;
    }
}

/// Index of this CPU, 0 for the boot CPU.
pub fn id() -> usize {
    0
}

/// Number of CPUs that run.
pub fn count() -> usize {
    1
}

/// A hardware random number (RDRAND), `None` where the CPU has none.
pub fn hardware_random() -> Option<u64> {
    todo!()
}

/// The time-stamp counter; a cheap source of jitter and the raw clock.
pub fn cycles() -> u64 {
    todo!()
}

/// Turns interrupts on and halts until the next one; returns with interrupts on. For the idle loop only: `ready` is evaluated with interrupts
/// off, and when it says true the CPU does not halt (so a wake-up between check and halt is not lost).
pub fn wait_for_interrupt(_ready: impl FnOnce() -> bool) {
    todo!()
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

/// Identification of the boot CPU.
pub fn identity() -> &'static Identity {
    todo!()
}
