//! Runs the steps that are out of date: in parallel, in order of their dependencies, from the cache where that has the result.

use crate::error::{Error, Result, io};
use crate::files::Files;
use crate::hash::{self, Id};
use crate::objcache::ObjectCache;
use crate::options::BuildOptions;
use crate::places::Places;
use crate::plan::Plan;
use crate::progress::Progress;
use crate::stat::Stat;
use crate::state::State;
use crate::steps::{Kind, Step};
use crate::{depfile, kernel, make, require, rootfs, words};
use std::collections::HashMap;
use std::path::Path;
use std::process::Command;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub compiled: usize,
    pub cached: usize,
    pub commands: usize,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, more: Counts) {
        self.compiled += more.compiled;
        self.cached += more.cached;
        self.commands += more.commands;
    }
}

/// Everything a step needs.
pub(crate) struct Executor<'a> {
    pub options: &'a BuildOptions,
    pub places: &'a Places,
    pub plan: &'a Plan,
    pub steps: Vec<Step>,
    pub state: &'a State,
    pub files: &'a Files,
    pub objects: Option<&'a ObjectCache>,
    pub cache: &'a Path,
    pub progress: &'a Progress,
    pub jobs: usize,
    pub tools: Tools,
    /// The finished image.
    pub image: String,
}

/// The identity of programs by their files: a new compiler makes new objects.
#[derive(Default)]
pub(crate) struct Tools(Mutex<HashMap<String, Id>>);

impl Tools {
    fn id(&self, program: &str) -> Id {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *known.entry(program.to_string()).or_insert_with(|| {
            let path = require::find(program).and_then(|p| std::fs::canonicalize(p).ok()).unwrap_or_default();
            let Stat(mtime, size, _) = Stat::of(&path);
            hash::id([path.display().to_string(), mtime.to_string(), size.to_string()])
        })
    }
}

struct Queue {
    ready: Vec<usize>,
    waiting: Vec<usize>,
    running: usize,
    failed: Option<Error>,
    failures: usize,
    counts: Counts,
}

/// How a step ended.
enum Ended {
    UpToDate,
    Cached,
    Ran(usize),
}

