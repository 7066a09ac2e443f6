//! clone, clone3, fork, vfork.

use abi::sched::{CloneArgs, CloneFlags};
use abi::{Errno, Result};
use hal::user::LIMIT;
use hal::user::{UserPtr, read_bytes};
use kernel::process::clone::{Request, clone as make};
use zerocopy::{FromZeros, IntoBytes};

const SIGNAL_MASK: u64 = 0xff;

/// clone(2): threads; a new process is ENOSYS so far.
pub fn clone(flags: u64, stack: u64, parent_tid: usize, child_tid: usize, tls: u64) -> Result<i32> {
    make(&Request {
        flags: CloneFlags::from_bits_retain(flags & 0xffff_ffff & !SIGNAL_MASK),
        exit_signal: (flags & SIGNAL_MASK) as u32, // eight bits
        stack,
        tls,
        parent_tid,
        child_tid,
    })
}

/// clone3(2), as clone.
pub fn clone3(args: UserPtr<CloneArgs>, size: usize) -> Result<i32> {
    let args = read_args(args.addr(), size)?;
    let flags = CloneFlags::from_bits_retain(args.flags);
    let unknown = args.flags & !0x3_ffff_ff00 != 0 || args.flags & (SIGNAL_MASK & !CloneFlags::NEWTIME.bits()) != 0;
    if unknown || flags.contains(CloneFlags::DETACHED) || args.exit_signal & !SIGNAL_MASK != 0 || args.exit_signal > 64 {
        return Err(Errno::EINVAL);
    }
    if flags.intersects(CloneFlags::THREAD | CloneFlags::PARENT) && args.exit_signal != 0 {
        return Err(Errno::EINVAL);
    }
    if (args.stack == 0) != (args.stack_size == 0) || args.set_tid_size > 32 || (args.set_tid == 0) != (args.set_tid_size == 0) {
        return Err(Errno::EINVAL);
    }
    let top = args.stack.checked_add(args.stack_size).filter(|top| *top <= LIMIT as u64).ok_or(Errno::EINVAL)?;
    if args.set_tid_size != 0 {
        return Err(Errno::EPERM);
    }
    make(&Request {
        flags,
        exit_signal: (args.exit_signal & SIGNAL_MASK) as u32, // eight bits
        stack: top,
        tls: args.tls,
        parent_tid: usize::try_from(args.parent_tid).unwrap_or(usize::MAX),
        child_tid: usize::try_from(args.child_tid).unwrap_or(usize::MAX),
    })
}

/// A structure of any version: shorter ones are filled with zeros, longer ones must have nothing but zeros behind what is known (E2BIG).
fn read_args(addr: usize, size: usize) -> Result<CloneArgs> {
    if size > 4096 {
        return Err(Errno::E2BIG);
    }
    if size < 64 {
        return Err(Errno::EINVAL);
    }
    let mut args = CloneArgs::new_zeroed();
    let known = size.min(size_of::<CloneArgs>());
    read_bytes(addr, &mut args.as_mut_bytes()[..known])?;
    let mut rest = [0u8; 64];
    let mut at = known;
    while at < size {
        let len = (size - at).min(rest.len());
        read_bytes(addr.wrapping_add(at), &mut rest[..len])?;
        if rest[..len].iter().any(|b| *b != 0) {
            return Err(Errno::E2BIG);
        }
        at += len;
    }
    Ok(args)
}

/// fork(2): ENOSYS, explained once.
pub fn fork() -> Result<i32> {
    clone(17, 0, 0, 0, 0)
}

/// vfork(2): ENOSYS, explained once.
pub fn vfork() -> Result<i32> {
    clone((CloneFlags::VFORK | CloneFlags::VM).bits() | 17, 0, 0, 0, 0)
}
