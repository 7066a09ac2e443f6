//! Capabilities.

use abi::process::{CAP_VERSION_1, CAP_VERSION_2, CAP_VERSION_3, CapData, CapHeader};
use abi::{Errno, Result};
use alloc::sync::Arc;
use hal::user::UserPtr;
use kernel::cred::{Cred, cap};
use kernel::process::{UserThread, current, find_thread};

/// How many CapData a version has; the version that exists is written back for others (EINVAL).
fn words(header: UserPtr<CapHeader>) -> Result<(usize, i32)> {
    let seen = header.read()?;
    match seen.version {
        CAP_VERSION_1 => Ok((1, seen.pid)),
        CAP_VERSION_2 | CAP_VERSION_3 => Ok((2, seen.pid)),
        _ => {
            header.write(&CapHeader { version: CAP_VERSION_3, pid: seen.pid })?;
            Err(Errno::EINVAL)
        }
    }
}

fn cred_of(tid: i32) -> Result<Arc<Cred>> {
    if tid == 0 {
        return Ok(current().cred());
    }
    let thread = find_thread(tid).ok_or(Errno::ESRCH)?;
    thread.user::<UserThread>().and_then(|user| user.cred_slot().get()).ok_or(Errno::ESRCH)
}

fn half(set: u64, word: usize) -> u32 {
    (set >> (32 * word) & 0xffff_ffff) as u32 // masked
}

/// capget(2).
pub fn capget(header: UserPtr<CapHeader>, data: UserPtr<CapData>) -> Result<()> {
    let (count, pid) = match words(header) {
        // A null data pointer asks for the version only.
        Err(Errno::EINVAL) if data.is_null() => return Ok(()),
        other => other?,
    };
    if pid < 0 {
        return Err(Errno::EINVAL);
    }
    let cred = cred_of(pid)?;
    if data.is_null() {
        return Ok(());
    }
    for word in 0..count {
        data.add(word).write(&CapData {
            effective: half(cred.cap_effective, word),
            permitted: half(cred.cap_permitted, word),
            inheritable: half(cred.cap_inheritable, word),
        })?;
    }
    Ok(())
}

/// capset(2).
pub fn capset(header: UserPtr<CapHeader>, data: UserPtr<CapData>) -> Result<()> {
    let (count, pid) = words(header)?;
    let user = current();
    if pid != 0 && pid != user.tid() {
        return Err(Errno::EPERM);
    }
    let (mut effective, mut permitted, mut inheritable) = (0u64, 0u64, 0u64);
    for word in 0..count {
        let part = data.add(word).read()?;
        let shift = 32 * word;
        effective |= u64::from(part.effective) << shift;
        permitted |= u64::from(part.permitted) << shift;
        inheritable |= u64::from(part.inheritable) << shift;
    }
    let old = user.cred();
    let (effective, permitted, inheritable) = (effective & cap::ALL, permitted & cap::ALL, inheritable & cap::ALL);
    let inherits_more = inheritable & !(old.cap_inheritable | old.cap_permitted) != 0;
    if inherits_more && !old.capable(8) || permitted & !old.cap_permitted != 0 || effective & !permitted != 0 {
        return Err(Errno::EPERM);
    }
    user.set_cred(Cred { cap_effective: effective, cap_permitted: permitted, cap_inheritable: inheritable, ..(*old).clone() });
    Ok(())
}
