//! mmap(2).

use alloc::sync::Arc;

use abi::mm::MapFlags;
use abi::process::rlimit;
use abi::{Errno, Result};
use hal::mem::{MIN_USER, PAGE_SIZE, Perm, USER_END};

use super::cache::PageCache;
use super::imap::MappedIn;
use super::space::{AddressSpace, Map, Removed, is_aligned, page_up};
use super::vma::{NamedObject, Source, VmFlags, Vma, sharing};

/// Top of the range for MAP_32BIT.
const BIT32_END: usize = 0x8000_0000;
const BIT32_START: usize = 0x4000_0000;

/// What to map.
pub enum MapTarget {
    /// Zeros.
    Anonymous,
    /// A file, from page `MapRequest::offset / PAGE_SIZE` on.
    File(Arc<PageCache>, Option<Arc<dyn NamedObject>>),
}

/// The arguments of mmap(2), decoded. The caller has checked what only the open file knows (ENODEV, EACCES by its access mode).
pub struct MapRequest {
    /// Wanted address, 0 for none.
    pub addr: usize,
    /// Bytes.
    pub len: usize,
    /// Access.
    pub perm: Perm,
    /// The flags; SHARED or PRIVATE is decided.
    pub flags: MapFlags,
    /// What to map.
    pub target: MapTarget,
    /// Offset in the file, page aligned.
    pub offset: u64,
    /// What mprotect may allow later.
    pub may: Perm,
    /// The caller may lock memory without limit (CAP_IPC_LOCK).
    pub may_lock: bool,
}

impl MapRequest {
    /// Private memory, as malloc asks for it.
    pub fn anonymous(addr: usize, len: usize, perm: Perm, flags: MapFlags) -> MapRequest {
        MapRequest {
            addr,
            len,
            perm,
            flags: flags | MapFlags::PRIVATE | MapFlags::ANONYMOUS,
            target: MapTarget::Anonymous,
            offset: 0,
            may: Perm::all(),
            may_lock: false,
        }
    }

    fn vm_flags(&self, map: &Map) -> VmFlags {
        let mut flags = map.lock_future;
        flags.set(VmFlags::SHARED, self.flags.contains(MapFlags::SHARED));
        flags.set(VmFlags::MAY_READ, self.may.contains(Perm::READ));
        flags.set(VmFlags::MAY_WRITE, self.may.contains(Perm::WRITE));
        flags.set(VmFlags::MAY_EXEC, self.may.contains(Perm::EXEC));
        flags.set(VmFlags::GROWS_DOWN, self.flags.contains(MapFlags::GROWSDOWN));
        flags.set(VmFlags::NO_RESERVE, self.flags.contains(MapFlags::NORESERVE));
        if self.flags.contains(MapFlags::LOCKED) {
            flags |= VmFlags::LOCKED;
        }
        flags
    }
}

impl AddressSpace {
    /// mmap(2): maps and gives the address. Errors and their order as there: EINVAL (no length, unaligned), ENOMEM (no room, limits), EOVERFLOW (offset),
    /// EEXIST (MAP_FIXED_NOREPLACE), EPERM (below the lowest address), EAGAIN (locked memory).
    pub fn mmap(&self, mut request: MapRequest) -> Result<usize> {
        if request.len == 0 {
            return Err(Errno::EINVAL);
        }
        if request.flags.contains(MapFlags::FIXED_NOREPLACE) {
            request.flags |= MapFlags::FIXED;
        }
        let len = page_up(request.len).filter(|&len| len <= USER_END).ok_or(Errno::ENOMEM)?;
        if request.offset.checked_add(len as u64).is_none() {
            return Err(Errno::EOVERFLOW);
        }
        let mut removed = Removed::default();
        let (start, populate) = {
            let mut map = self.map.write();
            if !map.has_room(1) {
                return Err(Errno::ENOMEM);
            }
            let start = self.choose(&mut map, &request, len)?;
            let vma = self.check_and_make(&mut map, &request, start, len)?;
            if request.flags.contains(MapFlags::FIXED) {
                self.unmap_locked(&mut map, start, start + len, &mut removed);
            }
            let locked = vma.flags.contains(VmFlags::LOCKED) && !vma.flags.contains(VmFlags::LOCK_ON_FAULT);
            map.add(start, start + len, vma);
            (start, locked || request.flags.contains(MapFlags::POPULATE) && !request.flags.contains(MapFlags::NONBLOCK))
        };
        drop(removed);
        if populate {
            self.populate(start, start + len);
        }
        Ok(start)
    }

