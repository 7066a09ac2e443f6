//! epoll(7): a set of open files, and the list of those among them that may be ready.
//!
//! An item is put on the ready list by its file's `PollHead`, from any context, without memory being taken; a wait takes items off, asks each
//! file, and puts level-triggered ones back. So a wait costs what is ready, whatever is watched.

mod item;
mod nest;

use alloc::collections::VecDeque;
use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;
use core::any::Any;
use core::fmt;
use ordmap::OrdMap;

use abi::event::epoll::{ET, EXCLUSIVE, ONESHOT, PRIVATE, WAKEUP};
use abi::{Errno, Result};

use crate::poll::{PollEvents, PollHead, Watcher};
use crate::sched::wait::{WaitError, WaitOptions};
use crate::sync::{IrqSpinLock, Mutex, SpinLock};
use crate::vfs::file::{File, FileOps, OpenFlags};
use item::Item;

/// Bits that may stand beside EPOLLEXCLUSIVE.
const EXCLUSIVE_OK: u32 = 0x1 | 0x4 | 0x8 | 0x10 | WAKEUP | ET | EXCLUSIVE;
/// Reported whether asked for or not.
const ALWAYS: u32 = 0x8 | 0x10;

/// The items that may be ready, and who waits for them.
struct Ready {
    /// Each item at most once. Its capacity covers all items, so that queueing takes no memory.
    list: IrqSpinLock<VecDeque<Arc<Item>>>,
    head: PollHead,
}

impl Ready {
    fn is_empty(&self) -> bool {
        self.list.lock().is_empty()
    }

    /// Puts the item on the list. False when it is there or dead.
    fn queue(&self, item: &Item, first: bool) -> bool {
        let mut list = self.list.lock();
        if item.is_dead() || item.is_queued() {
            return false;
        }
        let Some(item) = item.me.upgrade() else { return false };
        item.set_queued(true);
        if first {
            list.push_front(item);
        } else {
            list.push_back(item);
        }
        true
    }

    fn pop(&self) -> Option<Arc<Item>> {
        let mut list = self.list.lock();
        let item = list.pop_front()?;
        item.set_queued(false);
        Some(item)
    }

    /// Marks the item as dead and takes it off.
    fn forget(&self, item: &Item) {
        let mut list = self.list.lock();
        item.kill();
        if item.is_queued() {
            let found = list.iter().position(|other| core::ptr::eq(&raw const **other, item));
            let entry = found.and_then(|at| list.remove(at));
            drop(list);
            drop(entry);
        }
    }
}

type Key = (i32, usize);

/// An epoll instance.
pub struct Epoll {
    me: Weak<Epoll>,
    ready: Arc<Ready>,
    /// By descriptor and open file: a number that was closed and opened again is another key.
    items: Mutex<OrdMap<Key, Arc<Item>>>,
    /// One thread at a time takes items off the ready list.
    scan: Mutex<()>,
    /// Instances that watch this one.
    parents: SpinLock<Vec<Weak<Epoll>>>,
}

fn key(fd: i32, file: &Arc<File>) -> Key {
    (fd, Arc::as_ptr(file).addr())
}

/// The instance behind an open file.
pub fn of(file: &File) -> Option<&Epoll> {
    file.ops.as_any().downcast_ref()
}

impl Epoll {
    /// A new instance as an open file.
    pub fn open() -> Arc<File> {
        let epoll = Arc::new_cyclic(|me: &Weak<Epoll>| Epoll {
            me: me.clone(),
            ready: Arc::new(Ready { list: IrqSpinLock::new(VecDeque::new()), head: PollHead::new() }),
            items: Mutex::new(OrdMap::new()),
            scan: Mutex::new(()),
            parents: SpinLock::new(Vec::new()),
        });
        File::new(epoll, OpenFlags::RDWR)
    }

    /// EPOLL_CTL_ADD. EPERM: `file` is always ready; EEXIST, EINVAL, ELOOP.
    pub fn add(&self, fd: i32, file: &Arc<File>, events: u32, data: u64) -> Result<()> {
        let head = file.ops.poll_head().ok_or(Errno::EPERM)?;
        let target = of(file);
        if events & EXCLUSIVE != 0 && (target.is_some() || events & !EXCLUSIVE_OK != 0) {
            return Err(Errno::EINVAL);
        }
        let _nesting = target.map(|target| nest::check(self, target)).transpose()?;
        let mut items = self.items.lock();
        if items.contains_key(&key(fd, file)) {
            return Err(Errno::EEXIST);
        }
        self.reserve(items.len() + 1)?;
        let item = Item::new(self, key(fd, file), file, events | ALWAYS, data);
        items.insert(key(fd, file), item.clone());
        file.links.add(item.clone());
        head.add(item.clone(), events & EXCLUSIVE != 0);
        if let Some(target) = target {
            nest::adopt(self, target);
        }
        drop(items);
        self.look(&item, file);
        Ok(())
    }

