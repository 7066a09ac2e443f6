//! From a request to a plan: program, libraries, packages, arguments, system.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use crate::collect::{Budget, Collector};
use crate::elf::{Format, inspect};
use crate::host::Host;
use crate::plan::{Entry, Meta, Plan, Reason, What};
use crate::request::{Request, find_program};
use crate::{Error, Result, args, base, closure, dpkg, paths, plancache, prefix, script};

/// Linux refuses a fifth `#!` interpreter (BINPRM recursion).
const MAX_SCRIPTS: usize = 4;

/// The part of a plan that depends on the program and not on its arguments: what the plan cache keeps.
#[derive(Debug, Default, PartialEq)]
pub struct Base {
    pub entries: Vec<Entry>,
    pub guards: Vec<(Vec<u8>, Option<Meta>)>,
    pub notes: Vec<String>,
    /// What to start.
    pub exec: Vec<u8>,
    /// Arguments that replace argv\[0\] when the start is not the program itself.
    pub head: Vec<Vec<u8>>,
}

/// Lists what the image of `request` needs.
pub fn plan(request: &Request) -> Result<Plan> {
    let host = Host::new(&request.host_root);
    if let Some(dir) = &request.rootfs {
        return exactly(request, dir);
    }
    let program = find_program(&request.program, request.var("PATH"), &request.host_cwd, &request.host_root)?;
    let program = paths::bytes(&program);
    let (base, cached) = match plancache::load(request, program) {
        Some(base) => (base, true),
        None => {
            let base = build(&host, request, program)?;
            plancache::store(request, program, &base);
            (base, false)
        }
    };
    let mut c = Collector::new(&host);
    c.notes = base.notes;
    c.entries = base.entries.into_iter().map(|e| (e.guest.clone(), e)).collect();
    args::take(&mut c, request);
    args::directories(&mut c, request);
    for spec in &request.add {
        args::add(&mut c, request, spec)?;
    }
    let head: Vec<OsString> = match base.head.is_empty() {
        true => vec![argv0(request, &request.program, program)],
        false => base.head.into_iter().map(OsString::from_vec).collect(),
    };
    let real = |mut e: Entry| {
        e.host = e.host.map(|p| paths::bytes(&host.real(&p)).to_vec());
        e
    };
    Ok(Plan {
        entries: c.entries.into_values().map(real).collect(),
        exec: paths::path(&base.exec).into(),
        argv: head.into_iter().chain(request.args.iter().cloned()).collect(),
        cwd: request.cwd.clone(),
        notes: c.notes,
        cached,
    })
}

fn build(host: &Host, request: &Request, program: &[u8]) -> Result<Base> {
    let mut c = Collector::new(host);
    base::directories(&mut c);
    let found = resolve(&mut c, request, program)?;
    let orphans = match request.packages {
        true => dpkg::take(&mut c, request, &found.programs, &found.hops, &found.libraries),
        false => Vec::new(),
    };
    let mut plugins = Vec::new();
    for orphan in &orphans {
        let mut hops = vec![orphan.clone()];
        hops.extend(found.hops.iter().filter(|h| host.canonical(h).is_some_and(|(p, _)| p == *orphan)).cloned());
        plugins.extend(prefix::take(&mut c, request, &hops));
    }
    // A venv's python is a link to one that a package owns; what belongs to the venv lies beside the link.
    for hop in &found.hops {
        let dir = paths::parent(paths::parent(hop));
        if request.packages && host.lstat(&paths::join(dir, b"pyvenv.cfg")).is_some() {
            plugins.extend(prefix::take(&mut c, request, std::slice::from_ref(hop)));
        }
    }
    if !plugins.is_empty() {
        let libraries = closure::take_plugins(&mut c, request, &plugins);
        dpkg::take(&mut c, request, &[], &[], &libraries);
    }
    base::system(&mut c, request);
    Ok(Base {
        entries: c.entries.into_values().collect(),
        guards: c.guards.into_iter().collect(),
        notes: c.notes,
        exec: found.exec,
        head: found.head,
    })
}

/// What a program turned out to be.
struct Found {
    /// Canonical paths of the program and its interpreters of both kinds.
    programs: Vec<Vec<u8>>,
    /// Canonical paths of libraries.
    libraries: Vec<Vec<u8>>,
    /// The program and interpreters by the paths they are called by, and the links these lead through.
    hops: Vec<Vec<u8>>,
    exec: Vec<u8>,
    head: Vec<Vec<u8>>,
}