impl Executor<'_> {
    /// Does what is to be done of the wanted steps.
    pub(crate) fn run(&self, wanted: &[bool]) -> Result<Counts> {
        let keys: Vec<Id> = self.steps.iter().zip(wanted).map(|(s, w)| if *w { self.key(s) } else { 0 }).collect();
        let mut dirty = vec![false; self.steps.len()];
        for (i, step) in self.steps.iter().enumerate().filter(|(i, _)| wanted[*i]) {
            dirty[i] = step.after.iter().any(|a| dirty[*a]) || self.state.check(&step.out, keys[i], self.files).is_err();
        }
        let total = dirty.iter().filter(|d| **d).count();
        if total == 0 {
            return Ok(Counts::default());
        }
        self.progress.total(total);
        let mut followers: Vec<Vec<usize>> = vec![Vec::new(); self.steps.len()];
        let mut waiting = vec![0; self.steps.len()];
        for (i, step) in self.steps.iter().enumerate().filter(|(i, _)| dirty[*i]) {
            for a in step.after.iter().filter(|a| dirty[**a]) {
                followers[*a].push(i);
                waiting[i] += 1;
            }
        }
        let ready = (0..self.steps.len()).rev().filter(|i| dirty[*i] && waiting[*i] == 0).collect();
        let queue = Mutex::new(Queue { ready, waiting, running: 0, failed: None, failures: 0, counts: Counts::default() });
        let change = Condvar::new();
        std::thread::scope(|scope| {
            for _ in 0..self.jobs.min(total) {
                scope.spawn(|| self.work(&queue, &change, &keys, &followers));
            }
        });
        self.progress.end();
        let queue = queue.into_inner().unwrap_or_else(PoisonError::into_inner);
        match queue.failed {
            Some(Error::Failed(why)) if queue.failures > 1 => Err(Error::Failed(format!("{why}\n(and {} more)", queue.failures - 1))),
            Some(error) => Err(error),
            None => Ok(queue.counts),
        }
    }

    fn work(&self, queue: &Mutex<Queue>, change: &Condvar, keys: &[Id], followers: &[Vec<usize>]) {
        let mut q = queue.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let stopped = q.failed.is_some() && !self.options.keep_going || matches!(q.failed, Some(Error::Interrupted));
            if stopped || (q.ready.is_empty() && q.running == 0) {
                change.notify_all();
                return;
            }
            let Some(i) = q.ready.pop() else {
                q = change.wait(q).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            q.running += 1;
            drop(q);
            let ended = self.step(&self.steps[i], keys[i]);
            self.progress.finished();
            q = queue.lock().unwrap_or_else(PoisonError::into_inner);
            q.running -= 1;
            match ended {
                Ok(how) => {
                    match how {
                        Ended::UpToDate => {}
                        Ended::Cached => q.counts.cached += 1,
                        Ended::Ran(commands) => {
                            q.counts.commands += commands;
                            q.counts.compiled += usize::from(self.steps[i].source.is_some());
                        }
                    }
                    for f in &followers[i] {
                        q.waiting[*f] -= 1;
                        if q.waiting[*f] == 0 {
                            q.ready.push(*f);
                        }
                    }
                }
                Err(error) => {
                    q.failures += 1;
                    q.failed.get_or_insert(error);
                }
            }
            change.notify_all();
        }
    }

    /// What the step is made by: commands, programs, response file.
    fn key(&self, step: &Step) -> Id {
        let mut parts: Vec<String> = vec![format!("{:?}", step.kind)];
        let names = &self.files.names;
        for command in &step.commands {
            let program = command.split_whitespace().next().unwrap_or_default();
            parts.push(self.tools.id(program).to_string());
            parts.push(names.shared_command(command));
        }
        // What the compiler starts comes from other packages.
        match step.verb {
            "LD" => parts.push(self.tools.id("ld").to_string()),
            _ if step.shared => parts.push(self.tools.id("as").to_string()),
            _ => {}
        }
        parts.extend(step.programs.iter().map(|p| self.tools.id(p).to_string()));
        if let Some((_, text)) = &step.response {
            parts.push(names.shared_command(text));
        }
        match step.kind {
            Kind::Commands => {}
            Kind::Cargo => parts.push(names.shared_command(&kernel::key(self))),
            Kind::Rootfs => parts.push(rootfs::listing(Path::new(&self.plan.rootfs))),
        }
        hash::id(parts)
    }

    fn step(&self, step: &Step, key: Id) -> Result<Ended> {
        match self.state.check(&step.out, key, self.files) {
            Ok(()) => return Ok(Ended::UpToDate),
            Err(why) => self.progress.why(&step.label, &why),
        }
        let out = Path::new(&step.out);
        if let Some(dir) = out.parent() {
            std::fs::create_dir_all(dir).map_err(io(dir))?;
        }
        if let Some((path, text)) = &step.response {
            std::fs::write(path, text).map_err(io(path.as_str()))?;
        }
        let shared = self.objects.filter(|_| step.shared).and_then(|o| Some((o, self.shared_key(step, key)?)));
        if let Some((objects, shared)) = &shared
            && let Some(hit) = objects.get(*shared, self.files, out)
        {
            self.progress.step(step.verb, &step.label, &step.commands, " (cached)");
            self.progress.say(&hit.warnings);
            self.files.forget(&step.out);
            self.state.add(self.places, &step.out, key, hit.deps, hit.sum)?;
            return Ok(Ended::Cached);
        }
        self.progress.step(step.verb, &step.label, &step.commands, "");
        let started = SystemTime::now();
        let (deps, said, count) = match step.kind {
            Kind::Commands => {
                let said = self.commands(step)?;
                (self.read(step), said, step.commands.len())
            }
            Kind::Cargo => (kernel::build(self, out)?, String::new(), 1),
            Kind::Rootfs => {
                rootfs::write(Path::new(&self.plan.rootfs), out)?;
                (Vec::new(), String::new(), 0)
            }
        };
        self.progress.say(&said);
        self.files.forget(&step.out);
        self.remember(step, key, deps, started, shared, &said)?;
        Ok(Ended::Ran(count))
    }

    /// Files that the step read: what was named, and what the compiler tells.
    fn read(&self, step: &Step) -> Vec<String> {
        let mut deps = step.inputs.clone();
        if let Some(path) = &step.depfile {
            let text = std::fs::read_to_string(path).unwrap_or_default();
            let _ = std::fs::remove_file(path);
            let absolute = |d: String| if d.starts_with('/') { d } else { self.options.app.join(d).display().to_string() };
            deps.extend(depfile::parse(&text).into_iter().map(absolute));
        }
        let mut seen = std::collections::HashSet::new();
        deps.retain(|d| seen.insert(d.clone()));
        deps
    }

    fn remember(
        &self,
        step: &Step,
        key: Id,
        deps: Vec<String>,
        started: SystemTime,
        shared: Option<(&ObjectCache, Id)>,
        said: &str,
    ) -> Result<()> {
        let started = started.duration_since(UNIX_EPOCH).ok().and_then(|d| i64::try_from(d.as_nanos()).ok()).unwrap_or_default();
        let seen: Vec<_> = deps.iter().map(|d| self.files.see(d)).collect();
        // Written while the compiler ran: nobody knows what it read. The object is used, and made again next time.
        // Cargo.lock is cargo's own to write.
        let own = |dep: &String| step.kind == Kind::Cargo && dep.ends_with("/Cargo.lock");
        let sure = deps.iter().zip(&seen).all(|(dep, s)| s.is_some_and(|s| s.stat.mtime() <= started || own(dep)));
        let sum = seen.iter().flatten().fold(0_u128, |sum, s| sum.wrapping_add(s.mix));
        let sum = if sure { sum } else { sum.wrapping_add(1) };
        if let Some((objects, shared)) = shared
            && sure
            && !seen.iter().flatten().any(|s| s.volatile)
        {
            // Failing to keep it costs time later, nothing else.
            let _ = objects.put(shared, self.files, Path::new(&step.out), &deps, sum, said);
        }
        self.state.add(self.places, &step.out, key, deps, sum)
    }

    /// The name of the list of results in the shared cache: as `key`, with the contents named on the command line, and which headers are
    /// in the project's own include directories (one more could be found before another).
    fn shared_key(&self, step: &Step, key: Id) -> Option<Id> {
        let mut parts = vec![hash::id_hex(key)];
        for input in &step.inputs {
            parts.push(hash::id_hex(self.files.see(input)?.hash));
        }
        parts.extend(self.include_dirs(step).into_iter().map(|d| self.files.headers_below(d)));
        Some(hash::id(parts))
    }

    /// Include directories of a source that belong to the project: headers may appear in them.
    pub(crate) fn include_dirs<'s>(&self, step: &'s Step) -> Vec<&'s str> {
        if step.source.is_none() {
            return Vec::new();
        }
        let words = step.commands.iter().flat_map(|c| c.split_whitespace());
        let dirs = words.filter_map(|word| ["-I", "-isystem", "-iquote"].iter().find_map(|p| word.strip_prefix(p)));
        dirs.filter(|d| d.starts_with('/') && self.files.names.shared(d).starts_with('%')).collect()
    }

    /// The archive that every link names at its end, unless the plan names it already.
    pub(crate) fn compiler_library(&self) -> Option<String> {
        if self.plan.link_archives.iter().any(|a| a.ends_with("/libgcc.a")) {
            return None;
        }
        let linker = self.plan.tools.get("LD").map_or("gcc", String::as_str);
        let output = self.command(&format!("{linker} -print-libgcc-file-name")).ok()?.output().ok()?;
        let path = String::from_utf8(output.stdout).ok()?.trim().to_string();
        Path::new(&path).is_file().then_some(path)
    }

    /// Runs the commands one after the other; what they said.
    fn commands(&self, step: &Step) -> Result<String> {
        let mut said = String::new();
        let _ = std::fs::remove_file(&step.out);
        for line in &step.commands {
            let output = self.command(line)?.output().map_err(io(line.split(' ').next().unwrap_or_default()))?;
            said.push_str(&String::from_utf8_lossy(&output.stdout));
            said.push_str(&String::from_utf8_lossy(&output.stderr));
            if !output.status.success() {
                let _ = std::fs::remove_file(&step.out);
                return Err(self.failure(step, line, &said, output.status));
            }
        }
        Ok(said)
    }

    fn command(&self, line: &str) -> Result<Command> {
        let words = words::split(line);
        let program = words.as_ref().and_then(|w| w.first().cloned());
        let first = program.or_else(|| line.split_whitespace().next().map(str::to_string)).unwrap_or_default();
        let behind_pipes = line.split(" | ").skip(1).filter_map(|part| part.split_whitespace().next());
        for needed in std::iter::once(first.as_str()).chain(behind_pipes) {
            if require::find(needed).is_none()
                && let Some(missing) = require::sometimes(needed)
            {
                return Err(Error::Requirements(vec![missing]));
            }
        }
        let mut command = match words {
            Some(words) => {
                let mut command = make::clean_command(&words[0]);
                command.args(&words[1..]);
                command
            }
            None => {
                let mut command = make::clean_command("sh");
                command.args(["-c", line]);
                command
            }
        };
        command.current_dir(&self.options.app);
        Ok(command)
    }

    fn failure(&self, step: &Step, line: &str, said: &str, status: std::process::ExitStatus) -> Error {
        use std::os::unix::process::ExitStatusExt;
        if matches!(status.signal(), Some(2 | 15)) {
            return Error::Interrupted;
        }
        let how = match status.signal() {
            Some(signal) => format!("was killed by signal {signal}"),
            None => format!("failed with status {}", status.code().unwrap_or_default()),
        };
        let from = step.made_for.and_then(|l| self.plan.libraries.get(l)).map(|l| format!(" of {} ({})", l.name, l.makefile));
        let from = from.unwrap_or_default();
        self.progress
            .say(&format!("{said}{}the command was:\n  {line}\n", if said.is_empty() || said.ends_with('\n') { "" } else { "\n" }));
        Error::Failed(format!("{} {}{from} {how}", step.verb, step.label))
    }
}
