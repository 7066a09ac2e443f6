//! Directories in memory: the changes made to the directory below, or all entries where there is none.

use alloc::sync::Arc;

use abi::{Errno, Result};
use kernel::sync::Mutex;
use kernel::vfs::{DirEntry, Emit, Inode};
use pathname::DirMap;

use crate::fs::Ram;
use crate::lower::LowerId;

/// What tmpfs says each name takes (`BOGO_DIRENT_SIZE`).
pub const ENTRY_SIZE: u64 = 20;
/// The size of an empty directory.
pub const EMPTY_SIZE: u64 = 2 * ENTRY_SIZE;

/// Cookies of entries in memory come after all of the directory below.
const ADDED: u64 = 1 << 48;

/// How a name differs from the directory below.
pub enum Change {
    /// It was there and is not any more.
    Gone,
    /// It is this now.
    Here(Arc<Inode>),
}

/// A directory.
pub struct Dir {
    pub below: Option<LowerId>,
    /// Held while the directory below is read, which may sleep.
    changes: Mutex<DirMap<Change>>,
}

impl Dir {
    pub fn new(below: Option<LowerId>) -> Dir {
        Dir { below, changes: Mutex::new(DirMap::new()) }
    }

    /// The file called `name`.
    pub fn lookup(&self, ram: &Arc<Ram>, name: &[u8]) -> Result<Arc<Inode>> {
        match self.changes.lock().get(name) {
            Some(Change::Here(inode)) => return Ok(inode.clone()),
            Some(Change::Gone) => return Err(Errno::ENOENT),
            None => {}
        }
        let id = self.lookup_below(ram, name)?.ok_or(Errno::ENOENT)?;
        ram.inode_of(id)
    }

    fn lookup_below(&self, ram: &Ram, name: &[u8]) -> Result<Option<LowerId>> {
        match (&ram.lower, self.below) {
            (Some(lower), Some(dir)) => lower.lookup(dir, name),
            _ => Ok(None),
        }
    }

    /// Makes `name` be `inode`.
    pub fn put(&self, name: &[u8], inode: &Arc<Inode>) {
        let old = self.changes.lock().insert(name, Change::Here(inode.clone()));
        drop(old);
    }

    /// Makes `name` not exist.
    pub fn take(&self, ram: &Ram, name: &[u8]) -> Result<()> {
        let covers = self.lookup_below(ram, name)?.is_some();
        let mut changes = self.changes.lock();
        // Out first, so that a name that comes back gets a new place.
        let old = changes.remove(name);
        if covers {
            changes.insert(name, Change::Gone);
        }
        drop(changes);
        drop(old);
        Ok(())
    }

    /// Whether it has no entries.
    pub fn is_empty(&self, ram: &Ram) -> Result<bool> {
        let mut empty = true;
        self.read(ram, 0, &mut |_| {
            empty = false;
            false
        })?;
        Ok(empty)
    }

    /// The entries after `cookie`: those below that did not change, then those of memory.
    pub fn read(&self, ram: &Ram, cookie: u64, emit: &mut Emit<'_>) -> Result<()> {
        let changes = self.changes.lock();
        let mut base = 0;
        if let (Some(lower), Some(dir)) = (&ram.lower, self.below) {
            base = ADDED;
            if cookie < ADDED {
                let mut full = false;
                let mut failed = None;
                lower.read_dir(dir, cookie, &mut |entry| {
                    if matches!(entry.name, b"." | b"..") || changes.get(entry.name).is_some() {
                        return true;
                    }
                    let known = lower.attr(entry.id);
                    let (kind, ino) = match known {
                        Ok((attr, ino)) => (attr.kind, ino),
                        Err(e) => {
                            failed = Some(e);
                            return false;
                        }
                    };
                    full = !emit(DirEntry { name: entry.name, ino, kind, next: entry.next.min(ADDED - 1) });
                    !full
                })?;
                if let Some(e) = failed {
                    return Err(e);
                }
                if full {
                    return Ok(());
                }
            }
        }
        for (at, name, change) in changes.walk(cookie.saturating_sub(base)..) {
            let Change::Here(inode) = change else { continue };
            let next = base.saturating_add(at).saturating_add(1);
            if !emit(DirEntry { name, ino: inode.ino, kind: inode.kind, next }) {
                break;
            }
        }
        Ok(())
    }

    /// The files held by it, for their end with the directory's.
    pub fn drain(&mut self) -> impl Iterator<Item = Arc<Inode>> + use<> {
        self.changes.get_mut().take_all().filter_map(|change| match change {
            Change::Here(inode) => Some(inode),
            Change::Gone => None,
        })
    }
}
