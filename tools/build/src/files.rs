//! The table of all files that a build looks at: contents by hash, read again only when stat(2) says so; and which CONFIG_ symbols a
//! source mentions, so that an option rebuilds only what reads it (the idea of Linux's fixdep).

use crate::dotconfig::DotConfig;
use crate::hash::{self, Id};
use crate::stat::Stat;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Where projects of one user differ, so that equal objects have equal names: see [`Names::shared`].
#[derive(Clone, Debug)]
pub(crate) struct Names {
    /// Directory, its name in the cache, its name in objects (debugging information, `__FILE__`); the longest directory first.
    pairs: Vec<(String, String, String)>,
}

impl Names {
    /// The application is `.` in objects: a debugger started there finds its files.
    pub(crate) fn new(out: &str, app: &str, base: &str, libs: &[String]) -> Names {
        let mut pairs = vec![
            (out.to_string(), "%O%".to_string(), "./build".to_string()),
            (app.to_string(), "%A%".into(), ".".into()),
            (base.to_string(), "%B%".into(), "unikraft".into()),
        ];
        for lib in libs {
            let name = lib.rsplit('/').next().unwrap_or(lib);
            pairs.push((lib.clone(), format!("%L:{name}%"), format!("libs/{name}")));
        }
        pairs.retain(|(dir, ..)| dir.len() > 1);
        pairs.sort_by_key(|(dir, ..)| std::cmp::Reverse(dir.len()));
        Names { pairs }
    }

    /// The compiler's options that put these names into objects; the last that fits counts.
    pub(crate) fn prefix_maps(&self) -> String {
        let maps: Vec<String> = self.pairs.iter().rev().map(|(dir, _, shown)| format!("-ffile-prefix-map={dir}={shown}")).collect();
        maps.join(" ")
    }

    /// For gdb: where the names in objects are on this machine.
    pub(crate) fn gdb(&self) -> String {
        let lines = self.pairs.iter().map(|(dir, _, shown)| format!("set substitute-path {shown} {dir}\n"));
        lines.collect()
    }

    /// A path with the project's own places replaced.
    pub(crate) fn shared(&self, path: &str) -> String {
        for (dir, name, _) in &self.pairs {
            if let Some(rest) = path.strip_prefix(dir.as_str()).filter(|r| r.is_empty() || r.starts_with('/')) {
                return format!("{name}{rest}");
            }
        }
        path.to_string()
    }

    /// The inverse.
    pub(crate) fn local(&self, path: &str) -> String {
        for (dir, name, _) in &self.pairs {
            if let Some(rest) = path.strip_prefix(name.as_str()) {
                return format!("{dir}{rest}");
            }
        }
        path.to_string()
    }

    /// A command line with the places replaced, but for the values of macros: those may end up in the object.
    pub(crate) fn shared_command(&self, line: &str) -> String {
        let mut out = String::with_capacity(line.len());
        for word in line.split_inclusive(' ') {
            // The same places under the same names, in an order that depends on how long their paths are.
            if word.starts_with("-ffile-prefix-map=") {
                continue;
            }
            if word.starts_with("-D") || !self.pairs.iter().any(|(dir, ..)| word.contains(dir.as_str())) {
                out.push_str(word);
                continue;
            }
            let mut word = word.to_string();
            for (dir, name, _) in &self.pairs {
                word = word.replace(dir.as_str(), name);
            }
            out.push_str(&word);
        }
        out
    }
}

/// What is remembered of a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Known {
    #[serde(rename = "p")]
    pub path: String,
    #[serde(rename = "t")]
    pub stat: Stat,
    #[serde(rename = "h", with = "hash::as_hex")]
    pub hash: Id,
    /// CONFIG_ symbols that the text mentions, with spaces between; `*` is all of them.
    #[serde(rename = "c", default, skip_serializing_if = "String::is_empty")]
    pub symbols: String,
    /// The text takes time or date, or includes binary files: objects of it are not shared.
    #[serde(rename = "v", default, skip_serializing_if = "std::ops::Not::not")]
    pub volatile: bool,
}

/// A file as it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub stat: Stat,
    pub hash: Id,
    /// Stands for name, contents and the values of the symbols mentioned.
    pub mix: Id,
    pub volatile: bool,
}

#[derive(Default)]
struct Table {
    known: HashMap<Arc<str>, Known>,
    seen: HashMap<Arc<str>, Option<Seen>>,
    headers: HashMap<String, String>,
}

