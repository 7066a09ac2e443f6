//! One PCI function (function 0 of a slot on bus 0: virtual machines have no others that matter here).

use core::sync::atomic::{AtomicU64, Ordering};

use crate::config::{read32, write32};

const COMMAND: u16 = 0x04;
const BAR0: u16 = 0x10;
const CAPABILITIES: u16 = 0x34;
const COMMAND_MEMORY: u32 = 1 << 1;
const COMMAND_MASTER: u32 = 1 << 2;
const COMMAND_IO: u32 = 1;
const STATUS_CAPABILITIES: u32 = 1 << 20;

/// Where BARs go that the firmware left unassigned. microvm's 32-bit window starts here (QEMU hw/i386/microvm.h, PCIE_MMIO_BASE) and is 512 MiB long.
static NEXT_BAR: AtomicU64 = AtomicU64::new(0xc000_0000);
const BAR_WINDOW_END: u64 = 0xe000_0000;

/// A function of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Device {
    slot: u8,
}

/// A memory BAR.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar {
    /// Physical address.
    pub phys: u64,
    /// Bytes.
    pub len: u64,
}

/// The first device after `after` whose vendor is `vendor` and for whose device id `wanted` is true.
pub fn find(after: Option<Device>, vendor: u16, wanted: impl Fn(u16) -> bool) -> Option<Device> {
    let first = after.map_or(0, |d| d.slot + 1);
    (first..32).map(|slot| Device { slot }).find(|device| {
        let id = read32(device.slot, 0);
        id & 0xffff == u32::from(vendor) && wanted((id >> 16) as u16) // the high half
    })
}

impl Device {
    /// The device id.
    pub fn device_id(self) -> u16 {
        (read32(self.slot, 0) >> 16) as u16 // the high half
    }

    /// Reads the double word at `register`.
    pub fn read(self, register: u16) -> u32 {
        read32(self.slot, register)
    }

    /// Writes the double word at `register`.
    pub fn write(self, register: u16, value: u32) {
        write32(self.slot, register, value);
    }

    /// Lets the device answer memory accesses and, if `master`, make its own.
    pub fn enable(self, master: bool) {
        let bits = COMMAND_IO | COMMAND_MEMORY | if master { COMMAND_MASTER } else { 0 };
        // The upper half is the status register, whose bits are cleared by writing ones: write zeros there.
        self.write(COMMAND, (self.read(COMMAND) & 0xffff) | bits);
    }

    /// The interrupt line the firmware set (a GSI on PC machines), `None` when it set none.
    pub fn interrupt_line(self) -> Option<u32> {
        let line = self.read(0x3c) & 0xff;
        (line != 0 && line != 0xff).then_some(line)
    }

    /// Memory BAR `index`, sized and, if the firmware left it unassigned, placed. Decoding must be off or not yet used.
    pub fn memory_bar(self, index: u16) -> Option<Bar> {
        let register = BAR0 + index * 4;
        let low = self.read(register);
        if low & 1 != 0 {
            return None; // an I/O BAR
        }
        let wide = low & 6 == 4;
        let high = if wide { self.read(register + 4) } else { 0 };
        self.write(register, !0);
        let mut mask = u64::from(self.read(register) & !0xf);
        if wide {
            self.write(register + 4, !0);
            mask |= u64::from(self.read(register + 4)) << 32;
        } else if mask != 0 {
            mask |= 0xffff_ffff << 32;
        }
        if mask == 0 {
            return None;
        }
        let len = mask.wrapping_neg();
        let mut phys = u64::from(high) << 32 | u64::from(low & !0xf);
        if phys == 0 || phys | 0xf == u64::MAX >> if wide { 0 } else { 32 } {
            phys = place(len)?;
        }
        self.write(register, (phys & 0xffff_ffff) as u32 | (low & 0xf)); // the low half
        if wide {
            self.write(register + 4, (phys >> 32) as u32); // the high half
        }
        Some(Bar { phys, len })
    }

    /// The capabilities (PCI 3.0, 6.7): (id, offset). A looping list ends after 48 steps.
    pub fn capabilities(self) -> impl Iterator<Item = (u8, u16)> {
        let has = self.read(COMMAND) & STATUS_CAPABILITIES != 0;
        let mut next = if has { (self.read(CAPABILITIES) & 0xfc) as u16 } else { 0 }; // masked to 8 bits
        let mut steps = 48;
        core::iter::from_fn(move || {
            if next == 0 || steps == 0 {
                return None;
            }
            steps -= 1;
            let at = next;
            let head = self.read(at);
            next = ((head >> 8) & 0xfc) as u16; // masked to 8 bits
            Some(((head & 0xff) as u8, at)) // masked
        })
    }
}

/// A naturally aligned place of `len` bytes in the 32-bit window, or above 4 GiB when it does not fit there.
fn place(len: u64) -> Option<u64> {
    // microvm's 64-bit window is the topmost quarter of the physical address space (QEMU hw/i386/microvm.c, create_gpex).
    static NEXT_HIGH: AtomicU64 = AtomicU64::new(0);
    let space = 1u64 << hal::cpu::physical_bits().clamp(36, 52);
    NEXT_HIGH.fetch_max(space - space / 4, Ordering::Relaxed);
    let take = |next: &AtomicU64, end: u64| {
        let mut at = 0;
        next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |from| {
            at = from.checked_next_multiple_of(len)?;
            at.checked_add(len).filter(|e| *e <= end)
        })
        .ok()
        .map(|_| at)
    };
    take(&NEXT_BAR, BAR_WINDOW_END).or_else(|| take(&NEXT_HIGH, space))
}
