//! Watching files (inotify(7)). The file system tells of what happens ([`crate::vfs::notify`]); here it becomes a queue of events.

use alloc::collections::VecDeque;
use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;
use core::any::Any;
use core::fmt;
use ordmap::OrdMap;

use abi::event::inotify::{ADD_ONLY_FLAGS, ALL_EVENTS, HEADER, MASK_ADD, MASK_CREATE, ONESHOT, Q_OVERFLOW};
use abi::fs::inotify::{DELETE_SELF, IGNORED, ISDIR, UNMOUNT};
use abi::{Errno, Result};
use hal::user::UserPtr;

use crate::iobuf::ReadBuf;
use crate::poll::{PollEvents, PollHead};
use crate::sync::SpinLock;
use crate::vfs::file::{File, FileOps, OpenFlags};
use crate::vfs::inode::Inode;
use crate::vfs::notify;

/// Events that may wait (fs.inotify.max_queued_events).
const MAX_QUEUED: usize = 16_384;
/// Watches of one instance (fs.inotify.max_user_watches, within reason).
const MAX_WATCHES: usize = 65_536;

#[derive(PartialEq, Eq)]
struct Event {
    wd: i32,
    mask: u32,
    cookie: u32,
    name: Vec<u8>,
}

impl Event {
    /// Bytes of its struct inotify_event: the name is padded with NULs, at least one.
    fn size(&self) -> usize {
        HEADER + self.padded()
    }

    fn padded(&self) -> usize {
        if self.name.is_empty() { 0 } else { (self.name.len() + 1).next_multiple_of(HEADER) }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.size());
        bytes.extend_from_slice(&self.wd.to_ne_bytes());
        bytes.extend_from_slice(&self.mask.to_ne_bytes());
        bytes.extend_from_slice(&self.cookie.to_ne_bytes());
        bytes.extend_from_slice(&u32::try_from(self.padded()).unwrap_or(0).to_ne_bytes());
        bytes.extend_from_slice(&self.name);
        bytes.resize(self.size(), 0);
        bytes
    }
}

struct Watch {
    inode: Arc<Inode>,
    mask: u32,
}

#[derive(Default)]
struct State {
    watches: OrdMap<i32, Watch>,
    by_inode: OrdMap<usize, i32>,
    last_wd: i32,
    queue: VecDeque<Event>,
}

/// An inotify instance.
pub struct Inotify {
    me: Weak<Inotify>,
    state: SpinLock<State>,
    head: PollHead,
}

/// The instance behind an open file; EINVAL.
pub fn of(file: &File) -> Result<&Inotify> {
    file.ops.as_any().downcast_ref().ok_or(Errno::EINVAL)
}

fn key(inode: &Arc<Inode>) -> usize {
    Arc::as_ptr(inode).addr()
}

impl State {
    /// Queues an event; one that equals the last is not repeated.
    fn push(&mut self, event: Event) {
        if self.queue.back() == Some(&event) {
            return;
        }
        match self.queue.len() {
            MAX_QUEUED.. => {}
            len if len == MAX_QUEUED - 1 => self.queue.push_back(Event { wd: -1, mask: Q_OVERFLOW, cookie: 0, name: Vec::new() }),
            _ => self.queue.push_back(event),
        }
    }

    /// Ends a watch and says so.
    fn end(&mut self, wd: i32) -> Option<Watch> {
        let watch = self.watches.remove(&wd)?;
        self.by_inode.remove(&key(&watch.inode));
        self.push(Event { wd, mask: IGNORED, cookie: 0, name: Vec::new() });
        Some(watch)
    }
}

impl Inotify {
    /// A new instance as an open file; `flags` may hold NONBLOCK.
    pub fn open(flags: OpenFlags) -> Arc<File> {
        let instance =
            Arc::new_cyclic(|me: &Weak<Inotify>| Inotify { me: me.clone(), state: SpinLock::new(State::default()), head: PollHead::new() });
        File::new(instance, flags)
    }

