//! Options of level SOL_SOCKET (socket(7)).

use alloc::vec::Vec;
use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use abi::socket::{AF_UNIX, SOL_SOCKET, Ucred, so};
use abi::time::Timeval;
use abi::{Errno, Result};
use zerocopy::{FromBytes, IntoBytes};

use super::UnixSocket;

/// Greatest buffer size that may be asked for (net.core.wmem_max); the kernel doubles it.
const BUFFER_MAX: u32 = 212_992;
/// Smallest send and receive buffers.
const SEND_MIN: usize = 4608;
const RECEIVE_MIN: usize = 2304;

/// Options that are remembered and mean nothing here.
const KEPT: [i32; 8] = [so::DEBUG, so::REUSEADDR, so::DONTROUTE, so::BROADCAST, so::KEEPALIVE, so::OOBINLINE, so::REUSEPORT, so::PRIORITY];

impl UnixSocket {
    pub(super) fn get(&self, level: i32, name: i32) -> Result<Vec<u8>> {
        if level != SOL_SOCKET {
            return Err(Errno::EOPNOTSUPP);
        }
        let number = match name {
            so::TYPE => self.kind.number(),
            so::DOMAIN => u32::from(AF_UNIX),
            so::PROTOCOL => 0,
            so::ERROR => self.error.swap(0, Ordering::AcqRel).unsigned_abs(),
            so::ACCEPTCONN => u32::from(self.listening.load(Ordering::Relaxed)),
            so::SNDBUF => bytes(&self.send_buffer),
            so::RCVBUF => bytes(&self.receive_buffer),
            so::RCVLOWAT => bytes(&self.receive_low),
            so::SNDLOWAT => 1,
            so::PASSCRED => u32::from(self.pass_credentials.load(Ordering::Relaxed)),
            so::LINGER => return Ok([0u32; 2].as_bytes().to_vec()),
            so::PEERCRED => return Ok(self.peer_credentials().as_bytes().to_vec()),
            so::RCVTIMEO => return Ok(timeval(&self.receive_timeout).as_bytes().to_vec()),
            so::SNDTIMEO => return Ok(timeval(&self.send_timeout).as_bytes().to_vec()),
            _ if KEPT.contains(&name) => u32::from(self.kept.load(Ordering::Relaxed) >> name & 1 != 0),
            _ => return Err(Errno::ENOPROTOOPT),
        };
        Ok(number.as_bytes().to_vec())
    }

    fn peer_credentials(&self) -> Ucred {
        let known = self.state.lock().credentials;
        known.map_or(Ucred { pid: 0, uid: u32::MAX, gid: u32::MAX }, |peer| Ucred { pid: peer.pid, uid: peer.uid, gid: peer.gid })
    }

    pub(super) fn set(&self, level: i32, name: i32, value: &[u8]) -> Result<()> {
        if level != SOL_SOCKET {
            return Err(Errno::EOPNOTSUPP);
        }
        if matches!(name, so::RCVTIMEO | so::SNDTIMEO) {
            let time = Timeval::read_from_prefix(value).map_err(|_| Errno::EINVAL)?.0;
            let target = if name == so::RCVTIMEO { &self.receive_timeout } else { &self.send_timeout };
            target.store(nanoseconds(time)?, Ordering::Relaxed);
            return Ok(());
        }
        let number = i32::read_from_prefix(value).map_err(|_| Errno::EINVAL)?.0;
        match name {
            so::SNDBUF | so::SNDBUFFORCE => self.send_buffer.store(doubled(number, SEND_MIN), Ordering::Relaxed),
            so::RCVBUF | so::RCVBUFFORCE => self.receive_buffer.store(doubled(number, RECEIVE_MIN), Ordering::Relaxed),
            so::RCVLOWAT => self.receive_low.store(usize::try_from(number).map_or(usize::MAX, |low| low.max(1)), Ordering::Relaxed),
            so::PASSCRED => self.pass_credentials.store(number != 0, Ordering::Relaxed),
            so::LINGER => {}
            so::TYPE | so::ERROR | so::PROTOCOL | so::DOMAIN | so::ACCEPTCONN | so::PEERCRED | so::SNDLOWAT => {
                return Err(Errno::ENOPROTOOPT);
            }
            _ if KEPT.contains(&name) => {
                if number != 0 {
                    self.kept.fetch_or(1 << name, Ordering::Relaxed);
                } else {
                    self.kept.fetch_and(!(1 << name), Ordering::Relaxed);
                }
            }
            _ => return Err(Errno::ENOPROTOOPT),
        }
        Ok(())
    }
}

fn bytes(value: &AtomicUsize) -> u32 {
    u32::try_from(value.load(Ordering::Relaxed)).unwrap_or(u32::MAX)
}

/// Linux keeps twice what is asked for, for its bookkeeping.
fn doubled(asked: i32, least: usize) -> usize {
    let asked = asked.cast_unsigned().min(BUFFER_MAX) as usize; // widening
    (asked * 2).max(least)
}

fn timeval(ns: &AtomicU64) -> Timeval {
    Timeval::from_ns(ns.load(Ordering::Relaxed))
}

/// EDOM for malformed times; negative ones mean not to wait, which is one nanosecond here.
fn nanoseconds(time: Timeval) -> Result<u64> {
    if !(0..1_000_000).contains(&time.usec) {
        return Err(Errno::EDOM);
    }
    if time.sec < 0 { Ok(1) } else { time.to_ns() }
}
