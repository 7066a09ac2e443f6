//! Files of the kernel's own tmpfs, which no path leads to: memfd_create(2), System V shared memory.

use alloc::sync::Arc;

use abi::Result;

use super::file::{File, OpenFlags};
use super::mount::{Mount, MountFlags};
use super::open::open_private;
use super::ops::NewNode;
use super::superblock;
use super::types::{Dev, FileType};
use crate::cred::Cred;
use crate::sync::Once;

static MOUNT: Once<Arc<Mount>> = Once::new();

/// The private tmpfs; ENODEV in an image without tmpfs.
fn mount() -> Result<&'static Arc<Mount>> {
    if let Some(mount) = MOUNT.get() {
        return Ok(mount);
    }
    let root = superblock::find(b"tmpfs")?.mount(b"none", b"size=100%")?;
    let fresh = Mount::of_root(root, b"none", MountFlags::empty())?;
    Ok(MOUNT.get_or_init(|| fresh))
}

/// A new empty file, open for reading and writing, that /proc/self/fd shows as `name` (`/memfd:x`). `sealable`: F_ADD_SEALS works.
pub fn create(name: &[u8], perm: u32, cred: &Cred, sealable: bool) -> Result<Arc<File>> {
    let mount = mount()?;
    let root = mount.root.inode().ok_or(abi::Errno::ENODEV)?;
    let node = NewNode { kind: FileType::Regular, perm, uid: cred.fsuid, gid: cred.fsgid, rdev: Dev::NONE, target: b"" };
    let inode = root.ops.tmpfile(root, &node)?;
    inode.seals.enable(sealable);
    open_private(inode, mount.clone(), name, OpenFlags::RDWR)
}
