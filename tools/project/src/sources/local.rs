//! Directories: a port, a directory of ports, or a name with stars.

use super::{Component, Place, Version, matches, named};
use crate::error::{Error, Result, io};
use crate::name::{Kind, bare, symbol};
use crate::workspace::is_core;
use std::path::{Path, PathBuf};

/// What a directory is, if it is a component.
pub fn kind_of(dir: &Path) -> Option<Kind> {
    if is_core(dir) {
        return Some(Kind::Core);
    }
    let name = dir.file_name()?.to_string_lossy();
    let project = crate::kraftfile::NAMES.iter().any(|n| dir.join(n).is_file());
    let make = dir.join("Makefile.uk").is_file();
    if !project && !make {
        return None;
    }
    match crate::name::split_kind(&name).0 {
        Some(Kind::Core) | None => Some(if project { Kind::App } else { Kind::Lib }),
        kind => kind,
    }
}

/// What a path offers.
pub fn probe(path: &Path, now: u64) -> Result<Vec<Component>> {
    if let Some((parent, pattern)) = starred(path) {
        let found = children(&parent, now, &|name| matches(&pattern, name))?;
        return if found.is_empty() { Err(nothing(path, "no directory of this name is a component")) } else { Ok(found) };
    }
    if !path.is_dir() {
        let what = if path.exists() { "is no directory" } else { "there is no such directory" };
        return Err(nothing(path, what));
    }
    if let Some(kind) = kind_of(path) {
        return Ok(vec![component(path, kind, now)]);
    }
    let found = children(path, now, &|_| true)?;
    if found.is_empty() && path.read_dir().is_ok_and(|mut d| d.next().is_some()) {
        return Err(nothing(path, "no component: a library has a Makefile.uk, an application a kraft.yaml"));
    }
    Ok(found)
}

fn nothing(path: &Path, what: &str) -> Error {
    Error::NotFound(format!("{}: {what}", path.display()))
}

fn starred(path: &Path) -> Option<(PathBuf, String)> {
    let name = path.file_name()?.to_str()?;
    (name.contains(['*', '?']) && !path.exists()).then(|| (path.parent().unwrap_or(Path::new("/")).to_path_buf(), name.to_owned()))
}

fn children(dir: &Path, now: u64, wanted: &dyn Fn(&str) -> bool) -> Result<Vec<Component>> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(io(dir, "cannot read the directory"))? {
        paths.push(entry.map_err(io(dir, "cannot read the directory"))?.path());
    }
    paths.sort();
    let fits = |p: &PathBuf| p.is_dir() && p.file_name().and_then(|n| n.to_str()).is_some_and(wanted);
    Ok(paths.iter().filter(|p| fits(p)).filter_map(|p| kind_of(p).map(|kind| component(p, kind, now))).collect())
}

/// A component's directory, described.
pub fn component(dir: &Path, kind: Kind, now: u64) -> Component {
    let file = dir.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let name = match kind {
        Kind::Core => "unikraft".into(),
        Kind::Lib => bare(&named(&file).1).to_owned(),
        _ => named(&file).1,
    };
    let branch = crate::git::head(dir);
    let origin_version = (kind == Kind::Lib).then(|| makefile_version(dir, &name)).flatten();
    let mut versions = Vec::new();
    if let Some(branch) = branch {
        versions.push(Version { name: branch, channel: true, released: crate::git::committed(dir), ..Version::default() });
    }
    if let Some(version) = origin_version {
        versions.push(Version { name: version, ..Version::default() });
    }
    if versions.is_empty() {
        // A directory without history is what it is: any version asked for.
        versions.push(Version { name: "staging".into(), channel: true, ..Version::default() });
    }
    let description = description(dir, kind);
    Component { kind, name, description, place: Place::Dir(dir.to_path_buf()), versions, origin: dir.display().to_string(), checked: now }
}

/// LIBX_VERSION of a library's Makefile.uk.
pub fn makefile_version(dir: &Path, name: &str) -> Option<String> {
    let text = std::fs::read_to_string(dir.join("Makefile.uk")).ok()?;
    let variable = format!("{}_VERSION", symbol(name));
    text.lines().find_map(|line| {
        let rest = line.trim_start().strip_prefix(&variable)?.trim_start();
        let rest = [":=", "?=", "="].iter().find_map(|op| rest.strip_prefix(op))?;
        let value = rest.split('#').next().unwrap_or("").trim();
        (!value.is_empty()).then(|| value.to_owned())
    })
}

/// The prompt of the library's option, or the first sentence of the README.
fn description(dir: &Path, kind: Kind) -> String {
    if kind == Kind::Core {
        return "the unox core".into();
    }
    let prompt = std::fs::read_to_string(dir.join("Config.uk")).ok().and_then(|text| {
        text.lines().find_map(|line| {
            let line = line.trim();
            let rest = line.strip_prefix("bool").or_else(|| line.strip_prefix("prompt")).or_else(|| line.strip_prefix("tristate"))?;
            let rest = rest.trim().strip_prefix('"')?;
            rest.find('"').map(|end| rest[..end].to_owned())
        })
    });
    let readme = || {
        let text = std::fs::read_to_string(dir.join("README.md")).ok()?;
        let line = text.lines().map(str::trim).find(|l| !l.is_empty() && !l.starts_with(['#', '=', '-', '[', '<']))?;
        Some(line.split(". ").next().unwrap_or(line).chars().take(120).collect::<String>())
    };
    prompt.or_else(readme).unwrap_or_default()
}
