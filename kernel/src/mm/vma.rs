//! One mapping: what a range of addresses shows and what may be done there.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use hal::mem::{PAGE_SIZE, Page, Perm};
use rangemap::{Entry, Part};

use super::imap::{MappedIn, Resident, Sharing};

flags::flags! {
    /// What is special about a mapping.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct VmFlags: u32 {
        /// MAP_SHARED: writes go to the object.
        const SHARED = 1;
        /// mprotect may allow reading.
        const MAY_READ = 1 << 1;
        /// mprotect may allow writing.
        const MAY_WRITE = 1 << 2;
        /// mprotect may allow execution.
        const MAY_EXEC = 1 << 3;
        /// Grows when touched below its start.
        const GROWS_DOWN = 1 << 4;
        /// mlock.
        const LOCKED = 1 << 5;
        /// mlock, page by page.
        const LOCK_ON_FAULT = 1 << 6;
        /// MAP_NORESERVE.
        const NO_RESERVE = 1 << 7;
        /// MADV_DONTFORK.
        const DONT_FORK = 1 << 8;
        /// MADV_WIPEONFORK.
        const WIPE_ON_FORK = 1 << 9;
        /// MADV_DONTDUMP.
        const DONT_DUMP = 1 << 10;
        /// MADV_HUGEPAGE.
        const HUGE = 1 << 11;
        /// MADV_NOHUGEPAGE.
        const NO_HUGE = 1 << 12;
        /// MADV_SEQUENTIAL.
        const SEQUENTIAL = 1 << 13;
        /// MADV_RANDOM: no fault-around.
        const RANDOM = 1 << 14;
        /// Part of the program's data segment (heap), for the name.
        const HEAP = 1 << 15;
        /// MADV_MERGEABLE.
        const MERGEABLE = 1 << 16;
    }
}

/// What a file mapping is called in /proc/PID/maps; the open file, which the mapping keeps open.
pub trait NamedObject: Send + Sync {
    /// Device number (major, minor) and inode number.
    fn identity(&self) -> (u32, u32, u64);
    /// Writes the path.
    fn path(&self, out: &mut dyn fmt::Write) -> fmt::Result;
    /// The concrete type, for those who know it.
    fn as_any(&self) -> &dyn core::any::Any;
}

/// A fixed list of pages, such as the vDSO.
pub struct SpecialPages {
    /// What /proc/PID/maps shows: `[vdso]`.
    pub name: &'static str,
    /// The pages. Never written by the application.
    pub pages: Vec<Page>,
}

/// Where a mapping's pages come from.
pub(super) enum Source {
    /// Zeros on first touch, private.
    Anonymous,
    /// Pages of a file or of shared anonymous memory.
    File(MappedIn),
    /// A fixed list, from a page on.
    Special(Arc<SpecialPages>, usize),
}

/// A mapping; its range is the key in the map.
pub(super) struct Vma {
    pub(super) perm: Perm,
    pub(super) flags: VmFlags,
    pub(super) source: Source,
    pub(super) name: Option<Arc<dyn NamedObject>>,
}

impl Vma {
    /// Private anonymous memory.
    pub(super) fn anonymous(perm: Perm, flags: VmFlags) -> Vma {
        Vma { perm, flags, source: Source::Anonymous, name: None }
    }

    #[inline]
    pub(super) fn is_shared(&self) -> bool {
        self.flags.contains(VmFlags::SHARED)
    }

    /// Counts against RLIMIT_DATA.
    pub(super) fn is_data(&self) -> bool {
        self.perm.contains(Perm::WRITE) && !self.flags.intersects(VmFlags::SHARED | VmFlags::GROWS_DOWN)
    }

    /// The mapping of `len` bytes from `offset` of this one, to be put at `va` of `space` (mremap, fork).
    pub(super) fn duplicate(&self, offset: usize, len: usize, va: usize, space: &Arc<Resident>) -> Vma {
        let source = match &self.source {
            Source::Anonymous => Source::Anonymous,
            Source::Special(pages, first) => Source::Special(pages.clone(), first + offset / PAGE_SIZE),
            Source::File(mapped) => {
                let first = mapped.first() + (offset / PAGE_SIZE) as u64;
                Source::File(MappedIn::new(mapped.cache(), first, (len / PAGE_SIZE) as u64, va, sharing(self.flags), space))
            }
        };
        Vma { perm: self.perm, flags: self.flags, source, name: self.name.clone() }
    }

    /// Byte offset in the object of the address `offset` bytes behind the start.
    pub(super) fn object_offset(&self, offset: usize) -> u64 {
        match &self.source {
            Source::File(mapped) => mapped.first() * PAGE_SIZE as u64 + offset as u64,
            Source::Anonymous | Source::Special(..) => 0,
        }
    }
}

/// Who sees writes through a mapping with these flags.
pub(super) fn sharing(flags: VmFlags) -> Sharing {
    match (flags.contains(VmFlags::SHARED), flags.contains(VmFlags::MAY_WRITE)) {
        (false, _) => Sharing::Private,
        (true, false) => Sharing::ReadOnly,
        (true, true) => Sharing::Writable,
    }
}

/// The permissions of `new` are allowed by the MAY bits.
pub(super) fn may(flags: VmFlags, perm: Perm) -> bool {
    let allowed = |p, f| !perm.contains(p) || flags.contains(f);
    allowed(Perm::READ, VmFlags::MAY_READ) && allowed(Perm::WRITE, VmFlags::MAY_WRITE) && allowed(Perm::EXEC, VmFlags::MAY_EXEC)
}

/// The lowest address that belongs to a mapping: below a stack a gap stays free.
pub(super) fn low_edge(entry: &Entry<Vma>) -> usize {
    if entry.value.flags.contains(VmFlags::GROWS_DOWN) { entry.start.saturating_sub(STACK_GUARD_GAP) } else { entry.start }
}

/// Bytes that stay free below a mapping that grows down (Linux's stack_guard_gap).
pub(super) const STACK_GUARD_GAP: usize = 256 * PAGE_SIZE;

impl Part for Vma {
    fn split(&mut self, offset: usize) -> Vma {
        let source = match &self.source {
            Source::Anonymous => Source::Anonymous,
            Source::File(mapped) => Source::File(mapped.split((offset / PAGE_SIZE) as u64)),
            Source::Special(pages, first) => Source::Special(pages.clone(), first + offset / PAGE_SIZE),
        };
        Vma { perm: self.perm, flags: self.flags, source, name: self.name.clone() }
    }

    fn fits(&self, len: usize, next: &Vma) -> bool {
        if self.perm != next.perm || self.flags != next.flags {
            return false;
        }
        match (&self.source, &next.source) {
            (Source::Anonymous, Source::Anonymous) => true,
            (Source::File(a), Source::File(b)) => {
                let same_name = match (&self.name, &next.name) {
                    (Some(a), Some(b)) => Arc::ptr_eq(a, b),
                    (None, None) => true,
                    _ => false,
                };
                same_name && Arc::ptr_eq(a.cache(), b.cache()) && a.first() + (len / PAGE_SIZE) as u64 == b.first()
            }
            _ => false,
        }
    }

    fn absorb(&mut self, len: usize, next: Vma, next_len: usize) {
        if let Source::File(mapped) = &self.source {
            // The other leaves the file's list first, so that no page is listed twice.
            drop(next);
            mapped.set_len(((len + next_len) / PAGE_SIZE) as u64);
        }
    }
}
