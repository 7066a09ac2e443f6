//! Compiles of a library that is linked as an archive only the members that the image can need: a C library has 1300, a small program takes 80.
//!
//! A linker takes a member out of an archive when something that it already took wants a symbol that the member is the first to define. So
//! the members that it can take are found from what the compiled objects want and what each member defines: the latter from the object
//! where there is one, else from the library's table ([`crate::members`]), of which only records count that were made of the same contents. For each
//! symbol wanted all members that define it are compiled, not only the first: the archive then has everything that the linker would have
//! taken of the whole one, in the same order, and the image is the same byte for byte.

mod table;

use crate::error::{Result, io};
use crate::exec::{Counts, Executor};
use crate::hash::{self, Id};
use crate::members::{Record, Table};
use crate::stat::Stat;
use crate::steps::member_list;
use crate::symbols::{self, Symbols};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;
pub(crate) use table::record;

/// An archive whose members are chosen.
struct Archive {
    /// The step that makes it.
    step: usize,
    /// Steps of its members, and what the table says of them (nothing: it is compiled in any case).
    members: Vec<(usize, Option<Record>)>,
    /// What goes in besides.
    others: Vec<String>,
    table: String,
    name: String,
}

/// What was chosen last, and the files that this depended on.
#[derive(Default, Serialize, Deserialize)]
struct Memo {
    /// How members are compiled and the image linked.
    #[serde(with = "crate::hash::as_hex")]
    key: Id,
    chosen: BTreeSet<String>,
    stats: Vec<(String, Stat)>,
}

/// The choice of members for one build.
pub(crate) struct Lazy {
    archives: Vec<Archive>,
    /// Steps that come after an archive.
    behind: Vec<bool>,
    memo: PathBuf,
    /// Members whose compilation is wanted, by step.
    chosen: BTreeSet<usize>,
    /// What objects and archives have, by path.
    known: HashMap<String, Rc<Vec<Symbols>>>,
    /// Files whose contents the choice depends on.
    pub looked_at: Vec<String>,
}

/// One file that may come out of an archive.
struct Candidate {
    /// The member's step, if it is one of ours.
    step: Option<usize>,
    /// Nothing while it is not compiled.
    symbols: Option<Symbols>,
}

/// Members of all archives, and who defines what.
#[derive(Default)]
struct Pool {
    all: Vec<Candidate>,
    definers: HashMap<String, Vec<usize>>,
}

impl Pool {
    fn add<'a>(&mut self, step: Option<usize>, symbols: Option<Symbols>, defines: impl IntoIterator<Item = &'a String>) {
        for symbol in defines {
            self.definers.entry(symbol.clone()).or_default().push(self.all.len());
        }
        self.all.push(Candidate { step, symbols });
    }
}

impl Lazy {
    /// `None` when this build compiles everything: no library has a table, or the link takes symbols from where nobody can look.
    pub(crate) fn new(e: &Executor<'_>) -> Option<Lazy> {
        // Such words may name files, or let the compiler bring in calls of its own at the link.
        let plain = |w: &str| w.starts_with('-') && !["-l", "-L", "-flto", "-T", "-Xlinker"].iter().any(|p| w.starts_with(p));
        if e.options.all_members || !e.plan.link_flags.split_whitespace().all(plain) {
            return None;
        }
        let steps: HashMap<&str, usize> = e.steps.iter().enumerate().map(|(i, s)| (s.out.as_str(), i)).collect();
        let mut archives = Vec::new();
        for library in e.plan.libraries.iter().filter(|l| l.archive && !l.members.is_empty() && Path::new(&l.members).is_file()) {
            let objects: Vec<usize> =
                library.objects.iter().filter(|o| o.lang.is_object()).filter_map(|o| steps.get(o.out.as_str()).copied()).collect();
            archives.push(Archive {
                step: *steps.get(format!("{}/{}.a", e.options.out.display(), library.name).as_str())?,
                members: objects.into_iter().map(|s| (s, None)).collect(),
                others: library.prebuilt.clone(),
                table: library.members.clone(),
                name: library.name.clone(),
            });
        }
        if archives.is_empty() || e.steps.iter().any(|s| s.commands.iter().any(|c| c.contains(" -flto"))) {
            return None;
        }
        let mut behind = vec![false; e.steps.len()];
        archives.iter().for_each(|a| behind[a.step] = true);
        let mut grown = true;
        while grown {
            grown = false;
            for (i, step) in e.steps.iter().enumerate() {
                if !behind[i] && step.after.iter().any(|a| behind[*a]) {
                    behind[i] = true;
                    grown = true;
                }
            }
        }
        let memo = e.places.own.join("members.json");
        Some(Lazy { archives, behind, memo, chosen: BTreeSet::new(), known: HashMap::new(), looked_at: Vec::new() })
    }

