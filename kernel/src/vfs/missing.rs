//! Telling what a program looked for and did not find, so that the tool can say which file to add (docs/boot-protocol.md, `missing`).

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::mount::Path;
use crate::sync::{Once, SpinLock};

/// Hears of each absolute path once.
pub type Reporter = fn(path: &[u8]);

static REPORTER: Once<Reporter> = Once::new();
static SEEN: SpinLock<BTreeSet<Vec<u8>>> = SpinLock::new(BTreeSet::new());

/// Paths remembered to report each only once; beyond that many nothing is reported.
const MAX_SEEN: usize = 4096;

/// Sets the reporter (`missing=1`).
pub fn set_reporter(reporter: Reporter) {
    let _ = REPORTER.set(reporter);
}

/// `name` was looked for in `dir` and is not there. `rest` is what would have followed.
#[inline]
pub fn report(dir: &Path, root: &Path, name: &[u8], rest: &[u8]) {
    if let Some(reporter) = REPORTER.get() {
        report_to(*reporter, dir, root, name, rest);
    }
}

#[cold]
fn report_to(reporter: Reporter, dir: &Path, root: &Path, name: &[u8], rest: &[u8]) {
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
    let fresh = {
        let mut seen = SEEN.lock();
        seen.len() < MAX_SEEN && seen.insert(path.clone())
    };
    if fresh {
        reporter(&path);
    }
}
