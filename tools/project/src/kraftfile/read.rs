//! From the tree to the model, one function per part of the file.

use super::fields::Fields;
use super::{Component, Format, Hooks, Kraftfile, Library, Network, Target, Volume};
use crate::error::{Diagnostic, Result};
use crate::yaml::{Node, Value};
use std::path::Path;

const KEYS_05: &[&str] =
    &["specification", "name", "arguments", "pre_up", "post_down", "unikraft", "targets", "libraries", "volumes", "networks"];
const KEYS_04: &[&str] =
    &["specification", "name", "arguments", "unikraft", "architectures", "platforms", "libraries", "volumes", "networks", "run"];
const KEYS_06: &[&str] = &[
    "spec",
    "specification",
    "name",
    "labels",
    "outdir",
    "template",
    "runtime",
    "rootfs",
    "volumes",
    "env",
    "cmd",
    "unikraft",
    "targets",
    "libraries",
];

/// Reads a whole file.
pub fn file(path: &Path, root: &Node, warnings: Vec<Diagnostic>) -> Result<Kraftfile> {
    let mut fields = Fields { path, warnings };
    if root.value == Value::Null {
        return Err(root.error(path, "the file is empty; it must at least say `specification: '0.5'` and `unikraft: staging`"));
    }
    let format = format(&fields, root)?;
    let known = match format {
        Format::V04 => KEYS_04,
        Format::V05 => KEYS_05,
        Format::V06 => KEYS_06,
    };
    fields.mapping(root, "the file", known)?;
    let unikraft = core(&mut fields, root, format)?;
    let mut file = Kraftfile {
        path: path.to_path_buf(),
        format,
        name: name(&fields, root)?,
        arguments: arguments(&fields, root, format)?,
        env: env(&fields, root.get("env"))?,
        unikraft,
        targets: Vec::new(),
        libraries: libraries(&mut fields, root.get("libraries"))?,
        volumes: volumes(&mut fields, root.get("volumes"))?,
        networks: root.get("networks").map(|n| networks(&mut fields, n)).transpose()?.unwrap_or_default(),
        hooks: hooks(&fields, root, "the file")?,
        rootfs: fields.optional(root, "rootfs", "the file")?,
        warnings: Vec::new(),
    };
    file.targets = if format == Format::V04 { targets_04(&mut fields, root)? } else { targets(&mut fields, root.get("targets"))? };
    if file.targets.is_empty() {
        file.targets.push(Target { architecture: "x86_64".into(), platform: "kvm".into(), ..Target::default() });
    }
    for key in ["template", "runtime"] {
        if let Some(node) = root.get(key) {
            fields.warn(node, format!("`{key}` is read by kraftkit only; it is passed over"));
        }
    }
    let elsewhere = [("outdir", "the image is made in `build`"), ("run", "`kraft run` has options for that")];
    for (key, what) in elsewhere {
        if let Some(node) = root.get(key) {
            fields.warn(node, format!("`{key}` is passed over: {what}"));
        }
    }
    file.warnings = fields.warnings;
    Ok(file)
}

fn format(fields: &Fields, root: &Node) -> Result<Format> {
    let Some(node) = root.get("specification").or_else(|| root.get("spec")) else {
        if root.entries().is_empty() {
            return Err(root.error(fields.path, format!("expected a mapping (`key: value`), found {}", root.kind())));
        }
        return Err(root.error(fields.path, "`specification` is missing; write `specification: '0.5'` as the first line"));
    };
    let text = fields.text(node, "`specification`")?;
    match text.trim().trim_start_matches('v') {
        "0.4" => Ok(Format::V04),
        "0.5" => Ok(Format::V05),
        "0.6" => Ok(Format::V06),
        _ => Err(node.error(fields.path, format!("specification `{text}` is not known; 0.4, 0.5 (kraft.yaml) and 0.6 (Kraftfile) are"))),
    }
}

fn core(fields: &mut Fields, root: &Node, format: Format) -> Result<Component> {
    match root.get("unikraft") {
        Some(node) => component(fields, node, "`unikraft`"),
        // A Kraftfile may name a runtime or a template only.
        None if format == Format::V06 => Ok(Component::default()),
        None => Err(root.error(fields.path, "`unikraft` is missing: which version of the core? Write `unikraft: staging`")),
    }
}

