//! What the descriptor room calls in this one (`fd::hooks`).

use abi::process::rlimit;
use abi::signal::{code, sig};

use super::user::try_current;
use super::{signals, sigwait, table};
use crate::fd::hooks::{self, Identity, Peer, Signals};
use crate::futex;
use crate::poll::PollHead;
use crate::sched;
use crate::signal::{Info, QUEUED};
use crate::vfs::content;

struct Room;

static ROOM: Room = Room;

impl Signals for Room {
    fn broken_pipe(&self) {
        sched::raise(sig::PIPE);
    }

    fn pending(&self, mask: u64) -> u64 {
        try_current().map_or(0, |user| sigwait::pending(&user, mask))
    }

    fn take(&self, mask: u64) -> Option<[u8; 128]> {
        let user = try_current()?;
        let info = sigwait::take(&user, mask)?;
        super::deliver::recalculate(&user);
        Some(info.signalfd())
    }

    fn head(&self) -> &PollHead {
        &QUEUED
    }

    fn io(&self, owner: i32, signal: i32, fd: i32, band: u32) {
        let info = match signal {
            0 => Info::kernel(sig::IO),
            signal => Info::poll(signal.cast_unsigned(), code::SIGIO, band, fd),
        };
        if owner > 0 {
            if let Some(process) = table::initial().filter(|process| process.pid == owner) {
                signals::send_from_interrupt(process, info);
            }
        } else if owner < 0
            && let Some(process) = table::initial().filter(|process| process.pgid() == -owner)
        {
            signals::send_from_interrupt(process, info);
        }
    }
}

impl Identity for Room {
    fn peer(&self) -> Peer {
        try_current().map_or(Peer { pid: 0, uid: 0, gid: 0 }, |user| {
            let cred = user.cred();
            Peer { pid: user.pid(), uid: cred.euid, gid: cred.egid }
        })
    }

    fn capable(&self, cap: u32) -> bool {
        try_current().is_none_or(|user| user.cred().capable(cap))
    }
}

impl content::Limits for Room {
    fn file_size(&self) -> u64 {
        try_current().map_or(u64::MAX, |user| user.process.limits.soft(rlimit::FSIZE))
    }

    fn capable(&self, cap: u32) -> bool {
        try_current().is_none_or(|user| user.cred().capable(cap))
    }
}

/// Registers this room.
pub(super) fn install() {
    hooks::set_signals(&ROOM);
    hooks::set_identity(&ROOM);
    content::set_limits(&ROOM);
    futex::pi::set_thread_lookup(table::find_thread);
}
