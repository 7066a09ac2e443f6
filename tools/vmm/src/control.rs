//! The lines the kernel writes on the control channel (docs/boot-protocol.md, section 4).

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

/// How the guest said it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The program called exit with this status.
    Code(u8),
    /// The program was killed by this signal.
    Signal(u8),
    /// The kernel failed.
    Panic(String),
    /// The program could not be started.
    Fail(String),
}

impl Ending {
    /// The tool's exit status: the program's own, 128+N for a signal, 127 and 126 as a shell's, 125 for a failure of unox.
    pub fn status(&self) -> u8 {
        match self {
            Ending::Code(code) => *code,
            Ending::Signal(signal) => signal.saturating_add(128),
            Ending::Panic(_) => 125,
            Ending::Fail(text) if text.starts_with("notfound ") => 127,
            Ending::Fail(text) if text.starts_with("noexec ") => 126,
            Ending::Fail(_) => 125,
        }
    }
}

/// How much a `log` line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Something failed.
    Error,
    /// Something will not work as the program expects.
    Warn,
    /// What is going on.
    Info,
    /// Every step.
    Debug,
}

impl Level {
    /// The word on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warn => "warn",
            Level::Info => "info",
            Level::Debug => "debug",
        }
    }
}

/// One control line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// The machine stops next.
    Exit(Ending),
    /// Shown on stderr.
    Log(Level, String),
    /// A system call, as tools/strace reads it.
    Strace(Vec<u8>),
    /// A file of the guest lies in the program's memory: `START END OFFSET PATH`, numbers in hex.
    Map(Vec<u8>),
    /// Where the program is: the instruction's address, then words of its stack that lie in code.
    Trace(Vec<u8>),
    /// The program looked for a file that is not in the image.
    Missing(PathBuf),
    /// `KEY=VALUE` figures.
    Stats(Vec<(String, String)>),
    /// The kernel has taken the last line the host sent on port 4.
    Ack,
    /// None of the kinds above: a newer kernel, or noise.
    Unknown(String),
}

impl Line {
    /// Reads one line, without its newline. Never fails: what is not understood is [`Line::Unknown`].
    pub fn parse(line: &[u8]) -> Line {
        let unknown = || Line::Unknown(text(line));
        let (kind, rest) = split(line);
        match kind {
            b"exit" => ending(rest).map_or_else(unknown, Line::Exit),
            b"log" => {
                let (level, rest) = split(rest);
                let level = [Level::Error, Level::Warn, Level::Info, Level::Debug].into_iter().find(|l| l.name().as_bytes() == level);
                level.map_or_else(unknown, |level| Line::Log(level, in_words(&text(rest))))
            }
            b"strace" => Line::Strace(rest.to_vec()),
            b"trace" => Line::Trace(rest.to_vec()),
            b"map" => Line::Map(unescape(rest)),
            b"missing" if !rest.is_empty() => Line::Missing(PathBuf::from(OsString::from_vec(unescape(rest)))),
            b"stats" => {
                let pairs = rest.split(|&b| b == b' ').filter_map(|w| text(w).split_once('=').map(|(k, v)| (k.to_string(), v.to_string())));
                Line::Stats(pairs.collect())
            }
            b"ack" => Line::Ack,
            _ => unknown(),
        }
    }
}

fn ending(rest: &[u8]) -> Option<Ending> {
    let (kind, rest) = split(rest);
    let number = || std::str::from_utf8(split(rest).0).ok()?.parse::<u8>().ok();
    match kind {
        b"code" => number().map(Ending::Code),
        b"signal" => number().filter(|n| (1..=64).contains(n)).map(Ending::Signal),
        b"panic" => Some(Ending::Panic(text(rest))),
        b"fail" => Some(Ending::Fail(in_words(&text(rest)))),
        _ => None,
    }
}

/// The first word and what follows the space after it.
fn split(line: &[u8]) -> (&[u8], &[u8]) {
    match line.iter().position(|&b| b == b' ') {
        Some(at) => (&line[..at], &line[at + 1..]),
        None => (line, &[]),
    }
}

