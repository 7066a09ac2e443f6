//! Memory for devices: physically contiguous, written and read by volatile copies, never borrowed as Rust references.

/// A zeroed, physically contiguous buffer.
pub struct DmaBuffer {
    _phys: u64,
    len: usize,
}

impl DmaBuffer {
    /// `len` bytes rounded up to pages.
    pub fn new(_len: usize) -> Option<DmaBuffer> {
        todo!()
    }

    /// Physical address of byte 0.
    pub fn phys(&self) -> u64 {
        self._phys
    }

    /// Bytes.
    #[allow(clippy::len_without_is_empty)] // never empty
    pub fn len(&self) -> usize {
        self.len
    }

    /// Copies out, bounds checked (panics: a driver bug).
    pub fn read(&self, _offset: usize, _dst: &mut [u8]) {
        todo!()
    }

    /// Copies in, bounds checked.
    pub fn write(&self, _offset: usize, _src: &[u8]) {
        todo!()
    }

    /// Volatile load of a little-endian word with acquire order.
    pub fn load_u16(&self, _offset: usize) -> u16 {
        todo!()
    }

    /// Volatile load with acquire order.
    pub fn load_u32(&self, _offset: usize) -> u32 {
        todo!()
    }

    /// Volatile store with release order.
    pub fn store_u16(&self, _offset: usize, _value: u16) {
        todo!()
    }
}
