//! Flags and numbers of the calls on files. Names and values are those of the uapi headers.

/// statfs(2)'s f_flags.
pub mod st {
    /// Read-only.
    pub const RDONLY: i64 = 1;
    /// Set-id bits are ignored.
    pub const NOSUID: i64 = 2;
    /// Devices cannot be opened.
    pub const NODEV: i64 = 4;
    /// Programs cannot be run.
    pub const NOEXEC: i64 = 8;
    /// f_flags is filled.
    pub const VALID: i64 = 0x20;
    /// atime is not kept.
    pub const NOATIME: i64 = 0x400;
    /// Nor that of directories.
    pub const NODIRATIME: i64 = 0x800;
    /// atime only when older than mtime or ctime, or a day.
    pub const RELATIME: i64 = 0x1000;
}

/// Magic numbers of file systems (linux/magic.h).
pub mod magic {
    /// tmpfs.
    pub const TMPFS: i64 = 0x0102_1994;
    /// EROFS.
    pub const EROFS: i64 = 0xe0f5_e1e2;
    /// procfs.
    pub const PROC: i64 = 0x9fa0;
    /// sysfs.
    pub const SYSFS: i64 = 0x6265_6572;
    /// devpts.
    pub const DEVPTS: i64 = 0x1cd1;
    /// pipes.
    pub const PIPEFS: i64 = 0x5049_5045;
    /// sockets.
    pub const SOCKFS: i64 = 0x534f_434b;
    /// eventfd, epoll and so on.
    pub const ANON_INODE: i64 = 0x0904_1934;
    /// overlayfs: what a writable root over a read-only image is on Linux.
    pub const OVERLAYFS: i64 = 0x794c_7630;
}

/// openat2(2)'s resolve flags.
pub mod resolve {
    /// No mount crossing.
    pub const NO_XDEV: u64 = 0x1;
    /// No magic links (/proc/self/fd).
    pub const NO_MAGICLINKS: u64 = 0x2;
    /// No symbolic links at all.
    pub const NO_SYMLINKS: u64 = 0x4;
    /// Not above the starting directory.
    pub const BENEATH: u64 = 0x8;
    /// The starting directory is the root.
    pub const IN_ROOT: u64 = 0x10;
    /// Only what needs no I/O.
    pub const CACHED: u64 = 0x20;
    /// All of them.
    pub const ALL: u64 = 0x3f;
}

/// `S_*`: type and permission bits of st_mode.
pub mod mode {
    /// Mask of the type.
    pub const S_IFMT: u32 = 0o170000;
    /// Socket.
    pub const S_IFSOCK: u32 = 0o140000;
    /// Symbolic link.
    pub const S_IFLNK: u32 = 0o120000;
    /// Regular file.
    pub const S_IFREG: u32 = 0o100000;
    /// Block device.
    pub const S_IFBLK: u32 = 0o060000;
    /// Directory.
    pub const S_IFDIR: u32 = 0o040000;
    /// Character device.
    pub const S_IFCHR: u32 = 0o020000;
    /// FIFO.
    pub const S_IFIFO: u32 = 0o010000;
    /// Set-user-ID.
    pub const S_ISUID: u32 = 0o4000;
    /// Set-group-ID.
    pub const S_ISGID: u32 = 0o2000;
    /// Sticky.
    pub const S_ISVTX: u32 = 0o1000;
    /// Group may execute.
    pub const S_IXGRP: u32 = 0o010;
}

/// `AT_*` flags of the *at calls.
pub mod at {
    /// The current directory.
    pub const FDCWD: i32 = -100;
    /// Do not follow a final symbolic link.
    pub const SYMLINK_NOFOLLOW: u32 = 0x100;
    /// unlinkat: rmdir.
    pub const REMOVEDIR: u32 = 0x200;
    /// faccessat: with effective ids.
    pub const EACCESS: u32 = 0x200;
    /// Follow (linkat).
    pub const SYMLINK_FOLLOW: u32 = 0x400;
    /// Do not mount automatically (no effect).
    pub const NO_AUTOMOUNT: u32 = 0x800;
    /// An empty path means the descriptor itself.
    pub const EMPTY_PATH: u32 = 0x1000;
}

/// renameat2(2)'s flags.
pub mod rename {
    /// EEXIST when the target exists.
    pub const NOREPLACE: u32 = 1;
    /// Swap the two.
    pub const EXCHANGE: u32 = 2;
    /// Leave a whiteout (overlayfs only).
    pub const WHITEOUT: u32 = 4;
}

