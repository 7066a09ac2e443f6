//! clone(2) and clone3(2): new threads. New processes are not made yet.

use alloc::sync::Arc;

use abi::process::rlimit;
use abi::sched::CloneFlags;
use abi::{Errno, Result};
use core::sync::atomic::Ordering;
use hal::task::Owner;
use hal::user::{LIMIT, UserPtr};

use super::table;
use super::user::{Shared, UserThread, current};
use crate::report;
use crate::sched::{self, Thread};

/// What is asked for, however it was said.
#[derive(Debug, Clone, Copy)]
pub struct Request {
    /// CLONE_* flags.
    pub flags: CloneFlags,
    /// Signal to the parent at the end.
    pub exit_signal: u32,
    /// Stack pointer of the child, 0: as the caller's.
    pub stack: u64,
    /// fs base with CLONE_SETTLS.
    pub tls: u64,
    /// Where CLONE_PARENT_SETTID stores.
    pub parent_tid: usize,
    /// Where CLONE_CHILD_SETTID and CLEARTID store.
    pub child_tid: usize,
}

/// The combinations that Linux's copy_process refuses.
fn check(request: &Request) -> Result<()> {
    let flags = request.flags;
    let both = |a: CloneFlags, b: CloneFlags| flags.intersects(a) && flags.intersects(b);
    if both(CloneFlags::NEWNS, CloneFlags::FS)
        || both(CloneFlags::NEWUSER, CloneFlags::FS)
        || both(CloneFlags::THREAD, CloneFlags::NEWUSER | CloneFlags::NEWPID)
        || flags.contains(CloneFlags::THREAD) && !flags.contains(CloneFlags::SIGHAND)
        || flags.contains(CloneFlags::SIGHAND) && !flags.contains(CloneFlags::VM)
        || both(CloneFlags::NEWTIME, CloneFlags::THREAD | CloneFlags::VM)
        || both(CloneFlags::PIDFD, CloneFlags::DETACHED | CloneFlags::THREAD)
        || both(CloneFlags::SIGHAND, CloneFlags::CLEAR_SIGHAND)
    {
        return Err(Errno::EINVAL);
    }
    let namespaces = CloneFlags::NEWNS
        | CloneFlags::NEWCGROUP
        | CloneFlags::NEWUTS
        | CloneFlags::NEWIPC
        | CloneFlags::NEWUSER
        | CloneFlags::NEWPID
        | CloneFlags::NEWNET
        | CloneFlags::NEWTIME;
    if flags.intersects(namespaces | CloneFlags::INTO_CGROUP) {
        return Err(Errno::EINVAL); // as a Linux without these namespaces
    }
    Ok(())
}

/// Makes the child and starts it; gives its id.
pub fn clone(request: &Request) -> Result<i32> {
    check(request)?;
    if !request.flags.contains(CloneFlags::THREAD) {
        static SAID: report::Once = report::Once::new();
        let name = current().name();
        let program = crate::control::Bytes(&name[..name.iter().position(|b| *b == 0).unwrap_or(name.len())]);
        SAID.warn(format_args!("{program}: a new process (fork, vfork or posix_spawn) is not supported yet: it returns ENOSYS"));
        return Err(Errno::ENOSYS);
    }
    new_thread(request)
}

fn new_thread(request: &Request) -> Result<i32> {
    let user = current();
    let running = sched::current();
    let process = &user.process;
    let limit = process.limits.soft(rlimit::NPROC);
    if sched::thread_count() as u64 > limit && !user.cred().capable(crate::cred::cap::SYS_RESOURCE) {
        return Err(Errno::EAGAIN);
    }
    let flags = request.flags;
    let fs_base = if flags.contains(CloneFlags::SETTLS) { request.tls } else { running.task().fs_base() };
    if fs_base >= LIMIT as u64 {
        return Err(Errno::EPERM);
    }
    let mut context = running.task().with_context(|ctx| ctx.clone());
    context.rax = 0;
    context.orig_rax = u64::MAX;
    if request.stack != 0 {
        context.rsp = request.stack;
    }
    let tid = table::next_id();
    let part = Arc::new(child_part(&user, tid, request)?);
    let thread = Thread::new_user(&context, fs_base, running.task().gs_base(), true, part).ok_or(Errno::EAGAIN)?;
    inherit(&user, &running, &thread);
    if flags.contains(CloneFlags::PARENT_SETTID) {
        let _ = UserPtr::<i32>::new(request.parent_tid).write(&tid); // as Linux, which does not look either
    }
    if flags.contains(CloneFlags::CHILD_SETTID) {
        let _ = UserPtr::<i32>::new(request.child_tid).write(&tid);
    }
    {
        let mut state = process.signals.lock();
        if state.exiting.is_some() {
            return Err(Errno::RESTARTSYS);
        }
        state.threads.push(thread.clone());
    }
    table::insert_thread(tid, thread.clone());
    thread.start();
    Ok(tid)
}

fn child_part(user: &UserThread, tid: i32, request: &Request) -> Result<UserThread> {
    let flags = request.flags;
    let files = user.files();
    let fs = user.fs();
    let shared = Shared {
        files: if flags.contains(CloneFlags::FILES) { files } else { Arc::new(files.clone_table()?) },
        fs: if flags.contains(CloneFlags::FS) { fs } else { fs.duplicate() },
        mm: user.mm(),
        cred: user.cred(),
        blocked: user.signals.blocked(),
        name: user.name(),
    };
    let child = UserThread::new(user.process.clone(), tid, shared);
    if flags.contains(CloneFlags::CHILD_CLEARTID) {
        child.clear_child_tid.store(request.child_tid, Ordering::Relaxed);
    }
    child.no_new_privs.store(user.no_new_privs.load(Ordering::Relaxed), Ordering::Relaxed);
    child.keep_caps.store(user.keep_caps.load(Ordering::Relaxed), Ordering::Relaxed);
    child.timer_slack.store(user.timer_slack.load(Ordering::Relaxed), Ordering::Relaxed);
    child.cap_bounding.store(user.cap_bounding.load(Ordering::Relaxed), Ordering::Relaxed);
    child.cap_ambient.store(user.cap_ambient.load(Ordering::Relaxed), Ordering::Relaxed);
    child.securebits.store(user.securebits.load(Ordering::Relaxed), Ordering::Relaxed);
    Ok(child)
}

/// Scheduling policy and address space.
fn inherit(user: &UserThread, parent: &Thread, child: &Thread) {
    let policy = parent.policy();
    if policy != sched::Policy::DEFAULT {
        let reset = user.reset_on_fork.load(Ordering::Relaxed) && (policy.is_realtime() || policy.nice < 0);
        if !reset {
            child.set_policy(policy);
        }
    }
    child.set_space(parent.space());
}
