//! madvise(2).

use abi::mm::advice;
use abi::{Errno, Result};
use hal::mem::{PAGE_SIZE, Perm};

use super::fault::{Access, FaultOutcome};
use super::space::{AddressSpace, is_aligned, page_up};
use super::vma::{Source, VmFlags, Vma};

/// What an advice does.
enum Action {
    /// Nothing, or nothing that shows.
    None,
    /// Sets and clears flags of the mappings.
    Flags(VmFlags, VmFlags),
    /// Forgets pages.
    Zap,
    /// Forgets pages when memory is short.
    Free,
    /// Punches holes into files.
    Remove,
    /// Fills.
    Populate(Access),
    WillNeed,
}

impl AddressSpace {
    /// madvise(2). EINVAL for an advice that does not exist or does not fit a mapping; ENOMEM when part of the range is not mapped (the rest is done).
    pub fn madvise(&self, addr: usize, len: usize, advice: u32) -> Result<()> {
        let action = action(advice)?;
        if !is_aligned(addr) {
            return Err(Errno::EINVAL);
        }
        let rounded = page_up(len).ok_or(Errno::EINVAL)?;
        let end = addr.checked_add(rounded).ok_or(Errno::EINVAL)?;
        if end == addr {
            return Ok(());
        }
        match action {
            Action::Populate(access) => self.populate_checked(addr, end, access),
            Action::Remove => self.remove_pages(addr, end),
            Action::Free => self.advise_free(addr, end),
            Action::Flags(set, clear) => self.advise_flags(addr, end, advice, set, clear),
            Action::None | Action::Zap | Action::WillNeed => self.advise_pages(addr, end, advice),
        }
    }

    fn advise_flags(&self, addr: usize, end: usize, advice: u32, set: VmFlags, clear: VmFlags) -> Result<()> {
        let mut map = self.map.write();
        let mut at = addr;
        let mut hole = false;
        // `at < end` first: what was changed may have merged into one mapping that reaches back before `at`.
        while at < end {
            let Some(entry) = map.vmas.at_or_after(at).filter(|e| e.start < end) else { break };
            hole |= entry.start > at;
            if advice == advice::WIPEONFORK && !matches!(entry.value.source, Source::Anonymous) {
                return Err(Errno::EINVAL);
            }
            let (from, to) = (entry.start.max(at), entry.end.min(end));
            at = to;
            if !map.has_room(2) {
                return Err(Errno::EAGAIN);
            }
            map.change(from, to, |vma| vma.flags = vma.flags.difference(clear) | set);
        }
        if hole || at < end { Err(Errno::ENOMEM) } else { Ok(()) }
    }

    fn advise_pages(&self, addr: usize, end: usize, advice: u32) -> Result<()> {
        let map = self.map.read();
        let mut at = addr;
        let mut hole = false;
        for entry in map.vmas.iter_from(addr).take_while(|e| e.start < end) {
            hole |= entry.start > at;
            let (from, to) = (entry.start.max(at), entry.end.min(end));
            at = to;
            if check_zap(&entry.value, advice)? {
                self.resident.zap(from, to);
            }
        }
        if hole || at < end { Err(Errno::ENOMEM) } else { Ok(()) }
    }

    /// MADV_REMOVE: the pages of shared mappings become holes of their file.
    fn remove_pages(&self, addr: usize, end: usize) -> Result<()> {
        let mut at = addr;
        while at < end {
            let (cache, from, to, next) = {
                let map = self.map.read();
                let entry = map.vmas.find(at).ok_or(Errno::ENOMEM)?;
                if entry.value.flags.contains(VmFlags::LOCKED) {
                    return Err(Errno::EINVAL);
                }
                let Source::File(mapped) = &entry.value.source else { return Err(Errno::EINVAL) };
                if !entry.value.is_shared() || !entry.value.flags.contains(VmFlags::MAY_WRITE) {
                    return Err(Errno::EACCES);
                }
                let next = entry.end.min(end);
                let from = entry.value.object_offset(at - entry.start);
                (mapped.cache().clone(), from, from + (next - at) as u64, next)
            };
            cache.punch_hole(from, to)?;
            at = next;
        }
        Ok(())
    }

