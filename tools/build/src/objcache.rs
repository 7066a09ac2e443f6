//! Objects shared by all projects of a user, by content: a library that two projects compile with the same flags is compiled once.
//!
//! As ccache's direct mode: the command (project's places replaced), the compiler and the source name a list of entries; an entry names
//! the files that were read and what stood for their contents and options, and the object. Files appear by rename: any number of builds may
//! use it at once.

use crate::files::Files;
use crate::hash::{self, Id};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// Bytes of objects kept.
const LIMIT: u64 = 4 << 30;
/// Entries of one key; the oldest go.
const MAX_ENTRIES: usize = 16;
/// How often the size is looked at.
const SWEEP: Duration = Duration::from_secs(24 * 3600);

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Entry {
    /// Files read, places replaced.
    deps: Vec<String>,
    sum: String,
    object: String,
    /// What the compiler said.
    #[serde(default)]
    warnings: String,
}

/// An object found.
pub(crate) struct Hit {
    /// Files it was made from, here.
    pub deps: Vec<String>,
    pub sum: Id,
    pub warnings: String,
}

/// The cache's directory.
pub(crate) struct ObjectCache {
    dir: PathBuf,
}

static COUNTER: AtomicU64 = AtomicU64::new(0);

impl ObjectCache {
    pub(crate) fn new(cache: &Path) -> ObjectCache {
        ObjectCache { dir: cache.join("objects") }
    }

    fn list(&self, key: Id) -> PathBuf {
        let name = hash::id_hex(key);
        self.dir.join("list").join(&name[..2]).join(&name[2..])
    }

    fn object(&self, name: &str) -> Option<PathBuf> {
        hash::parse_id(name)?;
        Some(self.dir.join("data").join(&name[..2]).join(&name[2..]))
    }

    /// Looks for an object made with this key of files that are now as they were then, and puts it at `out`.
    pub(crate) fn get(&self, key: Id, files: &Files, out: &Path) -> Option<Hit> {
        let entries: Vec<Entry> = serde_json::from_slice(&fs::read(self.list(key)).ok()?).ok()?;
        entries.into_iter().rev().find_map(|entry| {
            let deps: Vec<String> = entry.deps.iter().map(|d| files.names.local(d)).collect();
            let sum = files.sum(deps.iter().map(String::as_str)).filter(|s| hash::id_hex(*s) == entry.sum)?;
            let data = self.object(&entry.object)?;
            let bytes = fs::read(&data).ok()?;
            if hash::id_hex(hash::content(&bytes)) != entry.object {
                // A disk's mistake: better gone.
                let _ = fs::remove_file(&data);
                return None;
            }
            let _ = fs::remove_file(out);
            fs::write(out, bytes).ok()?;
            // Used now: the last to go.
            let _ = fs::File::options().append(true).open(&data).and_then(|f| f.set_modified(SystemTime::now()));
            Some(Hit { deps, sum, warnings: entry.warnings })
        })
    }

    /// Keeps an object. Failing to is no error: the cache only saves time.
    pub(crate) fn put(&self, key: Id, files: &Files, out: &Path, deps: &[String], sum: Id, warnings: &str) -> Option<()> {
        let bytes = fs::read(out).ok()?;
        let object = hash::id_hex(hash::content(&bytes));
        let data = self.object(&object)?;
        if !data.exists() {
            store(&data, &bytes)?;
        }
        let list = self.list(key);
        let mut entries: Vec<Entry> = fs::read(&list).ok().and_then(|b| serde_json::from_slice(&b).ok()).unwrap_or_default();
        let deps = deps.iter().map(|d| files.names.shared(d)).collect();
        let entry = Entry { deps, sum: hash::id_hex(sum), object, warnings: warnings.to_string() };
        entries.retain(|e| e.sum != entry.sum || e.deps != entry.deps);
        entries.push(entry);
        let surplus = entries.len().saturating_sub(MAX_ENTRIES);
        store(&list, &serde_json::to_vec(&entries[surplus..]).ok()?)
    }

    /// Once a day: drops what was not used for longest until the rest fits.
    pub(crate) fn sweep(&self) {
        self.sweep_to(LIMIT, SWEEP);
    }

    fn sweep_to(&self, limit: u64, every: Duration) -> Option<()> {
        let stamp = self.dir.join("swept");
        let age = fs::metadata(&stamp).and_then(|m| m.modified()).ok().and_then(|t| t.elapsed().ok());
        if !self.dir.exists() || age.is_some_and(|a| a < every) {
            return None;
        }
        fs::write(&stamp, "").ok()?;
        let mut all = Vec::new();
        for dir in ["data", "list"] {
            for sub in fs::read_dir(self.dir.join(dir)).ok()?.flatten() {
                let files = fs::read_dir(sub.path()).into_iter().flatten().flatten();
                all.extend(files.filter_map(|f| f.metadata().ok().and_then(|m| Some((m.modified().ok()?, m.len(), f.path())))));
            }
        }
        let mut total: u64 = all.iter().map(|(_, len, _)| len).sum();
        all.sort_unstable();
        for (_, len, path) in all {
            if total <= limit {
                break;
            }
            if fs::remove_file(path).is_ok() {
                total = total.saturating_sub(len);
            }
        }
        Some(())
    }
}

fn store(path: &Path, bytes: &[u8]) -> Option<()> {
    let dir = path.parent()?;
    fs::create_dir_all(dir).ok()?;
    let temporary = dir.join(format!(".{}.{}", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed)));
    let written = fs::write(&temporary, bytes).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written.ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dotconfig::DotConfig;
    use crate::files::Names;

    #[test]
    fn found_in_another_project_until_an_input_changes() {
        let dir = std::env::temp_dir().join(format!("ukbuild-objcache-{}", std::process::id()));
        let cache = ObjectCache::new(&dir.join("cache"));
        let project = |name: &str, text: &str| {
            let app = dir.join(name);
            fs::create_dir_all(&app).unwrap();
            fs::write(app.join("a.c"), text).unwrap();
            let app = app.display().to_string();
            let files =
                Files::new(Vec::new(), DotConfig::default(), String::new(), Names::new(&format!("{app}/build"), &app, "/base", &[]));
            (files, format!("{app}/a.c"), PathBuf::from(app).join("a.o"))
        };
        let (files, source, out) = project("one", "int a;");
        fs::write(&out, "object").unwrap();
        let sum = files.sum([source.as_str()]).unwrap();
        cache.put(7, &files, &out, std::slice::from_ref(&source), sum, "careful").unwrap();
        let (files, source, out) = project("two", "int a;");
        let hit = cache.get(7, &files, &out).unwrap();
        assert_eq!((hit.deps, hit.warnings.as_str(), fs::read(&out).unwrap()), (vec![source], "careful", b"object".to_vec()));
        let (files, _, out) = project("three", "int b;");
        assert!(cache.get(7, &files, &out).is_none() && cache.get(8, &files, &out).is_none());
        cache.sweep_to(0, Duration::ZERO);
        let (files, _, out) = project("four", "int a;");
        assert!(cache.get(7, &files, &out).is_none());
        fs::remove_dir_all(&dir).unwrap();
    }
}
