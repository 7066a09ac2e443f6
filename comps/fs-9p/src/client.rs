//! The client of one server: requests as functions, and the fids (numbers that stand for files at the server) with their lives.

use alloc::boxed::Box;
use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};

use abi::{Errno, Result};
use drv_virtio::ninep::{AREA, PAGES, Payload};
use hal::mem::{Frame, PAGE_SIZE};
use kernel::sync::{Once, SpinLock};
use kernel::vfs::{Inode, SuperBlock};

use crate::attr::{Remote, WANTED};
use crate::known::Known;
use crate::message::{Field, Reply, encode, kind};
use crate::node::Node;

/// What carries messages: the virtio channel, or a server made for tests.
pub trait Wire: Send + Sync {
    /// Sends a request and gives the reply, without the bytes that went into pages.
    fn exchange(&self, request: &[u8], payload: Payload<'_>) -> Result<Vec<u8>>;
    /// Sends a request whose reply nobody waits for; false when it cannot be sent now.
    fn post(&self, request: &[u8]) -> bool;
    /// Nobody will send any more.
    fn close(&self);
}

impl Wire for &'static drv_virtio::ninep::Channel {
    fn exchange(&self, request: &[u8], payload: Payload<'_>) -> Result<Vec<u8>> {
        (**self).exchange(request, payload)
    }
    fn post(&self, request: &[u8]) -> bool {
        (**self).post(request)
    }
    fn close(&self) {
        (**self).close();
    }
}

/// NOFID: none.
const NO_FID: u32 = u32::MAX;
/// Bytes that a message may have beside the data of a read or write (24 is what the protocol reserves).
const OVERHEAD: usize = 24;
/// The largest message we can carry.
const MSIZE: usize = PAGES * PAGE_SIZE + OVERHEAD;
/// Data in messages without pages: directories, extended attributes.
pub const SMALL: usize = AREA - OVERHEAD;
/// Pages read before it is looked whether memory is short.
const LOOK_AFTER: usize = 256;

/// A connection to a server.
pub struct Client {
    wire: Box<dyn Wire>,
    next: AtomicU32,
    /// Fids that are no longer used and are still to be told so.
    dead: SpinLock<Vec<u32>>,
    /// Pages that fit one message.
    pub batch: usize,
    /// Data that fits a message without pages.
    pub small: usize,
    /// The inodes there are, by what the server knows the files by.
    pub known: SpinLock<Known>,
    pub sb: Once<Weak<SuperBlock>>,
    /// It is the root file system: the kernel's own places are there whether the host's directory has them or not.
    pub is_root: bool,
    /// Counts beginnings and ends of our changes of contents.
    pub changes: AtomicU64,
    /// Pages read since it was last looked whether memory is short.
    read: AtomicUsize,
}

/// A file at the server, given up when dropped.
pub struct Fid {
    client: Arc<Client>,
    pub number: u32,
}

impl Drop for Fid {
    /// Only noted: who drops it may hold any lock.
    fn drop(&mut self) {
        if self.number != NO_FID {
            self.client.dead.lock().push(self.number);
        }
    }
}

/// The server made no such fid: there is nothing to give up.
pub fn never_was(mut fid: Fid, error: Errno) -> Errno {
    fid.number = NO_FID;
    error
}

