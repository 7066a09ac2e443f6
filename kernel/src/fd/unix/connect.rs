//! Names and connections: bind, connect, listen, accept, shutdown, and the end of a socket.

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use core::sync::atomic::Ordering;

use abi::socket::AF_UNSPEC;
use abi::{Errno, Result};

use super::name::{self, Wanted};
use super::{Kind, NO_RECEIVE, NO_SEND, Phase, UnixSocket};
use crate::fd::hooks;
use crate::fd::socket::SockAddr;
use crate::poll::PollEvents;

/// Most connections that may wait to be accepted (net.core.somaxconn).
const MAX_BACKLOG: usize = 4096;
/// Everything that may have changed when a connection came or went.
const ALL: PollEvents = PollEvents::READ.union(PollEvents::WRITE).union(PollEvents::HUP).union(PollEvents::RDHUP).union(PollEvents::ERR);

impl UnixSocket {
    pub(super) fn bind_to(&self, addr: &SockAddr) -> Result<()> {
        let wanted = name::parse(addr)?;
        let me = self.me.upgrade().ok_or(Errno::EINVAL)?;
        if self.state.lock().name.is_some() {
            return if matches!(wanted, Wanted::Any) { Ok(()) } else { Err(Errno::EINVAL) };
        }
        let name = name::claim(&wanted, &me)?;
        let mut state = self.state.lock();
        if state.name.is_some() {
            drop(state);
            name::give_up(&name, self);
            return Err(Errno::EINVAL);
        }
        state.name = Some(Arc::new(name));
        Ok(())
    }

    pub(super) fn start_listening(&self, backlog: i32) -> Result<()> {
        if !self.kind.connected() {
            return Err(Errno::EOPNOTSUPP);
        }
        let most = usize::try_from(backlog).map_or(MAX_BACKLOG, |backlog| backlog.min(MAX_BACKLOG));
        let credentials = hooks::peer();
        let mut state = self.state.lock();
        if state.name.is_none() {
            return Err(Errno::EINVAL);
        }
        match &mut state.phase {
            Phase::Idle => state.phase = Phase::Listening(VecDeque::new(), most),
            Phase::Listening(_, limit) => *limit = most,
            Phase::Connected => return Err(Errno::EINVAL),
        }
        state.credentials = Some(credentials);
        self.listening.store(true, Ordering::Release);
        drop(state);
        self.write_queue.wake_all(); // a longer backlog has room for more
        Ok(())
    }

    pub(super) fn connect_to(&self, addr: &SockAddr, nonblocking: bool) -> Result<()> {
        if self.kind == Kind::Datagram {
            return self.associate(addr);
        }
        let wanted = name::parse(addr)?;
        if matches!(wanted, Wanted::Any) {
            return Err(Errno::EINVAL);
        }
        let me = self.me.upgrade().ok_or(Errno::EINVAL)?;
        loop {
            let listener = name::find(&wanted, self.kind)?;
            self.check_idle()?;
            if listener.kind != self.kind {
                return Err(Errno::EPROTOTYPE);
            }
            match listener.admit(&me) {
                Err(Errno::EAGAIN) if !nonblocking => {
                    let timeout = self.send_timeout.load(Ordering::Relaxed);
                    self.sleep(&listener.write_queue, false, timeout, || listener.has_room() || listener.is_dead())?;
                }
                result => return result,
            }
        }
    }

    fn check_idle(&self) -> Result<()> {
        match self.state.lock().phase {
            Phase::Idle => Ok(()),
            Phase::Listening(..) => Err(Errno::EINVAL),
            Phase::Connected => Err(Errno::EISCONN),
        }
    }

    fn has_room(&self) -> bool {
        match &self.state.lock().phase {
            Phase::Listening(queue, most) => queue.len() <= *most,
            _ => true,
        }
    }

