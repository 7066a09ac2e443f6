//! Collects entries: a path is taken with every directory and symbolic link on the way.

use std::collections::{BTreeMap, HashSet};

use crate::host::{Host, Stat};
use crate::paths;
use crate::plan::{Entry, Meta, Reason, What};

/// Caps of one recursive addition.
#[derive(Clone, Copy)]
pub struct Budget {
    /// Files still allowed.
    pub files: usize,
    /// Bytes still allowed.
    pub bytes: u64,
    /// Take what symbolic links point to, wherever it is.
    pub follow: bool,
}

/// The entries so far.
pub struct Collector<'h> {
    pub host: &'h Host,
    pub entries: BTreeMap<Vec<u8>, Entry>,
    /// Paths whose change makes a cached plan stale, as they were; nothing: not there.
    pub guards: BTreeMap<Vec<u8>, Option<Meta>>,
    pub notes: Vec<String>,
    /// Libraries whose own libraries are in.
    pub closed: HashSet<Vec<u8>>,
    /// Directories whose way is in already.
    done: HashSet<Vec<u8>>,
}

impl<'h> Collector<'h> {
    pub fn new(host: &'h Host) -> Collector<'h> {
        Collector {
            host,
            entries: BTreeMap::new(),
            guards: BTreeMap::new(),
            notes: Vec::new(),
            closed: HashSet::new(),
            done: HashSet::new(),
        }
    }

    /// Remembers that the plan depends on this path.
    pub fn guard(&mut self, path: &[u8]) {
        if !self.guards.contains_key(path) {
            let meta = self.host.lstat(path).map(|s| s.meta);
            self.guards.insert(path.to_vec(), meta);
        }
    }

    /// Puts one entry in. What is there stays, but a file of the host replaces one that the tool made.
    fn put(&mut self, path: &[u8], stat: &Stat, reason: &Reason, soft: bool) {
        let Some(what) = &stat.what else { return };
        if let Some(old) = self.entries.get_mut(path) {
            // A directory that gets listed after all counts with its time.
            old.meta.soft &= soft || old.host.is_none();
            if old.host.is_some() {
                return;
            }
        }
        let meta = Meta { soft: soft && *what == What::Dir, ..stat.meta };
        let entry = Entry { guest: path.to_vec(), host: Some(path.to_vec()), what: what.clone(), meta, reason: reason.clone() };
        self.entries.insert(path.to_vec(), entry);
    }

    /// Takes a directory (not what is in it) and the way to it. Returns its canonical path, if it exists.
    pub fn dir(&mut self, path: &[u8], reason: &Reason) -> Option<Vec<u8>> {
        let walk = self.host.walk_dir(path);
        if self.done.insert(path.to_vec()) {
            for (hop, stat) in &walk.hops {
                self.put(hop, stat, reason, true);
            }
        }
        walk.end.as_ref().map(|(p, _)| p.clone())
    }

    /// Takes a path: the way to it, the symbolic links it goes through, and the file or directory at its end (not a directory's
    /// contents). Returns where it really lies and what it is; nothing when it does not exist (links to nowhere are still taken).
    pub fn add(&mut self, path: &[u8], reason: &Reason) -> Option<(Vec<u8>, Stat)> {
        let path = paths::tidy(path);
        if path == b"/" {
            return self.dir(&path, reason).zip(self.host.lstat(b"/"));
        }
        let dir = self.dir(paths::parent(&path), reason)?;
        let name = paths::name(&path);
        if name == b".." {
            let up = self.dir(&path, reason)?;
            return self.host.lstat(&up).map(|s| (up, s));
        }
        let full = paths::join(&dir, name);
        let stat = self.host.lstat(&full)?;
        if matches!(stat.what, Some(What::Symlink(_))) {
            let walk = self.host.walk(&full);
            for (hop, stat) in &walk.hops {
                self.put(hop, stat, reason, true);
            }
            let (end, stat) = walk.end?;
            self.put(&end, &stat, reason, true);
            return Some((end, stat));
        }
        self.put(&full, &stat, reason, true);
        Some((full, stat))
    }

    /// Takes a directory with everything below, until the budget is spent. `skip` leaves out a path (and what is below).
    /// Returns false when something was left out for the budget.
    pub fn add_tree(&mut self, path: &[u8], reason: &Reason, budget: &mut Budget, skip: &dyn Fn(&[u8]) -> bool) -> bool {
        let Some((top, stat)) = self.add(path, reason) else { return true };
        if stat.what != Some(What::Dir) {
            return true;
        }
        let mut queue = vec![top];
        let mut complete = true;
        while let Some(dir) = queue.pop() {
            if let Some(stat) = self.host.lstat(&dir) {
                self.put(&dir, &stat, reason, false);
            }
            let names = match self.host.list(&dir) {
                Ok(names) => names,
                Err(e) => {
                    self.notes.push(format!("{}: left out: {e}", paths::text(&dir)));
                    continue;
                }
            };
            for name in names {
                let full = paths::join(&dir, &name);
                if skip(&full) {
                    continue;
                }
                let Some(stat) = self.host.lstat(&full) else { continue };
                if budget.files == 0 || budget.bytes < stat.meta.size {
                    complete = false;
                    continue;
                }
                budget.files -= 1;
                budget.bytes -= stat.meta.size;
                match stat.what {
                    Some(What::Dir) => queue.push(full),
                    Some(What::Symlink(_)) if budget.follow => {
                        self.add(&full, reason);
                    }
                    _ => self.put(&full, &stat, reason, false),
                }
            }
        }
        complete
    }

    /// Makes a directory of the guest: the host's own if it has it, else a new one that belongs to root.
    pub fn guest_dir(&mut self, path: &[u8], reason: &Reason) -> Vec<u8> {
        let path = paths::tidy(path);
        if let Some(canonical) = self.dir(&path, reason) {
            return canonical;
        }
        if path == b"/" {
            self.generate(b"/", What::Dir, 0o755, reason);
            return path;
        }
        let full = paths::join(&self.guest_dir(paths::parent(&path), reason), paths::name(&path));
        self.generate(&full, What::Dir, 0o755, reason);
        full
    }

    /// A file made by the tool, owned by root, from the epoch; what is there already stays. The directory above must be there.
    pub fn generate(&mut self, path: &[u8], what: What, perm: u16, reason: &Reason) {
        let meta = Meta { perm, ..Meta::default() };
        let entry = Entry { guest: path.to_vec(), host: None, what, meta, reason: reason.clone() };
        self.entries.entry(path.to_vec()).or_insert(entry);
    }
}
