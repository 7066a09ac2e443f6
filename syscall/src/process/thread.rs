//! What belongs to one thread: ids the kernel clears, robust lists, rseq, segment bases, membarrier.

use abi::futex::RobustListHead;
use abi::process::{ARCH_GET_CPUID, ARCH_GET_FS, ARCH_GET_GS, ARCH_SET_CPUID, ARCH_SET_FS, ARCH_SET_GS};
use abi::sched::Rseq;
use abi::{Errno, Result};
use core::sync::atomic::Ordering;
use hal::task::Owner;
use hal::user::UserPtr;
use kernel::process::{UserThread, current, find_thread};
use kernel::{process, sched};

/// set_tid_address(2).
pub fn set_tid_address(addr: usize) -> Result<i32> {
    let user = current();
    user.clear_child_tid.store(addr, Ordering::Relaxed);
    Ok(user.tid())
}

/// set_robust_list(2).
pub fn set_robust_list(head: usize, len: usize) -> Result<()> {
    if len != size_of::<RobustListHead>() {
        return Err(Errno::EINVAL);
    }
    current().robust_list.store(head, Ordering::Relaxed);
    Ok(())
}

/// get_robust_list(2).
pub fn get_robust_list(tid: i32, head: UserPtr<usize>, len: UserPtr<usize>) -> Result<()> {
    let list = if tid == 0 {
        current().robust_list.load(Ordering::Relaxed)
    } else {
        let thread = find_thread(tid).ok_or(Errno::ESRCH)?;
        thread.user::<UserThread>().map_or(0, |user| user.robust_list.load(Ordering::Relaxed))
    };
    len.write(&size_of::<RobustListHead>())?;
    head.write(&list)
}

/// rseq(2).
pub fn rseq(area: UserPtr<Rseq>, len: u32, flags: i32, signature: u32) -> Result<()> {
    process::rseq::register(&current(), area.addr(), len, flags, signature)
}

/// arch_prctl(2).
pub fn arch_prctl(code: i32, arg: usize) -> Result<()> {
    let thread = sched::current();
    let task = thread.task();
    let base = arg as u64; // widening
    let checked = |ok: bool| if ok { Ok(()) } else { Err(Errno::EPERM) };
    match code {
        ARCH_SET_FS => checked(task.set_fs_base(base)),
        ARCH_SET_GS => checked(task.set_gs_base(base)),
        ARCH_GET_FS => UserPtr::new(arg).write(&task.fs_base()),
        ARCH_GET_GS => UserPtr::new(arg).write(&task.gs_base()),
        ARCH_GET_CPUID => Err(Errno::EINVAL),
        ARCH_SET_CPUID => Err(Errno::ENODEV),
        _ => Err(Errno::EINVAL),
    }
}

const QUERY: i32 = 0;
const GLOBAL: i32 = 1;
const GLOBAL_EXPEDITED: i32 = 2;
const REGISTER_GLOBAL_EXPEDITED: i32 = 4;
const PRIVATE_EXPEDITED: i32 = 8;
const REGISTER_PRIVATE_EXPEDITED: i32 = 16;
const PRIVATE_SYNC_CORE: i32 = 32;
const REGISTER_PRIVATE_SYNC_CORE: i32 = 64;

/// membarrier(2). With one CPU, and on x86 a switch of threads being a full barrier, there is nothing to send.
pub fn membarrier(command: i32, flags: u32, _cpu: i32) -> Result<i32> {
    if flags != 0 {
        return Err(Errno::EINVAL);
    }
    let registered = &current().process.membarrier;
    let need = |bit: i32| if registered.load(Ordering::Relaxed) & bit.cast_unsigned() == 0 { Err(Errno::EPERM) } else { Ok(0) };
    match command {
        QUERY => Ok(GLOBAL
            | GLOBAL_EXPEDITED
            | REGISTER_GLOBAL_EXPEDITED
            | PRIVATE_EXPEDITED
            | REGISTER_PRIVATE_EXPEDITED
            | PRIVATE_SYNC_CORE
            | REGISTER_PRIVATE_SYNC_CORE),
        GLOBAL | GLOBAL_EXPEDITED => Ok(0),
        PRIVATE_EXPEDITED => need(REGISTER_PRIVATE_EXPEDITED),
        PRIVATE_SYNC_CORE => need(REGISTER_PRIVATE_SYNC_CORE),
        REGISTER_GLOBAL_EXPEDITED | REGISTER_PRIVATE_EXPEDITED | REGISTER_PRIVATE_SYNC_CORE => {
            registered.fetch_or(command.cast_unsigned(), Ordering::Relaxed);
            Ok(0)
        }
        _ => Err(Errno::EINVAL),
    }
}

/// unshare(2): directories and descriptors; namespaces do not exist (EINVAL).
pub fn unshare(flags: u64) -> Result<()> {
    use abi::sched::CloneFlags;
    use alloc::sync::Arc;
    let flags = CloneFlags::from_bits_retain(flags);
    let known = CloneFlags::FS | CloneFlags::FILES | CloneFlags::SYSVSEM | CloneFlags::THREAD | CloneFlags::SIGHAND | CloneFlags::VM;
    if !known.contains(flags) {
        return Err(Errno::EINVAL);
    }
    let user = current();
    if flags.intersects(CloneFlags::THREAD | CloneFlags::SIGHAND | CloneFlags::VM) && user.process.thread_count() > 1 {
        return Err(Errno::EINVAL);
    }
    if flags.contains(CloneFlags::FS) {
        drop(user.fs_slot().replace(user.fs().duplicate()));
    }
    if flags.contains(CloneFlags::FILES) {
        let copy = Arc::new(user.files().clone_table()?);
        drop(user.files_slot().replace(copy));
    }
    Ok(())
}
