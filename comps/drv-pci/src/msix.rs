//! MSI-X (PCI 3.0, 6.8.2).

use hal::irq::{IrqError, IrqHandler, connect_msi};
use hal::mem::mmio::Mmio;

use crate::device::Device;

const CAP_MSIX: u8 = 0x11;
const ENABLE: u32 = 1 << 31;
const MASK_ALL: u32 = 1 << 30;

/// Points entry 0 of the device's MSI-X table at `handler` and turns MSI-X on. `Ok(false)`: the device has no MSI-X.
pub fn enable_msix(device: Device, handler: &'static dyn IrqHandler) -> Result<bool, IrqError> {
    let Some((_, at)) = device.capabilities().find(|(id, _)| *id == CAP_MSIX) else { return Ok(false) };
    let table = device.read(at + 4);
    let index = (table & 7) as u16; // three bits
    let Some(bar) = device.memory_bar(index) else { return Ok(false) };
    let Some(window) = Mmio::map(bar.phys + u64::from(table & !7), 16) else { return Ok(false) };
    let (address, data) = connect_msi(handler)?;
    window.write::<u32>(0, (address & 0xffff_ffff) as u32); // the low half
    window.write::<u32>(4, (address >> 32) as u32); // the high half
    window.write::<u32>(8, data);
    window.write::<u32>(12, 0); // unmasked
    device.write(at, (device.read(at) & !MASK_ALL) | ENABLE);
    Ok(true)
}
