//! Device memory: registers ([`Mmio`]) and large read-only regions that are used in place ([`RoRegion`]).

use super::frame::Page;

/// A window of device registers, mapped uncached.
#[derive(Clone)]
pub struct Mmio {
    _base: usize,
    _len: usize,
}

impl Mmio {
    /// Maps `len` bytes of device memory at `phys`; `None` if the range touches RAM or the address space for it is used up.
    pub fn map(_phys: u64, _len: usize) -> Option<Mmio> {
        todo!()
    }

    /// Reads a register; `offset` must be aligned and inside (else panics).
    pub fn read<T: MmioWord>(&self, _offset: usize) -> T {
        todo!()
    }

    /// Writes a register.
    pub fn write<T: MmioWord>(&self, _offset: usize, _value: T) {
        todo!()
    }
}

/// Register widths.
pub trait MmioWord: Copy + sealed::Sealed {}
impl MmioWord for u8 {}
impl MmioWord for u16 {}
impl MmioWord for u32 {}
impl MmioWord for u64 {}
mod sealed {
    pub trait Sealed {}
    impl Sealed for u8 {}
    impl Sealed for u16 {}
    impl Sealed for u32 {}
    impl Sealed for u64 {}
}

/// Memory that nobody writes for the life of the machine (the root image behind ivshmem, a module, the packed payload), page aligned.
#[derive(Clone, Copy)]
pub struct RoRegion {
    bytes: &'static [u8],
}

impl RoRegion {
    /// Maps `len` bytes of a device's memory at `phys` (page aligned), write-back, read-only. Page tables for it are made as it is touched.
    pub fn map_device(_phys: u64, _len: usize) -> Option<RoRegion> {
        todo!()
    }

    /// A region over boot memory: a module or the payload.
    pub fn from_boot(bytes: &'static [u8]) -> RoRegion {
        RoRegion { bytes }
    }

    /// The bytes, readable in the kernel.
    pub fn bytes(&self) -> &'static [u8] {
        self.bytes
    }

    /// The page at byte `offset` (page aligned in the region and in memory), to be mapped into an application; `None` outside.
    pub fn page(&self, _offset: usize) -> Option<Page> {
        todo!()
    }
}
