//! A read-only tree that files in memory can lie over.

use alloc::borrow::Cow;
use alloc::sync::Arc;

use abi::Result;
use abi::fs::Statfs;
use kernel::mm::Backing;
use kernel::vfs::{Attr, FileType};

/// How the tree below knows a file; stable for its life.
pub type LowerId = u64;

/// One name of a directory below.
pub struct LowerEntry<'a> {
    /// The name; `.` and `..` may come and are skipped.
    pub name: &'a [u8],
    /// The file.
    pub id: LowerId,
    /// Its kind, if the directory says.
    pub kind: Option<FileType>,
    /// The cookie that continues after it: above 0, below 2^48.
    pub next: u64,
}

/// Takes prefix, rest of the name, and value of an extended attribute; false to stop.
pub type VisitXattr<'a> = dyn FnMut(&[u8], &[u8], &[u8]) -> bool + 'a;

/// The tree; it may sleep. Errors are those of a malformed image: EUCLEAN, EIO.
pub trait Lower: Send + Sync {
    /// The root directory.
    fn root(&self) -> LowerId;

    /// Attributes and inode number (below 2^32).
    fn attr(&self, id: LowerId) -> Result<(Attr, u64)>;

    /// The file called `name` in a directory.
    fn lookup(&self, dir: LowerId, name: &[u8]) -> Result<Option<LowerId>>;

    /// The entries after `cookie`, until `emit` says no.
    fn read_dir(&self, dir: LowerId, cookie: u64, emit: &mut dyn FnMut(LowerEntry<'_>) -> bool) -> Result<()>;

    /// The target of a symbolic link.
    fn link(&self, id: LowerId) -> Result<Cow<'_, [u8]>>;

    /// The contents of a regular file.
    fn backing(&self, id: LowerId) -> Result<Arc<dyn Backing>>;

    /// Calls `visit` with each extended attribute, until it says no.
    fn xattrs(&self, id: LowerId, visit: &mut VisitXattr<'_>) -> Result<()>;

    /// Sizes for statfs(2): type, blocks, files.
    fn statfs(&self) -> Statfs;
}
