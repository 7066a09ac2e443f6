//! Sending.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::Ordering;

use abi::socket::MsgFlags;
use abi::{Errno, Result};

use super::inbox::Message;
use super::name;
use super::rights::Rights;
use super::{Kind, MAX_DATAGRAMS, NO_RECEIVE, NO_SEND, Phase, UnixSocket};
use crate::fd::hooks::{self, Peer};
use crate::fd::socket::{Outgoing, SockAddr};
use crate::iobuf::WriteBuf;
use crate::poll::PollEvents;

/// Longest piece of a stream.
const PIECE: usize = 32 << 10;
/// What a receiver sees who did not ask for credentials when the message was sent.
const NOBODY: Peer = Peer { pid: 0, uid: 65534, gid: 65534 };

impl UnixSocket {
    pub(super) fn send_message(&self, data: &mut WriteBuf<'_>, message: Outgoing) -> Result<usize> {
        if message.flags.contains(MsgFlags::OOB) {
            return Err(Errno::EOPNOTSUPP);
        }
        if self.kind == Kind::Stream { self.send_stream(data, message) } else { self.send_packet(data, message) }
    }

    fn send_stream(&self, data: &mut WriteBuf<'_>, message: Outgoing) -> Result<usize> {
        let (connected, peer) = {
            let state = self.state.lock();
            (matches!(state.phase, Phase::Connected), state.peer.clone())
        };
        if message.to.is_some() {
            return Err(if connected { Errno::EISCONN } else { Errno::EOPNOTSUPP });
        }
        let peer = peer.ok_or(Errno::ENOTCONN)?;
        let cred = message.cred.unwrap_or_else(|| self.credentials_for(&peer));
        let flags = message.flags;
        let mut rights = Rights::new(message.rights)?;
        let before = data.done();
        let result = loop {
            if self.is_shut(NO_SEND) {
                break Err(Errno::EPIPE);
            }
            if data.remaining() == 0 {
                break Ok(());
            }
            if let Err(errno) = self.wait_for_room(flags) {
                break Err(errno);
            }
            if let Err(errno) = self.send_piece(&peer, data, &mut rights, cred) {
                break Err(errno);
            }
        };
        match (data.done() - before, result) {
            (0, Err(Errno::EPIPE)) if !flags.contains(MsgFlags::NOSIGNAL) => {
                hooks::broken_pipe();
                Err(Errno::EPIPE)
            }
            (0, result) => result.map(|()| 0),
            (sent, _) => Ok(sent),
        }
    }

    fn send_piece(&self, peer: &UnixSocket, data: &mut WriteBuf<'_>, rights: &mut Rights, cred: Peer) -> Result<()> {
        let piece = PIECE.min(self.send_buffer.load(Ordering::Relaxed) / 2);
        let want = data.remaining().min(piece);
        let bytes = take(data, want)?;
        let short = bytes.len() < want;
        let me = self.me.upgrade().ok_or(Errno::EPIPE)?;
        let mut inbox = peer.inbox.lock();
        if peer.is_dead() || peer.is_shut(NO_RECEIVE) {
            return Err(Errno::EPIPE);
        }
        inbox.messages.push_back(Message::new(bytes, core::mem::take(rights), cred, me));
        peer.waiting.store(inbox.messages.len(), Ordering::Release);
        drop(inbox);
        peer.head.notify(PollEvents::READ);
        if short { Err(Errno::EFAULT) } else { Ok(()) }
    }

    fn credentials_for(&self, peer: &UnixSocket) -> Peer {
        let asked = self.pass_credentials.load(Ordering::Relaxed) || peer.pass_credentials.load(Ordering::Relaxed);
        if asked { hooks::peer() } else { NOBODY }
    }

