//! What the command line names: arguments that are files of the host, `--add`, the working directory.

use std::collections::BTreeSet;

use crate::closure;
use crate::collect::{Budget, Collector};
use crate::elf::{Format, inspect};
use crate::listing;
use crate::paths;
use crate::plan::{Entry, Meta, Reason, What};
use crate::request::{AddSpec, Request, find_program};
use crate::{Error, Result};

/// The guest has its own.
const NOT_THERE: [&[u8]; 3] = [b"/proc", b"/sys", b"/dev"];

/// Takes the files that arguments name, as they are and behind `=`, `:` and one-letter options.
pub fn take(c: &mut Collector<'_>, request: &Request) {
    let cwd = paths::bytes(&request.host_cwd);
    let mut seen = BTreeSet::new();
    let mut named = false;
    for arg in &request.args {
        for text in candidates(paths::bytes(arg)) {
            let path = paths::tidy(&paths::join(cwd, text));
            if NOT_THERE.iter().any(|top| paths::within(&path, top)) || !seen.insert(path.clone()) {
                continue;
            }
            // The guest has a root directory: the whole host is not what `ls /` and `df /` mean.
            if path == b"/" {
                named = true;
                continue;
            }
            if c.host.canonical(&path).is_none() {
                // A link to nowhere is a file too; for a file to be written, the directory matters.
                c.add(&path, &Reason::Argument);
                if text.contains(&b'/') {
                    c.dir(paths::parent(&path), &Reason::Argument);
                }
                continue;
            }
            named = true;
            argument(c, request, &path);
            neighbours(c, &path);
        }
        // `java Main`: the class file of that name.
        let class = paths::join(cwd, &[paths::bytes(arg), b".class"].concat());
        if c.host.canonical(&class).is_some() {
            c.add(&class, &Reason::Argument);
            neighbours(c, &class);
        }
    }
    if !named {
        listing::take(c, request, &|p| NOT_THERE.iter().any(|top| paths::within(p, top)));
    }
    if let Ok(program) = find_program(&request.program, request.var("PATH"), &request.host_cwd, &request.host_root) {
        neighbours(c, paths::bytes(&program));
    }
}

/// Extensions of files that load others from their own directory.
const LOADERS: [&[u8]; 12] = [b".py", b".js", b".mjs", b".cjs", b".rb", b".pl", b".pm", b".php", b".lua", b".class", b".sh", b".ts"];

/// What a script finds beside itself without being told: modules with its extension, Python packages, node's modules and manifest.
/// Directories of installed programs are left alone; their packages say what belongs to them.
fn neighbours(c: &mut Collector<'_>, script: &[u8]) {
    let Some(extension) = LOADERS.into_iter().find(|e| script.ends_with(e)) else { return };
    let Some((canonical, _)) = c.host.canonical(script) else { return };
    let dir = paths::parent(&canonical).to_vec();
    if [&b"/usr"[..], b"/opt"].iter().any(|top| paths::within(&dir, top)) || dir == b"/" || dir == b"/tmp" {
        return;
    }
    let mut budget = Budget { files: 5000, bytes: 64 << 20, follow: false };
    for name in c.host.list(&dir).unwrap_or_default() {
        let full = paths::join(&dir, &name);
        let package = extension == b".py" && c.host.lstat(&paths::join(&full, b"__init__.py")).is_some();
        let data = name.ends_with(b".json") && extension.ends_with(b"js");
        if name.ends_with(extension) || package || data {
            c.add_tree(&full, &Reason::Argument, &mut budget, &|_| false);
        }
    }
    if extension.ends_with(b"js") {
        // node looks for both in every directory above.
        let mut above = dir.as_slice();
        while above != b"/" {
            c.add(&paths::join(above, b"package.json"), &Reason::Argument);
            c.add_tree(
                &paths::join(above, b"node_modules"),
                &Reason::Argument,
                &mut Budget { files: 50_000, bytes: 256 << 20, follow: false },
                &|_| false,
            );
            above = paths::parent(above);
        }
    }
}