    /// Room on the ready list for `count` items.
    fn reserve(&self, count: usize) -> Result<()> {
        let mut fresh = VecDeque::new();
        if self.ready.list.lock().capacity() < count {
            fresh.try_reserve(count * 2).map_err(|_| Errno::ENOMEM)?;
            let mut list = self.ready.list.lock();
            fresh.extend(list.drain(..));
            core::mem::swap(&mut *list, &mut fresh);
        }
        Ok(())
    }

    /// EPOLL_CTL_MOD. ENOENT; EINVAL with EPOLLEXCLUSIVE.
    pub fn modify(&self, fd: i32, file: &Arc<File>, events: u32, data: u64) -> Result<()> {
        if events & EXCLUSIVE != 0 {
            return Err(Errno::EINVAL);
        }
        let items = self.items.lock();
        let item = items.get(&key(fd, file)).ok_or(Errno::ENOENT)?.clone();
        if item.events() & EXCLUSIVE != 0 {
            return Err(Errno::EINVAL);
        }
        item.set(events | ALWAYS, data);
        drop(items);
        self.look(&item, file);
        Ok(())
    }

    /// EPOLL_CTL_DEL. ENOENT.
    pub fn remove(&self, fd: i32, file: &Arc<File>) -> Result<()> {
        let item = self.items.lock().remove(&key(fd, file)).ok_or(Errno::ENOENT)?;
        self.ready.forget(&item);
        if let Some(target) = of(file) {
            nest::disown(self, target);
        }
        item.detach(file);
        Ok(())
    }

    /// Queues the item if its file is ready now: what was missed before it was watched.
    fn look(&self, item: &Arc<Item>, file: &File) {
        let found = file.ops.poll(file);
        if found.bits() & item.events() & !PRIVATE != 0 {
            item.notify(found);
        }
    }

    /// Waits for events until `deadline` (monotonic nanoseconds; `None`: for ever, 0: not at all) and gives up to `max` of them to `emit`. EINTR.
    pub fn wait(&self, max: usize, deadline: Option<u64>, emit: &mut dyn FnMut(u32, u64) -> Result<()>) -> Result<usize> {
        loop {
            let found = if self.ready.is_empty() { 0 } else { self.collect(max, emit)? };
            if found > 0 || deadline == Some(0) {
                return Ok(found);
            }
            let options = WaitOptions { deadline, uninterruptible: false };
            match self.ready.head.queue.wait(options, || (!self.ready.is_empty()).then_some(())) {
                Ok(()) => {}
                Err(WaitError::TimedOut) => return self.collect(max, emit),
                Err(WaitError::Interrupted) => {
                    if !self.ready.is_empty() {
                        self.ready.head.queue.wake_one(); // the wake-up may have been for us
                    }
                    return Err(Errno::EINTR);
                }
            }
        }
    }

    fn collect(&self, max: usize, emit: &mut dyn FnMut(u32, u64) -> Result<()>) -> Result<usize> {
        let _scan = self.scan.lock();
        let rounds = self.ready.list.lock().len();
        let mut found = 0;
        for _ in 0..rounds {
            if found == max {
                break;
            }
            let Some(item) = self.ready.pop() else { break };
            let Some((events, data)) = item.poll() else { continue };
            if let Err(errno) = emit(events, data) {
                self.ready.queue(&item, true);
                if found == 0 {
                    return Err(errno);
                }
                break;
            }
            found += 1;
            let asked = item.events();
            if asked & ONESHOT != 0 {
                item.disable();
            } else if asked & ET == 0 {
                self.ready.queue(&item, false);
            }
        }
        if found > 0 && !self.ready.is_empty() {
            self.ready.head.queue.wake_one();
        }
        Ok(found)
    }
}

impl FileOps for Epoll {
    fn poll(&self, _file: &File) -> PollEvents {
        if self.ready.is_empty() {
            return PollEvents::empty();
        }
        let _scan = self.scan.lock();
        while let Some(item) = self.ready.pop() {
            if item.poll().is_some() {
                self.ready.queue(&item, true);
                return PollEvents::READ;
            }
        }
        PollEvents::empty()
    }

    fn poll_head(&self) -> Option<&PollHead> {
        Some(&self.ready.head)
    }

    fn describe(&self, _file: &File, out: &mut dyn fmt::Write) -> fmt::Result {
        out.write_str("anon_inode:[eventpoll]")
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Drop for Epoll {
    fn drop(&mut self) {
        let items = core::mem::take(self.items.get_mut());
        for item in items.values() {
            self.ready.forget(item);
            if let Some(file) = item.file.upgrade() {
                item.detach(&file);
            }
        }
    }
}
