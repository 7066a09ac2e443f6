//! /proc/sys and /proc/net: what programs look up in them.

use core::fmt::Write;

use abi::{Errno, Result};
use fs_pseudo::{Item, Text};
use kernel::names;
use kernel::sync::Once;

fn line(out: &mut Text, text: core::fmt::Arguments<'_>) -> Result<()> {
    writeln!(out, "{text}").map_err(|_| Errno::EIO)
}

fn field(out: &mut Text, bytes: &[u8; 65]) -> Result<()> {
    out.bytes.extend_from_slice(bytes.split(|b| *b == 0).next().unwrap_or(bytes));
    out.bytes.push(b'\n');
    Ok(())
}

fn uuid(out: &mut Text, bytes: [u8; 16]) -> Result<()> {
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            out.bytes.push(b'-');
        }
        write!(out, "{byte:02x}").map_err(|_| Errno::EIO)?;
    }
    out.bytes.push(b'\n');
    Ok(())
}

/// A random UUID (RFC 9562, version 4).
fn random_uuid() -> [u8; 16] {
    let mut bytes = [0; 16];
    kernel::random::fill(&mut bytes);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    bytes
}

fn boot_id(out: &mut Text) -> Result<()> {
    static BOOT_ID: Once<[u8; 16]> = Once::new();
    uuid(out, *BOOT_ID.get_or_init(random_uuid))
}

/// /proc/sys.
pub static SYS: &[(&str, Item)] = &[
    (
        "fs",
        Item::Dir(&[
            ("aio-max-nr", Item::Fixed("0\n")),
            ("file-max", Item::Fixed("9223372036854775807\n")),
            ("file-nr", Item::Fixed("0\t0\t9223372036854775807\n")),
            (
                "inotify",
                Item::Dir(&[
                    ("max_queued_events", Item::Fixed("16384\n")),
                    ("max_user_instances", Item::Fixed("128\n")),
                    ("max_user_watches", Item::Fixed("65536\n")),
                ]),
            ),
            ("nr_open", Item::Fixed("1048576\n")),
            ("pipe-max-size", Item::Fixed("1048576\n")),
        ]),
    ),
    (
        "kernel",
        Item::Dir(&[
            ("cap_last_cap", Item::Fixed("40\n")),
            ("core_pattern", Item::Fixed("core\n")),
            (
                "hostname",
                Item::Setting(
                    |out| field(out, &names::uname().nodename),
                    |name| {
                        names::set_hostname(name);
                        Ok(())
                    },
                ),
            ),
            ("domainname", Item::Text(|out| field(out, &names::uname().domainname))),
            ("ngroups_max", Item::Fixed("65536\n")),
            ("osrelease", Item::Text(|out| line(out, format_args!("{}", names::RELEASE)))),
            ("ostype", Item::Fixed("Linux\n")),
            ("overflowgid", Item::Fixed("65534\n")),
            ("overflowuid", Item::Fixed("65534\n")),
            ("pid_max", Item::Fixed("32768\n")),
            (
                "random",
                Item::Dir(&[
                    ("boot_id", Item::Text(boot_id)),
                    ("entropy_avail", Item::Fixed("256\n")),
                    ("poolsize", Item::Fixed("256\n")),
                    ("uuid", Item::Text(|out| uuid(out, random_uuid()))),
                ]),
            ),
            ("randomize_va_space", Item::Fixed("2\n")),
            ("seccomp", Item::Dir(&[("actions_avail", Item::Fixed("\n"))])),
            ("shmall", Item::Fixed("18446744073692774399\n")),
            ("shmmax", Item::Fixed("18446744073692774399\n")),
            ("shmmni", Item::Fixed("4096\n")),
            ("threads-max", Item::Fixed("32768\n")),
            ("version", Item::Text(|out| line(out, format_args!("{}", names::VERSION)))),
        ]),
    ),
    (
        "net",
        Item::Dir(&[
            (
                "core",
                Item::Dir(&[
                    ("rmem_default", Item::Fixed("212992\n")),
                    ("rmem_max", Item::Fixed("212992\n")),
                    ("somaxconn", Item::Fixed("4096\n")),
                    ("wmem_default", Item::Fixed("212992\n")),
                    ("wmem_max", Item::Fixed("212992\n")),
                ]),
            ),
            ("unix", Item::Dir(&[("max_dgram_qlen", Item::Fixed("10\n"))])),
        ]),
    ),
    (
        "vm",
        Item::Dir(&[
            ("max_map_count", Item::Fixed("65530\n")),
            ("mmap_min_addr", Item::Fixed("65536\n")),
            ("overcommit_memory", Item::Fixed("0\n")),
            ("overcommit_ratio", Item::Fixed("50\n")),
            ("swappiness", Item::Fixed("60\n")),
        ]),
    ),
];

/// /proc/net: no interfaces, no sockets, as long as there is no network.
pub static NET: &[(&str, Item)] = &[
    (
        "dev",
        Item::Fixed(
            "Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n",
        ),
    ),
    ("if_inet6", Item::Fixed("")),
    (
        "route",
        Item::Fixed(
            "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT                                                       \n",
        ),
    ),
    (
        "tcp",
        Item::Fixed(
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     \n",
        ),
    ),
    (
        "udp",
        Item::Fixed(
            "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops             \n",
        ),
    ),
    ("unix", Item::Fixed("Num       RefCount Protocol Flags    Type St Inode Path\n")),
];
