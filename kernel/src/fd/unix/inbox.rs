//! What a socket has received and nobody has read.

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::Ordering;

use crate::fd::hooks::Peer;
use crate::poll::PollEvents;

use super::UnixSocket;
use super::rights::Rights;

/// Bytes that the bookkeeping of one message counts for, so that empty messages are not free.
const OVERHEAD: usize = 512;

/// One message, or one piece of a stream.
pub struct Message {
    pub data: Vec<u8>,
    /// Bytes of `data` that were read already.
    pub taken: usize,
    pub rights: Rights,
    pub cred: Peer,
    /// Who sent it: its name is the message's source, and its `in_flight` counts the message.
    pub sender: Arc<UnixSocket>,
    charge: usize,
}

impl Message {
    /// A message that counts against `sender`.
    pub fn new(data: Vec<u8>, rights: Rights, cred: Peer, sender: Arc<UnixSocket>) -> Message {
        let charge = charge_of(data.len());
        sender.in_flight.fetch_add(charge, Ordering::AcqRel);
        Message { data, taken: 0, rights, cred, sender, charge }
    }

    /// What is left.
    pub fn rest(&self) -> &[u8] {
        &self.data[self.taken..]
    }
}

/// What a message of `len` bytes counts for.
pub fn charge_of(len: usize) -> usize {
    len.next_multiple_of(256).saturating_add(OVERHEAD)
}

impl Drop for Message {
    fn drop(&mut self) {
        self.sender.in_flight.fetch_sub(self.charge, Ordering::AcqRel);
        if self.sender.writable() {
            self.sender.write_queue.wake_all();
            self.sender.head.notify_watchers(PollEvents::WRITE | PollEvents::WRBAND);
        }
    }
}

/// Messages in order of arrival.
pub struct Inbox {
    pub messages: VecDeque<Message>,
}

impl Inbox {
    pub const fn new() -> Inbox {
        Inbox { messages: VecDeque::new() }
    }

    /// Bytes that a stream has to read.
    pub fn bytes(&self) -> usize {
        self.messages.iter().map(|message| message.rest().len()).sum()
    }
}