/// fallocate(2)'s modes.
pub mod falloc {
    /// Do not change the size.
    pub const KEEP_SIZE: u32 = 0x1;
    /// Make a hole.
    pub const PUNCH_HOLE: u32 = 0x2;
    /// Remove a range.
    pub const COLLAPSE_RANGE: u32 = 0x8;
    /// Make a range zero.
    pub const ZERO_RANGE: u32 = 0x10;
    /// Insert a range.
    pub const INSERT_RANGE: u32 = 0x20;
    /// Break sharing.
    pub const UNSHARE_RANGE: u32 = 0x40;
}

/// mount(2)'s flags.
pub mod ms {
    /// Read-only.
    pub const RDONLY: u64 = 1;
    /// Ignore set-id bits.
    pub const NOSUID: u64 = 2;
    /// No devices.
    pub const NODEV: u64 = 4;
    /// No execution.
    pub const NOEXEC: u64 = 8;
    /// Synchronous writes.
    pub const SYNCHRONOUS: u64 = 16;
    /// Change the flags of a mount.
    pub const REMOUNT: u64 = 32;
    /// Do not follow symbolic links.
    pub const NOSYMFOLLOW: u64 = 256;
    /// Do not keep atime.
    pub const NOATIME: u64 = 1024;
    /// Nor that of directories.
    pub const NODIRATIME: u64 = 2048;
    /// Make a subtree visible elsewhere.
    pub const BIND: u64 = 4096;
    /// Move a mount.
    pub const MOVE: u64 = 8192;
    /// With BIND: mounts below too.
    pub const REC: u64 = 16384;
    /// Silence.
    pub const SILENT: u64 = 32768;
    /// Propagation: unbindable, private, slave, shared.
    pub const PROPAGATION: u64 = 1 << 17 | 1 << 18 | 1 << 19 | 1 << 20;
    /// The usual rule for atime.
    pub const RELATIME: u64 = 1 << 21;
    /// Always keep atime.
    pub const STRICTATIME: u64 = 1 << 24;
    /// Times on disk lazily.
    pub const LAZYTIME: u64 = 1 << 25;
    /// The magic number that old programs put into the upper half.
    pub const MGC_VAL: u64 = 0xc0ed_0000;
    /// Its mask.
    pub const MGC_MSK: u64 = 0xffff_0000;
}

/// umount2(2)'s flags.
pub mod umount {
    /// Even when busy.
    pub const FORCE: u32 = 1;
    /// Detach now, clean up later.
    pub const DETACH: u32 = 2;
    /// Mark as expired.
    pub const EXPIRE: u32 = 4;
    /// Do not follow a symbolic link.
    pub const NOFOLLOW: u32 = 8;
}

/// lseek(2)'s whence.
pub mod seek {
    /// From the start.
    pub const SET: u32 = 0;
    /// From the position.
    pub const CUR: u32 = 1;
    /// From the end.
    pub const END: u32 = 2;
    /// The next data.
    pub const DATA: u32 = 3;
    /// The next hole.
    pub const HOLE: u32 = 4;
}

/// setxattr(2)'s flags and limits.
pub mod xattr {
    /// EEXIST when it is there.
    pub const CREATE: u32 = 1;
    /// ENODATA when it is not there.
    pub const REPLACE: u32 = 2;
    /// Longest name, without the NUL.
    pub const NAME_MAX: usize = 255;
    /// Longest value.
    pub const SIZE_MAX: usize = 65536;
    /// Longest list of names.
    pub const LIST_MAX: usize = 65536;
}

/// inotify(7)'s events, which the file system's notification points use.
pub mod inotify {
    /// Read.
    pub const ACCESS: u32 = 0x1;
    /// Written or truncated.
    pub const MODIFY: u32 = 0x2;
    /// Metadata changed.
    pub const ATTRIB: u32 = 0x4;
    /// Closed after writing.
    pub const CLOSE_WRITE: u32 = 0x8;
    /// Closed without writing.
    pub const CLOSE_NOWRITE: u32 = 0x10;
    /// Opened.
    pub const OPEN: u32 = 0x20;
    /// Moved away.
    pub const MOVED_FROM: u32 = 0x40;
    /// Moved here.
    pub const MOVED_TO: u32 = 0x80;
    /// Created in the directory.
    pub const CREATE: u32 = 0x100;
    /// Deleted from the directory.
    pub const DELETE: u32 = 0x200;
    /// The watched file was deleted.
    pub const DELETE_SELF: u32 = 0x400;
    /// The watched file was moved.
    pub const MOVE_SELF: u32 = 0x800;
    /// Its file system was unmounted.
    pub const UNMOUNT: u32 = 0x2000;
    /// The watch is gone.
    pub const IGNORED: u32 = 0x8000;
    /// The event is about a directory.
    pub const ISDIR: u32 = 0x4000_0000;
}
