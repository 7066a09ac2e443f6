//! /proc/PID/stat, statm, status, io and small settings.

use core::fmt::{self, Write};
use core::sync::atomic::Ordering;

use abi::{Errno, Result};
use fs_pseudo::Text;
use hal::mem::PAGE_SIZE;
use kernel::process::UserThread;
use kernel::sched::Thread;

use crate::pid::Subject;

/// Nanoseconds in a clock tick (USER_HZ is 100).
const TICK_NS: u64 = 10_000_000;

/// A thread's name without its padding.
pub fn trimmed(name: &[u8; 16]) -> &[u8] {
    name.split(|b| *b == 0).next().unwrap_or(name)
}

fn eio(_: fmt::Error) -> Errno {
    Errno::EIO
}

/// The letter and the word of a thread's state.
fn state(thread: Option<&Thread>) -> (char, &'static str) {
    match thread.map(Thread::sleeping) {
        None => ('Z', "zombie"),
        Some(None) => ('R', "running"),
        Some(Some(true)) => ('S', "sleeping"),
        Some(Some(false)) => ('D', "disk sleep"),
    }
}

/// The thread that the directory is of, or the process's first.
fn thread(subject: &Subject) -> Option<alloc::sync::Arc<Thread>> {
    subject.thread.clone().or_else(|| subject.process.threads().first().cloned())
}

/// /proc/PID/stat (proc_pid_stat(5)).
pub fn stat(subject: &Subject, out: &mut Text) -> Result<()> {
    let process = &subject.process;
    let thread = thread(subject);
    let usage = match &subject.thread {
        Some(thread) => kernel::process::process::thread_usage(thread),
        None => process.usage(),
    };
    let (id, name) = subject.with_user(|user| (if subject.thread.is_some() { user.tid() } else { process.pid }, user.name()))?;
    let memory = subject.with_user(UserThread::mm)?.usage();
    let rank = thread.as_ref().map_or(kernel::sched::FAIR_RANK, |t| t.rank());
    let policy = thread.as_ref().map(|t| t.policy()).unwrap_or(kernel::sched::Policy::DEFAULT);
    let program = subject.program();
    let (code, stack) = program.as_ref().map_or(((0, 0), 0), |p| (p.code, p.start_stack));
    let kernel_priority = if rank < kernel::sched::FAIR_RANK { i64::from(rank) - 100 } else { 20 + i64::from(policy.nice) };
    write!(out, "{id} (").map_err(eio)?;
    out.bytes.extend_from_slice(trimmed(&name));
    write!(
        out,
        ") {} {} {} {} 0 -1 4194304 {} 0 {} 0 {} {} 0 0 {} {} {} 0 {} {} {} {} {} {} {} 0 0 {} {} {} {} 0 0 0 17 {} {} {} 0 0 0",
        state(thread.as_deref()).0,
        process.ppid(),
        process.pgid(),
        process.sid(),
        usage.faults[0],
        usage.faults[1],
        usage.user / TICK_NS,
        usage.system / TICK_NS,
        kernel_priority,
        policy.nice,
        process.thread_count(),
        process.start_time / TICK_NS,
        memory.total * PAGE_SIZE,
        memory.resident,
        process.limits.soft(abi::process::rlimit::RSS),
        code.0,
        code.1,
        stack,
        pending(subject)? & 0x7fff_ffff,
        blocked(subject)? & 0x7fff_ffff,
        process.signal_actions().summary().0 & 0x7fff_ffff,
        process.signal_actions().summary().1 & 0x7fff_ffff,
        thread.as_ref().map_or(0, |t| t.last_cpu()),
        policy.priority,
        policy.policy,
    )
    .map_err(eio)?;
    let program = program.as_deref();
    let (data, args, envs) = program.map_or(((0, 0), (0, 0), (0, 0)), |p| (p.data, p.args, p.envs));
    let heap = subject.with_user(UserThread::mm)?.heap().0;
    writeln!(out, " {} {} {} {} {} {} {} 0", data.0, data.1, heap, args.0, args.1, envs.0, envs.1).map_err(eio)
}

