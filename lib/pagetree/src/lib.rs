//! A sparse array indexed by page number: the page tree of an inode.
//!
//! A radix tree, as deep as the highest index needs: 16 slots in a leaf (small files pay one small block), 64 in the nodes above. Empty nodes go
//! back at once, and an empty tree holds no memory.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

use alloc::boxed::Box;

const LEAF_BITS: u32 = 4;
const INNER_BITS: u32 = 6;
const LEAF: usize = 1 << LEAF_BITS;
const INNER: usize = 1 << INNER_BITS;

/// A sparse array of `T`.
pub struct PageTree<T> {
    root: Option<Node<T>>,
    /// Levels of inner nodes above the leaves.
    height: u32,
}

enum Node<T> {
    Inner(Box<Inner<T>>),
    Leaf(Box<Leaf<T>>),
}

struct Inner<T> {
    used: u64,
    children: [Option<Node<T>>; INNER],
}

struct Leaf<T> {
    used: u16,
    slots: [Option<T>; LEAF],
}

/// Position of `index` in a node whose lowest bit is `shift`.
#[inline]
fn position(index: u64, shift: u32) -> usize {
    // Masked to 6 bits, so it fits.
    (index >> shift) as usize & (INNER - 1)
}

/// Lowest index bit of an inner node at `height` (1 is just above the leaves).
#[inline]
fn shift(height: u32) -> u32 {
    LEAF_BITS + INNER_BITS * (height - 1)
}

/// Highest index of a tree of this height.
fn capacity(height: u32) -> u64 {
    1u64.checked_shl(LEAF_BITS + INNER_BITS * height).map_or(u64::MAX, |n| n - 1)
}

impl<T> PageTree<T> {
    /// An empty array.
    pub const fn new() -> Self {
        PageTree { root: None, height: 0 }
    }

    /// True when it holds nothing.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.root.is_none()
    }

    /// The entry at `index`.
    #[inline]
    pub fn get(&self, index: u64) -> Option<&T> {
        if index > capacity(self.height) {
            return None;
        }
        let mut node = self.root.as_ref()?;
        let mut height = self.height;
        loop {
            match node {
                Node::Leaf(leaf) => return leaf.slots[index as usize & (LEAF - 1)].as_ref(),
                Node::Inner(inner) => node = inner.children[position(index, shift(height))].as_ref()?,
            }
            height -= 1;
        }
    }

    /// The entry at `index`, to be changed.
    #[inline]
    pub fn get_mut(&mut self, index: u64) -> Option<&mut T> {
        if index > capacity(self.height) {
            return None;
        }
        let mut node = self.root.as_mut()?;
        let mut height = self.height;
        loop {
            match node {
                Node::Leaf(leaf) => return leaf.slots[index as usize & (LEAF - 1)].as_mut(),
                Node::Inner(inner) => node = inner.children[position(index, shift(height))].as_mut()?,
            }
            height -= 1;
        }
    }

    /// Puts `value` at `index`; gives what was there.
    pub fn insert(&mut self, index: u64, value: T) -> Option<T> {
        while index > capacity(self.height) {
            let mut inner = Box::new(Inner { used: 0, children: [const { None }; INNER] });
            if let Some(root) = self.root.take() {
                inner.children[0] = Some(root);
                inner.used = 1;
                self.root = Some(Node::Inner(inner));
            }
            self.height += 1;
        }
        let mut height = self.height;
        let mut place = &mut self.root;
        loop {
            let node = place.get_or_insert_with(|| match height {
                0 => Node::Leaf(Box::new(Leaf { used: 0, slots: [const { None }; LEAF] })),
                _ => Node::Inner(Box::new(Inner { used: 0, children: [const { None }; INNER] })),
            });
            match node {
                Node::Leaf(leaf) => {
                    let at = index as usize & (LEAF - 1);
                    leaf.used |= 1 << at;
                    return leaf.slots[at].replace(value);
                }
                Node::Inner(inner) => {
                    let at = position(index, shift(height));
                    inner.used |= 1 << at;
                    place = &mut inner.children[at];
                }
            }
            height -= 1;
        }
    }

    /// Takes the entry at `index` out.
    pub fn remove(&mut self, index: u64) -> Option<T> {
        let mut taken = None;
        self.remove_range(index, index, &mut |_, value| taken = Some(value));
        taken
    }

    /// Takes all entries of `first..=last` out, in order.
    pub fn remove_range(&mut self, first: u64, last: u64, taken: &mut dyn FnMut(u64, T)) {
        let last = last.min(capacity(self.height));
        if first <= last {
            remove(&mut self.root, self.height, 0, first, last, taken);
        }
        if self.root.is_none() {
            self.height = 0;
        }
    }

    /// The first entry at or after `from`.
    pub fn next(&self, from: u64) -> Option<(u64, &T)> {
        if from > capacity(self.height) {
            return None;
        }
        next(self.root.as_ref()?, self.height, 0, from)
    }

    /// All entries from `from` on.
    pub fn iter_from(&self, from: u64) -> impl Iterator<Item = (u64, &T)> {
        let mut from = Some(from);
        core::iter::from_fn(move || {
            let found = self.next(from?)?;
            from = found.0.checked_add(1);
            Some(found)
        })
    }
}

