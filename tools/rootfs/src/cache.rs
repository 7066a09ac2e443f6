//! The cache directory: finished images and plans, named by hashes. Files appear by rename, so readers never see half of one; any number
//! of processes may use it at once. The least recently used images go when there are too many bytes of them.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use crate::{Error, Result};

/// Bytes of images kept (on disk; the padding is sparse and costs nothing).
const DEFAULT_LIMIT: u64 = 4 << 30;
/// The most plans kept.
const MAX_PLANS: usize = 2000;
/// What was used this recently is not removed: a machine may be about to open it.
const YOUNG: Duration = Duration::from_secs(600);

/// A cache directory.
#[derive(Clone, Debug)]
pub struct Cache {
    dir: PathBuf,
    limit: u64,
}

impl Cache {
    /// `$XDG_CACHE_HOME/unox`, else `$HOME/.cache/unox`, else a directory of this user below the temporary one.
    pub fn open_default() -> Result<Cache> {
        let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
        let dir = absolute("XDG_CACHE_HOME")
            .or_else(|| absolute("HOME").map(|h| h.join(".cache")))
            .unwrap_or_else(|| std::env::temp_dir().join(format!("unox-cache-{}", rustix::process::getuid().as_raw())));
        Cache::at(dir.join("unox"))
    }

    /// A cache in this directory, which is made if need be.
    pub fn at(dir: impl Into<PathBuf>) -> Result<Cache> {
        let dir = dir.into();
        for sub in ["images", "plans"] {
            let path = dir.join(sub);
            // Images may hold what only this user may read.
            fs::DirBuilder::new().recursive(true).mode(0o700).create(&path).map_err(|source| Error::Cache { path, source })?;
        }
        Ok(Cache { dir, limit: DEFAULT_LIMIT })
    }

    /// The same directory with another limit on the bytes of images.
    pub fn with_limit(self, bytes: u64) -> Cache {
        Cache { limit: bytes, ..self }
    }

    /// Where the cache is.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub(crate) fn image_path(&self, key: &str) -> PathBuf {
        self.dir.join("images").join(format!("{key}.erofs"))
    }

    pub(crate) fn plan_path(&self, key: &str) -> PathBuf {
        self.dir.join("plans").join(key)
    }

    /// Writes a file that appears at `path` complete or not at all.
    pub(crate) fn publish<T>(&self, path: &Path, write: impl FnOnce(&mut File) -> Result<T>) -> Result<T> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let fail = |source| Error::Cache { path: self.dir.clone(), source };
        let unique = format!("tmp-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let temp = path.with_file_name(unique);
        let mut file = OpenOptions::new().write(true).read(true).create(true).truncate(true).open(&temp).map_err(fail)?;
        let done = write(&mut file).and_then(|value| fs::rename(&temp, path).map(|()| value).map_err(fail));
        if done.is_err() {
            // The error that matters is the first one.
            let _ = fs::remove_file(&temp);
        }
        done
    }

    /// Notes that a file was used now.
    pub(crate) fn touch(path: &Path) {
        if let Ok(file) = File::open(path) {
            // A read-only cache still serves; only its order of use is lost.
            let _ = file.set_modified(SystemTime::now());
        }
    }

    /// Removes the least recently used images above the limit, old plans, and what crashed writers left.
    pub fn trim(&self) {
        // Another process may remove the same files: every failure here is somebody else's success.
        let _ = self.trim_dir("images", |files| {
            let mut total: u64 = files.iter().map(|f| f.bytes).sum();
            files
                .iter()
                .take_while(|f| {
                    total > self.limit && {
                        total -= f.bytes;
                        true
                    }
                })
                .count()
        });
        let _ = self.trim_dir("plans", |files| files.len().saturating_sub(MAX_PLANS));
    }

    fn trim_dir(&self, sub: &str, excess: impl Fn(&[Cached]) -> usize) -> io::Result<()> {
        let mut files = Vec::new();
        for entry in fs::read_dir(self.dir.join(sub))? {
            let entry = entry?;
            let Ok(meta) = entry.metadata() else { continue };
            let used = meta.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            files.push(Cached { path: entry.path(), bytes: meta.blocks() * 512, used });
        }
        files.sort_by_key(|f| f.used);
        let excess = excess(&files);
        for (i, file) in files.iter().enumerate() {
            let stale = file.path.file_name().is_some_and(|n| n.as_encoded_bytes().starts_with(b"tmp-"));
            let young = file.used.elapsed().is_ok_and(|age| age < YOUNG);
            if (i < excess || stale) && !young {
                fs::remove_file(&file.path)?;
            }
        }
        Ok(())
    }
}

struct Cached {
    path: PathBuf,
    bytes: u64,
    used: SystemTime,
}
