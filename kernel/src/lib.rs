//! The mechanisms of the library OS. Modules in this order, each using only those before it (the layer test reads `use crate::`):
//! `sync < control < report < names < random < limits < iobuf < sched < poll < time < mm < futex < cred < vfs < fd < signal < process < exec < net < boot`.
//!
//! Components (file systems, drivers) register into tables owned here; nothing here names a component.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod boot;
pub mod control;
pub mod cred;
pub mod exec;
pub mod fd;
pub mod futex;
pub mod iobuf;
pub mod limits;
pub mod mm;
pub mod names;
pub mod poll;
pub mod process;
pub mod random;
pub mod report;
pub mod sched;
pub mod signal;
pub mod time;
pub mod vfs;

/// What hangs on a thread of an application. Named here so that `sched`, which comes long before `process`, can hold it without a look into a table of
/// types at each use; `sched` does nothing with it but hand it out.
pub use process::UserThread as ThreadUser;

/// Locks, re-exported: the kernel's modules take them from here.
pub mod sync {
    pub use hal::sync::{IrqSpinLock, Mutex, MutexGuard, Once, RwLock, SeqLock, SpinLock};
}

pub use abi::{Errno, Result};
