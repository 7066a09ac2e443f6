//! The application's memory: the only way to touch it. Every access is range-checked against the lower half and may fail with EFAULT; faults
//! in the middle go through the page-fault handler first (demand paging), then through the fix-up table. May sleep: never call under a spin lock.

use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::sync::atomic::Ordering;

use abi::{Errno, Result};
use zerocopy::{FromBytes, Immutable, IntoBytes};

use crate::RING0;
use crate::arch::imp::usercopy;
use crate::mem::{Frame, PAGE_SIZE, Page, USER_END};

/// First address that cannot be the application's: the end of its half, or none when it shares the kernel's half in ring 0.
pub const LIMIT: usize = if RING0 { usize::MAX } else { USER_END };

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
    #[allow(clippy::should_implement_trait)] // as the method of raw pointers, whose name says what it does
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

/// Where the upper half of the address space begins, in which the images of ports lie.
const UPPER_HALF: usize = 1 << 63;

/// The end of what may be the application's and holds `addr`: no range spans both halves.
#[inline]
fn limit(addr: usize) -> usize {
    if RING0 && addr < UPPER_HALF { USER_END } else { LIMIT }
}

/// True when `[addr, addr+len)` may be the application's.
#[inline]
pub fn in_range(addr: usize, len: usize) -> bool {
    limit(addr).checked_sub(addr).is_some_and(|room| len <= room)
}

/// Bytes of `[addr, addr+len)` that lie in the application's half.
#[inline]
fn clamp(addr: usize, len: usize) -> usize {
    len.min(limit(addr).saturating_sub(addr))
}

/// Tells the copies that SMAP is on (each CPU has it, or none). Called by the code that sets CR4.
#[allow(dead_code)] // called at boot
pub(crate) fn smap_is_on() {
    usercopy::SMAP.store(1, Ordering::Relaxed);
}

/// Copies from user memory; EFAULT if any byte cannot be read.
#[inline]
pub fn read_bytes(addr: usize, dst: &mut [u8]) -> Result<()> {
    if !in_range(addr, dst.len()) {
        return Err(Errno::EFAULT);
    }
    // SAFETY: the source is in the application's half, faults are fixed up; the target is ours.
    let left = unsafe { usercopy::copy(dst.as_mut_ptr(), addr as *const u8, dst.len()) };
    if left == 0 { Ok(()) } else { Err(Errno::EFAULT) }
}

/// Copies to user memory; EFAULT if any byte cannot be written (earlier bytes may have been).
#[inline]
pub fn write_bytes(addr: usize, src: &[u8]) -> Result<()> {
    if !in_range(addr, src.len()) {
        return Err(Errno::EFAULT);
    }
    // SAFETY: the target is in the application's half, faults are fixed up.
    let left = unsafe { usercopy::copy(addr as *mut u8, src.as_ptr(), src.len()) };
    if left == 0 { Ok(()) } else { Err(Errno::EFAULT) }
}

/// As [`read_bytes`] but says how many bytes could be read (0 = none).
pub fn read_some(addr: usize, dst: &mut [u8]) -> usize {
    let len = clamp(addr, dst.len());
    // SAFETY: as in `read_bytes`.
    len - unsafe { usercopy::copy(dst.as_mut_ptr(), addr as *const u8, len) }
}

/// As [`write_bytes`] but says how many bytes could be written.
pub fn write_some(addr: usize, src: &[u8]) -> usize {
    let len = clamp(addr, src.len());
    // SAFETY: as in `write_bytes`.
    len - unsafe { usercopy::copy(addr as *mut u8, src.as_ptr(), len) }
}

/// Zeroes user memory; returns the bytes done.
pub fn clear_some(addr: usize, len: usize) -> usize {
    let len = clamp(addr, len);
    // SAFETY: the target is in the application's half, faults are fixed up.
    len - unsafe { usercopy::clear(addr, len) }
}

