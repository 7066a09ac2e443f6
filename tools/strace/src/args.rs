//! One argument as text: by its call where that matters, else by its name and type in the kernel's table.
//!
//! Longer than other files, for it is one match over kinds of arguments, each arm of which is a line or two.

use crate::names::{self, file_mode, open_flags, signal};
use crate::record::{Record, number};
use crate::text::{self, Name, address, buffer, flags, one};
use crate::{Call, sockets, structs};

/// What an argument's text is made of.
pub struct Context<'a> {
    /// The call's line in the table.
    pub call: &'a Call,
    /// The call.
    pub record: &'a Record,
}

impl Context<'_> {
    /// Argument `i` as text.
    pub fn argument(&self, i: usize, name: &str, kind: &str) -> String {
        let value = self.record.args[i];
        self.by_call(i, name, value).or_else(|| self.by_name(i, name, value)).unwrap_or_else(|| self.by_type(i, name, kind, value))
    }

    fn arg(&self, i: usize) -> u64 {
        self.record.args.get(i).copied().unwrap_or(0)
    }

    /// A structure that the call fills (`out`) or reads.
    pub fn at(&self, value: u64, out: bool, show: impl Fn(&[u8]) -> Option<String>) -> String {
        if value == 0 {
            return "NULL".to_string();
        }
        let memory = &self.record.memory;
        let bytes = if out { memory.after(value).filter(|_| self.record.succeeded()) } else { memory.before(value) };
        bytes.and_then(show).unwrap_or_else(|| address(value))
    }

    /// The argument that holds the length of the buffer in argument `i`.
    fn length(&self, i: usize) -> u64 {
        self.arg(i + 1)
    }

    /// What only this call's arguments mean.
    fn by_call(&self, i: usize, name: &str, value: u64) -> Option<String> {
        let low = value & 0xffff_ffff;
        Some(match (self.call.name, i) {
            ("open", 1) | ("openat", 2) => open_flags(low),
            // Without O_CREAT or O_TMPFILE the mode means nothing, and strace leaves it out: see `shown`.
            ("openat2", 2) => self.at(value, false, |b| {
                Some(format!(
                    "{{flags={}, mode={}, resolve={:#x}}}",
                    open_flags(number(b, 0, 8)?),
                    file_mode(number(b, 8, 8)?),
                    number(b, 16, 8)?
                ))
            }),
            ("mmap", 2) | ("mprotect", 2) | ("pkey_mprotect", 2) => flags(value, names::PROT, "PROT_NONE"),
            ("mmap", 3) => flags(low, names::MAP, "0"),
            ("mmap", 5) => {
                if value == 0 {
                    "0".into()
                } else {
                    format!("{value:#x}")
                }
            }
            ("mremap", 3) => flags(low, names::MREMAP, "0"),
            ("msync", 2) => flags(low, names::MSYNC, "0"),
            ("mlockall", 0) => flags(low, names::MCL, "0"),
            ("madvise", 2) => one(low, names::MADV, "MADV_???"),
            ("access", 1) | ("faccessat" | "faccessat2", 2) => flags(low, names::ACCESS, "F_OK"),
            ("faccessat2", 3) => flags(low, names::ACCESS_AT, "0"),
            ("unlinkat", 2) => flags(low, names::UNLINK_AT, "0"),
            ("newfstatat" | "fchmodat2" | "utimensat", 3) | ("fchownat" | "linkat" | "name_to_handle_at", 4) | ("statx", 2) => {
                flags(low, names::AT, "0")
            }
            ("statx", 3) => flags(low, names::STATX, "0"),
            ("lseek", 2) => one(low, names::SEEK, "SEEK_???"),
            ("fcntl", 1) => one(low, names::FCNTL, "F_???"),
            ("fcntl", 2) => self.fcntl(value),
            ("ioctl", 1) => one(low, names::IOCTL, "?"),
            ("ioctl", 2) => self.ioctl(value),
            ("flock", 1) => flags(low, names::FLOCK, "0"),
            ("clone" | "unshare", 0) => clone_flags(value),
            ("clone3", 0) => self.clone3(value),
            ("wait4", 1) => self.at(value, true, |b| Some(format!("[{}]", wait_status(number(b, 0, 4)?)))),
            ("wait4", 2) | ("waitid", 3) => flags(low, names::WAIT, "0"),
            ("waitid", 0) => one(low, names::WAIT_ID, "P_???"),
            ("rt_sigprocmask", 0) => one(low, names::SIG_HOW, "SIG_???"),
            ("rt_sigprocmask", 1) | ("rt_sigtimedwait" | "rt_sigsuspend", 0) => self.at(value, false, structs::sigset),
            ("signalfd" | "signalfd4", 1) | ("ppoll", 3) | ("epoll_pwait" | "epoll_pwait2", 4) => self.at(value, false, structs::sigset),
            ("rt_sigprocmask", 2) | ("rt_sigpending", 0) => self.at(value, true, structs::sigset),
            ("set_robust_list", 1) => value.to_string(),
            ("rseq", 1 | 3) => format!("{low:#x}"),
            ("futex", 1) => futex_op(low),
            ("futex", 2) => low.to_string(),
            ("futex", 3) => self.futex_timeout(value),
            ("futex", 5) => {
                if low == u64::from(u32::MAX) {
                    "FUTEX_BITSET_MATCH_ANY".into()
                } else {
                    format!("{low:#x}")
                }
            }
            ("arch_prctl", 0) => one(low, names::ARCH, "ARCH_???"),
            ("arch_prctl", 1) => address(value),
            ("prctl", 0) => one(low, names::PRCTL, "PR_???"),
            ("prctl", 1) if matches!(i32::try_from(self.arg(0)), Ok(libc::PR_SET_NAME)) => self.at(value, false, |b| Some(text::string(b))),
            ("prctl", _) => {
                if value < 4096 {
                    value.to_string()
                } else {
                    format!("{value:#x}")
                }
            }
            ("membarrier", 0) => one(low, names::MEMBARRIER, "MEMBARRIER_CMD_???"),
            ("prlimit64", 1) | ("getrlimit" | "setrlimit", 0) => one(low, names::RLIMIT, "RLIMIT_???"),
            ("getrusage", 0) => one(low, names::RUSAGE, "RUSAGE_???"),
            ("getpriority" | "setpriority", 0) => one(low, names::PRIO, "PRIO_???"),
            ("sched_setscheduler", 1) | ("sched_get_priority_max" | "sched_get_priority_min", 0) => one(low, names::SCHED, "SCHED_???"),
            ("clock_nanosleep", 1) | ("timer_settime", 1) => flags(low, names::TIMER_SET, "0"),
            ("timerfd_create", 1) => flags(low, names::TIMERFD, "0"),
            ("timerfd_settime", 1) => flags(low, names::TIMERFD_SET, "0"),
            ("getitimer" | "setitimer", 0) => one(low, names::ITIMER, "ITIMER_???"),
            ("nanosleep", 1) | ("clock_nanosleep", 3) => {
                if self.record.succeeded() {
                    address(value)
                } else {
                    self.at(value, false, |b| structs::time(b, "tv_nsec"))
                }
            }
            ("epoll_ctl", 1) => one(low, names::EPOLL_OP, "EPOLL_CTL_???"),
            ("epoll_ctl", 3) => self.at(value, false, structs::epoll_event),
            ("epoll_wait" | "epoll_pwait" | "epoll_pwait2", 1) => self.epoll_events(value),
            ("epoll_create1", 0) => flags(low, names::EPOLL_CREATE, "0"),
            ("poll" | "ppoll", 0) => self.at(value, false, |b| Some(structs::pollfds(b, self.arg(1), false))),
            ("select" | "pselect6", 1..=3) => self.at(value, false, |b| Some(fd_set(b, self.arg(0)))),
            ("eventfd2", 1) => flags(low, names::EVENTFD, "0"),
            ("pipe2", 1) | ("dup3", 2) => flags(low, names::OPEN, "0"),
            ("inotify_init1", 0) => flags(low, names::INOTIFY_INIT, "0"),
            ("inotify_add_watch", 2) => flags(low, names::INOTIFY, "0"),
            ("memfd_create", 1) => flags(low, names::MEMFD, "0"),
            ("getrandom", 0) => self.filled(value, 1),
            ("getrandom", 2) => flags(low, names::GRND, "0"),
            ("renameat2", 4) => flags(low, names::RENAME, "0"),
            ("fallocate", 1) => flags(low, names::FALLOC, "0"),
            ("fadvise64", 3) => one(low, names::FADVISE, "POSIX_FADV_???"),
            ("splice" | "copy_file_range", 5) | ("tee" | "vmsplice", 3) => flags(low, names::SPLICE, "0"),
            ("mount", 3) => flags(value, names::MOUNT, "0"),
            ("umount2", 1) => flags(low, names::UMOUNT, "0"),
            ("setxattr" | "lsetxattr" | "fsetxattr", 4) => flags(low, names::XATTR, "0"),
            ("setxattr" | "lsetxattr" | "fsetxattr", 2) => self.at(value, false, |b| Some(buffer(b, self.arg(3)))),
            ("close_range", 0 | 1) => low.to_string(),
            ("close_range", 2) => flags(low, names::CLOSE_RANGE, "0"),
            ("getdents" | "getdents64", 1) => address(value),
            ("sched_setaffinity" | "sched_getaffinity", 2) => {
                self.at(value, self.call.name == "sched_getaffinity", |b| Some(cpu_set(b, self.arg(1))))
            }
            ("utimensat", 2) => {
                self.at(value, false, |b| Some(format!("[{}, {}]", structs::time(b, "tv_nsec")?, structs::time(b.get(16..)?, "tv_nsec")?)))
            }
            ("mknod", 1) | ("mknodat", 2) => file_mode(low),
            ("umask", 0) => format!("0{low:o}"),
            ("exit" | "exit_group", 0) => (low as u32).cast_signed().to_string(), // the low half
            _ => return sockets::argument(self, i, name, value),
        })
    }

    /// What an argument of this name means in all calls.
    fn by_name(&self, i: usize, name: &str, value: u64) -> Option<String> {
        let low = value & 0xffff_ffff;
        let out = self.record.result.is_some();
        Some(match name {
            "mode" => format!("0{low:o}"),
            "signal" => signal(low),
            "clock" => one(low, names::CLOCK, "CLOCK_???"),
            "fds" => self.at(value, true, |b| Some(format!("[{}, {}]", number(b, 0, 4)?, number(b, 4, 4)?))),
            "flags" => {
                if low == 0 {
                    "0".into()
                } else {
                    format!("{value:#x}")
                }
            }
            "addr" | "stack" | "tls" | "parent_tid" | "child_tid" | "head" | "end" | "area" => address(value),
            "buf" if self.writes() => self.at(value, false, |b| Some(buffer(b, self.length(i)))),
            "buf" if out => self.filled(value, i + 1),
            "out" if self.call.name.starts_with("readlink") => self.filled(value, i + 1),
            "vec" => self.vectors(value, self.length(i)),
            "value" | "list" if self.call.name.contains("xattr") => self.filled(value, i + 1),
            _ => return None,
        })
    }

    /// Whether the call reads the program's buffer.
    fn writes(&self) -> bool {
        matches!(self.call.name, "write" | "pwrite64" | "sendto")
    }

    /// A buffer that the call has filled: as many bytes as it returned, at most argument `limit`.
    fn filled(&self, value: u64, limit: usize) -> String {
        let len = u64::try_from(self.record.result.unwrap_or(0)).unwrap_or(0);
        self.at(value, true, |b| Some(if self.call.name == "getcwd" { text::string(b) } else { buffer(b, len.min(self.arg(limit))) }))
    }

    fn by_type(&self, i: usize, name: &str, kind: &str, value: u64) -> String {
        let low = value & 0xffff_ffff;
        let signed = (low as u32).cast_signed(); // the low half
        let out = matches!(name, "out" | "old" | "usage" | "info" | "now" | "left" | "tv" | "tz" | "buf" | "data" | "interval")
            || matches!(self.call.name, "getrlimit");
        let Some(target) = kind.strip_prefix("UserPtr<").and_then(|k| k.strip_suffix('>')) else {
            return match kind {
                "Fd" if signed == libc::AT_FDCWD => "AT_FDCWD".to_string(),
                "Fd" | "i32" => signed.to_string(),
                "i64" => value.cast_signed().to_string(),
                "u32" => low.to_string(),
                "UserPath" => match self.record.memory.before(value) {
                    Some(bytes) => text::string(bytes),
                    None => address(value),
                },
                _ => value.to_string(),
            };
        };
        match target {
            "Stat" => self.at(value, true, structs::stat),
            "Statx" => self.at(value, true, structs::statx),
            "Statfs" => self.at(value, true, structs::statfs),
            "Sysinfo" => self.at(value, true, structs::sysinfo),
            "Utsname" => self.at(value, true, structs::utsname),
            "Rusage" => self.at(value, true, structs::rusage),
            "SigInfoRaw" => self.at(value, out, structs::siginfo),
            "Timespec" => self.at(value, out, |b| structs::time(b, "tv_nsec")),
            "Timeval" => self.at(value, out, |b| structs::time(b, "tv_usec")),
            "Itimerspec" => self.at(value, out, |b| structs::interval(b, "tv_nsec")),
            "Itimerval" => self.at(value, out, |b| structs::interval(b, "tv_usec")),
            "Rlimit" => self.at(value, out, structs::rlimit),
            "SigAction" => self.at(value, out, structs::sigaction),
            "StackT" => self.at(value, out, structs::stack),
            "i32" | "u32" => self.at(value, true, |b| Some(format!("[{}]", number(b, 0, 4)?))),
            "i64" if i > 0 => self.at(value, false, |b| Some(format!("[{}]", number(b, 0, 8)?))),
            _ => address(value),
        }
    }

    fn vectors(&self, value: u64, count: u64) -> String {
        let reads = self.call.name.contains("readv");
        self.at(value, false, |b| Some(self.iovec(b, count, reads.then(|| u64::try_from(self.record.result.unwrap_or(0)).unwrap_or(0)))))
    }

    /// An array of `struct iovec`. `filled`: so many bytes came in, from the first on.
    pub fn iovec(&self, b: &[u8], count: u64, filled: Option<u64>) -> String {
        let mut left = filled.unwrap_or(u64::MAX);
        let mut out = Vec::new();
        for one in b.chunks_exact(16).take(usize::try_from(count).unwrap_or(usize::MAX)) {
            let (base, len) = (number(one, 0, 8).unwrap_or(0), number(one, 8, 8).unwrap_or(0));
            let shown = len.min(left);
            left -= shown;
            let text = self.at(base, filled.is_some(), |bytes| Some(buffer(bytes, shown)));
            out.push(format!("{{iov_base={}, iov_len={len}}}", if len == 0 { "\"\"".to_string() } else { text }));
        }
        if usize::try_from(count).map_or(true, |count| count > out.len()) {
            out.push("...".to_string());
        }
        format!("[{}]", out.join(", "))
    }

    fn epoll_events(&self, value: u64) -> String {
        let count = u64::try_from(self.record.result.unwrap_or(0)).unwrap_or(0);
        self.at(value, true, |b| Some(structs::epoll_events(b, count)))
    }

    fn fcntl(&self, value: u64) -> String {
        let low = value & 0xffff_ffff;
        match i32::try_from(self.arg(1)) {
            Ok(libc::F_SETFD) => flags(low, &[(1, "FD_CLOEXEC")], "0"),
            Ok(libc::F_SETFL) => open_flags(low),
            Ok(libc::F_ADD_SEALS) => flags(low, names::SEALS, "0"),
            Ok(libc::F_SETLK | libc::F_SETLKW | libc::F_OFD_SETLK | libc::F_OFD_SETLKW) => self.at(value, false, structs::flock),
            Ok(libc::F_GETLK | libc::F_OFD_GETLK) => self.at(value, true, structs::flock),
            _ => {
                if value < 4096 {
                    value.to_string()
                } else {
                    format!("{value:#x}")
                }
            }
        }
    }

    fn ioctl(&self, value: u64) -> String {
        match self.arg(1) & 0xffff_ffff {
            libc::TCGETS => self.at(value, true, structs::termios),
            libc::TCSETS | libc::TCSETSW | libc::TCSETSF => self.at(value, false, structs::termios),
            libc::TIOCGWINSZ => self.at(value, true, structs::winsize),
            libc::TIOCSWINSZ => self.at(value, false, structs::winsize),
            libc::FIONBIO | libc::TIOCSPGRP => self.at(value, false, |b| Some(format!("[{}]", number(b, 0, 4)?))),
            libc::FIONREAD | libc::TIOCGPGRP | libc::TIOCGSID => self.at(value, true, |b| Some(format!("[{}]", number(b, 0, 4)?))),
            _ => {
                if value < 4096 {
                    value.to_string()
                } else {
                    format!("{value:#x}")
                }
            }
        }
    }

    fn clone3(&self, value: u64) -> String {
        let asked = self.at(value, false, structs::clone_args);
        match self.record.result {
            Some(tid @ 1..) if asked.ends_with('}') => format!("{asked} => {{parent_tid=[{tid}]}}"),
            _ => asked,
        }
    }

    fn futex_timeout(&self, value: u64) -> String {
        match self.arg(1) & 0x7f {
            // Waits have a time here, requeues a number.
            0 | 6 | 9 | 11 | 13 => self.at(value, false, |b| structs::time(b, "tv_nsec")),
            _ => value.to_string(),
        }
    }
}

