//! NUMA policies on a machine with one node: checked, and without effect.

use abi::{Errno, Result};
use hal::mem::PAGE_SIZE;
use hal::user::UserPtr;
use kernel::process;

const MODE_FLAGS: u32 = 0xe000;
const MPOL_DEFAULT: u32 = 0;
const MPOL_PREFERRED: u32 = 1;
const MPOL_BIND: u32 = 2;
const MPOL_INTERLEAVE: u32 = 3;
const MPOL_LOCAL: u32 = 4;
const MPOL_PREFERRED_MANY: u32 = 5;
const MPOL_F_NODE: u32 = 1;
const MPOL_F_ADDR: u32 = 2;
const MPOL_F_MEMS_ALLOWED: u32 = 4;
const MPOL_MF_ALL: u32 = 7;
/// Most bits of a node mask: a page of them, as on Linux.
const MASK_BITS_MAX: usize = PAGE_SIZE * 8;

/// Reads a node mask of `max` bits (the last one does not count); true when node 0 is in it. EINVAL when another is.
fn has_node(mask: UserPtr<u64>, max: usize) -> Result<bool> {
    let bits = max.saturating_sub(1);
    if mask.is_null() || bits == 0 {
        return Ok(false);
    }
    if bits > MASK_BITS_MAX {
        return Err(Errno::EINVAL);
    }
    let mut has = false;
    for word in 0..bits.div_ceil(64) {
        let mut value = mask.add(word).read()?;
        if bits - word * 64 < 64 {
            value &= (1 << (bits - word * 64)) - 1;
        }
        if value & !u64::from(word == 0) != 0 {
            return Err(Errno::EINVAL);
        }
        has |= value != 0;
    }
    Ok(has)
}

/// Whether a policy exists and its nodes do.
fn check_policy(mode: u32, mask: UserPtr<u64>, max: usize) -> Result<()> {
    let has = has_node(mask, max)?;
    match mode & !MODE_FLAGS {
        MPOL_DEFAULT | MPOL_LOCAL if has => Err(Errno::EINVAL),
        MPOL_DEFAULT | MPOL_LOCAL | MPOL_PREFERRED => Ok(()),
        MPOL_BIND | MPOL_INTERLEAVE | MPOL_PREFERRED_MANY if has => Ok(()),
        _ => Err(Errno::EINVAL),
    }
}

/// One node: checked, no effect.
pub fn set_mempolicy(mode: u32, mask: UserPtr<u64>, max: usize) -> Result<()> {
    check_policy(mode, mask, max)
}

/// One node: checked, no effect.
pub fn mbind(addr: usize, len: usize, mode: u32, mask: UserPtr<u64>, max: usize, flags: u32) -> Result<()> {
    if flags & !MPOL_MF_ALL != 0 || !addr.is_multiple_of(PAGE_SIZE) || addr.checked_add(len).is_none() {
        return Err(Errno::EINVAL);
    }
    check_policy(mode, mask, max)?;
    if len > 0 && process::current().mm().access_at(addr).is_none() { Err(Errno::EFAULT) } else { Ok(()) }
}

/// One node: the default policy, node 0.
pub fn get_mempolicy(mode: UserPtr<i32>, mask: UserPtr<u64>, max: usize, addr: usize, flags: u32) -> Result<()> {
    let known = MPOL_F_NODE | MPOL_F_ADDR | MPOL_F_MEMS_ALLOWED;
    let allowed = flags & MPOL_F_MEMS_ALLOWED != 0;
    if flags & !known != 0 || allowed && flags != MPOL_F_MEMS_ALLOWED || !mask.is_null() && max == 0 {
        return Err(Errno::EINVAL);
    }
    if flags & MPOL_F_ADDR != 0 {
        process::current().mm().access_at(addr).ok_or(Errno::EFAULT)?;
    } else if addr != 0 || flags & MPOL_F_NODE != 0 {
        return Err(Errno::EINVAL);
    }
    if !mode.is_null() {
        mode.write(&0)?;
    }
    if !mask.is_null() {
        for word in 0..max.div_ceil(64).min(MASK_BITS_MAX / 64) {
            mask.add(word).write(&u64::from(allowed && word == 0))?;
        }
    }
    Ok(())
}
