//! madvise, mincore, msync.

use abi::mm::MsyncFlags;
use abi::{Errno, Result};
use hal::mem::PAGE_SIZE;
use hal::user::{self, UserPtr};
use kernel::process;

/// Complete but for MADV_COLLAPSE and the memory-failure injections (EINVAL). Huge pages are never used; MADV_FREE keeps pages until memory is short.
pub fn madvise(addr: usize, len: usize, advice: u32) -> Result<()> {
    process::current().mm().madvise(addr, len, advice)
}

/// Complete.
pub fn mincore(addr: usize, len: usize, vec: UserPtr<u8>) -> Result<()> {
    if addr.is_multiple_of(PAGE_SIZE) && !user::in_range(vec.addr(), len.div_ceil(PAGE_SIZE)) {
        return Err(Errno::EFAULT);
    }
    let mut at = vec.addr();
    process::current().mm().mincore(addr, len, |bytes| {
        user::write_bytes(at, bytes)?;
        at += bytes.len();
        Ok(())
    })
}

/// Complete.
pub fn msync(addr: usize, len: usize, flags: MsyncFlags) -> Result<()> {
    process::current().mm().msync(addr, len, flags)
}