fn pending(subject: &Subject) -> Result<u64> {
    subject.with_user(|user| user.signals.pending.lock().set())
}

fn blocked(subject: &Subject) -> Result<u64> {
    subject.with_user(|user| user.signals.blocked())
}

/// /proc/PID/statm.
pub fn statm(subject: &Subject, out: &mut Text) -> Result<()> {
    let memory = subject.with_user(UserThread::mm)?.usage();
    let shared = memory.file + memory.shared;
    writeln!(out, "{} {} {} {} 0 {} 0", memory.total, memory.resident, shared, memory.text, memory.data + memory.stack).map_err(eio)
}

/// /proc/PID/status.
pub fn status(subject: &Subject, out: &mut Text) -> Result<()> {
    identity(subject, out).and_then(|()| memory(subject, out)).and_then(|()| rest(subject, out))
}

fn identity(subject: &Subject, out: &mut Text) -> Result<()> {
    let process = &subject.process;
    let thread = thread(subject);
    let (tid, name, cred, umask) = subject.with_user(|user| (user.tid(), user.name(), user.cred(), user.fs().umask()))?;
    let id = if subject.thread.is_some() { tid } else { process.pid };
    out.bytes.extend_from_slice(b"Name:\t");
    out.bytes.extend_from_slice(trimmed(&name));
    let (letter, word) = state(thread.as_deref());
    let write = |out: &mut Text| -> fmt::Result {
        writeln!(out, "\nUmask:\t{umask:04o}\nState:\t{letter} ({word})\nTgid:\t{}\nNgid:\t0\nPid:\t{id}", process.pid)?;
        writeln!(out, "PPid:\t{}\nTracerPid:\t0", process.ppid())?;
        writeln!(out, "Uid:\t{}\t{}\t{}\t{}", cred.uid, cred.euid, cred.suid, cred.fsuid)?;
        writeln!(out, "Gid:\t{}\t{}\t{}\t{}", cred.gid, cred.egid, cred.sgid, cred.fsgid)?;
        let size = subject.with_user(|user| user.files().capacity()).unwrap_or(64);
        write!(out, "FDSize:\t{size}\nGroups:\t")?;
        cred.groups.iter().try_for_each(|group| write!(out, "{group} "))?;
        writeln!(out, "\nNStgid:\t{0}\nNSpid:\t{id}\nNSpgid:\t{1}\nNSsid:\t{2}", process.pid, process.pgid(), process.sid())
    };
    write(out).map_err(eio)
}

fn memory(subject: &Subject, out: &mut Text) -> Result<()> {
    let usage = subject.with_user(UserThread::mm)?.usage();
    let kb = |pages: usize| pages * (PAGE_SIZE / 1024);
    let rows: [(&str, usize); 16] = [
        ("VmPeak", kb(usage.total)),
        ("VmSize", kb(usage.total)),
        ("VmLck", kb(usage.locked)),
        ("VmPin", 0),
        ("VmHWM", kb(usage.peak)),
        ("VmRSS", kb(usage.resident)),
        ("RssAnon", kb(usage.anonymous)),
        ("RssFile", kb(usage.file)),
        ("RssShmem", kb(usage.shared)),
        ("VmData", kb(usage.data)),
        ("VmStk", kb(usage.stack)),
        ("VmExe", kb(usage.text)),
        ("VmLib", 0),
        ("VmPTE", 0),
        ("VmSwap", 0),
        ("HugetlbPages", 0),
    ];
    rows.iter().try_for_each(|(name, value)| writeln!(out, "{name}:\t{value:>8} kB")).map_err(eio)
}

