//! The kernel's system calls that most programs need. All others are there too, as `extern "C"` functions `uk_syscall_NAME` with arguments of type `long`
//! (glue/include/uk/bits/syscalls.h), for a port to declare.

use core::ffi::c_long;
use core::fmt;

unsafe extern "C" {
    fn uk_syscall_read(fd: c_long, buf: c_long, len: c_long) -> c_long;
    fn uk_syscall_write(fd: c_long, buf: c_long, len: c_long) -> c_long;
    fn uk_syscall_close(fd: c_long) -> c_long;
    fn uk_syscall_exit_group(status: c_long) -> c_long;
    fn uk_syscall_sched_yield() -> c_long;
    fn uk_syscall6_r(nr: c_long, a: c_long, b: c_long, c: c_long, d: c_long, e: c_long, f: c_long) -> c_long;
}

/// A Linux errno.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Errno(pub i32);

impl fmt::Debug for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "errno {}", self.0)
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "errno {}", self.0)
    }
}

impl core::error::Error for Errno {}

/// A call's result: -4095 to -1 are errors.
///
/// # Errors
/// The negated result as an errno.
pub fn check(result: c_long) -> Result<usize, Errno> {
    usize::try_from(result).map_err(|_| Errno(i32::try_from(-result).unwrap_or(i32::MAX)))
}

/// read(2).
///
/// # Errors
/// As read(2).
pub fn read(fd: i32, buf: &mut [u8]) -> Result<usize, Errno> {
    // SAFETY: the kernel writes within the slice.
    check(unsafe { uk_syscall_read(fd.into(), buf.as_mut_ptr() as c_long, buf.len() as c_long) })
}

/// write(2).
///
/// # Errors
/// As write(2).
pub fn write(fd: i32, buf: &[u8]) -> Result<usize, Errno> {
    // SAFETY: the kernel reads within the slice.
    check(unsafe { uk_syscall_write(fd.into(), buf.as_ptr() as c_long, buf.len() as c_long) })
}

/// close(2).
///
/// # Errors
/// As close(2).
pub fn close(fd: i32) -> Result<(), Errno> {
    // SAFETY: the number of a descriptor; nobody's memory.
    check(unsafe { uk_syscall_close(fd.into()) }).map(drop)
}

/// Ends the program with a status of 0 to 255, without terminators and without the C library's atexit(3).
pub fn exit(status: i32) -> ! {
    loop {
        // SAFETY: a number; it does not return.
        unsafe { uk_syscall_exit_group(status.into()) };
    }
}

/// Lets other threads run.
pub fn yield_now() {
    // SAFETY: no argument.
    unsafe { uk_syscall_sched_yield() };
}

/// Any call by its number; brings every call into the image.
///
/// # Safety
/// That of the call: pointers among the arguments are what it takes them for.
///
/// # Errors
/// Those of the call.
pub unsafe fn by_number(nr: u32, args: [usize; 6]) -> Result<usize, Errno> {
    let [a, b, c, d, e, f] = args.map(|arg| arg as c_long);
    // SAFETY: by the caller's contract.
    check(unsafe { uk_syscall6_r(nr.into(), a, b, c, d, e, f) })
}
