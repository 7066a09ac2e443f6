//! The end of the machine, and what is said about it.

use alloc::vec::Vec;
use core::fmt::{self, Write};
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use kernel::control;

static STATS: AtomicBool = AtomicBool::new(false);

/// When the first program could start, nanoseconds since the clock began.
static BOOTED_NS: AtomicU64 = AtomicU64::new(0);

/// The first program is about to start.
pub fn note_booted() {
    BOOTED_NS.store(hal::clock::monotonic_ns(), Ordering::Relaxed);
}

/// Whether figures are told at the end (`stats=1`).
pub fn set_stats(on: bool) {
    STATS.store(on, Ordering::Relaxed);
}

/// The first process has ended with this wait status (wait(2)): what it wrote is delivered, then the machine stops.
pub fn program_ended(status: i32) -> ! {
    #[cfg(feature = "ninep")]
    fs_9p::sync_all();
    let mut lines = Vec::new();
    tell_missing(&mut lines);
    if STATS.load(Ordering::Relaxed) {
        tell_stats(&mut lines);
    }
    control::bulk_lines(&lines);
    drv_virtio::console::drain();
    control::exit(status);
    hal::power::stop()
}

/// The program could not be started.
pub fn fail(text: &str) -> ! {
    control::line("exit", format_args!("fail {text}"));
    hal::power::stop()
}

/// `missing PATH` lines; bytes that a line cannot hold become `\xNN`.
fn tell_missing(lines: &mut Vec<u8>) {
    for path in kernel::vfs::missing::take() {
        lines.extend_from_slice(b"missing ");
        for byte in path {
            match byte {
                b'\\' | 0..b' ' | 0x7f.. => {
                    let _ = write!(Text(lines), "\\x{byte:02x}");
                }
                _ => lines.push(byte),
            }
        }
        lines.push(b'\n');
    }
}

fn tell_stats(lines: &mut Vec<u8>) {
    let memory = hal::mem::stats();
    let usage = kernel::process::initial().map(|process| process.usage()).unwrap_or_default();
    let mut lines = Text(lines);
    let _ = writeln!(
        lines,
        "stats boot_ns={} uptime_ns={} memory_total={} memory_peak={} minor_faults={} major_faults={}",
        BOOTED_NS.load(Ordering::Relaxed),
        hal::clock::monotonic_ns(),
        memory.total,
        memory.peak_used,
        usage.faults[0],
        usage.faults[1],
    );
    for (number, count) in syscall::observe::counts() {
        let name = u64::try_from(number).ok().and_then(syscall::names::linux_name).unwrap_or("unknown");
        let _ = writeln!(lines, "stats call.{name}={count}");
    }
}

/// Lines being made.
struct Text<'a>(&'a mut Vec<u8>);

impl fmt::Write for Text<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}
