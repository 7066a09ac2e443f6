//! prctl, personality, seccomp, ptrace, kcmp.

use abi::process::prctl as pr;
use abi::signal::sig;
use abi::{Errno, Result};
use alloc::sync::Arc;
use core::sync::atomic::Ordering;
use hal::user::{UserPtr, read_some, write_bytes};
use kernel::cred::cap;
use kernel::process::{UserThread, current, find_thread};

/// prctl(2).
pub fn prctl(option: i32, a: usize, b: usize, c: usize, d: usize) -> Result<usize> {
    let user = current();
    match option {
        pr::SET_NAME => {
            let mut name = [0u8; 16];
            if read_some(a, &mut name[..15]) == 0 {
                return Err(Errno::EFAULT);
            }
            user.set_name(&name);
            Ok(0)
        }
        pr::GET_NAME => write_bytes(a, &user.name()).map(|()| 0),
        pr::SET_PDEATHSIG | pr::GET_PDEATHSIG | pr::GET_DUMPABLE | pr::SET_DUMPABLE | pr::SET_CHILD_SUBREAPER | pr::GET_CHILD_SUBREAPER => {
            family(&user, option, a)
        }
        pr::GET_KEEPCAPS
        | pr::SET_KEEPCAPS
        | pr::CAPBSET_READ
        | pr::CAPBSET_DROP
        | pr::GET_SECUREBITS
        | pr::SET_SECUREBITS
        | pr::CAP_AMBIENT => capabilities(&user, option, [a, b, c, d]),
        pr::SET_NO_NEW_PRIVS if a == 1 && [b, c, d] == [0; 3] => {
            user.no_new_privs.store(true, Ordering::Relaxed);
            Ok(0)
        }
        pr::GET_NO_NEW_PRIVS if [a, b, c, d] == [0; 4] => Ok(usize::from(user.no_new_privs.load(Ordering::Relaxed))),
        pr::SET_TIMERSLACK => {
            let slack = if a == 0 { 50_000 } else { a as u64 }; // widening
            user.timer_slack.store(slack, Ordering::Relaxed);
            Ok(0)
        }
        pr::GET_TIMERSLACK => Ok(usize::try_from(user.timer_slack.load(Ordering::Relaxed)).unwrap_or(usize::MAX)),
        pr::SET_THP_DISABLE if [b, c, d] == [0; 3] => {
            user.process.thp_disable.store(a != 0, Ordering::Relaxed);
            Ok(0)
        }
        pr::GET_THP_DISABLE if [a, b, c, d] == [0; 4] => Ok(usize::from(user.process.thp_disable.load(Ordering::Relaxed))),
        pr::GET_TID_ADDRESS => UserPtr::new(a).write(&user.clear_child_tid.load(Ordering::Relaxed)).map(|()| 0),
        pr::GET_TSC => UserPtr::new(a).write(&1u32).map(|()| 0),
        pr::SET_TSC if a == 1 => Ok(0),
        pr::GET_TIMING => Ok(0),
        pr::SET_TIMING if a == 0 => Ok(0),
        pr::GET_SECCOMP => Ok(0),
        pr::GET_SPECULATION_CTRL => Err(if a > 2 { Errno::ENODEV } else { Errno::ENXIO }),
        pr::SET_IO_FLUSHER | pr::GET_IO_FLUSHER if !user.cred().capable(cap::SYS_RESOURCE) => Err(Errno::EPERM),
        pr::SET_VMA => name_mapping(&user, [a, b, c, d]),
        pr::SET_PTRACER => Ok(0),
        _ => Err(Errno::EINVAL),
    }
}

/// PR_SET_VMA_ANON_NAME: names are not kept, as on a Linux without CONFIG_ANON_VMA_NAME.
fn name_mapping(_user: &UserThread, _args: [usize; 4]) -> Result<usize> {
    Err(Errno::EINVAL)
}

fn family(user: &UserThread, option: i32, a: usize) -> Result<usize> {
    let process = &user.process;
    match option {
        pr::SET_PDEATHSIG => {
            let signal = u32::try_from(a).ok().filter(|s| *s <= sig::MAX).ok_or(Errno::EINVAL)?;
            user.parent_death_signal.store(signal, Ordering::Relaxed);
        }
        pr::GET_PDEATHSIG => UserPtr::new(a).write(&user.parent_death_signal.load(Ordering::Relaxed))?,
        pr::GET_DUMPABLE => return Ok(process.dumpable.load(Ordering::Relaxed) as usize), // widening
        pr::SET_DUMPABLE if a <= 1 => process.dumpable.store(u32::from(a == 1), Ordering::Relaxed),
        pr::SET_CHILD_SUBREAPER => process.subreaper.store(a != 0, Ordering::Relaxed),
        pr::GET_CHILD_SUBREAPER => UserPtr::new(a).write(&u32::from(process.subreaper.load(Ordering::Relaxed)))?,
        _ => return Err(Errno::EINVAL),
    }
    Ok(0)
}