impl Client {
    /// Agrees on protocol and size with the server and attaches to the tree `aname`: the client and the root directory.
    pub fn start(wire: Box<dyn Wire>, aname: &[u8], is_root: bool) -> Result<(Arc<Client>, Fid)> {
        let mut client = Client {
            wire,
            next: AtomicU32::new(0),
            dead: SpinLock::new(Vec::new()),
            batch: 0,
            small: SMALL,
            known: SpinLock::new(Known::default()),
            sb: Once::new(),
            is_root,
            changes: AtomicU64::new(0),
            read: AtomicUsize::new(0),
        };
        const VERSION: &[u8] = b"9P2000.L";
        let mut reply = client.call(kind::VERSION, &[Field::U32(MSIZE as u32), Field::Text(VERSION)])?; // a constant that fits
        let msize = usize::try_from(reply.u32()?).unwrap_or(MSIZE).min(MSIZE);
        if reply.text()? != VERSION {
            return Err(Errno::EPROTONOSUPPORT);
        }
        client.batch = msize.saturating_sub(OVERHEAD) / PAGE_SIZE;
        client.small = msize.saturating_sub(OVERHEAD).min(SMALL);
        if client.batch == 0 {
            return Err(Errno::EMSGSIZE);
        }
        let client = Arc::new(client);
        let root = client.fid();
        let fields = [Field::U32(root.number), Field::U32(NO_FID), Field::Text(b"root"), Field::Text(aname), Field::U32(0)];
        match client.call(kind::ATTACH, &fields) {
            Ok(_) => Ok((client, root)),
            Err(e) => Err(never_was(root, e)),
        }
    }

    /// A number for a fid that the server is about to make.
    pub fn fid(self: &Arc<Client>) -> Fid {
        Fid { client: self.clone(), number: self.next.fetch_add(1, Ordering::Relaxed) }
    }

