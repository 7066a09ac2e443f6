//! The directory of a process and those of its threads.

use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;

use abi::{Errno, Result};
use fs_pseudo::{Content, Dir, Node, Target, Text};
use kernel::process::program::Program;
use kernel::process::{Process, UserThread};
use kernel::sched::Thread;
use kernel::vfs::{FileType, Path};

use crate::{fds, limits, maps, mounts, parse_id, status};

/// A process, or one thread of it, as the texts of its directory see it.
#[derive(Clone)]
pub struct Subject {
    /// The process.
    pub process: Arc<Process>,
    /// The thread: the one the directory is of, or the first.
    pub thread: Option<Arc<Thread>>,
}

impl Subject {
    /// Runs `f` with the application's side of the thread; ESRCH when it has ended.
    pub fn with_user<R>(&self, f: impl FnOnce(&UserThread) -> R) -> Result<R> {
        let thread = self.thread.clone().or_else(|| self.process.threads().first().cloned()).ok_or(Errno::ESRCH)?;
        thread.user::<UserThread>().map(f).ok_or(Errno::ESRCH)
    }

    /// What the loader told of its program.
    pub fn program(&self) -> Option<Arc<Program>> {
        self.process.program.lock().clone()
    }
}

type Writer = fn(&Subject, &mut Text) -> Result<()>;
type Store = fn(&Subject, &[u8]) -> Result<()>;

enum Kind {
    Text(Writer),
    Setting(Writer, Store),
    Private(Writer),
    Link(fn(&Subject) -> Result<Path>),
    Dir(fn(&Subject) -> Arc<dyn Dir>),
}

/// Entries that both processes and threads have.
static COMMON: &[(&str, Kind)] = &[
    ("auxv", Kind::Private(auxv)),
    ("cgroup", Kind::Text(|_, out| put(out, b"0::/\n"))),
    ("cmdline", Kind::Text(|subject, out| strings(subject, out, |program| program.args))),
    ("comm", Kind::Setting(comm, set_comm)),
    ("cpuset", Kind::Text(|_, out| put(out, b"/\n"))),
    ("cwd", Kind::Link(|subject| subject.with_user(|user| user.fs().cwd()))),
    ("environ", Kind::Private(|subject, out| strings(subject, out, |program| program.envs))),
    ("exe", Kind::Link(|subject| subject.program().and_then(|p| p.exe.clone()).ok_or(Errno::ENOENT))),
    ("fd", Kind::Dir(|subject| Arc::new(fds::FdDir(subject.clone())))),
    ("fdinfo", Kind::Dir(|subject| Arc::new(fds::FdInfoDir(subject.clone())))),
    ("gid_map", Kind::Text(|_, out| put(out, b"         0          0 4294967295\n"))),
    ("io", Kind::Private(status::io)),
    ("limits", Kind::Text(limits::text)),
    ("loginuid", Kind::Text(|_, out| put(out, b"4294967295"))),
    ("maps", Kind::Text(maps::maps)),
    ("mountinfo", Kind::Text(mounts::mountinfo)),
    ("mounts", Kind::Text(mounts::mounts)),
    ("net", Kind::Dir(|_| Arc::new(fs_pseudo::Table(crate::settings::NET)))),
    ("oom_adj", Kind::Text(|_, out| put(out, b"0\n"))),
    ("oom_score", Kind::Text(|_, out| put(out, b"0\n"))),
    ("oom_score_adj", Kind::Setting(status::oom_score_adj, status::set_oom_score_adj)),
    ("personality", Kind::Private(status::personality)),
    ("root", Kind::Link(|subject| subject.with_user(|user| user.fs().root()))),
    ("sessionid", Kind::Text(|_, out| put(out, b"4294967295"))),
    ("setgroups", Kind::Text(|_, out| put(out, b"allow\n"))),
    ("smaps", Kind::Text(maps::smaps)),
    ("stat", Kind::Text(status::stat)),
    ("statm", Kind::Text(status::statm)),
    ("status", Kind::Text(status::status)),
    ("uid_map", Kind::Text(|_, out| put(out, b"         0          0 4294967295\n"))),
    ("wchan", Kind::Text(|_, out| put(out, b"0"))),
];

/// Entries of processes alone.
static PROCESS: &[(&str, Kind)] = &[
    ("coredump_filter", Kind::Text(|_, out| put(out, b"00000033\n"))),
    ("smaps_rollup", Kind::Text(maps::smaps_rollup)),
    ("task", Kind::Dir(|subject| Arc::new(TaskDir(subject.process.clone())))),
];

fn put(out: &mut Text, bytes: &[u8]) -> Result<()> {
    out.bytes.extend_from_slice(bytes);
    Ok(())
}

fn auxv(subject: &Subject, out: &mut Text) -> Result<()> {
    subject.program().map_or(Ok(()), |program| put(out, &program.auxv))
}

fn comm(subject: &Subject, out: &mut Text) -> Result<()> {
    let name = subject.with_user(UserThread::name)?;
    put(out, status::trimmed(&name))?;
    put(out, b"\n")
}

fn set_comm(subject: &Subject, bytes: &[u8]) -> Result<()> {
    subject.with_user(|user| user.set_name(bytes))
}

/// The longest argument or environment area that is shown.
const MAX_STRINGS: usize = 1 << 20;

