//! poll(2) and ppoll(2).

use alloc::vec::Vec;

use abi::event::PollFd;
use abi::time::Timespec;
use abi::{Errno, Result};
use hal::user::UserPtr;
use kernel::fd::poll_call::{Interest, wait_ready};
use kernel::poll::PollEvents;
use kernel::process::current;
use kernel::signal::Restart;

use super::{deadline_in, deadline_of, mask, remaining};
use crate::io::current::{files, nofile};

/// poll(2): complete.
pub fn poll(fds: UserPtr<PollFd>, count: u32, timeout: i32) -> Result<usize> {
    let deadline = u64::try_from(timeout).ok().map(|ms| deadline_in(ms * 1_000_000));
    interrupted(poll_until(fds, count, deadline), fds, count, deadline)
}

/// A poll that no handler interrupted goes on with its old deadline.
fn interrupted(result: Result<usize>, fds: UserPtr<PollFd>, count: u32, deadline: Option<u64>) -> Result<usize> {
    if result != Err(Errno::EINTR) {
        return result;
    }
    let args = [fds.addr() as u64, u64::from(count), u64::from(deadline.is_some()), deadline.unwrap_or(0), 0, 0]; // usize is 64 bits
    *current().signals.restart.lock() = Some(Restart { run: go_on, args });
    Err(Errno::RESTART_RESTARTBLOCK)
}

fn go_on(args: &[u64; 6]) -> Result<usize> {
    let (Ok(addr), Ok(count)) = (usize::try_from(args[0]), u32::try_from(args[1])) else { return Err(Errno::EINTR) };
    let deadline = (args[2] != 0).then_some(args[3]);
    let fds = UserPtr::new(addr);
    interrupted(poll_until(fds, count, deadline), fds, count, deadline)
}

/// ppoll(2): complete; the time left is written back.
pub fn ppoll(fds: UserPtr<PollFd>, count: u32, timeout: UserPtr<Timespec>, sigmask: UserPtr<u64>, size: usize) -> Result<usize> {
    let deadline = timeout.non_null().map(|time| time.read().and_then(deadline_of)).transpose()?;
    let sigmask = mask::read(sigmask, size)?;
    let result = mask::hold(sigmask, || match poll_until(fds, count, deadline) {
        Err(Errno::EINTR) => Err(Errno::RESTARTNOHAND),
        result => result,
    });
    match deadline {
        Some(deadline) if deadline != 0 => finish(result, timeout.write(&Timespec::from_ns(remaining(deadline)))),
        _ => result,
    }
}

/// The result of a wait whose time left was `written` back: without it the call cannot be restarted.
pub fn finish(result: Result<usize>, written: Result<()>) -> Result<usize> {
    match result {
        Err(Errno::RESTARTNOHAND) if written.is_err() => Err(Errno::EINTR),
        result => result,
    }
}

fn poll_until(fds: UserPtr<PollFd>, count: u32, deadline: Option<u64>) -> Result<usize> {
    let count = count as usize; // widening
    if count > nofile() {
        return Err(Errno::EINVAL);
    }
    let mut set = Vec::new();
    set.try_reserve_exact(count).map_err(|_| Errno::ENOMEM)?;
    let mut bad = 0;
    for at in 0..count {
        let asked = fds.add(at).read()?;
        let interest = interest(asked);
        bad += usize::from(interest.found.contains(PollEvents::NVAL));
        set.push(interest);
    }
    // A bad descriptor answers at once.
    let ready = bad + wait_ready(&mut set, if bad > 0 { Some(0) } else { deadline })?;
    for (at, interest) in set.iter().enumerate() {
        let found = u16::try_from(interest.found.bits()).unwrap_or(0);
        fds.add(at).cast::<u16>().add(3).write(&found)?;
    }
    Ok(ready)
}

fn interest(asked: PollFd) -> Interest {
    let none = PollEvents::empty();
    if asked.fd < 0 {
        return Interest { file: None, events: none, found: none };
    }
    let events = PollEvents::from_bits_truncate(u32::from(asked.events)) | PollEvents::ERR | PollEvents::HUP;
    match files().get(asked.fd) {
        Ok(file) => Interest { file: Some(file), events: events - PollEvents::NVAL, found: none },
        Err(_) => Interest { file: None, events, found: PollEvents::NVAL },
    }
}
