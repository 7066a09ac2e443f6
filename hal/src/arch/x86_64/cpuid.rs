//! What this CPU has, asked once (an instruction that leaves a virtual machine is slow) and kept.

use core::arch::x86_64::{__cpuid, __cpuid_count, CpuidResult};

use crate::sync::Once;

/// CPU features that the kernel uses.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Features {
    pub(crate) fsgsbase: bool,
    pub(crate) smep: bool,
    pub(crate) smap: bool,
    pub(crate) umip: bool,
    pub(crate) xsave: bool,
    pub(crate) xsaveopt: bool,
    pub(crate) rdrand: bool,
    pub(crate) pge: bool,
    pub(crate) mce: bool,
    pub(crate) gib_pages: bool,
    pub(crate) x2apic: bool,
    /// `rep movsb`/`stosb` are fast (ERMS), and the CPU is real: an emulator counts every byte.
    pub(crate) fast_rep: bool,
    /// Base of the hypervisor's leaves when it is KVM, else 0.
    pub(crate) kvm_leaf: u32,
    /// Highest hypervisor leaf, 0 without one.
    pub(crate) hypervisor_max: u32,
    /// Highest basic leaf.
    pub(crate) max: u32,
    /// CPUID.1:EDX.
    pub(crate) leaf1_edx: u32,
    /// CPUID.1:EAX (family, model, stepping).
    pub(crate) signature: u32,
}

static FEATURES: Once<Features> = Once::new();

/// The features of the boot CPU.
#[inline]
pub(crate) fn features() -> &'static Features {
    FEATURES.get_or_init(probe)
}

fn bit(word: u32, n: u32) -> bool {
    word >> n & 1 != 0
}

/// The leaf of extended features; nothing where `max`, the highest leaf, is below it.
fn leaf7(max: u32) -> CpuidResult {
    if max >= 7 { __cpuid_count(7, 0) } else { CpuidResult { eax: 0, ebx: 0, ecx: 0, edx: 0 } }
}

fn probe() -> Features {
    let max = __cpuid(0).eax;
    let one = __cpuid(1);
    let seven = leaf7(max);
    let xsave = bit(one.ecx, 26) && max >= 0xd;
    let extended = __cpuid(0x8000_0001);
    let (mut kvm_leaf, mut hypervisor_max, mut emulated) = (0, 0, false);
    if bit(one.ecx, 31) {
        let leaf = __cpuid(0x4000_0000);
        hypervisor_max = leaf.eax;
        let name = [leaf.ebx, leaf.ecx, leaf.edx];
        let is = |text: &[u8; 12]| (0..3).all(|i| name[i].to_le_bytes() == text[i * 4..i * 4 + 4]);
        emulated = is(b"TCGTCGTCGTCG");
        if is(b"KVMKVMKVM\0\0\0") {
            kvm_leaf = 0x4000_0000;
        }
    }
    Features {
        fsgsbase: bit(seven.ebx, 0),
        smep: bit(seven.ebx, 7),
        smap: bit(seven.ebx, 20),
        umip: bit(seven.ecx, 2),
        xsave,
        xsaveopt: xsave && bit(__cpuid_count(0xd, 1).eax, 0),
        rdrand: bit(one.ecx, 30),
        pge: bit(one.edx, 13),
        mce: bit(one.edx, 7),
        gib_pages: bit(extended.edx, 26),
        x2apic: bit(one.ecx, 21),
        fast_rep: bit(seven.ebx, 9) && !emulated,
        kvm_leaf,
        hypervisor_max,
        max,
        leaf1_edx: one.edx,
        signature: one.eax,
    }
}

/// Bits of a physical address; 36 where the CPU does not tell (Intel SDM, CPUID 80000008H).
pub(crate) fn physical_bits() -> u32 {
    if __cpuid(0x8000_0000).eax >= 0x8000_0008 { __cpuid(0x8000_0008).eax & 0xff } else { 36 }
}

/// The words of features that /proc/cpuinfo names: CPUID.1:EDX, 80000001:EDX, 1:ECX, 80000001:ECX, 7:EBX, 7:ECX (Linux' order).
pub(crate) fn feature_words() -> [u32; 6] {
    let (one, extended) = (__cpuid(1), __cpuid(0x8000_0001));
    let seven = leaf7(features().max);
    [one.edx, extended.edx, one.ecx, extended.ecx, seven.ebx, seven.ecx]
}

/// Vendor and model name, for /proc/cpuinfo.
pub(crate) fn names() -> ([u8; 12], [u8; 48]) {
    let zero = __cpuid(0);
    let mut vendor = [0; 12];
    for (chunk, word) in vendor.chunks_exact_mut(4).zip([zero.ebx, zero.edx, zero.ecx]) {
        chunk.copy_from_slice(&word.to_le_bytes());
    }
    let mut model = [0; 48];
    if __cpuid(0x8000_0000).eax >= 0x8000_0004 {
        for (leaf, part) in (0x8000_0002..).zip(model.chunks_exact_mut(16)) {
            let words = __cpuid(leaf);
            for (chunk, word) in part.chunks_exact_mut(4).zip([words.eax, words.ebx, words.ecx, words.edx]) {
                chunk.copy_from_slice(&word.to_le_bytes());
            }
        }
    }
    (vendor, model)
}
