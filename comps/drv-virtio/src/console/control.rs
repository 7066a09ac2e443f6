//! The control queues: small messages about ports.

use core::sync::atomic::{AtomicU32, Ordering};

use hal::mem::dma::DmaBuffer;
use kernel::sync::IrqSpinLock;

use crate::queue::Queue;
use crate::transport::Transport;

/// Queue numbers (virtio 1.2, 5.3.2).
const RECEIVE: u16 = 2;
const TRANSMIT: u16 = 3;
/// Messages (virtio 1.2, 5.3.6.2).
const PORT_READY: u16 = 3;
const PORT_OPEN: u16 = 6;
/// A message: id, event, value; a name may follow.
const MESSAGE: usize = 8;
const SLOT: usize = 64;
const SLOTS: u16 = 16;

/// Both control queues; the interrupt handler takes them too.
pub struct Control {
    queues: IrqSpinLock<Queues>,
    /// Bit n: the host has closed its side of port n.
    closed: AtomicU32,
}

struct Queues {
    receive: Queue,
    transmit: Queue,
    buffers: DmaBuffer,
}

impl Control {
    pub fn new(transport: &dyn Transport) -> Option<Control> {
        let receive = Queue::new(SLOTS)?;
        let mut transmit = Queue::new(SLOTS)?;
        transmit.set_interrupts(false);
        transport.set_queue(RECEIVE, &receive);
        transport.set_queue(TRANSMIT, &transmit);
        let buffers = DmaBuffer::new(2 * SLOT * usize::from(SLOTS))?;
        Some(Control { queues: IrqSpinLock::new(Queues { receive, transmit, buffers }), closed: AtomicU32::new(0) })
    }

    /// Gives the device buffers for its messages.
    pub fn begin(&self, transport: &dyn Transport) {
        let mut queues = self.queues.lock();
        let base = queues.buffers.phys();
        for slot in 0..u64::from(SLOTS) {
            queues.receive.add(base + slot * SLOT as u64, SLOT as u32, true); // constants that fit
        }
        drop(queues);
        transport.notify(RECEIVE);
    }

    /// Tells the device that the guest uses `port` from now on.
    pub fn open_port(&self, transport: &dyn Transport, port: u16) {
        self.send(transport, port, PORT_READY, 1);
        self.send(transport, port, PORT_OPEN, 1);
    }

    fn send(&self, transport: &dyn Transport, port: u16, event: u16, value: u16) {
        let mut queues = self.queues.lock();
        while queues.transmit.take_used().is_some() {}
        // Sixteen messages in flight and none taken: the device is not working, and nothing here can help it.
        if !queues.transmit.has_room() {
            return;
        }
        let mut message = [0u8; MESSAGE];
        message[..4].copy_from_slice(&u32::from(port).to_le_bytes());
        message[4..6].copy_from_slice(&event.to_le_bytes());
        message[6..].copy_from_slice(&value.to_le_bytes());
        // A slot of its own for each port and event, so that a message on its way is not overwritten by another.
        let slot = usize::from(SLOTS) + usize::from(port * 2 + u16::from(event == PORT_OPEN)) % usize::from(SLOTS);
        queues.buffers.write(slot * SLOT, &message);
        let phys = queues.buffers.phys() + (slot * SLOT) as u64; // widening
        queues.transmit.add(phys, MESSAGE as u32, false); // a constant that fits
        drop(queues);
        transport.notify(TRANSMIT);
    }

    /// Reads what the device said. Runs in the interrupt handler too.
    pub fn receive(&self, transport: &dyn Transport) {
        let mut queues = self.queues.lock();
        let mut any = false;
        while let Some((slot, len)) = queues.receive.take_used() {
            any = true;
            let at = usize::from(slot) * SLOT;
            if len as usize >= MESSAGE {
                let mut message = [0u8; MESSAGE];
                queues.buffers.read(at, &mut message);
                self.take(&message);
            }
            let phys = queues.buffers.phys() + at as u64; // widening
            queues.receive.add(phys, SLOT as u32, true); // a constant that fits
        }
        drop(queues);
        if any {
            transport.notify(RECEIVE);
        }
    }

    fn take(&self, message: &[u8; MESSAGE]) {
        let port = u32::from_le_bytes([message[0], message[1], message[2], message[3]]);
        let event = u16::from_le_bytes([message[4], message[5]]);
        if event == PORT_OPEN && port < 32 {
            if message[6] == 0 {
                self.closed.fetch_or(1 << port, Ordering::Relaxed);
            } else {
                self.closed.fetch_and(!(1 << port), Ordering::Relaxed);
            }
        }
    }

    /// Whether the host has closed its side of `port`.
    pub fn is_closed(&self, port: u16) -> bool {
        self.closed.load(Ordering::Relaxed) >> port & 1 != 0
    }
}
