//! x86-64.
pub(crate) mod pageops;
pub(crate) mod pte;
pub(crate) mod usercopy;

pub(crate) mod apic;
pub(crate) mod calibrate;
pub(crate) mod cpuid;
pub(crate) mod directmap;
pub(crate) mod entry;
pub(crate) mod farreturn;
pub(crate) mod gdt;
pub(crate) mod idt;
pub(crate) mod ioapic;
pub(crate) mod percpu;
pub(crate) mod protect;
pub(crate) mod pvclock;
pub(crate) mod pvh;
pub(crate) mod regs;
pub(crate) mod rtc;
pub(crate) mod start;
pub(crate) mod traps;
pub(crate) mod xsave;

/// Distance from physical to linked addresses of the image.
pub(crate) const IMAGE_OFFSET: u64 = 0xffff_ffff_8000_0000;

// Host tests are linked without kernel.ld; nothing that needs its symbols runs there, but the linker wants them.
#[cfg(feature = "fake-memory")]
core::arch::global_asm!(
    ".weak __image_start, __image_end, __text_end, __rodata_end, __smap_sites_start, __smap_sites_end, __payload_words, __ex_table_start, __ex_table_end",
    "__image_start:",
    "__image_end:",
    "__text_end:",
    "__rodata_end:",
    "__smap_sites_start:",
    "__smap_sites_end:",
    "__payload_words:",
    "__ex_table_start:",
    "__ex_table_end:",
);
