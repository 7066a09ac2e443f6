//! Page faults: the page that an access needs is made, found or copied.

use alloc::sync::Arc;

use abi::Errno;
use abi::process::rlimit;
use hal::mem::{Frame, Mapping, PAGE_SIZE, Page, Perm, TlbBatch, USER_END};
use rangemap::Entry;

use super::cache::{PageCache, zero_page};
use super::imap::MappedIn;
use super::space::AddressSpace;
use super::vma::{STACK_GUARD_GAP, Source, VmFlags, Vma};
use super::{reclaim, shrink};

/// What was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Load.
    Read,
    /// Store.
    Write,
    /// Instruction fetch.
    Exec,
}

/// si_code of a SIGSEGV.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SegvCode {
    /// Nothing is mapped there (SEGV_MAPERR).
    MapErr,
    /// What is mapped there does not allow the access (SEGV_ACCERR).
    AccErr,
}

/// What became of a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultOutcome {
    /// Run the instruction again.
    Resolved,
    /// SIGSEGV.
    Segv(SegvCode),
    /// SIGBUS with BUS_ADRERR: behind the end of the file, or the file cannot be read.
    Bus,
    /// No memory for the page: the process cannot go on.
    OutOfMemory,
}

use FaultOutcome::{Bus, OutOfMemory, Resolved, Segv};

/// The step that needs the map's lock is over: either with an outcome, or a page of a file must be read first.
enum Step {
    Done(FaultOutcome),
    ReadIn(Arc<PageCache>, u64),
}

/// Pages of a file that are mapped at one fault.
const AROUND: usize = 16 * PAGE_SIZE;

impl AddressSpace {
    /// Resolves a fault at `addr`. May sleep (a file's page may have to be read).
    pub fn fault(&self, addr: usize, access: Access) -> FaultOutcome {
        match self.try_fault(addr, access) {
            // What was kept from giving by a lock that was held may give now.
            OutOfMemory if reclaim::run() => self.try_fault(addr, access),
            outcome => outcome,
        }
    }

    #[inline]
    fn try_fault(&self, addr: usize, access: Access) -> FaultOutcome {
        if addr >= USER_END {
            return Segv(SegvCode::MapErr);
        }
        loop {
            let map = self.map.read();
            let Some(entry) = map.vmas.at_or_after(addr) else { return Segv(SegvCode::MapErr) };
            if entry.start > addr {
                if !entry.value.flags.contains(VmFlags::GROWS_DOWN) {
                    return Segv(SegvCode::MapErr);
                }
                drop(map);
                match self.grow_stack(addr) {
                    true => continue,
                    false => return Segv(SegvCode::MapErr),
                }
            }
            // On x86 whatever can be accessed can be read.
            let allowed = match access {
                Access::Read => !entry.value.perm.is_empty(),
                Access::Write => entry.value.perm.contains(Perm::WRITE),
                Access::Exec => entry.value.perm.contains(Perm::EXEC),
            };
            if !allowed {
                return Segv(SegvCode::AccErr);
            }
            match self.resolve(entry, addr & !(PAGE_SIZE - 1), access == Access::Write) {
                Step::Done(outcome) => return outcome,
                Step::ReadIn(cache, index) => {
                    drop(map);
                    shrink::complain();
                    match cache.read_in(index) {
                        Ok(()) => {}
                        Err(Errno::ENOMEM) => return OutOfMemory,
                        Err(_) => return Bus,
                    }
                }
            }
        }
    }

    #[inline]
    fn resolve(&self, entry: &Entry<Vma>, va: usize, write: bool) -> Step {
        let vma = &entry.value;
        match &vma.source {
            Source::Anonymous => Step::Done(self.anonymous(vma, va, write)),
            Source::File(mapped) if vma.is_shared() => self.shared(entry, mapped, va, write),
            Source::File(mapped) => self.private(entry, mapped, va, write),
            Source::Special(pages, first) => Step::Done(match pages.pages.get(first + (va - entry.start) / PAGE_SIZE) {
                Some(page) => self.map_new(va, page.clone(), vma.perm & !Perm::WRITE),
                None => Bus,
            }),
        }
    }

    /// Maps a page where none is; another thread may have been faster, which is as good.
    #[inline]
    fn map_new(&self, va: usize, page: Page, perm: Perm) -> FaultOutcome {
        match self.resident.table.map_new(va, page, perm) {
            Ok(new) => {
                self.resident.add(usize::from(new));
                Resolved
            }
            Err(_) => OutOfMemory,
        }
    }

    #[inline]
    fn anonymous(&self, vma: &Vma, va: usize, write: bool) -> FaultOutcome {
        match self.resident.table.fill(va, vma.perm, || Frame::zeroed().map(Page::Owned)) {
            Ok(None) => {
                self.resident.add(1);
                Resolved
            }
            Ok(Some(page)) => self.present(vma, va, &page, write, None),
            Err(_) => OutOfMemory,
        }
    }

    /// A page is there, but not with the permissions needed: first write to a shared page, or one that another thread resolved meanwhile. `below` is the file's page,
    /// for entries without a reference.
    fn present(&self, vma: &Vma, va: usize, page: &Mapping, write: bool, below: Option<Page>) -> FaultOutcome {
        let table = &self.resident.table;
        let mut batch = TlbBatch::new(table);
        if page.owned && page.ref_count == 1 {
            table.set_perm(va, vma.perm, &mut batch);
            return Resolved;
        }
        if !write {
            table.set_perm(va, vma.perm & !Perm::WRITE, &mut batch);
            return Resolved;
        }
        let Some(source) = table.frame(va).map(Page::Owned).or(below) else { return Resolved };
        let Some(copy) = Frame::copy_of(&source) else { return OutOfMemory };
        match table.map(va, Page::Owned(copy), vma.perm, &mut batch) {
            Ok(new) => {
                self.resident.add(usize::from(new));
                Resolved
            }
            Err(_) => OutOfMemory,
        }
    }

