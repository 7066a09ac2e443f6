//! virtio over MMIO (virtio 1.2, 4.2), as on QEMU's microvm.

use hal::irq::{IrqError, IrqHandler, connect};
use hal::mem::mmio::Mmio;
use kernel::sync::Once;

use crate::queue::Queue;
use crate::transport::Transport;

/// microvm's transports (QEMU hw/i386/microvm.h): 24 windows of 512 bytes; device i has input i of the second IOAPIC, whose first GSI is 24. Without ACPI there
/// are 8 of them, on GSI 5 and up, and QEMU names those on the command line.
const BASE: u64 = 0xfeb0_0000;
const STRIDE: usize = 512;
const COUNT: u32 = 24;
const FIRST_GSI: u32 = 24;

const MAGIC: usize = 0x00;
const VERSION: usize = 0x04;
const DEVICE_ID: usize = 0x08;
const DEVICE_FEATURES: usize = 0x10;
const DEVICE_FEATURES_SEL: usize = 0x14;
const DRIVER_FEATURES: usize = 0x20;
const DRIVER_FEATURES_SEL: usize = 0x24;
const QUEUE_SEL: usize = 0x30;
const QUEUE_NUM_MAX: usize = 0x34;
const QUEUE_NUM: usize = 0x38;
const QUEUE_READY: usize = 0x44;
const QUEUE_NOTIFY: usize = 0x50;
const INTERRUPT_STATUS: usize = 0x60;
const INTERRUPT_ACK: usize = 0x64;
const STATUS: usize = 0x70;
const QUEUE_DESC: usize = 0x80;
const QUEUE_DRIVER: usize = 0x90;
const QUEUE_DEVICE: usize = 0xa0;
const CONFIG: usize = 0x100;

/// Whether the machine has the windows: set by boot, since reading there on a PC reads something else.
static PRESENT: Once<bool> = Once::new();

/// Says whether this machine has microvm's windows.
pub fn set_present(present: bool) {
    let _ = PRESENT.set(present);
}

/// One window.
pub struct MmioTransport {
    regs: Mmio,
    gsi: u32,
}

impl MmioTransport {
    /// The device of this type in the highest window (QEMU fills them from the top), or the `nth` below it.
    pub fn find(device_type: u32, nth: usize) -> Option<MmioTransport> {
        if PRESENT.get() != Some(&true) {
            return None;
        }
        let all = Mmio::map(BASE, STRIDE * 24)?;
        let mut windows = (0..COUNT).rev().filter_map(|index| {
            let regs = all.window(STRIDE * usize::try_from(index).ok()?, STRIDE)?;
            let magic = regs.read::<u32>(MAGIC) == u32::from_le_bytes(*b"virt");
            (magic && regs.read::<u32>(VERSION) == 2 && regs.read::<u32>(DEVICE_ID) == device_type)
                .then_some(MmioTransport { regs, gsi: FIRST_GSI + index })
        });
        windows.nth(nth)
    }

    fn write_address(&self, register: usize, phys: u64) {
        self.regs.write::<u32>(register, (phys & 0xffff_ffff) as u32); // the low half
        self.regs.write::<u32>(register + 4, (phys >> 32) as u32); // the high half
    }
}

impl Transport for MmioTransport {
    fn status(&self) -> u8 {
        (self.regs.read::<u32>(STATUS) & 0xff) as u8 // masked
    }

    fn set_status(&self, status: u8) {
        self.regs.write::<u32>(STATUS, u32::from(status));
    }

    fn device_features(&self) -> u64 {
        self.regs.write::<u32>(DEVICE_FEATURES_SEL, 0);
        let low = self.regs.read::<u32>(DEVICE_FEATURES);
        self.regs.write::<u32>(DEVICE_FEATURES_SEL, 1);
        u64::from(self.regs.read::<u32>(DEVICE_FEATURES)) << 32 | u64::from(low)
    }

    fn set_driver_features(&self, features: u64) {
        self.regs.write::<u32>(DRIVER_FEATURES_SEL, 0);
        self.regs.write::<u32>(DRIVER_FEATURES, (features & 0xffff_ffff) as u32); // the low half
        self.regs.write::<u32>(DRIVER_FEATURES_SEL, 1);
        self.regs.write::<u32>(DRIVER_FEATURES, (features >> 32) as u32); // the high half
    }

    fn max_queue_size(&self, index: u16) -> u16 {
        self.regs.write::<u32>(QUEUE_SEL, u32::from(index));
        u16::try_from(self.regs.read::<u32>(QUEUE_NUM_MAX)).unwrap_or(u16::MAX)
    }

    fn set_queue(&self, index: u16, queue: &Queue) {
        self.regs.write::<u32>(QUEUE_SEL, u32::from(index));
        self.regs.write::<u32>(QUEUE_NUM, u32::from(queue.size()));
        self.write_address(QUEUE_DESC, queue.descriptors());
        self.write_address(QUEUE_DRIVER, queue.available());
        self.write_address(QUEUE_DEVICE, queue.used());
        self.regs.write::<u32>(QUEUE_READY, 1);
    }

    fn notify(&self, index: u16) {
        self.regs.write::<u32>(QUEUE_NOTIFY, u32::from(index));
    }

    fn config(&self, offset: usize) -> u8 {
        if offset < STRIDE - CONFIG { self.regs.read::<u8>(CONFIG + offset) } else { 0 }
    }

    fn acknowledge_interrupt(&self) -> bool {
        let pending = self.regs.read::<u32>(INTERRUPT_STATUS);
        self.regs.write::<u32>(INTERRUPT_ACK, pending);
        pending != 0
    }

    fn connect(&self, handler: &'static dyn IrqHandler) -> Result<(), IrqError> {
        connect(self.gsi, false, handler)
    }
}
