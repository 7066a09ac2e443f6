//! Process ids, groups, sessions.

use abi::{Errno, Result};
use alloc::sync::Arc;
use kernel::process::{Process, current, find};

/// getpid(2).
#[inline(always)] // one caller, and the least call there is
pub fn getpid() -> Result<i32> {
    Ok(current().pid())
}

/// gettid(2).
#[inline(always)] // one caller, and the least call there is
pub fn gettid() -> Result<i32> {
    Ok(current().tid())
}

/// getppid(2): 0 for the initial process.
#[inline(always)] // one caller, and the least call there is
pub fn getppid() -> Result<i32> {
    Ok(current().process.ppid())
}

fn target(pid: i32) -> Result<Arc<Process>> {
    if pid == 0 { Ok(current().process.clone()) } else { find(pid).ok_or(Errno::ESRCH) }
}

/// getpgid(2).
pub fn getpgid(pid: i32) -> Result<i32> {
    target(pid).map(|process| process.pgid())
}

/// getpgrp(2).
pub fn getpgrp() -> Result<i32> {
    Ok(current().process.pgid())
}

/// getsid(2).
pub fn getsid(pid: i32) -> Result<i32> {
    target(pid).map(|process| process.sid())
}

/// setpgid(2).
pub fn setpgid(pid: i32, group: i32) -> Result<()> {
    if group < 0 {
        return Err(Errno::EINVAL);
    }
    let process = target(pid)?;
    process.set_group(&current().process, if group == 0 { process.pid } else { group })
}

/// setsid(2).
pub fn setsid() -> Result<i32> {
    current().process.new_session()
}
