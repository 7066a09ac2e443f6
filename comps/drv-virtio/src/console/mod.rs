//! The virtio console with several ports (virtio 1.2, 5.3): the program's stdin, stdout, stderr, terminal and the host's control lines.
//!
//! Nothing is touched before a port is first used: a program that prints nothing pays nothing. Then only that port's queue is set up, and ports are announced
//! one by one (PORT_READY, PORT_OPEN) without the whole DEVICE_READY round of all ports.

mod control;
mod input;
mod output;

use alloc::boxed::Box;

use hal::irq::IrqHandler;
use kernel::poll::{PollEvents, PollHead};
use kernel::sync::{Mutex, Once};

use crate::transport::{Transport, find, negotiate, start};
use control::Control;
use input::Input;
use output::Output;

/// Type number of a console device.
const DEVICE_CONSOLE: u32 = 3;
const F_MULTIPORT: u64 = 1 << 1;
/// Ports of docs/boot-protocol.md; port 0 belongs to plain consoles and stays unused.
pub const PORTS: usize = 6;

/// The ports by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum PortId {
    /// Host to guest.
    Stdin = 1,
    /// Guest to host.
    Stdout = 2,
    /// Guest to host.
    Stderr = 3,
    /// Host to guest: control lines.
    Control = 4,
    /// Both ways.
    Terminal = 5,
}

/// One port: what its user locks, and what the interrupt handler tells.
pub struct Port {
    id: PortId,
    /// Readiness, told by the interrupt handler.
    pub head: PollHead,
    input: Mutex<Option<Input>>,
    output: Mutex<Option<Output>>,
}

impl Port {
    const fn new(id: PortId) -> Port {
        Port { id, head: PollHead::new(), input: Mutex::new(None), output: Mutex::new(None) }
    }

    fn number(&self) -> u16 {
        u16::from(self.id as u8) // the discriminant
    }

    /// Index of the receive queue; the transmit queue follows it (virtio 1.2, 5.3.2).
    fn receive_queue(&self) -> u16 {
        2 + 2 * self.number()
    }
}

static ALL: [Port; PORTS - 1] = [
    Port::new(PortId::Stdin),
    Port::new(PortId::Stdout),
    Port::new(PortId::Stderr),
    Port::new(PortId::Control),
    Port::new(PortId::Terminal),
];

/// The device, once found and started.
struct Console {
    transport: Box<dyn Transport>,
    control: Control,
}

static CONSOLE: Once<Option<Console>> = Once::new();
static STARTING: Mutex<()> = Mutex::new(());

/// The port; `None` when the machine has no console device.
pub fn port(id: PortId) -> Option<&'static Port> {
    console()?;
    ALL.iter().find(|port| port.id == id)
}

fn console() -> Option<&'static Console> {
    if let Some(console) = CONSOLE.get() {
        return console.as_ref();
    }
    let _starting = STARTING.lock();
    if CONSOLE.get().is_none() {
        let console = start_device();
        let _ = CONSOLE.set(console);
        if let Some(Some(console)) = CONSOLE.get() {
            // Without an interrupt input would never be seen; output still works by looking.
            let _ = console.transport.connect(&Interrupt);
        }
    }
    CONSOLE.get()?.as_ref()
}

fn start_device() -> Option<Console> {
    let transport = find(DEVICE_CONSOLE)?;
    let features = negotiate(&*transport, F_MULTIPORT)?;
    if features & F_MULTIPORT == 0 {
        return None;
    }
    let control = Control::new(&*transport)?;
    start(&*transport);
    control.begin(&*transport);
    Some(Console { transport, control })
}

/// The device's interrupt: control messages, then everybody looks at their queues.
struct Interrupt;

impl IrqHandler for Interrupt {
    fn handle(&self) {
        let Some(Some(console)) = CONSOLE.get() else { return };
        console.transport.acknowledge_interrupt();
        console.control.receive(&*console.transport);
        for port in &ALL {
            port.head.notify(PollEvents::IN | PollEvents::OUT | PollEvents::RDNORM | PollEvents::WRNORM);
        }
    }
}

/// Waits until the host has taken everything that was written, or has gone away. For the end of the machine.
pub fn drain() {
    if let Some(Some(console)) = CONSOLE.get() {
        for port in &ALL {
            port.drain(console);
        }
    }
}
