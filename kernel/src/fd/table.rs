//! The descriptor table: numbers to open file descriptions.
//!
//! A lookup takes an uncontended spin lock (three instructions) and one reference; nothing here sleeps, and files are dropped outside the lock.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU64, Ordering};

use abi::{Errno, Result};
use fdbits::{FdBits, Refused};

use crate::sync::SpinLock;
use crate::vfs::file::{File, OpenFlags};

/// Numbers above this are never given, whatever RLIMIT_NOFILE says (Linux's fs.nr_open).
pub const MAX_FILES: usize = 1 << 20;

/// The descriptors of a process, shared by its threads.
pub struct FdTable {
    /// A number that no other table ever has: what record locks of a process belong to.
    id: u64,
    inner: SpinLock<Inner>,
}

static NEXT_ID: AtomicU64 = AtomicU64::new(1);

struct Inner {
    files: Vec<Option<Arc<File>>>,
    /// Numbers in use (installed or reserved) and those marked close-on-exec.
    bits: FdBits,
}

impl Inner {
    fn get(&self, fd: i32) -> Option<&Arc<File>> {
        self.files.get(fd.cast_unsigned() as usize)?.as_ref() // widening; a negative number is past every table
    }

    /// Makes `index` a slot of `files`.
    #[cold]
    fn grow(&mut self, index: usize) -> Result<()> {
        let want = (index + 1).next_power_of_two().max(64);
        self.files.try_reserve_exact(want - self.files.len()).map_err(|_| Errno::ENOMEM)?;
        self.files.resize_with(want, || None);
        Ok(())
    }

    /// Takes the lowest number from `min` below `limit`.
    #[inline]
    fn take(&mut self, min: usize, limit: usize, cloexec: bool) -> Result<usize> {
        let index = self.bits.take(min, limit.min(MAX_FILES), cloexec).map_err(errno)?;
        if index >= self.files.len()
            && let Err(error) = self.grow(index)
        {
            self.bits.clear(index);
            return Err(error);
        }
        Ok(index)
    }

    /// Fills a slot that was taken, and so is empty.
    #[inline]
    fn put(&mut self, index: usize, file: Arc<File>) {
        if let Some(slot) = self.files.get_mut(index) {
            debug_assert!(slot.is_none());
            *slot = Some(file);
        }
    }

    #[inline]
    fn remove(&mut self, index: usize) -> Option<Arc<File>> {
        let file = self.files.get_mut(index)?.take()?;
        self.bits.clear(index);
        Some(file)
    }
}

fn errno(refused: Refused) -> Errno {
    match refused {
        Refused::Full => Errno::EMFILE,
        Refused::OutOfMemory => Errno::ENOMEM,
    }
}

/// The descriptor number of a slot.
fn number(index: usize) -> i32 {
    index.try_into().unwrap_or(i32::MAX) // slots are below MAX_FILES
}

fn index(fd: i32) -> Result<usize> {
    usize::try_from(fd).map_err(|_| Errno::EBADF)
}

impl FdTable {
    /// An empty table.
    pub fn new() -> FdTable {
        FdTable::with(Inner { files: Vec::new(), bits: FdBits::new() })
    }

    fn with(inner: Inner) -> FdTable {
        FdTable { id: NEXT_ID.fetch_add(1, Ordering::Relaxed), inner: SpinLock::new(inner) }
    }

    /// The table's number, unique for ever: the owner of a process's record locks.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// A descriptor to `file` is gone.
    fn closed(&self, file: &File) {
        file.ops.closed(file);
        file.drop_process_locks(self.id);
    }

    /// The file behind `fd`; EBADF for none and for O_PATH files, which most calls refuse.
    #[inline]
    pub fn get(&self, fd: i32) -> Result<Arc<File>> {
        let file = self.get_raw(fd)?;
        if file.flags().contains(OpenFlags::PATH) { Err(Errno::EBADF) } else { Ok(file) }
    }

