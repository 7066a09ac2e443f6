//! The directory /dev.

use alloc::sync::Arc;

use abi::{Errno, Result};
use fs_pseudo::{Dir, Fixed, Node};
use kernel::vfs::{Dev, FileSystem, FileType, Inode};

/// TMPFS_MAGIC: what statfs(2) says of a devtmpfs.
const TMPFS_MAGIC: i64 = 0x0102_1994;

enum Entry {
    Device(u32, u32, u32),
    Link(&'static str),
    /// A directory to mount on.
    Empty,
}

/// Sorted by name.
const ENTRIES: &[(&str, Entry)] = &[
    ("console", Entry::Device(5, 1, 0o600)),
    ("fd", Entry::Link("/proc/self/fd")),
    ("full", Entry::Device(1, 7, 0o666)),
    ("kmsg", Entry::Device(1, 11, 0o644)),
    ("mqueue", Entry::Empty),
    ("null", Entry::Device(1, 3, 0o666)),
    ("ptmx", Entry::Device(5, 2, 0o666)),
    ("pts", Entry::Empty),
    ("random", Entry::Device(1, 8, 0o666)),
    ("shm", Entry::Empty),
    ("stderr", Entry::Link("/proc/self/fd/2")),
    ("stdin", Entry::Link("/proc/self/fd/0")),
    ("stdout", Entry::Link("/proc/self/fd/1")),
    ("tty", Entry::Device(5, 0, 0o666)),
    ("tty0", Entry::Device(4, 0, 0o620)),
    ("ttyS0", Entry::Device(4, 64, 0o660)),
    ("urandom", Entry::Device(1, 9, 0o666)),
    ("zero", Entry::Device(1, 5, 0o666)),
];

/// The file system kind.
pub struct DevFs;

impl FileSystem for DevFs {
    fn name(&self) -> &'static str {
        "devtmpfs"
    }

    fn mount(&self, _source: &[u8], _data: &[u8]) -> Result<Arc<Inode>> {
        fs_pseudo::mount("devtmpfs", TMPFS_MAGIC, Arc::new(Root))
    }
}

struct Root;

impl Dir for Root {
    fn lookup(&self, name: &[u8]) -> Result<Node> {
        #[cfg(feature = "disk")]
        if name == crate::disk::NAME {
            return crate::disk::node().ok_or(Errno::ENOENT);
        }
        let at = ENTRIES.binary_search_by(|(n, _)| n.as_bytes().cmp(name)).map_err(|_| Errno::ENOENT)?;
        Ok(match ENTRIES[at].1 {
            Entry::Device(major, minor, perm) => Node::Device(FileType::Char, Dev::new(major, minor), perm),
            Entry::Link(text) => Node::Link(Arc::new(Fixed(text))),
            Entry::Empty => Node::Dir(Arc::new(Empty)),
        })
    }

    fn list(&self, visit: &mut dyn FnMut(&[u8], FileType) -> bool) {
        for (name, entry) in ENTRIES {
            let kind = match entry {
                Entry::Device(..) => FileType::Char,
                Entry::Link(_) => FileType::Symlink,
                Entry::Empty => FileType::Directory,
            };
            if !visit(name.as_bytes(), kind) {
                return;
            }
        }
        #[cfg(feature = "disk")]
        if crate::disk::node().is_some() {
            visit(crate::disk::NAME, FileType::Block);
        }
    }

    fn perm(&self) -> u32 {
        0o755
    }
}

struct Empty;

impl Dir for Empty {
    fn lookup(&self, _name: &[u8]) -> Result<Node> {
        Err(Errno::ENOENT)
    }
    fn list(&self, _visit: &mut dyn FnMut(&[u8], FileType) -> bool) {}
    fn perm(&self) -> u32 {
        0o755
    }
}
