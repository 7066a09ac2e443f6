//! procfs (proc(5)): what programs read about themselves and the machine. Every text is made from the kernel's own state when it is read.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod cpuinfo;
mod fds;
mod limits;
mod maps;
mod mounts;
mod pid;
mod settings;
mod status;
mod system;

use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;

use abi::{Errno, Result};
use fs_pseudo::{Dir, Item, Node, Table, Target};
use kernel::process::{table, try_current};
use kernel::vfs::{FileSystem, FileType, Inode, superblock};

const PROC_SUPER_MAGIC: i64 = 0x9fa0;

/// Registers the file system.
pub fn init() {
    superblock::register(&ProcFs);
}

/// The file system kind.
pub struct ProcFs;

impl FileSystem for ProcFs {
    fn name(&self) -> &'static str {
        "proc"
    }

    fn mount(&self, _source: &[u8], _data: &[u8]) -> Result<Arc<Inode>> {
        fs_pseudo::mount("proc", PROC_SUPER_MAGIC, Arc::new(Root))
    }
}

/// What is there besides the processes.
static TOP: &[(&str, Item)] = &[
    ("cgroups", Item::Fixed("#subsys_name\thierarchy\tnum_cgroups\tenabled\n")),
    ("cmdline", Item::Text(system::cmdline)),
    ("cpuinfo", Item::Text(cpuinfo::cpuinfo)),
    ("devices", Item::Text(system::devices)),
    ("filesystems", Item::Text(system::filesystems)),
    ("interrupts", Item::Fixed("           CPU0\n")),
    ("loadavg", Item::Text(system::loadavg)),
    ("meminfo", Item::Text(system::meminfo)),
    ("mounts", Item::Link("self/mounts")),
    ("net", Item::Link("self/net")),
    ("partitions", Item::Fixed("major minor  #blocks  name\n\n")),
    ("self", Item::Node(|| Node::Link(Arc::new(SelfLink)))),
    ("stat", Item::Text(system::stat)),
    ("swaps", Item::Fixed("Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n")),
    ("sys", Item::Dir(settings::SYS)),
    ("thread-self", Item::Node(|| Node::Link(Arc::new(ThreadSelfLink)))),
    ("uptime", Item::Text(system::uptime)),
    ("version", Item::Text(system::version)),
    ("vmstat", Item::Text(system::vmstat)),
];

struct Root;

impl Dir for Root {
    fn lookup(&self, name: &[u8]) -> Result<Node> {
        match parse_id(name) {
            Some(pid) => Ok(Node::Dir(Arc::new(pid::ProcessDir::new(table::find(pid).ok_or(Errno::ENOENT)?)))),
            None => Table(TOP).lookup(name),
        }
    }

    fn list(&self, visit: &mut dyn FnMut(&[u8], FileType) -> bool) {
        let mut more = true;
        Table(TOP).list(&mut |name, kind| {
            more = visit(name, kind);
            more
        });
        for process in table::all() {
            more = more && visit(format!("{}", process.pid).as_bytes(), FileType::Directory);
        }
    }

    fn is_static(&self) -> bool {
        false
    }
}

/// A plain decimal number as a name: no sign, no leading zero.
fn parse_id(name: &[u8]) -> Option<i32> {
    let id: i32 = core::str::from_utf8(name).ok()?.parse().ok()?;
    (id >= 0 && name[0] != b'+' && (name[0] != b'0' || name.len() == 1)).then_some(id)
}

struct SelfLink;

impl Target for SelfLink {
    fn text(&self) -> Result<Vec<u8>> {
        let user = try_current().ok_or(Errno::ENOENT)?;
        Ok(format!("{}", user.process.pid).into_bytes())
    }
}

struct ThreadSelfLink;

impl Target for ThreadSelfLink {
    fn text(&self) -> Result<Vec<u8>> {
        let user = try_current().ok_or(Errno::ENOENT)?;
        Ok(format!("{}/task/{}", user.process.pid, user.tid()).into_bytes())
    }
}
