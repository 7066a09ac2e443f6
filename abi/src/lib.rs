//! The Linux x86-64 ABI as types: error numbers, structures and flags, shared by the kernel and the tools.
//!
//! One file per family; everything is `repr(C)` with explicit widths, so that a value copied from user memory is valid whatever its bits.
#![no_std]
#![forbid(unsafe_code)]

pub mod errno;
pub mod event;
pub mod fs;
pub mod futex;
pub mod io;
pub mod mm;
pub mod process;
pub mod sched;
pub mod signal;
pub mod socket;
pub mod time;
pub mod tty;
pub mod vdso;

pub use errno::Errno;

/// The result of a fallible kernel operation; the error is what user space sees in `errno`.
pub type Result<T, E = Errno> = core::result::Result<T, E>;
