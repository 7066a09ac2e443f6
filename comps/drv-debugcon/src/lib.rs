//! isa-debugcon: a port whose bytes go straight to a file of the host. unox sends its control lines there (docs/boot-protocol.md, section 4), because it works in
//! the first instruction of the kernel and in the last one of a panic.
#![no_std]
#![forbid(unsafe_code)]

use hal::port::PortRange;
use kernel::control::Sink;

const PORT: PortRange = PortRange::new(0xe9, 1);

/// The sink for control lines.
pub struct DebugConsole;

impl Sink for DebugConsole {
    fn write(&self, bytes: &[u8]) {
        PORT.write_bytes(0, bytes);
    }
}
