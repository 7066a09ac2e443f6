//! What tells cheaply that a file did not change: time, size and inode number.

use serde::{Deserialize, Serialize};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// The part of stat(2) that changes when a file does. All zero: there is no such file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stat(pub i64, pub u64, pub u64);

impl Stat {
    /// Follows links; zero when there is nothing.
    pub(crate) fn of(path: impl AsRef<Path>) -> Stat {
        std::fs::metadata(path).map(|m| Stat::from(&m)).unwrap_or_default()
    }

    /// Nanoseconds since the epoch.
    pub(crate) fn mtime(self) -> i64 {
        self.0
    }

    pub(crate) fn exists(self) -> bool {
        self != Stat::default()
    }

    /// From metadata at hand. A directory counts by its time and inode; its size says nothing.
    pub(crate) fn from(m: &std::fs::Metadata) -> Stat {
        let nanos = m.mtime().saturating_mul(1_000_000_000).saturating_add(m.mtime_nsec());
        Stat(nanos, if m.is_dir() { 1 } else { m.len() }, m.ino())
    }
}
