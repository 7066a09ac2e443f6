//! Receiving.

use core::sync::atomic::Ordering;

use abi::socket::MsgFlags;
use abi::{Errno, Result};

use super::inbox::{Inbox, Message};
use super::name;
use super::{Kind, MAX_DATAGRAMS, NO_RECEIVE, Phase, UnixSocket};
use crate::fd::hooks::Peer;
use crate::fd::socket::{Incoming, SockAddr};
use crate::iobuf::ReadBuf;

impl UnixSocket {
    pub(super) fn receive_message(&self, data: &mut ReadBuf<'_>, message: &mut Incoming) -> Result<usize> {
        if message.flags.contains(MsgFlags::OOB) {
            return Err(Errno::EOPNOTSUPP);
        }
        let connected = matches!(self.state.lock().phase, Phase::Connected);
        match self.kind {
            Kind::Stream if !connected => Err(Errno::EINVAL),
            Kind::Stream => self.receive_stream(data, message),
            Kind::SeqPacket if !connected => Err(Errno::ENOTCONN),
            _ => self.receive_packet(data, message),
        }
    }

    fn wait_for_data(&self, flags: MsgFlags) -> Result<()> {
        let timeout = self.receive_timeout.load(Ordering::Relaxed);
        let nonblocking = flags.contains(MsgFlags::DONTWAIT);
        self.sleep(&self.head.queue, nonblocking, timeout, || {
            self.waiting.load(Ordering::Acquire) > 0 || self.is_shut(NO_RECEIVE) || self.error.load(Ordering::Acquire) != 0
        })
    }

    fn receive_stream(&self, data: &mut ReadBuf<'_>, message: &mut Incoming) -> Result<usize> {
        let peek = message.flags.contains(MsgFlags::PEEK);
        let target = match message.flags.contains(MsgFlags::WAITALL) && !peek {
            true => data.remaining(),
            false => self.receive_low.load(Ordering::Relaxed).min(data.remaining()),
        };
        let before = data.done();
        let mut from = None;
        let result = loop {
            match self.drain(data, message, &mut from) {
                Ok(true) => break Ok(()),
                Ok(false) => {}
                Err(errno) => break Err(errno),
            }
            let got = data.done() - before;
            if got >= target || peek && got > 0 {
                break Ok(());
            }
            if got == 0
                && let Err(errno) = self.take_error()
            {
                break Err(errno);
            }
            if self.is_shut(NO_RECEIVE) && self.waiting.load(Ordering::Acquire) == 0 {
                break Ok(());
            }
            if let Err(errno) = self.wait_for_data(message.flags) {
                break Err(errno);
            }
        };
        match (data.done() - before, result) {
            (0, result) => result.map(|()| 0),
            (got, _) => Ok(got),
        }
    }

    /// Takes what is there. True: the receive ends here (descriptors came, or the sender changed).
    fn drain(&self, data: &mut ReadBuf<'_>, message: &mut Incoming, from: &mut Option<Peer>) -> Result<bool> {
        let peek = message.flags.contains(MsgFlags::PEEK);
        let mut inbox = self.inbox.lock();
        let mut index = 0;
        let mut ended = false;
        while let Some(piece) = inbox.messages.get_mut(index) {
            if !self.same_sender(piece, message, from) {
                ended = true;
                break;
            }
            let want = piece.rest().len().min(data.remaining());
            let got = data.put(piece.rest())?;
            if !piece.rights.is_empty() {
                message.rights = if peek { piece.rights.copies() } else { piece.rights.take() };
                ended = true;
            }
            if peek {
                index += 1;
            } else {
                piece.taken += got;
                if piece.rest().is_empty() {
                    inbox.messages.pop_front();
                }
            }
            if ended || got < want || data.remaining() == 0 {
                break;
            }
        }
        self.waiting.store(inbox.messages.len(), Ordering::Release);
        Ok(ended)
    }

    /// Notes the sender of the first piece; with SO_PASSCRED a receive does not go on to another one's.
    fn same_sender(&self, piece: &Message, message: &mut Incoming, from: &mut Option<Peer>) -> bool {
        let asked = self.pass_credentials.load(Ordering::Relaxed);
        match *from {
            Some(first) => !asked || first == piece.cred,
            None => {
                *from = Some(piece.cred);
                message.from = piece.sender.own_name().unwrap_or(SockAddr::NONE);
                message.cred = asked.then_some(piece.cred);
                true
            }
        }
    }

    fn receive_packet(&self, data: &mut ReadBuf<'_>, message: &mut Incoming) -> Result<usize> {
        loop {
            let mut inbox = self.inbox.lock();
            if !inbox.messages.is_empty() {
                return self.take_packet(&mut inbox, data, message);
            }
            drop(inbox);
            self.take_error()?;
            if self.is_shut(NO_RECEIVE) {
                let refuses = self.kind == Kind::Datagram && message.flags.contains(MsgFlags::DONTWAIT);
                return if refuses { Err(Errno::EAGAIN) } else { Ok(0) };
            }
            self.wait_for_data(message.flags)?;
        }
    }

    fn take_packet(&self, inbox: &mut Inbox, data: &mut ReadBuf<'_>, message: &mut Incoming) -> Result<usize> {
        let peek = message.flags.contains(MsgFlags::PEEK);
        let Some(packet) = inbox.messages.front_mut() else { return Ok(0) };
        let len = packet.rest().len();
        self.same_sender(packet, message, &mut None);
        let copied = data.put(packet.rest());
        message.rights = if peek { packet.rights.copies() } else { packet.rights.take() };
        if !peek {
            let was_full = inbox.messages.len() >= MAX_DATAGRAMS;
            inbox.messages.pop_front();
            self.waiting.store(inbox.messages.len(), Ordering::Release);
            if was_full {
                self.write_queue.wake_all();
            }
        }
        let copied = copied?;
        if copied < len {
            message.found |= MsgFlags::TRUNC;
        }
        Ok(if message.flags.contains(MsgFlags::TRUNC) { len } else { copied })
    }

    /// The name; a message from a socket without one says nothing of its sender.
    fn own_name(&self) -> Option<SockAddr> {
        let name = self.state.lock().name.clone();
        name.map(|name| name.address())
    }

    /// As getsockname(2) and getpeername(2) show it: just the family when there is none.
    pub(super) fn shown_name(&self) -> SockAddr {
        self.own_name().unwrap_or_else(name::unnamed)
    }
}
