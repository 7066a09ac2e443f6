//! The inode operations of files in memory.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::any::Any;

use abi::{Errno, Result};
use kernel::mm::PageCache;
use kernel::vfs::{Attr, Caller, Emit, FileType, Inode, InodeOps, Link, NewNode, RenameSide, Times, now};

use crate::dir::{Dir, EMPTY_SIZE, ENTRY_SIZE};
use crate::fs::Ram;
use crate::lower::LowerId;
use crate::xattrs::Xattrs;

enum Body {
    Dir(Dir),
    Link(Box<[u8]>),
    /// Regular files (their pages are in the inode), devices, FIFOs, sockets; links of the tree below.
    Other,
}

/// A file.
pub struct Node {
    ram: Arc<Ram>,
    body: Body,
    below: Option<LowerId>,
    xattrs: Xattrs,
}

impl Node {
    /// A directory.
    pub fn dir(ram: &Arc<Ram>, below: Option<LowerId>) -> Box<Node> {
        Box::new(Node { ram: ram.clone(), body: Body::Dir(Dir::new(below)), below, xattrs: Xattrs::default() })
    }

    /// A file of the tree below.
    pub fn over(ram: &Arc<Ram>, kind: FileType, id: LowerId) -> Box<Node> {
        match kind {
            FileType::Directory => Node::dir(ram, Some(id)),
            _ => Box::new(Node { ram: ram.clone(), body: Body::Other, below: Some(id), xattrs: Xattrs::default() }),
        }
    }

    /// A new inode of any kind.
    fn make(ram: &Arc<Ram>, node: &NewNode<'_>) -> Result<Arc<Inode>> {
        let sb = ram.sb()?;
        ram.charge()?;
        let (body, size) = match node.kind {
            FileType::Directory => (Body::Dir(Dir::new(None)), EMPTY_SIZE),
            FileType::Symlink => (Body::Link(node.target.into()), node.target.len() as u64), // widening
            _ => (Body::Other, 0),
        };
        let ops = Box::new(Node { ram: ram.clone(), body, below: None, xattrs: Xattrs::default() });
        let nlink = if node.kind == FileType::Directory { 2 } else { 1 };
        let (kind, perm, uid, gid, rdev) = (node.kind, node.perm, node.uid, node.gid, node.rdev);
        let attr = Attr { kind, perm, uid, gid, nlink, size, rdev, times: Times::all(now()) };
        Ok(Inode::new(&sb, ram.take_ino(), attr, ops))
    }

    fn dir_of(&self) -> Result<&Dir> {
        match &self.body {
            Body::Dir(dir) => Ok(dir),
            _ => Err(Errno::ENOTDIR),
        }
    }

    /// The directory behind an inode of this file system.
    fn dir_behind(inode: &Inode) -> Result<&Dir> {
        inode.ops.as_any().downcast_ref::<Node>().ok_or(Errno::EXDEV)?.dir_of()
    }

    /// A name of `inode` is going: when it is the last, nothing but open files holds it any longer; else the count differs from the image's.
    fn name_goes(inode: &Arc<Inode>) {
        if let Some(node) = inode.ops.as_any().downcast_ref::<Node>()
            && let Some(id) = node.below
        {
            if inode.is_dir() || inode.nlink() <= 1 { node.ram.unpin(id) } else { node.ram.pin(id, inode) }
        }
    }

    fn xattr_below(&self, name: &[u8]) -> Result<Option<Vec<u8>>> {
        let (Some(lower), Some(id)) = (&self.ram.lower, self.below) else { return Ok(None) };
        let mut found = None;
        lower.xattrs(id, &mut |prefix, rest, value| {
            if name.strip_prefix(prefix) == Some(rest) {
                found = Some(value.to_vec());
            }
            found.is_none()
        })?;
        Ok(found)
    }
}

/// Blocks of 512 bytes of the pages made.
#[inline(never)] // stat(2) of a file of the image has no use for its registers
fn owned_blocks(inode: &Inode) -> u64 {
    inode.pages_if_made().map_or(0, |pages| pages.owned_pages() * 8)
}

/// The entries of `dir` became more or fewer. Those of the tree below are blocks, which names come and go in.
fn resize(dir: &Inode, added: bool) {
    if Node::dir_behind(dir).is_ok_and(|dir| dir.below.is_some()) {
        return;
    }
    let size = dir.size();
    dir.set_size(if added { size.saturating_add(ENTRY_SIZE) } else { size.saturating_sub(ENTRY_SIZE) });
}

impl InodeOps for Node {
    fn lookup(&self, _dir: &Arc<Inode>, name: &[u8]) -> Result<Arc<Inode>> {
        self.dir_of()?.lookup(&self.ram, name)
    }

    fn create(&self, dir: &Arc<Inode>, name: &[u8], node: &NewNode<'_>) -> Result<Arc<Inode>> {
        let entries = self.dir_of()?;
        let inode = Node::make(&self.ram, node)?;
        self.dirty(dir)?;
        entries.put(name, &inode);
        resize(dir, true);
        Ok(inode)
    }

    fn tmpfile(&self, _dir: &Arc<Inode>, node: &NewNode<'_>) -> Result<Arc<Inode>> {
        Node::make(&self.ram, node)
    }

    fn link(&self, dir: &Arc<Inode>, name: &[u8], target: &Arc<Inode>) -> Result<()> {
        self.dirty(dir)?;
        self.dir_of()?.put(name, target);
        resize(dir, true);
        Ok(())
    }