    /// inotify_add_watch(2). EEXIST with IN_MASK_CREATE; ENOSPC.
    pub fn add(&self, inode: &Arc<Inode>, mask: u32) -> Result<i32> {
        let events = mask & (ALL_EVENTS | ONESHOT);
        let me = self.me.upgrade().ok_or(Errno::EINVAL)?;
        let wd = {
            let mut state = self.state.lock();
            if let Some(&wd) = state.by_inode.get(&key(inode)) {
                if mask & MASK_CREATE != 0 {
                    return Err(Errno::EEXIST);
                }
                if let Some(watch) = state.watches.get_mut(&wd) {
                    watch.mask = if mask & MASK_ADD != 0 { watch.mask | events } else { events };
                }
                return Ok(wd);
            }
            if state.watches.len() >= MAX_WATCHES {
                return Err(Errno::ENOSPC);
            }
            state.last_wd = state.last_wd.checked_add(1).ok_or(Errno::ENOSPC)?;
            let wd = state.last_wd;
            state.watches.insert(wd, Watch { inode: inode.clone(), mask: events });
            state.by_inode.insert(key(inode), wd);
            wd
        };
        let watcher: Arc<dyn notify::Watcher> = me;
        inode.watch(&watcher);
        Ok(wd)
    }

    /// inotify_rm_watch(2): EINVAL.
    pub fn remove(&self, wd: i32) -> Result<()> {
        let watch = self.state.lock().end(wd).ok_or(Errno::EINVAL)?;
        self.forget(&watch);
        self.head.notify(PollEvents::READ);
        Ok(())
    }

    fn forget(&self, watch: &Watch) {
        if let Some(me) = self.me.upgrade() {
            let watcher: Arc<dyn notify::Watcher> = me;
            watch.inode.unwatch(&watcher);
        }
    }

    fn is_empty(&self) -> bool {
        self.state.lock().queue.is_empty()
    }
}

impl notify::Watcher for Inotify {
    fn event(&self, inode: &Arc<Inode>, mask: u32, cookie: u32, name: Option<&[u8]>) {
        let ended = {
            let mut state = self.state.lock();
            let Some(&wd) = state.by_inode.get(&key(inode)) else { return };
            let wanted = state.watches.get(&wd).map_or(0, |watch| watch.mask);
            let last = mask & (DELETE_SELF | UNMOUNT) != 0;
            let told = mask & (wanted | UNMOUNT) & !ISDIR != 0;
            if told {
                state.push(Event { wd, mask, cookie, name: name.unwrap_or_default().to_vec() });
            }
            let ended = if last || told && wanted & ONESHOT != 0 { state.end(wd) } else { None };
            if !told && ended.is_none() {
                return;
            }
            ended
        };
        if let Some(watch) = ended {
            self.forget(&watch);
        }
        self.head.notify(PollEvents::READ);
    }
}

impl FileOps for Inotify {
    fn read_at(&self, file: &File, buf: &mut ReadBuf<'_>, _pos: u64) -> Result<usize> {
        let before = buf.done();
        loop {
            let event = {
                let mut state = self.state.lock();
                match state.queue.front().map(Event::size) {
                    Some(size) if size > buf.remaining() && buf.done() == before => return Err(Errno::EINVAL),
                    Some(size) if size > buf.remaining() => None,
                    _ => state.queue.pop_front(),
                }
            };
            let Some(event) = event else {
                if buf.done() > before {
                    return Ok(buf.done() - before);
                }
                if file.nonblocking() {
                    return Err(Errno::EAGAIN);
                }
                self.head.queue.wait_interruptible(|| (!self.is_empty()).then_some(()))?;
                continue;
            };
            let bytes = event.bytes();
            if buf.put(&bytes)? < bytes.len() {
                return Err(Errno::EFAULT);
            }
        }
    }

    fn poll(&self, _file: &File) -> PollEvents {
        if self.is_empty() { PollEvents::empty() } else { PollEvents::READ }
    }

    fn poll_head(&self) -> Option<&PollHead> {
        Some(&self.head)
    }

    fn ioctl(&self, _file: &File, cmd: u32, arg: usize) -> Result<usize> {
        if cmd != abi::io::FIONREAD {
            return Err(Errno::ENOTTY);
        }
        let bytes: usize = self.state.lock().queue.iter().map(Event::size).sum();
        UserPtr::<i32>::new(arg).write(&i32::try_from(bytes).unwrap_or(i32::MAX))?;
        Ok(0)
    }

    fn release(&self, _file: &File) {
        let watches = core::mem::take(&mut self.state.lock().watches);
        for watch in watches.values() {
            self.forget(watch);
        }
    }

    fn describe(&self, _file: &File, out: &mut dyn fmt::Write) -> fmt::Result {
        out.write_str("anon_inode:inotify")
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Whether the mask of inotify_add_watch(2) is one: EINVAL.
pub fn check_mask(mask: u32) -> Result<()> {
    let both = MASK_ADD | MASK_CREATE;
    if mask & ALL_EVENTS == 0 || mask & both == both || mask & !(ALL_EVENTS | ADD_ONLY_FLAGS) != 0 { Err(Errno::EINVAL) } else { Ok(()) }
}
