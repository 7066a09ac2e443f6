//! The application's memory: the only way to touch it. Every access is range-checked against the lower half and may fail with EFAULT; faults
//! in the middle go through the page-fault handler first (demand paging), then through the fix-up table. May sleep: never call under a spin lock.

use core::marker::PhantomData;

use abi::{Errno, Result};
use zerocopy::{FromBytes, Immutable, IntoBytes};

use crate::mem::Page;

/// A user address of a `T`, not yet looked at.
#[repr(transparent)]
pub struct UserPtr<T> {
    addr: usize,
    _type: PhantomData<*const T>,
}

impl<T> Clone for UserPtr<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for UserPtr<T> {}
// SAFETY: a UserPtr is a number; dereferencing it goes through checked copies.
unsafe impl<T> Send for UserPtr<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for UserPtr<T> {}

impl<T> UserPtr<T> {
    /// The pointer with this address.
    pub const fn new(addr: usize) -> Self {
        UserPtr { addr, _type: PhantomData }
    }
    /// Its address.
    pub const fn addr(self) -> usize {
        self.addr
    }
    /// Whether it is the null pointer.
    pub const fn is_null(self) -> bool {
        self.addr == 0
    }
    /// `None` when null.
    pub fn non_null(self) -> Option<Self> {
        if self.is_null() { None } else { Some(self) }
    }
    /// The pointer `n` elements on (wrapping: the access is what checks).
    pub fn add(self, n: usize) -> Self {
        UserPtr::new(self.addr.wrapping_add(n.wrapping_mul(size_of::<T>())))
    }
    /// The same address as another type.
    pub const fn cast<U>(self) -> UserPtr<U> {
        UserPtr::new(self.addr)
    }
}

impl<T: FromBytes + IntoBytes> UserPtr<T> {
    /// Reads the value.
    pub fn read(self) -> Result<T> {
        let mut value = T::new_zeroed();
        read_bytes(self.addr, value.as_mut_bytes())?;
        Ok(value)
    }
}

impl<T: IntoBytes + Immutable> UserPtr<T> {
    /// Writes the value.
    pub fn write(self, value: &T) -> Result<()> {
        write_bytes(self.addr, value.as_bytes())
    }
}

/// Copies from user memory; EFAULT if any byte cannot be read.
pub fn read_bytes(_addr: usize, _dst: &mut [u8]) -> Result<()> {
    todo!()
}

/// Copies to user memory; EFAULT if any byte cannot be written (earlier bytes may have been).
pub fn write_bytes(_addr: usize, _src: &[u8]) -> Result<()> {
    todo!()
}

/// As [`read_bytes`] but says how many bytes could be read (0 = none).
pub fn read_some(_addr: usize, _dst: &mut [u8]) -> usize {
    todo!()
}

/// As [`write_bytes`] but says how many bytes could be written.
pub fn write_some(_addr: usize, _src: &[u8]) -> usize {
    todo!()
}

/// Zeroes user memory; returns the bytes done.
pub fn clear_some(_addr: usize, _len: usize) -> usize {
    todo!()
}

/// Copies `len` bytes at `offset` of `page` to user memory; returns the bytes done.
pub fn write_from_page(_addr: usize, _page: &Page, _offset: usize, _len: usize) -> usize {
    todo!()
}

/// Copies user memory into `frame` at `offset`; returns the bytes done.
pub fn read_into_frame(_addr: usize, _frame: &crate::mem::Frame, _offset: usize, _len: usize) -> usize {
    todo!()
}

/// Reads a NUL-terminated string into `dst`; the length without the NUL. EFAULT, or `too_long` when no NUL came within `dst.len()`.
pub fn read_cstr(_addr: usize, _dst: &mut [u8], _too_long: Errno) -> Result<usize> {
    todo!()
}

/// Atomic operations on user words (futexes). `addr` must be 4-byte aligned (EINVAL).
pub mod atomic {
    use abi::Result;

    /// Loads.
    pub fn load_u32(_addr: usize) -> Result<u32> {
        todo!()
    }
    /// Compare-exchange; gives the value found.
    pub fn compare_exchange_u32(_addr: usize, _old: u32, _new: u32) -> Result<u32> {
        todo!()
    }
    /// Stores.
    pub fn store_u32(_addr: usize, _value: u32) -> Result<()> {
        todo!()
    }
}
