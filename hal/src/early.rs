//! The console of last resort: what a dying kernel says goes to the control channel (port 0xe9) as `log error` lines and to the first
//! 16550. Both may be absent; writing to them then does nothing.

use core::fmt;

use crate::arch::imp::regs::{inb, outb};

const CONTROL: u16 = 0xe9;
const COM1: u16 = 0x3f8;
const LINE_STATUS: u16 = 5;
const TRANSMIT_EMPTY: u8 = 0x20;
/// A transmitter that is not ready after this many reads is not there.
const PATIENCE: u32 = 100_000;

/// Writes lines; a line begins with the channel's prefix.
pub(crate) struct Early {
    line_open: bool,
}

impl Early {
    pub(crate) fn new() -> Early {
        Early { line_open: false }
    }

    fn byte(&mut self, byte: u8) {
        if byte == b'\n' {
            self.line_open = false;
            control(b'\n');
            serial(b'\r');
            serial(b'\n');
            return;
        }
        if !self.line_open {
            self.line_open = true;
            b"log error ".iter().copied().for_each(control);
            b"unox: ".iter().copied().for_each(serial);
        }
        escaped(byte);
        serial(byte);
    }
}

impl fmt::Write for Early {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.bytes().for_each(|b| self.byte(b));
        Ok(())
    }
}

/// A control line of its own kind (`exit panic …`): only on port 0xe9.
pub(crate) struct ControlLine;

impl ControlLine {
    pub(crate) fn start(kind: &str) -> ControlLine {
        kind.bytes().for_each(control);
        ControlLine
    }

    pub(crate) fn end(self) {
        control(b'\n');
    }
}

impl fmt::Write for ControlLine {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.bytes().for_each(escaped);
        Ok(())
    }
}

/// Printable bytes as they are, others as `\xNN` (docs/boot-protocol.md, section 4).
fn escaped(byte: u8) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    if byte == b'\\' || !(0x20..0x7f).contains(&byte) {
        [b'\\', b'x', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]].into_iter().for_each(control);
    } else {
        control(byte);
    }
}

fn control(byte: u8) {
    outb(CONTROL, byte);
}

fn serial(byte: u8) {
    for _ in 0..PATIENCE {
        if inb(COM1 + LINE_STATUS) & TRANSMIT_EMPTY != 0 {
            break;
        }
    }
    outb(COM1, byte);
}
