//! Terminals: one [`Terminal`] (line discipline, window size, foreground process group) behind every tty device. The console gives it the host's terminal
//! or the serial line, a pseudo-terminal gives it a master file.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod ioctl;
mod jobs;
#[cfg(feature = "pty")]
pub mod pty;
mod terminal;

pub use jobs::{attach, open_controlling as controlling};
pub use terminal::{Backend, Terminal, TtyFile};
