//! System calls: one table, one line per call, and argument decoding. The work is done in the kernel crate; a handler here turns numbers into types and calls it.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod args;
pub mod dispatch;
pub mod event;
pub mod file;
pub mod futex;
pub mod io;
pub mod mm;
pub mod names;
pub mod net;
pub mod observe;
pub mod process;
pub mod sched;
pub mod signal;
pub mod sys;
pub mod table;
pub mod time;
