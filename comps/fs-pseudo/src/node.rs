//! Inodes over descriptions.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::any::Any;

use abi::{Errno, Result};
use kernel::vfs::file::{FileOps, OpenFlags};
use kernel::vfs::{Attr, Caller, Dev, DirEntry, Emit, FileType, Inode, InodeOps, Link, Path, SuperBlock, dev};

use crate::file::{ContentFile, Text};

/// What a name leads to.
pub enum Node {
    /// A directory.
    Dir(Arc<dyn Dir>),
    /// A text.
    File(Arc<dyn Content>),
    /// A symbolic link.
    Link(Arc<dyn Target>),
    /// A device: kind, number, permission bits.
    Device(FileType, Dev, u32),
}

/// A directory.
pub trait Dir: Send + Sync {
    /// What `name` is; ENOENT.
    fn lookup(&self, name: &[u8]) -> Result<Node>;

    /// Calls `visit(name, kind)` for every entry in a stable order, until it answers false.
    fn list(&self, visit: &mut dyn FnMut(&[u8], FileType) -> bool);

    /// Permission bits.
    fn perm(&self) -> u32 {
        0o555
    }

    /// Owner and group.
    fn owner(&self) -> (u32, u32) {
        (0, 0)
    }

    /// Whether what was found may be remembered: false where names come and go by themselves.
    fn is_static(&self) -> bool {
        true
    }
}

/// A text that is made when it is read from its beginning.
pub trait Content: Send + Sync {
    /// Writes the text.
    fn text(&self, out: &mut Text) -> Result<()>;

    /// Takes what a program wrote; EACCES by default through the permission bits, EINVAL for root.
    fn store(&self, _bytes: &[u8]) -> Result<()> {
        Err(Errno::EINVAL)
    }

    /// Permission bits.
    fn perm(&self) -> u32 {
        0o444
    }

    /// Owner and group.
    fn owner(&self) -> (u32, u32) {
        (0, 0)
    }
}

/// Where a link leads.
pub trait Target: Send + Sync {
    /// The text of the link.
    fn text(&self) -> Result<Vec<u8>>;

    /// Where it leads at once, when that is not what the text says (/proc/self/fd/N of a deleted file or a pipe).
    fn place(&self) -> Option<Path> {
        None
    }

    /// Opening the link opens this description anew, for links to files without a path.
    fn reopen(&self, _flags: OpenFlags) -> Option<Result<Arc<dyn FileOps>>> {
        None
    }
}

/// Inode number of `name` in the directory numbered `parent`: the same each time it is looked up (FNV-1a, kept to 40 bits, never a root's).
fn number(parent: u64, name: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325 ^ parent;
    for byte in name {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
    }
    (hash >> 24) | 2
}

pub(crate) fn inode(sb: &Arc<SuperBlock>, ino: u64, node: Node) -> Arc<Inode> {
    let (attr, ops): (Attr, Box<dyn InodeOps>) = match node {
        Node::Dir(dir) => {
            let (uid, gid) = dir.owner();
            (Attr { uid, gid, ..Attr::new(FileType::Directory, dir.perm()) }, Box::new(DirOps { dir }))
        }
        Node::File(content) => {
            let (uid, gid) = content.owner();
            (Attr { uid, gid, ..Attr::new(FileType::Regular, content.perm()) }, Box::new(ContentOps { content }))
        }
        Node::Link(target) => (Attr::new(FileType::Symlink, 0o777), Box::new(LinkOps { target })),
        Node::Device(kind, rdev, perm) => (Attr { rdev, ..Attr::new(kind, perm) }, Box::new(DeviceOps)),
    };
    Inode::new(sb, ino, attr, ops)
}

struct DirOps {
    dir: Arc<dyn Dir>,
}

impl InodeOps for DirOps {
    fn lookup(&self, dir: &Arc<Inode>, name: &[u8]) -> Result<Arc<Inode>> {
        Ok(inode(&dir.sb, number(dir.ino, name), self.dir.lookup(name)?))
    }

    fn cacheable(&self) -> bool {
        self.dir.is_static()
    }

    fn read_dir(&self, dir: &Arc<Inode>, cookie: u64, emit: &mut Emit<'_>) -> Result<()> {
        let mut at = 0;
        self.dir.list(&mut |name, kind| {
            at += 1;
            at <= cookie || emit(DirEntry { name, ino: number(dir.ino, name), kind, next: at })
        });
        Ok(())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

struct ContentOps {
    content: Arc<dyn Content>,
}

impl InodeOps for ContentOps {
    fn open(&self, _inode: &Arc<Inode>, _flags: OpenFlags) -> Result<Arc<dyn FileOps>> {
        Ok(Arc::new(ContentFile::new(self.content.clone())))
    }

    fn blocks(&self, _inode: &Inode) -> u64 {
        0
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

struct LinkOps {
    target: Arc<dyn Target>,
}

impl InodeOps for LinkOps {
    fn follow(&self, _inode: &Arc<Inode>, _caller: &Caller<'_>) -> Result<Link<'_>> {
        match self.target.place() {
            Some(path) => Ok(Link::Magic(path)),
            None => Ok(Link::Text(Cow::Owned(self.target.text()?))),
        }
    }

    fn read_link(&self, _inode: &Arc<Inode>, _caller: &Caller<'_>) -> Result<Cow<'_, [u8]>> {
        Ok(Cow::Owned(self.target.text()?))
    }

    fn open(&self, _inode: &Arc<Inode>, flags: OpenFlags) -> Result<Arc<dyn FileOps>> {
        self.target.reopen(flags).unwrap_or(Err(Errno::ELOOP))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

struct DeviceOps;

impl InodeOps for DeviceOps {
    fn open(&self, inode: &Arc<Inode>, flags: OpenFlags) -> Result<Arc<dyn FileOps>> {
        dev::open_device(inode, flags)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