    /// The file behind `fd`, O_PATH files too (dup, fcntl, fstat, *at calls).
    #[inline]
    pub fn get_raw(&self, fd: i32) -> Result<Arc<File>> {
        self.inner.lock().get(fd).cloned().ok_or(Errno::EBADF)
    }

    /// Gives `file` the lowest free number. `limit` is RLIMIT_NOFILE; EMFILE when no number is below it.
    pub fn insert(&self, file: Arc<File>, cloexec: bool, limit: usize) -> Result<i32> {
        self.insert_from(0, file, cloexec, limit)
    }

    /// As [`FdTable::insert`] for callers that hold a spin lock: a file that found no number is given back, for them to drop later.
    #[inline]
    pub fn try_insert(&self, file: Arc<File>, cloexec: bool, limit: usize) -> core::result::Result<i32, (Errno, Arc<File>)> {
        let mut inner = self.inner.lock();
        match inner.take(0, limit, cloexec) {
            Ok(index) => {
                inner.put(index, file);
                Ok(number(index))
            }
            Err(error) => Err((error, file)),
        }
    }

    /// Whether no number is free below `limit`: what open(2) complains of before anything else.
    pub fn is_full(&self, limit: usize) -> bool {
        !self.inner.lock().bits.has_room(0, limit.min(MAX_FILES))
    }

    /// As [`FdTable::insert`] with the lowest free number from `min` (F_DUPFD); EINVAL when `min` is out of range.
    pub fn insert_from(&self, min: usize, file: Arc<File>, cloexec: bool, limit: usize) -> Result<i32> {
        if min > 0 && min >= limit {
            return Err(Errno::EINVAL);
        }
        let mut inner = self.inner.lock();
        let index = inner.take(min, limit, cloexec)?;
        inner.put(index, file);
        Ok(number(index))
    }