/// Text to show to a person: `\xNN` stays as it was sent, except the backslash and newline, which are meant.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes)
        .replace("\\x0a", "\n")
        .replace("\\x5c", "\\")
        .chars()
        .filter(|&c| c == '\n' || c == '\t' || !c.is_control())
        .collect()
}

/// The kernel says `errno 12`; a person reads the sentence.
fn in_words(line: &str) -> String {
    let mut parts = line.split("errno ");
    let mut out = parts.next().unwrap_or_default().to_string();
    for part in parts {
        let digits = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
        match part[..digits].parse().ok().and_then(abi::Errno::from_number) {
            Some(errno) => out.extend([errno.text(), &part[digits..]]),
            None => out.extend(["errno ", part]),
        }
    }
    out
}

/// Undoes `\xNN`, for paths.
fn unescape(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&first, tail)) = rest.split_first() {
        let hex = tail.get(1..3).filter(|_| first == b'\\' && tail[0] == b'x').and_then(|h| std::str::from_utf8(h).ok());
        match hex.and_then(|h| u8::from_str_radix(h, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                rest = &tail[3..];
            }
            None => {
                out.push(first);
                rest = tail;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_errors_become_words() {
        assert_eq!(in_words("a: errno 2"), "a: No such file or directory");
        assert_eq!(in_words("a: errno 13; b: errno 9999, errno x, errno "), "a: Permission denied; b: errno 9999, errno x, errno ");
        assert_eq!(in_words("errno 99999999999"), "errno 99999999999");
    }

    #[test]
    fn endings_become_statuses() {
        let status = |line: &str| match Line::parse(line.as_bytes()) {
            Line::Exit(ending) => i32::from(ending.status()),
            _ => -1,
        };
        assert_eq!(status("exit code 0"), 0);
        assert_eq!(status("exit code 255"), 255);
        assert_eq!(status("exit code 256"), -1);
        assert_eq!(status("exit signal 11 core"), 139);
        assert_eq!(status("exit signal 0"), -1);
        assert_eq!(status("exit signal 65"), -1);
        assert_eq!(status("exit panic out of frames"), 125);
        assert_eq!(status("exit fail notfound /bin/x"), 127);
        assert_eq!(status("exit fail noexec /etc/passwd"), 126);
        assert_eq!(status("exit fail something else"), 125);
        assert_eq!(status("exit"), -1);
        assert_eq!(status("exit code"), -1);
        assert_eq!(status("exit code -1"), -1);
    }

    #[test]
    fn other_lines() {
        assert_eq!(Line::parse(b"log warn a b"), Line::Log(Level::Warn, "a b".into()));
        assert!(matches!(Line::parse(b"log loud a"), Line::Unknown(_)));
        assert_eq!(Line::parse(b"missing /a\\x0ab\\x5cc\\xff"), Line::Missing(PathBuf::from(OsString::from_vec(b"/a\nb\\c\xff".to_vec()))));
        assert!(matches!(Line::parse(b"missing "), Line::Unknown(_)));
        assert_eq!(
            Line::parse(b"stats boot_ns=12 junk faults=3"),
            Line::Stats(vec![("boot_ns".into(), "12".into()), ("faults".into(), "3".into())])
        );
        assert_eq!(Line::parse(b"strace 1 0 ff"), Line::Strace(b"1 0 ff".to_vec()));
        assert_eq!(Line::parse(b"map 1000 2000 0 /a\\x20b"), Line::Map(b"1000 2000 0 /a b".to_vec()));
        assert_eq!(Line::parse(b"ack"), Line::Ack);
        assert!(matches!(Line::parse(b"\xff\xfe"), Line::Unknown(_)));
        assert!(matches!(Line::parse(b""), Line::Unknown(_)));
    }

    #[test]
    fn a_line_cannot_drive_the_terminal() {
        assert_eq!(Line::parse(b"log error \x1b[2Jx"), Line::Log(Level::Error, "[2Jx".into()));
    }

    #[test]
    fn unescape_keeps_what_is_no_escape() {
        assert_eq!(unescape(b"\\"), b"\\");
        assert_eq!(unescape(b"\\x4"), b"\\x4");
        assert_eq!(unescape(b"\\xzz\\x41"), b"\\xzzA");
    }
}
