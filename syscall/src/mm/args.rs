//! Flags of memory calls as arguments; all bits are kept, the calls decide.

use abi::Result;
use abi::mm::{MapFlags, MlockallFlags, MremapFlags, MsyncFlags, Prot};

use crate::args::FromReg;

impl FromReg for Prot {
    #[inline]
    fn from_reg(reg: u64) -> Result<Self> {
        Ok(Prot::from_bits_retain(reg))
    }
}

macro_rules! flags32 {
    ($($name:ident)*) => {$(
        impl FromReg for $name {
            #[inline]
            fn from_reg(reg: u64) -> Result<Self> {
                u32::from_reg(reg).map($name::from_bits_retain)
            }
        }
    )*};
}

flags32! {
    MapFlags
    MremapFlags
    MsyncFlags
    MlockallFlags
}
