//! Unix sockets (unix(7)): streams, datagrams and sequenced packets between threads and, later, processes of this machine.

mod connect;
mod inbox;
mod name;
mod options;
mod receive;
mod rights;
mod send;
mod socket;

use alloc::collections::VecDeque;
use alloc::sync::{Arc, Weak};
use core::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, AtomicU64, AtomicUsize, Ordering};

use abi::socket::{SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET, SOCK_STREAM};
use abi::{Errno, Result};

use crate::fd::hooks::{self, Peer};
use crate::fd::socket::{Socket, SocketFile};
use crate::poll::{PollEvents, PollHead};
use crate::sched::wait::{WaitError, WaitOptions, WaitQueue};
use crate::sync::{Mutex, SpinLock};
use crate::vfs::file::{File, OpenFlags};
use inbox::Inbox;
use name::Name;

pub use name::{PathNames, set_path_names};

/// Bytes in flight that a sender may have (net.core.wmem_default).
const DEFAULT_BUFFER: usize = 212_992;
/// Datagrams that may wait for a receiver that is not connected to the sender.
const MAX_DATAGRAMS: usize = 512;
/// Bits of `shutdown`: no more receiving, no more sending.
const NO_RECEIVE: u32 = 1;
const NO_SEND: u32 = 2;

/// What travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Stream,
    Datagram,
    SeqPacket,
}

impl Kind {
    fn connected(self) -> bool {
        self != Kind::Datagram
    }

    fn number(self) -> u32 {
        match self {
            Kind::Stream => SOCK_STREAM,
            Kind::Datagram => SOCK_DGRAM,
            Kind::SeqPacket => SOCK_SEQPACKET,
        }
    }
}

/// Where a socket is in its life.
enum Phase {
    /// New, or a datagram socket.
    Idle,
    /// Waiting for connections: sockets that connected and were not accepted, and how many may wait.
    Listening(VecDeque<Arc<UnixSocket>>, usize),
    /// Part of a pair.
    Connected,
}

struct State {
    phase: Phase,
    name: Option<Arc<Name>>,
    peer: Option<Arc<UnixSocket>>,
    /// The peer's identity as of connect, listen or socketpair.
    credentials: Option<Peer>,
}

/// A Unix socket.
pub struct UnixSocket {
    me: Weak<UnixSocket>,
    kind: Kind,
    state: SpinLock<State>,
    inbox: Mutex<Inbox>,
    /// Messages in the inbox, and connections waiting when listening: for those who may not take the locks.
    waiting: AtomicUsize,
    /// Bytes sent from here that nobody has received yet.
    in_flight: AtomicUsize,
    shutdown: AtomicU32,
    /// The open file is gone.
    dead: AtomicBool,
    listening: AtomicBool,
    error: AtomicI32,
    pass_credentials: AtomicBool,
    send_buffer: AtomicUsize,
    receive_buffer: AtomicUsize,
    receive_low: AtomicUsize,
    /// Nanoseconds, 0 for no limit.
    receive_timeout: AtomicU64,
    send_timeout: AtomicU64,
    /// Boolean options that are kept and otherwise without effect, by option number.
    kept: AtomicU64,
    /// Senders that wait for room: in their own `in_flight`, or in our inbox.
    write_queue: WaitQueue,
    head: PollHead,
}

impl UnixSocket {
    fn new(kind: Kind) -> Arc<UnixSocket> {
        Arc::new_cyclic(|me: &Weak<UnixSocket>| UnixSocket {
            me: me.clone(),
            kind,
            state: SpinLock::new(State { phase: Phase::Idle, name: None, peer: None, credentials: None }),
            inbox: Mutex::new(Inbox::new()),
            waiting: AtomicUsize::new(0),
            in_flight: AtomicUsize::new(0),
            shutdown: AtomicU32::new(0),
            dead: AtomicBool::new(false),
            listening: AtomicBool::new(false),
            error: AtomicI32::new(0),
            pass_credentials: AtomicBool::new(false),
            send_buffer: AtomicUsize::new(DEFAULT_BUFFER),
            receive_buffer: AtomicUsize::new(DEFAULT_BUFFER),
            receive_low: AtomicUsize::new(1),
            receive_timeout: AtomicU64::new(0),
            send_timeout: AtomicU64::new(0),
            kept: AtomicU64::new(0),
            write_queue: WaitQueue::new(),
            head: PollHead::new(),
        })
    }