fn name(fields: &Fields, root: &Node) -> Result<Option<String>> {
    let Some(name) = fields.optional(root, "name", "the file")? else { return Ok(None) };
    let good = !name.is_empty() && !name.starts_with(['-', '.']) && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.+".contains(c));
    match root.get("name") {
        Some(node) if !good => Err(node.error(fields.path, format!("`{name}` cannot name an image: letters, digits and -_.+ only"))),
        _ => Ok(Some(name)),
    }
}

/// A version, or `{source, version, kconfig}`.
fn component(fields: &mut Fields, node: &Node, what: &str) -> Result<Component> {
    match &node.value {
        Value::Null => Ok(Component::default()),
        Value::Scalar { text, plain: true } if text == "true" => Ok(Component::default()),
        Value::Scalar { text, .. } => Ok(shorthand(text)),
        Value::Map { .. } => {
            fields.mapping(node, what, &["source", "version", "kconfig"])?;
            Ok(Component {
                version: fields.optional(node, "version", what)?,
                source: fields.optional(node, "source", what)?,
                kconfig: fields.kconfig(node.get("kconfig"))?,
            })
        }
        Value::Seq(_) => {
            Err(node.error(fields.path, format!("{what}: expected a version or a mapping (source, version, kconfig), found a list")))
        }
    }
}

/// A lone text is a version, unless it can only be a place.
fn shorthand(text: &str) -> Component {
    if text.contains("://") || text.starts_with(['/', '~', '.']) {
        Component { source: Some(text.to_owned()), ..Component::default() }
    } else {
        Component { version: Some(text.to_owned()), ..Component::default() }
    }
}

fn libraries(fields: &mut Fields, node: Option<&Node>) -> Result<Vec<Library>> {
    let Some(node) = node else { return Ok(Vec::new()) };
    if node.value == Value::Null {
        return Ok(Vec::new());
    }
    let Value::Map { entries, .. } = &node.value else {
        return Err(node.error(fields.path, format!("`libraries`: expected a mapping (`name: version`), found {}", node.kind())));
    };
    let mut all: Vec<Library> = Vec::new();
    for (key, value) in entries {
        let name = fields.text(key, "a library's name")?;
        if !crate::name::valid(&name) {
            return Err(key.error(fields.path, format!("`{name}` is no library's name: letters, digits and -_.+ only")));
        }
        if matches!(&value.value, Value::Scalar { text, plain: true } if text == "false") {
            continue;
        }
        if let Some(first) = all.iter().find(|l| crate::name::same(&l.name, &name)) {
            return Err(key.error(fields.path, format!("`{name}` is the library `{}` of line {} again", first.name, first.place.0)));
        }
        let component = component(fields, value, &format!("library `{name}`"))?;
        all.push(Library { name, component, place: (key.line, key.column) });
    }
    Ok(all)
}

fn targets(fields: &mut Fields, node: Option<&Node>) -> Result<Vec<Target>> {
    let Some(node) = node else { return Ok(Vec::new()) };
    match &node.value {
        Value::Null => Ok(Vec::new()),
        Value::Seq(items) => items.iter().map(|item| target(fields, item)).collect(),
        _ => Err(node.error(fields.path, format!("`targets`: expected a list, found {}", node.kind()))),
    }
}

/// `pre_up` and `post_down`.
fn hooks(fields: &Fields, node: &Node, what: &str) -> Result<Hooks> {
    let commands = |key: &str| node.get(key).map_or(Ok(Vec::new()), |n| fields.texts(n, &format!("`{key}` of {what}")));
    Ok(Hooks { pre_up: commands("pre_up")?, post_down: commands("post_down")? })
}

