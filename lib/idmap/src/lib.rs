//! An ordered map in one sorted vector. Ids are given in rising order, so an insertion is nearly always an append; removals move what is behind them.
//! A tree would be better for a hundred thousand entries and is 6 to 10 kB of code for each kind of value, which every image would carry.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

use alloc::vec::Vec;

/// A map from small numbers to values.
#[derive(Debug, Clone)]
pub struct IdMap<K, V> {
    entries: Vec<(K, V)>,
}

impl<K, V> Default for IdMap<K, V> {
    fn default() -> Self {
        IdMap::new()
    }
}

impl<K, V> IdMap<K, V> {
    /// An empty map; allocates nothing.
    pub const fn new() -> Self {
        IdMap { entries: Vec::new() }
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The values, by rising id.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.entries.iter().map(|(_, value)| value)
    }
}

impl<K: Ord + Copy, V> IdMap<K, V> {
    fn find(&self, id: &K) -> Result<usize, usize> {
        match self.entries.last() {
            Some((last, _)) if last < id => Err(self.entries.len()),
            _ => self.entries.binary_search_by(|(key, _)| key.cmp(id)),
        }
    }

    /// The value of `id`.
    pub fn get(&self, id: &K) -> Option<&V> {
        self.find(id).ok().and_then(|at| self.entries.get(at)).map(|(_, value)| value)
    }

    /// Whether `id` has a value.
    pub fn contains_key(&self, id: &K) -> bool {
        self.find(id).is_ok()
    }

    /// Gives `id` a value; the one it had.
    pub fn insert(&mut self, id: K, value: V) -> Option<V> {
        match self.find(&id) {
            Ok(at) => Some(core::mem::replace(&mut self.entries[at].1, value)),
            Err(at) => {
                self.entries.insert(at, (id, value));
                None
            }
        }
    }

    /// Takes `id` out; the value it had.
    pub fn remove(&mut self, id: &K) -> Option<V> {
        self.find(id).ok().map(|at| self.entries.remove(at).1)
    }
}

#[cfg(test)]
mod tests {
    use super::IdMap;
    use alloc::collections::BTreeMap;
    use alloc::vec::Vec;

    #[test]
    fn does_what_a_tree_does() {
        let (mut map, mut tree) = (IdMap::new(), BTreeMap::new());
        let mut seed = 7u32;
        for step in 0..20_000u32 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let id = (seed >> 16) % 500;
            match seed >> 8 & 3 {
                0 | 1 => assert_eq!(map.insert(id, step), tree.insert(id, step)),
                2 => assert_eq!(map.remove(&id), tree.remove(&id)),
                _ => assert_eq!((map.get(&id), map.contains_key(&id)), (tree.get(&id), tree.contains_key(&id))),
            }
            assert_eq!((map.len(), map.is_empty()), (tree.len(), tree.is_empty()));
        }
        assert_eq!(map.values().collect::<Vec<_>>(), tree.values().collect::<Vec<_>>());
    }
}
