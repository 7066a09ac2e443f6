//! The first Rust: from the assembly's page tables to `kernel_main`.

use core::ptr;

use super::{apic, cpuid::features, entry, gdt, idt, percpu, protect, pvh, regs, xsave};
use crate::sync::Once;

unsafe extern "C" {
    static __image_start: u8;
    static __image_end: u8;
    static __text_end: u8;
    static __smap_sites_start: i32;
    static __smap_sites_end: i32;
    static __payload_words: [u64; 8];
}

unsafe extern "Rust" {
    /// The image's main function.
    safe fn kernel_main() -> !;
}

/// KASLR's slide and the TSC at the first instruction.
static START: Once<(u64, u64)> = Once::new();

/// How far the image was slid from its linked addresses.
pub(crate) fn slide() -> u64 {
    START.get().map_or(0, |s| s.0)
}

/// The TSC at the first instruction.
pub(crate) fn boot_tsc() -> u64 {
    START.get().map_or(0, |s| s.1)
}

/// Physical address of something in the image.
pub(crate) fn image_phys(virt: u64) -> u64 {
    virt - super::IMAGE_OFFSET - slide()
}

/// Physical start and end of the image.
pub(crate) fn image_range() -> (u64, u64) {
    (image_phys(&raw const __image_start as u64), image_phys(&raw const __image_end as u64))
}

/// The kernel's code.
pub(crate) fn text_range() -> core::ops::Range<u64> {
    &raw const __image_start as u64..&raw const __text_end as u64
}

/// The words that `unox pack` fills in: the magic's, the version, addresses and lengths.
pub(crate) fn payload_words() -> [u64; 8] {
    // SAFETY: the image has the section; volatile, because the file is edited after linking.
    unsafe { ptr::read_volatile(&raw const __payload_words) }
}

/// Called by boot.S on the boot stack, in the high half.
pub(crate) extern "C" fn rust_start(start_info: u64, slide: u64, tsc: u64) -> ! {
    let _ = START.set((slide, tsc));
    // SAFETY: the boot CPU, once, interrupts off; each step finds what it needs from the one before.
    unsafe {
        init_cpu(percpu::boot_cpu());
        patch_smap();
        pvh::init(start_info);
        protect::init();
    }
    apic::init();
    crate::clock::timer_started();
    kernel_main()
}

/// Sets up what every CPU needs: its block, tables, control registers and system-call entry.
///
/// # Safety
/// `cpu` is this CPU's own block; interrupts are off; the IDT is filled by the boot CPU's call, which comes first.
unsafe fn init_cpu(cpu: *mut percpu::PerCpu) {
    let (bottom, top) = entry::boot_stack_bounds();
    // SAFETY: the block is ours; the MSRs exist on every 64-bit CPU and get the values their manuals ask for.
    unsafe {
        regs::wrmsr(regs::MSR_GS_BASE, cpu as u64);
        (*cpu).this = cpu;
        (*cpu).kstack = top;
        (*cpu).kstack_bottom = bottom;
        gdt::init(cpu);
        idt::init();
        init_control_registers();
        xsave::init();
        if let Some(target) = entry::syscall_target() {
            // The application's code segment is 0x23 + 16, its stack segment 0x23 + 8.
            regs::wrmsr(regs::MSR_STAR, 0x23 << 48 | u64::from(gdt::KERNEL_CS) << 32);
            regs::wrmsr(regs::MSR_LSTAR, target);
            // TF IF DF IOPL NT RF AC: cleared on entry.
            regs::wrmsr(regs::MSR_FMASK, 0x5_7700);
        }
    }
}

/// CR4 by what CPUID offers. CR0 was set in boot.S.
///
/// # Safety
/// As [`init_cpu`].
unsafe fn init_control_registers() {
    let has = features();
    let bits = [
        (3, true),
        (6, has.mce),
        (7, has.pge),
        (11, has.umip),
        (16, has.fsgsbase),
        (18, has.xsave),
        (20, has.smep && !crate::RING0),
        (21, has.smap && !crate::RING0),
    ];
    let cr4 = bits.iter().filter(|b| b.1).fold(regs::read_cr4(), |cr4, b| cr4 | 1 << b.0);
    // SAFETY: only bits that CPUID announces. SMAP and SMEP are about pages of the lower half, where only supervisor pages are now.
    unsafe { regs::write_cr4(cr4) };
}

/// Turns the marked three-byte nops into `clac` where the CPU has it.
///
/// # Safety
/// Once at boot, while the image is still writable and before any trap is expected.
unsafe fn patch_smap() {
    if !features().smap || crate::RING0 {
        return;
    }
    crate::user::smap_is_on();
    let mut site = &raw const __smap_sites_start;
    let end = &raw const __smap_sites_end;
    while site < end {
        // SAFETY: the table holds offsets of the sites from its own entries; each site is three bytes of nop in the image.
        unsafe {
            let at = site.cast::<u8>().cast_mut().offset(site.read() as isize);
            ptr::copy_nonoverlapping([0x0f, 0x01, 0xca].as_ptr(), at, 3);
            site = site.add(1);
        }
    }
}
