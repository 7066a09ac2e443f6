//! Memory is short: pages of files that were read and not changed are dropped, for they can be read again.
//!
//! A hand goes round over all files. A page that programs have mapped is taken out of their page tables and, if nobody has touched it when the hand comes by
//! again, dropped.

use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU64, Ordering};

use hal::mem::PAGE_SIZE;

use super::cache::{PageCache, Slot};
use super::reclaim;
use crate::report;
use crate::sync::SpinLock;

/// Pages dropped at once.
const BATCH: usize = 64;
/// Pages taken out of page tables before mapped ones are dropped at once, too.
const CHANCES: usize = 4 * BATCH;

/// Pages taken out of page tables so far.
static UNMAPPED: AtomicU64 = AtomicU64::new(0);
/// How often all of memory goes through that before we say so: programs then wait for their own pages more than they run.
const TOO_OFTEN: u64 = 32;

struct Files {
    list: Vec<Weak<PageCache>>,
    /// Where the hand is: the file, and the page of it.
    at: usize,
    index: u64,
}

static FILES: SpinLock<Files> = SpinLock::new(Files { list: Vec::new(), at: 0, index: 0 });

/// Enters a file whose pages can be read again.
pub(super) fn list(cache: &Arc<PageCache>) {
    reclaim::register(reclaim::Kind::Readable, shrink);
    let mut files = FILES.lock();
    if files.list.len() == files.list.capacity() {
        files.list.retain(|file| file.strong_count() > 0);
        // One for which there is no room keeps its pages.
        let more = files.list.len().max(16);
        if files.list.capacity() - files.list.len() < more / 2 && files.list.try_reserve(more).is_err() {
            return;
        }
    }
    files.list.push(Arc::downgrade(cache));
}

/// The shrinker of this kind of pages.
fn shrink() -> usize {
    let Some(mut files) = FILES.try_lock() else { return 0 };
    let files = &mut *files;
    let (mut dropped, mut chances) = (0, CHANCES);
    // Once round for the chances, once to take them back.
    let mut left = 2 * files.list.len() + 1;
    while dropped < BATCH && left > 0 && !files.list.is_empty() {
        if files.at >= files.list.len() {
            (files.at, files.index) = (0, 0);
        }
        match files.list[files.at].upgrade() {
            Some(file) => {
                if file.shrink(&mut files.index, &mut dropped, &mut chances) {
                    continue;
                }
                files.at += 1;
            }
            None => drop(files.list.swap_remove(files.at)),
        }
        files.index = 0;
        left -= 1;
    }
    dropped
}

/// Says once that there is too little memory to run in. Called where a page is read, with no lock held.
pub(super) fn complain() {
    static SAID: report::Once = report::Once::new();
    let total = hal::mem::stats().total;
    if UNMAPPED.load(Ordering::Relaxed) > total / PAGE_SIZE as u64 * TOO_OFTEN {
        let mib = total >> 20;
        SAID.warn(format_args!(
            "pages of programs and files are dropped and read again all the time: the machine has {mib} MiB; give it more with -m"
        ));
    }
}

impl PageCache {
    /// Goes on from page `from`; true when there is enough for now, and perhaps more here.
    pub(super) fn shrink(&self, from: &mut u64, dropped: &mut usize, chances: &mut usize) -> bool {
        let Some(mut state) = self.state.try_lock() else { return false };
        loop {
            let clean = |slot: &Slot| matches!(slot, Slot::Owned { dirty: false, .. });
            let Some((index, Slot::Owned { frame, .. })) = state.tree.iter_from(*from).find(|(_, slot)| clean(slot)) else { return false };
            if *dropped >= BATCH {
                return true;
            }
            *from = index + 1;
            let mut free = frame.ref_count() == 1;
            if !free {
                UNMAPPED.fetch_add(1, Ordering::Relaxed);
                state.mappings.zap_page(index, Some(frame.pfn()));
                // Others may look at it just now.
                free = *chances == 0 && frame.ref_count() == 1;
                *chances = chances.saturating_sub(1);
            }
            if free {
                self.drop_slots(&mut state, index, index);
                *dropped += 1;
            }
        }
    }
}