/// The table; any thread may ask.
pub(crate) struct Files {
    table: Mutex<Table>,
    config: DotConfig,
    config_all: Id,
    /// The generated header: read through the symbols mentioned, not as a file.
    header: String,
    pub names: Names,
}

impl Files {
    pub(crate) fn new(known: Vec<Known>, config: DotConfig, header: String, names: Names) -> Files {
        let known = known.into_iter().map(|k| (Arc::from(k.path.as_str()), k)).collect();
        let config_all = hash::id([config.make()]);
        Files { table: Mutex::new(Table { known, ..Table::default() }), config, config_all, header, names }
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The file as it is now, read at most once in a run; `None` when it is not there.
    pub(crate) fn see(&self, path: &str) -> Option<Seen> {
        if let Some(seen) = self.lock().seen.get(path) {
            return *seen;
        }
        let key: Arc<str> = Arc::from(path);
        let stat = Stat::of(path);
        let old = self.lock().known.get(path).filter(|k| k.stat == stat && stat.exists()).cloned();
        let known = old.or_else(|| if path == self.header { Some(self.header_itself(stat)) } else { read(path, stat) });
        let seen = known.as_ref().map(|k| self.seen(k));
        let mut table = self.lock();
        if let Some(known) = known {
            table.known.insert(key.clone(), known);
        }
        table.seen.insert(key, seen);
        seen
    }

    /// The file was written: what was seen of it is over.
    pub(crate) fn forget(&self, path: &str) {
        self.lock().seen.remove(path);
    }

    fn header_itself(&self, stat: Stat) -> Known {
        Known { path: self.header.clone(), stat, hash: 0, symbols: String::new(), volatile: false }
    }

    fn seen(&self, known: &Known) -> Seen {
        let mut mix = hash::id([self.names.shared(&known.path).as_bytes(), &known.hash.to_le_bytes()]);
        for symbol in known.symbols.split(' ').filter(|s| !s.is_empty()) {
            let value = if symbol == "*" { self.config_all } else { hash::id([symbol, self.config.get(symbol).unwrap_or("")]) };
            mix = mix.wrapping_add(value);
        }
        Seen { stat: known.stat, hash: known.hash, mix, volatile: known.volatile }
    }

    /// What stands for all these files; `None` when one is missing.
    pub(crate) fn sum<'a>(&self, paths: impl IntoIterator<Item = &'a str>) -> Option<Id> {
        paths.into_iter().try_fold(0_u128, |sum, path| Some(sum.wrapping_add(self.see(path)?.mix)))
    }

    /// The names of the headers below a directory of the project, as one identity; looked at once in a run.
    pub(crate) fn headers_below(&self, dir: &str) -> String {
        if let Some(known) = self.lock().headers.get(dir) {
            return known.clone();
        }
        let mut names = Vec::new();
        headers(std::path::Path::new(dir), 0, &mut names);
        let prefix = self.names.shared(dir);
        let id = hash::id_hex(hash::id(names.iter().map(|n| n.replacen(dir, &prefix, 1))));
        self.lock().headers.insert(dir.to_string(), id.clone());
        id
    }

    /// For the state file: what is known of these paths.
    pub(crate) fn known<'a>(&self, paths: impl Iterator<Item = &'a str>) -> Vec<Known> {
        let table = self.lock();
        paths.filter_map(|p| table.known.get(p).cloned()).collect()
    }
}

/// What `#include` could find: everything but what builds leave behind.
fn headers(dir: &std::path::Path, depth: usize, out: &mut Vec<String>) {
    if out.len() > 100_000 || dir.join("CACHEDIR.TAG").exists() {
        return;
    }
    let mut entries: Vec<_> = std::fs::read_dir(dir).into_iter().flatten().flatten().collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if entry.file_type().is_ok_and(|t| t.is_dir()) {
            if depth < 12 && !name.starts_with('.') {
                headers(&path, depth + 1, out);
            }
        } else if [".h", ".hh", ".hpp", ".hxx", ".inc", ".def", ".tbl"].iter().any(|e| name.ends_with(e)) || !name.contains('.') {
            out.push(path.display().to_string());
        }
    }
}

