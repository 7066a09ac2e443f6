//! User and group ids (credentials(7)). The rules are Linux's kernel/sys.c.

use abi::{Errno, Result};
use alloc::sync::Arc;
use alloc::vec;
use core::sync::atomic::Ordering;
use hal::user::UserPtr;
use kernel::cred::{Cred, cap};
use kernel::process::current;

/// "Leave as it is".
const KEEP: u32 = u32::MAX;
const MAX_GROUPS: usize = 65536;

/// getuid(2).
pub fn getuid() -> Result<u32> {
    Ok(current().cred().uid)
}

/// geteuid(2).
pub fn geteuid() -> Result<u32> {
    Ok(current().cred().euid)
}

/// getgid(2).
pub fn getgid() -> Result<u32> {
    Ok(current().cred().gid)
}

/// getegid(2).
pub fn getegid() -> Result<u32> {
    Ok(current().cred().egid)
}

/// Installs new user ids and changes capabilities as they ask: leaving root drops them, becoming root effectively gives them back.
fn install_uids(old: &Cred, mut new: Cred) {
    let user = current();
    let had_root = old.uid == 0 || old.euid == 0 || old.suid == 0;
    let has_root = new.uid == 0 || new.euid == 0 || new.suid == 0;
    if had_root && !has_root && !user.keep_caps.load(Ordering::Relaxed) {
        new.cap_permitted = 0;
        new.cap_effective = 0;
        user.cap_ambient.store(0, Ordering::Relaxed);
    }
    if old.euid == 0 && new.euid != 0 {
        new.cap_effective = 0;
    } else if old.euid != 0 && new.euid == 0 {
        new.cap_effective = new.cap_permitted;
    }
    user.set_cred(new);
}

/// setuid(2).
pub fn setuid(uid: u32) -> Result<()> {
    let old = current().cred();
    let mut new = (*old).clone();
    if uid == KEEP {
        return Err(Errno::EINVAL);
    }
    if old.capable(cap::SETUID) {
        (new.uid, new.suid) = (uid, uid);
    } else if uid != old.uid && uid != old.suid {
        return Err(Errno::EPERM);
    }
    (new.euid, new.fsuid) = (uid, uid);
    install_uids(&old, new);
    Ok(())
}

/// setgid(2).
pub fn setgid(gid: u32) -> Result<()> {
    let user = current();
    let old = user.cred();
    let mut new = (*old).clone();
    if gid == KEEP {
        return Err(Errno::EINVAL);
    }
    if old.capable(cap::SETGID) {
        (new.gid, new.sgid) = (gid, gid);
    } else if gid != old.gid && gid != old.sgid {
        return Err(Errno::EPERM);
    }
    (new.egid, new.fsgid) = (gid, gid);
    user.set_cred(new);
    Ok(())
}

/// setreuid(2).
pub fn setreuid(real: u32, effective: u32) -> Result<()> {
    let old = current().cred();
    let mut new = (*old).clone();
    let capable = old.capable(cap::SETUID);
    if real != KEEP {
        if real != old.uid && real != old.euid && !capable {
            return Err(Errno::EPERM);
        }
        new.uid = real;
    }
    if effective != KEEP {
        if effective != old.uid && effective != old.euid && effective != old.suid && !capable {
            return Err(Errno::EPERM);
        }
        new.euid = effective;
    }
    if real != KEEP || effective != KEEP && effective != old.uid {
        new.suid = new.euid;
    }
    new.fsuid = new.euid;
    install_uids(&old, new);
    Ok(())
}

/// setregid(2).
pub fn setregid(real: u32, effective: u32) -> Result<()> {
    let user = current();
    let old = user.cred();
    let mut new = (*old).clone();
    let capable = old.capable(cap::SETGID);
    if real != KEEP {
        if real != old.gid && real != old.egid && !capable {
            return Err(Errno::EPERM);
        }
        new.gid = real;
    }
    if effective != KEEP {
        if effective != old.gid && effective != old.egid && effective != old.sgid && !capable {
            return Err(Errno::EPERM);
        }
        new.egid = effective;
    }
    if real != KEEP || effective != KEEP && effective != old.gid {
        new.sgid = new.egid;
    }
    new.fsgid = new.egid;
    user.set_cred(new);
    Ok(())
}

