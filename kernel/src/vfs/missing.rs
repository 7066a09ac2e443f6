//! Telling what a program looked for and did not find, so that the tool can say which file to add (docs/boot-protocol.md, `missing`).
//! It is told at the end, all at once: a line costs the machine more than the look-up.

use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, Ordering};

use ordmap::OrdMap;

use super::mount::Path;
use crate::sync::SpinLock;

static WANTED: AtomicBool = AtomicBool::new(false);
static SEEN: SpinLock<OrdMap<Vec<u8>, ()>> = SpinLock::new(OrdMap::new());

/// Paths remembered to report each only once; beyond that many nothing is.
const MAX_SEEN: usize = 4096;

/// Starts remembering (`missing=1`).
pub fn remember() {
    WANTED.store(true, Ordering::Relaxed);
}

/// The absolute paths, each once, in order; forgets them.
pub fn take() -> impl Iterator<Item = Vec<u8>> {
    core::mem::take(&mut *SEEN.lock()).take_all().map(|(path, ())| path)
}

/// `name` was looked for in `dir` and is not there. `rest` is what would have followed.
#[inline]
pub fn report(dir: &Path, root: &Path, name: &[u8], rest: &[u8]) {
    if WANTED.load(Ordering::Relaxed) {
        note(dir, root, name, rest);
    }
}

#[cold]
fn note(dir: &Path, root: &Path, name: &[u8], rest: &[u8]) {
    // Only the root image can be added to: what is missing in a tmpfs or in /proc is no news.
    if dir.mount.place().is_some() {
        return;
    }
    let mut path = dir.to_bytes(root);
    if path.last() != Some(&b'/') {
        path.push(b'/');
    }
    path.extend_from_slice(name);
    path.extend_from_slice(rest);
    let mut seen = SEEN.lock();
    if seen.len() < MAX_SEEN {
        seen.insert(path, ());
    }
}
