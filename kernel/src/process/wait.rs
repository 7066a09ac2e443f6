//! wait4(2) and waitid(2).

use alloc::sync::Arc;

use abi::process::wait;
use abi::signal::{code, sig};
use abi::{Errno, Result};

use super::process::{Process, Usage};
use super::table;
use super::user::current;

/// Which children.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Any.
    All,
    /// The one with this id.
    Pid(i32),
    /// Those of this group.
    Group(i32),
}

/// What a child did.
pub struct Event {
    /// Its id.
    pub pid: i32,
    /// Its real user.
    pub uid: u32,
    /// Wait status.
    pub status: i32,
    /// What it used.
    pub usage: Usage,
}

impl Event {
    /// (si_code, si_status) of the wait status.
    pub fn info(&self) -> (i32, i32) {
        match self.status {
            0xffff => (code::CLD_CONTINUED, sig::CONT.cast_signed()),
            status if status & 0xff == 0x7f => (code::CLD_STOPPED, status >> 8 & 0xff),
            status if status & 0x7f == 0 => (code::CLD_EXITED, status >> 8 & 0xff),
            status if status & 0x80 != 0 => (code::CLD_DUMPED, status & 0x7f),
            status => (code::CLD_KILLED, status & 0x7f),
        }
    }
}

/// Waits for a child; `options` are wait's W* bits (EXITED is explicit). `None` with NOHANG when nothing happened; ECHILD without such children.
pub fn wait(which: Which, options: u32) -> Result<Option<Event>> {
    let user = current();
    let me = &user.process;
    let found = me.child_events.wait_interruptible(|| match look(me, which, options) {
        Ok(None) if options & wait::NOHANG == 0 => None,
        other => Some(other),
    })?;
    let Some((child, event)) = found? else { return Ok(None) };
    let ended = event.status & 0xff != 0x7f && event.status != 0xffff;
    if ended && options & wait::NOWAIT == 0 {
        me.children.lock().retain(|c| !Arc::ptr_eq(c, &child));
        me.children_usage.lock().add(&event.usage);
        table::remove_process(child.pid);
    }
    Ok(Some(event))
}

type Found = Option<(Arc<Process>, Event)>;

fn look(me: &Process, which: Which, options: u32) -> Result<Found> {
    let children = me.children.lock();
    let mut any = false;
    for child in children.iter() {
        let wanted = match which {
            Which::All => true,
            Which::Pid(pid) => child.pid == pid,
            Which::Group(group) => child.pgid() == group,
        };
        if !wanted {
            continue;
        }
        any = true;
        if let Some(status) = state_of(child, options) {
            let mut usage = child.usage();
            usage.add(&child.children_usage.lock());
            let uid = 0;
            return Ok(Some((child.clone(), Event { pid: child.pid, uid, status, usage })));
        }
    }
    if any { Ok(None) } else { Err(Errno::ECHILD) }
}

fn state_of(child: &Process, options: u32) -> Option<i32> {
    let mut state = child.signals.lock();
    if let Some(status) = state.zombie
        && options & wait::EXITED != 0
    {
        return Some(status);
    }
    let wanted = match state.report? {
        0xffff => wait::CONTINUED,
        _ => wait::UNTRACED,
    };
    if options & wanted == 0 {
        return None;
    }
    if options & wait::NOWAIT != 0 { state.report } else { state.report.take() }
}
