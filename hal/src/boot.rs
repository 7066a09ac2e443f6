//! What the boot loader told us: memory map, command line, modules, packed payload.

/// Facts from the boot protocol (PVH start_info), gathered before the first allocation. All slices stay valid and unchanged for ever.
#[derive(Debug)]
pub struct BootInfo {
    /// The kernel's command line, without the NUL.
    pub cmdline: &'static [u8],
    /// Modules (`-initrd`), in order; their memory is reserved.
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

/// The boot information.
pub fn info() -> &'static BootInfo {
    todo!()
}
