//! Seals of memfd_create(2) (fcntl F_ADD_SEALS): what may no longer be done to a file.

use core::sync::atomic::{AtomicU32, Ordering};

use abi::{Errno, Result};

use super::inode::Inode;

/// No more seals.
pub const SEAL_SEAL: u32 = 0x1;
/// Never smaller.
pub const SEAL_SHRINK: u32 = 0x2;
/// Never larger.
pub const SEAL_GROW: u32 = 0x4;
/// No writes.
pub const SEAL_WRITE: u32 = 0x8;
/// No writes but through mappings that are there.
pub const SEAL_FUTURE_WRITE: u32 = 0x10;
/// Execute permission cannot change.
pub const SEAL_EXEC: u32 = 0x20;
const ALL: u32 = 0x3f;
/// Set for files that can be sealed at all.
const SEALABLE: u32 = 1 << 31;

/// The seals of one inode.
#[derive(Default)]
pub struct Seals(AtomicU32);

impl Seals {
    /// Makes the file one that knows seals; without `allow` it starts with SEAL_SEAL.
    pub fn enable(&self, allow: bool) {
        self.0.store(SEALABLE | if allow { 0 } else { SEAL_SEAL }, Ordering::Relaxed);
    }

    /// F_GET_SEALS: EINVAL for a file that has none.
    pub fn get(&self) -> Result<u32> {
        let bits = self.0.load(Ordering::Acquire);
        if bits & SEALABLE == 0 { Err(Errno::EINVAL) } else { Ok(bits & ALL) }
    }

    /// F_ADD_SEALS: EPERM when sealed against it, EBUSY for SEAL_WRITE while a shared mapping may write (`mapped`).
    pub fn add(&self, seals: u32, mapped: bool) -> Result<()> {
        if seals & !ALL != 0 {
            return Err(Errno::EINVAL);
        }
        if self.get()? & SEAL_SEAL != 0 {
            return Err(Errno::EPERM);
        }
        if seals & SEAL_WRITE != 0 && mapped {
            return Err(Errno::EBUSY);
        }
        self.0.fetch_or(seals, Ordering::AcqRel);
        Ok(())
    }

    /// Whether a shared mapping may be made writable: EPERM.
    pub fn check_map_write(&self) -> Result<()> {
        self.refuse(SEAL_WRITE | SEAL_FUTURE_WRITE)
    }

    fn refuse(&self, seals: u32) -> Result<()> {
        let bits = self.0.load(Ordering::Acquire);
        if bits & SEALABLE != 0 && bits & seals != 0 { Err(Errno::EPERM) } else { Ok(()) }
    }

    /// A write of `len` bytes at `pos`.
    #[inline]
    pub(super) fn check_write(&self, inode: &Inode, pos: u64, len: usize) -> Result<()> {
        if self.0.load(Ordering::Acquire) & SEALABLE == 0 {
            return Ok(());
        }
        self.refuse(SEAL_WRITE | SEAL_FUTURE_WRITE)?;
        let end = pos.saturating_add(len as u64); // widening
        if end > inode.size() { self.refuse(SEAL_GROW) } else { Ok(()) }
    }

    /// A change of size.
    pub(super) fn check_resize(&self, old: u64, new: u64) -> Result<()> {
        match new.cmp(&old) {
            core::cmp::Ordering::Less => self.refuse(SEAL_SHRINK),
            core::cmp::Ordering::Greater => self.refuse(SEAL_GROW),
            core::cmp::Ordering::Equal => Ok(()),
        }
    }
}
