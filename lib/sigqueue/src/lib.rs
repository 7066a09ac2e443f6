//! Pending signals as data: which wait, in which order they leave, what they do by default (signal(7)). Standard signals are kept once, real-time
//! signals as often as they were sent.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod info;

use alloc::vec::Vec;

use abi::signal::sig;
pub use info::Info;

/// The bit of a signal in a set; signal 1 is bit 0.
#[inline]
pub const fn bit(signal: u32) -> u64 {
    if signal == 0 || signal > sig::MAX { 0 } else { 1 << (signal - 1) }
}

/// Signals that nothing blocks, ignores or catches.
pub const UNBLOCKABLE: u64 = bit(sig::KILL) | bit(sig::STOP);
/// Signals raised by an instruction; they go first.
pub const SYNCHRONOUS: u64 = bit(sig::SEGV) | bit(sig::BUS) | bit(sig::ILL) | bit(sig::TRAP) | bit(sig::FPE) | bit(sig::SYS);
/// Signals that stop by default.
pub const STOPPING: u64 = bit(sig::STOP) | bit(sig::TSTP) | bit(sig::TTIN) | bit(sig::TTOU);
/// Signals ignored by default.
pub const IGNORED: u64 = bit(sig::CHLD) | bit(sig::CONT) | bit(sig::URG) | bit(sig::WINCH);
/// Signals that dump core by default.
pub const DUMPING: u64 = bit(sig::QUIT)
    | bit(sig::ILL)
    | bit(sig::TRAP)
    | bit(sig::ABRT)
    | bit(sig::BUS)
    | bit(sig::FPE)
    | bit(sig::SEGV)
    | bit(sig::XCPU)
    | bit(sig::XFSZ)
    | bit(sig::SYS);

/// What a signal does when nothing is installed for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefaultAction {
    /// Nothing.
    Ignore,
    /// Ends the process.
    Terminate,
    /// Ends the process and dumps core.
    Dump,
    /// Stops the process.
    Stop,
}

/// The default action of a signal.
pub fn default_action(signal: u32) -> DefaultAction {
    let bit = bit(signal);
    if bit & IGNORED != 0 {
        DefaultAction::Ignore
    } else if bit & STOPPING != 0 {
        DefaultAction::Stop
    } else if bit & DUMPING != 0 {
        DefaultAction::Dump
    } else {
        DefaultAction::Terminate
    }
}

/// Signals that wait for one thread or one process.
pub struct Pending {
    set: u64,
    queue: Vec<Info>,
    /// Room that [`Pending::push_in_place`] must find.
    reserved: usize,
}

impl Pending {
    /// Nothing pending.
    pub const fn new() -> Pending {
        Pending { set: 0, queue: Vec::new(), reserved: 0 }
    }

    /// The signals that wait.
    #[inline]
    pub fn set(&self) -> u64 {
        self.set
    }

    /// Entries in the queue.
    pub fn len(&self) -> usize {
        self.queue.len()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.set == 0
    }

    /// Whether a standard signal waits already, so that another one would be dropped.
    fn merged(&self, signal: u32) -> bool {
        signal < sig::RTMIN && self.set & bit(signal) != 0
    }

    /// Adds; a standard signal that already waits is dropped.
    pub fn push(&mut self, info: Info) {
        if self.merged(info.signal) || bit(info.signal) == 0 {
            return;
        }
        self.queue.reserve(1 + self.reserved);
        self.set |= bit(info.signal);
        self.queue.push(info);
    }

    /// As `push` without allocating, for interrupt handlers: without room the signal is delivered without its information. False then.
    pub fn push_in_place(&mut self, info: Info) -> bool {
        if self.merged(info.signal) || bit(info.signal) == 0 {
            return true;
        }
        self.set |= bit(info.signal);
        if self.queue.len() < self.queue.capacity() {
            self.queue.push(info);
            return true;
        }
        false
    }

    /// Keeps room for one more `push_in_place` at any time.
    pub fn reserve_one(&mut self) {
        self.reserved += 1;
        self.queue.reserve(self.reserved);
    }

    /// Gives the room of `reserve_one` back.
    pub fn unreserve_one(&mut self) {
        self.reserved = self.reserved.saturating_sub(1);
    }

    /// Whether an entry answers `test`.
    pub fn any(&self, test: impl FnMut(&Info) -> bool) -> bool {
        self.queue.iter().any(test)
    }

    /// The signal that leaves next when those in `blocked` stay: synchronous ones first, then by number.
    pub fn next(&self, blocked: u64) -> Option<u32> {
        let ready = self.set & !blocked;
        if ready == 0 {
            return None;
        }
        let first = if ready & SYNCHRONOUS != 0 { ready & SYNCHRONOUS } else { ready };
        Some(first.trailing_zeros() + 1)
    }

    /// Takes the oldest entry of `signal`.
    pub fn take(&mut self, signal: u32) -> Option<Info> {
        if self.set & bit(signal) == 0 {
            return None;
        }
        let at = self.queue.iter().position(|info| info.signal == signal);
        let info = at.map_or(Info::bare(signal), |at| self.queue.remove(at));
        if !self.queue.iter().any(|info| info.signal == signal) {
            self.set &= !bit(signal);
        }
        Some(info)
    }

    /// Drops all signals of `set`.
    pub fn flush(&mut self, set: u64) {
        if self.set & set != 0 {
            self.set &= !set;
            self.queue.retain(|info| bit(info.signal) & set == 0);
        }
    }
}

impl Default for Pending {
    fn default() -> Self {
        Pending::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use abi::signal::code;

    #[test]
    fn order_and_merging() {
        let mut pending = Pending::new();
        for (signal, value) in [(sig::USR1, 1), (sig::USR1, 2), (40, 1), (40, 2), (35, 3), (sig::SEGV, 0), (sig::HUP, 0)] {
            pending.push(Info::queued(signal, code::QUEUE, 7, 8, value));
        }
        let mut seen = alloc::vec::Vec::new();
        while let Some(signal) = pending.next(bit(sig::HUP)) {
            let info = pending.take(signal).expect("pending");
            seen.push((info.signal, info.fields[1]));
        }
        assert_eq!(seen, [(sig::SEGV, 0), (sig::USR1, 1), (35, 3), (40, 1), (40, 2)]);
        assert_eq!(pending.set(), bit(sig::HUP));
        pending.flush(u64::MAX);
        assert!(pending.is_empty());
    }

    #[test]
    fn in_place_keeps_the_bit_when_full() {
        let mut pending = Pending::new();
        assert!(!pending.push_in_place(Info::bare(sig::ALRM)));
        assert_eq!(pending.take(sig::ALRM).map(|i| i.signal), Some(sig::ALRM));
        pending.reserve_one();
        for _ in 0..100 {
            pending.push(Info::bare(34));
        }
        assert!(pending.push_in_place(Info::bare(sig::ALRM)));
        pending.push(Info::bare(0));
        pending.push(Info::bare(65));
        assert_eq!(pending.set(), bit(sig::ALRM) | bit(34));
    }

    #[test]
    fn defaults() {
        assert_eq!(default_action(sig::CHLD), DefaultAction::Ignore);
        assert_eq!(default_action(sig::TSTP), DefaultAction::Stop);
        assert_eq!(default_action(sig::SEGV), DefaultAction::Dump);
        assert_eq!(default_action(sig::TERM), DefaultAction::Terminate);
        assert_eq!(default_action(40), DefaultAction::Terminate);
    }
}