    /// A private mapping of a file: its pages until written, then copies.
    fn private(&self, entry: &Entry<Vma>, mapped: &MappedIn, va: usize, write: bool) -> Step {
        let vma = &entry.value;
        let cache = mapped.cache();
        let index = mapped.first() + ((va - entry.start) / PAGE_SIZE) as u64;
        // The lock is held until the page is mapped, so that a write to the file finds the mapping and removes it.
        let state = cache.state.lock();
        if index >= cache.size().div_ceil(PAGE_SIZE as u64) {
            return Step::Done(Bus);
        }
        let Ok(found) = cache.peek(&state, index) else { return Step::ReadIn(cache.clone(), index) };
        if let Some(page) = self.resident.table.query(va) {
            return Step::Done(self.present(vma, va, &page, write, found));
        }
        if write {
            let copy = match found {
                Some(page) => Frame::copy_of(&page),
                None => Frame::zeroed(),
            };
            return Step::Done(copy.map_or(OutOfMemory, |copy| self.map_new(va, Page::Owned(copy), vma.perm)));
        }
        let Some(page) = found.or_else(|| zero_page().map(Page::Owned)) else { return Step::Done(OutOfMemory) };
        let perm = vma.perm & !Perm::WRITE;
        let outcome = self.map_new(va, page, perm);
        if outcome == Resolved && !vma.flags.contains(VmFlags::RANDOM) {
            self.around(entry, mapped, va, |at| cache.peek(&state, at).ok().flatten().map(|page| (page, perm)));
        }
        Step::Done(outcome)
    }

    /// A shared mapping: the file's own pages.
    fn shared(&self, entry: &Entry<Vma>, mapped: &MappedIn, va: usize, write: bool) -> Step {
        let vma = &entry.value;
        let cache = mapped.cache();
        let index = mapped.first() + ((va - entry.start) / PAGE_SIZE) as u64;
        let mut state = cache.state.lock();
        if index >= cache.size().div_ceil(PAGE_SIZE as u64) {
            return Step::Done(Bus);
        }
        let Ok(found) = cache.peek(&state, index) else { return Step::ReadIn(cache.clone(), index) };
        // Who may write later must see the same page as who reads now, so holes are filled at once.
        let page = match found {
            Some(page) if !write => page,
            _ => match cache.own_page_locked(&mut state, index, true) {
                Ok(Some(frame)) => Page::Owned(frame),
                Ok(None) => return Step::ReadIn(cache.clone(), index),
                Err(Errno::ENOMEM) => return Step::Done(OutOfMemory),
                Err(_) => return Step::Done(Bus),
            },
        };
        let track = cache.tracks_writes();
        let perm_of = |page: &Page| {
            let writable = matches!(page, Page::Owned(_)) && !track;
            if writable { vma.perm } else { vma.perm & !Perm::WRITE }
        };
        let perm = if write { vma.perm } else { perm_of(&page) };
        let mut batch = TlbBatch::new(&self.resident.table);
        let Ok(new) = self.resident.table.map(va, page, perm, &mut batch) else { return Step::Done(OutOfMemory) };
        self.resident.add(usize::from(new));
        if !write && !vma.flags.contains(VmFlags::RANDOM) {
            self.around(entry, mapped, va, |at| {
                let page = cache.peek(&state, at).ok().flatten()?;
                let perm = perm_of(&page);
                Some((page, perm))
            });
        }
        Step::Done(Resolved)
    }

    /// Maps the pages around `va` that are at hand: programs run through their files.
    fn around(&self, entry: &Entry<Vma>, mapped: &MappedIn, va: usize, mut page: impl FnMut(u64) -> Option<(Page, Perm)>) {
        let window = va & !(AROUND - 1);
        let start = window.max(entry.start);
        let pages_left = mapped.cache().size().div_ceil(PAGE_SIZE as u64).saturating_sub(mapped.first());
        let file_end = usize::try_from(pages_left).ok().and_then(|n| n.checked_mul(PAGE_SIZE)).and_then(|n| n.checked_add(entry.start));
        let end = (window + AROUND).min(entry.end).min(file_end.unwrap_or(usize::MAX));
        let index = |at: usize| mapped.first() + ((at - entry.start) / PAGE_SIZE) as u64;
        self.resident.add(self.resident.table.map_around(start, end, |at| page(index(at))));
    }

    /// Lets the mapping above `addr` grow down to it. False when limits or a neighbour forbid it.
    #[cold]
    fn grow_stack(&self, addr: usize) -> bool {
        let mut map = self.map.write();
        let start = addr & !(PAGE_SIZE - 1);
        let (old, end) = match map.vmas.at_or_after(addr) {
            Some(entry) if entry.start <= addr => return true,
            Some(entry) if entry.value.flags.contains(VmFlags::GROWS_DOWN) => (entry.start, entry.end),
            _ => return false,
        };
        let pages = (old - start) / PAGE_SIZE;
        let neighbour = map.vmas.before(start + 1).filter(|e| !e.value.flags.contains(VmFlags::GROWS_DOWN) && !e.value.perm.is_empty());
        let too_near = neighbour.is_some_and(|e| start < e.end + STACK_GUARD_GAP);
        if too_near
            || start < hal::mem::MIN_USER
            || (end - start) as u64 > self.limits.soft(rlimit::STACK)
            || !self.may_expand(&map, pages, false)
        {
            return false;
        }
        map.vmas.set_start(old, start);
        map.grown(start, pages);
        true
    }
}
