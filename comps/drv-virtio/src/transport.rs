//! What a virtio device looks like whatever bus it is on.

use alloc::boxed::Box;

use hal::irq::{IrqError, IrqHandler};

use crate::mmio::MmioTransport;
#[cfg(feature = "pci")]
use crate::pci::PciTransport;
use crate::queue::Queue;

/// Device status bits (virtio 1.2, 2.1).
pub mod status {
    /// The guest has seen the device.
    pub const ACKNOWLEDGE: u8 = 1;
    /// The guest can drive it.
    pub const DRIVER: u8 = 2;
    /// Set up; the device may work.
    pub const DRIVER_OK: u8 = 4;
    /// The features are agreed.
    pub const FEATURES_OK: u8 = 8;
}

/// VIRTIO_F_VERSION_1: every transport here is the modern one.
pub const F_VERSION_1: u64 = 1 << 32;

/// A virtio device on its bus.
pub trait Transport: Send + Sync {
    /// Reads the device status.
    fn status(&self) -> u8;
    /// Writes the device status; 0 resets.
    fn set_status(&self, status: u8);
    /// The features the device offers.
    fn device_features(&self) -> u64;
    /// Tells the features the driver takes.
    fn set_driver_features(&self, features: u64);
    /// The greatest size of queue `index`, 0 if there is none.
    fn max_queue_size(&self, index: u16) -> u16;
    /// Hands a queue to the device.
    fn set_queue(&self, index: u16, queue: &Queue);
    /// Tells the device that queue `index` has new buffers.
    fn notify(&self, index: u16);
    /// A byte of the device's own configuration; 0 behind its end.
    fn config(&self, offset: usize) -> u8;
    /// Reads and acknowledges the interrupt status (MMIO, INTx); true if the device raised it.
    fn acknowledge_interrupt(&self) -> bool;
    /// Connects the device's interrupt.
    fn connect(&self, handler: &'static dyn IrqHandler) -> Result<(), IrqError>;
}

/// Resets the device and agrees on `wanted` features (VERSION_1 always). Gives the features agreed; `None` when the device refuses.
pub fn negotiate(transport: &dyn Transport, wanted: u64) -> Option<u64> {
    transport.set_status(0);
    transport.set_status(status::ACKNOWLEDGE | status::DRIVER);
    let features = transport.device_features() & (wanted | F_VERSION_1);
    transport.set_driver_features(features);
    transport.set_status(status::ACKNOWLEDGE | status::DRIVER | status::FEATURES_OK);
    (features & F_VERSION_1 != 0 && transport.status() & status::FEATURES_OK != 0).then_some(features)
}

/// Says that the set-up is done.
pub fn start(transport: &dyn Transport) {
    transport.set_status(status::ACKNOWLEDGE | status::DRIVER | status::FEATURES_OK | status::DRIVER_OK);
}

/// The first device of this type (virtio 1.2, 5), on MMIO or PCI.
pub fn find(device_type: u32) -> Option<Box<dyn Transport>> {
    find_nth(device_type, 0)
}

/// The `nth` device of this type; the machine has all of them on one kind of bus. None of those before may be in use yet: looking at a device on PCI
/// places its registers anew.
pub fn find_nth(device_type: u32, nth: usize) -> Option<Box<dyn Transport>> {
    if let Some(transport) = MmioTransport::find(device_type, nth) {
        return Some(Box::new(transport));
    }
    #[cfg(feature = "pci")]
    let other = PciTransport::find(device_type, nth).map(|transport| Box::new(transport) as Box<dyn Transport>);
    #[cfg(not(feature = "pci"))]
    let other = None;
    other
}
