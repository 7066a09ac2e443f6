//! Clearing and copying whole pages: SSE2 loops, or `rep` on hardware whose microcode does it better (ERMS).
//!
//! QEMU's TCG reports ERMS too but executes `rep` an iteration at a time, so it only counts under KVM or on bare metal.

use core::arch::asm;
use core::arch::x86_64::__cpuid;
use core::sync::atomic::{AtomicBool, Ordering};

static REP: AtomicBool = AtomicBool::new(false);

/// Chooses the variant for this machine.
#[allow(dead_code)] // called at boot
pub(crate) fn init() {
    let max = __cpuid(0).eax;
    let erms = max >= 7 && core::arch::x86_64::__cpuid_count(7, 0).ebx & 1 << 9 != 0;
    let hypervisor = __cpuid(1).ecx & 1 << 31 != 0;
    // "TCGTCGTCGTCG": the emulator.
    let emulated = hypervisor && __cpuid(0x4000_0000).ebx == u32::from_le_bytes(*b"TCGT");
    REP.store(erms && !emulated, Ordering::Relaxed);
}

/// Zeroes a page.
///
/// # Safety
/// `page` is page aligned and writable, and no Rust reference points into it.
#[inline]
pub(crate) unsafe fn clear(page: *mut u8) {
    if REP.load(Ordering::Relaxed) {
        // SAFETY: the caller's page, 512 words of it.
        unsafe { asm!("rep stosq", inout("rdi") page => _, inout("rcx") 512 => _, in("rax") 0, options(nostack, preserves_flags)) };
        return;
    }
    // SAFETY: 8 rounds of 512 bytes in the caller's page, which is aligned for movaps.
    unsafe {
        asm!(
            "xorps {zero}, {zero}",
            "2:",
            "movaps [{p}], {zero}", "movaps [{p} + 16], {zero}", "movaps [{p} + 32], {zero}", "movaps [{p} + 48], {zero}",
            "movaps [{p} + 64], {zero}", "movaps [{p} + 80], {zero}", "movaps [{p} + 96], {zero}", "movaps [{p} + 112], {zero}",
            "movaps [{p} + 128], {zero}", "movaps [{p} + 144], {zero}", "movaps [{p} + 160], {zero}", "movaps [{p} + 176], {zero}",
            "movaps [{p} + 192], {zero}", "movaps [{p} + 208], {zero}", "movaps [{p} + 224], {zero}", "movaps [{p} + 240], {zero}",
            "movaps [{p} + 256], {zero}", "movaps [{p} + 272], {zero}", "movaps [{p} + 288], {zero}", "movaps [{p} + 304], {zero}",
            "movaps [{p} + 320], {zero}", "movaps [{p} + 336], {zero}", "movaps [{p} + 352], {zero}", "movaps [{p} + 368], {zero}",
            "movaps [{p} + 384], {zero}", "movaps [{p} + 400], {zero}", "movaps [{p} + 416], {zero}", "movaps [{p} + 432], {zero}",
            "movaps [{p} + 448], {zero}", "movaps [{p} + 464], {zero}", "movaps [{p} + 480], {zero}", "movaps [{p} + 496], {zero}",
            "add {p}, 512",
            "test {p:e}, 4095",
            "jnz 2b",
            p = inout(reg) page => _,
            zero = out(xmm_reg) _,
            options(nostack)
        );
    }
}

/// Copies a page.
///
/// # Safety
/// Both are page aligned; `from` is readable, `to` writable and not seen by any Rust reference.
#[inline]
pub(crate) unsafe fn copy(to: *mut u8, from: *const u8) {
    if REP.load(Ordering::Relaxed) {
        // SAFETY: the caller's pages, 512 words each.
        unsafe {
            asm!("rep movsq", inout("rdi") to => _, inout("rsi") from => _, inout("rcx") 512 => _, options(nostack, preserves_flags))
        };
        return;
    }
    // SAFETY: 32 rounds of 128 bytes in the caller's pages, aligned for movaps.
    unsafe {
        asm!(
            "2:",
            "movaps {a}, [{s}]", "movaps {b}, [{s} + 16]", "movaps {c}, [{s} + 32]", "movaps {e}, [{s} + 48]",
            "movaps [{d}], {a}", "movaps [{d} + 16], {b}", "movaps [{d} + 32], {c}", "movaps [{d} + 48], {e}",
            "movaps {a}, [{s} + 64]", "movaps {b}, [{s} + 80]", "movaps {c}, [{s} + 96]", "movaps {e}, [{s} + 112]",
            "movaps [{d} + 64], {a}", "movaps [{d} + 80], {b}", "movaps [{d} + 96], {c}", "movaps [{d} + 112], {e}",
            "add {s}, 128",
            "add {d}, 128",
            "test {d:e}, 4095",
            "jnz 2b",
            s = inout(reg) from => _,
            d = inout(reg) to => _,
            a = out(xmm_reg) _, b = out(xmm_reg) _, c = out(xmm_reg) _, e = out(xmm_reg) _,
            options(nostack)
        );
    }
}
