//! What poll(2) and select(2) share: asking many files, then sleeping until one of them changes.

use alloc::sync::Arc;
use core::sync::atomic::{AtomicBool, Ordering};

use abi::{Errno, Result};

use crate::poll::{PollEvents, Watcher};
use crate::sched::wait::{WaitError, WaitOptions, WaitQueue};
use crate::vfs::file::File;

/// One file that is asked about.
pub struct Interest {
    /// The file; `None` is passed over.
    pub file: Option<Arc<File>>,
    /// What is asked for; ERR and HUP are added by the caller where they count.
    pub events: PollEvents,
    /// What was found.
    pub found: PollEvents,
}

/// One thread's wait.
struct Poller {
    queue: WaitQueue,
    fired: AtomicBool,
    /// Everything that any of the files is asked for.
    events: PollEvents,
}

impl Watcher for Poller {
    fn notify(&self, events: PollEvents) -> bool {
        if !events.is_empty() && !events.intersects(self.events) {
            return false;
        }
        self.fired.store(true, Ordering::Release);
        self.queue.wake_one()
    }
}

/// Registered with all files; leaves them on drop.
struct Registered<'a> {
    set: &'a mut [Interest],
    poller: Arc<dyn Watcher>,
}

impl<'a> Registered<'a> {
    fn new(set: &'a mut [Interest], poller: Arc<dyn Watcher>) -> Self {
        for head in set.iter().filter_map(|interest| interest.file.as_ref()?.ops.poll_head()) {
            head.add(poller.clone(), false);
        }
        Registered { set, poller }
    }
}

impl Drop for Registered<'_> {
    fn drop(&mut self) {
        for head in self.set.iter().filter_map(|interest| interest.file.as_ref()?.ops.poll_head()) {
            head.remove(&self.poller);
        }
    }
}

/// Asks every file; how many answered.
fn ask(set: &mut [Interest]) -> usize {
    let mut ready = 0;
    for interest in set {
        if let Some(file) = &interest.file {
            interest.found = file.ops.poll(file) & interest.events;
            ready += usize::from(!interest.found.is_empty());
        }
    }
    ready
}

/// Waits until a file is ready or `deadline` (monotonic nanoseconds; `None`: for ever, 0: not at all). How many are ready; EINTR.
pub fn wait_ready(set: &mut [Interest], deadline: Option<u64>) -> Result<usize> {
    let ready = ask(set);
    if ready > 0 || deadline == Some(0) {
        return Ok(ready);
    }
    let events = set.iter().fold(PollEvents::empty(), |all, interest| all | interest.events);
    let poller = Arc::new(Poller { queue: WaitQueue::new(), fired: AtomicBool::new(false), events });
    let registered = Registered::new(set, poller.clone());
    loop {
        let ready = ask(registered.set);
        if ready > 0 {
            return Ok(ready);
        }
        let options = WaitOptions { deadline, uninterruptible: false };
        match poller.queue.wait(options, || poller.fired.swap(false, Ordering::AcqRel).then_some(())) {
            Ok(()) => {}
            Err(WaitError::TimedOut) => return Ok(ask(registered.set)),
            Err(WaitError::Interrupted) => return Err(Errno::EINTR),
        }
    }
}
