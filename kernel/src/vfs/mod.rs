//! The virtual file system: inodes, dentries, mounts, path walking, open files.
//!
//! A file system registers a [`superblock::FileSystem`] and implements [`ops::InodeOps`] for its inodes; everything else (names, mounts,
//! permissions, locks, open files) is done here once.

pub mod attr;
pub mod content;
pub mod context;
pub mod create;
pub mod dcache;
pub mod dentry;
pub mod dev;
pub mod disk;
pub mod empty;
pub mod file;
mod flags;
pub mod inode;
mod last;
pub mod locks;
mod mapped;
pub mod missing;
pub mod mount;
pub mod mounting;
pub mod notify;
pub mod open;
mod opened;
pub mod ops;
pub mod perm;
pub mod private;
pub mod remove;
pub mod rename;
pub mod seals;
pub mod superblock;
pub mod types;
pub mod walk;
pub mod xattr;

pub use context::{Caller, FsContext};
pub use dentry::Dentry;
pub use file::{File, FileOps, OpenFlags};
pub use inode::{Attr, Inode, Times};
pub use mount::{Mount, MountFlags, Path};
pub use ops::{AttrChange, DirEntry, Emit, InodeOps, Link, NewNode, RenameSide};
pub use superblock::{FileSystem, SuperBlock, SuperOps};
pub use types::{Dev, FileType, Timestamp, now};
