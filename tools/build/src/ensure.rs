//! The evaluated plan, kept between runs: make is started only when a file that it looked at, or would look at, is not as it was.

use crate::Build;
use crate::error::{Error, Result};
use crate::hash;
use crate::make::{Evaluated, Make};
use crate::plan::Plan;
use crate::stat::Stat;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Raised when the plan means something else.
const VERSION: u32 = 2;
/// Directories of one library that are watched because its Makefile.uk looks into them.
const MAX_WATCHED: usize = 50_000;

/// A plan with what it depends on.
#[derive(Serialize, Deserialize)]
struct Kept {
    version: u32,
    key: String,
    /// Every file and directory that make looked at; absent ones as well.
    stats: Vec<(String, Stat)>,
    plan: Plan,
    linker: Option<(String, Vec<String>)>,
}

/// A plan whose sources are there.
pub(crate) struct Ready {
    pub plan: Plan,
    pub linker: Option<(String, Vec<String>)>,
    /// It is not the one of the last run.
    pub fresh: bool,
}

impl Build {
    pub(crate) fn make<'a>(&'a self, cache: &'a Path) -> Make<'a> {
        Make { options: &self.options, places: &self.places, cache, jobs: self.jobs() }
    }

    /// Evaluates the make files; runs nothing.
    pub(crate) fn evaluate(&self) -> Result<(Plan, Evaluated)> {
        let cache = self.cache_dir();
        let evaluated = self.make(&cache).evaluate()?;
        let plan = Plan::new(&evaluated.vars, &self.options.base)?;
        Ok((plan, evaluated))
    }

    /// The plan, with everything fetched, prepared and generated that make is responsible for.
    pub(crate) fn ready(&self) -> Result<Ready> {
        let key = self.plan_key();
        if let Some(kept) = self.kept(&key) {
            return Ok(Ready { plan: kept.plan, linker: kept.linker, fresh: false });
        }
        let cache = self.cache_dir();
        let make = self.make(&cache);
        let (mut plan, mut evaluated) = self.evaluate()?;
        if !plan.to_fetch.is_empty() || !plan.to_prepare.is_empty() {
            make.run(&["uk-prepare"])?;
            // What was unpacked or generated may be what a $(wildcard) looks for.
            (plan, evaluated) = self.evaluate()?;
        }
        let made = |s: &String| evaluated.rules.contains(s) || !Path::new(s).exists();
        if !plan.to_preprocess.is_empty() || plan.sources.iter().any(made) || evaluated.patterns {
            make.run(&["uk-preprocess", "uk-sources"])?;
        }
        let linker = match &plan.kernel {
            Some(_) if evaluated.vars.get("UK_LD") != "bfd" => crate::kernel::rusts_linker(&plan.tools["RUSTC"]),
            _ => None,
        };
        let stats = self.watched(&plan, &evaluated).into_iter().map(|p| (p.clone(), Stat::of(&p))).collect();
        let kept = Kept { version: VERSION, key, stats, plan, linker };
        let text = serde_json::to_vec(&kept).map_err(|e| Error::Plan(e.to_string()))?;
        std::fs::write(&self.places.plan, text).map_err(crate::error::io(&self.places.plan))?;
        Ok(Ready { plan: kept.plan, linker: kept.linker, fresh: true })
    }

    /// The plan of the last run, if nothing that it depends on changed.
    fn kept(&self, key: &str) -> Option<Kept> {
        let kept: Kept = serde_json::from_slice(&std::fs::read(&self.places.plan).ok()?).ok()?;
        let same = kept.version == VERSION && kept.key == key && kept.stats.iter().all(|(path, stat)| Stat::of(path) == *stat);
        // Someone may have removed what make made or unpacked: then make has work again.
        let there = || kept.plan.sources.iter().all(|s| Path::new(s).exists());
        (same && there()).then_some(kept)
    }

    /// After the rules for the finished image: what they made is as it should be; or, if they failed, they are to run again.
    pub(crate) fn refresh(&self, done: bool) -> Result<()> {
        let path = &self.places.plan;
        let Some(mut kept) = std::fs::read(path).ok().and_then(|text| serde_json::from_slice::<Kept>(&text).ok()) else { return Ok(()) };
        if !done {
            return std::fs::remove_file(path).map_err(crate::error::io(path));
        }
        kept.stats.iter_mut().for_each(|(path, stat)| *stat = Stat::of(path));
        let text = serde_json::to_vec(&kept).map_err(|e| Error::Plan(e.to_string()))?;
        std::fs::write(path, text).map_err(crate::error::io(path))
    }

    /// What the plan depends on besides files: options that make sees.
    fn plan_key(&self) -> String {
        let o = &self.options;
        let mut parts: Vec<String> = vec![format!("{:?} {:?}", o.variables, o.libs), o.base.display().to_string()];
        // Another version of this program may plan differently.
        parts.push(format!("{:?}", Stat::of("/proc/self/exe")));
        parts.extend(["PATH", "HOME"].iter().map(|v| std::env::var_os(v).unwrap_or_default().to_string_lossy().into_owned()));
        hash::id_hex(hash::id(parts))
    }

    /// Everything whose change makes make's answer different.
    fn watched(&self, plan: &Plan, evaluated: &Evaluated) -> BTreeSet<String> {
        let mut all: BTreeSet<String> = plan.makefiles.iter().chain(&evaluated.files).cloned().collect();
        all.extend(plan.patch_dirs.iter().cloned());
        let mut bases: BTreeMap<&str, bool> = plan.bases.iter().map(|b| (b.as_str(), false)).collect();
        let app = self.options.app.display().to_string();
        bases.entry(app.as_str()).or_default();
        let libs: Vec<String> = self.options.libs.iter().map(|l| l.display().to_string()).collect();
        libs.iter().for_each(|l| {
            bases.entry(l.as_str()).or_default();
        });
        for makefile in &plan.makefiles {
            if makefile.starts_with(&self.places.own.display().to_string()) {
                continue;
            }
            let text = std::fs::read_to_string(makefile).unwrap_or_default();
            if ["$(wildcard", "$(shell", "${wildcard", "${shell"].iter().any(|w| text.contains(w)) {
                let inside = bases.iter_mut().filter(|(base, _)| makefile.starts_with(&format!("{base}/")));
                inside.for_each(|(_, deep)| *deep = true);
            }
        }
        let everything = evaluated.patterns;
        for (base, deep) in bases {
            all.insert(base.to_string());
            // Where nothing is, a Makefile.uk, a Config.uk or symbol lists may appear; that changes the directory.
            if deep || everything {
                let own = evaluated.vars.sorted();
                let origin = own
                    .iter()
                    .find(|(name, value)| name.ends_with("_BASE") && *value == base)
                    .map(|(name, _)| name.trim_end_matches("_BASE"));
                let build = origin.map(|prefix| evaluated.vars.get(&format!("{prefix}_BUILD")).to_string());
                below(Path::new(base), &self.options.out, &mut all);
                if let Some(build) = build.filter(|b| !b.is_empty()) {
                    below(&Path::new(&build).join("origin"), Path::new("/"), &mut all);
                }
            }
        }
        all
    }
}

/// All files and directories below, but for hidden ones, build directories and `except`.
fn below(dir: &Path, except: &Path, out: &mut BTreeSet<String>) {
    if out.len() > MAX_WATCHED || dir == except || dir.join("CACHEDIR.TAG").exists() {
        return;
    }
    out.insert(dir.display().to_string());
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        if entry.file_type().is_ok_and(|t| t.is_dir()) {
            below(&entry.path(), except, out);
        } else {
            out.insert(entry.path().display().to_string());
        }
    }
}
