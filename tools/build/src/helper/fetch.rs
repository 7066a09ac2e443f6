//! `fetch`: a library's origin, from the cache, a mirror or its address, checked and unpacked. The stamp `.origin` says from what.

use super::checksum::{self, Expected};
use super::stamp::{self, Archive, Origin};
use super::{Call, Outcome, Settings, archive, at, download, git};
use std::path::{Path, PathBuf};

/// `kind|address|second address|name`, as mk/origins.mk writes it.
struct Source<'a> {
    kind: &'a str,
    url: &'a str,
    second: &'a str,
    name: &'a str,
}

impl Source<'_> {
    fn parse(word: &str) -> Outcome<Source<'_>> {
        let parts: Vec<&str> = word.split('|').collect();
        let [kind, url, second, name] = parts[..] else { return Err(format!("`{word}` is no source")) };
        if url.is_empty() {
            return Err("fetch without an address".into());
        }
        let bad_name = name.is_empty() || name.contains('/') || name.starts_with('.');
        if kind != "git" && bad_name {
            return Err(format!("{url}: `{name}` is no name for an archive; use fetchas with one"));
        }
        Ok(Source { kind, url, second, name })
    }
}

/// Makes `origin` and `.origin` what the call asks for; touches nothing when they are.
pub(crate) fn run(call: &Call, settings: &Settings) -> Outcome<()> {
    let path = call.dir.join(".origin");
    let old: Option<Origin> = stamp::read(&path);
    let as_asked = |o: &Origin| o.sources == call.rest && o.sums == call.sums;
    if let Some(old) = &old
        && as_asked(old)
        && call.dir.join("origin").is_dir()
        && unchanged_locally(call, old)?
    {
        return Ok(());
    }
    let mut origin = Origin { sources: call.rest.clone(), sums: call.sums.clone(), ..Origin::default() };
    let mut number = 0;
    for word in &call.rest {
        let source = Source::parse(word)?;
        if source.kind != "git" {
            let sha256 = obtain(call, settings, &source, number)?;
            origin.archives.push(Archive { name: source.name.to_string(), sha256 });
            number += 1;
        }
    }
    let same_content = old.is_some_and(|o| o.archives == origin.archives && !o.archives.is_empty() && o.commits.is_empty());
    if !(same_content && call.dir.join("origin").is_dir()) {
        origin.commits = unpack(call, settings)?;
    }
    stamp::write(&path, &origin)
}

