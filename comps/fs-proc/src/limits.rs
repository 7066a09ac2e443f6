//! /proc/PID/limits.

use core::fmt::Write;

use abi::process::{RLIM_INFINITY, rlimit};
use abi::{Errno, Result};
use fs_pseudo::Text;

use crate::pid::Subject;

/// Name, number, unit, in the file's order.
const ROWS: [(&str, usize, &str); rlimit::COUNT] = [
    ("Max cpu time", rlimit::CPU, "seconds"),
    ("Max file size", rlimit::FSIZE, "bytes"),
    ("Max data size", rlimit::DATA, "bytes"),
    ("Max stack size", rlimit::STACK, "bytes"),
    ("Max core file size", rlimit::CORE, "bytes"),
    ("Max resident set", rlimit::RSS, "bytes"),
    ("Max processes", rlimit::NPROC, "processes"),
    ("Max open files", rlimit::NOFILE, "files"),
    ("Max locked memory", rlimit::MEMLOCK, "bytes"),
    ("Max address space", rlimit::AS, "bytes"),
    ("Max file locks", rlimit::LOCKS, "locks"),
    ("Max pending signals", rlimit::SIGPENDING, "signals"),
    ("Max msgqueue size", rlimit::MSGQUEUE, "bytes"),
    ("Max nice priority", rlimit::NICE, ""),
    ("Max realtime priority", rlimit::RTPRIO, ""),
    ("Max realtime timeout", rlimit::RTTIME, "us"),
];

/// A limit as the file shows it.
struct Shown(u64);

impl core::fmt::Display for Shown {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        if self.0 == RLIM_INFINITY { f.pad("unlimited") } else { f.pad_integral(true, "", itoa(self.0, &mut [0; 20])) }
    }
}

/// Decimal digits of a number.
fn itoa(mut value: u64, buf: &mut [u8; 20]) -> &str {
    let mut at = buf.len();
    loop {
        at -= 1;
        buf[at] = b'0' + (value % 10) as u8; // one digit
        value /= 10;
        if value == 0 {
            break;
        }
    }
    core::str::from_utf8(&buf[at..]).unwrap_or("")
}

/// The table.
pub fn text(subject: &Subject, out: &mut Text) -> Result<()> {
    let write = |out: &mut Text| -> core::fmt::Result {
        writeln!(out, "{:<25} {:<20} {:<20} {:<10}", "Limit", "Soft Limit", "Hard Limit", "Units")?;
        for (name, resource, unit) in ROWS {
            let limit = subject.process.limits.get(resource);
            writeln!(out, "{name:<25} {:<20} {:<20} {unit:<10}", Shown(limit.cur), Shown(limit.max))?;
        }
        Ok(())
    };
    write(out).map_err(|_| Errno::EIO)
}
