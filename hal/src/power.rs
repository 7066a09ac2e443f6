//! The end of the machine.

/// Stops the machine: isa-debug-exit, then ACPI/keyboard reset, then a triple fault. The status was told before, on the control channel.
pub fn stop() -> ! {
    todo!()
}
