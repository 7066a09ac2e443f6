//! Flags of memory calls as arguments; all bits are kept, the calls decide.

use abi::Result;
use abi::mm::{MapFlags, MlockallFlags, MremapFlags, MsyncFlags, Prot};
use core::fmt::{self, Write};

use crate::args::FromReg;

/// Prints the names of set bits, then what has no name.
fn names(out: &mut dyn Write, prefix: &str, names: impl Iterator<Item = &'static str>, rest: u64, zero: &str) -> fmt::Result {
    let mut any = false;
    for name in names {
        write!(out, "{}{prefix}{name}", if any { "|" } else { "" })?;
        any = true;
    }
    match (any, rest) {
        (false, 0) => out.write_str(zero),
        (true, 0) => Ok(()),
        (any, rest) => write!(out, "{}{rest:#x}", if any { "|" } else { "" }),
    }
}

impl FromReg for Prot {
    #[inline]
    fn from_reg(reg: u64) -> Result<Self> {
        Ok(Prot::from_bits_retain(reg))
    }
    fn trace(reg: u64, out: &mut dyn Write) -> fmt::Result {
        let prot = Prot::from_bits_truncate(reg);
        names(out, "PROT_", prot.iter_names().map(|n| n.0), reg & !Prot::all().bits(), "PROT_NONE")
    }
}

macro_rules! flags32 {
    ($($name:ident $prefix:literal;)*) => {$(
        impl FromReg for $name {
            #[inline]
            fn from_reg(reg: u64) -> Result<Self> {
                u32::from_reg(reg).map($name::from_bits_retain)
            }
            fn trace(reg: u64, out: &mut dyn Write) -> fmt::Result {
                let bits = u32::from_reg(reg).unwrap_or_default();
                let rest = u64::from(bits & !$name::all().bits());
                names(out, $prefix, $name::from_bits_truncate(bits).iter_names().map(|n| n.0), rest, "0")
            }
        }
    )*};
}

flags32! {
    MapFlags "MAP_";
    MremapFlags "MREMAP_";
    MsyncFlags "MS_";
    MlockallFlags "MCL_";
}
