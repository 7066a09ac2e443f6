//! Reading, writing and descriptors: structures and constants of include/uapi/linux/{uio,fcntl,splice,falloc,memfd}.h and asm-generic/ioctls.h.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// The most bytes one read or write moves (Linux's MAX_RW_COUNT); longer ones are cut.
pub const MAX_RW_COUNT: usize = 0x7fff_f000;
/// The most elements of an iovec (UIO_MAXIOV).
pub const IOV_MAX: usize = 1024;

/// struct iovec.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct Iovec {
    /// User address.
    pub base: u64,
    /// Bytes.
    pub len: u64,
}

flags::flags! {
    /// Flags of preadv2(2) and pwritev2(2).
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct RwFlags: u32 {
        /// High priority; a hint.
        const HIPRI = 1;
        /// As O_DSYNC for this write.
        const DSYNC = 2;
        /// As O_SYNC for this write.
        const SYNC = 4;
        /// Do not wait.
        const NOWAIT = 8;
        /// As O_APPEND for this write.
        const APPEND = 16;
    }

    /// Flags of splice(2), tee(2) and vmsplice(2).
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct SpliceFlags: u32 {
        /// Move pages where possible; a hint.
        const MOVE = 1;
        /// Do not wait for the pipe.
        const NONBLOCK = 2;
        /// More will come; a hint.
        const MORE = 4;
        /// vmsplice: the pages are the kernel's now.
        const GIFT = 8;
    }

    /// Flags of memfd_create(2).
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct MemfdFlags: u32 {
        /// Close on exec.
        const CLOEXEC = 1;
        /// Seals may be added.
        const ALLOW_SEALING = 2;
        /// Of huge pages.
        const HUGETLB = 4;
        /// Not executable, and sealed so.
        const NOEXEC_SEAL = 8;
        /// Executable.
        const EXEC = 16;
    }

    /// Seals of F_ADD_SEALS.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub struct Seals: u32 {
        /// No more seals.
        const SEAL = 1;
        /// The file does not shrink.
        const SHRINK = 2;
        /// The file does not grow.
        const GROW = 4;
        /// No writes.
        const WRITE = 8;
        /// No writes but by mappings that exist.
        const FUTURE_WRITE = 16;
        /// Execute bits do not change.
        const EXEC = 32;
    }

    /// Flags of close_range(2).
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct CloseRangeFlags: u32 {
        /// With a table of the caller's own.
        const UNSHARE = 2;
        /// Mark close-on-exec instead of closing.
        const CLOEXEC = 4;
    }
}

/// struct flock.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[allow(missing_docs)] // the names of fcntl(2)
pub struct Flock {
    pub l_type: i16,
    pub l_whence: i16,
    pub pad0: u32,
    pub l_start: i64,
    pub l_len: i64,
    pub l_pid: i32,
    pub pad1: u32,
}

/// struct f_owner_ex.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct FOwnerEx {
    /// F_OWNER_TID, F_OWNER_PID or F_OWNER_PGRP.
    pub kind: i32,
    /// The id.
    pub pid: i32,
}

/// Commands of fcntl(2).
#[allow(missing_docs)] // the names of fcntl(2)
pub mod fcntl {
    pub const F_DUPFD: u32 = 0;
    pub const F_GETFD: u32 = 1;
    pub const F_SETFD: u32 = 2;
    pub const F_GETFL: u32 = 3;
    pub const F_SETFL: u32 = 4;
    pub const F_GETLK: u32 = 5;
    pub const F_SETLK: u32 = 6;
    pub const F_SETLKW: u32 = 7;
    pub const F_SETOWN: u32 = 8;
    pub const F_GETOWN: u32 = 9;
    pub const F_SETSIG: u32 = 10;
    pub const F_GETSIG: u32 = 11;
    pub const F_SETOWN_EX: u32 = 15;
    pub const F_GETOWN_EX: u32 = 16;
    pub const F_OFD_GETLK: u32 = 36;
    pub const F_OFD_SETLK: u32 = 37;
    pub const F_OFD_SETLKW: u32 = 38;
    pub const F_SETLEASE: u32 = 1024;
    pub const F_GETLEASE: u32 = 1025;
    pub const F_NOTIFY: u32 = 1026;
    pub const F_DUPFD_CLOEXEC: u32 = 1030;
    pub const F_SETPIPE_SZ: u32 = 1031;
    pub const F_GETPIPE_SZ: u32 = 1032;
    pub const F_ADD_SEALS: u32 = 1033;
    pub const F_GET_SEALS: u32 = 1034;
    pub const FD_CLOEXEC: u32 = 1;
    pub const F_RDLCK: i16 = 0;
    pub const F_WRLCK: i16 = 1;
    pub const F_UNLCK: i16 = 2;
    pub const F_OWNER_TID: i32 = 0;
    pub const F_OWNER_PID: i32 = 1;
    pub const F_OWNER_PGRP: i32 = 2;
}

/// ioctl: bytes to read.
pub const FIONREAD: u32 = 0x541b;
/// ioctl: set or clear O_NONBLOCK.
pub const FIONBIO: u32 = 0x5421;
/// ioctl: clear close-on-exec.
pub const FIONCLEX: u32 = 0x5450;
/// ioctl: set close-on-exec.
pub const FIOCLEX: u32 = 0x5451;
/// ioctl: set or clear O_ASYNC.
pub const FIOASYNC: u32 = 0x5452;
/// ioctl: bytes of a file, directory or link.
pub const FIOQSIZE: u32 = 0x5460;
