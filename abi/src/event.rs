//! Waiting for events: structures and constants of poll.h, sys/epoll.h, sys/inotify.h, sys/timerfd.h and sys/signalfd.h.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// struct pollfd.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct PollFd {
    /// Descriptor; negative ones are passed over.
    pub fd: i32,
    /// Asked for.
    pub events: u16,
    /// Found.
    pub revents: u16,
}

/// struct epoll_event: packed on x86-64, so the data is in two halves.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct EpollEvent {
    /// EPOLL* bits.
    pub events: u32,
    /// The caller's value, low and high half.
    pub data: [u32; 2],
}

impl EpollEvent {
    /// With the caller's value in one piece.
    pub fn new(events: u32, data: u64) -> EpollEvent {
        let [a, b, c, d, e, f, g, h] = data.to_le_bytes();
        EpollEvent { events, data: [u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h])] }
    }

    /// The caller's value.
    pub fn value(&self) -> u64 {
        u64::from(self.data[0]) | u64::from(self.data[1]) << 32
    }
}

/// Operations and input flags of epoll_ctl(2); the events are those of poll(2).
pub mod epoll {
    /// Add a descriptor.
    pub const CTL_ADD: i32 = 1;
    /// Remove one.
    pub const CTL_DEL: i32 = 2;
    /// Change its events.
    pub const CTL_MOD: i32 = 3;
    /// One of several epoll instances is told.
    pub const EXCLUSIVE: u32 = 1 << 28;
    /// Keep the system awake; accepted.
    pub const WAKEUP: u32 = 1 << 29;
    /// Told once, then disabled.
    pub const ONESHOT: u32 = 1 << 30;
    /// Told of changes only.
    pub const ET: u32 = 1 << 31;
    /// Bits that are not events.
    pub const PRIVATE: u32 = EXCLUSIVE | WAKEUP | ONESHOT | ET;
    /// The most events of one wait.
    pub const MAX_EVENTS: i32 = i32::MAX / 12;
}

/// struct signalfd_siginfo.
#[repr(C)]
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[allow(missing_docs)] // the names of signalfd(2)
pub struct SignalfdSiginfo {
    pub signo: u32,
    pub errno: i32,
    pub code: i32,
    pub pid: u32,
    pub uid: u32,
    pub fd: i32,
    pub tid: u32,
    pub band: u32,
    pub overrun: u32,
    pub trapno: u32,
    pub status: i32,
    pub int: i32,
    pub ptr: u64,
    pub utime: u64,
    pub stime: u64,
    pub addr: u64,
    pub addr_lsb: u16,
    pub pad2: u16,
    pub syscall: i32,
    pub call_addr: u64,
    pub arch: u32,
    pub pad: [u32; 7],
}

/// Flags of timerfd_settime(2).
pub mod timerfd {
    /// The time is absolute.
    pub const ABSTIME: u32 = 1;
    /// Reads fail with ECANCELED when the clock is set.
    pub const CANCEL_ON_SET: u32 = 2;
}

/// Masks of inotify_add_watch(2) beside the events, which are in [`crate::fs::inotify`].
pub mod inotify {
    /// Bytes of struct inotify_event without its name.
    pub const HEADER: usize = 16;
    /// All events that can be asked for.
    pub const ALL_EVENTS: u32 = 0xfff;
    /// Events were lost (out only).
    pub const Q_OVERFLOW: u32 = 0x4000;
    /// The path must be a directory.
    pub const ONLYDIR: u32 = 0x0100_0000;
    /// Do not follow a symbolic link.
    pub const DONT_FOLLOW: u32 = 0x0200_0000;
    /// Not of children that were unlinked.
    pub const EXCL_UNLINK: u32 = 0x0400_0000;
    /// Fail if it is watched already.
    pub const MASK_CREATE: u32 = 0x1000_0000;
    /// Add to the mask of a watch that exists.
    pub const MASK_ADD: u32 = 0x2000_0000;
    /// One event, then the watch ends.
    pub const ONESHOT: u32 = 0x8000_0000;
    /// The flags that are not events.
    pub const ADD_ONLY_FLAGS: u32 = ONLYDIR | DONT_FOLLOW | EXCL_UNLINK | MASK_CREATE | MASK_ADD | ONESHOT;
}
