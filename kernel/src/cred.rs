//! Credentials: who a thread acts as. Immutable once made; a change makes a new value (credentials(7)).

use alloc::sync::Arc;

/// User and group identities and capabilities of a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cred {
    /// Real user id.
    pub uid: u32,
    /// Effective user id.
    pub euid: u32,
    /// Saved set-user-ID.
    pub suid: u32,
    /// File-system user id: what file permissions are checked against.
    pub fsuid: u32,
    /// Real group id.
    pub gid: u32,
    /// Effective group id.
    pub egid: u32,
    /// Saved set-group-ID.
    pub sgid: u32,
    /// File-system group id.
    pub fsgid: u32,
    /// Supplementary groups.
    pub groups: Arc<[u32]>,
    /// Effective capabilities, one bit each (capabilities(7)).
    pub cap_effective: u64,
    /// Permitted capabilities.
    pub cap_permitted: u64,
    /// Inheritable capabilities.
    pub cap_inheritable: u64,
}

/// Capability numbers used by the kernel.
pub mod cap {
    /// Make arbitrary changes to file owners.
    pub const CHOWN: u32 = 0;
    /// Bypass read, write and execute permission checks.
    pub const DAC_OVERRIDE: u32 = 1;
    /// Bypass read permission of files, read and execute of directories.
    pub const DAC_READ_SEARCH: u32 = 2;
    /// Bypass checks that the file's owner is the caller.
    pub const FOWNER: u32 = 3;
    /// Do not clear set-id bits.
    pub const FSETID: u32 = 4;
    /// Signal any process.
    pub const KILL: u32 = 5;
    /// Set group ids.
    pub const SETGID: u32 = 6;
    /// Set user ids.
    pub const SETUID: u32 = 7;
    /// Lock memory.
    pub const IPC_LOCK: u32 = 14;
    /// chroot(2).
    pub const SYS_CHROOT: u32 = 18;
    /// Administration: mount, sethostname and so on.
    pub const SYS_ADMIN: u32 = 21;
    /// Raise priorities.
    pub const SYS_NICE: u32 = 23;
    /// Override resource limits.
    pub const SYS_RESOURCE: u32 = 24;
    /// Set the clock.
    pub const SYS_TIME: u32 = 25;
    /// Create device nodes.
    pub const MKNOD: u32 = 27;
    /// The highest number of this Linux release (CAP_CHECKPOINT_RESTORE).
    pub const LAST: u32 = 40;
    /// All of them.
    pub const ALL: u64 = (1 << (LAST + 1)) - 1;
}

impl Cred {
    /// The credentials a program starts with: user and group ids, all capabilities for uid 0.
    pub fn new(uid: u32, gid: u32, groups: Arc<[u32]>) -> Cred {
        let caps = if uid == 0 { cap::ALL } else { 0 };
        Cred {
            uid,
            euid: uid,
            suid: uid,
            fsuid: uid,
            gid,
            egid: gid,
            sgid: gid,
            fsgid: gid,
            groups,
            cap_effective: caps,
            cap_permitted: caps,
            cap_inheritable: 0,
        }
    }

    /// Whether the effective set has capability `number` ([`cap`]).
    #[inline]
    pub fn capable(&self, number: u32) -> bool {
        self.cap_effective >> number & 1 != 0
    }

    /// Whether `gid` is the file-system group or a supplementary one.
    pub fn in_group(&self, gid: u32) -> bool {
        self.fsgid == gid || self.groups.contains(&gid)
    }
}
