//! Inodes of a 9p file system.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::any::Any;
use core::sync::atomic::{AtomicU64, Ordering};

use abi::{Errno, Result};
use kernel::mm::{Backing, PageCache};
use kernel::sync::{Mutex, SpinLock};
use kernel::vfs::attr::NewTime;
use kernel::vfs::dev::{open_device, open_fifo};
use kernel::vfs::{
    Attr, AttrChange, Caller, DirEntry, Emit, FileOps, FileType, Inode, InodeOps, Link, NewNode, OpenFlags, RenameSide, Timestamp, now,
};

use crate::attr::{Remote, Stamp};
use crate::client::{Client, Fid};
use crate::data::{Data, Opened, RDWR};
use crate::message::{Field, kind};
use crate::xattrs;

/// Directories of a root file system where the kernel's own file systems are mounted.
const PLACES: [&[u8]; 3] = [b"proc", b"sys", b"dev"];
/// Attributes that came with a walk are good for the call that walked, nanoseconds.
const FRESH: u64 = 1_000_000;
/// Bits of Tsetattr.
mod set {
    pub const MODE: u32 = 1;
    pub const UID: u32 = 2;
    pub const GID: u32 = 4;
    pub const SIZE: u32 = 8;
    pub const ATIME: u32 = 0x10;
    pub const MTIME: u32 = 0x20;
    pub const ATIME_SET: u32 = 0x80;
    pub const MTIME_SET: u32 = 0x100;
}
/// unlinkat(2): AT_REMOVEDIR.
const REMOVEDIR: u32 = 0x200;

/// A file of the server; or, without a fid, a place of [`PLACES`] that only we have.
pub struct Node {
    pub client: Arc<Client>,
    pub path: u64,
    pub data: Arc<Data>,
    /// An open directory, for reading it.
    stream: Mutex<Option<Fid>>,
    pub blocks: AtomicU64,
    pub stamp: SpinLock<Stamp>,
    /// Until when the attributes need not be asked for.
    fresh: AtomicU64,
}

impl Node {
    fn make(client: &Arc<Client>, fid: Option<Fid>, remote: &Remote) -> Box<Node> {
        Box::new(Node {
            client: client.clone(),
            path: remote.path,
            data: Arc::new(Data::new(client, fid, remote.attr.size)),
            stream: Mutex::new(None),
            blocks: AtomicU64::new(remote.blocks),
            stamp: SpinLock::new(remote.stamp()),
            fresh: AtomicU64::new(soon()),
        })
    }

    pub fn new(client: &Arc<Client>, fid: Fid, remote: &Remote) -> Box<Node> {
        Node::make(client, Some(fid), remote)
    }

    pub fn of(inode: &Inode) -> Option<&Node> {
        inode.ops.as_any().downcast_ref()
    }

    /// The node of an inode of this file system.
    fn behind(inode: &Inode) -> Result<&Node> {
        Node::of(inode).ok_or(Errno::EXDEV)
    }

    /// Its number at the server; EPERM for a place that the server has not.
    pub fn number(&self) -> Result<Arc<Fid>> {
        self.data.number()
    }

    /// A walk led here again: names may have changed on the host, so the new fid is the better one.
    pub fn found_again(&self, inode: &Inode, fid: Fid, remote: &Remote) {
        let old = self.data.fid.lock().replace(Arc::new(fid));
        drop(old);
        self.apply(inode, remote);
        self.fresh.store(soon(), Ordering::Relaxed);
    }

    /// Whether the attributes came just now; not again after this.
    fn is_fresh(&self) -> bool {
        self.fresh.swap(0, Ordering::Relaxed) > nanoseconds()
    }

    fn is_place(&self, name: &[u8]) -> bool {
        self.client.is_root && PLACES.contains(&name)
    }

    /// A directory that the kernel mounts over and the host has not.
    fn place(&self, dir: &Inode, name: &[u8]) -> Result<Arc<Inode>> {
        let number = PLACES.iter().position(|place| *place == name).ok_or(Errno::ENOENT)? as u64; // widening
        let path = u64::MAX - 1 - number;
        let remote = Remote { path, attr: Attr::new(FileType::Directory, 0o755), asked: 0, blocks: 0 };
        Ok(Inode::new(&dir.sb, path, remote.attr, Node::make(&self.client, None, &remote)))
    }

    /// The name is gone: a later file may have the same number.
    fn name_goes(&self, target: &Inode) {
        if (target.is_dir() || target.nlink() <= 1)
            && let Some(node) = Node::of(target)
        {
            let gone = self.client.known.lock().take(node.path);
            drop(gone);
        }
    }

    /// One of the requests that name an entry of this directory and give nothing back.
    fn ask(&self, kind: u8, fields: &[Field<'_>]) -> Result<()> {
        self.client.call(kind, fields).map(drop)
    }

    /// Gives a new file to its owner. The server made it as its own user, who is root or may not give files away anyway.
    fn give(&self, inode: &Inode, node: &NewNode<'_>) {
        if (inode.uid(), inode.gid()) == (node.uid, node.gid) {
            return;
        }
        if let Some(new) = Node::of(inode)
            && new.set(set::UID | set::GID, 0, (node.uid, node.gid), 0, [Timestamp::default(); 2]).is_ok()
        {
            new.refresh_now(inode);
        }
    }

    fn set(&self, valid: u32, mode: u32, owner: (u32, u32), size: u64, times: [Timestamp; 2]) -> Result<()> {
        let [access, modify] = times.map(|t| (t.sec.cast_unsigned(), u64::from(t.nsec)));
        self.ask(
            kind::SETATTR,
            &[
                Field::U32(self.number()?.number),
                Field::U32(valid),
                Field::U32(mode),
                Field::U32(owner.0),
                Field::U32(owner.1),
                Field::U64(size),
                Field::U64(access.0),
                Field::U64(access.1),
                Field::U64(modify.0),
                Field::U64(modify.1),
            ],
        )
    }

    /// Reads one portion of the directory, from `offset` on.
    fn portion(&self, offset: u64) -> Result<crate::message::Reply> {
        const DIRECTORY: u32 = 0o200000;
        let mut stream = self.stream.lock();
        if stream.is_none() {
            let fid = self.client.clone_fid(&*self.number()?)?;
            self.client.open(&fid, DIRECTORY)?;
            *stream = Some(fid);
        }
        let number = stream.as_ref().map_or(0, |fid| fid.number);
        // At most AREA, so it fits.
        self.client.call(kind::READDIR, &[Field::U32(number), Field::U64(offset), Field::U32(self.client.small as u32)])
    }
}

/// The clock of file times.
fn nanoseconds() -> u64 {
    let t = now();
    t.sec.cast_unsigned().wrapping_mul(1_000_000_000).wrapping_add(u64::from(t.nsec))
}

/// Until when attributes that came now are good.
fn soon() -> u64 {
    nanoseconds().saturating_add(FRESH)
}

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

impl Drop for Node {
    fn drop(&mut self) {
        let gone = self.client.known.lock().take_dead(self.path);
        drop(gone);
    }
}