fn target(fields: &mut Fields, node: &Node) -> Result<Target> {
    let place = (node.line, node.column);
    if let Some(text) = node.text() {
        let Some((platform, architecture)) = text.split_once('/') else {
            return Err(node.error(fields.path, format!("target `{text}`: expected `platform/architecture`, as kvm/x86_64")));
        };
        return Ok(Target { architecture: architecture.into(), platform: platform.into(), place, ..Target::default() });
    }
    fields.mapping(node, "a target", &["name", "architecture", "platform", "arch", "plat", "kconfig"])?;
    let mut kconfig = fields.kconfig(node.get("kconfig"))?;
    let (mut commands, mut memory, mut cpus) = (Hooks::default(), None, None);
    let mut part = |long: &str, short: &str, default: &str| -> Result<String> {
        let Some(node) = node.get(long).or_else(|| node.get(short)) else { return Ok(default.to_owned()) };
        if !matches!(node.value, Value::Map { .. }) {
            return fields.text(node, &format!("`{long}` of a target"));
        }
        let keys = ["name", "source", "version", "kconfig", "pre_up", "post_down", "cpus", "memory"];
        fields.mapping(node, &format!("`{long}`"), &keys)?;
        kconfig.extend(fields.kconfig(node.get("kconfig"))?);
        let more = hooks(fields, node, &format!("`{long}`"))?;
        commands.pre_up.extend(more.pre_up);
        commands.post_down.extend(more.post_down);
        memory = fields.optional(node, "memory", &format!("`{long}`"))?.or_else(|| memory.take());
        cpus = number(fields, node, "cpus")?.or(cpus);
        Ok(fields.optional(node, "name", &format!("`{long}`"))?.unwrap_or_else(|| default.to_owned()))
    };
    let (architecture, platform) = (part("architecture", "arch", "x86_64")?, part("platform", "plat", "kvm")?);
    // kraftkit also writes the whole target as the platform.
    let (platform, architecture) = match platform.split_once('/') {
        Some((p, a)) => (p.to_owned(), a.to_owned()),
        None => (platform, architecture),
    };
    let name = fields.optional(node, "name", "a target")?;
    Ok(Target { name, architecture, platform, kconfig, hooks: commands, memory, cpus, place })
}

/// A number of CPUs.
fn number(fields: &Fields, node: &Node, key: &str) -> Result<Option<u32>> {
    let (Some(text), Some(place)) = (fields.optional(node, key, "a platform")?, node.get(key)) else { return Ok(None) };
    match text.parse::<u32>() {
        Ok(n) if n > 0 => Ok(Some(n)),
        _ => Err(place.error(fields.path, format!("`{key}`: expected a number from 1, found `{text}`"))),
    }
}

/// A name, its options, its place.
type Named = (String, Vec<(String, String)>, (usize, usize));

/// 0.4: every platform with every architecture.
fn targets_04(fields: &mut Fields, root: &Node) -> Result<Vec<Target>> {
    let mut names = |key: &str| -> Result<Vec<Named>> {
        let Some(node) = root.get(key) else { return Ok(Vec::new()) };
        match &node.value {
            Value::Map { entries, .. } => entries
                .iter()
                .map(|(k, v)| Ok((fields.text(k, key)?, component(fields, v, &format!("`{key}`"))?.kconfig, (k.line, k.column))))
                .collect(),
            _ => Ok(fields.texts(node, key)?.into_iter().map(|n| (n, Vec::new(), (node.line, node.column))).collect()),
        }
    };
    let (platforms, architectures) = (names("platforms")?, names("architectures")?);
    let mut all = Vec::new();
    for (platform, of_platform, place) in &platforms {
        for (architecture, of_architecture, _) in &architectures {
            let kconfig = of_architecture.iter().chain(of_platform).cloned().collect();
            all.push(Target {
                architecture: architecture.clone(),
                platform: platform.clone(),
                kconfig,
                place: *place,
                ..Target::default()
            });
        }
    }
    Ok(all)
}

fn arguments(fields: &Fields, root: &Node, format: Format) -> Result<Vec<String>> {
    let key = if format == Format::V06 { "cmd" } else { "arguments" };
    let Some(node) = root.get(key) else { return Ok(Vec::new()) };
    if let Value::Seq(_) = node.value {
        return fields.texts(node, &format!("`{key}`"));
    }
    let Some(text) = fields.optional(root, key, "the file")? else { return Ok(Vec::new()) };
    crate::words::split(&text).map_err(|why| node.error(fields.path, format!("`{key}`: {why}")))
}

