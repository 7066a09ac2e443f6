//! From a root file system and a configuration to the first program (docs/boot-protocol.md, section 2). What the machine is made of is the image's
//! choice; it calls [`prepare`] when its components are registered.

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use abi::process::{Rlimit, rlimit};
use abi::{Errno, Result};
use bootcfg::{Config, parse_number};

use crate::control::{self, Bytes};
use crate::cred::Cred;
use crate::exec::{self, ExecError, Request, Started};
use crate::fd::FdTable;
use crate::limits::Limits;
use crate::process::user::Shared;
use crate::process::{Initial, create_initial, initial};
use crate::sched::Thread;
use crate::sync::Once;
use crate::vfs::file::File;
use crate::vfs::mounting::{MountArgs, mount, mount_root};
use crate::vfs::walk::{WalkFlags, lookup};
use crate::vfs::{Caller, FsContext, Inode, create};

/// File systems that every program finds: kind, place, permissions of the place if it has to be made.
const MOUNTS: [(&str, &str); 5] =
    [("proc", "/proc"), ("sysfs", "/sys"), ("devtmpfs", "/dev"), ("devpts", "/dev/pts"), ("tmpfs", "/dev/shm")];

/// What a program finds in its environment when nobody said anything.
const DEFAULT_ENV: [&[u8]; 2] = [b"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", b"HOME=/"];

/// Why the machine cannot start the program: one line for the tool, in the words of `exit fail`.
pub struct Failure {
    /// `notfound …`, `noexec …` or plain text.
    pub text: alloc::string::String,
}

impl From<ExecError> for Failure {
    fn from(error: ExecError) -> Failure {
        let class = match error.errno {
            Errno::ENOENT | Errno::ENOTDIR => "notfound ",
            Errno::EACCES | Errno::ENOEXEC | Errno::EPERM => "noexec ",
            _ => "",
        };
        Failure { text: format!("{class}{}", error.text) }
    }
}

/// The tool has the words for the number.
fn failure(what: &str, errno: Errno) -> Failure {
    Failure { text: format!("{what}: errno {}", errno.number()) }
}

/// What is there before the first program is.
pub struct Parts<'a> {
    /// Places in the file system, with everything mounted.
    pub fs: &'a Arc<FsContext>,
    /// The process's identity.
    pub cred: &'a Arc<Cred>,
    /// Its limits.
    pub limits: &'a Arc<Limits>,
}

/// Makes the first process with the program that the configuration names in memory. The caller starts its thread.
pub fn prepare(config: &Config<'_>, root: Arc<Inode>, stdio: [Arc<File>; 3]) -> Result<Arc<Thread>, Failure> {
    let fs = file_systems(config, root)?;
    prepare_with(config, fs, stdio, load_program)
}

/// Mounts `root` and, in it, what the kernel provides; enters the working directory that the configuration names.
pub fn file_systems(config: &Config<'_>, root: Arc<Inode>) -> Result<Arc<FsContext>, Failure> {
    let fs = mount_root(root, umask(config)).map_err(|errno| failure("the root file system cannot be mounted", errno))?;
    crate::process::names::install();
    mount_all(&fs);
    if let Some(mounter) = MOUNTER.get() {
        let root = Cred::new(0, 0, Arc::from([]));
        mounter(config, &Caller { fs: &fs, cred: &root }).map_err(|text| Failure { text })?;
    }
    enter_directory(config, &fs, &credentials(config));
    Ok(fs)
}

/// The file systems of an image that has none: an empty root directory.
pub fn no_file_systems(config: &Config<'_>) -> Result<Arc<FsContext>, Failure> {
    mount_root(crate::vfs::empty::root(), umask(config)).map_err(|errno| failure("an empty root directory", errno))
}

fn umask(config: &Config<'_>) -> u32 {
    config.get("umask").and_then(octal).unwrap_or(0o022)
}

/// As [`prepare`], in file systems that are mounted, with a program that `load` puts into memory.
pub fn prepare_with(
    config: &Config<'_>,
    fs: Arc<FsContext>,
    stdio: [Arc<File>; 3],
    load: impl FnOnce(&Config<'_>, &Parts<'_>) -> Result<Started, Failure>,
) -> Result<Arc<Thread>, Failure> {
    if let Some(seed) = config.get("seed") {
        crate::random::seed(&unhex(seed));
    }
    if let Some(epoch) = config.number("epoch") {
        crate::time::set_epoch(epoch);
    }
    if let Some(hostname) = config.get("hostname") {
        crate::names::set_hostname(hostname);
    }
    let cred = Arc::new(credentials(config));
    let limits = Arc::new(limits(config));
    let started = load(config, &Parts { fs: &fs, cred: &cred, limits: &limits })?;
    let files = FdTable::new();
    for file in stdio {
        files.insert(file, false, 3).map_err(|errno| failure("descriptors", errno))?;
    }
    let shared = Shared { files: Arc::new(files), fs, mm: started.mm, cred, blocked: 0, name: [0; 16] };
    let thread = create_initial(Initial { shared, limits, name: &started.name, context: &started.context })
        .map_err(|errno| failure("no memory for the first thread", errno))?;
    if let Some(process) = initial() {
        *process.program.lock() = Some(Arc::new(started.program));
    }
    Ok(thread)
}