fn rest(subject: &Subject, out: &mut Text) -> Result<()> {
    let process = &subject.process;
    let (ignored, caught) = process.signal_actions().summary();
    let (thread_pending, blocked) = (pending(subject)?, blocked(subject)?);
    let shared = process.signals.lock().pending.set();
    let (cred, no_new_privs, bounding, ambient) = subject.with_user(|user| {
        let load = |word: &core::sync::atomic::AtomicU64| word.load(Ordering::Relaxed);
        (user.cred(), user.no_new_privs.load(Ordering::Relaxed), load(&user.cap_bounding), load(&user.cap_ambient))
    })?;
    let (voluntary, involuntary) = thread(subject).map_or((0, 0), |t| t.switches());
    let limit = process.limits.soft(abi::process::rlimit::SIGPENDING);
    let write = |out: &mut Text| -> fmt::Result {
        writeln!(out, "CoreDumping:\t0\nTHP_enabled:\t1\nThreads:\t{}\nSigQ:\t0/{limit}", process.thread_count())?;
        writeln!(out, "SigPnd:\t{thread_pending:016x}\nShdPnd:\t{shared:016x}\nSigBlk:\t{blocked:016x}")?;
        writeln!(out, "SigIgn:\t{ignored:016x}\nSigCgt:\t{caught:016x}")?;
        writeln!(out, "CapInh:\t{:016x}\nCapPrm:\t{:016x}", cred.cap_inheritable, cred.cap_permitted)?;
        writeln!(out, "CapEff:\t{:016x}\nCapBnd:\t{bounding:016x}\nCapAmb:\t{ambient:016x}", cred.cap_effective)?;
        writeln!(out, "NoNewPrivs:\t{}\nSeccomp:\t0\nSeccomp_filters:\t0", u8::from(no_new_privs))?;
        writeln!(out, "Speculation_Store_Bypass:\tvulnerable\nSpeculationIndirectBranch:\talways enabled")?;
        let all = (1u64 << hal::cpu::count().min(63)) - 1;
        writeln!(out, "Cpus_allowed:\t{all:x}\nCpus_allowed_list:\t{}", cpu_list())?;
        writeln!(out, "Mems_allowed:\t1\nMems_allowed_list:\t0")?;
        writeln!(out, "voluntary_ctxt_switches:\t{voluntary}\nnonvoluntary_ctxt_switches:\t{involuntary}")
    };
    write(out).map_err(eio)
}

/// The processors as a list: `0` or `0-3`.
fn cpu_list() -> alloc::string::String {
    match hal::cpu::count() {
        1 => "0".into(),
        n => alloc::format!("0-{}", n - 1),
    }
}

/// /proc/PID/io: blocks are all that is counted.
pub fn io(subject: &Subject, out: &mut Text) -> Result<()> {
    let bytes = |at: usize| subject.process.io[at].load(Ordering::Relaxed) * 512;
    writeln!(out, "rchar: 0\nwchar: 0\nsyscr: 0\nsyscw: 0\nread_bytes: {}\nwrite_bytes: {}\ncancelled_write_bytes: 0", bytes(0), bytes(1))
        .map_err(eio)
}

/// /proc/PID/personality.
pub fn personality(subject: &Subject, out: &mut Text) -> Result<()> {
    writeln!(out, "{:08x}", subject.process.personality.load(Ordering::Relaxed)).map_err(eio)
}

/// /proc/PID/oom_score_adj.
pub fn oom_score_adj(subject: &Subject, out: &mut Text) -> Result<()> {
    writeln!(out, "{}", subject.process.oom_score_adj.load(Ordering::Relaxed)).map_err(eio)
}

/// Sets it: −1000 to 1000.
pub fn set_oom_score_adj(subject: &Subject, bytes: &[u8]) -> Result<()> {
    let value = core::str::from_utf8(bytes).ok().and_then(|text| text.trim().parse::<i32>().ok()).ok_or(Errno::EINVAL)?;
    if !(-1000..=1000).contains(&value) {
        return Err(Errno::EINVAL);
    }
    subject.process.oom_score_adj.store(value, Ordering::Relaxed);
    Ok(())
}
