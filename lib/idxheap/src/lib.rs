//! A binary min-heap whose items know where they are, so that any of them can be taken out in O(log n). The timer queue and the run queue
//! are made of it: both insert from interrupt handlers, where nothing may be allocated, so capacity is reserved beforehand.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

use alloc::vec::Vec;
use core::ops::Deref;

/// The slot of an item that is in no heap.
pub const NOWHERE: usize = usize::MAX;

/// An item that remembers its slot. Only the heap it is in calls `set_slot`.
pub trait Slot {
    /// What `set_slot` stored last, [`NOWHERE`] at first.
    fn slot(&self) -> usize;
    /// Stores.
    fn set_slot(&self, slot: usize);
}

/// The heap, of counted references to such items. Equal keys leave in no particular order.
pub struct Heap<K, T> {
    items: Vec<(K, T)>,
}

impl<K: Ord, T: Deref<Target: Slot>> Heap<K, T> {
    /// An empty heap.
    pub const fn new() -> Self {
        Heap { items: Vec::new() }
    }

    /// Makes room for `total` items, so that inserting up to there allocates nothing.
    pub fn reserve_total(&mut self, total: usize) {
        self.items.reserve(total.saturating_sub(self.items.len()));
    }

    /// Number of items.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The least key and its item.
    #[inline]
    pub fn peek(&self) -> Option<&(K, T)> {
        self.items.first()
    }

    /// Inserts. The item must be in no heap.
    pub fn push(&mut self, key: K, item: T) {
        self.items.push((key, item));
        self.up(self.items.len() - 1);
    }

    /// Takes the least.
    pub fn pop(&mut self) -> Option<(K, T)> {
        self.take(0)
    }

    /// Takes `item` out, if it is here.
    pub fn remove(&mut self, item: &T) -> Option<(K, T)> {
        self.take(item.slot())
    }

    fn take(&mut self, at: usize) -> Option<(K, T)> {
        if at >= self.items.len() {
            return None;
        }
        let taken = self.items.swap_remove(at);
        taken.1.set_slot(NOWHERE);
        if at < self.items.len() {
            self.down(at);
            self.up(at);
        }
        Some(taken)
    }

    /// Moves the item at `at` up to its place and stores its slot.
    fn up(&mut self, mut at: usize) {
        while at > 0 {
            let parent = (at - 1) / 2;
            if self.items[parent].0 <= self.items[at].0 {
                break;
            }
            self.items.swap(parent, at);
            self.items[at].1.set_slot(at);
            at = parent;
        }
        self.items[at].1.set_slot(at);
    }

    fn down(&mut self, mut at: usize) {
        loop {
            let left = 2 * at + 1;
            if left >= self.items.len() {
                break;
            }
            let right = left + 1;
            let child = if right < self.items.len() && self.items[right].0 < self.items[left].0 { right } else { left };
            if self.items[at].0 <= self.items[child].0 {
                break;
            }
            self.items.swap(at, child);
            self.items[at].1.set_slot(at);
            at = child;
        }
        self.items[at].1.set_slot(at);
    }
}

impl<K: Ord, T: Deref<Target: Slot>> Default for Heap<K, T> {
    fn default() -> Self {
        Heap::new()
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::cell::Cell;
    use std::rc::Rc;

    struct Item(Cell<usize>);
    impl Slot for Item {
        fn slot(&self) -> usize {
            self.0.get()
        }
        fn set_slot(&self, slot: usize) {
            self.0.set(slot);
        }
    }

    fn item() -> Rc<Item> {
        Rc::new(Item(Cell::new(NOWHERE)))
    }

    #[test]
    fn sorts_and_removes() {
        let mut heap = Heap::new();
        heap.reserve_total(300);
        let mut seed = 12345u32;
        let mut model = std::vec::Vec::new();
        for _ in 0..2000 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            match seed >> 30 {
                0 | 1 if heap.len() < 300 => {
                    let (key, item) = (seed >> 8 & 0xff, item());
                    heap.push(key, item.clone());
                    model.push((key, item));
                }
                2 if !model.is_empty() => {
                    let (key, item) = model.swap_remove(seed as usize % model.len());
                    let (found, taken) = heap.remove(&item).expect("in the heap");
                    assert_eq!(found, key);
                    assert!(Rc::ptr_eq(&taken, &item) && taken.slot() == NOWHERE);
                    assert!(heap.remove(&item).is_none());
                }
                _ => {
                    let least = model.iter().map(|m| m.0).min();
                    let popped = heap.pop();
                    assert_eq!(popped.as_ref().map(|p| p.0), least);
                    if let Some((_, item)) = popped {
                        model.retain(|m| !Rc::ptr_eq(&m.1, &item));
                    }
                }
            }
        }
        let mut last = 0;
        while let Some((key, _)) = heap.pop() {
            assert!(key >= last);
            last = key;
        }
    }
}