    /// Takes a number now and gives it a file later, for calls that must report the number before they may no longer fail.
    pub fn reserve(&self, cloexec: bool, limit: usize) -> Result<Reserved<'_>> {
        let index = self.inner.lock().take(0, limit, cloexec)?;
        Ok(Reserved { table: self, index, armed: true })
    }

    /// dup2 and dup3: `old` also becomes `new`, which is closed first. The caller has dealt with `old == new`. EBADF, EBUSY when another thread is
    /// about to install `new`.
    pub fn dup_to(&self, old: i32, new: i32, cloexec: bool, limit: usize) -> Result<i32> {
        let target = index(new)?;
        if target >= limit.min(MAX_FILES) {
            return Err(Errno::EBADF);
        }
        let replaced = {
            let mut inner = self.inner.lock();
            let file = inner.get(old).cloned().ok_or(Errno::EBADF)?;
            if target >= inner.files.len() {
                inner.grow(target)?;
            }
            if inner.bits.used(target) && inner.files[target].is_none() {
                return Err(Errno::EBUSY);
            }
            inner.bits.set(target, cloexec).map_err(errno)?;
            inner.files[target].replace(file)
        };
        if let Some(file) = replaced {
            self.closed(&file);
        }
        Ok(new)
    }

    /// close(2).
    pub fn close(&self, fd: i32) -> Result<()> {
        self.take_out(fd)?.finish();
        Ok(())
    }

    /// The first half of [`FdTable::close`], which may be called under a spin lock: the number is free.
    #[inline]
    pub fn take_out(&self, fd: i32) -> Result<Closing> {
        let file = self.inner.lock().remove(index(fd)?).ok_or(Errno::EBADF)?;
        Ok(Closing { file, table: self.id })
    }

    /// Closes all descriptors of `first..=last`.
    pub fn close_range(&self, first: usize, last: usize) {
        let mut next = first;
        loop {
            let (at, file) = {
                let mut inner = self.inner.lock();
                match inner.bits.next_used(next) {
                    Some(at) if at <= last => (at, inner.remove(at)),
                    _ => return,
                }
            };
            if let Some(file) = file {
                self.closed(&file);
            }
            next = at + 1;
        }
    }

    /// Marks all descriptors of `first..=last` close-on-exec (CLOSE_RANGE_CLOEXEC).
    pub fn cloexec_range(&self, first: usize, last: usize) -> Result<()> {
        let mut inner = self.inner.lock();
        let mut next = first;
        while let Some(at) = inner.bits.next_used(next).filter(|&at| at <= last) {
            inner.bits.set(at, true).map_err(errno)?;
            next = at + 1;
        }
        Ok(())
    }

    /// FD_CLOEXEC of `fd`.
    pub fn cloexec(&self, fd: i32) -> Result<bool> {
        let inner = self.inner.lock();
        inner.get(fd).ok_or(Errno::EBADF)?;
        Ok(inner.bits.cloexec(index(fd)?))
    }

    /// Sets FD_CLOEXEC of `fd`.
    pub fn set_cloexec(&self, fd: i32, on: bool) -> Result<()> {
        let mut inner = self.inner.lock();
        inner.get(fd).ok_or(Errno::EBADF)?;
        inner.bits.set(index(fd)?, on).map_err(errno)
    }

    /// Numbers that the table has room for without growing; select(2) looks no further.
    pub fn capacity(&self) -> usize {
        self.inner.lock().files.len().max(256)
    }

    /// The first descriptor from `from` and its file (/proc/self/fd).
    pub fn next(&self, from: usize) -> Option<(i32, Arc<File>)> {
        let inner = self.inner.lock();
        let mut next = from;
        while let Some(at) = inner.bits.next_used(next) {
            if let Some(file) = &inner.files[at] {
                return Some((number(at), file.clone()));
            }
            next = at + 1;
        }
        None
    }

    /// A table with the same open files (fork, unshare). Numbers that are only reserved stay behind. ENOMEM.
    pub fn clone_table(&self) -> Result<FdTable> {
        let inner = self.inner.lock();
        let mut files = Vec::new();
        files.try_reserve_exact(inner.files.len()).map_err(|_| Errno::ENOMEM)?;
        files.extend(inner.files.iter().cloned());
        let mut bits = inner.bits.clone();
        for (index, file) in files.iter().enumerate() {
            if file.is_none() {
                bits.clear(index);
            }
        }
        Ok(FdTable::with(Inner { files, bits }))
    }

    /// Closes what is marked close-on-exec (execve).
    pub fn close_on_exec(&self) {
        loop {
            let file = {
                let mut inner = self.inner.lock();
                match inner.bits.next_cloexec(0) {
                    Some(at) => {
                        let file = inner.remove(at);
                        // A number that is only reserved is left to whoever reserved it, without its mark.
                        if file.is_none() {
                            let _ = inner.bits.set(at, false);
                        }
                        file
                    }
                    None => return,
                }
            };
            if let Some(file) = file {
                self.closed(&file);
            }
        }
    }

    /// Closes everything (exit).
    pub fn close_all(&self) {
        self.close_range(0, usize::MAX);
    }
}

impl Default for FdTable {
    fn default() -> Self {
        FdTable::new()
    }
}

impl Drop for FdTable {
    fn drop(&mut self) {
        self.close_all();
    }
}

/// A file whose descriptor is gone, to be let go of where that may sleep.
#[must_use = "the file hears of its closing in `finish`"]
pub struct Closing {
    file: Arc<File>,
    table: u64,
}

impl Closing {
    /// The second half of [`FdTable::close`].
    #[inline]
    pub fn finish(self) {
        self.file.ops.closed(&self.file);
        self.file.drop_process_locks(self.table);
    }
}

/// A number taken from a table and not yet open; given back on drop.
pub struct Reserved<'a> {
    table: &'a FdTable,
    index: usize,
    armed: bool,
}

impl Reserved<'_> {
    /// The number.
    pub fn fd(&self) -> i32 {
        number(self.index)
    }

    /// Opens it.
    pub fn install(mut self, file: Arc<File>) -> i32 {
        self.armed = false;
        self.table.inner.lock().put(self.index, file);
        self.fd()
    }
}

impl Drop for Reserved<'_> {
    fn drop(&mut self) {
        if self.armed {
            self.table.inner.lock().bits.clear(self.index);
        }
    }
}