/// Argument or environment strings, out of the process's memory as it is now (programs rewrite them to change their title).
fn strings(subject: &Subject, out: &mut Text, area: fn(&Program) -> (usize, usize)) -> Result<()> {
    let Some(program) = subject.program() else { return Ok(()) };
    let (start, end) = area(&program);
    let len = end.saturating_sub(start).min(MAX_STRINGS);
    let mut bytes = alloc::vec![0u8; len];
    let mm = subject.with_user(UserThread::mm)?;
    let got = mm.read_memory(start, &mut bytes);
    put(out, &bytes[..got])
}

/// The directory of a process.
pub struct ProcessDir(Subject);

impl ProcessDir {
    /// Of this process.
    pub fn new(process: Arc<Process>) -> ProcessDir {
        ProcessDir(Subject { process, thread: None })
    }
}

fn node(subject: &Subject, kind: &'static Kind) -> Node {
    match kind {
        Kind::Text(_) | Kind::Setting(..) | Kind::Private(_) => Node::File(Arc::new(SubjectText { subject: subject.clone(), kind })),
        Kind::Link(target) => Node::Link(Arc::new(SubjectLink { subject: subject.clone(), target: *target })),
        Kind::Dir(make) => Node::Dir(make(subject)),
    }
}

fn file_type(kind: &Kind) -> FileType {
    match kind {
        Kind::Link(_) => FileType::Symlink,
        Kind::Dir(_) => FileType::Directory,
        _ => FileType::Regular,
    }
}

fn owner(subject: &Subject) -> (u32, u32) {
    subject.with_user(|user| (user.cred().euid, user.cred().egid)).unwrap_or((0, 0))
}

fn list(table: &'static [(&'static str, Kind)], visit: &mut dyn FnMut(&[u8], FileType) -> bool) -> bool {
    table.iter().all(|(name, kind)| visit(name.as_bytes(), file_type(kind)))
}

impl Dir for ProcessDir {
    fn lookup(&self, name: &[u8]) -> Result<Node> {
        let entry = COMMON.iter().chain(PROCESS).find(|(n, _)| n.as_bytes() == name).ok_or(Errno::ENOENT)?;
        Ok(node(&self.0, &entry.1))
    }

    fn list(&self, visit: &mut dyn FnMut(&[u8], FileType) -> bool) {
        let _ = list(COMMON, visit) && list(PROCESS, visit);
    }

    fn owner(&self) -> (u32, u32) {
        owner(&self.0)
    }

    fn is_static(&self) -> bool {
        false
    }
}

struct ThreadDir(Subject);

impl Dir for ThreadDir {
    fn lookup(&self, name: &[u8]) -> Result<Node> {
        let entry = COMMON.iter().find(|(n, _)| n.as_bytes() == name).ok_or(Errno::ENOENT)?;
        Ok(node(&self.0, &entry.1))
    }

    fn list(&self, visit: &mut dyn FnMut(&[u8], FileType) -> bool) {
        list(COMMON, visit);
    }

    fn owner(&self) -> (u32, u32) {
        owner(&self.0)
    }

    fn is_static(&self) -> bool {
        false
    }
}

/// /proc/PID/task.
struct TaskDir(Arc<Process>);

fn tid(thread: &Thread) -> Option<i32> {
    thread.user::<UserThread>().map(UserThread::tid)
}

impl Dir for TaskDir {
    fn lookup(&self, name: &[u8]) -> Result<Node> {
        let id = parse_id(name).ok_or(Errno::ENOENT)?;
        let thread = self.0.threads().into_iter().find(|t| tid(t) == Some(id)).ok_or(Errno::ENOENT)?;
        Ok(Node::Dir(Arc::new(ThreadDir(Subject { process: self.0.clone(), thread: Some(thread) }))))
    }

    fn list(&self, visit: &mut dyn FnMut(&[u8], FileType) -> bool) {
        let mut ids: Vec<i32> = self.0.threads().iter().filter_map(|t| tid(t)).collect();
        ids.sort_unstable();
        for id in ids {
            if !visit(format!("{id}").as_bytes(), FileType::Directory) {
                return;
            }
        }
    }

    fn is_static(&self) -> bool {
        false
    }
}

struct SubjectText {
    subject: Subject,
    kind: &'static Kind,
}

impl Content for SubjectText {
    fn text(&self, out: &mut Text) -> Result<()> {
        match self.kind {
            Kind::Text(write) | Kind::Setting(write, _) | Kind::Private(write) => write(&self.subject, out),
            _ => Err(Errno::EINVAL),
        }
    }

    fn store(&self, bytes: &[u8]) -> Result<()> {
        match self.kind {
            Kind::Setting(_, store) => store(&self.subject, bytes.trim_ascii_end()),
            _ => Err(Errno::EINVAL),
        }
    }

    fn perm(&self) -> u32 {
        match self.kind {
            Kind::Setting(..) => 0o644,
            Kind::Private(_) => 0o400,
            _ => 0o444,
        }
    }

    fn owner(&self) -> (u32, u32) {
        owner(&self.subject)
    }
}

struct SubjectLink {
    subject: Subject,
    target: fn(&Subject) -> Result<Path>,
}

impl Target for SubjectLink {
    fn text(&self) -> Result<Vec<u8>> {
        let path = (self.target)(&self.subject)?;
        let root = self.subject.with_user(|user| user.fs().root())?;
        Ok(path.to_bytes(&root))
    }

    fn place(&self) -> Option<Path> {
        (self.target)(&self.subject).ok()
    }
}
