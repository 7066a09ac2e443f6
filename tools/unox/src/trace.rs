//! `--trace`: runs the program once on the host under ptrace and notes the files it opens, executes or asks about. What cannot be found by looking at
//! the program (plug-ins, data files, modules chosen at run time) is found by watching it.

use crate::failure::{Failure, Result};
use crate::program::Program;
use nix::errno::Errno;
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::Signal;
use nix::sys::uio::{RemoteIoVec, process_vm_readv};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use std::collections::{BTreeSet, HashMap};
use std::ffi::OsString;
use std::io::IoSliceMut;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::process::CommandExt;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};

/// Longest path Linux takes.
const PATH_MAX: usize = 4096;
/// What the machine has of its own: never added.
const OWN: [&str; 4] = ["/proc", "/sys", "/dev", "/run"];

/// The files the program used, in order of their names. Directories are not among them: adding one adds all that is in it.
pub fn files(program: &Program) -> Result<Vec<PathBuf>> {
    let mut command = Command::new(&program.host);
    command.arg0(&program.argv[0]).args(&program.argv[1..]);
    // The run is for its file names only. Input stays for the real run; output would come twice.
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // SAFETY: one system call (ptrace), no allocation, in the forked child.
    unsafe { command.pre_exec(|| ptrace::traceme().map_err(Into::into)) };
    let child = command.spawn().map_err(|e| refused(program, &e))?;
    let root = Pid::from_raw(child.id().cast_signed());
    let mut watcher = Watcher { root, entered: HashMap::new(), seen: BTreeSet::new(), started: false };
    watcher.watch().map_err(|e| Failure::new(format!("--trace: {}: {}", program.host.display(), e.desc())))?;
    Ok(watcher.seen.into_iter().filter(|path| wanted(path)).collect())
}

fn refused(program: &Program, error: &std::io::Error) -> Failure {
    let hint = match error.raw_os_error() {
        Some(libc::EPERM) => "\n  tracing is not permitted here (a container without SYS_PTRACE?): run without --trace and use --add",
        _ => "",
    };
    Failure::new(format!("--trace: cannot run {} on the host: {error}{hint}", program.host.display()))
}

fn wanted(path: &Path) -> bool {
    !OWN.iter().any(|own| path.starts_with(own)) && path.metadata().is_ok_and(|m| m.is_file())
}

struct Watcher {
    root: Pid,
    /// Paths of calls that have begun, by thread.
    entered: HashMap<Pid, PathBuf>,
    seen: BTreeSet<PathBuf>,
    started: bool,
}

