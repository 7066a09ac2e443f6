//! The shared libraries a program needs, found as its dynamic loader would find them: ld.so(8) for glibc, musl's own order for musl.
//!
//! The guest's CPU may be better or worse than the host's, so every glibc-hwcaps variant of a library is taken, not only the best.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::collect::Collector;
use crate::elf::{Elf, Format, inspect};
use crate::ldcache::LdCache;
use crate::paths;
use crate::plan::{Reason, What};
use crate::request::Request;
use crate::{Error, Result};

const GLIBC_DIRS: [&str; 6] = ["/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib"];
/// What `$LIB` may stand for: Debian's and Fedora's answer.
const LIB_DIRS: [&[u8]; 2] = [b"lib/x86_64-linux-gnu", b"lib64"];
/// musl's loader is these libraries itself (ldso/dynlink.c, `reserved`).
const MUSL_OWN: [&[u8]; 7] = [b"libc.", b"libpthread.", b"librt.", b"libm.", b"libdl.", b"libutil.", b"libxnet."];
/// Opened by glibc by name, never listed as needed: thread cancellation, and name lookup before glibc 2.34.
const GLIBC_DLOPENED: [&[u8]; 3] = [b"libgcc_s.so.1", b"libnss_files.so.2", b"libnss_dns.so.2"];

/// Which loader's rules apply.
enum Flavour {
    Glibc(LdCache),
    Musl(Vec<Vec<u8>>),
}

/// An object as the loader has it.
struct Object {
    /// As found, symbolic links unresolved: `$ORIGIN` of a library is the directory of this.
    path: Vec<u8>,
    elf: Elf,
    loader: Option<usize>,
}

/// One resolution.
struct Search<'r> {
    request: &'r Request,
    flavour: Flavour,
    objects: Vec<Object>,
}

/// Takes the interpreter and all libraries of the ELF file at `path` (canonical). Returns the canonical paths of what was taken.
pub fn take(c: &mut Collector<'_>, request: &Request, path: &[u8], elf: Elf) -> Result<Vec<Vec<u8>>> {
    closure(c, request, path, elf, true)
}

/// Takes the libraries of plug-ins (extension modules and the like), as far as they are there: a program works without most of them.
pub fn take_plugins(c: &mut Collector<'_>, request: &Request, paths: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut taken = Vec::new();
    for path in paths {
        if let Ok(Format::Elf(elf)) = c.host.open(path).and_then(|f| inspect(&f)) {
            taken.extend(closure(c, request, path, *elf, false).unwrap_or_default());
        }
    }
    taken.sort_unstable();
    taken.dedup();
    taken
}

fn closure(c: &mut Collector<'_>, request: &Request, path: &[u8], elf: Elf, strict: bool) -> Result<Vec<Vec<u8>>> {
    let mut taken = Vec::new();
    let mut known: HashSet<Vec<u8>> = HashSet::new();
    let musl = elf.interp.as_deref().map_or_else(|| links_musl(&elf), |i| paths::name(i).starts_with(b"ld-musl"));
    if let Some(interp) = &elf.interp {
        let Some((canonical, _)) = c.add(interp, &Reason::Interpreter) else {
            c.guard(interp);
            return Err(Error::MissingInterpreter { interpreter: paths::text(interp), program: paths::path(path).into() });
        };
        known.extend([paths::name(interp).to_vec(), paths::name(&canonical).to_vec()]);
        if let Ok(Format::Elf(e)) = c.host.open(&canonical).and_then(|f| inspect(&f)) {
            known.extend(e.soname);
        }
        taken.push(canonical);
    }
    let flavour = if musl { musl_flavour(c) } else { glibc_flavour(c) };
    let first = Object { path: path.to_vec(), elf, loader: None };
    let mut search = Search { request, flavour, objects: vec![first] };
    let mut at = 0;
    while at < search.objects.len() {
        let mut names = search.objects[at].elf.needed.clone();
        if at == 0 {
            names.splice(0..0, preload(request));
        }
        for name in names {
            if known.contains(&name) || musl && MUSL_OWN.iter().any(|own| name.starts_with(own)) {
                continue;
            }
            search.one(c, at, &name, &mut known, &mut taken, strict)?;
        }
        if !musl && paths::name(&search.objects[at].path) == b"libc.so.6" {
            for name in GLIBC_DLOPENED {
                if !known.contains(name) {
                    search.one(c, at, name, &mut known, &mut taken, false)?;
                }
            }
        }
        at += 1;
    }
    Ok(taken)
}

