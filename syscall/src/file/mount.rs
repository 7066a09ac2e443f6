//! mount(2), umount2(2), pivot_root(2), and file handles, which there are none of.

use abi::fs::{ms, umount};
use abi::{Errno, Result};
use hal::user::{self, UserPtr};
use kernel::cred::cap;
use kernel::vfs::mounting::{self, MountArgs};
use kernel::vfs::walk::{self, WalkFlags};

use super::common::{CWD, Me, PathBuf, target};
use crate::args::{Fd, UserPath};

/// Options of a file system: at most a page, cut there as on Linux.
const MAX_DATA: usize = 4096;

/// mount(2): tmpfs, proc, sysfs, devtmpfs, devpts and whatever else the image has; MS_BIND, MS_MOVE, MS_REMOUNT; propagation flags are accepted, there being one
/// mount namespace.
pub fn mount(source: UserPath, path: UserPath, kind: UserPath, flags: u64, data: UserPtr<u8>) -> Result<()> {
    let (mut source_buf, mut path_buf, mut kind_buf) = (PathBuf::new(), PathBuf::new(), PathBuf::new());
    let path = path_buf.read(path)?;
    let source = if source.0.is_null() { &b""[..] } else { source_buf.read(source)? };
    let kind = if kind.0.is_null() { &b""[..] } else { kind_buf.read(kind)? };
    let me = Me::now();
    let mut options = alloc::vec::Vec::new();
    let takes_data = flags & (ms::BIND | ms::MOVE | ms::PROPAGATION) == 0;
    if takes_data && !data.is_null() {
        options.resize(MAX_DATA, 0);
        let len = user::read_cstr(data.addr(), &mut options, Errno::EINVAL)?;
        options.truncate(len);
    }
    let target = target(&me, CWD, path, 0, true)?;
    if !me.cred.capable(cap::SYS_ADMIN) {
        return Err(Errno::EPERM);
    }
    let source_path = match flags & (ms::BIND | ms::MOVE) != 0 && flags & ms::REMOUNT == 0 {
        true => Some(walk::lookup(&me.caller(), None, source, WalkFlags::FOLLOW)?),
        false => None,
    };
    if takes_data && flags & ms::REMOUNT == 0 && kind.is_empty() {
        return Err(Errno::EINVAL);
    }
    mounting::mount(&me.caller(), MountArgs { source, source_path, target, kind, flags, data: &options })
}

/// umount2(2): MNT_DETACH, MNT_FORCE, UMOUNT_NOFOLLOW; MNT_EXPIRE only marks.
pub fn umount2(path: UserPath, flags: u32) -> Result<()> {
    let mut buf = PathBuf::new();
    let path = buf.read(path)?;
    let me = Me::now();
    let place = target(&me, CWD, path, 0, flags & umount::NOFOLLOW == 0)?;
    mounting::umount(&me.caller(), place, flags)
}

/// pivot_root(2): EINVAL, as on Linux when the root is the initial file system; EPERM without CAP_SYS_ADMIN.
pub fn pivot_root(_new_root: UserPath, _put_old: UserPath) -> Result<()> {
    Err(if Me::now().cred.capable(cap::SYS_ADMIN) { Errno::EINVAL } else { Errno::EPERM })
}

/// name_to_handle_at(2): EOPNOTSUPP, as for every file system that cannot be exported.
pub fn name_to_handle_at(_dirfd: Fd, _path: UserPath, _handle: UserPtr<u8>, _mount_id: UserPtr<i32>, _flags: u32) -> Result<()> {
    Err(Errno::EOPNOTSUPP)
}

/// open_by_handle_at(2): EPERM without CAP_DAC_READ_SEARCH, else EOPNOTSUPP.
pub fn open_by_handle_at(_mount: Fd, _handle: UserPtr<u8>, _flags: u32) -> Result<Fd> {
    Err(if Me::now().cred.capable(cap::DAC_READ_SEARCH) { Errno::EOPNOTSUPP } else { Errno::EPERM })
}
