//! The in-memory entries of a directory. Each name gets a number when it is added, and reading goes by that number: entries that stay are
//! seen exactly once however many others come or go meanwhile, which is what readdir(3) promises.

use alloc::sync::Arc;
use core::ops::RangeFrom;
use ordmap::OrdMap;

/// Names with values, found by name and walked by cookie.
pub struct DirMap<T> {
    by_name: OrdMap<Arc<[u8]>, (u64, T)>,
    by_cookie: OrdMap<u64, Arc<[u8]>>,
    next: u64,
}

impl<T> DirMap<T> {
    /// An empty map.
    pub const fn new() -> Self {
        DirMap { by_name: OrdMap::new(), by_cookie: OrdMap::new(), next: 0 }
    }

    /// The value of `name`.
    pub fn get(&self, name: &[u8]) -> Option<&T> {
        self.by_name.get(name).map(|(_, value)| value)
    }

    /// Adds `name`, or replaces its value (its cookie then stays). Gives the old value.
    pub fn insert(&mut self, name: &[u8], value: T) -> Option<T> {
        if let Some((_, slot)) = self.by_name.get_mut(name) {
            return Some(core::mem::replace(slot, value));
        }
        let name: Arc<[u8]> = Arc::from(name);
        let cookie = self.next;
        self.next += 1;
        self.by_cookie.insert(cookie, name.clone());
        self.by_name.insert(name, (cookie, value));
        None
    }

    /// Removes `name`; gives its value.
    pub fn remove(&mut self, name: &[u8]) -> Option<T> {
        let (cookie, value) = self.by_name.remove(name)?;
        self.by_cookie.remove(&cookie);
        Some(value)
    }

    /// The entries whose cookie is in `range`, in the order they were added.
    pub fn walk(&self, range: RangeFrom<u64>) -> impl Iterator<Item = (u64, &[u8], &T)> {
        self.by_cookie.from(&range.start).filter_map(|(cookie, name)| Some((*cookie, &**name, self.get(name)?)))
    }

    /// How many entries.
    pub fn len(&self) -> usize {
        self.by_name.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// The values, out of the map.
    pub fn take_all(&mut self) -> impl Iterator<Item = T> + use<T> {
        drop(core::mem::take(&mut self.by_cookie));
        self.by_name.take_all().map(|(_, (_, value))| value)
    }
}

impl<T> Default for DirMap<T> {
    fn default() -> Self {
        DirMap::new()
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::vec::Vec;

    fn names(map: &DirMap<u32>, from: u64) -> Vec<&str> {
        map.walk(from..).map(|(_, n, _)| std::str::from_utf8(n).unwrap()).collect()
    }

    #[test]
    fn positions_survive_deletion_and_creation() {
        let mut map = DirMap::new();
        for i in 0..10 {
            assert_eq!(map.insert(std::format!("f{i}").as_bytes(), i), None);
        }
        let (seen, _, _) = map.walk(0..).nth(4).unwrap();
        map.remove(b"f2");
        map.remove(b"f5");
        map.insert(b"new", 99);
        assert_eq!(names(&map, seen + 1), ["f6", "f7", "f8", "f9", "new"]);
        assert_eq!(map.len(), 9);
    }

    #[test]
    fn replacing_keeps_the_place() {
        let mut map = DirMap::new();
        map.insert(b"a", 1);
        map.insert(b"b", 2);
        assert_eq!(map.insert(b"a", 3), Some(1));
        assert_eq!(names(&map, 0), ["a", "b"]);
        assert_eq!(map.get(b"a"), Some(&3));
        // Removed and added again is a new entry: it comes after those that were there.
        map.remove(b"a");
        map.insert(b"a", 4);
        assert_eq!(names(&map, 0), ["b", "a"]);
        assert_eq!(map.take_all().count(), 2);
        assert!(map.is_empty() && map.walk(0..).next().is_none());
    }
}
