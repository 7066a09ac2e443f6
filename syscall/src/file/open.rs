//! open(2), openat(2), openat2(2), creat(2).

use abi::fs::{OpenHow, resolve};
use abi::process::rlimit;
use abi::{Errno, Result};
use hal::user::{self, UserPtr};
use kernel::vfs::OpenFlags;
use kernel::vfs::open::{self, OpenArgs};
use kernel::vfs::walk::WalkFlags;
use zerocopy::{FromZeros, IntoBytes};

use super::common::{CWD, Me, PathBuf, place_of, start};
use crate::args::{Fd, UserPath};

/// open(2): complete.
#[inline]
pub fn open(path: UserPath, flags: u32, mode: u32) -> Result<i32> {
    openat(CWD, path, flags, mode)
}

/// creat(2): complete.
pub fn creat(path: UserPath, mode: u32) -> Result<i32> {
    openat(CWD, path, (OpenFlags::CREAT | OpenFlags::WRONLY | OpenFlags::TRUNC).bits(), mode)
}

/// openat(2): complete; O_DIRECT goes through the page cache, O_SYNC and O_DSYNC have nothing to wait for.
#[inline]
pub fn openat(dirfd: Fd, path: UserPath, flags: u32, mode: u32) -> Result<i32> {
    // Bits that are unknown are ignored, as open(2) always did.
    let flags = OpenFlags::from_bits_truncate(flags);
    open_at(dirfd, path, OpenArgs { flags, mode: mode & 0o7777, resolve: WalkFlags::empty() })
}

fn open_at(dirfd: Fd, path: UserPath, args: OpenArgs) -> Result<i32> {
    let mut buf = PathBuf::new();
    let path = buf.read(path)?;
    let me = Me::now();
    let confined = args.resolve.intersects(WalkFlags::BENEATH | WalkFlags::IN_ROOT);
    let from = if confined && dirfd != CWD { Some(place_of(dirfd)?) } else { start(dirfd, path)? };
    let cloexec = args.flags.contains(OpenFlags::CLOEXEC);
    // The number first: a file must not be made or emptied when there is none left, and a FIFO keeps it while it waits.
    let table = me.user.files();
    let limit = usize::try_from(me.user.process.limits.soft(rlimit::NOFILE)).unwrap_or(usize::MAX);
    let slot = table.reserve(cloexec, limit)?;
    Ok(slot.install(open::open(&me.caller(), from, path, args)?))
}

/// openat2(2): every flag; RESOLVE_CACHED never says EAGAIN for a file, since nothing here waits for a disk.
pub fn openat2(dirfd: Fd, path: UserPath, how: UserPtr<OpenHow>, size: usize) -> Result<i32> {
    let how = read_how(how, size)?;
    let bits = u32::try_from(how.flags).map_err(|_| Errno::EINVAL)?;
    let flags = OpenFlags::from_bits(bits).ok_or(Errno::EINVAL)?;
    let makes = flags.intersects(OpenFlags::CREAT | OpenFlags::TMPFILE_BIT);
    if how.mode & !0o7777 != 0 || how.mode != 0 && !makes || how.resolve & !resolve::ALL != 0 {
        return Err(Errno::EINVAL);
    }
    if how.resolve & (resolve::BENEATH | resolve::IN_ROOT) == resolve::BENEATH | resolve::IN_ROOT {
        return Err(Errno::EINVAL);
    }
    let path_flags = OpenFlags::PATH | OpenFlags::DIRECTORY | OpenFlags::NOFOLLOW | OpenFlags::CLOEXEC;
    if flags.contains(OpenFlags::PATH) && !path_flags.contains(flags) {
        return Err(Errno::EINVAL);
    }
    if how.resolve & resolve::CACHED != 0 && (makes || flags.contains(OpenFlags::TRUNC)) {
        return Err(Errno::EAGAIN);
    }
    let mode = u32::try_from(how.mode).map_err(|_| Errno::EINVAL)?;
    open_at(dirfd, path, OpenArgs { flags, mode, resolve: WalkFlags::from_resolve(how.resolve) })
}

/// A structure that may be of an older or newer version: EINVAL when shorter than the first, E2BIG when it has something we do not know.
fn read_how(how: UserPtr<OpenHow>, size: usize) -> Result<OpenHow> {
    const KNOWN: usize = size_of::<OpenHow>();
    if size < KNOWN {
        return Err(Errno::EINVAL);
    }
    if size > 4096 {
        return Err(Errno::E2BIG);
    }
    let mut rest = KNOWN;
    while rest < size {
        let mut tail = [0u8; 64];
        let n = tail.len().min(size - rest);
        user::read_bytes(how.addr().wrapping_add(rest), &mut tail[..n])?;
        if tail.iter().any(|b| *b != 0) {
            return Err(Errno::E2BIG);
        }
        rest += n;
    }
    let mut out = OpenHow::new_zeroed();
    user::read_bytes(how.addr(), out.as_mut_bytes())?;
    Ok(out)
}
