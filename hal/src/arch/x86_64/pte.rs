//! Page-table entries and the TLB of x86-64.

use core::arch::asm;

use crate::mem::{Perm, Pfn};

/// A page-table entry. Zero is absent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pte(pub(crate) u64);

const PRESENT: u64 = 1;
const WRITABLE: u64 = 1 << 1;
/// The application's bit; entries of ports that run in ring 0 will leave it clear.
const USER: u64 = 1 << 2;
const WRITE_THROUGH: u64 = 1 << 3;
const UNCACHED: u64 = 1 << 4;
const ACCESSED: u64 = 1 << 5;
const DIRTY: u64 = 1 << 6;
const LARGE: u64 = 1 << 7;
const GLOBAL: u64 = 1 << 8;
/// Software: the page is borrowed, the entry holds no reference.
const BORROWED: u64 = 1 << 9;
/// Software: PROT_NONE. The page is kept, the CPU sees it as absent.
const KEPT: u64 = 1 << 10;
const NO_EXEC: u64 = 1 << 63;
const ADDRESS: u64 = 0x000f_ffff_ffff_f000;

/// How kernel memory is mapped.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum KernelKind {
    /// RAM, read and write.
    Ram,
    /// Write-back, read-only.
    ReadOnly,
    /// Device registers.
    Device,
}

impl Pte {
    /// An entry of the application's half.
    #[inline]
    pub(crate) fn user(pfn: Pfn, perm: Perm, owned: bool) -> Pte {
        Pte(pfn.0 << 12 | ACCESSED | if owned { 0 } else { BORROWED }).with_perm(perm)
    }

    /// An entry that points to a lower table of the application's half.
    #[inline]
    pub(crate) fn user_table(pfn: Pfn) -> Pte {
        Pte(pfn.0 << 12 | PRESENT | WRITABLE | USER | ACCESSED)
    }

    /// An entry that points to a lower table of the kernel's half.
    pub(crate) fn kernel_table(pfn: Pfn) -> Pte {
        Pte(pfn.0 << 12 | PRESENT | WRITABLE | ACCESSED)
    }

    /// A page of kernel memory; `level` 0 is 4 KiB, 1 is 2 MiB, 2 is 1 GiB.
    pub(crate) fn kernel(pa: u64, kind: KernelKind, level: usize) -> Pte {
        let bits = match kind {
            KernelKind::Ram => WRITABLE | DIRTY,
            KernelKind::ReadOnly => 0,
            KernelKind::Device => WRITABLE | DIRTY | WRITE_THROUGH | UNCACHED,
        };
        Pte(pa | PRESENT | ACCESSED | GLOBAL | NO_EXEC | bits | if level > 0 { LARGE } else { 0 })
    }

    /// The same page with other permissions; dirty and accessed stay. Writable entries are marked dirty by the CPU when written.
    #[inline]
    pub(crate) fn with_perm(self, perm: Perm) -> Pte {
        let mut bits = self.0 & !(PRESENT | WRITABLE | USER | KEPT | NO_EXEC);
        if perm.is_empty() {
            return Pte(bits | KEPT);
        }
        bits |= PRESENT | USER;
        if perm.contains(Perm::WRITE) {
            bits |= WRITABLE;
        }
        if !perm.contains(Perm::EXEC) {
            bits |= NO_EXEC;
        }
        Pte(bits)
    }

    /// The same entry, marked written (the caller is about to).
    #[inline]
    pub(crate) fn with_dirty(self) -> Pte {
        Pte(self.0 | DIRTY)
    }

    /// The same entry as if the CPU had not used it.
    #[inline]
    pub(crate) fn cleaned(self) -> Pte {
        Pte(self.0 & !(DIRTY | ACCESSED))
    }

    #[inline]
    pub(crate) fn is_absent(self) -> bool {
        self.0 == 0
    }
    /// Whether the CPU sees it: only then it may be in the TLB.
    #[inline]
    pub(crate) fn is_visible(self) -> bool {
        self.0 & PRESENT != 0
    }
    pub(crate) fn is_large(self) -> bool {
        self.0 & LARGE != 0
    }
    #[inline]
    pub(crate) fn pfn(self) -> Pfn {
        Pfn((self.0 & ADDRESS) >> 12)
    }
    #[inline]
    pub(crate) fn owned(self) -> bool {
        self.0 & BORROWED == 0
    }
    #[inline]
    pub(crate) fn accessed(self) -> bool {
        self.0 & ACCESSED != 0
    }
    #[inline]
    pub(crate) fn dirty(self) -> bool {
        self.0 & DIRTY != 0
    }
    #[inline]
    pub(crate) fn perm(self) -> Perm {
        if !self.is_visible() {
            return Perm::empty();
        }
        let mut perm = Perm::READ;
        perm.set(Perm::WRITE, self.0 & WRITABLE != 0);
        perm.set(Perm::EXEC, self.0 & NO_EXEC == 0);
        perm
    }
}

/// Whether the CPU has 1 GiB pages.
pub(crate) fn has_gigabyte_pages() -> bool {
    use core::arch::x86_64::__cpuid;
    __cpuid(0x8000_0000).eax >= 0x8000_0001 && __cpuid(0x8000_0001).edx & 1 << 26 != 0
}

/// Forgets the translation of one address on this CPU, and the CPU's cache of upper tables.
#[inline]
pub(crate) fn invalidate(va: usize) {
    if cfg!(any(test, feature = "fake-memory")) {
        return;
    }
    // SAFETY: dropping a cached translation is always allowed in ring 0.
    unsafe { asm!("invlpg [{}]", in(reg) va, options(nostack, preserves_flags)) }
}

/// The root table of the current address space.
#[inline]
pub(crate) fn root() -> Pfn {
    if cfg!(any(test, feature = "fake-memory")) {
        return Pfn(0);
    }
    let cr3: u64;
    // SAFETY: reading CR3 in ring 0 has no effect.
    unsafe { asm!("mov {}, cr3", out(reg) cr3, options(nostack, nomem, preserves_flags)) };
    Pfn((cr3 & ADDRESS) >> 12)
}

/// Switches to another root table; forgets all translations that are not global.
///
/// # Safety
/// `root` is a table that maps the kernel as the current one does, and stays alive while it is in use.
#[inline]
pub(crate) unsafe fn set_root(root: Pfn) {
    if cfg!(any(test, feature = "fake-memory")) {
        return;
    }
    // SAFETY: the caller's promise.
    unsafe { asm!("mov cr3, {}", in(reg) root.0 << 12, options(nostack, preserves_flags)) }
}
