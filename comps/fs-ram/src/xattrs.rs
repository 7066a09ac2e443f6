//! Extended attributes in memory, over those of the tree below.

use alloc::boxed::Box;
use alloc::vec::Vec;
use ordmap::OrdMap;

use abi::fs::xattr;
use abi::{Errno, Result};
use kernel::sync::SpinLock;

/// Bytes of names and values that one file may have in memory.
const MAX_BYTES: usize = 128 * 1024;

type Bytes = Box<[u8]>;

/// The attributes that were set, and (`None`) those of the tree below that were removed.
#[derive(Default)]
pub struct Xattrs {
    changed: SpinLock<OrdMap<Bytes, Option<Bytes>>>,
}

/// Looks an attribute up in the tree below.
pub type Below<'a> = dyn Fn(&[u8]) -> Result<Option<Vec<u8>>> + 'a;

impl Xattrs {
    /// The value.
    pub fn get(&self, name: &[u8], below: &Below<'_>) -> Result<Vec<u8>> {
        match self.changed.lock().get(name) {
            Some(Some(value)) => return Ok(value.to_vec()),
            Some(None) => return Err(Errno::ENODATA),
            None => {}
        }
        below(name)?.ok_or(Errno::ENODATA)
    }

    /// Sets it.
    pub fn set(&self, name: &[u8], value: &[u8], flags: u32, below: &Below<'_>) -> Result<()> {
        let exists = match self.get(name, below) {
            Ok(_) => true,
            Err(Errno::ENODATA) => false,
            Err(e) => return Err(e),
        };
        if exists && flags & xattr::CREATE != 0 {
            return Err(Errno::EEXIST);
        }
        if !exists && flags & xattr::REPLACE != 0 {
            return Err(Errno::ENODATA);
        }
        let mut changed = self.changed.lock();
        let used: usize = changed.iter().map(|(n, v)| n.len() + v.as_ref().map_or(0, |v| v.len())).sum();
        if used + name.len() + value.len() > MAX_BYTES {
            return Err(Errno::ENOSPC);
        }
        changed.insert(name.into(), Some(value.into()));
        Ok(())
    }

    /// Removes it.
    pub fn remove(&self, name: &[u8], below: &Below<'_>) -> Result<()> {
        self.get(name, below)?;
        let covers = below(name)?.is_some();
        let mut changed = self.changed.lock();
        changed.remove(name);
        if covers {
            changed.insert(name.into(), None);
        }
        Ok(())
    }

    /// The names set in memory.
    pub fn list(&self, visit: &mut dyn FnMut(&[u8])) {
        self.changed.lock().iter().filter(|(_, v)| v.is_some()).for_each(|(n, _)| visit(n));
    }

    /// Whether a name of the tree below is still to be listed.
    pub fn untouched(&self, name: &[u8]) -> bool {
        !self.changed.lock().contains_key(name)
    }
}