/// Mounts what the kernel provides; a place that the image lacks is made. A file system that is not in this kernel is left out.
fn mount_all(fs: &FsContext) {
    let root = Cred::new(0, 0, Arc::from([]));
    let caller = Caller { fs, cred: &root };
    for (kind, place) in MOUNTS {
        if crate::vfs::superblock::find(kind.as_bytes()).is_err() {
            continue;
        }
        let path = place.as_bytes();
        let mounted = lookup(&caller, None, path, WalkFlags::FOLLOW | WalkFlags::QUIET)
            .or_else(|_| {
                create::mkdir(&caller, None, path, 0o755)?;
                lookup(&caller, None, path, WalkFlags::FOLLOW)
            })
            .and_then(|target| {
                let args = MountArgs { source: kind.as_bytes(), source_path: None, target, kind: kind.as_bytes(), flags: 0, data: b"" };
                mount(&caller, args)
            });
        if let Err(errno) = mounted {
            control::warn(format_args!("{kind} cannot be mounted on {place}: errno {}", errno.number()));
        }
    }
}

/// Mounts more than the kernel's own file systems, as the configuration says.
pub type Mounter = fn(&Config<'_>, &Caller<'_>) -> Result<(), String>;

static MOUNTER: Once<Mounter> = Once::new();

/// Registers what else is mounted before the first program is looked for.
pub fn set_mounter(mounter: Mounter) {
    let _ = MOUNTER.set(mounter);
}

fn credentials(config: &Config<'_>) -> Cred {
    let id = |key| config.number(key).and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
    let groups = config.get("groups").unwrap_or(b"");
    let groups: Vec<u32> = groups.split(|b| *b == b',').filter_map(|g| u32::try_from(parse_number(g)?).ok()).collect();
    Cred::new(id("uid"), id("gid"), Arc::from(groups))
}

fn limits(config: &Config<'_>) -> Limits {
    let limits = Limits::new();
    if let Some(nofile) = config.number("nofile") {
        let max = limits.get(rlimit::NOFILE).max.max(nofile);
        limits.set(rlimit::NOFILE, Rlimit { cur: nofile, max });
    }
    limits
}

fn enter_directory(config: &Config<'_>, fs: &FsContext, cred: &Cred) {
    let Some(cwd) = config.get("cwd") else { return };
    let caller = Caller { fs, cred };
    match lookup(&caller, None, cwd, WalkFlags::FOLLOW | WalkFlags::DIRECTORY) {
        Ok(path) => fs.set_cwd(path),
        Err(errno) => control::warn(format_args!("working directory {}: errno {}; starting in /", Bytes(cwd), errno.number())),
    }
}

fn load_program(config: &Config<'_>, parts: &Parts<'_>) -> Result<Started, Failure> {
    let argv: Vec<Vec<u8>> = config.args().map(<[u8]>::to_vec).collect();
    let path = config.get("exec").or(argv.first().map(Vec::as_slice));
    let Some(path) = path.map(<[u8]>::to_vec) else {
        return Err(Failure {
            text: "no program was named: give one after -- on the kernel's command line, or exec= in the configuration".into(),
        });
    };
    let mut envp: Vec<Vec<u8>> = config.all("env").map(<[u8]>::to_vec).collect();
    if envp.is_empty() {
        envp = DEFAULT_ENV.iter().map(|e| e.to_vec()).collect();
    }
    let request = Request {
        fs: parts.fs.clone(),
        cred: parts.cred.clone(),
        limits: parts.limits.clone(),
        argv: if argv.is_empty() { alloc::vec![path.clone()] } else { argv },
        path,
        envp,
        randomize: !config.flag("nokaslr"),
    };
    Ok(exec::load(request)?)
}

fn octal(text: &[u8]) -> Option<u32> {
    u32::from_str_radix(core::str::from_utf8(text).ok()?, 8).ok()
}

/// The value of a hexadecimal digit.
fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// The bytes of a hexadecimal text; what is not a digit ends it.
fn unhex(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() / 2);
    for pair in text.as_chunks::<2>().0 {
        match pair.map(digit) {
            [Some(high), Some(low)] => bytes.push(high << 4 | low),
            _ => break,
        }
    }
    bytes
}