fn futex_op(low: u64) -> String {
    let name = one(low & 0x7f, names::FUTEX, "FUTEX_???");
    let private = if low & 128 != 0 { "_PRIVATE" } else { "" };
    let clock = if low & 256 != 0 { "|FUTEX_CLOCK_REALTIME" } else { "" };
    format!("{name}{private}{clock}")
}

/// clone(2)'s flags hold the exit signal in their low byte.
fn clone_flags(value: u64) -> String {
    let set = flags(value & !0xff, names::CLONE, "");
    match (value & 0xff, set.is_empty()) {
        (0, true) => "0".to_string(),
        (0, false) => set,
        (number, true) => signal(number),
        (number, false) => format!("{set}|{}", signal(number)),
    }
}

fn wait_status(status: u64) -> String {
    match (status & 0x7f, status >> 8 & 0xff) {
        (0, code) => format!("{{WIFEXITED(s) && WEXITSTATUS(s) == {code}}}"),
        (0x7f, number) => format!("{{WIFSTOPPED(s) && WSTOPSIG(s) == {}}}", signal(number)),
        (number, _) => format!("{{WIFSIGNALED(s) && WTERMSIG(s) == {}}}", signal(number)),
    }
}

fn bits(bytes: &[u8], limit: u64) -> Vec<String> {
    let all = (0..bytes.len() as u64 * 8).take_while(|&n| n < limit); // widening
    all.filter(|&n| usize::try_from(n / 8).is_ok_and(|at| bytes[at] >> (n % 8) & 1 != 0)).map(|n| n.to_string()).collect()
}

