//! The end of the machine, and what is said about it (docs/boot-protocol.md, section 4).

use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use kernel::control;

static STATS: AtomicBool = AtomicBool::new(false);

/// When the application could start, nanoseconds since the clock began.
static BOOTED_NS: AtomicU64 = AtomicU64::new(0);

/// The application is about to start.
pub fn note_booted() {
    BOOTED_NS.store(hal::clock::monotonic_ns(), Ordering::Relaxed);
}

/// Whether figures are told at the end (`stats=1`).
pub fn set_stats(on: bool) {
    STATS.store(on, Ordering::Relaxed);
}

/// The process has ended with this wait status (wait(2)): what it wrote is delivered, then the machine stops.
pub fn program_ended(status: i32) -> ! {
    #[cfg(feature = "ninep")]
    fs_9p::sync_all();
    drv_virtio::console::drain();
    if STATS.load(Ordering::Relaxed) {
        let memory = hal::mem::stats();
        let (booted, now) = (BOOTED_NS.load(Ordering::Relaxed), hal::clock::monotonic_ns());
        let (total, peak) = (memory.total, memory.peak_used);
        control::line("stats", format_args!("boot_ns={booted} uptime_ns={now} memory_total={total} memory_peak={peak}"));
    }
    control::exit(status);
    hal::power::stop()
}

/// The application could not be started.
pub fn fail(text: &str) -> ! {
    control::line("exit", format_args!("fail {text}"));
    hal::power::stop()
}
