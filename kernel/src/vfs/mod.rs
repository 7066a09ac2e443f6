//! The virtual file system: inodes, dentries, mounts, path walking, open files.

pub mod file;