    /// Runs everything. `Counts` is of all that was done.
    pub(crate) fn run(&mut self, e: &mut Executor<'_>) -> Result<Counts> {
        let mut counts = Counts::default();
        let memo = self.remembered(e);
        if let Some(chosen) = memo {
            self.chosen = chosen;
            counts += e.run(&self.wanted(false))?;
            if counts == Counts::default() {
                let chosen = self.chosen.clone();
                self.fill(e, &chosen);
                counts += e.run(&self.wanted(true))?;
                return Ok(counts);
            }
        }
        self.read_tables(e);
        let mut needed;
        loop {
            counts += e.run(&self.wanted(false))?;
            self.check_tables(e);
            needed = self.needed(e);
            let before = self.chosen.len();
            self.chosen.extend(&needed);
            if self.chosen.len() == before {
                break;
            }
        }
        // What was compiled for nothing does not go in: the same sources give the same archive.
        self.fill(e, &needed);
        self.chosen = needed;
        self.remember(e)?;
        counts += e.run(&self.wanted(true))?;
        Ok(counts)
    }

    /// Which steps to run: what is before the archives, or everything.
    fn wanted(&self, last: bool) -> Vec<bool> {
        let mut wanted: Vec<bool> = self.behind.iter().map(|behind| last || !behind).collect();
        for (step, _) in self.archives.iter().flat_map(|a| &a.members) {
            wanted[*step] = self.chosen.contains(step);
        }
        wanted
    }

    /// The archives' steps take these members.
    fn fill(&self, e: &mut Executor<'_>, chosen: &BTreeSet<usize>) {
        for archive in &self.archives {
            let members: Vec<usize> = archive.members.iter().map(|(s, _)| *s).filter(|s| chosen.contains(s)).collect();
            let mut inputs: Vec<String> = members.iter().map(|s| e.steps[*s].out.clone()).collect();
            inputs.extend(archive.others.iter().cloned());
            let mut after: Vec<usize> = e.steps[archive.step].after.clone();
            let all: HashSet<usize> = archive.members.iter().map(|(s, _)| *s).collect();
            after.retain(|a| !all.contains(a) || chosen.contains(a));
            let step = &mut e.steps[archive.step];
            if let Some((_, list)) = &mut step.response {
                *list = member_list(&inputs);
            }
            step.inputs = inputs;
            step.after = after;
        }
    }

    /// Finds the records that hold; members without one are chosen, and those that every program needs.
    fn read_tables(&mut self, e: &Executor<'_>) {
        self.looked_at.clear();
        let mut sums: HashMap<BTreeSet<String>, Option<u128>> = HashMap::new();
        for archive in &mut self.archives {
            self.looked_at.push(archive.table.clone());
            let text = std::fs::read_to_string(&archive.table).unwrap_or_default();
            let table = Table::parse(&text);
            for (index, record) in &mut archive.members {
                *record = table::valid(e, &table, &e.steps[*index], &mut sums).cloned();
                match record {
                    Some(record) if !record.start => {}
                    _ => {
                        self.chosen.insert(*index);
                    }
                }
                self.looked_at.extend(e.steps[*index].inputs.iter().cloned());
            }
        }
        for headers in sums.into_keys() {
            self.looked_at.extend(headers.iter().map(|h| e.files.names.local(h)));
        }
        self.looked_at.sort_unstable();
        self.looked_at.dedup();
    }

    /// A compiled member that is not as its record says: nothing in that table is believed.
    fn check_tables(&mut self, e: &Executor<'_>) {
        for i in 0..self.archives.len() {
            let members: Vec<(usize, Record)> = self.archives[i]
                .members
                .iter()
                .filter_map(|(s, r)| Some((*s, r.clone()?)))
                .filter(|(s, _)| self.chosen.contains(s))
                .collect();
            let wrong = members.into_iter().find(|(step, record)| {
                self.symbols(&e.steps[*step].out).is_none_or(|s| s.first().is_none_or(|s| s.defines != record.defines))
            });
            if let Some((step, _)) = wrong {
                let archive = &mut self.archives[i];
                let (name, label) = (&archive.name, &e.steps[step].label);
                e.progress.say(&format!("{name}: {label} does not define what {} says; all members are compiled", archive.table));
                for (step, record) in &mut archive.members {
                    *record = None;
                    self.chosen.insert(*step);
                }
            }
        }
    }

