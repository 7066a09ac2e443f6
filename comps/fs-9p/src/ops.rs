//! What the VFS asks of inodes, as requests to the server.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::any::Any;
use core::sync::atomic::Ordering;

use abi::{Errno, Result};
use kernel::mm::{Backing, PageCache};
use kernel::vfs::attr::NewTime;
use kernel::vfs::dev::{open_device, open_fifo};
use kernel::vfs::{
    AttrChange, Caller, DirEntry, Emit, FileOps, FileType, Inode, InodeOps, Link, NewNode, OpenFlags, RenameSide, Timestamp,
};

use crate::data::{Opened, RDWR};
use crate::message::{Field, kind};
use crate::node::{Node, set};
use crate::xattrs;

/// unlinkat(2): AT_REMOVEDIR.
const REMOVEDIR: u32 = 0x200;

impl InodeOps for Node {
    fn lookup(&self, dir: &Arc<Inode>, name: &[u8]) -> Result<Arc<Inode>> {
        let found = self.number().and_then(|fid| self.client.walk(&fid, name));
        match found {
            Ok((fid, remote)) => self.client.inode(fid, &remote),
            Err(Errno::ENOENT) if self.is_place(name) => self.place(dir, name),
            Err(Errno::EPERM) => Err(Errno::ENOENT),
            Err(e) => Err(e),
        }
    }

    fn volatile(&self) -> bool {
        true
    }

    fn revalidate(&self, _dir: &Arc<Inode>, name: &[u8], known: Option<&Arc<Inode>>) -> bool {
        let node = known.and_then(|inode| Node::of(inode));
        if node.is_some_and(|node| node.number().is_err()) {
            return true;
        }
        match (self.number().and_then(|fid| self.client.walk(&fid, name)), known, node) {
            (Ok((fid, remote)), Some(inode), Some(node)) if remote.path == node.path && remote.attr.kind == inode.kind => {
                node.found_again(inode, fid, &remote);
                true
            }
            (Err(Errno::ENOENT), None, _) => true,
            _ => false,
        }
    }

    fn create(&self, dir: &Arc<Inode>, name: &[u8], node: &NewNode<'_>) -> Result<Arc<Inode>> {
        const CREAT_EXCL: u32 = 0o300;
        let fid = self.number()?;
        let (at, name_field, gid) = (Field::U32(fid.number), Field::Text(name), Field::U32(node.gid));
        let mut opened = None;
        match node.kind {
            FileType::Regular => {
                let made = self.client.clone_fid(&fid)?;
                self.ask(kind::LCREATE, &[Field::U32(made.number), name_field, Field::U32(RDWR | CREAT_EXCL), Field::U32(node.perm), gid])?;
                opened = Some(made);
            }
            FileType::Directory => self.ask(kind::MKDIR, &[at, name_field, Field::U32(node.perm), gid])?,
            FileType::Symlink => self.ask(kind::SYMLINK, &[at, name_field, Field::Text(node.target), gid])?,
            _ => {
                let mode = Field::U32(node.kind.mode_bits() | node.perm);
                self.ask(kind::MKNOD, &[at, name_field, mode, Field::U32(node.rdev.major), Field::U32(node.rdev.minor), gid])?;
            }
        }
        let inode = self.lookup(dir, name)?;
        self.give(&inode, node);
        if let (Some(fid), Some(new)) = (opened, Node::of(&inode)) {
            new.data.adopt(fid);
        }
        Ok(inode)
    }

    fn link(&self, _dir: &Arc<Inode>, name: &[u8], target: &Arc<Inode>) -> Result<()> {
        let target = Node::behind(target)?.number()?;
        self.ask(kind::LINK, &[Field::U32(self.number()?.number), Field::U32(target.number), Field::Text(name)])
    }

    fn unlink(&self, _dir: &Arc<Inode>, name: &[u8], target: &Arc<Inode>) -> Result<()> {
        let flags = if target.is_dir() { REMOVEDIR } else { 0 };
        self.ask(kind::UNLINKAT, &[Field::U32(self.number()?.number), Field::Text(name), Field::U32(flags)])?;
        self.name_goes(target);
        Ok(())
    }

    fn rmdir(&self, dir: &Arc<Inode>, name: &[u8], target: &Arc<Inode>) -> Result<()> {
        Node::behind(target)?.number()?;
        self.unlink(dir, name, target)
    }

    fn rename(&self, from: &RenameSide<'_>, to: &RenameSide<'_>, exchange: bool) -> Result<()> {
        if exchange {
            // The protocol has no such request; Linux's client says the same.
            return Err(Errno::EINVAL);
        }
        let there = Node::behind(to.dir)?.number()?;
        let fields = [Field::U32(self.number()?.number), Field::Text(from.name), Field::U32(there.number), Field::Text(to.name)];
        self.ask(kind::RENAMEAT, &fields)?;
        if let Some(replaced) = to.inode {
            self.name_goes(replaced);
        }
        Ok(())
    }

