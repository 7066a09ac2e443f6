//! The contents of regular files: the open fid that pages are read and written by, and open files as the program has them.

use alloc::sync::Arc;
use core::any::Any;
use core::ops::Range;
use core::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use abi::{Errno, Result};
use hal::mem::{Frame, PAGE_SIZE};
use kernel::iobuf::{ReadBuf, WriteBuf};
use kernel::mm::{Backing, BackingPage, PageCache};
use kernel::sync::{Mutex, SpinLock};
use kernel::vfs::{File, FileOps, Inode, OpenFlags, content};

use crate::client::{Client, Fid};
use crate::message::{Field, kind};
use crate::node::Node;

/// Access modes of open(2).
const RDONLY: u32 = 0;
const WRONLY: u32 = 1;
pub const RDWR: u32 = 2;

/// Bytes of a write(2) that are kept in memory before they go to the host.
const PIECE: usize = 1 << 20;
/// Pages read at a place where the reading just begins.
const FIRST_READ: usize = 8;

#[derive(Default)]
struct Open {
    /// The file at the server, and how it is open there.
    file: Option<Arc<Fid>>,
    mode: u32,
    /// Descriptions that use it.
    users: u32,
}

/// One file's way to the server.
pub struct Data {
    client: Arc<Client>,
    /// The file's number at the server; none for a place that the server has not.
    pub fid: SpinLock<Option<Arc<Fid>>>,
    open: Mutex<Open>,
    /// Bytes of the file at the server.
    size: AtomicU64,
    /// We wrote since the attributes were last looked at.
    changed: AtomicBool,
    /// Where the next read is if the program reads on, and how much is then read at once.
    next: AtomicU64,
    window: AtomicUsize,
    /// Held from a change of the pages until it is at the server, so that writers and those who write back keep their order.
    pub writing: Mutex<()>,
}

impl Data {
    pub fn new(client: &Arc<Client>, fid: Option<Fid>, size: u64) -> Data {
        Data {
            client: client.clone(),
            fid: SpinLock::new(fid.map(Arc::new)),
            open: Mutex::new(Open::default()),
            size: AtomicU64::new(size),
            changed: AtomicBool::new(false),
            next: AtomicU64::new(0),
            window: AtomicUsize::new(FIRST_READ),
            writing: Mutex::new(()),
        }
    }

    pub fn set_size(&self, size: u64) {
        self.size.store(size, Ordering::Release);
    }

    /// The file at the server was changed by us.
    pub fn set_changed(&self) {
        self.changed.store(true, Ordering::Relaxed);
    }

    /// Its number at the server; EPERM for a place that the server has not.
    pub fn number(&self) -> Result<Arc<Fid>> {
        self.fid.lock().clone().ok_or(Errno::EPERM)
    }

    /// Whether we wrote since this was last asked.
    pub fn take_changed(&self) -> bool {
        self.changed.swap(false, Ordering::Relaxed)
    }

    /// The file was made by us, and `fid` is open for reading and writing.
    pub fn adopt(&self, fid: Fid) {
        let mut open = self.open.lock();
        if open.users == 0 {
            *open = Open { file: Some(Arc::new(fid)), mode: RDWR, users: 0 };
        }
    }

    /// One more description. The server's file is opened, or again with more rights.
    fn enter(&self, flags: OpenFlags) -> Result<()> {
        let access = flags.bits() & 3;
        let mut open = self.open.lock();
        let enough = open.mode == RDWR || open.mode == access;
        if open.file.is_none() || !enough {
            // A page that is written in part is read first, so writing wants reading too, where that is allowed.
            let both = access != RDONLY || open.file.is_some();
            let wanted = if both { RDWR } else { RDONLY };
            let (fid, mode) = match self.open_at_server(wanted) {
                Err(Errno::EACCES) if access == WRONLY && open.file.is_none() => (self.open_at_server(WRONLY)?, WRONLY),
                other => (other?, wanted),
            };
            (open.file, open.mode) = (Some(Arc::new(fid)), mode);
        }
        open.users = open.users.saturating_add(1);
        Ok(())
    }

    fn open_at_server(&self, mode: u32) -> Result<Fid> {
        const LARGEFILE: u32 = 0o100000;
        let fid = self.client.clone_fid(&*self.number()?)?;
        self.client.open(&fid, mode | LARGEFILE)?;
        Ok(fid)
    }

    /// One description less; the last one closes the server's file, at once if it could be written.
    fn leave(&self) {
        let mut open = self.open.lock();
        open.users = open.users.saturating_sub(1);
        if open.users == 0
            && let Some(file) = open.file.take()
            && open.mode != RDONLY
            && let Some(fid) = Arc::into_inner(file)
        {
            let _ = self.client.clunk(fid);
        }
    }

    /// The server's file; opened for reading when nobody has (a program that is run, a file that is cut in the middle of a page).
    fn file(&self) -> Result<Arc<Fid>> {
        let mut open = self.open.lock();
        if let Some(file) = &open.file {
            return Ok(file.clone());
        }
        let file = Arc::new(self.open_at_server(RDONLY)?);
        (open.file, open.mode) = (Some(file.clone()), RDONLY);
        Ok(file)
    }
}

fn offset(index: u64) -> u64 {
    index.saturating_mul(PAGE_SIZE as u64)
}

