//! Interval timers and POSIX timers of a process.

use alloc::sync::Weak;

use super::process::Process;

/// The timers of one process.
pub struct Timers {
    #[expect(dead_code)]
    process: Weak<Process>,
}

impl Timers {
    pub(super) fn new(process: Weak<Process>) -> Timers {
        Timers { process }
    }
}
