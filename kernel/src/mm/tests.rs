//! Host tests: page tables are data here, so an "access" asks the fault handler and then looks at the page that the table names.

use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use std::collections::BTreeMap;

use abi::Errno;
use abi::mm::{MapFlags, MlockallFlags, MremapFlags, MsyncFlags, advice};
use abi::process::{Rlimit, rlimit};
use hal::mem::{Frame, MIN_USER, PAGE_SIZE, Perm, USER_END};

use super::*;
use crate::iobuf::{ReadBuf, WriteBuf};
use crate::limits::Limits;
use crate::sync::Mutex;

mod random;
mod shrink;

const RW: Perm = Perm::READ.union(Perm::WRITE);
const FIXED: MapFlags = MapFlags::FIXED;
const NONE: MapFlags = MapFlags::empty();

fn space() -> Arc<AddressSpace> {
    hal::mem::start_fake();
    AddressSpace::new(Layout::new(None, 8 << 20), Arc::new(Limits::new())).unwrap()
}

/// The frame behind `va` after an access, or what the access ends in.
fn touch(space: &AddressSpace, va: usize, access: Access) -> Result<Frame, FaultOutcome> {
    let needed = if access == Access::Write { Perm::WRITE } else { Perm::READ };
    for _ in 0..4 {
        let table = &space.resident().table;
        if table.query(va).is_some_and(|m| m.perm.contains(needed)) {
            return table.frame(va).ok_or(FaultOutcome::Bus);
        }
        match space.fault(va, access) {
            FaultOutcome::Resolved => {}
            other => return Err(other),
        }
    }
    panic!("fault at {va:#x} does not end");
}

fn write(space: &AddressSpace, va: usize, value: u8) -> Result<(), FaultOutcome> {
    touch(space, va, Access::Write).map(|frame| frame.write(va % PAGE_SIZE, &[value]))
}

fn read(space: &AddressSpace, va: usize) -> Result<u8, FaultOutcome> {
    let mut byte = [0];
    touch(space, va, Access::Read).map(|frame| frame.read(va % PAGE_SIZE, &mut byte))?;
    Ok(byte[0])
}

fn file(space: &AddressSpace, cache: &Arc<PageCache>, addr: usize, len: usize, perm: Perm, flags: MapFlags) -> usize {
    let target = MapTarget::File(cache.clone(), None);
    space.mmap(MapRequest { addr, len, perm, flags, target, offset: 0, may: Perm::all(), may_lock: false }).unwrap()
}

fn cache_with(content: &[u8]) -> Arc<PageCache> {
    hal::mem::start_fake();
    let cache = PageCache::new(None, 0, None);
    assert_eq!(cache.write_at(&mut WriteBuf::kernel(content), 0), Ok(content.len()));
    cache
}

fn content(cache: &PageCache) -> Vec<u8> {
    let mut bytes = vec![0; usize::try_from(cache.size()).unwrap()];
    let n = cache.read_at(&mut ReadBuf::kernel(&mut bytes), 0).unwrap();
    assert_eq!(n, bytes.len());
    bytes
}

/// A disk of pages, each filled with its number.
struct Disk {
    written: Mutex<BTreeMap<u64, u8>>,
}

impl Backing for Disk {
    fn lookup(&self, index: u64) -> BackingPage {
        if index == 3 { BackingPage::Hole } else { BackingPage::NeedsRead }
    }
    fn read(&self, index: u64, frame: &Frame) -> abi::Result<()> {
        if index == 5 {
            return Err(Errno::EIO);
        }
        frame.write(0, &[u8::try_from(index).unwrap() + 1; PAGE_SIZE]);
        Ok(())
    }
    fn write_back(&self, index: u64, frame: &Frame, len: usize) -> abi::Result<()> {
        let mut byte = [0];
        frame.read(len - 1, &mut byte);
        self.written.lock().insert(index, byte[0]);
        Ok(())
    }
    fn writes_back(&self) -> bool {
        true
    }
}

fn disk(pages: u64) -> (Arc<Disk>, Arc<PageCache>) {
    hal::mem::start_fake();
    let disk = Arc::new(Disk { written: Mutex::new(BTreeMap::new()) });
    let cache = PageCache::new(Some(disk.clone()), pages * PAGE_SIZE as u64, None);
    (disk, cache)
}

