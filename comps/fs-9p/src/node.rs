//! Inodes of a 9p file system.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::sync::atomic::{AtomicU64, Ordering};

use abi::{Errno, Result};
use kernel::sync::{Mutex, SpinLock};
use kernel::vfs::{Attr, FileType, Inode, NewNode, Timestamp, now};

use crate::attr::{Remote, Stamp};
use crate::client::{Client, Fid};
use crate::data::Data;
use crate::message::{Field, kind};

/// Directories of a root file system where the kernel's own file systems are mounted.
const PLACES: [&[u8]; 3] = [b"proc", b"sys", b"dev"];
/// Attributes that came with a walk are good for the call that walked, nanoseconds.
const FRESH: u64 = 1_000_000;
/// Bits of Tsetattr.
pub mod set {
    pub const MODE: u32 = 1;
    pub const UID: u32 = 2;
    pub const GID: u32 = 4;
    pub const SIZE: u32 = 8;
    pub const ATIME: u32 = 0x10;
    pub const MTIME: u32 = 0x20;
    pub const ATIME_SET: u32 = 0x80;
    pub const MTIME_SET: u32 = 0x100;
}
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
    pub fn behind(inode: &Inode) -> Result<&Node> {
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
    pub fn is_fresh(&self) -> bool {
        self.fresh.swap(0, Ordering::Relaxed) > nanoseconds()
    }

    pub fn is_place(&self, name: &[u8]) -> bool {
        self.client.is_root && PLACES.contains(&name)
    }

    /// A directory that the kernel mounts over and the host has not.
    pub fn place(&self, dir: &Inode, name: &[u8]) -> Result<Arc<Inode>> {
        let number = PLACES.iter().position(|place| *place == name).ok_or(Errno::ENOENT)? as u64; // widening
        let path = u64::MAX - 1 - number;
        let remote = Remote { path, attr: Attr::new(FileType::Directory, 0o755), asked: 0, blocks: 0 };
        Ok(Inode::new(&dir.sb, path, remote.attr, Node::make(&self.client, None, &remote)))
    }

    /// The name is gone: a later file may have the same number.
    pub fn name_goes(&self, target: &Inode) {
        if (target.is_dir() || target.nlink() <= 1)
            && let Some(node) = Node::of(target)
        {
            let gone = self.client.known.lock().take(node.path);
            drop(gone);
        }
    }

    /// One of the requests that name an entry of this directory and give nothing back.
    pub fn ask(&self, kind: u8, fields: &[Field<'_>]) -> Result<()> {
        self.client.call(kind, fields).map(drop)
    }

    /// Gives a new file to its owner. The server made it as its own user, who is root or may not give files away anyway.
    pub fn give(&self, inode: &Inode, node: &NewNode<'_>) {
        if (inode.uid(), inode.gid()) == (node.uid, node.gid) {
            return;
        }
        if let Some(new) = Node::of(inode)
            && new.set(set::UID | set::GID, 0, (node.uid, node.gid), 0, [Timestamp::default(); 2]).is_ok()
        {
            new.refresh_now(inode);
        }
    }

    pub fn set(&self, valid: u32, mode: u32, owner: (u32, u32), size: u64, times: [Timestamp; 2]) -> Result<()> {
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
    pub fn portion(&self, offset: u64) -> Result<crate::message::Reply> {
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

impl Drop for Node {
    fn drop(&mut self) {
        let gone = self.client.known.lock().take_dead(self.path);
        drop(gone);
    }
}
