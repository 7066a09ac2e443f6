//! Protection keys: as on a CPU without them.

use abi::mm::Prot;
use abi::{Errno, Result};

use super::map;

const PKEY_DISABLE_MASK: u64 = 3;

/// No keys: ENOSPC.
pub fn pkey_alloc(flags: u64, rights: u64) -> Result<u32> {
    if flags != 0 || rights & !PKEY_DISABLE_MASK != 0 { Err(Errno::EINVAL) } else { Err(Errno::ENOSPC) }
}

/// No keys: EINVAL.
pub fn pkey_free(_key: i32) -> Result<()> {
    Err(Errno::EINVAL)
}

/// Key -1 is mprotect; others do not exist (EINVAL).
pub fn pkey_mprotect(addr: usize, len: usize, prot: Prot, key: i32) -> Result<()> {
    if key == -1 { map::mprotect(addr, len, prot) } else { Err(Errno::EINVAL) }
}