impl Watcher {
    /// Follows the program and all it forks until the last is gone.
    fn watch(&mut self) -> nix::Result<()> {
        loop {
            let status = match waitpid(None, Some(WaitPidFlag::__WALL)) {
                Err(Errno::ECHILD) => return Ok(()),
                Err(Errno::EINTR) => continue,
                other => other?,
            };
            let Some(pid) = status.pid() else { continue };
            let pass = match status {
                WaitStatus::PtraceSyscall(_) => {
                    self.call(pid);
                    None
                }
                WaitStatus::Stopped(_, Signal::SIGTRAP) if pid == self.root && !self.started => {
                    self.started = true;
                    let follow = Options::PTRACE_O_TRACEFORK | Options::PTRACE_O_TRACEVFORK | Options::PTRACE_O_TRACECLONE;
                    let rest = Options::PTRACE_O_TRACESYSGOOD | Options::PTRACE_O_TRACEEXEC | Options::PTRACE_O_EXITKILL;
                    ptrace::setoptions(pid, follow | rest)?;
                    None
                }
                // A new thread or process stops once by itself.
                WaitStatus::Stopped(_, Signal::SIGSTOP) => None,
                WaitStatus::Stopped(_, signal) => Some(signal),
                WaitStatus::Exited(..) | WaitStatus::Signaled(..) => {
                    self.entered.remove(&pid);
                    continue;
                }
                _ => None,
            };
            match ptrace::syscall(pid, pass) {
                Ok(()) | Err(Errno::ESRCH) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// A stop at a call's beginning or end.
    fn call(&mut self, pid: Pid) {
        let Ok(regs) = ptrace::getregs(pid) else { return };
        match self.entered.remove(&pid) {
            Some(path) if regs.rax.cast_signed() >= 0 => {
                self.seen.insert(path);
            }
            Some(_) => {}
            // On entry the kernel has put -ENOSYS where the result will be.
            None if regs.rax.cast_signed() == -i64::from(libc::ENOSYS) => {
                if let Some(path) = path_of(pid, &regs) {
                    self.entered.insert(pid, path);
                }
            }
            None => {}
        }
    }
}

/// The file a call is about, for the calls that use an existing file by name.
fn path_of(pid: Pid, regs: &libc::user_regs_struct) -> Option<PathBuf> {
    let number = i64::try_from(regs.orig_rax).ok()?;
    let (directory, pointer, flags) = match number {
        libc::SYS_open => (None, regs.rdi, regs.rsi),
        libc::SYS_openat => (Some(regs.rdi), regs.rsi, regs.rdx),
        libc::SYS_openat2 => (Some(regs.rdi), regs.rsi, 0),
        libc::SYS_execve | libc::SYS_stat | libc::SYS_lstat | libc::SYS_access | libc::SYS_readlink => (None, regs.rdi, 0),
        libc::SYS_execveat | libc::SYS_newfstatat | libc::SYS_statx | libc::SYS_faccessat | libc::SYS_faccessat2 | libc::SYS_readlinkat => {
            (Some(regs.rdi), regs.rsi, 0)
        }
        _ => return None,
    };
    let creates = (libc::O_CREAT | libc::O_TRUNC).unsigned_abs();
    if flags & u64::from(creates) != 0 {
        return None;
    }
    let path = string(pid, pointer)?;
    if path.is_absolute() {
        return Some(clean(&path));
    }
    if path.as_os_str().is_empty() {
        return None;
    }
    let base = match directory.map(|fd| fd as i32) {
        None | Some(libc::AT_FDCWD) => std::fs::read_link(format!("/proc/{pid}/cwd")),
        Some(fd) => std::fs::read_link(format!("/proc/{pid}/fd/{fd}")),
    };
    base.ok().filter(|base| base.is_absolute()).map(|base| clean(&base.join(path)))
}

/// Removes `.` and empty components. `..` stays: what it means depends on links.
fn clean(path: &Path) -> PathBuf {
    path.components().filter(|c| *c != Component::CurDir).collect()
}

/// A NUL-terminated string of another process. Read page by page: the next page may not be there.
fn string(pid: Pid, address: u64) -> Option<PathBuf> {
    const PAGE: usize = 4096;
    let mut at = usize::try_from(address).ok()?;
    let mut bytes = Vec::new();
    while bytes.len() < PATH_MAX {
        let mut page = [0; PAGE];
        let len = PAGE - at % PAGE;
        let got = process_vm_readv(pid, &mut [IoSliceMut::new(&mut page[..len])], &[RemoteIoVec { base: at, len }]).ok()?;
        if let Some(end) = page[..got].iter().position(|&b| b == 0) {
            bytes.extend_from_slice(&page[..end]);
            return Some(PathBuf::from(OsString::from_vec(bytes)));
        }
        if got < len {
            return None;
        }
        bytes.extend_from_slice(&page[..got]);
        at = at.checked_add(got)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::resolve;

    fn traced(words: &[&str]) -> Vec<PathBuf> {
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        files(&resolve(&words, None).unwrap()).unwrap()
    }

    // One test: waitpid(-1) would take another test's children.
    #[test]
    fn sees_what_a_program_and_its_children_open() {
        let direct = traced(&["cat", "/etc/passwd"]);
        assert!(direct.contains(&PathBuf::from("/etc/passwd")), "{direct:?}");
        assert!(direct.iter().any(|p| p.to_string_lossy().contains("libc.so")), "{direct:?}");
        let forked = traced(&["sh", "-c", "cat /etc/group; cat < /etc/hostname >/dev/null; exit 3"]);
        assert!(forked.contains(&PathBuf::from("/etc/group")), "{forked:?}");
        assert!(!forked.iter().any(|p| p.starts_with("/dev")), "{forked:?}");
        let relative = traced(&["sh", "-c", "cd /etc && cat ./passwd /no/such/file"]);
        assert!(relative.contains(&PathBuf::from("/etc/passwd")), "{relative:?}");
        assert!(!relative.contains(&PathBuf::from("/no/such/file")));
    }
}