    /// Queues a new socket as the other end of `client`. ECONNREFUSED; EAGAIN when the backlog is full.
    fn admit(&self, client: &Arc<UnixSocket>) -> Result<()> {
        let server = UnixSocket::new(self.kind);
        server.pass_credentials.store(self.pass_credentials.load(Ordering::Relaxed), Ordering::Relaxed);
        let credentials = hooks::peer();
        let mut mine = self.state.lock();
        if self.is_dead() || self.is_shut(NO_RECEIVE) {
            return Err(Errno::ECONNREFUSED);
        }
        let listener_credentials = mine.credentials;
        let name = mine.name.clone();
        let Phase::Listening(queue, most) = &mut mine.phase else { return Err(Errno::ECONNREFUSED) };
        if queue.len() > *most {
            return Err(Errno::EAGAIN);
        }
        {
            let mut theirs = client.state.lock();
            if !matches!(theirs.phase, Phase::Idle) {
                return Err(Errno::EISCONN);
            }
            theirs.phase = Phase::Connected;
            theirs.peer = Some(server.clone());
            theirs.credentials = listener_credentials;
        }
        {
            let mut new = server.state.lock();
            new.phase = Phase::Connected;
            new.peer = Some(client.clone());
            new.credentials = Some(credentials);
            new.name = name;
        }
        queue.push_back(server);
        self.waiting.store(queue.len(), Ordering::Release);
        drop(mine);
        self.head.notify(PollEvents::READ);
        client.head.notify_watchers(PollEvents::WRITE);
        Ok(())
    }

    /// connect(2) of a datagram socket: where sends go and receives come from.
    fn associate(&self, addr: &SockAddr) -> Result<()> {
        let peer = if addr.family() == AF_UNSPEC && addr.bytes().len() >= 2 {
            None
        } else {
            let peer = name::find(&name::parse(addr)?, self.kind)?;
            if peer.kind != self.kind {
                return Err(Errno::EPROTOTYPE);
            }
            Some(peer)
        };
        let old = core::mem::replace(&mut self.state.lock().peer, peer);
        drop(old);
        self.write_queue.wake_all();
        Ok(())
    }

    pub(super) fn accept_one(&self, nonblocking: bool) -> Result<Arc<UnixSocket>> {
        if !self.kind.connected() {
            return Err(Errno::EOPNOTSUPP);
        }
        loop {
            if !self.listening.load(Ordering::Acquire) || self.is_shut(NO_RECEIVE) {
                return Err(Errno::EINVAL);
            }
            if let Some(socket) = self.next_connection() {
                self.write_queue.wake_all();
                return Ok(socket);
            }
            let timeout = self.receive_timeout.load(Ordering::Relaxed);
            self.sleep(&self.head.queue, nonblocking, timeout, || self.waiting.load(Ordering::Acquire) > 0 || self.is_shut(NO_RECEIVE))?;
        }
    }

    fn next_connection(&self) -> Option<Arc<UnixSocket>> {
        let mut state = self.state.lock();
        let Phase::Listening(queue, _) = &mut state.phase else { return None };
        let socket = queue.pop_front();
        self.waiting.store(queue.len(), Ordering::Release);
        socket
    }

    pub(super) fn shut(&self, how: u32) -> Result<()> {
        if how > 2 {
            return Err(Errno::EINVAL);
        }
        let bits = how + 1;
        self.shutdown.fetch_or(bits, Ordering::AcqRel);
        if self.kind.connected()
            && let Some(peer) = self.peer_socket()
        {
            let mut theirs = 0;
            if bits & NO_RECEIVE != 0 {
                theirs |= NO_SEND;
            }
            if bits & NO_SEND != 0 {
                theirs |= NO_RECEIVE;
            }
            peer.shutdown.fetch_or(theirs, Ordering::AcqRel);
            peer.state_changed(ALL);
        }
        self.state_changed(ALL);
        Ok(())
    }

    /// The last descriptor is gone: tells the peer, lets go of everything.
    pub(super) fn end(&self) {
        self.dead.store(true, Ordering::Release);
        self.shutdown.fetch_or(NO_RECEIVE | NO_SEND, Ordering::AcqRel);
        let (peer, name, phase) = {
            let mut state = self.state.lock();
            (state.peer.take(), state.name.take(), core::mem::replace(&mut state.phase, Phase::Idle))
        };
        if let Some(name) = &name {
            name::give_up(name, self);
        }
        let messages = core::mem::take(&mut self.inbox.lock().messages);
        let unread = !messages.is_empty();
        if let Some(peer) = peer
            && self.kind.connected()
        {
            peer.hang_up(unread);
        }
        drop(messages);
        if let Phase::Listening(queue, _) = phase {
            for socket in queue {
                if let Some(client) = socket.state.lock().peer.clone() {
                    client.hang_up(true);
                }
                socket.end();
            }
        }
        self.state_changed(ALL);
    }

    /// The other end is gone, with or without data that it had not read.
    fn hang_up(&self, reset: bool) {
        self.shutdown.fetch_or(NO_RECEIVE | NO_SEND, Ordering::AcqRel);
        if reset {
            self.error.store(Errno::ECONNRESET.number(), Ordering::Release);
        }
        self.state_changed(ALL);
    }
}