/// Follows `#!` lines to an ELF file and takes everything on the way.
fn resolve(c: &mut Collector<'_>, request: &Request, program: &[u8]) -> Result<Found> {
    let mut found = Found { programs: vec![], libraries: vec![], hops: vec![], exec: program.to_vec(), head: vec![] };
    // The argument list as the scripts so far make it; the last one is the script's own path.
    let mut argv = VecDeque::new();
    let mut path = program.to_vec();
    for level in 0..=MAX_SCRIPTS {
        let reason = if level == 0 { Reason::Program } else { Reason::Interpreter };
        let canonical = take_program(c, &path, program, &reason)?;
        let links = c.host.walk(&path).hops.into_iter().filter(|(_, s)| matches!(s.what, Some(What::Symlink(_)))).map(|(p, _)| p);
        found.hops.extend(links.chain([path.clone()]));
        found.programs.push(canonical.clone());
        let file = c.host.open(&canonical).map_err(|e| no_exec(&path, &format!("it cannot be read: {e}")))?;
        match inspect(&file).map_err(|e| Error::io(paths::path(&path), e))? {
            Format::Elf(elf) => {
                found.libraries.extend(closure::take(c, request, &canonical, *elf)?);
                return Ok(found);
            }
            Format::Script(line) => {
                let (interp, arg) = script::split(&line).ok_or_else(|| no_exec(&path, "its `#!` line names no interpreter"))?;
                argv.push_front(path.clone());
                if let Some(command) = arg.as_deref().filter(|_| paths::name(&interp) == b"env").and_then(script::env_command) {
                    // The guest would need execve for env's sake: start what env would start.
                    let name = OsString::from_vec(command[0].clone());
                    path = paths::bytes(&find_program(&name, request.var("PATH"), &request.host_cwd, &request.host_root)?).to_vec();
                    command.into_iter().skip(1).rev().for_each(|word| argv.push_front(word));
                    argv.push_front(argv0(request, &name, &path).into_vec());
                    found.exec = path.clone();
                    found.head = argv.iter().cloned().collect();
                } else {
                    arg.into_iter().for_each(|a| argv.push_front(a));
                    argv.push_front(interp.clone());
                    path = paths::tidy(&paths::join(paths::bytes(&request.host_cwd), &interp));
                }
            }
            Format::Bad(why) => return Err(no_exec(&path, why)),
            Format::Other => return Err(no_exec(&path, "it is neither an ELF file nor a script with a `#!` line")),
        }
    }
    Err(Error::ScriptLoop(paths::path(program).into()))
}

/// What execvp(3) passes as argv\[0\]: the name as typed; the program's path when a version manager's shim stood in PATH, as the shim
/// does (Python finds its library through argv\[0\] and PATH).
fn argv0(request: &Request, typed: &OsStr, found: &[u8]) -> OsString {
    let dir = paths::path(paths::parent(found));
    let by_path = paths::bytes(typed).contains(&b'/');
    let as_typed = match by_path {
        true => paths::tidy(paths::bytes(&request.host_cwd.join(typed))) == found,
        false => request.var("PATH").is_none_or(|list| std::env::split_paths(list).any(|p| request.host_cwd.join(p) == dir)),
    };
    if as_typed { typed.to_owned() } else { paths::path(found).as_os_str().to_owned() }
}

fn take_program(c: &mut Collector<'_>, path: &[u8], program: &[u8], reason: &Reason) -> Result<Vec<u8>> {
    c.guard(path);
    let Some((canonical, stat)) = c.add(path, reason) else {
        return Err(match reason {
            Reason::Program => Error::NotFound { program: paths::text(path), hint: " (a symbolic link on the way leads nowhere)".into() },
            _ => Error::MissingInterpreter { interpreter: paths::text(path), program: paths::path(program).into() },
        });
    };
    c.guard(&canonical);
    if stat.what != Some(What::File) {
        return Err(no_exec(path, "it is not a regular file"));
    }
    if stat.meta.perm & 0o111 == 0 {
        return Err(no_exec(path, "it has no execute permission (chmod +x)"));
    }
    Ok(canonical)
}

fn no_exec(path: &[u8], why: &str) -> Error {
    Error::NotExecutable { path: PathBuf::from(paths::path(path)), why: why.into() }
}

/// `--rootfs`: that directory and nothing else, plus what `--add` names.
fn exactly(request: &Request, dir: &std::path::Path) -> Result<Plan> {
    let real = request.host_root.join(request.host_cwd.strip_prefix("/").unwrap_or(&request.host_cwd)).join(dir);
    let given = |source| Error::Given { what: "--rootfs", path: dir.into(), source };
    let top = std::fs::canonicalize(&real).map_err(given)?;
    if !top.is_dir() {
        return Err(given(std::io::ErrorKind::NotADirectory.into()));
    }
    let inner = Host::new(&top);
    let mut c = Collector::new(&inner);
    let mut budget = Budget { files: usize::MAX, bytes: u64::MAX, follow: false };
    c.add_tree(b"/", &Reason::Rootfs, &mut budget, &|_| false);
    // The host path of an entry is below the directory.
    for e in c.entries.values_mut() {
        e.host = Some(paths::bytes(&inner.real(&e.guest)).to_vec());
    }
    let program = find_program(&request.program, request.var("PATH"), &request.cwd, &top)?;
    let (entries, notes) = (c.entries, c.notes);
    let outer = Host::new(&request.host_root);
    let mut c = Collector::new(&outer);
    (c.entries, c.notes) = (entries, notes);
    for spec in &request.add {
        args::add(&mut c, request, spec)?;
    }
    Ok(Plan {
        entries: c.entries.into_values().collect(),
        exec: program,
        argv: [request.program.clone()].into_iter().chain(request.args.iter().cloned()).collect(),
        cwd: request.cwd.clone(),
        notes: c.notes,
        cached: false,
    })
}
