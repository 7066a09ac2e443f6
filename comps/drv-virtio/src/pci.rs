//! virtio over PCI, modern interface only (virtio 1.2, 4.1).

use drv_pci::{Device, enable_msix, find};
use hal::irq::{IrqError, IrqHandler, connect};
use hal::mem::mmio::Mmio;

use crate::queue::Queue;
use crate::transport::Transport;

const VENDOR: u16 = 0x1af4;
const CAP_VENDOR: u8 = 0x09;
/// Capability types: common configuration, notifications, interrupt status, the device's own configuration.
const COMMON: u32 = 1;
const NOTIFY: u32 = 2;
const ISR: u32 = 3;
const DEVICE: u32 = 4;

const DEVICE_FEATURE_SELECT: usize = 0x00;
const DEVICE_FEATURE: usize = 0x04;
const DRIVER_FEATURE_SELECT: usize = 0x08;
const DRIVER_FEATURE: usize = 0x0c;
const CONFIG_MSIX_VECTOR: usize = 0x10;
const DEVICE_STATUS: usize = 0x14;
const QUEUE_SELECT: usize = 0x16;
const QUEUE_SIZE: usize = 0x18;
const QUEUE_MSIX_VECTOR: usize = 0x1a;
const QUEUE_ENABLE: usize = 0x1c;
const QUEUE_NOTIFY_OFF: usize = 0x1e;
const QUEUE_DESC: usize = 0x20;
const QUEUE_DRIVER: usize = 0x28;
const QUEUE_DEVICE: usize = 0x30;

/// A modern virtio device on PCI.
pub struct PciTransport {
    device: Device,
    common: Mmio,
    notify: Mmio,
    notify_multiplier: u32,
    isr: Mmio,
    config: Option<(Mmio, usize)>,
}

impl PciTransport {
    /// The `nth` device of this type: modern ids are 0x1040 plus the type, transitional ones have their own list.
    pub fn find(device_type: u32, nth: usize) -> Option<PciTransport> {
        let transitional = match device_type {
            1 => 0x1000,
            2 => 0x1001,
            3 => 0x1003,
            4 => 0x1005,
            9 => 0x1009,
            _ => 0,
        };
        let mut device = None;
        for _ in 0..=nth {
            device = Some(find(device, VENDOR, |id| u32::from(id) == 0x1040 + device_type || id == transitional && id != 0)?);
        }
        Self::open(device?)
    }

    fn open(device: Device) -> Option<PciTransport> {
        let (mut common, mut notify, mut isr, mut config, mut notify_multiplier) = (None, None, None, None, 0);
        for (id, at) in device.capabilities() {
            if id != CAP_VENDOR {
                continue;
            }
            let kind = device.read(at) >> 24;
            let bar = (device.read(at + 4) & 0xff) as u16; // masked
            let (offset, len) = (device.read(at + 8), device.read(at + 12));
            let map = || {
                let bar = device.memory_bar(bar)?;
                let inside = u64::from(offset).checked_add(u64::from(len))? <= bar.len;
                if !inside {
                    return None;
                }
                Mmio::map(bar.phys + u64::from(offset), usize::try_from(len).ok()?)
            };
            match kind {
                COMMON if common.is_none() => common = map(),
                ISR if isr.is_none() => isr = map(),
                DEVICE if config.is_none() => config = map().zip(usize::try_from(len).ok()),
                NOTIFY if notify.is_none() => {
                    notify_multiplier = device.read(at + 16);
                    notify = map();
                }
                _ => {}
            }
        }
        device.enable(true);
        Some(PciTransport { device, common: common?, notify: notify?, notify_multiplier, isr: isr?, config })
    }

    fn write_address(&self, register: usize, phys: u64) {
        self.common.write::<u32>(register, (phys & 0xffff_ffff) as u32); // the low half
        self.common.write::<u32>(register + 4, (phys >> 32) as u32); // the high half
    }
}

impl Transport for PciTransport {
    fn status(&self) -> u8 {
        self.common.read(DEVICE_STATUS)
    }

    fn set_status(&self, status: u8) {
        self.common.write(DEVICE_STATUS, status);
    }

    fn device_features(&self) -> u64 {
        self.common.write::<u32>(DEVICE_FEATURE_SELECT, 0);
        let low: u32 = self.common.read(DEVICE_FEATURE);
        self.common.write::<u32>(DEVICE_FEATURE_SELECT, 1);
        u64::from(self.common.read::<u32>(DEVICE_FEATURE)) << 32 | u64::from(low)
    }

    fn set_driver_features(&self, features: u64) {
        self.common.write::<u32>(DRIVER_FEATURE_SELECT, 0);
        self.common.write::<u32>(DRIVER_FEATURE, (features & 0xffff_ffff) as u32); // the low half
        self.common.write::<u32>(DRIVER_FEATURE_SELECT, 1);
        self.common.write::<u32>(DRIVER_FEATURE, (features >> 32) as u32); // the high half
    }

    fn max_queue_size(&self, index: u16) -> u16 {
        self.common.write::<u16>(QUEUE_SELECT, index);
        self.common.read(QUEUE_SIZE)
    }

    fn set_queue(&self, index: u16, queue: &Queue) {
        self.common.write::<u16>(QUEUE_SELECT, index);
        self.common.write::<u16>(QUEUE_SIZE, queue.size());
        self.common.write::<u16>(QUEUE_MSIX_VECTOR, 0);
        self.write_address(QUEUE_DESC, queue.descriptors());
        self.write_address(QUEUE_DRIVER, queue.available());
        self.write_address(QUEUE_DEVICE, queue.used());
        self.common.write::<u16>(QUEUE_ENABLE, 1);
    }

    fn notify(&self, index: u16) {
        self.common.write::<u16>(QUEUE_SELECT, index);
        let offset = u32::from(self.common.read::<u16>(QUEUE_NOTIFY_OFF)).saturating_mul(self.notify_multiplier);
        if let Ok(offset) = usize::try_from(offset) {
            self.notify.write::<u16>(offset, index);
        }
    }

    fn config(&self, offset: usize) -> u8 {
        match &self.config {
            Some((window, len)) if offset < *len => window.read::<u8>(offset),
            _ => 0,
        }
    }

    fn acknowledge_interrupt(&self) -> bool {
        self.isr.read::<u8>(0) != 0
    }

    fn connect(&self, handler: &'static dyn IrqHandler) -> Result<(), IrqError> {
        if enable_msix(self.device, handler)? {
            self.common.write::<u16>(CONFIG_MSIX_VECTOR, 0);
            return Ok(());
        }
        connect(self.device.interrupt_line().ok_or(IrqError::NoSuchLine)?, true, handler)
    }
}
