//! O_* flags.

flags::flags! {
    /// O_* flags of open(2) and fcntl(F_GETFL); the values are Linux's.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct OpenFlags: u32 {
        /// Write only (the low two bits are the access mode).
        const WRONLY = 0o1;
        /// Read and write.
        const RDWR = 0o2;
        /// Create if missing.
        const CREAT = 0o100;
        /// Fail if it exists.
        const EXCL = 0o200;
        /// Not as controlling terminal.
        const NOCTTY = 0o400;
        /// Truncate.
        const TRUNC = 0o1000;
        /// Append on each write.
        const APPEND = 0o2000;
        /// Do not block.
        const NONBLOCK = 0o4000;
        /// Data integrity on write.
        const DSYNC = 0o10000;
        /// SIGIO on readiness.
        const ASYNC = 0o20000;
        /// Bypass the cache.
        const DIRECT = 0o40000;
        /// Always set on x86-64 only by the 32-bit ABI.
        const LARGEFILE = 0o100000;
        /// Must be a directory.
        const DIRECTORY = 0o200000;
        /// Do not follow a final symlink.
        const NOFOLLOW = 0o400000;
        /// Do not update atime.
        const NOATIME = 0o1000000;
        /// Close on exec (a descriptor flag, not kept here).
        const CLOEXEC = 0o2000000;
        /// File integrity (with DSYNC: O_SYNC).
        const SYNC_BIT = 0o4000000;
        /// A location only.
        const PATH = 0o10000000;
        /// Unnamed temporary file (with DIRECTORY).
        const TMPFILE_BIT = 0o20000000;
    }
}