    fn read_dir(&self, _dir: &Arc<Inode>, cookie: u64, emit: &mut Emit<'_>) -> Result<()> {
        const DIRECTORY: u8 = 0x80;
        const SYMLINK: u8 = 0x02;
        if self.number().is_err() {
            return Ok(());
        }
        let mut offset = cookie;
        loop {
            let mut reply = self.portion(offset)?;
            let before = offset;
            reply.u32()?;
            let mut new = false;
            while !reply.is_empty() {
                let qid = reply.u8()?;
                reply.u32()?;
                let ino = reply.u64()?;
                let next = reply.u64()?;
                let told = reply.u8()?;
                let name = reply.text()?;
                offset = next;
                if matches!(name, b"" | b"." | b"..") || name.contains(&b'/') {
                    continue;
                }
                let kind = FileType::from_mode(u32::from(told) << 12).unwrap_or(match qid {
                    q if q & DIRECTORY != 0 => FileType::Directory,
                    q if q & SYMLINK != 0 => FileType::Symlink,
                    _ => FileType::Regular,
                });
                new = true;
                if !emit(DirEntry { name, ino, kind, next }) {
                    return Ok(());
                }
            }
            // A server that does not get on is not asked for ever.
            if offset == before || !new && before > 0 {
                return Ok(());
            }
        }
    }

    fn follow(&self, inode: &Arc<Inode>, _caller: &Caller<'_>) -> Result<Link<'_>> {
        if inode.kind != FileType::Symlink {
            return Err(Errno::EINVAL);
        }
        let target: Vec<u8> = self.client.call(kind::READLINK, &[Field::U32(self.number()?.number)])?.text()?.into();
        if target.contains(&0) { Err(Errno::EIO) } else { Ok(Link::Text(Cow::Owned(target))) }
    }

    fn open(&self, inode: &Arc<Inode>, flags: OpenFlags) -> Result<Arc<dyn FileOps>> {
        match inode.kind {
            FileType::Regular => {
                if !self.is_fresh() {
                    self.refresh_now(inode);
                }
                Ok(Arc::new(Opened::new(inode, self, flags)?))
            }
            FileType::Directory => Ok(inode.clone()),
            FileType::Char | FileType::Block => open_device(inode, flags),
            FileType::Fifo => open_fifo(inode, flags),
            FileType::Socket => Err(Errno::ENXIO),
            FileType::Symlink => Err(Errno::ELOOP),
        }
    }

    fn make_pages(&self, inode: &Inode) -> Result<Arc<PageCache>> {
        if inode.kind != FileType::Regular {
            return Err(Errno::EINVAL);
        }
        let backing: Arc<dyn Backing> = self.data.clone();
        Ok(PageCache::new(Some(backing), inode.size(), None))
    }

    fn refresh(&self, inode: &Inode) {
        if !self.is_fresh() {
            self.refresh_now(inode);
        }
    }

    fn set_attr(&self, inode: &Arc<Inode>, change: &AttrChange) -> Result<()> {
        let none = [Timestamp::default(); 2];
        match *change {
            AttrChange::Perm(perm) => self.set(set::MODE, perm, (0, 0), 0, none),
            AttrChange::Owner(uid, gid) => {
                let valid = uid.map_or(0, |_| set::UID) | gid.map_or(0, |_| set::GID);
                self.set(valid, 0, (uid.unwrap_or(0), gid.unwrap_or(0)), 0, none)
            }
            AttrChange::Times(access, modify) => {
                let bits = |time, now, given| match time {
                    NewTime::Omit => (0, Timestamp::default()),
                    NewTime::Now => (now, Timestamp::default()),
                    NewTime::At(t) => (now | given, t),
                };
                let (a, access) = bits(access, set::ATIME, set::ATIME_SET);
                let (m, modify) = bits(modify, set::MTIME, set::MTIME_SET);
                self.set(a | m, 0, (0, 0), 0, [access, modify])
            }
            AttrChange::Size(size) => {
                self.client.changes.fetch_add(1, Ordering::Relaxed);
                let cut = self.set(set::SIZE, 0, (0, 0), size, none);
                self.client.changes.fetch_add(1, Ordering::Relaxed);
                match cut {
                    // Removed while it is open: servers that know files by name cannot cut it, and nobody else will ever see it.
                    Err(Errno::ENOENT) if inode.nlink() == 0 => {}
                    other => other?,
                }
                self.data.set_size(size);
                self.data.set_changed();
                Ok(())
            }
        }
    }

    fn blocks(&self, _inode: &Inode) -> u64 {
        self.blocks.load(Ordering::Relaxed)
    }

    fn get_xattr(&self, _inode: &Inode, name: &[u8]) -> Result<Vec<u8>> {
        xattrs::read(self, name)
    }

    fn set_xattr(&self, _inode: &Arc<Inode>, name: &[u8], value: &[u8], flags: u32) -> Result<()> {
        xattrs::write(self, name, value, flags)
    }

    fn remove_xattr(&self, _inode: &Arc<Inode>, name: &[u8]) -> Result<()> {
        // An empty value means removal to the server, and removal of what is not there has its own errno.
        xattrs::read(self, name)?;
        xattrs::write(self, name, b"", 0)
    }

    fn list_xattr(&self, _inode: &Inode, visit: &mut dyn FnMut(&[u8])) -> Result<()> {
        let names = xattrs::read(self, b"")?;
        names.split(|byte| *byte == 0).filter(|name| !name.is_empty()).for_each(visit);
        Ok(())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
