//! Files: the structures and constants of stat(2), statx(2), statfs(2), getdents64(2), openat2(2), mount(2), fcntl(2) locks and their kin.
//! Layouts are those of x86-64 (include/uapi/asm/stat.h, linux/stat.h, linux/fcntl.h, linux/openat2.h, linux/mount.h).

mod flags;

pub use flags::*;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// struct stat.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct Stat {
    /// Device that holds the file.
    pub st_dev: u64,
    /// Inode number.
    pub st_ino: u64,
    /// Names of the file.
    pub st_nlink: u64,
    /// Type and permissions.
    pub st_mode: u32,
    /// Owner.
    pub st_uid: u32,
    /// Group.
    pub st_gid: u32,
    #[doc(hidden)]
    pub pad0: u32,
    /// The device a special file stands for.
    pub st_rdev: u64,
    /// Bytes.
    pub st_size: i64,
    /// Preferred size of I/O.
    pub st_blksize: i64,
    /// 512-byte blocks allocated.
    pub st_blocks: i64,
    /// Last access.
    pub st_atime: i64,
    /// Its nanoseconds.
    pub st_atime_nsec: i64,
    /// Last change of contents.
    pub st_mtime: i64,
    /// Its nanoseconds.
    pub st_mtime_nsec: i64,
    /// Last change of the inode.
    pub st_ctime: i64,
    /// Its nanoseconds.
    pub st_ctime_nsec: i64,
    #[doc(hidden)]
    pub unused: [i64; 3],
}

/// struct statx_timestamp.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct StatxTimestamp {
    /// Seconds since the epoch.
    pub tv_sec: i64,
    /// Nanoseconds.
    pub tv_nsec: u32,
    #[doc(hidden)]
    pub reserved: i32,
}

/// struct statx.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct Statx {
    /// Which fields are filled (`STATX_*`).
    pub stx_mask: u32,
    /// Preferred size of I/O.
    pub stx_blksize: u32,
    /// `STATX_ATTR_*`.
    pub stx_attributes: u64,
    /// Names of the file.
    pub stx_nlink: u32,
    /// Owner.
    pub stx_uid: u32,
    /// Group.
    pub stx_gid: u32,
    /// Type and permissions.
    pub stx_mode: u16,
    #[doc(hidden)]
    pub spare0: u16,
    /// Inode number.
    pub stx_ino: u64,
    /// Bytes.
    pub stx_size: u64,
    /// 512-byte blocks allocated.
    pub stx_blocks: u64,
    /// The attributes that `stx_attributes` can tell about.
    pub stx_attributes_mask: u64,
    /// Last access.
    pub stx_atime: StatxTimestamp,
    /// Creation.
    pub stx_btime: StatxTimestamp,
    /// Last change of the inode.
    pub stx_ctime: StatxTimestamp,
    /// Last change of contents.
    pub stx_mtime: StatxTimestamp,
    /// The device a special file stands for: major.
    pub stx_rdev_major: u32,
    /// Minor.
    pub stx_rdev_minor: u32,
    /// Device that holds the file: major.
    pub stx_dev_major: u32,
    /// Minor.
    pub stx_dev_minor: u32,
    /// Id of the mount.
    pub stx_mnt_id: u64,
    /// Memory alignment of direct I/O.
    pub stx_dio_mem_align: u32,
    /// File alignment of direct I/O.
    pub stx_dio_offset_align: u32,
    #[doc(hidden)]
    pub spare3: [u64; 12],
}

/// statx(2)'s mask: type and mode, nlink, uid, gid, atime, mtime, ctime, ino, size, blocks.
pub const STATX_BASIC_STATS: u32 = 0x7ff;
/// Creation time.
pub const STATX_BTIME: u32 = 0x800;
/// Mount id.
pub const STATX_MNT_ID: u32 = 0x1000;
/// Reserved bit: EINVAL.
pub const STATX_RESERVED: u32 = 0x8000_0000;
/// The path is the root of a mount.
pub const STATX_ATTR_MOUNT_ROOT: u64 = 0x2000;
/// Both bits: EINVAL.
pub const AT_STATX_SYNC_TYPE: u32 = 0x6000;

/// struct statfs.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct Statfs {
    /// Magic number of the file system.
    pub f_type: i64,
    /// Block size.
    pub f_bsize: i64,
    /// Blocks in all.
    pub f_blocks: u64,
    /// Free blocks.
    pub f_bfree: u64,
    /// Free for anybody.
    pub f_bavail: u64,
    /// Inodes in all.
    pub f_files: u64,
    /// Free inodes.
    pub f_ffree: u64,
    /// File-system id.
    pub f_fsid: [i32; 2],
    /// Longest name.
    pub f_namelen: i64,
    /// Fragment size.
    pub f_frsize: i64,
    /// `ST_*`.
    pub f_flags: i64,
    #[doc(hidden)]
    pub f_spare: [i64; 4],
}

/// The fixed part of struct linux_dirent64; the name, a NUL and padding to 8 bytes follow.
#[repr(C, packed)]
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct Dirent64 {
    /// Inode number.
    pub d_ino: u64,
    /// Where to continue.
    pub d_off: i64,
    /// Bytes of this record.
    pub d_reclen: u16,
    /// `DT_*`.
    pub d_type: u8,
}

/// struct flock.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct Flock {
    /// F_RDLCK, F_WRLCK, F_UNLCK.
    pub l_type: i16,
    /// SEEK_*.
    pub l_whence: i16,
    #[doc(hidden)]
    pub pad0: u32,
    /// Where it begins.
    pub l_start: i64,
    /// Bytes; 0 is to the end.
    pub l_len: i64,
    /// Who holds it (F_GETLK).
    pub l_pid: i32,
    #[doc(hidden)]
    pub pad1: u32,
}

/// struct open_how of openat2(2).
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct OpenHow {
    /// O_*.
    pub flags: u64,
    /// Permissions of a new file.
    pub mode: u64,
    /// `RESOLVE_*`.
    pub resolve: u64,
}

/// Longest path, with its NUL.
pub const PATH_MAX: usize = 4096;
/// Longest name.
pub const NAME_MAX: usize = 255;
/// Symbolic links followed in one walk.
pub const MAX_SYMLINKS: u32 = 40;
/// utimensat(2): now.
pub const UTIME_NOW: i64 = 0x3fff_ffff;
/// utimensat(2): leave.
pub const UTIME_OMIT: i64 = 0x3fff_fffe;

const _: () = {
    assert!(size_of::<Stat>() == 144);
    assert!(size_of::<Statx>() == 256);
    assert!(size_of::<Statfs>() == 120);
    assert!(size_of::<Flock>() == 32);
    assert!(size_of::<Dirent64>() == 19);
};
