//! The machine's own files: memory, processors, clocks, version.

use core::fmt::{self, Write};

use abi::{Errno, Result};
use fs_pseudo::Text;
use kernel::names::{RELEASE, VERSION};
use kernel::process::table;
use kernel::vfs::superblock;

const TICK_NS: u64 = 10_000_000;

fn eio(_: fmt::Error) -> Errno {
    Errno::EIO
}

/// /proc/cmdline.
pub fn cmdline(out: &mut Text) -> Result<()> {
    out.bytes.extend_from_slice(hal::boot::info().cmdline);
    out.bytes.push(b'\n');
    Ok(())
}

/// What of memory is in use and for what. Cached is what can be read again; files in memory only are Shmem.
pub fn meminfo(out: &mut Text) -> Result<()> {
    let memory = hal::mem::stats();
    let cached = kernel::mm::readable_pages() * 4096;
    let kb = |bytes: u64| bytes / 1024;
    let (mut anonymous, mut mapped, mut shared) = (0, 0, 0);
    for thread in table::all().iter().filter_map(|process| process.threads().first().cloned()) {
        let Some(user) = thread.user::<kernel::process::UserThread>() else { continue };
        let usage = user.mm().usage();
        anonymous += usage.anonymous as u64 * 4; // widening
        mapped += usage.file as u64 * 4; // widening
        shared += usage.shared as u64 * 4; // widening
    }
    let rows: [(&str, u64); 25] = [
        ("MemTotal", kb(memory.total)),
        ("MemFree", kb(memory.free)),
        ("MemAvailable", kb(memory.free + cached)),
        ("Buffers", 0),
        ("Cached", kb(cached)),
        ("SwapCached", 0),
        ("Active", anonymous),
        ("Inactive", 0),
        ("Active(anon)", anonymous),
        ("Inactive(anon)", 0),
        ("Active(file)", 0),
        ("Inactive(file)", 0),
        ("Unevictable", 0),
        ("Mlocked", 0),
        ("SwapTotal", 0),
        ("SwapFree", 0),
        ("Dirty", 0),
        ("Writeback", 0),
        ("AnonPages", anonymous),
        ("Mapped", mapped),
        ("Shmem", shared),
        // What is handed out and is no application's.
        ("Slab", kb(memory.total).saturating_sub(kb(memory.free)).saturating_sub(anonymous + shared + kb(cached))),
        ("CommitLimit", kb(memory.total)),
        ("Committed_AS", anonymous),
        ("VmallocTotal", 34_359_738_367),
    ];
    for (name, value) in rows {
        let label = alloc::format!("{name}:");
        writeln!(out, "{label:<16}{value:>8} kB").map_err(eio)?;
    }
    out.write_str("HugePages_Total:       0\nHugePages_Free:        0\nHugePages_Rsvd:        0\nHugePages_Surp:        0\nHugepagesize:       2048 kB\nHugetlb:               0 kB\n")
        .map_err(eio)
}

/// /proc/devices.
pub fn devices(out: &mut Text) -> Result<()> {
    out.write_str("Character devices:\n  1 mem\n  4 tty\n  5 /dev/tty\n  5 /dev/console\n  5 /dev/ptmx\n136 pts\n\nBlock devices:\n")
        .map_err(eio)
}

/// /proc/filesystems.
pub fn filesystems(out: &mut Text) -> Result<()> {
    let mut result = Ok(());
    superblock::for_each(|kind| {
        let mark = if kind.needs_device() { "" } else { "nodev" };
        result = result.and(writeln!(out, "{mark}\t{}", kind.name()));
    });
    result.map_err(eio)
}

/// /proc/loadavg: threads that could run, not averaged.
pub fn loadavg(out: &mut Text) -> Result<()> {
    let running = kernel::sched::runnable_count();
    writeln!(out, "{running}.00 {running}.00 {running}.00 {running}/{} {}", kernel::sched::thread_count(), table::last_id()).map_err(eio)
}

/// /proc/stat.
pub fn stat(out: &mut Text) -> Result<()> {
    let uptime = hal::clock::monotonic_ns();
    let (mut user, mut system) = (0, 0);
    for process in table::all() {
        let usage = process.usage();
        user += usage.user;
        system += usage.system;
    }
    let cpus = hal::cpu::count() as u64; // widening
    let idle = (uptime * cpus).saturating_sub(user + system) / TICK_NS;
    let write = |out: &mut Text| -> fmt::Result {
        writeln!(out, "cpu  {} 0 {} {idle} 0 0 0 0 0 0", user / TICK_NS, system / TICK_NS)?;
        for index in 0..cpus {
            writeln!(out, "cpu{index} {} 0 {} {} 0 0 0 0 0 0", user / TICK_NS / cpus, system / TICK_NS / cpus, idle / cpus)?;
        }
        let boot = (kernel::time::realtime().saturating_sub(uptime)) / 1_000_000_000;
        writeln!(
            out,
            "intr 0\nctxt 0\nbtime {boot}\nprocesses {}\nprocs_running {}\nprocs_blocked 0\nsoftirq 0",
            table::last_id(),
            kernel::sched::runnable_count()
        )
    };
    write(out).map_err(eio)
}

/// /proc/uptime.
pub fn uptime(out: &mut Text) -> Result<()> {
    let uptime = hal::clock::monotonic_ns();
    let busy: u64 = table::all().iter().map(|p| p.cpu_time()).sum();
    let idle = uptime.saturating_sub(busy);
    let parts = |ns: u64| (ns / 1_000_000_000, ns / TICK_NS % 100);
    let (up, rest) = (parts(uptime), parts(idle));
    writeln!(out, "{}.{:02} {}.{:02}", up.0, up.1, rest.0, rest.1).map_err(eio)
}

/// /proc/version.
pub fn version(out: &mut Text) -> Result<()> {
    writeln!(out, "Linux version {RELEASE} (unox) {VERSION}").map_err(eio)
}

/// /proc/vmstat.
pub fn vmstat(out: &mut Text) -> Result<()> {
    let memory = hal::mem::stats();
    let faults: u64 = table::all().iter().map(|p| p.usage().faults.iter().sum::<u64>()).sum();
    writeln!(out, "nr_free_pages {}\npgfault {faults}\npgmajfault 0\npswpin 0\npswpout 0\noom_kill 0", memory.free / 4096).map_err(eio)
}
