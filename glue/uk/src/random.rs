//! Random numbers of the kernel's generator.

use crate::call::{Errno, check};
use core::ffi::c_long;

unsafe extern "C" {
    fn uk_syscall_getrandom(buf: c_long, len: c_long, flags: c_long) -> c_long;
}

/// Fills the slice; good for keys.
///
/// # Errors
/// As getrandom(2).
pub fn fill(mut buf: &mut [u8]) -> Result<(), Errno> {
    while !buf.is_empty() {
        // SAFETY: the kernel writes within the slice.
        let done = check(unsafe { uk_syscall_getrandom(buf.as_mut_ptr() as c_long, buf.len() as c_long, 0) })?;
        buf = buf.get_mut(done..).unwrap_or(&mut []);
    }
    Ok(())
}