fn env(fields: &Fields, node: Option<&Node>) -> Result<Vec<(String, String)>> {
    let Some(node) = node else { return Ok(Vec::new()) };
    match &node.value {
        Value::Null => Ok(Vec::new()),
        Value::Map { entries, .. } => entries.iter().map(|(k, v)| Ok((fields.text(k, "`env`")?, fields.text(v, "`env`")?))).collect(),
        _ => fields
            .texts(node, "`env`")?
            .into_iter()
            .map(|line| match line.split_once('=') {
                Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
                None => Err(node.error(fields.path, format!("`env`: `{line}`: expected NAME=value"))),
            })
            .collect(),
    }
}

fn volumes(fields: &mut Fields, node: Option<&Node>) -> Result<Vec<Volume>> {
    let Some(node) = node else { return Ok(Vec::new()) };
    match &node.value {
        Value::Null => Ok(Vec::new()),
        // 0.5: by name.
        Value::Map { entries, .. } => entries
            .iter()
            .map(|(key, value)| {
                let name = fields.text(key, "a volume's name")?;
                if value.text().is_some() {
                    return Ok(Volume { name, driver: "9pfs".into(), source: value.text().map(str::to_owned) });
                }
                fields.mapping(value, &format!("volume `{name}`"), &["type", "driver", "source", "destination"])?;
                volume(fields, value, Some(name))
            })
            .collect(),
        // 0.6: a list.
        Value::Seq(items) => items
            .iter()
            .map(|item| match item.text() {
                Some(text) => {
                    let (source, name) = text.split_once(':').unwrap_or((text, "/"));
                    Ok(Volume { name: name.into(), driver: "9pfs".into(), source: Some(source.into()) })
                }
                None => {
                    fields.mapping(item, "a volume", &["driver", "type", "source", "destination", "mode", "readonly", "readOnly"])?;
                    let wanted = ["readonly", "readOnly", "mode"]
                        .iter()
                        .find_map(|k| item.get(k))
                        .filter(|n| matches!(n.text(), Some("true" | "ro")));
                    if let Some(node) = wanted {
                        fields.warn(node, "volumes are writable: the unikernel can change what is on the host".into());
                    }
                    volume(fields, item, None)
                }
            })
            .collect(),
        Value::Scalar { .. } => Err(node.error(fields.path, format!("`volumes`: expected a mapping or a list, found {}", node.kind()))),
    }
}

fn volume(fields: &Fields, node: &Node, name: Option<String>) -> Result<Volume> {
    let driver = match fields.optional(node, "driver", "a volume")? {
        Some(driver) => driver,
        None => fields.optional(node, "type", "a volume")?.unwrap_or_else(|| "9pfs".into()),
    };
    let destination = fields.optional(node, "destination", "a volume")?;
    let name = name.or(destination).unwrap_or_else(|| "/".into());
    Ok(Volume { name, driver, source: fields.optional(node, "source", "a volume")? })
}

/// By name: `true`, or what the network is like.
fn networks(fields: &mut Fields, node: &Node) -> Result<Vec<Network>> {
    let plain = |name: String| Network { name, ..Network::default() };
    let Value::Map { entries, .. } = &node.value else {
        return Ok(fields.texts(node, "`networks`")?.into_iter().map(plain).collect());
    };
    let mut all = Vec::new();
    for (key, value) in entries {
        let name = fields.text(key, "a network's name")?;
        if value.text() == Some("false") {
            continue;
        }
        if value.text().is_some() || value.value == Value::Null {
            all.push(plain(name));
            continue;
        }
        let keys = ["pre_up", "post_down", "ip", "gateway", "netmask", "interface", "driver", "type", "bridge_name"];
        fields.mapping(value, &format!("network `{name}`"), &keys)?;
        all.push(Network { hooks: hooks(fields, value, &format!("network `{name}`"))?, name });
    }
    Ok(all)
}
