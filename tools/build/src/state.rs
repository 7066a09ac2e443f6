//! What is remembered between runs: for each file made, the command and the inputs it was made from. A journal is appended to as steps
//! finish, so that an interrupted build goes on where it stopped; a build that ends well writes it all as one file.

use crate::error::{Result, io};
use crate::files::{Files, Known};
use crate::hash::{self, Id};
use crate::places::Places;
use crate::stat::Stat;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::Write;
use std::sync::{Mutex, PoisonError};

/// Raised when what is remembered means something else.
const VERSION: u32 = 1;

/// How a file was made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Record {
    /// Command and programs.
    #[serde(rename = "k", with = "hash::as_hex")]
    pub key: Id,
    /// Inputs, as numbers into the table of paths.
    #[serde(rename = "d")]
    pub deps: Vec<u32>,
    /// What stood for them.
    #[serde(rename = "s", with = "hash::as_hex")]
    pub sum: Id,
    /// The file made, then the others made with it.
    #[serde(rename = "t")]
    pub stat: Stat,
}

#[derive(Serialize, Deserialize)]
struct Line {
    out: String,
    key: String,
    deps: Vec<String>,
    sum: String,
    stat: Stat,
}

#[derive(Default, Serialize, Deserialize)]
struct Saved {
    version: u32,
    paths: Vec<String>,
    files: Vec<Known>,
    records: HashMap<String, Record>,
}

#[derive(Default)]
struct Inner {
    paths: Vec<String>,
    numbers: HashMap<String, u32>,
    records: HashMap<String, Record>,
    journal: Option<File>,
    changed: bool,
}

impl Inner {
    fn number(&mut self, path: &str) -> u32 {
        if let Some(n) = self.numbers.get(path) {
            return *n;
        }
        let n = u32::try_from(self.paths.len()).unwrap_or(u32::MAX);
        self.paths.push(path.to_string());
        self.numbers.insert(path.to_string(), n);
        n
    }

    fn add(&mut self, line: &Line) -> Option<()> {
        let record = Record {
            key: hash::parse_id(&line.key)?,
            deps: line.deps.iter().map(|d| self.number(d)).collect(),
            sum: hash::parse_id(&line.sum)?,
            stat: line.stat,
        };
        self.records.insert(line.out.clone(), record);
        Some(())
    }
}

/// All records; any thread may ask and add.
pub(crate) struct State {
    inner: Mutex<Inner>,
}

impl State {
    /// Reads state and journal. What cannot be read is forgotten: everything is checked or built again.
    pub(crate) fn load(places: &Places) -> (State, Vec<Known>) {
        let saved: Saved = std::fs::read(&places.state).ok().and_then(|b| serde_json::from_slice(&b).ok()).unwrap_or_default();
        let mut inner = Inner::default();
        let mut known = Vec::new();
        if saved.version == VERSION {
            let limit = saved.paths.len();
            saved.paths.iter().for_each(|p| {
                inner.number(p);
            });
            let whole = |r: &Record| r.deps.iter().all(|d| usize::try_from(*d).is_ok_and(|d| d < limit));
            inner.records = saved.records.into_iter().filter(|(_, r)| whole(r)).collect();
            known = saved.files;
        }
        let journal = std::fs::read_to_string(&places.journal).unwrap_or_default();
        for line in journal.lines() {
            // The last line may be half of one.
            let Ok(line) = serde_json::from_str::<Line>(line) else { continue };
            inner.changed |= inner.add(&line).is_some();
        }
        (State { inner: Mutex::new(inner) }, known)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the file is what this command makes of its inputs as they are now; else why not.
    pub(crate) fn check(&self, out: &str, key: Id, files: &Files) -> std::result::Result<(), String> {
        let (record, deps) = {
            let inner = self.lock();
            let Some(record) = inner.records.get(out) else { return Err("it was never made".into()) };
            let deps: Vec<String> = record.deps.iter().filter_map(|d| inner.paths.get(usize::try_from(*d).ok()?).cloned()).collect();
            (record.clone(), deps)
        };
        if record.key != key {
            return Err("its command or a program changed".into());
        }
        if record.stat != Stat::of(out) {
            return Err("it is missing or was changed".into());
        }
        let mut sum = 0_u128;
        for dep in &deps {
            let Some(seen) = files.see(dep) else { return Err(format!("{dep} is gone")) };
            sum = sum.wrapping_add(seen.mix);
        }
        if sum != record.sum { Err("an input or an option that it reads changed".into()) } else { Ok(()) }
    }

    /// The files that this one was made from, if it was.
    pub(crate) fn deps(&self, out: &str) -> Option<Vec<String>> {
        let inner = self.lock();
        let record = inner.records.get(out)?;
        record.deps.iter().map(|d| inner.paths.get(usize::try_from(*d).ok()?).cloned()).collect()
    }

    /// Remembers how a file was made.
    pub(crate) fn add(&self, places: &Places, out: &str, key: Id, deps: Vec<String>, sum: Id) -> Result<()> {
        let line = Line { out: out.to_string(), key: hash::id_hex(key), deps, sum: hash::id_hex(sum), stat: Stat::of(out) };
        let mut text = serde_json::to_string(&line).unwrap_or_default();
        text.push('\n');
        let mut inner = self.lock();
        if inner.journal.is_none() {
            let file = File::options().create(true).append(true).open(&places.journal).map_err(io(&places.journal))?;
            inner.journal = Some(file);
        }
        if let Some(journal) = &mut inner.journal {
            journal.write_all(text.as_bytes()).map_err(io(&places.journal))?;
        }
        inner.changed = true;
        inner.add(&line);
        Ok(())
    }

    /// Writes everything as one file, without what the plan does not make any more; with what is known of the files in `also`.
    pub(crate) fn save(&self, places: &Places, files: &Files, wanted: &BTreeSet<&str>, also: &[String]) -> Result<()> {
        let mut inner = self.lock();
        if !inner.changed {
            return Ok(());
        }
        let mut fresh = Inner::default();
        let old = std::mem::take(&mut inner.records);
        for (out, mut record) in old.into_iter().filter(|(out, _)| wanted.contains(out.as_str())) {
            let paths: Vec<&String> = record.deps.iter().filter_map(|d| inner.paths.get(usize::try_from(*d).ok()?)).collect();
            record.deps = paths.into_iter().map(|p| fresh.number(p)).collect();
            fresh.records.insert(out, record);
        }
        let more = also.iter().filter(|p| !fresh.numbers.contains_key(*p));
        let known = files.known(fresh.paths.iter().chain(more).map(String::as_str));
        let saved = Saved { version: VERSION, paths: fresh.paths.clone(), files: known, records: fresh.records };
        let text = serde_json::to_vec(&saved).unwrap_or_default();
        let temporary = places.state.with_extension("new");
        std::fs::write(&temporary, text).map_err(io(&temporary))?;
        std::fs::rename(&temporary, &places.state).map_err(io(&places.state))?;
        let _ = std::fs::remove_file(&places.journal);
        *inner = Inner { paths: saved.paths, numbers: fresh.numbers, records: saved.records, journal: None, changed: false };
        Ok(())
    }
}
