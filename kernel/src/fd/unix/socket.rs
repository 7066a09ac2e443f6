//! A Unix socket as the socket calls see it.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::any::Any;
use core::sync::atomic::Ordering;

use abi::io::FIONREAD;
use abi::socket::SIOCOUTQ;
use abi::{Errno, Result};
use hal::user::UserPtr;

use super::{Kind, MAX_DATAGRAMS, NO_RECEIVE, NO_SEND, Phase, UnixSocket};
use crate::fd::socket::{Incoming, Outgoing, SockAddr, Socket};
use crate::iobuf::{ReadBuf, WriteBuf};
use crate::poll::{PollEvents, PollHead};

impl Socket for UnixSocket {
    fn bind(&self, addr: &SockAddr) -> Result<()> {
        self.bind_to(addr)
    }

    fn connect(&self, addr: &SockAddr, nonblocking: bool) -> Result<()> {
        self.connect_to(addr, nonblocking)
    }

    fn listen(&self, backlog: i32) -> Result<()> {
        self.start_listening(backlog)
    }

    fn accept(&self, nonblocking: bool) -> Result<Arc<dyn Socket>> {
        let socket = self.accept_one(nonblocking)?;
        Ok(socket)
    }

    fn local(&self) -> Result<SockAddr> {
        Ok(self.shown_name())
    }

    fn peer(&self) -> Result<SockAddr> {
        self.peer_socket().map(|peer| peer.shown_name()).ok_or(Errno::ENOTCONN)
    }

    fn send(&self, data: &mut WriteBuf<'_>, message: Outgoing) -> Result<usize> {
        self.send_message(data, message)
    }

    fn receive(&self, data: &mut ReadBuf<'_>, message: &mut Incoming) -> Result<usize> {
        self.receive_message(data, message)
    }

    fn shutdown(&self, how: u32) -> Result<()> {
        self.shut(how)
    }

    fn option(&self, level: i32, name: i32) -> Result<Vec<u8>> {
        self.get(level, name)
    }

    fn set_option(&self, level: i32, name: i32, value: &[u8]) -> Result<()> {
        self.set(level, name, value)
    }

    fn ioctl(&self, cmd: u32, arg: usize) -> Result<usize> {
        let bytes = match cmd {
            FIONREAD if self.listening.load(Ordering::Relaxed) => return Err(Errno::EINVAL),
            FIONREAD if self.kind == Kind::Datagram => self.inbox.lock().messages.front().map_or(0, |packet| packet.rest().len()),
            FIONREAD => self.inbox.lock().bytes(),
            SIOCOUTQ => self.in_flight.load(Ordering::Relaxed),
            _ => return Err(Errno::ENOTTY),
        };
        UserPtr::<i32>::new(arg).write(&i32::try_from(bytes).unwrap_or(i32::MAX))?;
        Ok(0)
    }

    fn ready(&self) -> PollEvents {
        let mut events = PollEvents::empty();
        let shut = self.shutdown.load(Ordering::Acquire);
        events.set(PollEvents::ERR, self.error.load(Ordering::Acquire) != 0);
        events.set(PollEvents::HUP, shut == NO_RECEIVE | NO_SEND);
        if shut & NO_RECEIVE != 0 {
            events |= PollEvents::RDHUP | PollEvents::READ;
        }
        if self.waiting.load(Ordering::Acquire) > 0 {
            events |= PollEvents::READ;
        }
        let (idle, peer) = {
            let state = self.state.lock();
            (matches!(state.phase, Phase::Idle), if self.kind == Kind::Datagram { state.peer.clone() } else { None })
        };
        if self.kind.connected() && idle {
            events |= PollEvents::HUP;
        }
        let choked = peer.is_some_and(|peer| {
            let pair = peer.peer_socket().is_some_and(|back| core::ptr::eq(&raw const *back, self));
            !pair && peer.waiting.load(Ordering::Acquire) >= MAX_DATAGRAMS
        });
        if self.writable() && !choked {
            events |= PollEvents::WRITE | PollEvents::WRBAND;
        }
        events
    }

    fn head(&self) -> &PollHead {
        &self.head
    }

    fn release(&self) {
        self.end();
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
