//! An ordered map of little code: a sorted array cut into blocks, as a B-tree of two levels. alloc's BTreeMap is 4 kB of code for each kind of
//! key and value and every image would carry it ten times; this is some hundred bytes. A lookup is two binary searches, a change moves at most one block
//! and, seldom, the list of blocks: a hundred thousand entries are no trouble.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

use alloc::vec::Vec;
use core::borrow::Borrow;

/// Entries of a block: what a change may have to move.
const BLOCK: usize = 64;

/// A map from ordered keys to values. No block is ever empty.
#[derive(Debug, Clone)]
pub struct OrdMap<K, V> {
    blocks: Vec<Vec<(K, V)>>,
    len: usize,
}

/// Where a key is, or where it would be: block, and place in it.
struct Place {
    block: usize,
    at: Result<usize, usize>,
}

impl<K, V> Default for OrdMap<K, V> {
    fn default() -> Self {
        OrdMap::new()
    }
}

impl<K, V> OrdMap<K, V> {
    /// An empty map; allocates nothing.
    pub const fn new() -> Self {
        OrdMap { blocks: Vec::new(), len: 0 }
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Keys and values, by rising key.
    pub fn iter(&self) -> Iter<'_, K, V> {
        Iter { blocks: self.blocks.iter(), now: [].iter() }
    }

    /// The keys, rising.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.iter().map(|(key, _)| key)
    }

    /// The values, by rising key.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }

    /// Keys and values, by rising key, out of the map.
    pub fn take_all(&mut self) -> impl Iterator<Item = (K, V)> + use<K, V> {
        self.len = 0;
        core::mem::take(&mut self.blocks).into_iter().flatten()
    }
}

impl<K, V> OrdMap<K, V> {
    fn find<Q: Ord + ?Sized>(&self, key: &Q) -> Place
    where
        K: Borrow<Q>,
    {
        let last = self.blocks.len().saturating_sub(1);
        // What is behind all of them belongs to the end of the last.
        let block = self.blocks.partition_point(|block| block.last().is_some_and(|(k, _)| k.borrow() < key)).min(last);
        let at = self.blocks.get(block).map_or(Err(0), |block| block.binary_search_by(|(k, _)| k.borrow().cmp(key)));
        Place { block, at }
    }

    /// The value of `key`.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let place = self.find(key);
        self.blocks.get(place.block)?.get(place.at.ok()?).map(|(_, value)| value)
    }

    /// The value of `key`, to be changed.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let place = self.find(key);
        self.blocks.get_mut(place.block)?.get_mut(place.at.ok()?).map(|(_, value)| value)
    }

    /// Whether `key` has a value.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.find(key).at.is_ok()
    }

    /// Keys and values from `key` on, by rising key.
    pub fn from<Q: Ord + ?Sized>(&self, key: &Q) -> Iter<'_, K, V>
    where
        K: Borrow<Q>,
    {
        let Place { block, at } = self.find(key);
        let at = at.unwrap_or_else(|at| at);
        let mut blocks = self.blocks.get(block..).unwrap_or(&[]).iter();
        let now = blocks.next().and_then(|block| block.get(at..)).unwrap_or(&[]).iter();
        Iter { blocks, now }
    }

    /// Takes `key` out; the value it had.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let Place { block: number, at } = self.find(key);
        let block = self.blocks.get_mut(number)?;
        let (_, value) = block.remove(at.ok()?);
        self.len -= 1;
        if block.is_empty() {
            drop(self.blocks.remove(number));
            return Some(value);
        }
        // What has become small joins a neighbour, so that there are never many more blocks than entries need.
        let small = |first: usize| match self.blocks.get(first..first + 2) {
            Some([one, two]) => one.len() + two.len() <= BLOCK / 2,
            _ => false,
        };
        if let Some(first) = [number, number.saturating_sub(1)].into_iter().find(|first| small(*first)) {
            let mut second = self.blocks.remove(first + 1);
            self.blocks[first].append(&mut second);
        }
        Some(value)
    }
}