    fn is_shut(&self, bit: u32) -> bool {
        self.shutdown.load(Ordering::Acquire) & bit != 0
    }

    fn is_dead(&self) -> bool {
        self.dead.load(Ordering::Acquire)
    }

    fn peer_socket(&self) -> Option<Arc<UnixSocket>> {
        self.state.lock().peer.clone()
    }

    /// The pending error, taken (SO_ERROR).
    fn take_error(&self) -> Result<()> {
        match self.error.swap(0, Ordering::AcqRel) {
            0 => Ok(()),
            _ => Err(Errno::ECONNRESET), // the only error that is ever left pending
        }
    }

    /// There is room for a send (Linux: a quarter of the buffer or less is in flight).
    fn writable(&self) -> bool {
        !self.listening.load(Ordering::Relaxed) && self.in_flight.load(Ordering::Acquire) * 4 <= self.send_buffer.load(Ordering::Relaxed)
    }

    /// Wakes everybody who waits for anything here.
    fn state_changed(&self, events: PollEvents) {
        self.write_queue.wake_all();
        self.head.notify(events);
    }

    /// Sleeps on `queue` until `ready`. EAGAIN when non-blocking or after `timeout`; ERESTARTSYS, or EINTR when there is a timeout.
    fn sleep(&self, queue: &WaitQueue, nonblocking: bool, timeout: u64, mut ready: impl FnMut() -> bool) -> Result<()> {
        if nonblocking {
            return if ready() { Ok(()) } else { Err(Errno::EAGAIN) };
        }
        let deadline = (timeout != 0).then(|| hal::clock::monotonic_ns().saturating_add(timeout));
        let options = WaitOptions { deadline, uninterruptible: false };
        queue.wait(options, || ready().then_some(())).map_err(|error| match error {
            WaitError::TimedOut => Errno::EAGAIN,
            WaitError::Interrupted if timeout != 0 => Errno::EINTR,
            WaitError::Interrupted => Errno::RESTARTSYS,
        })
    }
}

fn kind_of(kind: u32) -> Result<Kind> {
    match kind {
        SOCK_STREAM => Ok(Kind::Stream),
        SOCK_DGRAM | SOCK_RAW => Ok(Kind::Datagram),
        SOCK_SEQPACKET => Ok(Kind::SeqPacket),
        _ => Err(Errno::ESOCKTNOSUPPORT),
    }
}

fn check_protocol(protocol: i32) -> Result<()> {
    if protocol == 0 || protocol == i32::from(abi::socket::AF_UNIX) { Ok(()) } else { Err(Errno::EPROTONOSUPPORT) }
}

/// socket(2) with AF_UNIX: `kind` is a SOCK_* number.
pub fn open(kind: u32, protocol: i32, flags: OpenFlags) -> Result<Arc<File>> {
    check_protocol(protocol)?;
    let socket: Arc<dyn Socket> = UnixSocket::new(kind_of(kind)?);
    Ok(SocketFile::open(socket, flags))
}

/// socketpair(2).
pub fn pair(kind: u32, protocol: i32, flags: OpenFlags) -> Result<(Arc<File>, Arc<File>)> {
    check_protocol(protocol)?;
    let kind = kind_of(kind)?;
    let (one, two) = (UnixSocket::new(kind), UnixSocket::new(kind));
    let join = |socket: &UnixSocket, peer: &Arc<UnixSocket>| {
        let mut state = socket.state.lock();
        state.peer = Some(peer.clone());
        state.credentials = Some(hooks::peer());
        if kind.connected() {
            state.phase = Phase::Connected;
        }
    };
    join(&one, &two);
    join(&two, &one);
    Ok((SocketFile::open(one, flags), SocketFile::open(two, flags)))
}