/// Archives that lie on this machine (unarchive) may change in place.
fn unchanged_locally(call: &Call, old: &Origin) -> Outcome<bool> {
    let mut archives = old.archives.iter();
    for word in &call.rest {
        let source = Source::parse(word)?;
        let known = if source.kind == "git" { None } else { archives.next() };
        if source.kind == "file"
            && known.is_none_or(|k| checksum::Digests::of(Path::new(source.url), false).is_ok_and(|d| d.sha256 != k.sha256))
        {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Unpacks all sources of the call into a fresh `origin`; the commits of those that are repositories.
pub(crate) fn unpack(call: &Call, settings: &Settings) -> Outcome<Vec<String>> {
    let fresh = call.dir.join(".origin.new");
    if fresh.exists() {
        std::fs::remove_dir_all(&fresh).map_err(at(&fresh))?;
    }
    let mut commits = Vec::new();
    for word in &call.rest {
        let source = Source::parse(word)?;
        if source.kind == "git" {
            commits.push(git::clone(settings, &call.lib, source.url, source.name, &fresh)?);
        } else {
            settings.say("UNPACK", &format!("{}: {}", call.lib, source.name));
            archive::unpack(&call.dir.join(source.name), source.name, &fresh)?;
        }
    }
    stamp::clear(&call.dir, &call.lib)?;
    let origin = call.dir.join("origin");
    std::fs::rename(&fresh, &origin).map_err(at(&origin))?;
    for done in [".patched", ".patching"] {
        let _ = std::fs::remove_file(call.dir.join(done));
    }
    stamp::remember_files(&call.dir)?;
    Ok(commits)
}

/// Puts the archive at `build/libx/NAME`, checked; its SHA-256.
fn obtain(call: &Call, settings: &Settings, source: &Source<'_>, number: usize) -> Outcome<String> {
    let place = call.dir.join(source.name);
    let mut expected = Expected::given(&call.sums, number)?;
    let given = !expected.sums.is_empty();
    if !given && let Some(recorded) = checksum::recorded(settings, source.url) {
        expected = recorded;
    }
    if source.kind == "file" {
        let from = Path::new(source.url);
        let sha256 = expected.check(from).map_err(|why| format!("{}: {why}", from.display()))?;
        if from != place {
            put(from, &place)?;
        }
        return Ok(sha256);
    }
    if !given && settings.require_sums {
        return Err(format!(
            "{}: no checksum, and the configuration asks for one: set {}_ORIGIN_SHA256",
            source.url,
            call.lib.to_uppercase()
        ));
    }
    // What is there counts if it is surely right.
    if !expected.sums.is_empty()
        && let Ok(sha256) = expected.check(&place)
    {
        return Ok(sha256);
    }
    if let Some(cached) = expected.sha256().map(|s| cached(settings, s)).find(|p| expected.check(p).is_ok()) {
        put(&cached, &place)?;
        return expected.check(&place);
    }
    let mut why = Vec::new();
    for (address, of_mirror) in addresses(settings, source, &expected) {
        match try_one(call, settings, &address, &expected) {
            Ok((file, sha256)) => {
                put(&file, &place)?;
                if !given {
                    checksum::record(settings, &call.lib, source.url, &sha256)?;
                }
                return Ok(sha256);
            }
            Err(e) if of_mirror && e.contains("No such file") => {}
            Err(e) => why.push(e),
        }
    }
    let hint =
        if settings.offline { "\nThis is offline: put the file into a mirror directory ([fetch] mirrors in ~/.kraftrc)." } else { "" };
    Err(format!("{} cannot be fetched:\n  {}{hint}", source.name, why.join("\n  ")))
}

/// Where the archive may be, in the order of asking; whether it is a mirror.
fn addresses(settings: &Settings, source: &Source<'_>, expected: &Expected) -> Vec<(String, bool)> {
    let last = source.url.rsplit('/').next().unwrap_or_default();
    let mut mirrors = Vec::new();
    for mirror in &settings.mirrors {
        let mirror = mirror.trim_end_matches('/');
        mirrors.push((format!("{mirror}/{}", source.name), true));
        if last != source.name {
            mirrors.push((format!("{mirror}/{last}"), true));
        }
        let found = download::local(mirror).and_then(|dir| expected.sha256().find_map(|sha256| by_content(&dir, sha256)));
        mirrors.extend(found.map(|p| (format!("file://{}", p.display()), true)));
    }
    let own = [source.url, source.second].into_iter().filter(|u| !u.is_empty()).map(|u| (u.to_string(), false));
    if settings.origin_first { own.chain(mirrors).collect() } else { mirrors.into_iter().chain(own).collect() }
}

/// A file of a mirror with this checksum, under whatever name.
fn by_content(dir: &Path, sha256: &str) -> Option<PathBuf> {
    let files = std::fs::read_dir(dir).ok()?.flatten().map(|e| e.path()).filter(|p| p.is_file());
    files.into_iter().find(|p| checksum::Digests::of(p, false).is_ok_and(|d| d.sha256 == sha256))
}

/// Downloads from one address, checks, and keeps the file in the cache by its content.
fn try_one(call: &Call, settings: &Settings, address: &str, expected: &Expected) -> Outcome<(PathBuf, String)> {
    if !download::allowed(settings, address) {
        return Err(format!("{address}: not asked, since this is offline"));
    }
    let _lock = download::lock(settings, address)?;
    for done in expected.sha256().map(|s| cached(settings, s)) {
        if let Ok(sha256) = expected.check(&done) {
            return Ok((done, sha256)); // by another build, while this one waited
        }
    }
    let part = download::get(settings, &call.lib, address)?;
    let checked = expected.check(&part).map_err(|why| format!("{address}: {why}"));
    let sha256 = match checked {
        Ok(sha256) => sha256,
        Err(why) => {
            // Perhaps two halves of different files: next time from the start.
            let _ = std::fs::remove_file(&part);
            return Err(why);
        }
    };
    let kept = cached(settings, &sha256);
    let dir = kept.parent().unwrap_or(Path::new("/"));
    std::fs::create_dir_all(dir).map_err(at(dir))?;
    std::fs::rename(&part, &kept).map_err(at(&kept))?;
    Ok((kept, sha256))
}

fn cached(settings: &Settings, sha256: &str) -> PathBuf {
    settings.cache.join("sha256").join(sha256)
}

fn put(from: &Path, to: &Path) -> Outcome<()> {
    let _ = std::fs::remove_file(to);
    std::fs::copy(from, to).map(|_| ()).map_err(at(from))
}