    fn unlink(&self, dir: &Arc<Inode>, name: &[u8], target: &Arc<Inode>) -> Result<()> {
        self.dirty(dir)?;
        self.dir_of()?.take(&self.ram, name)?;
        Node::name_goes(target);
        resize(dir, false);
        Ok(())
    }

    fn rmdir(&self, dir: &Arc<Inode>, name: &[u8], target: &Arc<Inode>) -> Result<()> {
        if !Node::dir_behind(target)?.is_empty(&self.ram)? {
            return Err(Errno::ENOTEMPTY);
        }
        self.unlink(dir, name, target)
    }

    fn rename(&self, from: &RenameSide<'_>, to: &RenameSide<'_>, exchange: bool) -> Result<()> {
        let moving = from.inode.ok_or(Errno::ENOENT)?;
        let target_dir = Node::dir_behind(to.dir)?;
        if !exchange && let Some(old) = to.inode {
            if old.is_dir() && !Node::dir_behind(old)?.is_empty(&self.ram)? {
                return Err(Errno::ENOTEMPTY);
            }
            Node::name_goes(old);
        }
        self.dirty(from.dir)?;
        to.dir.ops.dirty(to.dir)?;
        let source_dir = self.dir_of()?;
        match to.inode.filter(|_| exchange) {
            Some(other) => {
                target_dir.put(to.name, moving);
                source_dir.put(from.name, other);
            }
            None => {
                source_dir.take(&self.ram, from.name)?;
                // A new entry, so that a reader of the directory in progress still comes by it.
                target_dir.take(&self.ram, to.name)?;
                target_dir.put(to.name, moving);
                resize(from.dir, false);
                if to.inode.is_none() {
                    resize(to.dir, true);
                }
            }
        }
        Ok(())
    }

    fn read_dir(&self, _dir: &Arc<Inode>, cookie: u64, emit: &mut Emit<'_>) -> Result<()> {
        self.dir_of()?.read(&self.ram, cookie, emit)
    }

    fn follow(&self, inode: &Arc<Inode>, _caller: &Caller<'_>) -> Result<Link<'_>> {
        if let Body::Link(target) = &self.body {
            return Ok(Link::Text(Cow::Borrowed(target)));
        }
        match (&self.ram.lower, self.below) {
            (Some(lower), Some(id)) if inode.kind == FileType::Symlink => Ok(Link::Text(lower.link(id)?)),
            _ => Err(Errno::EINVAL),
        }
    }

    fn make_pages(&self, inode: &Inode) -> Result<Arc<PageCache>> {
        if inode.kind != FileType::Regular {
            return Err(Errno::EINVAL);
        }
        let backing = match (&self.ram.lower, self.below) {
            (Some(lower), Some(id)) => Some(lower.backing(id)?),
            _ => None,
        };
        Ok(PageCache::new(backing, inode.size(), self.ram.quota.clone()))
    }

    fn dirty(&self, inode: &Arc<Inode>) -> Result<()> {
        if let Some(id) = self.below
            && inode.nlink() > 0
        {
            self.ram.pin(id, inode);
        }
        Ok(())
    }

    fn blocks(&self, inode: &Inode) -> u64 {
        if !matches!(inode.kind, FileType::Regular | FileType::Directory) {
            return 0;
        }
        if self.below.is_some() {
            // What the image holds is as good as allocated.
            return inode.size().div_ceil(4096) * 8;
        }
        owned_blocks(inode)
    }

    fn get_xattr(&self, _inode: &Inode, name: &[u8]) -> Result<Vec<u8>> {
        self.xattrs.get(name, &|n| self.xattr_below(n))
    }

    fn set_xattr(&self, inode: &Arc<Inode>, name: &[u8], value: &[u8], flags: u32) -> Result<()> {
        self.dirty(inode)?;
        self.xattrs.set(name, value, flags, &|n| self.xattr_below(n))
    }

    fn remove_xattr(&self, inode: &Arc<Inode>, name: &[u8]) -> Result<()> {
        self.dirty(inode)?;
        self.xattrs.remove(name, &|n| self.xattr_below(n))
    }

    fn list_xattr(&self, _inode: &Inode, visit: &mut dyn FnMut(&[u8])) -> Result<()> {
        if let (Some(lower), Some(id)) = (&self.ram.lower, self.below) {
            lower.xattrs(id, &mut |prefix, rest, _| {
                let name = [prefix, rest].concat();
                if self.xattrs.untouched(&name) {
                    visit(&name);
                }
                true
            })?;
        }
        self.xattrs.list(visit);
        Ok(())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

impl Drop for Node {
    /// Ends the files below one after the other: a tree can be deeper than a kernel stack.
    fn drop(&mut self) {
        match self.below {
            Some(id) => self.ram.forget(id),
            None => self.ram.uncharge(),
        }
        let Body::Dir(dir) = &mut self.body else { return };
        let mut left: Vec<Arc<Inode>> = dir.drain().collect();
        while let Some(inode) = left.pop() {
            let Some(last) = Arc::into_inner(inode) else { continue };
            if let Ok(mut node) = last.ops.into_any().downcast::<Node>()
                && let Body::Dir(dir) = &mut node.body
            {
                left.extend(dir.drain());
            }
        }
    }
}