fn capabilities(user: &UserThread, option: i32, [a, b, _, _]: [usize; 4]) -> Result<usize> {
    let last = cap::LAST as usize; // widening
    match option {
        pr::GET_KEEPCAPS => Ok(usize::from(user.keep_caps.load(Ordering::Relaxed))),
        pr::SET_KEEPCAPS if a <= 1 => {
            user.keep_caps.store(a == 1, Ordering::Relaxed);
            Ok(0)
        }
        pr::CAPBSET_READ if a <= last => Ok(usize::from(user.cap_bounding.load(Ordering::Relaxed) >> a & 1 != 0)),
        pr::CAPBSET_DROP if a <= last => {
            if !user.cred().capable(8) {
                return Err(Errno::EPERM);
            }
            user.cap_bounding.fetch_and(!(1 << a), Ordering::Relaxed);
            Ok(0)
        }
        pr::GET_SECUREBITS => Ok(user.securebits.load(Ordering::Relaxed) as usize), // widening
        pr::SET_SECUREBITS => {
            if !user.cred().capable(8) {
                return Err(Errno::EPERM);
            }
            user.securebits.store(u32::try_from(a).map_err(|_| Errno::EINVAL)?, Ordering::Relaxed);
            Ok(0)
        }
        pr::CAP_AMBIENT => ambient(user, a, b),
        _ => Err(Errno::EINVAL),
    }
}

/// PR_CAP_AMBIENT: is set 1, raise 2, lower 3, clear 4.
fn ambient(user: &UserThread, action: usize, number: usize) -> Result<usize> {
    if action == 4 {
        user.cap_ambient.store(0, Ordering::Relaxed);
        return Ok(0);
    }
    if number > cap::LAST as usize {
        return Err(Errno::EINVAL);
    }
    let bit = 1u64 << number;
    let set = user.cap_ambient.load(Ordering::Relaxed);
    match action {
        1 => return Ok(usize::from(set & bit != 0)),
        2 => {
            let cred = user.cred();
            if cred.cap_permitted & cred.cap_inheritable & bit == 0 {
                return Err(Errno::EPERM);
            }
            user.cap_ambient.store(set | bit, Ordering::Relaxed);
        }
        3 => user.cap_ambient.store(set & !bit, Ordering::Relaxed),
        _ => return Err(Errno::EINVAL),
    }
    Ok(0)
}

/// personality(2): kept and given back; nothing depends on it but what the program reads.
pub fn personality(persona: u32) -> Result<u32> {
    let current_persona = &current().process.personality;
    let old = current_persona.load(Ordering::Relaxed);
    if persona != u32::MAX {
        current_persona.store(persona, Ordering::Relaxed);
    }
    Ok(old)
}

/// seccomp(2): EINVAL, as on a Linux without it.
pub fn seccomp(_operation: u32, _flags: u32, _args: usize) -> Result<()> {
    Err(Errno::EINVAL)
}

/// ptrace(2): PTRACE_TRACEME is EPERM (nobody can trace here), other requests find no tracee.
pub fn ptrace(request: u64, _pid: i32, _addr: usize, _data: usize) -> Result<()> {
    Err(if request == 0 { Errno::EPERM } else { Errno::ESRCH })
}

/// kcmp(2): descriptors 0, files 2, memory 1, and the other shared things of two threads.
pub fn kcmp(first: i32, second: i32, kind: i32, a: usize, b: usize) -> Result<usize> {
    let one = find_thread(first).ok_or(Errno::ESRCH)?;
    let two = find_thread(second).ok_or(Errno::ESRCH)?;
    let (Some(one), Some(two)) = (one.user::<UserThread>(), two.user::<UserThread>()) else { return Err(Errno::ESRCH) };
    let addr = |pointer: Option<usize>| pointer.ok_or(Errno::ESRCH);
    let (x, y) = match kind {
        0 => {
            let file = |user: &UserThread, fd: usize| {
                let table = user.files_slot().get().ok_or(Errno::ESRCH)?;
                table.get_raw(i32::try_from(fd).map_err(|_| Errno::EBADF)?).map(|file| Arc::as_ptr(&file).addr())
            };
            (file(one, a)?, file(two, b)?)
        }
        1 => (addr(one.mm_slot().get().map(|x| Arc::as_ptr(&x).addr()))?, addr(two.mm_slot().get().map(|x| Arc::as_ptr(&x).addr()))?),
        2 => (addr(one.files_slot().get().map(|x| Arc::as_ptr(&x).addr()))?, addr(two.files_slot().get().map(|x| Arc::as_ptr(&x).addr()))?),
        3 => (addr(one.fs_slot().get().map(|x| Arc::as_ptr(&x).addr()))?, addr(two.fs_slot().get().map(|x| Arc::as_ptr(&x).addr()))?),
        4..=6 => (Arc::as_ptr(&one.process).addr(), Arc::as_ptr(&two.process).addr()),
        _ => return Err(Errno::EINVAL),
    };
    Ok(match x.cmp(&y) {
        core::cmp::Ordering::Equal => 0,
        core::cmp::Ordering::Less => 1,
        core::cmp::Ordering::Greater => 2,
    })
}