fn argument(c: &mut Collector<'_>, request: &Request, path: &[u8]) {
    let limits = &request.limits;
    let mut budget = Budget { files: limits.argument_files, bytes: limits.argument_bytes, follow: false };
    let skip = |p: &[u8]| NOT_THERE.iter().any(|top| paths::within(p, top));
    if !c.add_tree(path, &Reason::Argument, &mut budget, &skip) {
        c.notes.push(format!(
            "{}: more than {} files or {} MiB, so only a part of it is in the image; --add what is missing",
            paths::text(path),
            limits.argument_files,
            limits.argument_bytes >> 20
        ));
    }
}

/// The parts of an argument that may be paths.
fn candidates(arg: &[u8]) -> Vec<&[u8]> {
    let mut all = vec![arg];
    if let Some(at) = memchr::memchr(b'=', arg) {
        all.push(&arg[at + 1..]);
    }
    // -I/usr/include, -f./file
    if arg.first() == Some(&b'-')
        && let Some(at) = arg.iter().position(|b| b"/.".contains(b))
    {
        all.push(&arg[at..]);
    }
    // a.jar:lib/b.jar
    for list in all.clone() {
        if list.contains(&b':') {
            all.extend(list.split(|&b| b == b':'));
        }
    }
    all.retain(|a| !a.is_empty() && !a.contains(&0) && a.len() < 4096);
    all
}

/// The working directory, HOME and TMPDIR exist in the guest.
pub fn directories(c: &mut Collector<'_>, request: &Request) {
    c.guest_dir(paths::bytes(&request.cwd), &Reason::Argument);
    for name in ["HOME", "TMPDIR"] {
        if let Some(dir) = request.var(name).map(paths::bytes)
            && dir.first() == Some(&b'/')
            && !dir.windows(2).any(|w| w == b"..")
        {
            c.guest_dir(dir, &Reason::System);
        }
    }
}

/// Takes what `--add` names; it replaces what is at the same place. Programs come with their libraries.
pub fn add(c: &mut Collector<'_>, request: &Request, spec: &AddSpec) -> Result<()> {
    let host = paths::tidy(&paths::join(paths::bytes(&request.host_cwd), paths::bytes(&spec.host)));
    let Some((canonical, stat)) = c.host.canonical(&host) else {
        return Err(Error::Given { what: "--add", path: spec.host.clone(), source: std::io::ErrorKind::NotFound.into() });
    };
    let mut files = Collector::new(c.host);
    let mut budget = Budget { files: usize::MAX, bytes: u64::MAX, follow: false };
    files.add_tree(&canonical, &Reason::Add, &mut budget, &|_| false);
    if stat.what == Some(What::File)
        && let Ok(Format::Elf(elf)) = c.host.open(&canonical).and_then(|f| inspect(&f))
    {
        closure::take(c, request, &canonical, *elf)?;
    }
    let guest = match &spec.guest {
        Some(guest) => {
            let guest = paths::tidy(paths::bytes(guest));
            paths::join(&c.guest_dir(paths::parent(&guest), &Reason::Add), paths::name(&guest))
        }
        None => {
            // The way there, links included, and the file where it really lies.
            c.add(&host, &Reason::Add);
            canonical.clone()
        }
    };
    c.notes.append(&mut files.notes);
    let below = files.entries.into_values().filter(|e| paths::within(&e.guest, &canonical));
    for e in below {
        let rest = &e.guest[canonical.len()..];
        let at = if canonical == b"/" { e.guest.clone() } else { [&guest[..], rest].concat() };
        let meta = Meta { soft: false, ..e.meta };
        c.entries.insert(at.clone(), Entry { guest: at, meta, ..e });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_arguments() {
        let has = |arg: &'static str, want: &str| candidates(arg.as_bytes()).contains(&want.as_bytes());
        assert!(has("/etc/passwd", "/etc/passwd"));
        assert!(has("if=/etc/passwd", "/etc/passwd"));
        assert!(has("--file=x.txt", "x.txt"));
        assert!(has("-I/usr/include", "/usr/include"));
        assert!(has("a.jar:b/c.jar", "b/c.jar"));
        assert!(candidates(b"").is_empty());
        assert!(!has("-c", ""));
    }
}