/// Copies `len` bytes at `offset` of `page` to user memory; returns the bytes done. Panics if the range leaves the page.
#[inline]
pub fn write_from_page(addr: usize, page: &Page, offset: usize, len: usize) -> usize {
    assert!(offset <= PAGE_SIZE && len <= PAGE_SIZE - offset);
    let len = clamp(addr, len);
    // SAFETY: the source is inside a live page, the target in the application's half; faults are fixed up. Both may be the same page: then
    // the bytes are copied forwards, and no Rust reference sees them.
    len - unsafe { usercopy::copy(addr as *mut u8, page.virt().add(offset), len) }
}

/// Copies user memory into `frame` at `offset`; returns the bytes done. Panics if the range leaves the page.
#[inline]
pub fn read_into_frame(addr: usize, frame: &Frame, offset: usize, len: usize) -> usize {
    assert!(offset <= PAGE_SIZE && len <= PAGE_SIZE - offset);
    let len = clamp(addr, len);
    // SAFETY: as in `write_from_page`.
    len - unsafe { usercopy::copy(frame.pfn().virt().add(offset), addr as *const u8, len) }
}

/// Room for a string from user memory that costs nothing to make: a path is read by every call that takes one, and clearing the room first would
/// cost more than reading it.
pub struct CStrBuf<const N: usize> {
    bytes: [MaybeUninit<u8>; N],
    /// Bytes read, without the NUL.
    len: usize,
}

impl<const N: usize> CStrBuf<N> {
    /// Room for `N - 1` bytes and the NUL.
    #[inline(always)]
    pub const fn new() -> Self {
        CStrBuf { bytes: [const { MaybeUninit::uninit() }; N], len: 0 }
    }

    /// Reads a NUL-terminated string: as [`read_cstr`].
    #[inline]
    pub fn read(&mut self, addr: usize, too_long: Errno) -> Result<&[u8]> {
        // SAFETY: the room is `N` bytes long.
        self.len = unsafe { read_string(self.bytes.as_mut_ptr().cast(), N, addr, too_long) }?;
        Ok(self.get())
    }

    /// Reads a string that one copy can read: it lies in one page, not at its end. False: [`CStrBuf::read`] does the rest and says what is wrong.
    #[inline(always)]
    pub fn read_at_once(&mut self, addr: usize) -> bool {
        // SAFETY: the room is `N` bytes long.
        let found = unsafe { begin_string(self.bytes.as_mut_ptr().cast(), N, addr) };
        let whole = found & NOT_FOUND == 0;
        if whole {
            self.len = found;
        }
        whole
    }

    /// What was read last, without the NUL.
    #[inline(always)]
    pub fn get(&self) -> &[u8] {
        // SAFETY: that many bytes were written, and they are fewer than N.
        unsafe { core::slice::from_raw_parts(self.bytes.as_ptr().cast(), self.len) }
    }
}

/// Set in the number of bytes read when the NUL was not among them.
const NOT_FOUND: usize = 1 << 63;

/// Reads the first part of a string into `room` bytes at `base`; its length without the NUL, or [`NOT_FOUND`] and how much was read.
///
/// # Safety
/// The room is the caller's to write to.
#[inline(always)]
unsafe fn begin_string(base: *mut u8, room: usize, addr: usize) -> usize {
    // Words are read up to the end of the page only, so a string that ends just before an unmapped page reads without fault.
    let len = clamp(addr, room.min(PAGE_SIZE - addr % PAGE_SIZE));
    // SAFETY: `len` is at most the room; the source is in the application's half and faults are fixed up.
    unsafe { usercopy::copy_string(base, addr as *const u8, len) }
}

/// Reads a string into `room` bytes at `base`; its length without the NUL.
///
/// # Safety
/// The room is the caller's to write to.
#[inline]
unsafe fn read_string(base: *mut u8, room: usize, addr: usize, too_long: Errno) -> Result<usize> {
    // SAFETY: the caller's contract.
    let found = unsafe { begin_string(base, room, addr) };
    if found & NOT_FOUND == 0 {
        return Ok(found);
    }
    // SAFETY: the caller's contract; the part before was copied whole.
    unsafe { rest_of_string(base, room, addr, found & !NOT_FOUND, too_long) }
}

