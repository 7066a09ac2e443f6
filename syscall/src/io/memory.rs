//! memfd_create(2).

use abi::fs::PATH_MAX;
use abi::io::MemfdFlags;
use abi::{Errno, Result};
use alloc::vec::Vec;
use kernel::process::current;
use kernel::vfs::{private, seals};

use super::current::{files, nofile};
use crate::args::UserPath;

/// What /proc/self/fd shows before the name.
const PREFIX: &[u8] = b"/memfd:";
/// Longest name, with its NUL (Linux: NAME_MAX less six).
const NAME_ROOM: usize = 250;

/// memfd_create(2): complete but for MFD_HUGETLB (EINVAL).
pub fn memfd_create(name: UserPath, flags: u32) -> Result<i32> {
    let flags = MemfdFlags::from_bits(flags).ok_or(Errno::EINVAL)?;
    let exec_both = MemfdFlags::EXEC | MemfdFlags::NOEXEC_SEAL;
    if flags.contains(MemfdFlags::HUGETLB) || flags.contains(exec_both) {
        return Err(Errno::EINVAL);
    }
    const { assert!(NAME_ROOM < PATH_MAX) };
    let mut text = [0; NAME_ROOM];
    let len = hal::user::read_cstr(name.0.addr(), &mut text, Errno::EINVAL)?;
    let mut full = Vec::from(PREFIX);
    full.extend_from_slice(&text[..len]);
    full.extend_from_slice(b" (deleted)");
    let sealed_exec = flags.contains(MemfdFlags::NOEXEC_SEAL);
    let perm = if sealed_exec { 0o666 } else { 0o777 };
    let file = private::create(&full, perm, &current().cred(), sealed_exec || flags.contains(MemfdFlags::ALLOW_SEALING))?;
    if sealed_exec && let Some(inode) = file.inode() {
        inode.seals.add(seals::SEAL_EXEC, false)?;
    }
    files().insert(file, flags.contains(MemfdFlags::CLOEXEC), nofile())
}

/// io_uring_setup(2): not there; programs fall back.
pub fn no_uring() -> Result<()> {
    kernel::process::unsupported::call(425, "io_uring_setup");
    Err(Errno::ENOSYS)
}

/// io_setup(2): not there; programs fall back.
pub fn no_async() -> Result<()> {
    kernel::process::unsupported::call(206, "io_setup");
    Err(Errno::ENOSYS)
}
