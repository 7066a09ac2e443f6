//! open(2), openat(2), openat2(2), creat(2).

use abi::fs::{OpenHow, resolve};
use abi::process::rlimit;
use abi::{Errno, Result};
use hal::user::{self, UserPtr};
use kernel::process::{self, UserThread};
use kernel::vfs::open::{self, OpenArgs};
use kernel::vfs::walk::WalkFlags;
use kernel::vfs::{FileType, Inode, OpenFlags, perm};
use zerocopy::{FromZeros, IntoBytes};

use super::common::{CWD, Me, PathBuf, find, place_of, start};
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

#[inline]
fn open_at(dirfd: Fd, path: UserPath, args: OpenArgs) -> Result<i32> {
    let mut buf = PathBuf::new();
    let path = buf.read(path)?;
    if args.is_plain() { open_plain(dirfd, path, args) } else { open_special(dirfd, path, args) }
}

fn descriptor_limit(user: &UserThread) -> usize {
    usize::try_from(user.process.limits.soft(rlimit::NOFILE)).unwrap_or(usize::MAX)
}

/// To read or write a file that exists: the number is taken when the file is open, since opening it has changed nothing.
#[inline]
fn open_plain(dirfd: Fd, path: &[u8], args: OpenArgs) -> Result<i32> {
    let user = process::current();
    let found = match find(&user, dirfd, path, WalkFlags::FOLLOW) {
        Ok(found) => found,
        Err(errno) => return Err(full_or(&user, errno)),
    };
    // A FIFO keeps its number while it waits, and some devices are made by being opened.
    if !found.inode().is_ok_and(|inode| matches!(inode.kind, FileType::Regular | FileType::Directory)) {
        return open_special(dirfd, path, args);
    }
    let allowed = |inode: &Inode, access| user.cred_slot().with(|cred| perm::check(inode, cred, access)).unwrap_or(Err(Errno::ESRCH));
    let file = match open::open_plain(found, args, allowed) {
        Ok(file) => file,
        Err(errno) => return Err(full_or(&user, errno)),
    };
    let (cloexec, limit) = (args.flags.contains(OpenFlags::CLOEXEC), descriptor_limit(&user));
    match user.files_slot().with(|files| files.try_insert(file, cloexec, limit)) {
        Some(Ok(fd)) => Ok(fd),
        Some(Err((errno, file))) => {
            drop(file);
            Err(errno)
        }
        None => Err(Errno::ESRCH), // the thread has ended: nothing runs here then
    }
}

/// Linux takes the number first, so that a full table is what a call complains of, whatever else is wrong.
#[cold]
fn full_or(user: &UserThread, errno: Errno) -> Errno {
    if user.files().is_full(descriptor_limit(user)) { Errno::EMFILE } else { errno }
}

#[inline(never)]
fn open_special(dirfd: Fd, path: &[u8], args: OpenArgs) -> Result<i32> {
    let me = Me::now();
    let confined = args.resolve.intersects(WalkFlags::BENEATH | WalkFlags::IN_ROOT);
    let from = if confined && dirfd != CWD { Some(place_of(dirfd)?) } else { start(dirfd, path)? };
    // The number first: a file must not be made or emptied when there is none left, and a FIFO keeps it while it waits.
    let table = me.user.files();
    let slot = table.reserve(args.flags.contains(OpenFlags::CLOEXEC), descriptor_limit(&me.user))?;
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