#[test]
fn places_and_errors_of_mmap() {
    let space = space();
    let map = |addr, len, flags| space.mmap(MapRequest::anonymous(addr, len, RW, flags));
    let a = map(0, 5000, NONE).unwrap();
    assert_eq!(a, space.layout().mmap_base - 2 * PAGE_SIZE);
    let b = map(0, PAGE_SIZE, NONE).unwrap();
    assert_eq!(b, a - PAGE_SIZE);
    assert_eq!(map(0, 0, NONE), Err(Errno::EINVAL));
    assert_eq!(map(0, usize::MAX, NONE), Err(Errno::ENOMEM));
    assert_eq!(map(1, PAGE_SIZE, FIXED), Err(Errno::EINVAL));
    assert_eq!(map(0x1000, PAGE_SIZE, FIXED), Err(Errno::EPERM));
    assert_eq!(map(USER_END, PAGE_SIZE, FIXED), Err(Errno::ENOMEM));
    assert_eq!(map(a, PAGE_SIZE, MapFlags::FIXED_NOREPLACE), Err(Errno::EEXIST));
    assert_eq!(map(0x4000_1234, PAGE_SIZE, NONE), Ok(0x4000_2000));
    assert!(map(0, PAGE_SIZE, MapFlags::BIT32).unwrap() < 0x8000_0000);
    // A hole above is used again; a larger request goes below.
    space.munmap(a, PAGE_SIZE).unwrap();
    assert_eq!(map(0, 2 * PAGE_SIZE, NONE), Ok(b - 2 * PAGE_SIZE));
    assert_eq!(map(0, PAGE_SIZE, NONE), Ok(a));
    // Terabytes reserved cost nothing and are found.
    let huge = space.mmap(MapRequest::anonymous(0, 64 << 40, Perm::empty(), MapFlags::NORESERVE)).unwrap();
    assert_eq!(read(&space, huge), Err(FaultOutcome::Segv(SegvCode::AccErr)));
    assert_eq!(map(0, 100 << 40, MapFlags::NORESERVE), Err(Errno::ENOMEM));
    assert_eq!(map(0, 2 << 30, NONE), Err(Errno::ENOMEM));
    assert_eq!(space.munmap(huge, 64 << 40), Ok(()));
    assert_eq!(space.munmap(1, PAGE_SIZE), Err(Errno::EINVAL));
    assert_eq!(space.munmap(0x10000, 0), Err(Errno::EINVAL));
    assert_eq!(space.munmap(0x10000, USER_END), Err(Errno::EINVAL));
}

#[test]
fn faults() {
    let space = space();
    let at = space.mmap(MapRequest::anonymous(0, 4 * PAGE_SIZE, RW, NONE)).unwrap();
    assert_eq!(read(&space, at), Ok(0));
    assert_eq!(write(&space, at + 5, 7), Ok(()));
    space.mprotect(at, PAGE_SIZE, Perm::empty(), false).unwrap();
    assert_eq!(read(&space, at + 5), Err(FaultOutcome::Segv(SegvCode::AccErr)));
    space.mprotect(at, PAGE_SIZE, Perm::READ, false).unwrap();
    assert_eq!(read(&space, at + 5), Ok(7));
    assert_eq!(write(&space, at, 1), Err(FaultOutcome::Segv(SegvCode::AccErr)));
    assert_eq!(space.fault(at, Access::Exec), FaultOutcome::Segv(SegvCode::AccErr));
    assert_eq!(read(&space, at + 4 * PAGE_SIZE), Err(FaultOutcome::Segv(SegvCode::MapErr)));
    assert_eq!(space.fault(usize::MAX - 5, Access::Read), FaultOutcome::Segv(SegvCode::MapErr));
    assert_eq!(space.mprotect(at, 8 * PAGE_SIZE, RW, false), Err(Errno::ENOMEM));
    assert_eq!(write(&space, at, 1), Ok(()));
    assert_eq!(space.resident().pages(), 1);
    space.madvise(at, PAGE_SIZE, advice::DONTNEED).unwrap();
    assert_eq!(space.resident().pages(), 0);
    assert_eq!(read(&space, at + 5), Ok(0));
    assert_eq!(space.madvise(at, 8 * PAGE_SIZE, advice::DONTNEED), Err(Errno::ENOMEM));
    assert_eq!(space.madvise(at, PAGE_SIZE, 77), Err(Errno::EINVAL));
}

