//! The assembler: one bootable ELF from the selected rooms.
#![no_std]
#![no_main]

extern crate alloc;

mod runtime;
mod selftest;

/// Called by hal on the boot stack, with memory, traps and the clock in place.
#[unsafe(no_mangle)]
fn kernel_main() -> ! {
    runtime::choose_copies();
    selftest::run()
}
