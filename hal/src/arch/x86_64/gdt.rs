//! Segments and the task-state segment, per CPU. Selectors stand in Linux's order: kernel 0x10 and 0x18, application 0x2b and 0x33. The
//! 32-bit application segment (0x23) is absent: there is no 32-bit system-call table.

use core::arch::asm;

use super::percpu::PerCpu;

pub(crate) const KERNEL_CS: u16 = 0x10;
const TSS_SELECTOR: u16 = 0x40;
pub(crate) const GDT_WORDS: usize = 10;

/// 64-bit task-state segment (SDM 3A, 8.7): stack pointers only.
#[repr(C, packed(4))]
pub(crate) struct Tss {
    reserved0: u32,
    rsp: [u64; 3],
    reserved1: u64,
    ist: [u64; 7],
    reserved2: u64,
    reserved3: u16,
    iomap: u16,
}

impl Tss {
    pub(crate) const fn new() -> Tss {
        Tss { reserved0: 0, rsp: [0; 3], reserved1: 0, ist: [0; 7], reserved2: 0, reserved3: 0, iomap: size_of::<Tss>() as u16 }
    }
}

/// Operand of lgdt and lidt.
#[repr(C, packed)]
pub(crate) struct TablePointer {
    pub(crate) limit: u16,
    pub(crate) base: u64,
}

/// Fills the tables in `cpu` and loads them.
///
/// # Safety
/// `cpu` is the running CPU's block, valid for ever; interrupts are off.
pub(crate) unsafe fn init(cpu: *mut PerCpu) {
    let tops = PerCpu::ist_tops(cpu);
    // SAFETY: the block is ours alone during initialisation.
    let (tss, gdt) = unsafe { (&raw mut (*cpu).tss, &raw mut (*cpu).gdt) };
    let at = tss as u64;
    let limit = size_of::<Tss>() as u64 - 1;
    let tss_low = limit | (at & 0xff_ffff) << 16 | 0x89 << 40 | (at >> 24 & 0xff) << 56;
    let table = [0, 0, 0x00af_9b00_0000_ffff, 0x00cf_9300_0000_ffff, 0, 0x00cf_f300_0000_ffff, 0x00af_fb00_0000_ffff, 0, tss_low, at >> 32];
    let pointer = TablePointer { limit: (GDT_WORDS * 8 - 1) as u16, base: gdt as u64 };
    // SAFETY: as above. The kernel's descriptors are those of the boot table, so the loaded cs stays right; the TSS names stacks in the block.
    unsafe {
        for (i, top) in tops.iter().enumerate() {
            (&raw mut (*tss).ist[i]).write_unaligned(*top);
        }
        gdt.write(table);
        asm!("lgdt [{}]", "ltr {:x}", in(reg) &pointer, in(reg) TSS_SELECTOR, options(nostack, preserves_flags));
    }
}