    /// MADV_POPULATE_*: fills and says when it cannot.
    fn populate_checked(&self, addr: usize, end: usize, access: Access) -> Result<()> {
        let mut at = addr;
        while at < end {
            match self.fault(at, access) {
                FaultOutcome::Resolved => at += PAGE_SIZE,
                FaultOutcome::Segv(super::fault::SegvCode::MapErr) => return Err(Errno::ENOMEM),
                FaultOutcome::Segv(super::fault::SegvCode::AccErr) => return Err(Errno::EINVAL),
                FaultOutcome::Bus => return Err(Errno::EFAULT),
                FaultOutcome::OutOfMemory => return Err(Errno::ENOMEM),
            }
        }
        Ok(())
    }

    /// Fills the mappings of a range as far as possible: writable private ones with own pages, others for reading.
    pub(super) fn populate(&self, start: usize, end: usize) {
        let mut at = start;
        while at < end {
            let access = {
                let map = self.map.read();
                let Some(entry) = map.vmas.at_or_after(at).filter(|e| e.start < end) else { return };
                at = at.max(entry.start);
                let vma = &entry.value;
                if vma.perm.is_empty() {
                    at = entry.end;
                    continue;
                }
                if vma.perm.contains(Perm::WRITE) && !vma.is_shared() { Access::Write } else { Access::Read }
            };
            if self.resident.table.query(at).is_none() && !matches!(self.fault(at, access), FaultOutcome::Resolved) {
                return;
            }
            at += PAGE_SIZE;
        }
    }
}

fn action(number: u32) -> Result<Action> {
    let none = VmFlags::empty();
    Ok(match number {
        advice::NORMAL => Action::Flags(none, VmFlags::RANDOM | VmFlags::SEQUENTIAL),
        advice::RANDOM => Action::Flags(VmFlags::RANDOM, VmFlags::SEQUENTIAL),
        advice::SEQUENTIAL => Action::Flags(VmFlags::SEQUENTIAL, VmFlags::RANDOM),
        advice::WILLNEED => Action::WillNeed,
        advice::DONTNEED | advice::DONTNEED_LOCKED => Action::Zap,
        advice::FREE => Action::Free,
        advice::REMOVE => Action::Remove,
        advice::DONTFORK => Action::Flags(VmFlags::DONT_FORK, none),
        advice::DOFORK => Action::Flags(none, VmFlags::DONT_FORK),
        advice::MERGEABLE => Action::Flags(VmFlags::MERGEABLE, none),
        advice::UNMERGEABLE => Action::Flags(none, VmFlags::MERGEABLE),
        advice::HUGEPAGE => Action::Flags(VmFlags::HUGE, VmFlags::NO_HUGE),
        advice::NOHUGEPAGE => Action::Flags(VmFlags::NO_HUGE, VmFlags::HUGE),
        advice::DONTDUMP => Action::Flags(VmFlags::DONT_DUMP, none),
        advice::DODUMP => Action::Flags(none, VmFlags::DONT_DUMP),
        advice::WIPEONFORK => Action::Flags(VmFlags::WIPE_ON_FORK, none),
        advice::KEEPONFORK => Action::Flags(none, VmFlags::WIPE_ON_FORK),
        advice::COLD | advice::PAGEOUT => Action::None,
        advice::POPULATE_READ => Action::Populate(Access::Read),
        advice::POPULATE_WRITE => Action::Populate(Access::Write),
        _ => return Err(Errno::EINVAL),
    })
}

/// Whether the pages of this mapping go; the error where the advice does not fit.
pub(super) fn check_zap(vma: &Vma, number: u32) -> Result<bool> {
    let locked = vma.flags.contains(VmFlags::LOCKED);
    let special = matches!(vma.source, Source::Special(..));
    match number {
        advice::DONTNEED if locked || special => Err(Errno::EINVAL),
        advice::DONTNEED_LOCKED if special => Err(Errno::EINVAL),
        advice::DONTNEED | advice::DONTNEED_LOCKED => Ok(true),
        advice::FREE if !matches!(vma.source, Source::Anonymous) => Err(Errno::EINVAL),
        advice::FREE => Ok(!locked),
        advice::COLD | advice::PAGEOUT if locked || special => Err(Errno::EINVAL),
        _ => Ok(false),
    }
}
