//! The words of the kernel's command line that are for libraries (glue/include/uk/libparam.h reads them).

/// `size_t uk_boot_params(const char **text)`: what stands before ` -- ` on the command line. Without ` -- ` all of it, but only if the arguments of the
/// program came another way, since it is they otherwise.
#[unsafe(no_mangle)]
extern "C" fn uk_boot_params(text: &mut *const u8) -> usize {
    let info = hal::boot::info();
    let line = info.cmdline;
    let dashes = if line.starts_with(b"-- ") { Some(0) } else { line.windows(4).position(|w| w == b" -- ") };
    let by_tool = info.modules.iter().any(|m| m.starts_with(bootcfg::MAGIC));
    let length = dashes.unwrap_or(if by_tool { line.len() } else { 0 });
    *text = line.as_ptr();
    length
}
