//! Job control (setsid(2), tcsetpgrp(3)): which session a terminal belongs to, and which process group is in its foreground.

use alloc::sync::{Arc, Weak};
use core::sync::atomic::Ordering;

use abi::{Errno, Result};
use kernel::process::{Process, UserThread, signals, table, try_current};
use kernel::signal::Info;
use kernel::sync::SpinLock;
use kernel::vfs::file::FileOps;

use crate::terminal::{Terminal, TtyFile};

const SIGTTIN: u32 = 21;
const SIGTTOU: u32 = 22;

/// Terminals that control a session, for /dev/tty: (session, terminal).
static CONTROLLING: SpinLock<alloc::vec::Vec<(i32, Weak<Terminal>)>> = SpinLock::new(alloc::vec::Vec::new());

fn members(group: i32) -> impl Iterator<Item = Arc<Process>> {
    table::all().into_iter().filter(move |process| process.pgid() == group && !process.is_zombie())
}

/// Sends `signal` to the foreground process group, as the kernel.
pub fn signal_foreground(terminal: &Terminal, signal: u32) {
    let group = terminal.foreground.load(Ordering::Relaxed).cast_signed();
    if group > 0 {
        for process in members(group) {
            signals::send_to_process(&process, Info::kernel(signal));
        }
    }
}

/// Whether the caller is in the terminal's session but not in its foreground.
fn in_background(terminal: &Terminal, user: &UserThread) -> bool {
    let foreground = terminal.foreground.load(Ordering::Relaxed).cast_signed();
    let session = terminal.session.load(Ordering::Relaxed).cast_signed();
    foreground > 0 && user.process.sid() == session && user.process.pgid() != foreground
}

fn stop_group(signal: u32) -> Result<()> {
    let Some(user) = try_current() else { return Ok(()) };
    if user.signals.deaf_to() & kernel::signal::bit(signal) != 0 {
        // Blocked: a read fails, a write goes on (the caller decides).
        return Err(Errno::EIO);
    }
    for process in members(user.process.pgid()) {
        signals::send_to_process(&process, Info::kernel(signal));
    }
    Err(Errno::RESTARTSYS)
}

/// A read from the background stops the group (SIGTTIN), or fails with EIO if it ignores that.
pub fn check_background_read(terminal: &Terminal) -> Result<()> {
    match try_current() {
        Some(user) if in_background(terminal, &user) => stop_group(SIGTTIN),
        _ => Ok(()),
    }
}

/// A write from the background under TOSTOP stops the group (SIGTTOU) unless it ignores that.
pub fn check_background_write(terminal: &Terminal, tostop: bool) -> Result<()> {
    match try_current() {
        Some(user) if tostop && in_background(terminal, &user) => match stop_group(SIGTTOU) {
            Err(Errno::EIO) => Ok(()),
            other => other,
        },
        _ => Ok(()),
    }
}

/// The terminal must be the caller's controlling one (ENOTTY).
fn check_controlling(terminal: &Terminal) -> Result<i32> {
    let session = terminal.session.load(Ordering::Relaxed).cast_signed();
    let own = try_current().map_or(0, |user| user.process.sid());
    if session != 0 && session == own { Ok(session) } else { Err(Errno::ENOTTY) }
}

/// TIOCGPGRP.
pub fn foreground(terminal: &Terminal) -> Result<u32> {
    check_controlling(terminal)?;
    Ok(terminal.foreground.load(Ordering::Relaxed))
}

/// TIOCGSID.
pub fn session(terminal: &Terminal) -> Result<u32> {
    check_controlling(terminal).map(i32::cast_unsigned)
}

/// TIOCSPGRP: a group of the same session.
pub fn set_foreground(terminal: &Terminal, group: u32) -> Result<()> {
    let session = check_controlling(terminal)?;
    let group = group.cast_signed();
    if group < 0 {
        return Err(Errno::EINVAL);
    }
    let member = members(group).next().ok_or(Errno::ESRCH)?;
    if member.sid() != session {
        return Err(Errno::EPERM);
    }
    terminal.set_foreground(group.cast_unsigned());
    Ok(())
}

/// TIOCSCTTY, and what opening a terminal does for a session leader without one.
pub fn make_controlling(terminal: &Arc<Terminal>) -> Result<()> {
    let user = try_current().ok_or(Errno::ENOTTY)?;
    let process = &user.process;
    if process.sid() != process.pid {
        return Err(Errno::EPERM);
    }
    let session = terminal.session.load(Ordering::Relaxed).cast_signed();
    if session == process.sid() {
        return Ok(());
    }
    if session != 0 {
        return Err(Errno::EPERM);
    }
    attach(terminal, process.sid(), process.pgid());
    Ok(())
}

/// Makes `terminal` the controlling one of `session` with `group` in the foreground (the console at boot).
pub fn attach(terminal: &Arc<Terminal>, session: i32, group: i32) {
    terminal.session.store(session.cast_unsigned(), Ordering::Relaxed);
    terminal.set_foreground(group.cast_unsigned());
    let mut controlling = CONTROLLING.lock();
    controlling.retain(|(s, t)| *s != session && t.strong_count() > 0);
    controlling.push((session, Arc::downgrade(terminal)));
}

/// Opens /dev/tty: the controlling terminal of the caller, ENXIO without one.
pub fn open_controlling() -> Result<Arc<dyn FileOps>> {
    let session = try_current().map_or(0, |user| user.process.sid());
    let terminal = CONTROLLING.lock().iter().find(|(s, _)| *s == session).and_then(|(_, t)| t.upgrade());
    Ok(TtyFile::open(terminal.ok_or(Errno::ENXIO)?))
}
