//! One file in an epoll instance.

use alloc::sync::{Arc, Weak};
use core::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use abi::event::epoll::PRIVATE;

use super::{Epoll, Key, Ready};
use crate::poll::{PollEvents, Watcher};
use crate::vfs::file::File;

/// A file in an epoll instance.
pub struct Item {
    pub me: Weak<Item>,
    epoll: Weak<Epoll>,
    ready: Arc<Ready>,
    pub file: Weak<File>,
    key: Key,
    events: AtomicU32,
    data: AtomicU64,
    /// On the ready list. Changed under the list's lock, as `dead` is.
    queued: AtomicBool,
    dead: AtomicBool,
}

impl Item {
    pub fn new(epoll: &Epoll, key: Key, file: &Arc<File>, events: u32, data: u64) -> Arc<Item> {
        Arc::new_cyclic(|me: &Weak<Item>| Item {
            me: me.clone(),
            epoll: epoll.me.clone(),
            ready: epoll.ready.clone(),
            file: Arc::downgrade(file),
            key,
            events: AtomicU32::new(events),
            data: AtomicU64::new(data),
            queued: AtomicBool::new(false),
            dead: AtomicBool::new(false),
        })
    }

    pub fn events(&self) -> u32 {
        self.events.load(Ordering::Relaxed)
    }

    pub fn set(&self, events: u32, data: u64) {
        self.data.store(data, Ordering::Relaxed);
        self.events.store(events, Ordering::SeqCst);
    }

    /// EPOLLONESHOT: silent until modified.
    pub fn disable(&self) {
        self.events.fetch_and(PRIVATE, Ordering::Relaxed);
    }

    pub fn is_queued(&self) -> bool {
        self.queued.load(Ordering::Relaxed)
    }

    pub fn set_queued(&self, on: bool) {
        self.queued.store(on, Ordering::Relaxed);
    }

    pub fn is_dead(&self) -> bool {
        self.dead.load(Ordering::Relaxed)
    }

    pub fn kill(&self) {
        self.dead.store(true, Ordering::Relaxed);
    }

    /// What the file has now of what is asked for, with the caller's value.
    pub fn poll(&self) -> Option<(u32, u64)> {
        let file = self.file.upgrade()?;
        let found = file.ops.poll(&file).bits() & self.events() & !PRIVATE;
        (found != 0 && !self.is_dead()).then(|| (found, self.data.load(Ordering::Relaxed)))
    }

    /// Takes the item out of its file.
    pub fn detach(self: &Arc<Self>, file: &File) {
        let watcher: Arc<dyn Watcher> = self.clone();
        if let Some(head) = file.ops.poll_head() {
            head.remove(&watcher);
        }
        file.links.remove(&watcher);
    }
}

impl Watcher for Item {
    fn notify(&self, events: PollEvents) -> bool {
        let asked = self.events() & !PRIVATE;
        if asked == 0 || !events.is_empty() && events.bits() & asked == 0 {
            return false;
        }
        if !self.ready.queue(self, false) {
            return false;
        }
        let woken = self.ready.head.queue.wake_one();
        self.ready.head.notify_watchers(PollEvents::READ);
        woken
    }

    fn file_closed(&self) {
        self.ready.forget(self);
        if let Some(epoll) = self.epoll.upgrade() {
            let item = epoll.items.lock().remove(&self.key);
            drop(item);
        }
    }
}