    /// Sends a request and gives the reply's fields.
    pub fn call(&self, kind: u8, fields: &[Field<'_>]) -> Result<Reply> {
        self.call_with(kind, fields, 0, Payload::None)
    }

    fn call_with(&self, kind: u8, fields: &[Field<'_>], len: usize, payload: Payload<'_>) -> Result<Reply> {
        self.bury();
        Reply::of(self.wire.exchange(&encode(kind, fields, len), payload)?, kind)
    }

    /// Tells the server which fids are out of use, as far as there is room.
    fn bury(&self) {
        loop {
            let Some(number) = self.dead.lock().pop() else { return };
            if !self.wire.post(&encode(kind::CLUNK, &[Field::U32(number)], 0)) {
                self.dead.lock().push(number);
                return;
            }
        }
    }

    /// Gives a fid up and waits for the server's answer: for a file that was written, so that the host finds it closed, or for an extended attribute.
    pub fn clunk(&self, mut fid: Fid) -> Result<()> {
        // Its end is told here, not by the drop.
        let number = core::mem::replace(&mut fid.number, NO_FID);
        self.call(kind::CLUNK, &[Field::U32(number)]).map(drop)
    }

    /// A second fid for the file of `from`.
    pub fn clone_fid(self: &Arc<Client>, from: &Fid) -> Result<Fid> {
        let fid = self.fid();
        match self.call(kind::WALK, &[Field::U32(from.number), Field::U32(fid.number), Field::U16(0)]) {
            Ok(_) => Ok(fid),
            Err(e) => Err(never_was(fid, e)),
        }
    }

    /// The file `name` in directory `dir`, and its attributes.
    pub fn walk(self: &Arc<Client>, dir: &Fid, name: &[u8]) -> Result<(Fid, Remote)> {
        let fid = self.fid();
        let fields = [Field::U32(dir.number), Field::U32(fid.number), Field::U16(1), Field::Text(name)];
        match self.call(kind::WALK, &fields).and_then(|mut reply| reply.u16()) {
            Ok(1) => {}
            Ok(_) => return Err(never_was(fid, Errno::ENOENT)),
            Err(e) => return Err(never_was(fid, e)),
        }
        let remote = self.attributes(&fid)?;
        Ok((fid, remote))
    }

    pub fn attributes(&self, fid: &Fid) -> Result<Remote> {
        let asked = self.changes.load(Ordering::Relaxed);
        Remote::parse(&mut self.call(kind::GETATTR, &[Field::U32(fid.number), Field::U64(WANTED)])?, asked)
    }

    /// Opens the file of `fid` (Linux's O_* numbers).
    pub fn open(&self, fid: &Fid, flags: u32) -> Result<()> {
        self.call(kind::LOPEN, &[Field::U32(fid.number), Field::U32(flags)]).map(drop)
    }

    /// Reads from byte `offset` of the file on into `frames`, up to their end; what is behind the end of the file is zeroed.
    pub fn read(&self, fid: &Fid, offset: u64, frames: &[Frame]) -> Result<()> {
        self.look_at_memory(frames.len());
        let want = frames.len() * PAGE_SIZE;
        let mut done = 0;
        while done < want {
            let left = (want - done) as u32; // at most PAGES pages
            let fields = [Field::U32(fid.number), Field::U64(offset.saturating_add(done as u64)), Field::U32(left)];
            let got = self.call_with(kind::READ, &fields, 0, Payload::In(frames, done))?.u32()?;
            if got > left {
                return Err(Errno::EIO);
            }
            if got == 0 {
                break;
            }
            done += got as usize; // at most `left`
        }
        for (index, frame) in frames.iter().enumerate() {
            let from = done.saturating_sub(index * PAGE_SIZE).min(PAGE_SIZE);
            frame.clear(from, PAGE_SIZE - from);
        }
        Ok(())
    }

    /// Writes the first `len` bytes of `frames` at `offset` of the file.
    pub fn write(&self, fid: &Fid, offset: u64, frames: &[Frame], len: usize) -> Result<()> {
        let mut done = 0;
        while done < len {
            let left = len - done;
            let fields = [Field::U32(fid.number), Field::U64(offset.saturating_add(done as u64)), Field::U32(left as u32)]; // at most PAGES pages
            let got = self.call_with(kind::WRITE, &fields, left, Payload::Out(frames, done, len))?.u32()? as usize; // widening
            if got == 0 || got > left {
                return Err(Errno::EIO);
            }
            done += got;
        }
        Ok(())
    }

    /// Now and then: when memory is short, pages that the host has too are forgotten.
    fn look_at_memory(&self, pages: usize) {
        if self.read.fetch_add(pages, Ordering::Relaxed) < LOOK_AFTER {
            return;
        }
        self.read.store(0, Ordering::Relaxed);
        let memory = hal::mem::stats();
        if memory.free < memory.total / 8 {
            self.each_inode(|inode| {
                if let Some(pages) = inode.pages_if_made() {
                    pages.invalidate();
                }
            });
        }
    }

    /// Calls `visit` for each inode that somebody has.
    pub fn each_inode(&self, mut visit: impl FnMut(&Arc<Inode>)) {
        let mut from = 0;
        loop {
            // Not under the lock: what is done may wait, and dropping an inode takes it.
            let Some((path, inode)) = self.known.lock().next(from) else { return };
            if let Some(inode) = inode {
                visit(&inode);
            }
            let Some(after) = path.checked_add(1) else { return };
            from = after;
        }
    }

    /// The inode of the file that `fid` and `remote` are about: the one that somebody has, brought up to date, or a new one.
    pub fn inode(self: &Arc<Client>, fid: Fid, remote: &Remote) -> Result<Arc<Inode>> {
        let found = self.known.lock().get(remote.path).filter(|inode| inode.kind == remote.attr.kind);
        if let Some(inode) = found {
            if let Some(node) = Node::of(&inode) {
                node.found_again(&inode, fid, remote);
            }
            return Ok(inode);
        }
        let sb = self.sb.get().and_then(Weak::upgrade).ok_or(Errno::EIO)?;
        let fresh = Inode::new(&sb, remote.path, remote.attr, Node::new(self, fid, remote));
        let mut known = self.known.lock();
        if let Some(other) = known.get(remote.path).filter(|inode| inode.kind == remote.attr.kind) {
            drop(known);
            return Ok(other);
        }
        let old = known.put(remote.path, Arc::downgrade(&fresh));
        drop(known);
        drop(old);
        Ok(fresh)
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.wire.close();
    }
}