    /// Sleeps until less than the send buffer is in flight.
    fn wait_for_room(&self, flags: MsgFlags) -> Result<()> {
        let room = || self.in_flight.load(Ordering::Acquire) < self.send_buffer.load(Ordering::Relaxed);
        if room() {
            return Ok(());
        }
        let timeout = self.send_timeout.load(Ordering::Relaxed);
        self.sleep(&self.write_queue, flags.contains(MsgFlags::DONTWAIT), timeout, || room() || self.is_shut(NO_SEND))
    }

    fn send_packet(&self, data: &mut WriteBuf<'_>, message: Outgoing) -> Result<usize> {
        let (other, associated) = self.destination(message.to.as_ref())?;
        let len = data.remaining();
        if len > self.send_buffer.load(Ordering::Relaxed).saturating_sub(32) {
            return Err(Errno::EMSGSIZE);
        }
        self.wait_for_room(message.flags)?;
        if self.is_shut(NO_SEND) {
            return Err(Errno::EPIPE);
        }
        let bytes = take(data, len)?;
        if bytes.len() < len {
            return Err(Errno::EFAULT);
        }
        let cred = message.cred.unwrap_or_else(|| self.credentials_for(&other));
        let me = self.me.upgrade().ok_or(Errno::EPIPE)?;
        let mut packet = Some(Message::new(bytes, Rights::new(message.rights)?, cred, me));
        loop {
            match other.deliver(self, &mut packet) {
                Err(Errno::EAGAIN) if !message.flags.contains(MsgFlags::DONTWAIT) => {
                    let timeout = self.send_timeout.load(Ordering::Relaxed);
                    let room = || other.waiting.load(Ordering::Acquire) < MAX_DATAGRAMS || other.is_dead() || other.is_shut(NO_RECEIVE);
                    self.sleep(&other.write_queue, false, timeout, room)?;
                }
                Err(Errno::ECONNREFUSED) if associated => {
                    let gone = self.state.lock().peer.take();
                    drop(gone);
                    return Err(Errno::ECONNREFUSED);
                }
                result => return result.map(|()| len),
            }
        }
    }

    /// Who gets a packet, and whether that is the connected peer.
    fn destination(&self, to: Option<&SockAddr>) -> Result<(Arc<UnixSocket>, bool)> {
        match to {
            Some(to) if self.kind == Kind::Datagram => {
                let other = name::find(&name::parse(to)?, self.kind)?;
                if other.kind == self.kind { Ok((other, false)) } else { Err(Errno::EPROTOTYPE) }
            }
            _ => self.peer_socket().map(|peer| (peer, true)).ok_or(Errno::ENOTCONN),
        }
    }

    /// Puts a packet from `from` into the inbox. EAGAIN when it is full; the packet is kept then.
    fn deliver(&self, from: &UnixSocket, packet: &mut Option<Message>) -> Result<()> {
        let mutual = self.kind != Kind::Datagram || core::ptr::eq(self, from);
        let mine = if mutual { None } else { self.peer_socket() };
        let pair = mutual || mine.as_ref().is_some_and(|peer| core::ptr::eq(&raw const **peer, from));
        if !pair && mine.is_some() {
            return Err(Errno::EPERM);
        }
        let mut inbox = self.inbox.lock();
        if self.is_dead() {
            return Err(if self.kind == Kind::Datagram { Errno::ECONNREFUSED } else { Errno::EPIPE });
        }
        if self.is_shut(NO_RECEIVE) {
            return Err(Errno::EPIPE);
        }
        if !pair && inbox.messages.len() >= MAX_DATAGRAMS {
            return Err(Errno::EAGAIN);
        }
        inbox.messages.extend(packet.take());
        self.waiting.store(inbox.messages.len(), Ordering::Release);
        drop(inbox);
        self.head.notify(PollEvents::READ);
        Ok(())
    }
}

/// Copies up to `len` bytes out of `data`; fewer when a fault stops it after the first.
fn take(data: &mut WriteBuf<'_>, len: usize) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(len).map_err(|_| Errno::ENOBUFS)?;
    bytes.resize(len, 0);
    let got = data.take(&mut bytes)?;
    bytes.truncate(got);
    Ok(bytes)
}