    /// The address for a mapping.
    fn choose(&self, map: &mut Map, request: &MapRequest, len: usize) -> Result<usize> {
        if request.flags.contains(MapFlags::FIXED) {
            if request.addr > USER_END - len {
                return Err(Errno::ENOMEM);
            }
            if !is_aligned(request.addr) {
                return Err(Errno::EINVAL);
            }
            if request.addr < MIN_USER {
                return Err(Errno::EPERM);
            }
            if request.flags.contains(MapFlags::FIXED_NOREPLACE) && !map.vmas.is_free(request.addr, request.addr + len) {
                return Err(Errno::EEXIST);
            }
            return Ok(request.addr);
        }
        let limit = if request.flags.contains(MapFlags::BIT32) { BIT32_END } else { USER_END };
        if request.addr != 0 {
            let wanted = page_up(request.addr).unwrap_or(0).max(MIN_USER);
            if wanted.checked_add(len).is_some_and(|end| end <= limit && map.fits(wanted, end)) {
                return Ok(wanted);
            }
        }
        if limit == BIT32_END {
            let low = map.gap_below(len, BIT32_END, &mut 0).filter(|&start| start >= BIT32_START);
            return low.ok_or(Errno::ENOMEM);
        }
        map.find_gap(len, self.layout()).ok_or(Errno::ENOMEM)
    }

    /// Checks the limits and makes the mapping's record.
    fn check_and_make(&self, map: &mut Map, request: &MapRequest, start: usize, len: usize) -> Result<Vma> {
        let flags = request.vm_flags(map);
        let pages = len / PAGE_SIZE;
        if flags.contains(VmFlags::LOCKED) && !request.may_lock {
            self.check_lock(map, pages)?;
        }
        let private = !flags.contains(VmFlags::SHARED);
        let data = private && request.perm.contains(Perm::WRITE) && !flags.contains(VmFlags::GROWS_DOWN);
        // What is replaced does not count.
        let replaced = if request.flags.contains(MapFlags::FIXED) { map.pages_in(start, start + len) } else { 0 };
        if !self.may_expand(map, pages.saturating_sub(replaced), data) {
            return Err(Errno::ENOMEM);
        }
        if data && !flags.contains(VmFlags::NO_RESERVE) && exceeds_memory(len) {
            return Err(Errno::ENOMEM);
        }
        let source = match &request.target {
            MapTarget::Anonymous if private => Source::Anonymous,
            MapTarget::Anonymous => {
                let cache = PageCache::new(None, len as u64, None);
                Source::File(MappedIn::new(&cache, 0, pages as u64, start, sharing(flags), &self.resident))
            }
            MapTarget::File(cache, _) => {
                Source::File(MappedIn::new(cache, request.offset / PAGE_SIZE as u64, pages as u64, start, sharing(flags), &self.resident))
            }
        };
        let name = match &request.target {
            MapTarget::File(_, name) => name.clone(),
            MapTarget::Anonymous => None,
        };
        Ok(Vma { perm: request.perm, flags, source, name })
    }

    /// EAGAIN when `pages` more locked ones exceed RLIMIT_MEMLOCK, EPERM when nothing may be locked at all.
    pub(super) fn check_lock(&self, map: &Map, pages: usize) -> Result<()> {
        match self.limit_pages(rlimit::MEMLOCK) {
            0 => Err(Errno::EPERM),
            limit if map.counts.locked.saturating_add(pages) > limit => Err(Errno::EAGAIN),
            _ => Ok(()),
        }
    }
}

/// Linux's heuristic: one mapping that is larger than all memory is a mistake. Small machines, whose memory is chosen by what is touched and not by what is
/// reserved, count as 1 GiB.
pub(super) fn exceeds_memory(len: usize) -> bool {
    len >= 1 << 30 && len as u64 > hal::mem::stats().total
}
