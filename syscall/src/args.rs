//! How a register becomes a typed argument and a result becomes a register.

use abi::{Errno, Result};
use core::fmt::{self, Write};
use hal::user::UserPtr;

/// A type that a system call takes in one register.
pub trait FromReg: Sized {
    /// Decodes; the error is what the call returns.
    fn from_reg(reg: u64) -> Result<Self>;

    /// Prints it for `--strace`, in strace(1)'s manner.
    fn trace(reg: u64, out: &mut dyn Write) -> fmt::Result {
        write!(out, "{reg:#x}")
    }
}

/// A descriptor number: the low 32 bits, signed, as Linux takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fd(pub i32);

impl FromReg for Fd {
    #[inline]
    fn from_reg(reg: u64) -> Result<Self> {
        i32::from_reg(reg).map(Fd)
    }
    fn trace(reg: u64, out: &mut dyn Write) -> fmt::Result {
        match low32(reg).cast_signed() {
            -100 => out.write_str("AT_FDCWD"),
            fd => write!(out, "{fd}"),
        }
    }
}

/// The low half of a register: Linux ignores the upper bits of 32-bit arguments.
#[inline]
fn low32(reg: u64) -> u32 {
    (reg & 0xffff_ffff) as u32
}

impl FromReg for i32 {
    #[inline]
    fn from_reg(reg: u64) -> Result<Self> {
        Ok(low32(reg).cast_signed())
    }
    fn trace(reg: u64, out: &mut dyn Write) -> fmt::Result {
        write!(out, "{}", low32(reg).cast_signed())
    }
}

impl FromReg for u32 {
    #[inline]
    fn from_reg(reg: u64) -> Result<Self> {
        Ok(low32(reg))
    }
}

impl FromReg for u64 {
    #[inline]
    fn from_reg(reg: u64) -> Result<Self> {
        Ok(reg)
    }
}

impl FromReg for i64 {
    #[inline]
    fn from_reg(reg: u64) -> Result<Self> {
        Ok(reg.cast_signed())
    }
    fn trace(reg: u64, out: &mut dyn Write) -> fmt::Result {
        write!(out, "{}", reg.cast_signed())
    }
}

impl FromReg for usize {
    #[inline]
    fn from_reg(reg: u64) -> Result<Self> {
        Ok(reg as usize) // x86-64: the same width
    }
    fn trace(reg: u64, out: &mut dyn Write) -> fmt::Result {
        write!(out, "{reg}")
    }
}

impl<T> FromReg for UserPtr<T> {
    #[inline]
    fn from_reg(reg: u64) -> Result<Self> {
        Ok(UserPtr::new(reg as usize)) // x86-64: the same width
    }
    fn trace(reg: u64, out: &mut dyn Write) -> fmt::Result {
        if reg == 0 { out.write_str("NULL") } else { write!(out, "{reg:#x}") }
    }
}

/// A user pointer to a NUL-terminated path.
#[derive(Clone, Copy)]
pub struct UserPath(pub UserPtr<u8>);

impl FromReg for UserPath {
    #[inline]
    fn from_reg(reg: u64) -> Result<Self> {
        UserPtr::from_reg(reg).map(UserPath)
    }
    fn trace(reg: u64, out: &mut dyn Write) -> fmt::Result {
        let mut buf = [0u8; 256];
        let Ok(addr) = usize::try_from(reg) else { return out.write_str("?") };
        match hal::user::read_cstr(addr, &mut buf, Errno::ENAMETOOLONG) {
            Ok(len) => write!(out, "\"{}\"", buf[..len].escape_ascii()),
            Err(Errno::ENAMETOOLONG) => write!(out, "\"{}\"...", buf.escape_ascii()),
            Err(_) => write!(out, "{reg:#x}"),
        }
    }
}

/// A result that fits rax.
pub trait IntoReg {
    /// The register's value.
    fn into_reg(self) -> usize;
}

impl IntoReg for usize {
    #[inline]
    fn into_reg(self) -> usize {
        self
    }
}

impl IntoReg for () {
    #[inline]
    fn into_reg(self) -> usize {
        0
    }
}

impl IntoReg for u32 {
    #[inline]
    fn into_reg(self) -> usize {
        self as usize // widening
    }
}

impl IntoReg for i32 {
    #[inline]
    fn into_reg(self) -> usize {
        self as isize as usize // sign-extending, as Linux returns int
    }
}

impl IntoReg for u64 {
    #[inline]
    fn into_reg(self) -> usize {
        self as usize // x86-64: the same width
    }
}

impl IntoReg for Fd {
    #[inline]
    fn into_reg(self) -> usize {
        self.0.into_reg()
    }
}
