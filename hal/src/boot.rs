//! What the boot loader told us: memory map, command line, modules, packed payload.

use crate::sync::Once;

/// Most modules that are taken (QEMU passes at most one).
pub(crate) const MAX_MODULES: usize = 8;

/// Facts from the boot protocol (PVH start_info), gathered before the first allocation. All slices stay valid and unchanged for ever.
#[derive(Debug)]
pub struct BootInfo {
    /// The kernel's command line, without the NUL.
    pub cmdline: &'static [u8],
    /// Modules (`-initrd`), in order; their memory is reserved. From a module's end to the end of its last page there are zeros.
    pub modules: &'static [&'static [u8]],
    /// Configuration of a packed image (docs/boot-protocol.md, section 3), empty if none.
    pub payload_config: &'static [u8],
    /// Root image of a packed image, empty if none; page aligned.
    pub payload_root: &'static [u8],
    /// Bytes of usable RAM in the memory map.
    pub ram_bytes: u64,
    /// Physical address of the ACPI RSDP, 0 if none.
    pub rsdp: u64,
}

static MODULES: Once<[&'static [u8]; MAX_MODULES]> = Once::new();
static INFO: Once<BootInfo> = Once::new();

/// The boot information.
pub fn info() -> &'static BootInfo {
    INFO.get().expect("boot information asked for before it was read")
}

/// Keeps what the boot protocol's parser found; `count` of `modules` are real.
pub(crate) fn set_info(info: BootInfo, modules: [&'static [u8]; MAX_MODULES], count: usize) {
    let modules = MODULES.get_or_init(|| modules);
    let _ = INFO.set(BootInfo { modules: &modules[..count], ..info });
}
