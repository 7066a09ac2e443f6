//! The machine. Everything above this crate sees memory, threads, traps and clocks only through the types here, and nothing above it
//! may contain `unsafe` (but for `image` and `glue`) or name a CPU architecture.
//!
//! Five seams carry all traffic from here upwards: the handler table ([`trap::Handlers`]), the signal-frame layout ([`sigframe`]), user copies
//! with fix-up ([`user`]), the clock source and event device ([`clock`]) and sleep/wake for locks ([`sync::Blocker`]).
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod arch;
pub mod boot;
pub mod clock;
pub mod cpu;
pub(crate) mod early;
pub mod irq;
pub mod mem;
pub mod port;
pub mod power;
pub mod sigframe;
pub mod sync;
pub mod task;
pub mod trap;
pub mod user;

/// Whether the application runs in ring 0, linked with the kernel (ports from source), and not in ring 3 (binaries).
pub const RING0: bool = cfg!(feature = "ring0");