impl<T> Default for PageTree<T> {
    fn default() -> Self {
        PageTree::new()
    }
}

/// Removes `first..=last` below `place`, which starts at index `base`.
fn remove<T>(place: &mut Option<Node<T>>, height: u32, base: u64, first: u64, last: u64, taken: &mut dyn FnMut(u64, T)) {
    let empty = match place {
        None => return,
        Some(Node::Leaf(leaf)) => {
            for (at, slot) in leaf.slots.iter_mut().enumerate() {
                let index = base + at as u64;
                if first <= index
                    && index <= last
                    && let Some(value) = slot.take()
                {
                    leaf.used &= !(1 << at);
                    taken(index, value);
                }
            }
            leaf.used == 0
        }
        Some(Node::Inner(inner)) => {
            let shift = shift(height);
            let mut rest = inner.used;
            while rest != 0 {
                let at = rest.trailing_zeros();
                rest &= rest - 1;
                let start = base + (u64::from(at) << shift);
                let end = start + ((1u64 << shift) - 1);
                if start <= last && first <= end {
                    let child = &mut inner.children[at as usize];
                    remove(child, height - 1, start, first, last, taken);
                    if child.is_none() {
                        inner.used &= !(1 << at);
                    }
                }
            }
            inner.used == 0
        }
    };
    if empty {
        *place = None;
    }
}

/// The first entry at or after `from` below `node`, which starts at index `base`.
fn next<T>(node: &Node<T>, height: u32, base: u64, from: u64) -> Option<(u64, &T)> {
    match node {
        Node::Leaf(leaf) => {
            let skip = u32::try_from(from.saturating_sub(base)).ok().filter(|&s| s < LEAF as u32)?;
            let rest = leaf.used >> skip << skip;
            let at = (rest != 0).then(|| rest.trailing_zeros())?;
            leaf.slots[at as usize].as_ref().map(|value| (base + u64::from(at), value))
        }
        Node::Inner(inner) => {
            let shift = shift(height);
            let skip = from.saturating_sub(base) >> shift;
            let skip = u32::try_from(skip).ok().filter(|&s| s < INNER as u32)?;
            let mut rest = inner.used >> skip << skip;
            while rest != 0 {
                let at = rest.trailing_zeros();
                rest &= rest - 1;
                let start = base + (u64::from(at) << shift);
                if let Some(found) = inner.children[at as usize].as_ref().and_then(|child| next(child, height - 1, start, from)) {
                    return Some(found);
                }
            }
            None
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::collections::BTreeMap;
    use std::vec::Vec;

    #[test]
    fn extremes() {
        let mut tree = PageTree::new();
        assert!(tree.get(0).is_none() && tree.next(0).is_none());
        for index in [0, 15, 16, 1023, 1024, 1 << 40, u64::MAX] {
            assert_eq!(tree.insert(index, index), None);
        }
        assert_eq!(tree.get(u64::MAX), Some(&u64::MAX));
        assert_eq!(tree.next(1025), Some((1 << 40, &(1 << 40))));
        assert_eq!(tree.insert(16, 1), Some(16));
        assert_eq!(tree.iter_from(0).count(), 7);
        assert_eq!(tree.remove(u64::MAX), Some(u64::MAX));
        tree.remove_range(0, u64::MAX, &mut |_, _| ());
        assert!(tree.is_empty());
    }

    #[test]
    fn as_a_btree_map() {
        let mut tree = PageTree::new();
        let mut map = BTreeMap::new();
        let mut random = 88172645463325252u64;
        for round in 0..20_000u64 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let index = if random & 64 == 0 { random >> 8 & 0xfff } else { random >> 8 & 0x3f_ffff };
            match random % 8 {
                0..4 => assert_eq!(tree.insert(index, round), map.insert(index, round)),
                4 | 5 => assert_eq!(tree.remove(index), map.remove(&index)),
                6 => assert_eq!(tree.next(index), map.range(index..).next().map(|(k, v)| (*k, v))),
                _ => {
                    let last = index + (random >> 40) % 700;
                    let mut taken = Vec::new();
                    tree.remove_range(index, last, &mut |k, v| taken.push((k, v)));
                    let expected: Vec<_> = map.range(index..=last).map(|(k, v)| (*k, *v)).collect();
                    map.retain(|k, _| !(index..=last).contains(k));
                    assert_eq!(taken, expected);
                }
            }
            assert_eq!(tree.get(index), map.get(&index));
            assert_eq!(tree.get_mut(index).copied(), map.get(&index).copied());
        }
        assert!(tree.iter_from(0).map(|(k, v)| (k, *v)).eq(map.into_iter()));
    }
}
