//! What can be wrong with an image.

use core::fmt;

use crate::Nid;

/// Why an image, or a part of it, cannot be used. The kernel answers the application with EUCLEAN (or EIO); `new` errors stop the boot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The image is shorter than a superblock or than it says it is.
    Truncated,
    /// No EROFS magic at offset 1024.
    BadMagic,
    /// Blocks of another size than 4096 bytes (the value is log2 of the size).
    BlockSize(u8),
    /// A feature of the format that this reader does not have (the unknown bits).
    Feature(u32),
    /// The inode lies outside the image or has an impossible mode.
    BadInode(Nid),
    /// The inode's data is compressed or in chunks.
    Layout(Nid),
    /// The inode's data lies outside the image.
    DataRange(Nid),
    /// The data is in two pieces (a partial last block stored beside the inode): use `Image::block`.
    NotContiguous(Nid),
    /// The directory's entries or names are not within their block.
    BadDirectory(Nid),
    /// The extended attributes are malformed.
    BadXattr(Nid),
    /// A directory was needed.
    NotDirectory(Nid),
    /// A symbolic link was needed.
    NotSymlink(Nid),
    /// The kind of file has no data (device, FIFO, socket).
    NoData(Nid),
    /// The image's source did not give the bytes.
    Unreadable,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Error::Truncated => f.write_str("the EROFS image is truncated"),
            Error::BadMagic => f.write_str("not an EROFS image (no magic at offset 1024)"),
            Error::BlockSize(bits) => write!(f, "EROFS block size 2^{bits} is not 4096: build the image with 4 KiB blocks"),
            Error::Feature(bits) => write!(f, "EROFS features {bits:#x} are not supported: build the image without compression"),
            Error::BadInode(n) => write!(f, "EROFS inode {} is outside the image or malformed", n.0),
            Error::Layout(n) => write!(f, "EROFS inode {} is compressed or chunked: build the image without compression", n.0),
            Error::DataRange(n) => write!(f, "the data of EROFS inode {} is outside the image", n.0),
            Error::NotContiguous(n) => write!(f, "the data of EROFS inode {} has an inline tail", n.0),
            Error::BadDirectory(n) => write!(f, "EROFS directory {} is malformed", n.0),
            Error::BadXattr(n) => write!(f, "the extended attributes of EROFS inode {} are malformed", n.0),
            Error::NotDirectory(n) => write!(f, "EROFS inode {} is not a directory", n.0),
            Error::NotSymlink(n) => write!(f, "EROFS inode {} is not a symbolic link", n.0),
            Error::NoData(n) => write!(f, "EROFS inode {} is a device, FIFO or socket", n.0),
            Error::Unreadable => f.write_str("the EROFS image cannot be read"),
        }
    }
}

impl core::error::Error for Error {}
