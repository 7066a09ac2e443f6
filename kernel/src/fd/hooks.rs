//! What the objects of this module need from rooms built above it (signals, processes): functions that boot registers once.

use crate::poll::PollHead;
use crate::sync::Once;

/// Process, user and group of a peer (struct ucred of unix(7)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Peer {
    /// Process id.
    pub pid: i32,
    /// Effective user id.
    pub uid: u32,
    /// Effective group id.
    pub gid: u32,
}

/// Signals as signalfd(2) and O_ASYNC see them.
pub trait Signals: Sync {
    /// SIGPIPE for the calling thread.
    fn broken_pipe(&self);
    /// The signals pending for the calling thread and its process that are in `mask` (bit n-1: signal n).
    fn pending(&self, mask: u64) -> u64;
    /// Takes one signal of `mask` as struct signalfd_siginfo.
    fn take(&self, mask: u64) -> Option<[u8; 128]>;
    /// Told whenever a signal was queued for the process.
    fn head(&self) -> &PollHead;
    /// SIGIO (or `signal` when not 0) to `owner` (positive: process, negative: group) about descriptor `fd` and its `band` of events. Called with
    /// interrupts possibly off.
    fn io(&self, owner: i32, signal: i32, fd: i32, band: u32);
}

/// Who calls.
pub trait Identity: Sync {
    /// Process id and effective ids of the caller.
    fn peer(&self) -> Peer;
    /// Whether the caller has the capability ([`crate::cred::cap`]).
    fn capable(&self, cap: u32) -> bool;
}

static SIGNALS: Once<&'static dyn Signals> = Once::new();
static IDENTITY: Once<&'static dyn Identity> = Once::new();

/// Registers the signal room.
pub fn set_signals(signals: &'static dyn Signals) {
    let _ = SIGNALS.set(signals);
}

/// Registers the process room.
pub fn set_identity(identity: &'static dyn Identity) {
    let _ = IDENTITY.set(identity);
}

/// The signal room, once there is one.
pub fn signals() -> Option<&'static dyn Signals> {
    SIGNALS.get().copied()
}

/// SIGPIPE for the calling thread.
#[cold]
pub fn broken_pipe() {
    if let Some(signals) = signals() {
        signals.broken_pipe();
    }
}

/// The calling process; process 1, user 0 before processes exist.
pub fn peer() -> Peer {
    IDENTITY.get().map_or(Peer { pid: 1, uid: 0, gid: 0 }, |identity| identity.peer())
}

/// Whether the caller has the capability; yes before processes exist.
pub fn capable(cap: u32) -> bool {
    IDENTITY.get().is_none_or(|identity| identity.capable(cap))
}
