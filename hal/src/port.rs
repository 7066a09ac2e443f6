//! x86 port I/O for drivers, as claimed ranges.

/// A range of I/O ports.
#[derive(Debug, Clone, Copy)]
pub struct PortRange {
    base: u16,
    len: u16,
}

impl PortRange {
    /// Ports `[base, base+len)`. The interrupt controllers' and the PIT's ports belong to hal and are refused (panics: a driver bug).
    pub const fn new(base: u16, len: u16) -> PortRange {
        PortRange { base, len }
    }

    /// Reads a byte.
    pub fn read_u8(&self, offset: u16) -> u8 {
        let _ = (self.base, self.len, offset);
        todo!()
    }
    /// Writes a byte.
    pub fn write_u8(&self, _offset: u16, _value: u8) {
        todo!()
    }
    /// Reads a 16-bit word.
    pub fn read_u16(&self, _offset: u16) -> u16 {
        todo!()
    }
    /// Writes a 16-bit word.
    pub fn write_u16(&self, _offset: u16, _value: u16) {
        todo!()
    }
    /// Reads a 32-bit word.
    pub fn read_u32(&self, _offset: u16) -> u32 {
        todo!()
    }
    /// Writes a 32-bit word.
    pub fn write_u32(&self, _offset: u16, _value: u32) {
        todo!()
    }
    /// Writes `bytes` one by one to one port (`rep outsb`).
    pub fn write_bytes(&self, _offset: u16, _bytes: &[u8]) {
        todo!()
    }
}
