//! Times of files: utimensat(2), utimes(2), utime(2), futimesat(2).

use abi::fs::{UTIME_NOW, UTIME_OMIT, at};
use abi::{Errno, Result};
use hal::user::UserPtr;
use kernel::vfs::attr::{self, NewTime};
use kernel::vfs::{Path, Timestamp};

use super::common::{CWD, Me, PathBuf, only, target};
use crate::args::{Fd, UserPath};
use crate::io::current::files;

/// Access and modification time.
type Pair = (NewTime, NewTime);

const NOW: Pair = (NewTime::Now, NewTime::Now);

fn set(me: &Me, path: &Path, (access, modify): Pair) -> Result<()> {
    attr::set_times(&me.caller(), path, access, modify)
}

fn set_by_name(dirfd: Fd, path: UserPath, flags: u32, times: Pair) -> Result<()> {
    let mut buf = PathBuf::new();
    let path = buf.read(path)?;
    let me = Me::now();
    set(&me, &target(&me, dirfd, path, flags, flags & at::SYMLINK_NOFOLLOW == 0)?, times)
}

fn from_nanos(raw: [i64; 2]) -> Result<NewTime> {
    match raw {
        [_, UTIME_NOW] => Ok(NewTime::Now),
        [_, UTIME_OMIT] => Ok(NewTime::Omit),
        [sec, nsec] => match u32::try_from(nsec) {
            Ok(nsec) if nsec < 1_000_000_000 => Ok(NewTime::At(Timestamp { sec, nsec })),
            _ => Err(Errno::EINVAL),
        },
    }
}

fn from_micros(raw: [i64; 2]) -> Result<NewTime> {
    match u32::try_from(raw[1]) {
        Ok(micros) if micros < 1_000_000 => Ok(NewTime::At(Timestamp { sec: raw[0], nsec: micros * 1000 })),
        _ => Err(Errno::EINVAL),
    }
}

/// utimensat(2): complete. A null path means the descriptor itself.
pub fn utimensat(dirfd: Fd, path: UserPath, times: UserPtr<[[i64; 2]; 2]>, flags: u32) -> Result<()> {
    let pair = match times.non_null() {
        None => NOW,
        Some(times) => {
            let [access, modify] = times.read()?;
            (from_nanos(access)?, from_nanos(modify)?)
        }
    };
    if pair == (NewTime::Omit, NewTime::Omit) {
        return Ok(());
    }
    only(flags, at::SYMLINK_NOFOLLOW | at::EMPTY_PATH)?;
    if path.0.is_null() && dirfd != CWD {
        if flags != 0 {
            return Err(Errno::EINVAL);
        }
        let file = files().get(dirfd.0)?;
        return set(&Me::now(), file.path().ok_or(Errno::EPERM)?, pair);
    }
    set_by_name(dirfd, path, flags, pair)
}

/// futimesat(2): complete.
pub fn futimesat(dirfd: Fd, path: UserPath, times: UserPtr<[[i64; 2]; 2]>) -> Result<()> {
    let pair = match times.non_null() {
        None => NOW,
        Some(times) => {
            let [access, modify] = times.read()?;
            (from_micros(access)?, from_micros(modify)?)
        }
    };
    set_by_name(dirfd, path, 0, pair)
}

/// utimes(2): complete.
pub fn utimes(path: UserPath, times: UserPtr<[[i64; 2]; 2]>) -> Result<()> {
    futimesat(CWD, path, times)
}

/// utime(2): complete.
pub fn utime(path: UserPath, times: UserPtr<[i64; 2]>) -> Result<()> {
    let pair = match times.non_null() {
        None => NOW,
        Some(times) => {
            let [access, modify] = times.read()?;
            let at = |sec| NewTime::At(Timestamp { sec, nsec: 0 });
            (at(access), at(modify))
        }
    };
    set_by_name(CWD, path, 0, pair)
}
