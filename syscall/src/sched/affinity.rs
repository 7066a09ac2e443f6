//! sched_yield, CPU masks, getcpu.

use abi::{Errno, Result};
use alloc::sync::Arc;
use hal::user::{UserPtr, read_bytes, write_bytes};
use kernel::process::find_thread;
use kernel::sched::{self, Thread};

/// sched_yield(2).
pub fn sched_yield() -> Result<()> {
    sched::yield_now();
    Ok(())
}

/// The thread with this id, the caller's for 0.
pub(super) fn target(tid: i32) -> Result<Arc<Thread>> {
    match tid {
        ..0 => Err(Errno::EINVAL),
        0 => Ok(sched::current().to_arc()),
        tid => find_thread(tid).ok_or(Errno::ESRCH),
    }
}

/// Mask of the CPUs that run.
fn online() -> u64 {
    let count = hal::cpu::count().min(64);
    if count == 64 { u64::MAX } else { (1 << count) - 1 }
}

/// sched_getaffinity(2): gives the bytes stored.
pub fn getaffinity(tid: i32, len: usize, mask: UserPtr<u8>) -> Result<usize> {
    if len.saturating_mul(8) < hal::cpu::count() || !len.is_multiple_of(8) {
        return Err(Errno::EINVAL);
    }
    target(tid).map_err(|_| Errno::ESRCH)?;
    write_bytes(mask.addr(), &online().to_le_bytes())?;
    Ok(8)
}

/// sched_setaffinity(2): the mask must have a CPU that runs; with one CPU nothing follows from it.
pub fn setaffinity(tid: i32, len: usize, mask: UserPtr<u8>) -> Result<()> {
    let mut bytes = [0u8; 8];
    let len = len.min(bytes.len());
    read_bytes(mask.addr(), &mut bytes[..len])?;
    target(tid).map_err(|_| Errno::ESRCH)?;
    if u64::from_le_bytes(bytes) & online() == 0 { Err(Errno::EINVAL) } else { Ok(()) }
}

/// getcpu(2).
pub fn getcpu(cpu: UserPtr<u32>, node: UserPtr<u32>, _unused: usize) -> Result<()> {
    let id = u32::try_from(hal::cpu::id()).unwrap_or(0);
    cpu.non_null().map_or(Ok(()), |cpu| cpu.write(&id))?;
    node.non_null().map_or(Ok(()), |node| node.write(&0))
}
