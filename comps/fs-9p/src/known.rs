//! The inodes of one server that somebody has, by the number that the server gives a file.

use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;

use kernel::vfs::Inode;

/// Sorted by number: looked up much more often than changed, and a tree's code would be larger than all the rest of this.
#[derive(Default)]
pub struct Known {
    list: Vec<(u64, Weak<Inode>)>,
}

impl Known {
    fn find(&self, number: u64) -> Result<usize, usize> {
        self.list.binary_search_by_key(&number, |entry| entry.0)
    }

    /// The inode with this number.
    pub fn get(&self, number: u64) -> Option<Arc<Inode>> {
        let at = self.find(number).ok()?;
        self.list[at].1.upgrade()
    }

    /// The first from this number on.
    pub fn next(&self, number: u64) -> Option<(u64, Option<Arc<Inode>>)> {
        let at = self.find(number).unwrap_or_else(|at| at);
        self.list.get(at).map(|(number, weak)| (*number, weak.upgrade()))
    }

    /// Enters an inode; what was there comes back, to be dropped when nothing is locked.
    pub fn put(&mut self, number: u64, inode: Weak<Inode>) -> Option<Weak<Inode>> {
        match self.find(number) {
            Ok(at) => Some(core::mem::replace(&mut self.list[at].1, inode)),
            Err(at) => {
                self.list.insert(at, (number, inode));
                None
            }
        }
    }

    /// Takes an inode out.
    pub fn take(&mut self, number: u64) -> Option<Weak<Inode>> {
        let at = self.find(number).ok()?;
        Some(self.list.remove(at).1)
    }

    /// The same, if nobody has it any more.
    pub fn take_dead(&mut self, number: u64) -> Option<Weak<Inode>> {
        let at = self.find(number).ok().filter(|at| self.list[*at].1.strong_count() == 0)?;
        Some(self.list.remove(at).1)
    }
}
