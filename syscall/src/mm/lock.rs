//! mlock and its family.

use abi::mm::{MLOCK_ONFAULT, MlockallFlags};
use abi::{Errno, Result};
use kernel::process;

use super::may_lock;

/// Complete: pages are never written out, so this fills and counts them.
pub fn mlock(addr: usize, len: usize) -> Result<()> {
    process::current().mm().mlock(addr, len, false, may_lock())
}

/// Complete.
pub fn mlock2(addr: usize, len: usize, flags: u32) -> Result<()> {
    if flags & !MLOCK_ONFAULT != 0 {
        return Err(Errno::EINVAL);
    }
    process::current().mm().mlock(addr, len, flags == MLOCK_ONFAULT, may_lock())
}

/// Complete.
pub fn munlock(addr: usize, len: usize) -> Result<()> {
    process::current().mm().munlock(addr, len)
}

/// Complete.
pub fn mlockall(flags: MlockallFlags) -> Result<()> {
    process::current().mm().mlockall(flags, may_lock())
}

/// Complete.
pub fn munlockall() -> Result<()> {
    process::current().mm().munlockall();
    Ok(())
}
