//! Pages of files that are given up when memory is short.

use super::*;

/// Takes all that `cache` gives, as a hand does that comes by so often.
fn squeeze(cache: &PageCache, chances: usize) -> usize {
    let (mut from, mut dropped, mut chances) = (0, 0, chances);
    assert!(!cache.shrink(&mut from, &mut dropped, &mut chances), "the file ends before a batch is full");
    dropped
}

#[test]
fn clean_pages_go_and_come_back() {
    let (_, cache) = disk(5);
    for index in [0, 1, 2, 4] {
        cache.page(index).unwrap();
    }
    cache.write_at(&mut WriteBuf::kernel(&[99]), PAGE_SIZE as u64).unwrap();
    assert_eq!(squeeze(&cache, 0), 3, "all but the changed one and the hole");
    let mut bytes = [0; 3 * PAGE_SIZE];
    assert_eq!(cache.read_at(&mut ReadBuf::kernel(&mut bytes), 0), Ok(bytes.len()));
    assert_eq!((bytes[0], bytes[PAGE_SIZE], bytes[PAGE_SIZE + 1], bytes[2 * PAGE_SIZE]), (1, 99, 2, 3));
}

#[test]
fn mapped_pages_have_a_second_chance() {
    let space = space();
    let (_, cache) = disk(3);
    let private = file(&space, &cache, 0, 3 * PAGE_SIZE, RW, MapFlags::PRIVATE);
    let shared = file(&space, &cache, 0, 3 * PAGE_SIZE, RW, MapFlags::SHARED);
    for page in 0..3 {
        assert_eq!(read(&space, private + page * PAGE_SIZE), Ok(page as u8 + 1));
        assert_eq!(read(&space, shared + page * PAGE_SIZE), Ok(page as u8 + 1));
    }
    // A private copy and a change of the file stay, whoever comes by.
    write(&space, private, 50).unwrap();
    write(&space, shared + PAGE_SIZE, 51).unwrap();
    assert_eq!(squeeze(&cache, 9), 0, "the first time they are only unmapped");
    assert!(space.resident().table.query(shared).is_none());
    // Touched again, and so once more.
    assert_eq!(read(&space, shared), Ok(1));
    assert_eq!(squeeze(&cache, 9), 0);
    assert_eq!(squeeze(&cache, 9), 2, "nobody has touched them");
    assert_eq!((read(&space, shared), read(&space, shared + 2 * PAGE_SIZE)), (Ok(1), Ok(3)));
    assert_eq!(squeeze(&cache, 0), 2, "without a chance what is mapped goes too");
    assert_eq!((read(&space, private), read(&space, shared), read(&space, shared + PAGE_SIZE)), (Ok(50), Ok(1), Ok(51)));
    assert_eq!((read(&space, private + PAGE_SIZE), read(&space, shared + 2 * PAGE_SIZE)), (Ok(51), Ok(3)));
}

#[test]
fn pages_that_somebody_holds_stay() {
    let (_, cache) = disk(2);
    let page = cache.page(0).unwrap();
    cache.page(1).unwrap();
    assert_eq!(squeeze(&cache, 0), 1);
    drop(page);
    assert_eq!(squeeze(&cache, 0), 1);
}

#[test]
fn what_can_be_read_again_does_not_count() {
    hal::mem::start_fake();
    let quota = Arc::new(PageQuota::new(1));
    let cache = PageCache::new(Some(Arc::new(Disk { written: Mutex::new(BTreeMap::new()) })), 3 * PAGE_SIZE as u64, Some(quota.clone()));
    for index in 0..3 {
        cache.page(index).unwrap();
    }
    assert_eq!((quota.used(), cache.owned_pages()), (0, 0));
    assert_eq!(cache.write_at(&mut WriteBuf::kernel(&[1]), 0), Ok(1));
    assert_eq!(cache.write_at(&mut WriteBuf::kernel(&[1]), PAGE_SIZE as u64), Err(Errno::ENOSPC));
    assert_eq!(cache.write_at(&mut WriteBuf::kernel(&[2]), 1), Ok(1));
    assert_eq!((quota.used(), squeeze(&cache, 0)), (1, 2));
    drop(cache);
    assert_eq!(quota.used(), 0);
}
