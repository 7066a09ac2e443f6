//! x86 port I/O for drivers, as claimed ranges.

use core::arch::asm;

use crate::arch::imp::regs::{inb, outb};

/// Ports that belong to hal: DMA, interrupt controllers, PIT, RTC.
const OWN: [(u16, u16); 5] = [(0x00, 0x20), (0x20, 0x22), (0x40, 0x44), (0x70, 0x72), (0xa0, 0xa2)];

/// A range of I/O ports.
#[derive(Debug, Clone, Copy)]
pub struct PortRange {
    base: u16,
    len: u16,
}

impl PortRange {
    /// Ports `[base, base+len)`. The interrupt controllers' and the PIT's ports belong to hal and are refused (panics: a driver bug).
    pub const fn new(base: u16, len: u16) -> PortRange {
        let end = base as u32 + len as u32;
        assert!(end <= 0x1_0000);
        let mut i = 0;
        while i < OWN.len() {
            assert!(base >= OWN[i].1 || end <= OWN[i].0 as u32, "these ports belong to hal");
            i += 1;
        }
        PortRange { base, len }
    }

    /// The port at `offset` for an access of `width` bytes.
    #[inline]
    fn port(&self, offset: u16, width: u16) -> u16 {
        assert!(offset < self.len && width <= self.len - offset, "port outside the range");
        self.base + offset
    }

    /// Reads a byte.
    #[inline]
    pub fn read_u8(&self, offset: u16) -> u8 {
        inb(self.port(offset, 1))
    }
    /// Writes a byte.
    #[inline]
    pub fn write_u8(&self, offset: u16, value: u8) {
        outb(self.port(offset, 1), value);
    }
    /// Reads a 16-bit word.
    #[inline]
    pub fn read_u16(&self, offset: u16) -> u16 {
        let value: u16;
        // SAFETY: a port of the claimed range; port reads touch no memory.
        unsafe { asm!("in ax, dx", in("dx") self.port(offset, 2), out("ax") value, options(nomem, nostack, preserves_flags)) };
        value
    }
    /// Writes a 16-bit word.
    #[inline]
    pub fn write_u16(&self, offset: u16, value: u16) {
        // SAFETY: a port of the claimed range.
        unsafe { asm!("out dx, ax", in("dx") self.port(offset, 2), in("ax") value, options(nostack, preserves_flags)) };
    }
    /// Reads a 32-bit word.
    #[inline]
    pub fn read_u32(&self, offset: u16) -> u32 {
        let value: u32;
        // SAFETY: a port of the claimed range; port reads touch no memory.
        unsafe { asm!("in eax, dx", in("dx") self.port(offset, 4), out("eax") value, options(nomem, nostack, preserves_flags)) };
        value
    }
    /// Writes a 32-bit word.
    #[inline]
    pub fn write_u32(&self, offset: u16, value: u32) {
        // SAFETY: a port of the claimed range.
        unsafe { asm!("out dx, eax", in("dx") self.port(offset, 4), in("eax") value, options(nostack, preserves_flags)) };
    }
    /// Writes `bytes` one by one to one port (`rep outsb`).
    pub fn write_bytes(&self, offset: u16, bytes: &[u8]) {
        let port = self.port(offset, 1);
        // SAFETY: reads `bytes` only; a port of the claimed range. DF is clear by the ABI.
        unsafe {
            asm!("rep outsb", in("dx") port, inout("rsi") bytes.as_ptr() => _, inout("rcx") bytes.len() => _, options(readonly, nostack, preserves_flags));
        }
    }
}
