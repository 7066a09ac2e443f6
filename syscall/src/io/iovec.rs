//! Vectors of buffers from user memory, checked as Linux's import_iovec does.

use alloc::vec::Vec;

use abi::io::{IOV_MAX, Iovec, MAX_RW_COUNT};
use abi::{Errno, Result};
use hal::user::UserPtr;
use hal::user::in_range;
use kernel::iobuf::UserRange;

/// Vectors up to this long stay on the stack.
const SMALL: usize = 8;

/// A checked vector: its lengths sum to MAX_RW_COUNT at most.
pub struct IoVec {
    small: [UserRange; SMALL],
    large: Vec<UserRange>,
    count: usize,
    bytes: usize,
}

impl IoVec {
    /// Reads `count` elements at `vec`. EINVAL: too many or a negative length; EFAULT: outside of user memory.
    pub fn import(vec: UserPtr<Iovec>, count: usize) -> Result<IoVec> {
        if count > IOV_MAX {
            return Err(Errno::EINVAL);
        }
        let mut new = IoVec { small: [(0, 0); SMALL], large: Vec::new(), count, bytes: 0 };
        if count > SMALL {
            new.large.try_reserve_exact(count).map_err(|_| Errno::ENOMEM)?;
            new.large.resize(count, (0, 0));
        }
        for at in 0..count {
            let range = element(vec.add(at).read()?, MAX_RW_COUNT - new.bytes)?;
            new.bytes += range.1;
            new.ranges_mut()[at] = range;
        }
        Ok(new)
    }

    fn ranges_mut(&mut self) -> &mut [UserRange] {
        if self.count > SMALL { &mut self.large } else { &mut self.small[..self.count] }
    }

    /// The ranges.
    pub fn ranges(&self) -> &[UserRange] {
        if self.count > SMALL { &self.large } else { &self.small[..self.count] }
    }

    /// Sum of the lengths.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

fn element(iovec: Iovec, room: usize) -> Result<UserRange> {
    let (Ok(base), Ok(len)) = (usize::try_from(iovec.base), usize::try_from(iovec.len)) else { return Err(Errno::EINVAL) };
    if isize::try_from(len).is_err() {
        return Err(Errno::EINVAL);
    }
    check_range(base, len)?;
    Ok((base, len.min(room)))
}

/// EFAULT unless `[addr, addr+len)` lies in the application's half (Linux's access_ok).
#[inline]
pub fn check_range(addr: usize, len: usize) -> Result<()> {
    if in_range(addr, len) { Ok(()) } else { Err(Errno::EFAULT) }
}
