//! Makes strace(1)'s text of the kernel's records of system calls (docs/boot-protocol.md, section 4, `strace`).
//!
//! The kernel sends registers and some bytes of what pointers lead to; names, flags and structures are known here, on the host, where tables cost nothing. Real
//! strace's output is the model, so that what people know of reading it holds.
#![forbid(unsafe_code)]

mod args;
mod names;
mod record;
mod sockets;
mod structs;
mod text;

use abi::Errno;
use record::{Record, Signal};
use std::fmt::Write;

/// A call of the kernel's table.
#[derive(Debug)]
pub struct Call {
    /// Its number.
    pub number: u32,
    /// Its name.
    pub name: &'static str,
    /// Names and types of its arguments.
    pub arguments: &'static [(&'static str, &'static str)],
}

const CALLS: &[Call] = include!(concat!(env!("OUT_DIR"), "/calls.rs"));

/// Column of the result, as in strace.
const RESULT_AT: usize = 40;

/// Turns records into lines; knows which threads there have been.
#[derive(Debug, Default)]
pub struct Decoder {
    /// Shows when each call began and how long it took.
    pub times: bool,
    first: Option<u64>,
    several: bool,
}

impl Decoder {
    /// A decoder; `times`: lines say when and how long.
    pub fn new(times: bool) -> Decoder {
        Decoder { times, first: None, several: false }
    }

    /// The line of a record. What is no record comes back as it is.
    pub fn line(&mut self, text: &[u8]) -> String {
        if let Some(signal) = text.strip_prefix(b"signal ").and_then(Signal::parse) {
            return self.signal(&signal);
        }
        let Some(record) = Record::parse(text) else { return String::from_utf8_lossy(text).into_owned() };
        self.several |= *self.first.get_or_insert(record.tid) != record.tid;
        let mut line = String::new();
        if self.several {
            let _ = write!(line, "[pid {:>5}] ", record.tid);
        }
        if self.times {
            let _ = write!(line, "{:>5}.{:06} ", record.began / 1_000_000_000, record.began / 1000 % 1_000_000);
        }
        let start = line.len();
        line.push_str(&call(&record));
        let width = line.len() - start;
        let _ = write!(line, "{:1$}= {2}", "", RESULT_AT.saturating_sub(width).max(1), result(&record));
        if self.times && record.result.is_some() {
            let _ = write!(line, " <{}.{:06}>", record.took / 1_000_000_000, record.took / 1000 % 1_000_000);
        }
        line
    }
}

impl Decoder {
    fn signal(&mut self, signal: &Signal) -> String {
        self.several |= *self.first.get_or_insert(signal.tid) != signal.tid;
        let pid = if self.several { format!("[pid {:>5}] ", signal.tid) } else { String::new() };
        format!("{pid}--- {} ---", structs::signal(signal.number, signal.code, signal.field))
    }
}

/// The table's line of a number.
pub fn find(number: u64) -> Option<&'static Call> {
    CALLS.iter().find(|call| u64::from(call.number) == number)
}

fn call(record: &Record) -> String {
    let Some(call) = find(record.number) else {
        let name = usize::try_from(record.number).ok().and_then(syscalls::x86_64::Sysno::new);
        let name = name.map_or_else(|| format!("syscall_{:#x}", record.number), |known| known.name().to_string());
        return format!("{name}({})", record.args.map(|a| format!("{a:#x}")).join(", "));
    };
    let context = args::Context { call, record };
    let shown =
        call.arguments.iter().take(args::shown(call, &record.args)).enumerate().filter(|(i, _)| !args::skipped(call, &record.args, *i));
    let texts: Vec<String> = shown.map(|(i, (name, kind))| context.argument(i, name, kind)).collect();
    format!("{}({})", call.name, texts.join(", "))
}