    /// The members that the link can take.
    fn needed(&mut self, e: &Executor<'_>) -> BTreeSet<usize> {
        let mut wants = words_of_the_link(e);
        let mut defined: HashSet<String> = HashSet::new();
        let mut pool = Pool::default();
        for input in link_inputs(e) {
            let Some(symbols) = self.symbols(&input) else {
                // Nobody knows what it wants.
                return self.archives.iter().flat_map(|a| &a.members).map(|(s, _)| *s).collect();
            };
            if input.ends_with(".a") {
                symbols.iter().for_each(|s| pool.add(None, Some(s.clone()), &s.defines));
                continue;
            }
            for s in symbols.iter() {
                wants.extend(s.wants.iter().cloned());
                defined.extend(s.defines.difference(&s.common).cloned());
            }
        }
        let mut needed = BTreeSet::new();
        for i in 0..self.archives.len() {
            for m in 0..self.archives[i].members.len() {
                let (step, record) = self.archives[i].members[m].clone();
                let compiled = self.chosen.contains(&step).then(|| self.symbols(&e.steps[step].out)).flatten();
                match (compiled.and_then(|s| s.first().cloned()), record) {
                    (Some(symbols), _) => pool.add(Some(step), Some(symbols.clone()), &symbols.defines),
                    (None, Some(record)) => pool.add(Some(step), None, &record.defines),
                    // Nobody knows what it has.
                    (None, None) => {
                        needed.insert(step);
                    }
                }
            }
            for other in self.archives[i].others.clone() {
                let found = self.symbols(&other);
                found.iter().flat_map(|s| s.iter()).for_each(|s| pool.add(None, Some(s.clone()), &s.defines));
            }
        }
        needed.extend(closure(&pool, wants, &defined));
        let unresolved = self.mentioned(e, &pool, &needed, &defined);
        needed.extend(unresolved);
        needed
    }

    /// Uncompiled members whose source names a symbol that nobody defines: the table may be wrong about them.
    fn mentioned(&mut self, e: &Executor<'_>, pool: &Pool, needed: &BTreeSet<usize>, defined: &HashSet<String>) -> Vec<usize> {
        let taken = pool.all.iter().filter(|c| c.step.is_none_or(|s| needed.contains(&s))).filter_map(|c| c.symbols.as_ref());
        let mut open: HashSet<String> = taken.flat_map(|s| &s.wants).cloned().collect();
        for input in link_inputs(e).iter().filter(|i| !i.ends_with(".a")) {
            open.extend(self.symbols(input).iter().flat_map(|s| s.iter()).flat_map(|s| s.wants.iter().cloned()));
        }
        let script = words_of_the_link(e);
        open.retain(|s| !pool.definers.contains_key(s) && !defined.contains(s) && !script.contains(s));
        if open.is_empty() {
            return Vec::new();
        }
        let rest =
            self.archives.iter().flat_map(|a| &a.members).map(|(s, _)| *s).filter(|s| !self.chosen.contains(s) && !needed.contains(s));
        rest.filter(|s| {
            let text = e.steps[*s].source.as_ref().and_then(|f| std::fs::read(f).ok()).unwrap_or_default();
            words(&String::from_utf8_lossy(&text)).any(|w| open.contains(w))
        })
        .collect()
    }

    /// The symbols of a file that is there.
    fn symbols(&mut self, path: &str) -> Option<Rc<Vec<Symbols>>> {
        if let Some(known) = self.known.get(path) {
            return Some(known.clone());
        }
        let bytes = std::fs::read(path).ok()?;
        let found = if path.ends_with(".a") { symbols::of_archive(&bytes)? } else { vec![symbols::of_object(&bytes)?] };
        let found = Rc::new(found);
        self.known.insert(path.to_string(), found.clone());
        Some(found)
    }

