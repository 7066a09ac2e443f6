//! The block of one CPU: a page that holds its trap stacks, descriptor tables and current thread. `gs` points at it in the kernel; trap
//! entries that cannot trust `gs` find it by rounding their stack pointer down, which is why the stacks lie at its start.

use core::any::TypeId;
use core::arch::asm;
use core::cell::UnsafeCell;
use core::mem::offset_of;
use core::sync::atomic::AtomicU32;

use super::gdt::{GDT_WORDS, Tss};
use crate::task::Task;

const FAULT_STACK: usize = 1024;
const SMALL_STACK: usize = 384;

/// No thread runs yet (no type has this word).
pub(crate) const NO_OWNER: u64 = 0;

#[repr(C, align(4096))]
pub(crate) struct PerCpu {
    fault_stack: [u8; FAULT_STACK],
    nmi_stack: [u8; SMALL_STACK],
    debug_stack: [u8; SMALL_STACK],
    double_fault_stack: [u8; SMALL_STACK],
    machine_check_stack: [u8; SMALL_STACK],
    /// Its own address, for Rust.
    pub(crate) this: *mut PerCpu,
    /// One word for the entry code.
    pub(crate) scratch: u64,
    /// Where a trap from the application begins to push: the top of the running thread's kernel stack, less one word.
    pub(crate) kstack: u64,
    pub(crate) kstack_bottom: u64,
    /// The running thread's machine part, and the `Arc` pointer of its owner.
    pub(crate) task: *const Task,
    pub(crate) owner: *const (),
    pub(crate) owner_type: u64,
    /// The thread switched away from, whose reference the next one drops with `drop_owner`.
    pub(crate) previous: *const (),
    pub(crate) previous_task: *const Task,
    pub(crate) drop_owner: Option<unsafe fn(*const ())>,
    pub(crate) id: u32,
    pub(crate) nmi_count: AtomicU32,
    pub(crate) gdt: [u64; GDT_WORDS],
    pub(crate) tss: Tss,
}

const _: () = assert!(size_of::<PerCpu>() == 4096);

pub(crate) const OFFSET_SCRATCH: usize = offset_of!(PerCpu, scratch);
pub(crate) const OFFSET_KSTACK: usize = offset_of!(PerCpu, kstack);
pub(crate) const OFFSET_KSTACK_BOTTOM: usize = offset_of!(PerCpu, kstack_bottom);
pub(crate) const OFFSET_TASK: usize = offset_of!(PerCpu, task);
pub(crate) const OFFSET_NMI_COUNT: usize = offset_of!(PerCpu, nmi_count);

/// The boot CPU's block. Others are allocated when they start.
struct BootCpu(UnsafeCell<PerCpu>);
// SAFETY: only the CPU it belongs to touches it, through `gs`.
unsafe impl Sync for BootCpu {}

static BOOT_CPU: BootCpu = BootCpu(UnsafeCell::new(PerCpu {
    fault_stack: [0; FAULT_STACK],
    nmi_stack: [0; SMALL_STACK],
    debug_stack: [0; SMALL_STACK],
    double_fault_stack: [0; SMALL_STACK],
    machine_check_stack: [0; SMALL_STACK],
    this: core::ptr::null_mut(),
    scratch: 0,
    kstack: 0,
    kstack_bottom: 0,
    task: core::ptr::null(),
    owner: core::ptr::null(),
    owner_type: NO_OWNER,
    previous: core::ptr::null(),
    previous_task: core::ptr::null(),
    drop_owner: None,
    id: 0,
    nmi_count: AtomicU32::new(0),
    gdt: [0; GDT_WORDS],
    tss: Tss::new(),
}));

/// The boot CPU's block, before `gs` points at it.
pub(crate) fn boot_cpu() -> *mut PerCpu {
    BOOT_CPU.0.get()
}

impl PerCpu {
    /// Tops of the IST stacks, in IST order (1 = faults and interrupts, 2 = NMI, 3 = #DB, 4 = #DF, 5 = #MC).
    pub(crate) fn ist_tops(this: *const PerCpu) -> [u64; 5] {
        let base = this as u64;
        let end = |offset: usize, len: usize| base + (offset + len) as u64;
        [
            end(offset_of!(PerCpu, fault_stack), FAULT_STACK),
            end(offset_of!(PerCpu, nmi_stack), SMALL_STACK),
            end(offset_of!(PerCpu, debug_stack), SMALL_STACK),
            end(offset_of!(PerCpu, double_fault_stack), SMALL_STACK),
            end(offset_of!(PerCpu, machine_check_stack), SMALL_STACK),
        ]
    }
}

/// The running CPU's block. Fields other than the thread's may only be used with interrupts off (the thread could move).
#[inline]
pub(crate) fn this() -> *mut PerCpu {
    let ptr: *mut PerCpu;
    // SAFETY: gs points at this CPU's block from the first Rust line on; `this` never changes.
    unsafe {
        asm!("mov {}, gs:[{off}]", out(reg) ptr, off = const offset_of!(PerCpu, this), options(pure, readonly, nostack, preserves_flags))
    };
    ptr
}

/// A type as one word: half of its TypeId, which is a hash of 128 bits. One owner type exists, and a wrong one is a slip of the programmer, not an
/// enemy who looks for collisions.
#[inline(always)]
pub(crate) fn type_word<T: 'static>() -> u64 {
    const { assert!(size_of::<TypeId>() == 16) };
    // SAFETY: a TypeId has 16 bytes, all initialised.
    unsafe { core::mem::transmute::<TypeId, [u64; 2]>(TypeId::of::<T>())[0] }
}

/// The running thread's owner pointer and the word of its type.
#[inline]
pub(crate) fn owner() -> (*const (), u64) {
    let (ptr, kind): (*const (), u64);
    // SAFETY: as for `this`. Each word is read with one instruction, and a thread always reads its own, wherever it runs.
    unsafe {
        asm!(
            "mov {ptr}, gs:[{owner}]", "mov {kind}, gs:[{owner_type}]",
            ptr = out(reg) ptr, kind = out(reg) kind,
            owner = const offset_of!(PerCpu, owner), owner_type = const offset_of!(PerCpu, owner_type),
            options(pure, readonly, nostack, preserves_flags)
        );
    }
    (ptr, kind)
}

/// The running thread's machine part, null before the first thread.
#[inline]
pub(crate) fn task() -> *const Task {
    let ptr: *const Task;
    // SAFETY: as for `this`.
    unsafe { asm!("mov {}, gs:[{off}]", out(reg) ptr, off = const OFFSET_TASK, options(pure, readonly, nostack, preserves_flags)) };
    ptr
}
