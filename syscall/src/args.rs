//! How a register becomes a typed argument and a result becomes a register.

use abi::Result;
use hal::user::UserPtr;

/// How much memory behind an argument `--strace` tells of: so many bytes, or a string.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Peek(pub u8);

impl Peek {
    /// The argument is no pointer.
    pub const NOTHING: Peek = Peek(0);
    /// The argument points to a string that ends in NUL.
    pub const STRING: Peek = Peek(255);

    /// The argument points to a value of `size` bytes, or to several, or to bytes: a window that shows what is worth showing.
    pub const fn window(size: usize) -> Peek {
        const LEAST: u8 = 64;
        const MOST: u8 = 144;
        match size {
            0..64 => Peek(LEAST),
            64..144 => Peek(size as u8), // below 144
            _ => Peek(MOST),
        }
    }
}

/// A type that a system call takes in one register.
pub trait FromReg: Sized {
    /// Decodes; the error is what the call returns.
    fn from_reg(reg: u64) -> Result<Self>;

    /// What `--strace` tells of the memory behind it.
    const PEEK: Peek = Peek::NOTHING;
}

/// A descriptor number: the low 32 bits, signed, as Linux takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fd(pub i32);

impl FromReg for Fd {
    #[inline]
    fn from_reg(reg: u64) -> Result<Self> {
        i32::from_reg(reg).map(Fd)
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
}

impl FromReg for usize {
    #[inline]
    fn from_reg(reg: u64) -> Result<Self> {
        Ok(reg as usize) // x86-64: the same width
    }
}

impl<T> FromReg for UserPtr<T> {
    const PEEK: Peek = Peek::window(size_of::<T>());

    #[inline]
    fn from_reg(reg: u64) -> Result<Self> {
        Ok(UserPtr::new(reg as usize)) // x86-64: the same width
    }
}

/// A user pointer to a NUL-terminated path.
#[derive(Clone, Copy)]
pub struct UserPath(pub UserPtr<u8>);

impl FromReg for UserPath {
    const PEEK: Peek = Peek::STRING;

    #[inline]
    fn from_reg(reg: u64) -> Result<Self> {
        UserPtr::from_reg(reg).map(UserPath)
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
