//! Small types of the file system: kinds of files, device numbers, times.

use core::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use abi::fs::mode;

use crate::sync::Once;
use crate::time;

/// The kind of a file. The values are those of `d_type` (getdents64(2)); shifted by 12 they are those of `st_mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum FileType {
    /// FIFO.
    Fifo = 1,
    /// Character device.
    Char = 2,
    /// Directory.
    Directory = 4,
    /// Block device.
    Block = 6,
    /// Regular file.
    Regular = 8,
    /// Symbolic link.
    Symlink = 10,
    /// Socket.
    Socket = 12,
}

impl FileType {
    /// Its bits in `st_mode`.
    #[inline]
    pub const fn mode_bits(self) -> u32 {
        (self as u32) << 12 // discriminant, at most 12
    }

    /// The kind within `st_mode`.
    pub const fn from_mode(st_mode: u32) -> Option<FileType> {
        Some(match st_mode & mode::S_IFMT {
            mode::S_IFIFO => FileType::Fifo,
            mode::S_IFCHR => FileType::Char,
            mode::S_IFDIR => FileType::Directory,
            mode::S_IFBLK => FileType::Block,
            mode::S_IFREG => FileType::Regular,
            mode::S_IFLNK => FileType::Symlink,
            mode::S_IFSOCK => FileType::Socket,
            _ => return None,
        })
    }

    /// `d_type` of getdents64(2).
    pub const fn dt(self) -> u8 {
        self as u8 // discriminant
    }
}

/// A device number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
pub struct Dev {
    /// Which driver.
    pub major: u32,
    /// Which of its devices.
    pub minor: u32,
}

impl Dev {
    /// No device.
    pub const NONE: Dev = Dev { major: 0, minor: 0 };

    /// The pair.
    pub const fn new(major: u32, minor: u32) -> Dev {
        Dev { major, minor }
    }

    /// As in `st_dev` and `st_rdev`: minor\[7:0\] | major << 8 | minor\[19:8\] << 20.
    #[inline]
    pub const fn encode(self) -> u64 {
        (self.minor & 0xff | (self.major & 0xfff) << 8 | (self.minor & 0xfff00) << 12) as u64 // widening
    }

    /// From the argument of mknod(2), of which 32 bits count.
    pub const fn decode(raw: u32) -> Dev {
        Dev { major: raw >> 8 & 0xfff, minor: raw & 0xff | raw >> 12 & 0xfff00 }
    }
}

/// A point of time since the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Timestamp {
    /// Seconds.
    pub sec: i64,
    /// Nanoseconds below one second.
    pub nsec: u32,
}

static CLOCK: Once<fn() -> Timestamp> = Once::new();

/// Replaces the clock that [`now`] reads; for tests, where time is an argument.
pub fn set_clock(clock: fn() -> Timestamp) {
    let _ = CLOCK.set(clock);
}

/// The time for timestamps of files.
pub fn now() -> Timestamp {
    if let Some(clock) = CLOCK.get() {
        return clock();
    }
    let (sec, nsec) = time::realtime_parts();
    Timestamp { sec, nsec }
}

static COARSE: AtomicI64 = AtomicI64::new(0);
static LOOKS: AtomicU32 = AtomicU32::new(0);

/// Seconds of [`now`] for rules about days: looked up at every 256th call only, since each read(2) asks.
#[inline]
pub fn coarse_seconds() -> i64 {
    if LOOKS.fetch_add(1, Ordering::Relaxed) & 0xff == 0 {
        COARSE.store(now().sec, Ordering::Relaxed);
    }
    COARSE.load(Ordering::Relaxed)
}