#[test]
fn the_stack_grows_to_its_limit_and_keeps_its_distance() {
    let space = space();
    let top = space.map_stack(RW).unwrap();
    assert_eq!(write(&space, top - (1 << 20), 1), Ok(()));
    assert_eq!(write(&space, top - (8 << 20), 1), Ok(()));
    assert_eq!(write(&space, top - (8 << 20) - 1, 1), Err(FaultOutcome::Segv(SegvCode::MapErr)));
    let space = self::space();
    let top = space.map_stack(RW).unwrap();
    space.mmap(MapRequest::anonymous(top - (4 << 20), PAGE_SIZE, RW, FIXED)).unwrap();
    assert_eq!(write(&space, top - (2 << 20), 1), Ok(()));
    assert_eq!(write(&space, top - (3 << 20) + PAGE_SIZE, 1), Ok(()));
    assert_eq!(write(&space, top - (3 << 20), 1), Err(FaultOutcome::Segv(SegvCode::MapErr)));
}

#[test]
fn private_and_shared_files() {
    let space = space();
    let cache = cache_with(&[b'a'; 3 * PAGE_SIZE + 10]);
    let private = file(&space, &cache, 0, 5 * PAGE_SIZE, RW, MapFlags::PRIVATE);
    let shared = file(&space, &cache, 0, 5 * PAGE_SIZE, RW, MapFlags::SHARED);
    assert_eq!(read(&space, private), Ok(b'a'));
    // Fault-around brought the others; nothing behind the end of the file.
    assert_eq!(space.present_pages(private, private + 5 * PAGE_SIZE).0, 4);
    assert_eq!(read(&space, private + 3 * PAGE_SIZE + 10), Ok(0));
    assert_eq!(read(&space, private + 4 * PAGE_SIZE), Err(FaultOutcome::Bus));
    write(&space, private, b'p').unwrap();
    write(&space, shared + 1, b's').unwrap();
    assert_eq!((read(&space, private), read(&space, private + 1)), (Ok(b'p'), Ok(b'a')));
    assert_eq!(&content(&cache)[..3], b"asa");
    write(&space, shared + PAGE_SIZE, b'x').unwrap();
    assert_eq!(read(&space, private + PAGE_SIZE), Ok(b'x'));
    // A hole: the private reader sees what is written there later.
    cache.truncate(10 * PAGE_SIZE as u64).unwrap();
    assert_eq!(read(&space, private + 4 * PAGE_SIZE), Ok(0));
    cache.write_at(&mut WriteBuf::kernel(b"late"), 4 * PAGE_SIZE as u64).unwrap();
    assert_eq!(read(&space, private + 4 * PAGE_SIZE), Ok(b'l'));
    // Truncation takes pages away, private copies too; growing shows zeros.
    cache.truncate(PAGE_SIZE as u64 + 1).unwrap();
    assert_eq!(read(&space, private + 2 * PAGE_SIZE), Err(FaultOutcome::Bus));
    assert_eq!((read(&space, private), read(&space, shared + PAGE_SIZE)), (Ok(b'p'), Ok(b'x')));
    cache.truncate(3 * PAGE_SIZE as u64).unwrap();
    assert!(content(&cache)[PAGE_SIZE + 1..].iter().all(|&b| b == 0));
    space.munmap(private, 5 * PAGE_SIZE).unwrap();
    space.munmap(shared, 5 * PAGE_SIZE).unwrap();
    assert!(cache.state.lock().mappings.is_empty());
    assert_eq!(space.resident().pages(), 0);
}

