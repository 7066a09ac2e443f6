//! The virtio 9p device: carries requests of a 9p client to the file server in the host and replies back. What they mean is the client's affair (fs-9p); here
//! each has a buffer, and what is read or written goes straight between the host and the pages of files.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, Ordering};

use abi::{Errno, Result};
use hal::irq::IrqHandler;
use hal::mem::dma::DmaBuffer;
use hal::mem::{Frame, PAGE_SIZE};
use kernel::sync::Once;

use crate::queue::Part;
use crate::requests::{Requests, SLOTS, pages};
use crate::transport::{Transport, find_nth, negotiate, start};

/// Type number of a 9p transport device.
const DEVICE_9P: u32 = 9;
/// The configuration has the mount tag: length, then bytes.
const F_MOUNT_TAG: u64 = 1;
/// Bytes for a request, and again for its reply.
pub const AREA: usize = 8192;
/// Pages that one request may carry.
pub const PAGES: usize = 32;
/// Bytes of a reply in front of the data of a read: size, type, tag, count. A refusal fits too.
const READ_HEADER: usize = 11;
/// Size, type, tag.
const HEADER: usize = 7;

/// Data that goes with a request, from byte `from` of the pages on.
#[derive(Clone, Copy)]
pub enum Payload<'a> {
    /// None.
    None,
    /// Bytes `from..to` of the pages follow the request.
    Out(&'a [Frame], usize, usize),
    /// The data of the reply goes into the pages from byte `from` on, up to their end.
    In(&'a [Frame], usize),
}

/// One device: one exported directory.
pub struct Channel {
    tag: Box<[u8]>,
    requests: Requests,
    in_use: AtomicBool,
    buffers: [Once<DmaBuffer>; SLOTS],
}

static CHANNELS: Once<Vec<Channel>> = Once::new();

struct Interrupt;

impl IrqHandler for Interrupt {
    fn handle(&self) {
        for channel in CHANNELS.get().into_iter().flatten() {
            channel.requests.interrupt();
        }
    }
}

/// All devices of the machine, started.
fn channels() -> &'static [Channel] {
    if let Some(channels) = CHANNELS.get() {
        return channels;
    }
    let mut found = Vec::new();
    while let Some(transport) = find_nth(DEVICE_9P, found.len()) {
        found.push(transport);
    }
    let mut started = Vec::new();
    while let Some(transport) = found.pop() {
        started.extend(Channel::start(transport));
    }
    let fresh = CHANNELS.get_or_init(|| started);
    for channel in fresh {
        let _ = channel.requests.transport().connect(&Interrupt);
    }
    fresh
}

/// Takes the channel whose mount tag is `tag` for one client: ENOENT when the machine has none, EBUSY when somebody has it.
pub fn open(tag: &[u8]) -> Result<&'static Channel> {
    let channel = channels().iter().find(|c| *c.tag == *tag).ok_or(Errno::ENOENT)?;
    if channel.in_use.swap(true, Ordering::AcqRel) { Err(Errno::EBUSY) } else { Ok(channel) }
}

impl Channel {
    fn start(transport: Box<dyn Transport>) -> Option<Channel> {
        let features = negotiate(&*transport, F_MOUNT_TAG)?;
        let requests = Requests::new(transport)?;
        let transport = requests.transport();
        start(transport);
        let len = u16::from_le_bytes([transport.config(0), transport.config(1)]);
        let tag =
            if features & F_MOUNT_TAG != 0 { (0..usize::from(len)).map(|i| transport.config(2 + i)).collect() } else { Box::default() };
        Some(Channel { tag, requests, in_use: AtomicBool::new(false), buffers: [const { Once::new() }; SLOTS] })
    }

    /// The client is gone; another may come.
    pub fn close(&self) {
        self.in_use.store(false, Ordering::Release);
    }

    /// Sends `request` (its tag is filled in here) and waits for the reply, which no signal ends: the host may be writing into the pages. Gives the reply
    /// without the bytes that went into pages; EIO for one that is not sound, EMSGSIZE for a request that is too long.
    pub fn exchange(&self, request: &[u8], payload: Payload<'_>) -> Result<Vec<u8>> {
        let slot = self.requests.take();
        let sent = self.send(slot, request, payload);
        let len = sent.and_then(|()| self.requests.reply(slot, None, || false).ok_or(Errno::EIO));
        let reply = len.and_then(|len| self.reply(slot, len, matches!(payload, Payload::In(..))));
        self.requests.release(slot);
        reply
    }

    /// Puts a request on its way whose reply nobody needs, with the next that is sent; false when there is no room now.
    pub fn post(&self, request: &[u8]) -> bool {
        let Some(slot) = self.requests.take_spare() else { return false };
        let sent = self.send(slot, request, Payload::None).is_ok();
        self.requests.abandon(slot);
        sent
    }

    /// Makes the request available to the device.
    fn send(&self, slot: usize, request: &[u8], payload: Payload<'_>) -> Result<()> {
        if request.len() > AREA {
            return Err(Errno::EMSGSIZE);
        }
        let buffer = match self.buffers[slot].get() {
            Some(buffer) => buffer,
            None => {
                let fresh = DmaBuffer::new(2 * AREA).ok_or(Errno::ENOMEM)?;
                self.buffers[slot].get_or_init(|| fresh)
            }
        };
        buffer.write(0, request);
        // Tversion has no tag (NOTAG); any other is known by its slot.
        const TVERSION: u8 = 100;
        if request.get(4) != Some(&TVERSION) {
            buffer.write(5, &tag(slot));
        }
        let mut parts = [(0, 0, false); PAGES + 3];
        let mut n = 0;
        let mut part = |part: Part| {
            if part.1 > 0 && n < PAGES + 3 {
                parts[n] = part;
                n += 1;
            }
        };
        part((buffer.phys(), request.len() as u32, false)); // at most AREA
        if let Payload::Out(frames, from, to) = payload {
            pages(frames, from, to, &mut |phys, len| part((phys, len, false)));
        }
        let room = if let Payload::In(..) = payload { READ_HEADER } else { AREA };
        part((buffer.phys() + AREA as u64, room as u32, true)); // constants that fit
        if let Payload::In(frames, from) = payload {
            pages(frames, from, frames.len() * PAGE_SIZE, &mut |phys, len| part((phys, len, true)));
        }
        self.requests.send(slot, &parts[..n], None)
    }

    /// The reply in slot `slot`, of which the device says that it wrote `len` bytes.
    fn reply(&self, slot: usize, len: u32, in_pages: bool) -> Result<Vec<u8>> {
        let buffer = self.buffers[slot].get().ok_or(Errno::EIO)?;
        let len = usize::try_from(len).map_err(|_| Errno::EIO)?;
        let mut header = [0; HEADER];
        buffer.read(AREA, &mut header);
        let size = u32::from_le_bytes([header[0], header[1], header[2], header[3]]);
        let size = usize::try_from(size).ok().filter(|s| (HEADER..=len).contains(s)).ok_or(Errno::EIO)?;
        let mut reply = alloc::vec![0; size.min(if in_pages { READ_HEADER } else { AREA })];
        buffer.read(AREA, &mut reply);
        let mut sent = [0; 2];
        buffer.read(5, &mut sent);
        if header[5..] == sent { Ok(reply) } else { Err(Errno::EIO) }
    }
}

fn tag(slot: usize) -> [u8; 2] {
    (slot as u16).to_le_bytes() // below SLOTS
}