/// The rest of a string from byte `done` on, which lies before the page's last words, or across pages.
///
/// # Safety
/// `base` has `room` bytes, the caller's to write to; `done` is at most that.
#[inline(never)]
unsafe fn rest_of_string(base: *mut u8, room: usize, addr: usize, mut done: usize, too_long: Errno) -> Result<usize> {
    const STEP: usize = 64;
    while done < room {
        // A step never crosses a page, as above.
        let at = addr.checked_add(done).ok_or(Errno::EFAULT)?;
        let want = STEP.min(PAGE_SIZE - at % PAGE_SIZE).min(room - done);
        let len = clamp(at, want);
        // SAFETY: `done + len` is at most the room; the source is in the application's half and faults are fixed up.
        let got = len - unsafe { usercopy::copy(base.add(done), at as *const u8, len) };
        // SAFETY: the copy has just written these bytes.
        let chunk = unsafe { core::slice::from_raw_parts(base.add(done), got) };
        if let Some(nul) = nul_in(chunk) {
            return Ok(done + nul);
        }
        if got < want {
            return Err(Errno::EFAULT);
        }
        done += want;
    }
    Err(too_long)
}

impl<const N: usize> Default for CStrBuf<N> {
    fn default() -> Self {
        CStrBuf::new()
    }
}

/// Where the first NUL is. Eight bytes at a time: every path goes through here.
#[inline]
fn nul_in(bytes: &[u8]) -> Option<usize> {
    let (words, rest) = bytes.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        // A bit set in the first byte that is zero; bits behind it mean nothing.
        let found = word.wrapping_sub(0x0101_0101_0101_0101) & !word & 0x8080_8080_8080_8080;
        if found != 0 {
            return Some(8 * at + (found.trailing_zeros() / 8) as usize); // below 8
        }
    }
    rest.iter().position(|&b| b == 0).map(|at| 8 * words.len() + at)
}

/// Reads a NUL-terminated string into `dst`; the length without the NUL. EFAULT, or `too_long` when no NUL came within `dst.len()`.
pub fn read_cstr(addr: usize, dst: &mut [u8], too_long: Errno) -> Result<usize> {
    // SAFETY: the room is all of `dst`.
    unsafe { read_string(dst.as_mut_ptr(), dst.len(), addr, too_long) }
}

/// Atomic operations on user words (futexes). `addr` must be 4-byte aligned (EINVAL).
pub mod atomic {
    use abi::{Errno, Result};

    use crate::arch::imp::usercopy;

    #[inline]
    fn check(addr: usize) -> Result<()> {
        if !addr.is_multiple_of(4) {
            return Err(Errno::EINVAL);
        }
        if super::in_range(addr, 4) { Ok(()) } else { Err(Errno::EFAULT) }
    }

    /// The value found, or the fault that all bits set mean.
    #[inline]
    fn found(raw: u64) -> Result<u32> {
        u32::try_from(raw).map_err(|_| Errno::EFAULT)
    }

    /// Loads.
    #[inline]
    pub fn load_u32(addr: usize) -> Result<u32> {
        check(addr)?;
        // SAFETY: an aligned address of the application's half; faults are fixed up.
        found(unsafe { usercopy::load_u32(addr) })
    }
    /// Compare-exchange; gives the value found.
    #[inline]
    pub fn compare_exchange_u32(addr: usize, old: u32, new: u32) -> Result<u32> {
        check(addr)?;
        // SAFETY: as in `load_u32`.
        found(unsafe { usercopy::compare_exchange_u32(addr, old, new) })
    }
    /// Exchanges; gives the value found.
    #[inline]
    pub fn exchange_u32(addr: usize, new: u32) -> Result<u32> {
        check(addr)?;
        // SAFETY: as in `load_u32`.
        found(unsafe { usercopy::exchange_u32(addr, new) })
    }
    /// Stores.
    #[inline]
    pub fn store_u32(addr: usize, value: u32) -> Result<()> {
        check(addr)?;
        // SAFETY: as in `load_u32`.
        found(unsafe { usercopy::store_u32(addr, value) }).map(|_| ())
    }
}

#[cfg(test)]
mod tests;
