//! ivshmem-plain (QEMU docs/specs/ivshmem-spec.txt): a file of the host as BAR 2, read in place. unox keeps the root image there, outside guest RAM.

use hal::mem::mmio::RoRegion;

use crate::device::find;

const VENDOR_RED_HAT: u16 = 0x1af4;
const DEVICE_IVSHMEM: u16 = 0x1110;

/// The shared memory of the first ivshmem device.
pub fn region() -> Option<RoRegion> {
    let device = find(None, VENDOR_RED_HAT, |id| id == DEVICE_IVSHMEM)?;
    let bar = device.memory_bar(2)?;
    device.enable(false);
    RoRegion::map_device(bar.phys, usize::try_from(bar.len).ok()?)
}
