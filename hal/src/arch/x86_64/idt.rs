//! The interrupt descriptor table: one for all CPUs, filled at boot. Vectors 0-31 exceptions, 32-63 interrupts, 128 the 32-bit call gate.

use core::arch::asm;
use core::cell::UnsafeCell;

use super::entry;
use super::gdt::{KERNEL_CS, TablePointer};

const ENTRIES: usize = 129;

#[repr(align(16))]
struct Table(UnsafeCell<[[u64; 2]; ENTRIES]>);
// SAFETY: written by the boot CPU before any other runs, read by CPUs only.
unsafe impl Sync for Table {}

static IDT: Table = Table(UnsafeCell::new([[0; 2]; ENTRIES]));

/// Interrupt gate: IF is cleared on entry.
fn gate(handler: u64, ist: u64, dpl: u64) -> [u64; 2] {
    let low = handler & 0xffff | u64::from(KERNEL_CS) << 16 | ist << 32 | (0x8e | dpl << 5) << 40 | (handler >> 16 & 0xffff) << 48;
    [low, handler >> 32]
}

/// Fills the table and loads it.
///
/// # Safety
/// Called once, by the boot CPU, interrupts off.
pub(crate) unsafe fn init() {
    let stubs = entry::stubs();
    // SAFETY: nobody else looks at the table yet.
    let table = unsafe { &mut *IDT.0.get() };
    for (vector, slot) in table.iter_mut().take(64).enumerate() {
        // int3 and into are the application's to use; every other `int n` is a #GP.
        *slot = gate(stubs.table + 16 * vector as u64, 1, if matches!(vector, 3 | 4) { 3 } else { 0 });
    }
    table[1] = gate(stubs.debug, 3, 0);
    table[2] = gate(stubs.nmi, 2, 0);
    table[8] = gate(stubs.double_fault, 4, 0);
    table[18] = gate(stubs.machine_check, 5, 0);
    table[128] = gate(stubs.int80, 1, 3);
    // SAFETY: the table is complete.
    unsafe { load() };
}

/// Loads the table on this CPU.
///
/// # Safety
/// After [`init`] filled it.
pub(crate) unsafe fn load() {
    let pointer = TablePointer { limit: (ENTRIES * 16 - 1) as u16, base: IDT.0.get() as u64 };
    // SAFETY: the caller's contract.
    unsafe { asm!("lidt [{}]", in(reg) &pointer, options(nostack, preserves_flags)) };
}

/// Resets the machine by a trap that has no handler.
pub(crate) fn triple_fault() -> ! {
    let pointer = TablePointer { limit: 0, base: 0 };
    // SAFETY: the end is what is asked for.
    unsafe { asm!("lidt [{}]", "int3", "2: hlt", "jmp 2b", in(reg) &pointer, options(noreturn)) }
}
