//! Restartable sequences (rseq(2)): a thread that was switched away or gets a signal inside one goes on at its abort address.

use abi::sched::{Rseq, RseqCs};
use abi::signal::sig;
use abi::{Errno, Result};
use core::sync::atomic::Ordering;
use hal::mem::USER_END;
use hal::trap::UserContext;
use hal::user::UserPtr;

use super::deliver::force;
use super::user::UserThread;
use crate::sched;
use crate::signal::Info;

/// Least and only size that is accepted with the original layout.
const SIZE: u32 = 32;
const UNREGISTER: i32 = 1;

/// rseq(2).
pub fn register(user: &UserThread, addr: usize, len: u32, flags: i32, signature: u32) -> Result<()> {
    let registered = user.rseq.load(Ordering::Relaxed);
    let known = user.rseq_signature.load(Ordering::Relaxed);
    if flags & UNREGISTER != 0 {
        return match () {
            () if flags & !UNREGISTER != 0 || registered == 0 || registered != addr => Err(Errno::EINVAL),
            () if len != SIZE => Err(Errno::EINVAL),
            () if known != signature => Err(Errno::EPERM),
            () => {
                write_ids(addr, 0, u32::MAX)?;
                user.rseq.store(0, Ordering::Relaxed);
                sched::current().set_rseq(false);
                Ok(())
            }
        };
    }
    if flags != 0 {
        return Err(Errno::EINVAL);
    }
    if registered != 0 {
        return match () {
            () if registered != addr || len != SIZE => Err(Errno::EINVAL),
            () if known != signature => Err(Errno::EPERM),
            () => Err(Errno::EBUSY),
        };
    }
    if !addr.is_multiple_of(32) || len != SIZE {
        return Err(Errno::EINVAL);
    }
    if addr >= USER_END {
        return Err(Errno::EFAULT);
    }
    let cpu = u32::try_from(hal::cpu::id()).unwrap_or(0);
    write_ids(addr, cpu, cpu)?;
    user.rseq_signature.store(signature, Ordering::Relaxed);
    user.rseq.store(addr, Ordering::Relaxed);
    sched::current().set_rseq(true);
    Ok(())
}

fn write_ids(addr: usize, start: u32, cpu: u32) -> Result<()> {
    let base = UserPtr::<u32>::new(addr);
    base.write(&start)?;
    base.add(1).write(&cpu)
}

/// Keeps the ids right and leaves a critical section. A broken area is SIGSEGV.
pub(super) fn leave_section(user: &UserThread, ctx: &mut UserContext) {
    let addr = user.rseq.load(Ordering::Relaxed);
    if addr != 0 && update(user, addr, ctx).is_err() {
        force(user, Info::kernel(sig::SEGV));
    }
}

fn update(user: &UserThread, addr: usize, ctx: &mut UserContext) -> Result<()> {
    let area = UserPtr::<Rseq>::new(addr).read()?;
    let cpu = u32::try_from(hal::cpu::id()).unwrap_or(0);
    if area.cpu_id != cpu {
        write_ids(addr, cpu, cpu)?;
    }
    if area.rseq_cs == 0 {
        return Ok(());
    }
    let pointer = |value: u64| usize::try_from(value).map_err(|_| Errno::EFAULT);
    let section = UserPtr::<RseqCs>::new(pointer(area.rseq_cs)?).read()?;
    let abort = section.abort_ip;
    if section.version != 0 || abort >= USER_END as u64 || section.start_ip.checked_add(section.post_commit_offset).is_none() {
        return Err(Errno::EINVAL);
    }
    if abort.wrapping_sub(section.start_ip) < section.post_commit_offset {
        return Err(Errno::EINVAL);
    }
    let signature = UserPtr::<u32>::new(pointer(abort.wrapping_sub(4))?).read()?;
    if signature != user.rseq_signature.load(Ordering::Relaxed) {
        return Err(Errno::EINVAL);
    }
    UserPtr::<u64>::new(addr + core::mem::offset_of!(Rseq, rseq_cs)).write(&0)?;
    if ctx.rip.wrapping_sub(section.start_ip) < section.post_commit_offset {
        ctx.rip = abort;
    }
    Ok(())
}
