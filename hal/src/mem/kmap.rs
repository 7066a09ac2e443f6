//! The kernel's own mappings beside the direct map: stacks, large heap blocks, device memory. They live in one slot of the top table that every
//! address space shares from its creation, so that a mapping made later is seen everywhere.

use core::sync::atomic::{AtomicU64, Ordering};

use super::frame::{PAGE_SIZE, Pfn};
use super::table::{self, ENTRIES, Table};
use super::{phys, section};
use crate::arch::imp::pte::{self, KernelKind, Pte};
use crate::sync::SpinLock;

/// The slot: 512 GiB.
const BASE: usize = 0xffff_c900_0000_0000;
const GIB: usize = 1 << 30;
/// Kernel stacks.
pub(crate) const STACKS: usize = BASE;
pub(crate) const STACKS_END: usize = BASE + 64 * GIB;
/// Large blocks of the heap.
pub(crate) const BLOCKS: usize = STACKS_END;
pub(crate) const BLOCKS_END: usize = BLOCKS + 64 * GIB;
/// Device memory, never unmapped.
const DEVICES: usize = BLOCKS_END;
const DEVICES_END: usize = BASE + 512 * GIB;

static KERNEL_ROOT: AtomicU64 = AtomicU64::new(0);
/// Next free address for device memory; also the lock under which kernel tables are made.
static NEXT_DEVICE: SpinLock<usize> = SpinLock::new(DEVICES);

#[allow(dead_code)] // called at boot
pub(super) fn init() {
    let root = pte::root();
    KERNEL_ROOT.store(root.0, Ordering::Relaxed);
    let upper = Table::new().expect("no memory for the kernel's page table");
    Table(root).entry(table::index(BASE, 3)).store(Pte::kernel_table(upper.0).0, Ordering::Release);
}

fn kernel_root() -> Table {
    Table(Pfn(KERNEL_ROOT.load(Ordering::Relaxed)))
}

/// Gives a new root table the kernel's half.
pub(super) fn share_upper_half(root: Table) {
    if cfg!(any(test, feature = "fake-memory")) {
        return;
    }
    for index in ENTRIES / 2..ENTRIES {
        root.entry(index).store(kernel_root().get(index).0, Ordering::Relaxed);
    }
}

/// Empties the upper half of a root table that is given back.
pub(super) fn forget_upper_half(root: Table) {
    (ENTRIES / 2..ENTRIES).for_each(|index| root.entry(index).store(0, Ordering::Relaxed));
}

/// Leaves an address space that is about to go.
pub(super) fn activate_kernel_root() {
    // SAFETY: the kernel's root lives for ever and maps the kernel.
    unsafe { pte::set_root(kernel_root().0) };
}

/// Maps physical memory at `va` in the kernel, by the largest pages that the alignment of both allows. `None`: no memory for a table (what was mapped stays).
pub(crate) fn map(va: usize, pa: u64, len: usize, kind: KernelKind) -> Option<()> {
    let _tables = NEXT_DEVICE.lock();
    map_locked(va, pa, len, kind)
}

fn map_locked(va: usize, pa: u64, len: usize, kind: KernelKind) -> Option<()> {
    let mut done = 0;
    while done < len {
        let at = va + done;
        let target = pa + done as u64;
        let fits = |level: usize| (at | target as usize) & (table::span(level) - 1) == 0 && len - done >= table::span(level);
        let level = if fits(2) && pte::has_gigabyte_pages() {
            2
        } else if fits(1) {
            1
        } else {
            0
        };
        let mut table = kernel_root();
        for l in (level + 1..=3).rev() {
            let index = table::index(at, l);
            table = match table.child(index) {
                Some(child) => child,
                None => {
                    let child = Table::new()?;
                    table.entry(index).store(Pte::kernel_table(child.0).0, Ordering::Release);
                    child
                }
            };
        }
        // The rest of this table; where it ends, larger pages may fit.
        for index in table::index(at, level)..ENTRIES {
            table.entry(index).store(Pte::kernel(pa + done as u64, kind, level).0, Ordering::Release);
            done += table::span(level);
            if len.saturating_sub(done) < table::span(level) {
                break;
            }
        }
    }
    Some(())
}

/// Removes the 4 KiB mapping at `va` and gives its page. With more than one CPU the others are told before the page is used again.
pub(crate) fn unmap_page(va: usize) -> Option<Pfn> {
    let leaf = kernel_root().child(table::index(va, 3))?.child(table::index(va, 2))?.child(table::index(va, 1))?;
    let old = Pte(leaf.entry(table::index(va, 0)).swap(0, Ordering::AcqRel));
    pte::invalidate(va);
    (!old.is_absent()).then(|| old.pfn())
}

/// Maps `n` fresh frames at `va`; all or nothing.
pub(crate) fn map_frames(va: usize, n: usize) -> Option<()> {
    for i in 0..n {
        let mapped = super::find_memory(section::alloc).and_then(|pfn| {
            let done = map(va + i * PAGE_SIZE, pfn.0 << 12, PAGE_SIZE, KernelKind::Ram);
            if done.is_none() {
                section::free(pfn);
            }
            done
        });
        if mapped.is_none() {
            unmap_frames(va, i);
            return None;
        }
    }
    Some(())
}

/// Undoes [`map_frames`].
pub(crate) fn unmap_frames(va: usize, n: usize) {
    for i in 0..n {
        if let Some(pfn) = unmap_page(va + i * PAGE_SIZE) {
            section::free(pfn);
        }
    }
}

/// Maps device memory that is not RAM; gives the address of its first byte.
pub(crate) fn map_device(pa: u64, len: usize, kind: KernelKind) -> Option<usize> {
    let end = pa.checked_add(len as u64)?;
    if len == 0 || end > 1 << 52 || section::is_ram(pa, end) {
        return None;
    }
    let first = pa & !(PAGE_SIZE as u64 - 1);
    let size = (end.checked_next_multiple_of(PAGE_SIZE as u64)? - first) as usize;
    let mut next = NEXT_DEVICE.lock();
    // The same position inside a large page as in physical memory, so that large pages fit.
    let align = if size >= GIB { GIB } else { 2 << 20 };
    let start = next.checked_next_multiple_of(align)? + (first as usize & (align - 1));
    let after = start.checked_add(size)?;
    if after > DEVICES_END {
        return None;
    }
    *next = after;
    map_locked(start, first, size, kind)?;
    Some(start + (pa - first) as usize)
}

/// The physical address behind a kernel address.
pub(crate) fn translate(va: usize) -> Option<u64> {
    if let Some(pa) = phys::phys_of(va) {
        return Some(pa);
    }
    let mut table = kernel_root();
    for level in (0..=3).rev() {
        let entry = table.get(table::index(va, level));
        if !entry.is_visible() {
            return None;
        }
        if level == 0 || entry.is_large() {
            return Some((entry.pfn().0 << 12) & !(table::span(level) as u64 - 1) | (va & (table::span(level) - 1)) as u64);
        }
        table = Table(entry.pfn());
    }
    None
}
