//! Where the bytes of an image are: in memory, or somewhere that they must be fetched from.

use core::ops::Deref;

use crate::Error;

/// Why bytes cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// They are not in the image.
    Outside,
    /// The source does not give them (an I/O error).
    Unreadable,
}

impl Fault {
    /// The error: `outside` for what the image itself has wrong.
    #[inline]
    pub(crate) fn or(self, outside: Error) -> Error {
        match self {
            Fault::Outside => outside,
            Fault::Unreadable => Error::Unreadable,
        }
    }
}

/// The bytes of an image. A slice is read where it is; other sources give copies of what is asked for, at most a block (or the extended attributes of one
/// file) at a time.
pub trait Source {
    /// Bytes of the image, held while they are looked at.
    type Bytes: Deref<Target = [u8]>;

    /// How many bytes there are.
    fn size(&self) -> u64;

    /// The bytes `[offset, offset + len)`.
    fn piece(&self, offset: u64, len: u64) -> Result<Self::Bytes, Fault>;
}

impl<'a> Source for &'a [u8] {
    type Bytes = &'a [u8];

    #[inline]
    fn size(&self) -> u64 {
        self.len() as u64
    }

    #[inline]
    fn piece(&self, offset: u64, len: u64) -> Result<&'a [u8], Fault> {
        let range = || {
            let start = usize::try_from(offset).ok()?;
            self.get(start..start.checked_add(usize::try_from(len).ok()?)?)
        };
        range().ok_or(Fault::Outside)
    }
}
