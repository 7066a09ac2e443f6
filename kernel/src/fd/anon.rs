//! What files without an inode say when they are asked for one.

use core::sync::atomic::{AtomicU64, Ordering};

use abi::fs::Stat;

use crate::fd::hooks;

/// Pipes and sockets are numbered together, from a number that does not look like one of the few first inodes.
static NEXT_NUMBER: AtomicU64 = AtomicU64::new(4096);

/// The number of a new pipe or socket.
pub fn next_number() -> u64 {
    NEXT_NUMBER.fetch_add(1, Ordering::Relaxed)
}

/// fstat(2) of a pipe or socket: `st_mode` and number.
pub fn stat(st_mode: u32, number: u64) -> Stat {
    let owner = hooks::peer();
    Stat { st_dev: 13, st_ino: number, st_nlink: 1, st_mode, st_uid: owner.uid, st_gid: owner.gid, st_blksize: 4096, ..Stat::default() }
}