fn links_musl(elf: &Elf) -> bool {
    elf.needed.iter().any(|n| n == b"libc.so" || n.starts_with(b"libc.musl"))
}

fn preload(request: &Request) -> Vec<Vec<u8>> {
    let list = request.var("LD_PRELOAD").map_or(&[][..], |v| paths::bytes(v));
    list.split(|b| b": \t".contains(b)).filter(|p| !p.is_empty()).map(<[u8]>::to_vec).collect()
}

fn glibc_flavour(c: &mut Collector<'_>) -> Flavour {
    c.guard(b"/etc/ld.so.cache");
    Flavour::Glibc(c.host.read(b"/etc/ld.so.cache").map(LdCache::parse).unwrap_or_default())
}

fn musl_flavour(c: &mut Collector<'_>) -> Flavour {
    let file = b"/etc/ld-musl-x86_64.path";
    c.guard(file);
    let list = c.host.read(file).unwrap_or_else(|_| b"/lib:/usr/local/lib:/usr/lib".to_vec());
    c.add(file, &Reason::System);
    Flavour::Musl(list.split(|b| b":\n".contains(b)).filter(|p| !p.is_empty()).map(<[u8]>::to_vec).collect())
}

impl Search<'_> {
    /// Finds one library and takes it.
    fn one(
        &mut self,
        c: &mut Collector<'_>,
        by: usize,
        name: &[u8],
        known: &mut HashSet<Vec<u8>>,
        taken: &mut Vec<Vec<u8>>,
        must: bool,
    ) -> Result<()> {
        let found = self.find(c, by, name);
        known.insert(name.to_vec());
        if found.is_empty() && must {
            return Err(Error::MissingLibrary { library: paths::text(name), needed_by: paths::path(&self.objects[by].path).into() });
        }
        let reason = Reason::Library(Arc::from(paths::text(paths::name(&self.objects[by].path))));
        for (path, elf) in found {
            known.extend(elf.soname.clone());
            if let Some((canonical, _)) = c.add(&path, &reason)
                && !taken.contains(&canonical)
            {
                // What another program or plug-in brought has its libraries already.
                if c.closed.insert(canonical.clone()) {
                    self.objects.push(Object { path, elf, loader: Some(by) });
                }
                taken.push(canonical);
            }
        }
        Ok(())
    }

    /// Every file that may be loaded for `name`: the one of the first place that has it, with its hwcaps variants.
    fn find(&self, c: &mut Collector<'_>, by: usize, name: &[u8]) -> Vec<(Vec<u8>, Elf)> {
        if name.contains(&b'/') {
            let path = self.expand(c, name, by).pop().unwrap_or_default();
            return self.usable(c, path).into_iter().collect();
        }
        let mut dirs = Vec::new();
        match &self.flavour {
            Flavour::Glibc(_) => {
                dirs.extend(self.rpaths(c, by));
                dirs.extend(self.lib_path(c));
                dirs.extend(self.objects[by].elf.runpath.iter().flat_map(|list| self.split(c, list, by)));
            }
            Flavour::Musl(path) => {
                dirs.extend(self.lib_path(c));
                dirs.extend(self.musl_rpaths(c, by));
                dirs.extend(path.clone());
            }
        }
        let found = self.in_dirs(c, &dirs, name);
        let Flavour::Glibc(cache) = &self.flavour else { return found };
        if !found.is_empty() {
            return found;
        }
        if self.objects[by].elf.no_default_dirs {
            return found;
        }
        let cached: Vec<Vec<u8>> = cache.lookup(name).into_iter().map(<[u8]>::to_vec).collect();
        let found: Vec<_> = cached.into_iter().filter_map(|path| self.usable(c, path)).collect();
        if !found.is_empty() {
            return found;
        }
        self.in_dirs(c, &GLIBC_DIRS.map(|d| d.as_bytes().to_vec()), name)
    }

    fn in_dirs(&self, c: &mut Collector<'_>, dirs: &[Vec<u8>], name: &[u8]) -> Vec<(Vec<u8>, Elf)> {
        for dir in dirs {
            let Some((canonical, _)) = c.host.canonical(dir) else {
                c.guard(dir);
                continue;
            };
            c.guard(&canonical);
            let mut found = Vec::new();
            let hwcaps = paths::join(dir, b"glibc-hwcaps");
            if let Some((hwcaps_dir, _)) = c.host.canonical(&hwcaps) {
                for level in c.host.list(&hwcaps_dir).unwrap_or_default() {
                    found.extend(self.usable(c, paths::join(&paths::join(&hwcaps, &level), name)));
                }
            }
            found.extend(self.usable(c, paths::join(dir, name)));
            if !found.is_empty() {
                return found;
            }
        }
        Vec::new()
    }

    /// The file, if it is a library for this machine; ld.so passes over others.
    fn usable(&self, c: &Collector<'_>, path: Vec<u8>) -> Option<(Vec<u8>, Elf)> {
        let (canonical, stat) = c.host.canonical(&path)?;
        if stat.what != Some(What::File) {
            return None;
        }
        match inspect(&c.host.open(&canonical).ok()?) {
            Ok(Format::Elf(elf)) => Some((path, *elf)),
            _ => None,
        }
    }

    /// DT_RPATH of the object and of those that loaded it, then of the program; none of it when the object has a RUNPATH.
    fn rpaths(&self, c: &Collector<'_>, by: usize) -> Vec<Vec<u8>> {
        if self.objects[by].elf.runpath.is_some() {
            return Vec::new();
        }
        let mut dirs = Vec::new();
        let mut at = Some(by);
        while let Some(i) = at {
            let object = &self.objects[i];
            if let (Some(list), None) = (&object.elf.rpath, &object.elf.runpath) {
                dirs.extend(self.split(c, list, i));
            }
            at = object.loader;
        }
        dirs
    }

    /// musl takes RPATH and RUNPATH alike, and inherits both.
    fn musl_rpaths(&self, c: &Collector<'_>, by: usize) -> Vec<Vec<u8>> {
        let mut dirs = Vec::new();
        let mut at = Some(by);
        while let Some(i) = at {
            let object = &self.objects[i];
            if let Some(list) = object.elf.runpath.as_ref().or(object.elf.rpath.as_ref()) {
                dirs.extend(self.split(c, list, i));
            }
            at = object.loader;
        }
        dirs
    }

    fn lib_path(&self, c: &Collector<'_>) -> Vec<Vec<u8>> {
        let list = self.request.var("LD_LIBRARY_PATH").map_or(&[][..], |v| paths::bytes(v));
        if list.is_empty() { Vec::new() } else { list.split(|b| b":;".contains(b)).flat_map(|d| self.expand(c, d, 0)).collect() }
    }

    fn split(&self, c: &Collector<'_>, list: &[u8], object: usize) -> Vec<Vec<u8>> {
        list.split(|&b| b == b':').flat_map(|d| self.expand(c, d, object)).collect()
    }

    /// Replaces `$ORIGIN`, `$LIB` and `$PLATFORM`; relative paths start at the working directory, as does an empty one.
    fn expand(&self, c: &Collector<'_>, path: &[u8], object: usize) -> Vec<Vec<u8>> {
        let object = &self.objects[object].path;
        let origin = c.host.canonical(paths::parent(object)).map_or_else(|| paths::parent(object).to_vec(), |(p, _)| p);
        let cwd = paths::bytes(&self.request.host_cwd);
        let with = |lib: &[u8]| {
            let map: HashMap<&[u8], &[u8]> = [(&b"ORIGIN"[..], &origin[..]), (b"LIB", lib), (b"PLATFORM", b"x86_64")].into();
            paths::tidy(&paths::join(cwd, &substitute(path, &map)))
        };
        let mut all: Vec<_> = LIB_DIRS.map(with).into();
        all.dedup();
        all
    }
}

/// `$NAME` and `${NAME}`; unknown names stay as they are.
fn substitute(text: &[u8], map: &HashMap<&[u8], &[u8]>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'$', rest) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at + 1..];
        let (braced, tail) = rest.strip_prefix(b"{").map_or((false, rest), |t| (true, t));
        let len = tail.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
        let closed = !braced || tail.get(len) == Some(&b'}');
        match map.get(&tail[..len]) {
            Some(value) if closed => {
                out.extend_from_slice(value);
                rest = &tail[len + usize::from(braced)..];
            }
            _ => out.push(b'$'),
        }
    }
    out.extend_from_slice(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dynamic_string_tokens() {
        let map: HashMap<&[u8], &[u8]> = [(&b"ORIGIN"[..], &b"/o"[..]), (b"LIB", b"lib64")].into();
        for (text, want) in
            [("$ORIGIN/../lib", "/o/../lib"), ("${ORIGIN}x", "/ox"), ("/a/$LIB", "/a/lib64"), ("$NOPE/$", "$NOPE/$"), ("${LIB", "${LIB")]
        {
            assert_eq!(paths::text(&substitute(text.as_bytes(), &map)), want);
        }
    }
}
