//! `.origin` and `.patched`: the files that say what was unpacked and patched; and `.origin.files`, by which edited sources are noticed.

use super::{Outcome, at};
use crate::stat::Stat;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// An archive that was unpacked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Archive {
    pub name: String,
    pub sha256: String,
}

/// `.origin`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Origin {
    /// As asked for.
    pub sources: Vec<String>,
    pub sums: Vec<String>,
    /// As found.
    pub archives: Vec<Archive>,
    /// Commits of clones.
    pub commits: Vec<String>,
}

/// `.patched`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Patched {
    pub archives: Vec<Archive>,
    pub commits: Vec<String>,
    /// (directory below origin, file name, SHA-256)
    pub patches: Vec<(String, String, String)>,
}

pub(crate) fn read<T: for<'a> Deserialize<'a>>(path: &Path) -> Option<T> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

pub(crate) fn write<T: Serialize>(path: &Path, value: &T) -> Outcome<()> {
    let mut text = serde_json::to_string_pretty(value).map_err(|e| e.to_string())?;
    text.push('\n');
    std::fs::write(path, text).map_err(at(path))
}

fn files_path(dir: &Path) -> PathBuf {
    dir.join(".origin.files")
}

/// Remembers the tree as it is, as nobody's edits.
pub(crate) fn remember_files(dir: &Path) -> Outcome<()> {
    let mut files = BTreeMap::new();
    walk(&dir.join("origin"), &dir.join("origin"), &mut files);
    write(&files_path(dir), &files)
}

/// The file that stands while patches are applied; written again before each.
pub(crate) fn busy(dir: &Path) -> PathBuf {
    dir.join(".patching")
}

/// When the last patch of an interrupted run was applied, in nanoseconds; what is not younger was written by it. Nothing, if the files were
/// remembered since.
fn patched_until(dir: &Path) -> Option<i64> {
    const ONE_PATCH: i64 = 2_000_000_000;
    let (busy, files) = (Stat::of(busy(dir)), Stat::of(files_path(dir)));
    (busy.exists() && busy.mtime() >= files.mtime()).then(|| busy.mtime().saturating_add(ONE_PATCH))
}

/// Whether someone changed or removed a file of the tree, or made a git repository of it. Files that are new do not count: builds leave them.
pub(crate) fn edited(dir: &Path) -> bool {
    let Some(files) = read::<BTreeMap<String, Stat>>(&files_path(dir)) else { return false };
    let origin = dir.join("origin");
    let repository = |d: &Path| d.join(".git").exists();
    let below = std::fs::read_dir(&origin).into_iter().flatten().flatten().any(|e| repository(&e.path()));
    let had = files.keys().any(|f| f.starts_with(".git/") || f.contains("/.git/"));
    if (repository(&origin) || below) && !had {
        return true;
    }
    let ours = patched_until(dir);
    let changed = |(name, stat): (&String, &Stat)| {
        let now = std::fs::symlink_metadata(origin.join(name)).map(|m| Stat::from(&m)).unwrap_or_default();
        (now.0 != stat.0 || now.1 != stat.1) && ours.is_none_or(|until| now.mtime() > until)
    };
    files.iter().filter(|(name, _)| !name.starts_with(".git/") && !name.contains("/.git/")).any(changed)
}

fn walk(root: &Path, dir: &Path, out: &mut BTreeMap<String, Stat>) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        let Ok(meta) = std::fs::symlink_metadata(&path) else { continue };
        if meta.is_dir() {
            walk(root, &path, out);
        } else {
            out.insert(path.strip_prefix(root).unwrap_or(&path).display().to_string(), Stat::from(&meta));
        }
    }
}

/// Takes the tree away: removed, or kept under another name when someone edited it.
pub(crate) fn clear(dir: &Path, lib: &str) -> Outcome<()> {
    let origin = dir.join("origin");
    if !origin.exists() {
        return Ok(());
    }
    if edited(dir) {
        let free =
            (1..).map(|n| dir.join(format!("origin.edited{}", if n == 1 { String::new() } else { format!("-{n}") }))).find(|p| !p.exists());
        let free = free.unwrap_or_else(|| dir.join("origin.edited"));
        std::fs::rename(&origin, &free).map_err(at(&origin))?;
        eprintln!("{lib}: your changed sources are kept in {}", free.display());
        return Ok(());
    }
    std::fs::remove_dir_all(&origin).map_err(at(&origin))
}
