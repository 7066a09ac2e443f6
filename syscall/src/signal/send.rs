//! kill, tkill, tgkill, rt_sigqueueinfo, rt_tgsigqueueinfo.

use abi::signal::{SigInfoRaw, code, sig};
use abi::{Errno, Result};
use alloc::sync::Arc;
use hal::user::UserPtr;
use kernel::cred::{Cred, cap};
use kernel::process::{Process, UserThread, current, find, find_thread, signals, table};
use kernel::sched::Thread;
use kernel::signal::Info;

fn check(signal: u32) -> Result<()> {
    if signal <= sig::MAX { Ok(()) } else { Err(Errno::EINVAL) }
}

/// Whether the caller may signal a thread of `target`: same user, capability, or SIGCONT within the session.
fn may_signal(caller: &UserThread, target: &Process, signal: u32) -> bool {
    let own = caller.cred();
    if target.pid == caller.pid() || own.capable(cap::KILL) {
        return true;
    }
    let threads = target.threads();
    let cred: Option<Arc<Cred>> = threads.first().and_then(|t| t.user::<UserThread>()).and_then(|user| user.cred_slot().get());
    let same = cred.is_none_or(|cred| [cred.uid, cred.suid].iter().any(|id| *id == own.euid || *id == own.uid));
    same || signal == sig::CONT && target.sid() == caller.process.sid()
}

fn send(caller: &UserThread, target: &Process, info: Info) -> Result<()> {
    if !may_signal(caller, target, info.signal) {
        return Err(Errno::EPERM);
    }
    if info.signal != 0 && !target.is_zombie() {
        signals::send_to_process(target, info);
    }
    Ok(())
}

/// kill(2).
pub fn kill(pid: i32, signal: u32) -> Result<()> {
    check(signal)?;
    let user = current();
    let info = Info::from_user(signal, code::USER, user.pid(), user.cred().uid);
    match pid {
        1.. => send(&user, &*find(pid).ok_or(Errno::ESRCH)?, info),
        i32::MIN => Err(Errno::ESRCH),
        -1 => to_many(&user, info, |process| process.pid != 1 && process.pid != user.pid()),
        0 => {
            let group = user.process.pgid();
            to_many(&user, info, |process| process.pgid() == group)
        }
        _ => to_many(&user, info, |process| process.pgid() == -pid),
    }
}

/// Succeeds if one could be signalled; ESRCH when there is none.
fn to_many(user: &UserThread, info: Info, wanted: impl Fn(&Process) -> bool) -> Result<()> {
    let mut result = Err(Errno::ESRCH);
    for process in table::all().iter().filter(|process| wanted(process)) {
        let sent = send(user, process, info);
        if result.is_err() {
            result = sent;
        }
    }
    result
}

fn thread_of(group: i32, tid: i32) -> Result<Arc<Thread>> {
    let thread = find_thread(tid).ok_or(Errno::ESRCH)?;
    let matches = thread.user::<UserThread>().is_some_and(|user| group == 0 || user.pid() == group);
    if matches { Ok(thread) } else { Err(Errno::ESRCH) }
}

fn send_thread(thread: &Thread, info: Info) -> Result<()> {
    let caller = current();
    let Some(target) = thread.user::<UserThread>() else { return Err(Errno::ESRCH) };
    if !may_signal(&caller, &target.process, info.signal) {
        return Err(Errno::EPERM);
    }
    if info.signal != 0 {
        signals::send_to_thread(thread, info);
    }
    Ok(())
}

/// tkill(2).
pub fn tkill(tid: i32, signal: u32) -> Result<()> {
    if tid <= 0 {
        return Err(Errno::EINVAL);
    }
    check(signal)?;
    let user = current();
    send_thread(&*thread_of(0, tid)?, Info::from_user(signal, code::TKILL, user.pid(), user.cred().uid))
}

/// tgkill(2).
pub fn tgkill(group: i32, tid: i32, signal: u32) -> Result<()> {
    if group <= 0 || tid <= 0 {
        return Err(Errno::EINVAL);
    }
    check(signal)?;
    let user = current();
    send_thread(&*thread_of(group, tid)?, Info::from_user(signal, code::TKILL, user.pid(), user.cred().uid))
}

/// The caller's siginfo; codes of the kernel or of tkill may be claimed only towards oneself (EPERM).
fn read_info(signal: u32, info: UserPtr<SigInfoRaw>, target: i32) -> Result<Info> {
    let raw = info.read()?;
    if (raw.code >= 0 || raw.code == code::TKILL) && target != current().pid() {
        return Err(Errno::EPERM);
    }
    Ok(Info::from_raw(signal, &raw))
}

/// RLIMIT_SIGPENDING for queued signals.
fn check_room(process: &Process) -> Result<()> {
    let limit = process.limits.soft(abi::process::rlimit::SIGPENDING);
    let queued = process.signals.lock().pending.len() as u64; // widening
    if queued < limit { Ok(()) } else { Err(Errno::EAGAIN) }
}

/// rt_sigqueueinfo(2).
pub fn rt_sigqueueinfo(pid: i32, signal: u32, info: UserPtr<SigInfoRaw>) -> Result<()> {
    let info = read_info(signal, info, pid)?;
    check(signal)?;
    let process = find(pid).ok_or(Errno::ESRCH)?;
    check_room(&process)?;
    send(&current(), &process, info)
}

/// rt_tgsigqueueinfo(2).
pub fn rt_tgsigqueueinfo(group: i32, tid: i32, signal: u32, info: UserPtr<SigInfoRaw>) -> Result<()> {
    if group <= 0 || tid <= 0 {
        return Err(Errno::EINVAL);
    }
    let info = read_info(signal, info, group)?;
    check(signal)?;
    let thread = thread_of(group, tid)?;
    if let Some(user) = thread.user::<UserThread>() {
        let queued = user.signals.pending.lock().len() as u64; // widening
        if queued >= user.process.limits.soft(abi::process::rlimit::SIGPENDING) {
            return Err(Errno::EAGAIN);
        }
    }
    send_thread(&thread, info)
}
