//! Page tables over the arena of the host tests.

use super::*;
use crate::mem::phys;

const RW: Perm = Perm::READ.union(Perm::WRITE);

#[test]
fn map_protect_move_unmap() {
    phys::fake::start();
    let table = PageTable::new().unwrap();
    let mut batch = TlbBatch::new(&table);
    let frame = Frame::zeroed().unwrap();
    for i in 0..600 {
        table.map(0x40_0000 + i * PAGE_SIZE, Page::Owned(frame.clone()), RW, &mut batch).unwrap();
    }
    assert!(!table.map_new(0x40_0000, Page::Owned(frame.clone()), RW).unwrap());
    assert_eq!(frame.ref_count(), 601);
    assert_eq!(table.query(0x40_1000).unwrap().perm, RW);
    table.protect_range(0x40_0000, 0x40_2000, |_, m| m.perm & Perm::READ, &mut batch);
    assert_eq!(table.query(0x40_1000).unwrap().perm, Perm::READ);
    table.protect_range(0x40_1000, 0x40_2000, |_, _| Perm::empty(), &mut batch);
    let kept = table.query(0x40_1000).unwrap();
    assert!(kept.perm.is_empty() && kept.pfn == frame.pfn() && kept.owned);
    table.move_range(0x40_0000, 0x7f00_0000_0000, 600 * PAGE_SIZE, &mut batch).unwrap();
    assert!(table.query(0x40_1000).is_none());
    assert!(table.query(0x7f00_0000_1000).unwrap().perm.is_empty());
    let mut n = 0;
    table.for_each(0, USER_END, |_, _| n += 1);
    assert_eq!(n, 600);
    assert_eq!(table.unmap_range(0, USER_END, &mut batch), 600);
    batch.flush();
    assert_eq!(frame.ref_count(), 1);
    assert_eq!(table.root.used(), 0);
}

#[test]
fn fork_shares_and_drop_frees() {
    phys::fake::start();
    let parent = PageTable::new().unwrap();
    let child = PageTable::new().unwrap();
    let frame = Frame::zeroed().unwrap();
    let mut batch = TlbBatch::new(&parent);
    parent.map(0x1234_5000, Page::Owned(frame.clone()), RW, &mut batch).unwrap();
    parent.share_range(&child, 0, USER_END, |_, m| m.perm & !Perm::WRITE, &mut batch).unwrap();
    assert_eq!(frame.ref_count(), 3);
    assert_eq!(child.query(0x1234_5000).unwrap().perm, Perm::READ);
    drop(child);
    batch.flush();
    assert_eq!(frame.ref_count(), 2);
    assert!(parent.set_perm(0x1234_5000, RW, &mut batch));
    let around = parent.map_around(0x1234_0000, 0x1234_8000, |va| (va != 0x1234_0000).then(|| (Page::Owned(frame.clone()), Perm::READ)));
    assert_eq!(around, 6);
    drop(batch);
    drop(parent);
    assert_eq!(frame.ref_count(), 1);
}
