//! Memory: mmap(2) and its family.

pub mod advise;
mod args;
pub mod lock;
pub mod map;
pub mod numa;
pub mod pkey;

use abi::mm::Prot;
use hal::mem::Perm;
use kernel::cred::cap;
use kernel::process;

/// The access that PROT_* bits ask for; other bits mean nothing here.
fn perm(prot: Prot) -> Perm {
    let mut perm = Perm::empty();
    perm.set(Perm::READ, prot.contains(Prot::READ));
    perm.set(Perm::WRITE, prot.contains(Prot::WRITE));
    perm.set(Perm::EXEC, prot.contains(Prot::EXEC));
    perm
}

/// The caller may lock memory without limit.
fn may_lock() -> bool {
    process::current().cred().capable(cap::IPC_LOCK)
}