fn read(path: &str, stat: Stat) -> Option<Known> {
    let bytes = std::fs::read(path).ok()?;
    let is_text = ![".o", ".a"].iter().any(|e| path.ends_with(e));
    let (symbols, volatile) = if is_text { scan(&bytes) } else { (String::new(), false) };
    Some(Known { path: path.to_string(), stat, hash: hash::content(&bytes), symbols, volatile })
}

/// The CONFIG_ symbols in a text, and whether objects made of it may be shared.
fn scan(bytes: &[u8]) -> (String, bool) {
    let is_word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let mut symbols: Vec<&str> = Vec::new();
    let mut at = 0;
    while let Some(found) = find(&bytes[at..], b"CONFIG_") {
        let start = at + found;
        let end = start + bytes[start..].iter().position(|b| !is_word(*b)).unwrap_or(bytes.len() - start);
        at = end;
        if start > 0 && is_word(bytes[start - 1]) {
            continue;
        }
        let glued =
            bytes[end..].iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'#') && bytes[end..].windows(2).take(4).any(|w| w == b"##");
        let name = if glued || end == start + 7 { "*" } else { std::str::from_utf8(&bytes[start..end]).unwrap_or("*") };
        symbols.push(name);
    }
    symbols.sort_unstable();
    symbols.dedup();
    // A bare `CONFIG_` in a comment is no reason to depend on everything, unless something is glued to it.
    let glued = find(bytes, b"CONFIG_##").is_some() || find(bytes, b"CONFIG_ ##").is_some();
    symbols.retain(|s| *s != "*" || glued);
    let volatile = [&b"__DATE__"[..], b"__TIME__", b"__TIMESTAMP__", b".incbin", b"#embed"].iter().any(|w| find(bytes, w).is_some());
    (symbols.join(" "), volatile)
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    let first = *needle.first()?;
    let mut at = 0;
    while let Some(i) = haystack.get(at..)?.iter().position(|b| *b == first) {
        if haystack[at + i..].starts_with(needle) {
            return Some(at + i);
        }
        at += i + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_that_a_text_reads() {
        let (symbols, volatile) = scan(b"#if CONFIG_A || defined(CONFIG_B_2)\nMY_CONFIG_X CONFIG_ CONFIG_A");
        assert_eq!((symbols.as_str(), volatile), ("CONFIG_A CONFIG_B_2", false));
        assert_eq!(scan(b"#define IS(x) CONFIG_##x").0, "*");
        assert!(scan(b"puts(__DATE__)").1);
        assert_eq!(scan(b""), (String::new(), false));
    }

    #[test]
    fn places_are_replaced_but_not_in_macros() {
        let names = Names::new("/h/app/build", "/h/app", "/h/core", &["/h/libs/x".into()]);
        assert_eq!(names.shared("/h/app/build/a.h"), "%O%/a.h");
        assert_eq!(names.shared("/h/apple"), "/h/apple");
        assert_eq!(names.shared("/h/libs/x/a.c"), "%L:x%/a.c");
        let maps = names.prefix_maps();
        let place = |dir: &str| maps.find(dir).unwrap();
        assert!(place("=/h/app=. ") < place("=/h/app/build=./build") && maps.contains("-ffile-prefix-map=/h/libs/x=libs/x"), "{maps}");
        assert_eq!(names.local(&names.shared("/h/app/x.c")), "/h/app/x.c");
        assert_eq!(names.shared_command("cc -I/h/app/build/i -DP=\"/h/app\" -o /h/app/x"), "cc -I%O%/i -DP=\"/h/app\" -o %A%/x");
    }

    #[test]
    fn a_symbols_value_changes_only_what_mentions_it() {
        let dir = std::env::temp_dir().join(format!("ukbuild-files-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let (a, b) = (dir.join("a.c"), dir.join("b.c"));
        std::fs::write(&a, "CONFIG_A").unwrap();
        std::fs::write(&b, "int b;").unwrap();
        let files = |text: &str| Files::new(Vec::new(), DotConfig::parse(text), String::new(), Names::new("/o", "/a", "/b", &[]));
        let sum = |f: &Files, p: &std::path::Path| f.sum([p.to_str().unwrap()]).unwrap();
        let (one, two) = (files("CONFIG_A=y\nCONFIG_B=y"), files("CONFIG_B=y"));
        assert_ne!(sum(&one, &a), sum(&two, &a));
        assert_eq!(sum(&one, &b), sum(&two, &b));
        assert_eq!(one.sum(["/nowhere"]), None);
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
