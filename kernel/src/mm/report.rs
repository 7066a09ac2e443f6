//! What procfs and getrusage tell about an address space.

use alloc::sync::Arc;

use abi::{Errno, Result};
use hal::mem::{PAGE_SIZE, Perm, USER_END};

use super::space::AddressSpace;
use super::vma::{NamedObject, Source, VmFlags};

/// What a mapping is called.
pub enum MapName<'a> {
    /// Nothing.
    Anonymous,
    /// `[heap]`.
    Heap,
    /// `[stack]`: the first thread's.
    Stack,
    /// A list of pages of the kernel, such as `[vdso]`.
    Special(&'static str),
    /// A file.
    Object(&'a Arc<dyn NamedObject>),
    /// Shared memory without a file (`/dev/zero (deleted)`).
    SharedAnonymous,
}

/// One line of /proc/PID/maps.
pub struct VmaInfo<'a> {
    /// First address.
    pub start: usize,
    /// First address behind.
    pub end: usize,
    /// Access.
    pub perm: Perm,
    /// Flags; SHARED gives the `s`.
    pub flags: VmFlags,
    /// Offset in the object, in bytes.
    pub offset: u64,
    /// Name.
    pub name: MapName<'a>,
}

/// Memory of an address space in pages, as /proc/PID/statm and status have it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Usage {
    /// Mapped address space (VmSize).
    pub total: usize,
    /// Pages present (VmRSS).
    pub resident: usize,
    /// The most that were present (VmHWM).
    pub peak: usize,
    /// Present pages of no file (RssAnon).
    pub anonymous: usize,
    /// Present pages of files (RssFile).
    pub file: usize,
    /// Present pages of shared anonymous memory and tmpfs (RssShmem).
    pub shared: usize,
    /// Private writable mappings (VmData).
    pub data: usize,
    /// Stacks (VmStk).
    pub stack: usize,
    /// Executable file mappings (VmExe + VmLib).
    pub text: usize,
    /// Locked (VmLck).
    pub locked: usize,
}

impl AddressSpace {
    /// Calls `visit` for each mapping from the first that ends behind `from`, until it answers false. Under the map's lock: `visit` must not touch user memory.
    pub fn for_each_mapping(&self, from: usize, mut visit: impl FnMut(&VmaInfo<'_>) -> bool) {
        let map = self.map.read();
        let stack_top = self.layout().stack_top;
        for entry in map.vmas.iter_from(from) {
            let vma = &entry.value;
            let name = match &vma.source {
                Source::Special(pages, _) => MapName::Special(pages.name),
                Source::File(_) => vma.name.as_ref().map_or(MapName::SharedAnonymous, MapName::Object),
                Source::Anonymous if vma.flags.contains(VmFlags::HEAP) => MapName::Heap,
                Source::Anonymous if (entry.start..=entry.end).contains(&stack_top) && entry.start < stack_top => MapName::Stack,
                Source::Anonymous => MapName::Anonymous,
            };
            let info = VmaInfo { start: entry.start, end: entry.end, perm: vma.perm, flags: vma.flags, offset: vma.object_offset(0), name };
            if !visit(&info) {
                return;
            }
        }
    }

    /// Present pages of a range: (all, those of no file).
    pub fn present_pages(&self, start: usize, end: usize) -> (usize, usize) {
        let (mut all, mut own) = (0, 0);
        self.resident.table.for_each(start, end.min(USER_END), |_, page| {
            all += 1;
            own += usize::from(page.owned && page.ref_count == 1);
        });
        (all, own)
    }

    /// The figures now. Walks the page tables: for reports, not for hot paths.
    pub fn usage(&self) -> Usage {
        let map = self.map.read();
        let mut usage = Usage {
            total: map.counts.total,
            data: map.counts.data,
            locked: map.counts.locked,
            resident: self.resident.pages(),
            peak: self.resident.peak(),
            ..Usage::default()
        };
        for entry in map.vmas.iter() {
            let (all, own) = self.present_pages(entry.start, entry.end);
            let vma = &entry.value;
            let pages = entry.len() / PAGE_SIZE;
            match &vma.source {
                Source::Anonymous => usage.anonymous += all,
                Source::File(mapped) if mapped.cache().backing().is_none() && vma.is_shared() => usage.shared += all,
                Source::File(_) if vma.is_shared() => usage.file += all,
                Source::File(_) => {
                    usage.anonymous += own;
                    usage.file += all - own;
                }
                Source::Special(..) => {}
            }
            if vma.flags.contains(VmFlags::GROWS_DOWN) {
                usage.stack += pages;
            } else if vma.perm.contains(Perm::EXEC) && matches!(vma.source, Source::File(_)) {
                usage.text += pages;
            }
        }
        usage
    }

    /// The heap: its first address and its end (brk).
    pub fn heap(&self) -> (usize, usize) {
        let map = self.map.read();
        (map.brk_start, map.brk)
    }

    /// What a shared futex at `addr` is known by: the object's id and the offset in it; `None` for private memory (the address space and the address then serve).
    /// EFAULT where nothing is mapped. The data of a port's image are no mapping and nobody else's.
    pub fn shared_key(&self, addr: usize) -> Result<Option<(u64, u64)>> {
        if hal::RING0 && addr >= USER_END {
            return Ok(None);
        }
        let map = self.map.read();
        let entry = map.vmas.find(addr).ok_or(Errno::EFAULT)?;
        Ok(match &entry.value.source {
            Source::File(mapped) if entry.value.is_shared() => Some((mapped.cache().id(), entry.value.object_offset(addr - entry.start))),
            _ => None,
        })
    }

    /// The access that the mapping at `addr` allows, and where it ends; `None` when nothing is mapped.
    pub fn access_at(&self, addr: usize) -> Option<(Perm, usize)> {
        self.map.read().vmas.find(addr).map(|e| (e.value.perm, e.end))
    }
}
