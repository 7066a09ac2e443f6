//! Clocks and timers.

pub mod clock;
pub mod posix;
pub mod timer;
