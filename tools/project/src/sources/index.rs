//! Index files, YAML or JSON (which is YAML): kraftkit's index with its manifests, and a plain list of components.
//!
//! ```yaml
//! - name: lwip            # kraftkit: below `manifests:`, each with `channels:` and `versions:`
//!   type: lib
//!   source: https://example.org/lib-lwip.git    # or a path, relative to the index
//!   version: stable
//! ```

use super::{Component, Context, Place, Version, is_archive, named};
use crate::error::{Error, Result, read};
use crate::name::{Kind, split_kind, valid};
use crate::yaml::{Node, Value};
use std::path::{Path, PathBuf};

/// Manifest files that one index may name.
const MANIFESTS: usize = 4096;

/// Reads an index: a path or an http(s) address.
pub fn probe(place: &str, context: &Context<'_>) -> Result<Vec<Component>> {
    let root = load(place, context)?;
    let list = match &root.value {
        Value::Seq(_) => &root,
        Value::Map { .. } => ["manifests", "components"].iter().find_map(|k| root.get(k)).unwrap_or(&root),
        _ => {
            return Err(
                root.error(Path::new(place), format!("an index is a list of components or has `manifests:`; found {}", root.kind()))
            );
        }
    };
    if let Value::Map { .. } = list.value {
        return Ok(vec![component(place, list, context)?]);
    }
    let Value::Seq(items) = &list.value else {
        return Err(list.error(Path::new(place), format!("expected a list of components, found {}", list.kind())));
    };
    items.iter().take(MANIFESTS).map(|item| entry(place, item, context)).collect()
}

fn load(place: &str, context: &Context<'_>) -> Result<Node> {
    let text = if let Some(path) = place.strip_prefix("file://") {
        read(Path::new(path))?
    } else if place.contains("://") {
        if context.rc.offline {
            return Err(Error::NotFound(format!(
                "{place}: offline = true in {}; keep a copy of the index and add its path",
                context.rc.path().display()
            )));
        }
        super::remote::download(place, None).map_err(|why| Error::Command(format!("{place}: {why}")))?
    } else {
        read(Path::new(place))?
    };
    crate::yaml::parse(Path::new(place), &text)
}

/// One line of an index; details may be in a manifest of their own.
fn entry(place: &str, node: &Node, context: &Context<'_>) -> Result<Component> {
    if node.get("source").is_none()
        && node.get("channels").is_none()
        && node.get("versions").is_none()
        && let Some(manifest) = node.get("manifest").and_then(Node::text)
    {
        let path = beside(place, manifest);
        let root = load(&path, context)?;
        return component(&path, &root, context);
    }
    component(place, node, context)
}

/// An address or path meant from the file that names it.
fn beside(place: &str, name: &str) -> String {
    if name.contains("://") || name.starts_with('/') || name.starts_with("git@") {
        return name.to_owned();
    }
    match place.rsplit_once('/') {
        Some((dir, _)) => format!("{dir}/{name}"),
        None => name.to_owned(),
    }
}

fn component(place: &str, node: &Node, context: &Context<'_>) -> Result<Component> {
    let path = Path::new(place);
    let Value::Map { .. } = &node.value else {
        return Err(node.error(path, format!("expected a component (name, type, source), found {}", node.kind())));
    };
    let text = |key: &str| node.get(key).and_then(Node::text);
    let Some(full) = text("name") else {
        return Err(node.error(path, "a component without `name`"));
    };
    let (kind, name) = match text("type") {
        Some(word) => {
            let kind = match word {
                "core" => Kind::Core,
                "lib" | "library" => Kind::Lib,
                "app" | "application" => Kind::App,
                "plat" | "platform" => Kind::Plat,
                "arch" | "architecture" => Kind::Arch,
                _ => {
                    let at = node.get("type").unwrap_or(node);
                    return Err(at.error(path, format!("type `{word}` is not known; core, lib, app, plat and arch are")));
                }
            };
            (kind, split_kind(full).1.to_owned())
        }
        None => named(full),
    };
    if !valid(&name) {
        return Err(node.error(path, format!("`{full}` is no component's name")));
    }
    let versions = versions(path, node)?;
    let place_of = source(place, node, &versions)
        .ok_or_else(|| node.error(path, format!("{full}: no `source` (a repository, a directory or an archive)")))?;
    let resources = versions.into_iter().map(|v| Version { resource: v.resource.map(|r| beside(place, &r)), ..v }).collect();
    Ok(Component {
        kind,
        name,
        description: text("description").unwrap_or_default().to_owned(),
        place: place_of,
        versions: resources,
        origin: place.to_owned(),
        checked: context.now,
    })
}

fn source(place: &str, node: &Node, versions: &[Version]) -> Option<Place> {
    let named = ["git", "source", "path", "origin", "url"].iter().find_map(|k| node.get(k).and_then(Node::text).map(|t| (*k, t)));
    match named {
        Some((_, text)) => {
            let full = beside(place, text);
            let dir = PathBuf::from(full.strip_prefix("file://").unwrap_or(&full));
            Some(if is_archive(&full) {
                Place::Archive(full)
            } else if dir.is_absolute() && dir.is_dir() && super::local::kind_of(&dir).is_some() {
                Place::Dir(dir)
            } else {
                Place::Git(full)
            })
        }
        None => versions.iter().find_map(|v| v.resource.as_ref()).map(|r| Place::Archive(beside(place, r))),
    }
}

fn versions(path: &Path, node: &Node) -> Result<Vec<Version>> {
    let mut all: Vec<(bool, Version)> = Vec::new();
    for (key, name_key, channel) in [("channels", "name", true), ("versions", "version", false)] {
        let Some(list) = node.get(key) else { continue };
        for item in list.items() {
            let text = |k: &str| item.get(k).and_then(Node::text).map(str::to_owned);
            let Some(name) = item.text().map(str::to_owned).or_else(|| text(name_key)).or_else(|| text("name")) else {
                return Err(item.error(path, format!("an item of `{key}` without `{name_key}`")));
            };
            let version = Version { name, channel, released: None, resource: text("resource"), sha256: text("sha256") };
            all.push((text("default").as_deref() == Some("true"), version));
        }
    }
    if let Some(name) = node.get("version").and_then(Node::text) {
        let get = |k: &str| node.get(k).and_then(Node::text).map(str::to_owned);
        all.push((true, Version { name: name.to_owned(), resource: get("resource"), sha256: get("sha256"), ..Version::default() }));
    }
    all.sort_by_key(|(default, _)| !default);
    Ok(all.into_iter().map(|(_, v)| v).collect())
}
