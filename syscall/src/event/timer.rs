//! timerfd_create(2) and its kin.

use abi::event::timerfd::{ABSTIME, CANCEL_ON_SET};
use abi::time::{Itimerspec, Timespec};
use abi::{Errno, Result};
use hal::user::UserPtr;
use kernel::fd::timerfd::{self, Setting, TimerFd};
use kernel::vfs::file::OpenFlags;

use crate::args::Fd;
use crate::io::current::{file, files, nofile};

/// timerfd_create(2): complete; the ALARM clocks do not wake a sleeping machine.
pub fn create(clock: i32, flags: u32) -> Result<i32> {
    let flags = OpenFlags::from_bits_retain(flags);
    if !(OpenFlags::CLOEXEC | OpenFlags::NONBLOCK).contains(flags) {
        return Err(Errno::EINVAL);
    }
    let file = TimerFd::open(clock, flags - OpenFlags::CLOEXEC)?;
    files().insert(file, flags.contains(OpenFlags::CLOEXEC), nofile())
}

fn spec(setting: Setting) -> Itimerspec {
    Itimerspec { interval: Timespec::from_ns(setting.interval), value: Timespec::from_ns(setting.value) }
}

/// timerfd_settime(2): complete.
pub fn settime(fd: Fd, flags: u32, new: UserPtr<Itimerspec>, old: UserPtr<Itimerspec>) -> Result<()> {
    let wanted = new.read()?;
    if flags & !(ABSTIME | CANCEL_ON_SET) != 0 {
        return Err(Errno::EINVAL);
    }
    let setting = Setting { value: wanted.value.to_ns()?, interval: wanted.interval.to_ns()? };
    let file = file(fd)?;
    let before = timerfd::of(&file)?.set(setting, flags & ABSTIME != 0, flags & CANCEL_ON_SET != 0)?;
    match old.non_null() {
        Some(old) => old.write(&spec(before)),
        None => Ok(()),
    }
}

/// timerfd_gettime(2): complete.
pub fn gettime(fd: Fd, now: UserPtr<Itimerspec>) -> Result<()> {
    let file = file(fd)?;
    now.write(&spec(timerfd::of(&file)?.get()))
}
