//! Waiting for events: epoll, poll, select.

pub mod epoll;
pub mod inotify;
pub mod mask;
pub mod poll;
pub mod select;
pub mod signal;
pub mod timer;

use abi::Result;
use abi::time::Timespec;

/// The deadline of a wait of `ns` nanoseconds from now; 0 stays 0 ("do not wait").
pub fn deadline_in(ns: u64) -> u64 {
    if ns == 0 { 0 } else { hal::clock::monotonic_ns().saturating_add(ns).max(1) }
}

/// As [`deadline_in`] from a timespec; EINVAL when malformed.
pub fn deadline_of(time: Timespec) -> Result<u64> {
    time.to_ns().map(deadline_in)
}

/// What is left until a deadline, in nanoseconds.
pub fn remaining(deadline: u64) -> u64 {
    deadline.saturating_sub(hal::clock::monotonic_ns())
}