#[test]
fn a_backing_is_read_cut_and_written_back() {
    let space = space();
    let (disk, cache) = disk(8);
    assert_eq!(content_of(&cache, 2), Ok(3));
    assert_eq!(content_of(&cache, 3), Ok(0));
    assert_eq!(content_of(&cache, 5), Err(Errno::EIO));
    let shared = file(&space, &cache, 0, 8 * PAGE_SIZE, RW, MapFlags::SHARED);
    assert_eq!(read(&space, shared), Ok(1));
    assert_eq!(read(&space, shared + 5 * PAGE_SIZE), Err(FaultOutcome::Bus));
    write(&space, shared + PAGE_SIZE - 1, 200).unwrap();
    space.msync(shared, PAGE_SIZE, MsyncFlags::SYNC).unwrap();
    assert_eq!(disk.written.lock().get(&0), Some(&200));
    // Written back: the next write is noticed again.
    write(&space, shared + PAGE_SIZE - 1, 201).unwrap();
    cache.sync(0, u64::MAX).unwrap();
    assert_eq!(disk.written.lock().get(&0), Some(&201));
    assert_eq!(disk.written.lock().len(), 1);
    assert_eq!(space.msync(shared, 9 * PAGE_SIZE, MsyncFlags::SYNC), Err(Errno::ENOMEM));
    assert_eq!(space.msync(shared, PAGE_SIZE, MsyncFlags::SYNC | MsyncFlags::ASYNC), Err(Errno::EINVAL));
    // What was cut off does not come back from the disk.
    cache.truncate(2 * PAGE_SIZE as u64).unwrap();
    cache.truncate(8 * PAGE_SIZE as u64).unwrap();
    assert_eq!(content_of(&cache, 4), Ok(0));
    cache.punch_hole(10, 2 * PAGE_SIZE as u64).unwrap();
    assert_eq!(content_of(&cache, 1), Ok(0));
    assert_eq!(content_of(&cache, 0), Ok(1));
    assert_eq!((cache.seek_data(0), cache.seek_hole(0)), (Ok(0), Ok(PAGE_SIZE as u64)));
    assert_eq!(cache.seek_data(PAGE_SIZE as u64), Err(Errno::ENXIO));
}

fn content_of(cache: &PageCache, page: u64) -> abi::Result<u8> {
    let mut byte = [9];
    cache.read_at(&mut ReadBuf::kernel(&mut byte), page * PAGE_SIZE as u64).map(|_| byte[0])
}

#[test]
fn quotas_and_sizes() {
    hal::mem::start_fake();
    let quota = Arc::new(PageQuota::new(2));
    let cache = PageCache::new(None, 0, Some(quota.clone()));
    let bytes = vec![1; 3 * PAGE_SIZE];
    assert_eq!(cache.write_at(&mut WriteBuf::kernel(&bytes), 100), Ok(2 * PAGE_SIZE - 100));
    assert_eq!(cache.write_at(&mut WriteBuf::kernel(&bytes), 9000), Err(Errno::ENOSPC));
    assert_eq!((quota.used(), cache.owned_pages(), cache.size()), (2, 2, 2 * PAGE_SIZE as u64));
    cache.truncate(1).unwrap();
    assert_eq!(quota.used(), 1);
    assert_eq!(cache.write_at(&mut WriteBuf::kernel(b"x"), i64::MAX as u64), Err(Errno::EFBIG));
    cache.write_at(&mut WriteBuf::kernel(b"x"), 1 << 40).unwrap();
    assert_eq!((cache.seek_data(PAGE_SIZE as u64), cache.seek_hole(0)), (Ok(1 << 40), Ok(PAGE_SIZE as u64)));
    drop(cache);
    assert_eq!(quota.used(), 0);
}

