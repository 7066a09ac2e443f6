//! Configuration space: the memory-mapped window of PCI Express, or the two ports of old.

use hal::mem::mmio::Mmio;
use hal::port::PortRange;
use kernel::sync::{Once, SpinLock};

/// CONFIG_ADDRESS and CONFIG_DATA (PCI 3.0, 3.2.2.3.2).
static PORTS: SpinLock<PortRange> = SpinLock::new(PortRange::new(0xcf8, 8));

static ACCESS: Once<Access> = Once::new();

/// How configuration space is reached.
#[derive(Clone)]
pub enum Access {
    /// The window of bus 0: 4 KiB for each of 256 functions.
    Window(Mmio),
    /// Ports 0xcf8 and 0xcfc.
    Ports,
}

/// Bytes of the window for one bus.
const BUS_WINDOW: usize = 1 << 20;

/// Chooses the access: the window at `ecam` when the boot configuration gives one, else the ports.
pub fn init(ecam: Option<u64>) {
    let window = ecam.and_then(|phys| Mmio::map(phys, BUS_WINDOW));
    let _ = ACCESS.set(window.map_or(Access::Ports, Access::Window));
}

/// Offset in the window of register `register` of slot `slot`, function 0.
fn offset(slot: u8, register: u16) -> usize {
    usize::from(slot) << 15 | usize::from(register & 0xffc)
}

/// Selects the double word for the port access.
fn address(slot: u8, register: u16) -> u32 {
    1 << 31 | u32::from(slot) << 11 | u32::from(register & 0xfc)
}

/// Reads the aligned double word that holds `register`.
pub(crate) fn read32(slot: u8, register: u16) -> u32 {
    match ACCESS.get_or_init(|| Access::Ports) {
        Access::Window(window) => window.read::<u32>(offset(slot, register)),
        Access::Ports => {
            let ports = PORTS.lock();
            ports.write_u32(0, address(slot, register));
            ports.read_u32(4)
        }
    }
}

/// Writes the aligned double word that holds `register`.
pub(crate) fn write32(slot: u8, register: u16, value: u32) {
    match ACCESS.get_or_init(|| Access::Ports) {
        Access::Window(window) => window.write::<u32>(offset(slot, register), value),
        Access::Ports => {
            let ports = PORTS.lock();
            ports.write_u32(0, address(slot, register));
            ports.write_u32(4, value);
        }
    }
}
