//! Binary formats: ELF with its interpreter, and `#!` scripts. Each registers with `kernel::exec`.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod elf;
mod script;
mod segments;
mod vdso;

/// Registers the formats.
pub fn init() {
    kernel::exec::register(&elf::Elf);
    kernel::exec::register(&script::Script);
}