#[test]
fn brk_and_limits() {
    let space = space();
    assert_eq!(space.brk(0x1000_0000), 0);
    space.set_brk_start(0x1000_0000);
    assert_eq!(space.brk(0), 0x1000_0000);
    assert_eq!(space.brk(0x1000_1234), 0x1000_1234);
    write(&space, 0x1000_1fff, 1).unwrap();
    assert_eq!(space.brk(0x1000_0800), 0x1000_0800);
    assert!(read(&space, 0x1000_1000).is_err());
    space.limits.set(rlimit::DATA, Rlimit { cur: 4 * PAGE_SIZE as u64, max: u64::MAX });
    assert_eq!(space.brk(0x1001_0000), 0x1000_0800);
    assert_eq!(space.mmap(MapRequest::anonymous(0, 4 * PAGE_SIZE, RW, NONE)), Err(Errno::ENOMEM));
    let read_only = space.mmap(MapRequest::anonymous(0, 4 * PAGE_SIZE, Perm::READ, NONE)).unwrap();
    assert_eq!(space.mprotect(read_only, 4 * PAGE_SIZE, RW, false), Err(Errno::ENOMEM));
    space.limits.set(rlimit::MEMLOCK, Rlimit { cur: PAGE_SIZE as u64, max: u64::MAX });
    assert_eq!(space.mlock(read_only, 1, false, false), Ok(()));
    assert_eq!(space.mlock(read_only, 2 * PAGE_SIZE, false, false), Err(Errno::ENOMEM));
    assert_eq!(space.mlock(read_only, 2 * PAGE_SIZE, false, true), Ok(()));
    assert_eq!(space.present_pages(read_only, read_only + 4 * PAGE_SIZE).0, 2);
    assert_eq!(space.madvise(read_only, PAGE_SIZE, advice::DONTNEED), Err(Errno::EINVAL));
    space.munlock(read_only, 4 * PAGE_SIZE).unwrap();
    assert_eq!(space.mlockall(MlockallFlags::ONFAULT, true), Err(Errno::EINVAL));
    assert_eq!(space.map.read().counts.locked, 0);
}

#[test]
fn mremap_errors() {
    let space = space();
    let at = space.mmap(MapRequest::anonymous(0, 4 * PAGE_SIZE, RW, NONE)).unwrap();
    let remap = |old, old_len, new_len, flags, new| space.mremap(old, old_len, new_len, flags, new, false);
    assert_eq!(remap(at + 1, PAGE_SIZE, PAGE_SIZE, NO, 0), Err(Errno::EINVAL));
    assert_eq!(remap(at, PAGE_SIZE, 0, NO, 0), Err(Errno::EINVAL));
    assert_eq!(remap(at, PAGE_SIZE, PAGE_SIZE, MremapFlags::FIXED, at), Err(Errno::EINVAL));
    assert_eq!(remap(at - PAGE_SIZE, PAGE_SIZE, 2 * PAGE_SIZE, MremapFlags::MAYMOVE, 0), Err(Errno::EFAULT));
    assert_eq!(remap(at, 5 * PAGE_SIZE, 6 * PAGE_SIZE, MremapFlags::MAYMOVE, 0), Err(Errno::EFAULT));
    assert_eq!(remap(at, 0, PAGE_SIZE, MremapFlags::MAYMOVE, 0), Err(Errno::EINVAL));
    assert_eq!(remap(at, 2 * PAGE_SIZE, 3 * PAGE_SIZE, NO, 0), Err(Errno::ENOMEM));
    const FIX: MremapFlags = MremapFlags::MAYMOVE.union(MremapFlags::FIXED);
    assert_eq!(remap(at, 2 * PAGE_SIZE, 2 * PAGE_SIZE, FIX, at + PAGE_SIZE), Err(Errno::EINVAL));
    write(&space, at, 42).unwrap();
    let keep = remap(at, PAGE_SIZE, PAGE_SIZE, MremapFlags::MAYMOVE | MremapFlags::DONTUNMAP, 0).unwrap();
    assert_eq!((read(&space, keep), read(&space, at)), (Ok(42), Ok(0)));
    // A file: a second mapping of shared pages by length 0, growth in place.
    let cache = cache_with(&[5; 2 * PAGE_SIZE]);
    let shared = file(&space, &cache, 0x5000_0000, PAGE_SIZE, RW, MapFlags::SHARED | FIXED);
    let second = remap(shared, 0, 2 * PAGE_SIZE, MremapFlags::MAYMOVE, 0).unwrap();
    write(&space, second, 6).unwrap();
    assert_eq!(read(&space, shared), Ok(6));
    assert_eq!(remap(shared, PAGE_SIZE, 2 * PAGE_SIZE, NO, 0), Ok(shared));
    assert_eq!(read(&space, shared + PAGE_SIZE), Ok(5));
    cache.truncate(0).unwrap();
    assert_eq!(read(&space, shared + PAGE_SIZE), Err(FaultOutcome::Bus));
}

const NO: MremapFlags = MremapFlags::empty();
