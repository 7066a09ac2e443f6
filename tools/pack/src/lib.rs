//! Packed images: the kernel's ELF file with one more segment, the payload, that holds the configuration and the root file system
//! (docs/boot-protocol.md, section 3). `qemu-system-x86_64 -kernel` boots the result, and so does `unox run`.
//!
//! [`pack`] writes one; the same plan, kernel and configuration give the same bytes. [`inspect`] says what is in one, or in a bare EROFS
//! image.
#![forbid(unsafe_code)]

mod inspect;
mod kernel;
mod write;

use std::path::PathBuf;

pub use inspect::{FileInfo, Inspection, configuration, inspect, is_packed};
pub use write::{Packed, pack};

/// Why an image cannot be packed or read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The kernel is not one of ours.
    #[error("this kernel cannot be packed: {0}")]
    Kernel(&'static str),
    /// The kernel has a payload already.
    #[error("this kernel is a packed image already; name the plain kernel with --kernel")]
    AlreadyPacked,
    /// It would reach into the gap below 4 GiB where devices are.
    #[error(
        "the root file system has {0} MiB: too much for a packed image, which must lie in memory below 2 GiB; unox run maps it instead"
    )]
    TooLarge(u64),
    /// Neither a packed image nor a root image.
    #[error("{}: neither a packed image nor an EROFS root image", .0.display())]
    NotAnImage(PathBuf),
    /// The image contradicts itself.
    #[error("{}: the image is damaged: {what}", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The root file system could not be made.
    #[error(transparent)]
    Rootfs(#[from] rootfs::Error),
    /// Input or output failed.
    #[error("{}: {source}", .path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// From the host.
        source: std::io::Error,
    },
}

/// Result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Error {
    let path = path.into();
    move |source| Error::Io { path, source }
}
