//! Device interrupts.

/// What a driver does when its line fires. Runs with interrupts off: only [`crate::sync::IrqSpinLock`], no allocation, no sleep.
pub trait IrqHandler: Sync {
    /// Handles the interrupt; the controller is acknowledged by the caller.
    fn handle(&self);
}

/// Connects global system interrupt `gsi` (IOAPIC input) to `handler` and unmasks it. `level`: level-triggered (PCI INTx), else edge (ISA, virtio-mmio).
/// Several handlers may share a line.
pub fn connect(_gsi: u32, _level: bool, _handler: &'static dyn IrqHandler) -> Result<(), IrqError> {
    todo!()
}

/// Allocates a message-signalled interrupt: the address and data to put into a PCI device's MSI or MSI-X entry.
pub fn connect_msi(_handler: &'static dyn IrqHandler) -> Result<(u64, u32), IrqError> {
    todo!()
}

/// Why a line cannot be connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IrqError {
    /// No controller has this input.
    NoSuchLine,
    /// All vectors are in use.
    NoVector,
}
