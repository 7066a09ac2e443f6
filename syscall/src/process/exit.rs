//! exit, exit_group, wait4, waitid.

use abi::process::{Rusage, wait};
use abi::signal::{SigInfoRaw, sig};
use abi::{Errno, Result};
use hal::user::UserPtr;
use kernel::process::wait::Which;
use kernel::process::{current, exit as kexit, find};
use kernel::signal::Info;

use super::limits::rusage_of;

/// exit(2): the thread ends.
pub fn exit(status: i32) -> Result<()> {
    kexit::exit_thread((status & 0xff) << 8)
}

/// exit_group(2): the process ends.
pub fn exit_group(status: i32) -> Result<()> {
    kexit::exit_group((status & 0xff) << 8)
}

/// wait4(2).
pub fn wait4(pid: i32, status: UserPtr<i32>, options: u32, usage: UserPtr<Rusage>) -> Result<i32> {
    let known = wait::NOHANG | wait::UNTRACED | wait::CONTINUED | wait::NOTHREAD | wait::ALL | wait::CLONE;
    if options & !known != 0 {
        return Err(Errno::EINVAL);
    }
    let which = match pid {
        -1 => Which::All,
        0 => Which::Group(current().process.pgid()),
        1.. => Which::Pid(pid),
        // The one number that has no opposite names no group.
        ..-1 => Which::Group(pid.checked_neg().ok_or(Errno::ESRCH)?),
    };
    let Some(event) = kernel::process::wait::wait(which, options | wait::EXITED)? else { return Ok(0) };
    if let Some(status) = status.non_null() {
        status.write(&event.status)?;
    }
    if let Some(usage) = usage.non_null() {
        usage.write(&rusage_of(&event.usage))?;
    }
    Ok(event.pid)
}

/// waitid(2).
pub fn waitid(kind: i32, id: i32, info: UserPtr<SigInfoRaw>, options: u32, usage: UserPtr<Rusage>) -> Result<()> {
    let known = wait::NOHANG | wait::UNTRACED | wait::EXITED | wait::CONTINUED | wait::NOWAIT | wait::NOTHREAD | wait::ALL | wait::CLONE;
    if options & !known != 0 || options & (wait::UNTRACED | wait::EXITED | wait::CONTINUED) == 0 {
        return Err(Errno::EINVAL);
    }
    let which = match (kind, id) {
        (wait::P_ALL, _) => Which::All,
        (wait::P_PID, 1..) => Which::Pid(id),
        (wait::P_PGID, 0) => Which::Group(current().process.pgid()),
        (wait::P_PGID, 1..) => Which::Group(id),
        (wait::P_PIDFD, _) => return Err(Errno::EBADF),
        _ => return Err(Errno::EINVAL),
    };
    let event = kernel::process::wait::wait(which, options)?;
    if let (Some(usage), Some(event)) = (usage.non_null(), &event) {
        usage.write(&rusage_of(&event.usage))?;
    }
    let Some(info) = info.non_null() else { return Ok(()) };
    match event {
        Some(event) => {
            let (code, status) = event.info();
            info.write(&Info::child(code, event.pid, event.uid, status, 0, 0).raw())
        }
        None => info.write(&SigInfoRaw::default()),
    }
}

/// pidfd_open(2): ENOSYS for processes that exist.
pub fn pidfd_open(pid: i32, flags: u32) -> Result<i32> {
    if flags & !0x800 != 0 || pid <= 0 {
        return Err(Errno::EINVAL);
    }
    find(pid).ok_or(Errno::ESRCH)?;
    Err(Errno::ENOSYS)
}

/// pidfd_send_signal(2): there are no such descriptors yet.
pub fn pidfd_send_signal(_pidfd: i32, signal: u32, _info: UserPtr<SigInfoRaw>, flags: u32) -> Result<()> {
    if flags != 0 || signal > sig::MAX {
        return Err(Errno::EINVAL);
    }
    Err(Errno::EBADF)
}