    /// The last choice, if all that it depended on is as it was.
    fn remembered(&self, e: &Executor<'_>) -> Option<BTreeSet<usize>> {
        let memo: Memo = serde_json::from_slice(&std::fs::read(&self.memo).ok()?).ok()?;
        let steps: HashMap<&str, usize> = e.steps.iter().enumerate().map(|(i, s)| (s.out.as_str(), i)).collect();
        let same = memo.key == self.key(e) && memo.stats.iter().all(|(path, stat)| Stat::of(path) == *stat);
        let ours: HashSet<usize> = self.archives.iter().flat_map(|a| &a.members).map(|(s, _)| *s).collect();
        same.then(|| memo.chosen.iter().map(|c| steps.get(c.as_str()).copied().filter(|s| ours.contains(s))).collect())?
    }

    fn key(&self, e: &Executor<'_>) -> Id {
        let members = self.archives.iter().flat_map(|a| &a.members).flat_map(|(s, _)| &e.steps[*s].commands);
        hash::id(members.chain([&e.plan.link_flags, &e.plan.linker_script]).chain(&e.plan.extra_scripts))
    }

    fn remember(&self, e: &Executor<'_>) -> Result<()> {
        let members = self.chosen.iter().map(|s| e.steps[*s].out.clone());
        let scripts = e.plan.extra_scripts.iter().chain([&e.plan.linker_script]).cloned();
        let files = self.looked_at.iter().cloned().chain(link_inputs(e)).chain(members.clone()).chain(scripts);
        let paths: BTreeSet<String> = files.collect();
        let stats = paths.into_iter().map(|p| (p.clone(), Stat::of(&p))).collect();
        let memo = Memo { key: self.key(e), chosen: members.collect(), stats };
        let text = serde_json::to_vec(&memo).unwrap_or_default();
        std::fs::write(&self.memo, text).map_err(io(&self.memo))
    }
}

/// Which of the members something wants, through however many others.
fn closure(pool: &Pool, wants: BTreeSet<String>, defined: &HashSet<String>) -> Vec<usize> {
    let mut taken = vec![false; pool.all.len()];
    let mut seen: HashSet<String> = HashSet::new();
    let mut open: Vec<String> = wants.into_iter().collect();
    let mut needed = Vec::new();
    while let Some(symbol) = open.pop() {
        if defined.contains(&symbol) || !seen.insert(symbol.clone()) {
            continue;
        }
        for index in pool.definers.get(&symbol).into_iter().flatten() {
            if std::mem::replace(&mut taken[*index], true) {
                continue;
            }
            let candidate = &pool.all[*index];
            needed.extend(candidate.step);
            open.extend(candidate.symbols.iter().flat_map(|s| s.wants.iter().cloned()));
        }
    }
    needed
}

/// Objects and archives of the final link but for the archives that are chosen from, and the compiler's own library.
fn link_inputs(e: &Executor<'_>) -> Vec<String> {
    let lazy: HashSet<String> = e.plan.libraries.iter().filter(|l| l.archive && !l.members.is_empty()).map(|l| l.name.clone()).collect();
    let ours = |path: &str| path.rsplit('/').next().and_then(|n| n.strip_suffix(".a")).is_some_and(|n| lazy.contains(n));
    let image = format!("{}.dbg", e.image);
    let link = e.steps.iter().find(|s| s.out == image);
    let only_waited_for =
        |i: &&String| e.plan.link_deps.contains(i) && !e.plan.link_objects.contains(i) && !e.plan.link_archives.contains(i);
    let inputs = link.iter().flat_map(|s| &s.inputs).filter(|i| (i.ends_with(".o") || i.ends_with(".a")) && !ours(i));
    let mut all: Vec<String> = inputs.filter(|i| !only_waited_for(i)).cloned().collect();
    all.extend(e.compiler_library());
    all
}

/// Everything that the link's options and scripts name: any of it may be a symbol.
fn words_of_the_link(e: &Executor<'_>) -> BTreeSet<String> {
    let scripts = e.plan.extra_scripts.iter().chain([&e.plan.linker_script]);
    let texts = scripts.filter_map(|s| std::fs::read_to_string(s).ok());
    texts.chain([e.plan.link_flags.clone(), "_start".into()]).flat_map(|t| words(&t).map(str::to_string).collect::<Vec<_>>()).collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || "_$.".contains(c))).filter(|w| !w.is_empty())
}