/// setresuid(2).
pub fn setresuid(real: u32, effective: u32, saved: u32) -> Result<()> {
    let old = current().cred();
    let allowed = |id: u32| id == KEEP || id == old.uid || id == old.euid || id == old.suid;
    if !(old.capable(cap::SETUID) || allowed(real) && allowed(effective) && allowed(saved)) {
        return Err(Errno::EPERM);
    }
    let pick = |id: u32, own: u32| if id == KEEP { own } else { id };
    let mut new = (*old).clone();
    (new.uid, new.euid, new.suid) = (pick(real, old.uid), pick(effective, old.euid), pick(saved, old.suid));
    new.fsuid = new.euid;
    install_uids(&old, new);
    Ok(())
}

/// setresgid(2).
pub fn setresgid(real: u32, effective: u32, saved: u32) -> Result<()> {
    let user = current();
    let old = user.cred();
    let allowed = |id: u32| id == KEEP || id == old.gid || id == old.egid || id == old.sgid;
    if !(old.capable(cap::SETGID) || allowed(real) && allowed(effective) && allowed(saved)) {
        return Err(Errno::EPERM);
    }
    let pick = |id: u32, own: u32| if id == KEEP { own } else { id };
    let mut new = (*old).clone();
    (new.gid, new.egid, new.sgid) = (pick(real, old.gid), pick(effective, old.egid), pick(saved, old.sgid));
    new.fsgid = new.egid;
    user.set_cred(new);
    Ok(())
}

fn write_three(pointers: [UserPtr<u32>; 3], values: [u32; 3]) -> Result<()> {
    for (pointer, value) in pointers.into_iter().zip(values) {
        pointer.write(&value)?;
    }
    Ok(())
}

/// getresuid(2).
pub fn getresuid(real: UserPtr<u32>, effective: UserPtr<u32>, saved: UserPtr<u32>) -> Result<()> {
    let cred = current().cred();
    write_three([real, effective, saved], [cred.uid, cred.euid, cred.suid])
}

/// getresgid(2).
pub fn getresgid(real: UserPtr<u32>, effective: UserPtr<u32>, saved: UserPtr<u32>) -> Result<()> {
    let cred = current().cred();
    write_three([real, effective, saved], [cred.gid, cred.egid, cred.sgid])
}

/// setfsuid(2): gives the old id, also when nothing changed.
pub fn setfsuid(uid: u32) -> Result<u32> {
    let user = current();
    let old = user.cred();
    if uid != KEEP && ([old.uid, old.euid, old.suid, old.fsuid].contains(&uid) || old.capable(cap::SETUID)) && uid != old.fsuid {
        user.set_cred(Cred { fsuid: uid, ..(*old).clone() });
    }
    Ok(old.fsuid)
}

/// setfsgid(2).
pub fn setfsgid(gid: u32) -> Result<u32> {
    let user = current();
    let old = user.cred();
    if gid != KEEP && ([old.gid, old.egid, old.sgid, old.fsgid].contains(&gid) || old.capable(cap::SETGID)) && gid != old.fsgid {
        user.set_cred(Cred { fsgid: gid, ..(*old).clone() });
    }
    Ok(old.fsgid)
}

/// getgroups(2).
pub fn getgroups(size: i32, list: UserPtr<u32>) -> Result<usize> {
    let cred = current().cred();
    let size = usize::try_from(size).map_err(|_| Errno::EINVAL)?;
    if size != 0 {
        if size < cred.groups.len() {
            return Err(Errno::EINVAL);
        }
        for (at, group) in cred.groups.iter().enumerate() {
            list.add(at).write(group)?;
        }
    }
    Ok(cred.groups.len())
}

/// setgroups(2).
pub fn setgroups(size: usize, list: UserPtr<u32>) -> Result<()> {
    let user = current();
    let old = user.cred();
    if !old.capable(cap::SETGID) {
        return Err(Errno::EPERM);
    }
    if size > MAX_GROUPS {
        return Err(Errno::EINVAL);
    }
    let mut groups = vec![0u32; size];
    for (at, group) in groups.iter_mut().enumerate() {
        *group = list.add(at).read()?;
    }
    user.set_cred(Cred { groups: Arc::from(groups), ..(*old).clone() });
    Ok(())
}
