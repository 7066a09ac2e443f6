//! All components that the user's origins, the workspace and the core offer: what `kraft list` shows and `kraft list pull` takes from.

use crate::error::{Error, Result, make_dir, write};
use crate::name::{Kind, Wanted, bare, nearest};
use crate::sources::{Component, Context, Origin, builtin, local};
use crate::{Rc, Workspace};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

/// What the last `list update` found, by origin.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
struct Cache {
    found: BTreeMap<String, Vec<Component>>,
}

/// Known components; each type and name once.
#[derive(Debug, Default)]
pub struct Catalog {
    /// In the order of types and names.
    pub components: Vec<Component>,
    /// Origins that `list update` has never looked at.
    pub unseen: Vec<String>,
}

/// What an update found and what failed.
#[derive(Debug, Default)]
pub struct Update {
    /// Components found.
    pub found: usize,
    /// Origins that gave nothing, with the reason.
    pub failed: Vec<(String, Error)>,
}

/// Seconds since 1970.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs())
}

fn cache_file(workspace: &Workspace) -> PathBuf {
    workspace.cachedir.join("manifests.json")
}

/// A cache that cannot be read is no cache.
fn cached(workspace: &Workspace) -> Cache {
    std::fs::read_to_string(cache_file(workspace)).ok().and_then(|t| serde_json::from_str(&t).ok()).unwrap_or_default()
}

/// Looks at every origin and remembers what it offers. `say` gets a line for each component.
///
/// # Errors
/// When the cache cannot be written. Origins that fail are in the result.
pub fn update(workspace: &Workspace, rc: &Rc, say: &dyn Fn(&str)) -> Result<Update> {
    let context = Context { workspace, rc, now: now() };
    let mut cache = Cache::default();
    let old = cached(workspace);
    let mut report = Update::default();
    for text in &rc.origins {
        let probed = Origin::parse(text, &workspace.cwd).and_then(|o| o.probe(&context));
        match probed {
            Ok((found, notes)) => {
                notes.iter().for_each(|n| say(n));
                for component in &found {
                    say(&format!("Found {} via {text}...", component.label()));
                }
                report.found += found.len();
                cache.found.insert(text.clone(), found);
            }
            Err(error) => {
                // What was known stays known.
                if let Some(known) = old.found.get(text) {
                    cache.found.insert(text.clone(), known.clone());
                }
                report.failed.push((text.clone(), error));
            }
        }
    }
    make_dir(&workspace.cachedir)?;
    let text = serde_json::to_string_pretty(&cache).map_err(|e| Error::Command(format!("the cache: {e}")))?;
    write(&cache_file(workspace), &text)?;
    Ok(report)
}

impl Catalog {
    /// From the cache, and from the directories that can be looked at right now.
    pub fn load(workspace: &Workspace, rc: &Rc) -> Catalog {
        let cache = cached(workspace);
        let now = now();
        let mut catalog = Catalog::default();
        let mut later = Vec::new();
        for text in &rc.origins {
            let Ok(origin) = Origin::parse(text, &workspace.cwd) else { continue };
            if let Origin::Dir(path) = &origin {
                let found = local::probe(path, now).unwrap_or_default();
                let checked = cache.found.get(text).and_then(|f| f.first()).map(|c| c.checked);
                catalog.extend(found.into_iter().map(|c| Component { origin: text.clone(), checked: checked.unwrap_or(0), ..c }));
            } else if let Some(found) = cache.found.get(text) {
                later.extend(found.iter().filter(|c| !gone(c)).cloned());
            } else {
                catalog.unseen.push(text.clone());
            }
        }
        catalog.extend(later.into_iter());
        for kind in [Kind::Lib, Kind::App, Kind::Plat, Kind::Arch] {
            let found = local::probe(workspace.dir(kind), now).unwrap_or_default();
            catalog.extend(found.into_iter().filter(|c| c.kind == kind).map(|c| Component { checked: 0, ..c }));
        }
        if let Some(core) = workspace.core(None).ok().map(|c| c.path).or_else(|| workspace.core_source().map(Into::into)) {
            catalog.extend(builtin(&core, now).into_iter());
        }
        catalog.components.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
        catalog
    }

    fn extend(&mut self, new: impl Iterator<Item = Component>) {
        for component in new {
            if !self.components.iter().any(|c| (c.kind, &c.name) == (component.kind, &component.name)) {
                self.components.push(component);
            }
        }
    }

    /// All components of a name.
    pub fn named(&self, wanted: &Wanted) -> Vec<&Component> {
        let fits = |c: &&Component| {
            let exact = c.name == wanted.name || (c.kind == Kind::Lib && bare(&c.name) == bare(&wanted.name));
            // `lib-x` may also be the whole name of something.
            (exact && wanted.kind.is_none_or(|k| k == c.kind)) || (wanted.typed != wanted.name && c.name == wanted.typed)
        };
        self.components.iter().filter(fits).collect()
    }

    /// The component of a name; `kind` decides when the name says no type.
    ///
    /// # Errors
    /// [`Error::NotFound`] with the nearest name and what to do; [`Error::Usage`] when several are meant.
    pub fn find(&self, wanted: &Wanted, kind: Option<Kind>) -> Result<&Component> {
        let mut all = self.named(wanted);
        if wanted.kind.is_none() && all.len() > 1 {
            let exact: Vec<&Component> = all.iter().copied().filter(|c| kind.is_none_or(|k| k == c.kind)).collect();
            all = if exact.is_empty() { all } else { exact };
        }
        if let (Some(kind), None) = (kind, wanted.kind) {
            all.retain(|c| c.kind == kind);
        }
        match all[..] {
            [one] => Ok(one),
            [] => Err(self.unknown(wanted, kind)),
            _ => {
                let labels: Vec<String> = all.iter().map(|c| c.label()).collect();
                Err(Error::Usage(format!("`{}` may be {}; write one of them", wanted.typed, labels.join(" or "))))
            }
        }
    }

    fn unknown(&self, wanted: &Wanted, kind: Option<Kind>) -> Error {
        let names = self.components.iter().filter(|c| kind.is_none_or(|k| k == c.kind)).map(|c| c.name.as_str());
        let near = nearest(bare(&wanted.name), names).map(|n| format!("\n  did you mean `{n}`?")).unwrap_or_default();
        let what = match wanted.kind.or(kind) {
            Some(Kind::Lib) => "library",
            Some(Kind::App) => "application",
            _ => "component",
        };
        let update =
            if self.unseen.is_empty() { String::new() } else { "\n  some origins were never looked at: kraft list update".to_owned() };
        Error::NotFound(format!(
            "{}: no origin offers a {what} of this name{near}{update}\n  `kraft list` shows what there is; `kraft list add DIRECTORY|REPOSITORY|INDEX` adds an origin",
            wanted.typed
        ))
    }
}

/// A directory that was there when the cache was made.
fn gone(component: &Component) -> bool {
    matches!(&component.place, crate::sources::Place::Dir(p) if !p.is_dir())
}