impl Backing for Data {
    fn lookup(&self, index: u64) -> BackingPage {
        if offset(index) < self.size.load(Ordering::Acquire) { BackingPage::NeedsRead } else { BackingPage::Hole }
    }

    fn read(&self, index: u64, frame: &Frame) -> Result<()> {
        self.read_many(index, core::slice::from_ref(frame))
    }

    fn writes_back(&self) -> bool {
        true
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn read_ahead(&self, index: u64) -> Range<u64> {
        let on = self.next.load(Ordering::Relaxed) == index;
        let window = if on { self.window.load(Ordering::Relaxed) } else { FIRST_READ }.min(self.client.batch);
        self.next.store(index.saturating_add(window as u64), Ordering::Relaxed);
        self.window.store(2 * window, Ordering::Relaxed);
        index..index.saturating_add(window as u64) // widening
    }

    fn read_many(&self, index: u64, frames: &[Frame]) -> Result<()> {
        let file = self.file()?;
        frames.chunks(self.client.batch).zip(0..).try_for_each(|(part, n)| {
            let first = index.saturating_add(n * self.client.batch as u64); // widening
            self.client.read(&file, offset(first), part)
        })
    }

    fn write_batch(&self) -> usize {
        self.client.batch
    }

    fn write_many(&self, index: u64, frames: &[Frame], len: usize) -> Result<()> {
        let at = offset(index);
        self.client.write(&*self.file()?, at, frames, len)?;
        self.changed.store(true, Ordering::Relaxed);
        self.size.fetch_max(at.saturating_add(len as u64), Ordering::Release);
        Ok(())
    }
}

/// A change of contents under way.
struct Change<'a>(&'a Client);

impl<'a> Change<'a> {
    fn begin(client: &'a Client) -> Change<'a> {
        client.changes.fetch_add(1, Ordering::Relaxed);
        Change(client)
    }
}

impl Drop for Change<'_> {
    fn drop(&mut self) {
        self.0.changes.fetch_add(1, Ordering::Relaxed);
    }
}

/// An open regular file.
pub struct Opened {
    inode: Arc<Inode>,
}

impl Opened {
    /// Opens `inode`, whose attributes are up to date.
    pub fn new(inode: &Arc<Inode>, node: &Node, flags: OpenFlags) -> Result<Opened> {
        node.data.enter(flags)?;
        Ok(Opened { inode: inode.clone() })
    }

    fn node(&self) -> Result<&Node> {
        Node::of(&self.inode).ok_or(Errno::EIO)
    }
}

/// Writes what a file's mappings have changed to the server.
pub fn write_back(inode: &Inode, from: u64, to: u64) -> Result<()> {
    inode.pages_if_made().map_or(Ok(()), |pages| pages.sync(from, to))
}

impl FileOps for Opened {
    fn read_at(&self, file: &File, buf: &mut ReadBuf<'_>, pos: u64) -> Result<usize> {
        self.inode.read_at(file, buf, pos)
    }

    fn write_at(&self, file: &File, buf: &mut WriteBuf<'_>, pos: u64) -> Result<usize> {
        let data = &self.node()?.data;
        let _order = data.writing.lock();
        let _change = Change::begin(&data.client);
        let mut pos = if file.flags().contains(OpenFlags::APPEND) { self.inode.size() } else { pos };
        let mut total = 0;
        loop {
            let want = buf.remaining().min(PIECE);
            let done = buf.with_at_most(PIECE, |buf| {
                let done = content::write_or_append(&self.inode, file, buf, Some(pos))?;
                write_back(&self.inode, pos, pos.saturating_add(done as u64))?;
                Ok(done)
            });
            match done {
                Ok(done) => (total, pos) = (total + done, pos + done as u64),
                Err(e) if total == 0 => return Err(e),
                Err(_) => return Ok(total),
            }
            if done != Ok(PIECE) || want < PIECE || buf.remaining() == 0 {
                return Ok(total);
            }
        }
    }

    fn seekable(&self) -> bool {
        true
    }

    fn seek(&self, file: &File, pos: u64, offset: i64, whence: u32) -> Result<u64> {
        self.inode.seek(file, pos, offset, whence)
    }

    fn page_cache(&self, file: &File) -> Result<Arc<PageCache>> {
        self.inode.page_cache(file)
    }

    fn sync(&self, _file: &File) -> Result<()> {
        let data = &self.node()?.data;
        let _order = data.writing.lock();
        write_back(&self.inode, 0, u64::MAX)?;
        let file = data.file()?;
        data.client.call(kind::FSYNC, &[Field::U32(file.number), Field::U32(0)]).map(drop)
    }

    /// A descriptor was closed: what a mapping has changed goes to the host, as it does on Linux's network file systems.
    fn closed(&self, file: &File) {
        if file.writable()
            && let Ok(node) = self.node()
        {
            let _order = node.data.writing.lock();
            let _ = write_back(&self.inode, 0, u64::MAX);
        }
    }

    fn release(&self, file: &File) {
        let Ok(node) = self.node() else { return };
        self.closed(file);
        if node.data.changed.load(Ordering::Relaxed) {
            // From here on a change is the host's.
            node.refresh_now(&self.inode);
        }
        node.data.leave();
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
