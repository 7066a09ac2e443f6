//! Device memory: registers ([`Mmio`]) and large read-only regions that are used in place ([`RoRegion`]).

use super::frame::{Borrowed, PAGE_SHIFT, PAGE_SIZE, Page, Pfn};
use super::kmap;
use crate::arch::imp::pte::KernelKind;

/// A window of device registers, mapped uncached.
#[derive(Clone)]
pub struct Mmio {
    base: usize,
    len: usize,
}

impl Mmio {
    /// Maps `len` bytes of device memory at `phys`; `None` if the range touches RAM or the address space for it is used up.
    pub fn map(phys: u64, len: usize) -> Option<Mmio> {
        kmap::map_device(phys, len, KernelKind::Device).map(|base| Mmio { base, len })
    }

    /// The part `[offset, offset+len)` of the window; `None` outside.
    pub fn window(&self, offset: usize, len: usize) -> Option<Mmio> {
        let inside = offset <= self.len && len <= self.len - offset;
        inside.then_some(Mmio { base: self.base + offset, len })
    }

    /// Reads a register; `offset` must be aligned and inside (else panics).
    #[inline]
    pub fn read<T: MmioWord>(&self, offset: usize) -> T {
        // SAFETY: a mapped device register, in bounds and aligned (checked).
        unsafe { self.register::<T>(offset).read_volatile() }
    }

    /// Writes a register.
    #[inline]
    pub fn write<T: MmioWord>(&self, offset: usize, value: T) {
        // SAFETY: as in `read`.
        unsafe { self.register::<T>(offset).write_volatile(value) }
    }

    #[inline]
    fn register<T>(&self, offset: usize) -> *mut T {
        assert!(offset <= self.len && self.len - offset >= size_of::<T>() && (self.base + offset).is_multiple_of(align_of::<T>()));
        (self.base + offset) as *mut T
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
    /// Physical address of the first byte, when it is page aligned.
    phys: Option<u64>,
}

impl RoRegion {
    /// Maps `len` bytes of a device's memory at `phys` (page aligned), write-back, read-only. Large pages are used where the alignment allows, so
    /// the cost does not grow with the length.
    pub fn map_device(phys: u64, len: usize) -> Option<RoRegion> {
        if !phys.is_multiple_of(PAGE_SIZE as u64) {
            return None;
        }
        let base = kmap::map_device(phys, len, KernelKind::ReadOnly)? as *const u8;
        // SAFETY: mapped for ever; that nobody writes it is what the caller knows about the device (the monitor maps the file read-only).
        let bytes = unsafe { core::slice::from_raw_parts(base, len) };
        Some(RoRegion { bytes, phys: Some(phys) })
    }

    /// A region over boot memory: a module or the payload. The bytes from its end to the end of the page must be zero (the boot code sees to it).
    pub fn from_boot(bytes: &'static [u8]) -> RoRegion {
        let phys = kmap::translate(bytes.as_ptr() as usize).filter(|pa| pa.is_multiple_of(PAGE_SIZE as u64));
        RoRegion { bytes, phys }
    }

    /// The bytes, readable in the kernel.
    #[inline]
    pub fn bytes(&self) -> &'static [u8] {
        self.bytes
    }

    /// The page at byte `offset` (page aligned in the region and in memory), to be mapped into an application; `None` outside.
    #[inline]
    pub fn page(&self, offset: usize) -> Option<Page> {
        let phys = self.phys?;
        if offset >= self.bytes.len() || !offset.is_multiple_of(PAGE_SIZE) {
            return None;
        }
        let pfn = Pfn((phys + offset as u64) >> PAGE_SHIFT);
        Some(Page::Borrowed(Borrowed { pfn, virt: self.bytes[offset..].as_ptr() }))
    }
}
