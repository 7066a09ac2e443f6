//! epoll(7).

use abi::event::EpollEvent;
use abi::event::epoll::{CTL_ADD, CTL_DEL, CTL_MOD, MAX_EVENTS};
use abi::time::Timespec;
use abi::{Errno, Result};
use hal::user::UserPtr;
use kernel::fd::epoll::{self, Epoll};
use kernel::vfs::file::OpenFlags;

use super::{deadline_in, deadline_of, mask};
use crate::args::Fd;
use crate::io::current::{file, files, nofile};
use crate::io::iovec::check_range;

/// epoll_create1(2): complete.
pub fn create1(flags: u32) -> Result<i32> {
    if flags & !OpenFlags::CLOEXEC.bits() != 0 {
        return Err(Errno::EINVAL);
    }
    files().insert(Epoll::open(), flags != 0, nofile())
}

/// epoll_create(2): complete.
pub fn create(size: i32) -> Result<i32> {
    if size <= 0 { Err(Errno::EINVAL) } else { create1(0) }
}

/// epoll_ctl(2): complete.
pub fn ctl(epfd: Fd, op: i32, fd: Fd, event: UserPtr<EpollEvent>) -> Result<()> {
    let event = if op == CTL_DEL { EpollEvent::default() } else { event.read()? };
    let outer = file(epfd)?;
    let target = file(fd)?;
    if target.ops.poll_head().is_none() {
        return Err(Errno::EPERM);
    }
    let same = core::ptr::eq(&raw const *outer, &raw const *target);
    let epoll = epoll::of(&outer).filter(|_| !same).ok_or(Errno::EINVAL)?;
    match op {
        CTL_ADD => epoll.add(fd.0, &target, event.events, event.value()),
        CTL_MOD => epoll.modify(fd.0, &target, event.events, event.value()),
        CTL_DEL => epoll.remove(fd.0, &target),
        _ => Err(Errno::EINVAL),
    }
}

fn wait_until(epfd: Fd, events: UserPtr<EpollEvent>, max: i32, deadline: Option<u64>) -> Result<usize> {
    if max <= 0 || max > MAX_EVENTS {
        return Err(Errno::EINVAL);
    }
    let max = usize::try_from(max).map_err(|_| Errno::EINVAL)?;
    check_range(events.addr(), max * size_of::<EpollEvent>())?;
    let file = file(epfd)?;
    let epoll = epoll::of(&file).ok_or(Errno::EINVAL)?;
    let mut at = 0;
    epoll.wait(max, deadline, &mut |bits, data| {
        events.add(at).write(&EpollEvent::new(bits, data))?;
        at += 1;
        Ok(())
    })
}

fn millis(timeout: i32) -> Option<u64> {
    u64::try_from(timeout).ok().map(|ms| deadline_in(ms * 1_000_000))
}

/// epoll_wait(2): complete.
pub fn wait(epfd: Fd, events: UserPtr<EpollEvent>, max: i32, timeout: i32) -> Result<usize> {
    wait_until(epfd, events, max, millis(timeout))
}

/// epoll_pwait(2): complete.
pub fn pwait(epfd: Fd, events: UserPtr<EpollEvent>, max: i32, timeout: i32, sigmask: UserPtr<u64>, size: usize) -> Result<usize> {
    let sigmask = mask::read(sigmask, size)?;
    mask::hold(sigmask, || wait_until(epfd, events, max, millis(timeout)))
}

/// epoll_pwait2(2): complete.
pub fn pwait2(
    epfd: Fd,
    events: UserPtr<EpollEvent>,
    max: i32,
    timeout: UserPtr<Timespec>,
    sigmask: UserPtr<u64>,
    size: usize,
) -> Result<usize> {
    let deadline = timeout.non_null().map(|time| time.read().and_then(deadline_of)).transpose()?;
    let sigmask = mask::read(sigmask, size)?;
    mask::hold(sigmask, || wait_until(epfd, events, max, deadline))
}
