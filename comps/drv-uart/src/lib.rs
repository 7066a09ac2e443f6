//! The 16550 UART at 0x3f8 (PC16550D data sheet): console of last resort, and the only one under plain QEMU.
#![no_std]
#![forbid(unsafe_code)]

use core::sync::atomic::{AtomicBool, Ordering};

use hal::irq::{IrqHandler, connect};
use hal::port::PortRange;
use kernel::control::Sink;
use kernel::poll::{PollEvents, PollHead};
use kernel::sync::Once;

const COM1: PortRange = PortRange::new(0x3f8, 8);
/// COM1's interrupt on PC machines.
const GSI: u32 = 4;

const DATA: u16 = 0;
const INTERRUPT_ENABLE: u16 = 1;
const FIFO_CONTROL: u16 = 2;
const LINE_CONTROL: u16 = 3;
const MODEM_CONTROL: u16 = 4;
const LINE_STATUS: u16 = 5;
const SCRATCH: u16 = 7;

const RECEIVE_READY: u8 = 1;
const TRANSMIT_EMPTY: u8 = 0x20;
/// Bytes the transmit FIFO takes once it is empty.
const FIFO: usize = 16;
/// Looks at the line status before a byte is given up: a port that never gets empty is not there.
const PATIENCE: u32 = 100_000;

static PRESENT: Once<bool> = Once::new();
static BROKEN: AtomicBool = AtomicBool::new(false);

/// Whether the port exists (its scratch register remembers); sets it up at the first call.
pub fn present() -> bool {
    *PRESENT.get_or_init(|| {
        COM1.write_u8(SCRATCH, 0xa5);
        if COM1.read_u8(SCRATCH) != 0xa5 {
            return false;
        }
        COM1.write_u8(INTERRUPT_ENABLE, 0);
        COM1.write_u8(LINE_CONTROL, 0x03); // 8N1; the speed means nothing to a virtual line
        COM1.write_u8(FIFO_CONTROL, 0x07); // FIFOs on and empty
        COM1.write_u8(MODEM_CONTROL, 0x0b); // DTR, RTS, interrupts out
        true
    })
}

/// Sends bytes, waiting for the line.
pub fn send(bytes: &[u8]) {
    if !present() || BROKEN.load(Ordering::Relaxed) {
        return;
    }
    for chunk in bytes.chunks(FIFO) {
        let mut tries = 0;
        while COM1.read_u8(LINE_STATUS) & TRANSMIT_EMPTY == 0 {
            tries += 1;
            if tries == PATIENCE {
                BROKEN.store(true, Ordering::Relaxed);
                return;
            }
            core::hint::spin_loop();
        }
        COM1.write_bytes(DATA, chunk);
    }
}

/// Whoever waits for input.
pub static HEAD: PollHead = PollHead::new();

struct Interrupt;

impl IrqHandler for Interrupt {
    fn handle(&self) {
        // Level by nature, edge by wiring: off until the reader has emptied the FIFO, or the next byte would make no edge.
        COM1.write_u8(INTERRUPT_ENABLE, 0);
        HEAD.notify(PollEvents::IN);
    }
}

/// Starts receiving.
pub fn start_receiving() {
    if present() && connect(GSI, false, &Interrupt).is_ok() {
        COM1.write_u8(INTERRUPT_ENABLE, 1);
    }
}

/// Whether a byte waits.
pub fn readable() -> bool {
    present() && COM1.read_u8(LINE_STATUS) & RECEIVE_READY != 0
}

/// Takes what waits, up to `dst.len()` bytes; the interrupt is on again afterwards.
pub fn receive(dst: &mut [u8]) -> usize {
    let mut count = 0;
    while count < dst.len() && readable() {
        dst[count] = COM1.read_u8(DATA);
        count += 1;
    }
    COM1.write_u8(INTERRUPT_ENABLE, 1);
    count
}

/// Control lines as text for a person: `unox: ` and the line.
pub struct SerialSink;

impl Sink for SerialSink {
    fn write(&self, bytes: &[u8]) {
        send(bytes);
    }

    fn prefix(&self) -> &'static str {
        "unox: "
    }
}