impl<K: Ord, V> OrdMap<K, V> {
    /// Gives `key` a value; the one it had.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        let Place { block: mut number, at } = self.find(&key);
        let mut at = match at {
            Ok(at) => return Some(core::mem::replace(&mut self.blocks[number][at].1, value)),
            Err(at) => at,
        };
        self.len += 1;
        match self.blocks.get_mut(number) {
            None => self.blocks.push(Vec::new()),
            Some(block) if block.len() >= BLOCK => {
                // Rising keys fill each block and go on in a new one.
                let cut = if at == BLOCK { BLOCK } else { BLOCK / 2 };
                let rest = block.split_off(cut);
                self.blocks.insert(number + 1, rest);
                if at >= cut {
                    (number, at) = (number + 1, at - cut);
                }
            }
            Some(_) => {}
        }
        self.blocks[number].insert(at, (key, value));
        None
    }
}

/// Keys and values by rising key.
#[derive(Debug)]
pub struct Iter<'a, K, V> {
    blocks: core::slice::Iter<'a, Vec<(K, V)>>,
    now: core::slice::Iter<'a, (K, V)>,
}

impl<'a, K, V> Iterator for Iter<'a, K, V> {
    type Item = (&'a K, &'a V);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some((key, value)) = self.now.next() {
                return Some((key, value));
            }
            self.now = self.blocks.next()?.iter();
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::collections::BTreeMap;
    use std::string::{String, ToString};

    /// Both hold the same, and the blocks are as they should be.
    fn same(map: &OrdMap<u32, u32>, tree: &BTreeMap<u32, u32>) {
        assert_eq!(map.len(), tree.len());
        assert!(map.iter().eq(tree.iter()));
        assert!(map.blocks.iter().all(|b| !b.is_empty() && b.len() <= BLOCK));
    }

    #[test]
    fn agrees_with_a_tree() {
        for span in [50, 300, 5000] {
            let (mut map, mut tree) = (OrdMap::new(), BTreeMap::new());
            let mut seed = 1u32;
            for step in 0..20_000u32 {
                seed = seed.wrapping_mul(1_103_515_245).wrapping_add(12345);
                let key = seed >> 16 & 0xffff;
                let (key, more) = (key % span, key & 1 == 0 || step < 6000);
                if more {
                    assert_eq!(map.insert(key, step), tree.insert(key, step));
                } else {
                    assert_eq!(map.remove(&key), tree.remove(&key));
                }
                assert_eq!(map.get(&(step % span)), tree.get(&(step % span)));
                if step % 97 == 0 {
                    same(&map, &tree);
                    assert!(map.from(&key).eq(tree.range(key..)));
                }
            }
            for key in 0..span {
                assert_eq!(map.remove(&key), tree.remove(&key));
            }
            same(&map, &tree);
            assert!(map.is_empty() && map.blocks.is_empty());
        }
    }

    #[test]
    fn rising_keys_leave_full_blocks() {
        let mut map = OrdMap::new();
        (0..1000).for_each(|n| assert_eq!(map.insert(n, n), None));
        assert_eq!(map.blocks.len(), 1000usize.div_ceil(BLOCK));
        assert_eq!(map.from(&998).map(|(k, _)| *k).collect::<Vec<_>>(), [998, 999]);
        assert_eq!(map.from(&1000).next(), None);
        // Taking most of them out joins what is left.
        (0..1000).filter(|n| n % 100 != 0).for_each(|n| assert!(map.remove(&n).is_some()));
        assert!(map.blocks.len() < 4, "{}", map.blocks.len());
        assert_eq!(map.take_all().count(), 10);
        assert!(map.is_empty() && map.iter().next().is_none());
    }

    #[test]
    fn keys_are_found_by_what_they_borrow() {
        let mut map = OrdMap::new();
        map.insert("b".to_string(), 1);
        map.insert("a".to_string(), 2);
        assert_eq!(map.get("a"), Some(&2));
        *map.get_mut("b").unwrap() += 5;
        assert_eq!(map.keys().map(String::as_str).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(map.values().copied().collect::<Vec<_>>(), [2, 6]);
        assert_eq!((map.remove("c"), map.remove("b"), map.contains_key("b")), (None, Some(6), false));
    }
}
