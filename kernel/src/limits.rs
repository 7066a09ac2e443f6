//! Resource limits (getrlimit(2)) of a process, read without a lock.

use core::sync::atomic::{AtomicU64, Ordering};

use abi::process::{RLIM_INFINITY, Rlimit, rlimit};

/// The limits of one process.
pub struct Limits {
    values: [(AtomicU64, AtomicU64); rlimit::COUNT],
}

impl Limits {
    /// What a process starts with: Linux's defaults, where memory is not divided between users.
    pub fn new() -> Limits {
        let limits = Limits { values: core::array::from_fn(|_| (AtomicU64::new(RLIM_INFINITY), AtomicU64::new(RLIM_INFINITY))) };
        for (resource, cur, max) in [
            (rlimit::STACK, 8 << 20, RLIM_INFINITY),
            (rlimit::CORE, 0, RLIM_INFINITY),
            (rlimit::NPROC, 32768, 32768),
            (rlimit::NOFILE, 1024, 1 << 20),
            (rlimit::MEMLOCK, 8 << 20, 8 << 20),
            (rlimit::SIGPENDING, 32768, 32768),
            (rlimit::MSGQUEUE, 819_200, 819_200),
            (rlimit::NICE, 0, 0),
            (rlimit::RTPRIO, 0, 0),
        ] {
            limits.set(resource, Rlimit { cur, max });
        }
        limits
    }

    /// The limit in force of an RLIMIT_* number below [`rlimit::COUNT`].
    #[inline]
    pub fn soft(&self, resource: usize) -> u64 {
        self.values[resource].0.load(Ordering::Relaxed)
    }

    /// Both values.
    pub fn get(&self, resource: usize) -> Rlimit {
        Rlimit { cur: self.soft(resource), max: self.values[resource].1.load(Ordering::Relaxed) }
    }

    /// Sets both values; the caller has checked the right to.
    pub fn set(&self, resource: usize, limit: Rlimit) {
        self.values[resource].0.store(limit.cur, Ordering::Relaxed);
        self.values[resource].1.store(limit.max, Ordering::Relaxed);
    }
}

impl Default for Limits {
    fn default() -> Self {
        Limits::new()
    }
}

impl Clone for Limits {
    fn clone(&self) -> Self {
        let copy = Limits::new();
        for resource in 0..rlimit::COUNT {
            copy.set(resource, self.get(resource));
        }
        copy
    }
}