/// `[3 4]`.
pub fn fd_set(bytes: &[u8], count: u64) -> String {
    format!("[{}]", bits(bytes, count).join(" "))
}

fn cpu_set(bytes: &[u8], len: u64) -> String {
    format!("[{}]", bits(bytes, len.saturating_mul(8).min(64 * 8)).join(" "))
}

/// Arguments that are shown: strace leaves out those that have no meaning for the others' values.
pub fn shown(call: &Call, args: &[u64; 6]) -> usize {
    let creates = |flags: u64| flags & 0o100 != 0 || flags & 0o20_200_000 == 0o20_200_000;
    match call.name {
        "open" if !creates(args[1]) => 2,
        "openat" if !creates(args[2]) => 3,
        "fcntl"
            if matches!(
                i32::try_from(args[1]),
                Ok(libc::F_GETFD | libc::F_GETFL | libc::F_GETOWN | libc::F_GETPIPE_SZ | libc::F_GET_SEALS)
            ) =>
        {
            2
        }
        "mremap" if args[3] & 2 == 0 => 4,
        "futex" => match args[1] & 0x7f {
            1 | 7 | 8 => 3,
            0 | 6 | 13 => 4,
            _ => 6,
        },
        "prctl" => match i32::try_from(args[0]) {
            Ok(
                libc::PR_SET_NAME
                | libc::PR_GET_NAME
                | libc::PR_SET_PDEATHSIG
                | libc::PR_SET_DUMPABLE
                | libc::PR_CAPBSET_READ
                | libc::PR_CAPBSET_DROP,
            ) => 2,
            Ok(libc::PR_GET_DUMPABLE | libc::PR_GET_KEEPCAPS | libc::PR_GET_SECCOMP) => 1,
            _ => 5,
        },
        "unlink" => 1,
        _ => call.arguments.len(),
    }
}

/// Whether argument `i` stands between others and means nothing for this operation.
pub fn skipped(call: &Call, args: &[u64; 6], i: usize) -> bool {
    // Waits and wakes by bitset have neither a second address nor, for wakes, a time.
    call.name == "futex" && matches!((args[1] & 0x7f, i), (9 | 10, 4) | (10, 3))
}

/// Names of `value` from `names`, for other files.
pub fn set(value: u64, names: &[Name]) -> String {
    flags(value & 0xffff_ffff, names, "0")
}
