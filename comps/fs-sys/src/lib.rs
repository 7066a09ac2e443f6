//! sysfs (sysfs(5)): the few places where programs look for processors, memory nodes, clock sources and huge pages.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

use alloc::format;
use alloc::sync::Arc;
use core::fmt::Write;

use abi::{Errno, Result};
use fs_pseudo::{Dir, Item, Node, Table, Text};
use kernel::vfs::{FileSystem, FileType, Inode, superblock};

const SYSFS_MAGIC: i64 = 0x6265_6572;

/// Registers the file system.
pub fn init() {
    superblock::register(&SysFs);
}

/// The file system kind.
pub struct SysFs;

impl FileSystem for SysFs {
    fn name(&self) -> &'static str {
        "sysfs"
    }

    fn mount(&self, _source: &[u8], _data: &[u8]) -> Result<Arc<Inode>> {
        fs_pseudo::mount("sysfs", SYSFS_MAGIC, Arc::new(Table(TOP)))
    }
}

/// The processors as a list: `0` or `0-3`.
fn cpu_range(out: &mut Text) -> Result<()> {
    match hal::cpu::count() {
        1 => out.write_str("0\n"),
        n => writeln!(out, "0-{}", n - 1),
    }
    .map_err(|_| Errno::EIO)
}

/// The processors as a bit mask in hex.
fn cpu_mask(out: &mut Text) -> Result<()> {
    writeln!(out, "{:x}", (1u32 << hal::cpu::count()) - 1).map_err(|_| Errno::EIO)
}

fn node_memory(out: &mut Text) -> Result<()> {
    let memory = hal::mem::stats();
    let used = memory.total - memory.free.min(memory.total);
    let (total, free, used) = (memory.total / 1024, memory.free / 1024, used / 1024);
    write!(out, "Node 0 MemTotal:       {total} kB\nNode 0 MemFree:        {free} kB\nNode 0 MemUsed:        {used} kB\n")
        .map_err(|_| Errno::EIO)
}

static TOP: &[(&str, Item)] = &[
    ("block", Item::Dir(&[])),
    ("bus", Item::Dir(&[])),
    ("class", Item::Dir(&[("block", Item::Dir(&[])), ("net", Item::Dir(&[])), ("tty", Item::Dir(&[]))])),
    (
        "devices",
        Item::Dir(&[(
            "system",
            Item::Dir(&[
                (
                    "clocksource",
                    Item::Dir(&[(
                        "clocksource0",
                        Item::Dir(&[("available_clocksource", Item::Fixed("tsc\n")), ("current_clocksource", Item::Fixed("tsc\n"))]),
                    )]),
                ),
                ("cpu", Item::Node(|| Node::Dir(Arc::new(Cpus)))),
                (
                    "node",
                    Item::Dir(&[
                        ("has_cpu", Item::Fixed("0\n")),
                        ("has_memory", Item::Fixed("0\n")),
                        (
                            "node0",
                            Item::Dir(&[
                                ("cpulist", Item::Text(cpu_range)),
                                ("cpumap", Item::Text(cpu_mask)),
                                ("distance", Item::Fixed("10\n")),
                                ("meminfo", Item::Text(node_memory)),
                            ]),
                        ),
                        ("online", Item::Fixed("0\n")),
                        ("possible", Item::Fixed("0\n")),
                    ]),
                ),
            ]),
        )]),
    ),
    ("fs", Item::Dir(&[("cgroup", Item::Dir(&[]))])),
    (
        "kernel",
        Item::Dir(&[(
            "mm",
            Item::Dir(&[
                ("hugepages", Item::Dir(&[])),
                (
                    "transparent_hugepage",
                    Item::Dir(&[
                        ("defrag", Item::Fixed("always defer defer+madvise madvise [never]\n")),
                        ("enabled", Item::Fixed("always madvise [never]\n")),
                        ("hpage_pmd_size", Item::Fixed("2097152\n")),
                        ("shmem_enabled", Item::Fixed("always within_size advise [never] deny force\n")),
                        ("use_zero_page", Item::Fixed("0\n")),
                    ]),
                ),
            ]),
        )]),
    ),
];

/// Files of the directory `cpu` besides its processors.
static CPU: &[(&str, Item)] = &[
    ("isolated", Item::Fixed("\n")),
    ("kernel_max", Item::Fixed("15\n")),
    ("offline", Item::Fixed("\n")),
    ("online", Item::Text(cpu_range)),
    ("possible", Item::Text(cpu_range)),
    ("present", Item::Text(cpu_range)),
];

/// What each processor has.
static ONE_CPU: &[(&str, Item)] = &[
    ("online", Item::Fixed("1\n")),
    (
        "topology",
        Item::Dir(&[
            ("core_cpus", Item::Fixed("1\n")),
            ("core_cpus_list", Item::Fixed("0\n")),
            ("core_id", Item::Fixed("0\n")),
            ("core_siblings", Item::Text(cpu_mask)),
            ("core_siblings_list", Item::Text(cpu_range)),
            ("package_cpus", Item::Text(cpu_mask)),
            ("package_cpus_list", Item::Text(cpu_range)),
            ("physical_package_id", Item::Fixed("0\n")),
            ("thread_siblings", Item::Fixed("1\n")),
            ("thread_siblings_list", Item::Fixed("0\n")),
        ]),
    ),
];

/// /sys/devices/system/cpu.
struct Cpus;

impl Dir for Cpus {
    fn lookup(&self, name: &[u8]) -> Result<Node> {
        let known = (0..hal::cpu::count()).any(|index| format!("cpu{index}").as_bytes() == name);
        if known { Ok(Node::Dir(Arc::new(Table(ONE_CPU)))) } else { Table(CPU).lookup(name) }
    }

    fn list(&self, visit: &mut dyn FnMut(&[u8], FileType) -> bool) {
        if (0..hal::cpu::count()).all(|index| visit(format!("cpu{index}").as_bytes(), FileType::Directory)) {
            Table(CPU).list(visit);
        }
    }
}
