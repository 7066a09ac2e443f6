//! Sleep and wake for the sleeping locks: threads by the address of the lock's word, in a few hashed buckets.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU32, Ordering};

use hal::sync::Blocker;

use super::thread::Thread;
use super::{current, park};
use crate::sync::IrqSpinLock;

const BUCKETS: usize = 32;

type Bucket = IrqSpinLock<Vec<(usize, Arc<Thread>)>>;

struct Parking {
    buckets: [Bucket; BUCKETS],
}

static PARKING: Parking = Parking { buckets: [const { IrqSpinLock::new(Vec::new()) }; BUCKETS] };

/// Lends the scheduler to the locks.
pub(super) fn init() {
    hal::sync::set_blocker(&PARKING);
}

impl Parking {
    fn bucket(&self, word: &AtomicU32) -> (usize, &Bucket) {
        let address = core::ptr::from_ref(word).addr();
        (address, &self.buckets[(address >> 4) % BUCKETS])
    }
}

impl Blocker for Parking {
    fn wait(&self, word: &AtomicU32, expected: u32) {
        if !hal::task::started() {
            core::hint::spin_loop();
            return;
        }
        let (address, bucket) = self.bucket(word);
        let running = current();
        let me = running.to_arc();
        {
            let mut waiting = bucket.lock();
            if word.load(Ordering::Acquire) != expected {
                return;
            }
            waiting.push((address, me.clone()));
        }
        park(false, None);
        // An early return (a token from another wait) leaves the entry behind.
        let mut waiting = bucket.lock();
        if let Some(at) = waiting.iter().position(|(a, thread)| *a == address && Arc::ptr_eq(thread, &me)) {
            waiting.remove(at);
        }
    }

    fn wake(&self, word: &AtomicU32, count: u32) {
        let (address, bucket) = self.bucket(word);
        let mut left = count;
        bucket.lock().retain(|(a, thread)| {
            if *a != address || left == 0 {
                return true;
            }
            left -= 1;
            thread.unpark();
            false
        });
    }
}