fn result(record: &Record) -> String {
    let Some(value) = record.result else { return "?".to_string() };
    if let Some(number) = record.errno() {
        return match number {
            512 => "? ERESTARTSYS (To be restarted if SA_RESTART is set)".to_string(),
            514 => "? ERESTARTNOHAND (To be restarted if no handler)".to_string(),
            516 => "? ERESTART_RESTARTBLOCK (Interrupted by signal)".to_string(),
            _ => match Errno::from_number(number) {
                Some(errno) => format!("-1 {} ({})", errno.name(), errno.text()),
                None => format!("-1 (errno {number})"),
            },
        };
    }
    let name = find(record.number).map_or("", |call| call.name);
    match name {
        "mmap" | "mremap" | "brk" => format!("{value:#x}"),
        "umask" => format!("0{value:o}"),
        "fcntl" => match i32::try_from(record.args[1]) {
            Ok(libc::F_GETFD) if value & 1 != 0 => format!("{value:#x} (flags FD_CLOEXEC)"),
            Ok(libc::F_GETFL) => format!("{value:#x} (flags {})", names::open_flags(value.unsigned_abs())),
            _ => value.to_string(),
        },
        "poll" | "ppoll" if value == 0 => "0 (Timeout)".to_string(),
        "poll" | "ppoll" => match record.memory.after(record.args[0]) {
            Some(fds) => format!("{value} ({})", structs::pollfds(fds, record.args[1], true)),
            None => value.to_string(),
        },
        "select" | "pselect6" if value == 0 => "0 (Timeout)".to_string(),
        "select" | "pselect6" => {
            let sets = [("in", 1), ("out", 2), ("except", 3)];
            let named = sets.iter().filter_map(|(name, at)| {
                let set = args::fd_set(record.memory.after(record.args[*at])?, record.args[0]);
                (set != "[]").then(|| format!("{name} {set}"))
            });
            format!("{value} ({})", named.collect::<Vec<_>>().join(", "))
        }
        "arch_prctl" | "getpid" => value.to_string(),
        _ if value > 0xffff_ffff => format!("{value:#x}"),
        _ => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(record: &str) -> String {
        Decoder::default().line(record.as_bytes())
    }

    #[test]
    fn calls_read_as_strace_writes_them() {
        // openat(AT_FDCWD, "/etc/x", O_RDONLY|O_CLOEXEC)
        let openat = "1 101 0 0 fffffffffffffffe ffffff9c 7000 80000 0 0 0 b7000:2f6574632f7800";
        assert_eq!(line(openat), "openat(AT_FDCWD, \"/etc/x\", O_RDONLY|O_CLOEXEC) = -1 ENOENT (No such file or directory)");
        // read(3, "hi\n", 64), whose buffer changed
        assert_eq!(line("1 0 0 0 3 3 7000 40 0 0 0 b7000:000000 a7000:68690a"), "read(3, \"hi\\n\", 64)                     = 3");
        assert_eq!(
            line("1 9 0 0 7f0000001000 0 2000 3 22 ffffffff 0"),
            "mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000001000"
        );
        assert_eq!(line("1 e7 0 0 ? 2a 0 0 0 0 0"), "exit_group(42)                          = ?");
        assert!(line("1 3e8 0 0 ffffffffffffffda 1 2 3 4 5 6").starts_with("syscall_0x3e8(0x1, 0x2"));
        assert!(line("1 3e8 0 0 ffffffffffffffda 1 2 3 4 5 6").ends_with("-1 ENOSYS (Function not implemented)"));
    }

    #[test]
    fn threads_and_times_are_told_when_there_is_something_to_tell() {
        let mut decoder = Decoder::new(true);
        assert!(decoder.line(b"1 27 3b9aca00 3e8 1 0 0 0 0 0 0").starts_with("    1.000000 getpid()"));
        assert!(decoder.line(b"2 27 0 3e8 1 0 0 0 0 0 0").starts_with("[pid     2] "));
        assert!(decoder.line(b"2 27 0 3e8 1 0 0 0 0 0 0").ends_with("= 1 <0.000001>"));
        assert_eq!(decoder.line(b"no record"), "no record");
        assert_eq!(line("signal 1 a 0 3e800000001"), "--- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_USER, si_pid=1, si_uid=1000} ---");
        assert_eq!(line("signal 1 b 1 10"), "--- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=0x10} ---");
        assert_eq!(line("signal 1 11 ffffffff 0"), "--- SIGCHLD {si_signo=SIGCHLD, si_code=SI_QUEUE, si_pid=0, si_uid=0} ---");
    }

    #[test]
    fn any_record_gives_a_line() {
        // Every call with wild arguments and too little memory: a line, never a panic.
        for call in CALLS {
            for value in ["0", "1", "7000", "ffffffffffffffff", "80000000"] {
                for memory in
                    ["", " b7000:00", " b7000:ffffffffffffffffffffffffffffffff a7000:0102", " b7000:0070000000000000ffffffffffffffff"]
                {
                    for result in ["0", "1", "ffffffffffffffff", "?"] {
                        let text = format!("1 {:x} 0 0 {result} {value} {value} {value} {value} {value} {value}{memory}", call.number);
                        assert!(line(&text).starts_with(call.name), "{text}");
                    }
                }
            }
        }
    }
}
