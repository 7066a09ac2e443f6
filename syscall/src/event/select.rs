//! select(2) and pselect6(2).

use alloc::vec::Vec;

use abi::time::{Timespec, Timeval};
use abi::{Errno, Result};
use hal::user::UserPtr;
use kernel::fd::poll_call::{Interest, wait_ready};
use kernel::poll::PollEvents;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use super::poll::finish;
use super::{deadline_in, deadline_of, mask, remaining};
use crate::io::current::files;

/// What each of the three sets asks for.
const ASKED: [PollEvents; 3] = [
    PollEvents::READ.union(PollEvents::RDBAND).union(PollEvents::HUP).union(PollEvents::ERR),
    PollEvents::WRITE.union(PollEvents::WRBAND).union(PollEvents::ERR),
    PollEvents::PRI,
];

type Sets = [UserPtr<u64>; 3];

/// select(2): complete; the time left is written back.
pub fn select(n: i32, read: UserPtr<u64>, write: UserPtr<u64>, except: UserPtr<u64>, timeout: UserPtr<Timeval>) -> Result<usize> {
    let deadline = timeout.non_null().map(|time| time.read().and_then(timeval)).transpose()?;
    let result = select_until(n, [read, write, except], deadline);
    match deadline {
        Some(deadline) if deadline != 0 => finish(result, timeout.write(&Timeval::from_ns(remaining(deadline)))),
        _ => result,
    }
}

/// Linux takes more than a million microseconds here.
fn timeval(time: Timeval) -> Result<u64> {
    let (sec, usec) = (u64::try_from(time.sec), u64::try_from(time.usec));
    let (Ok(sec), Ok(usec)) = (sec, usec) else { return Err(Errno::EINVAL) };
    Ok(deadline_in(sec.saturating_mul(1_000_000_000).saturating_add(usec.saturating_mul(1000))))
}

/// The last argument of pselect6: the mask and its size.
#[repr(C)]
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct MaskArgument {
    mask: u64,
    size: u64,
}

/// pselect6(2): complete; the time left is written back.
pub fn pselect6(
    n: i32,
    read: UserPtr<u64>,
    write: UserPtr<u64>,
    except: UserPtr<u64>,
    timeout: UserPtr<Timespec>,
    sigmask: UserPtr<MaskArgument>,
) -> Result<usize> {
    let sigmask = match sigmask.non_null() {
        Some(argument) => {
            let argument = argument.read()?;
            let (Ok(addr), Ok(size)) = (usize::try_from(argument.mask), usize::try_from(argument.size)) else { return Err(Errno::EFAULT) };
            mask::read(UserPtr::new(addr), size)?
        }
        None => None,
    };
    let deadline = timeout.non_null().map(|time| time.read().and_then(deadline_of)).transpose()?;
    let result = mask::hold(sigmask, || select_until(n, [read, write, except], deadline));
    match deadline {
        Some(deadline) if deadline != 0 => finish(result, timeout.write(&Timespec::from_ns(remaining(deadline)))),
        _ => result,
    }
}

fn select_until(n: i32, sets: Sets, deadline: Option<u64>) -> Result<usize> {
    let n = usize::try_from(n).map_err(|_| Errno::EINVAL)?.min(files().capacity());
    let words = n.div_ceil(64);
    let mut asked = Vec::new();
    asked.try_reserve_exact(words).map_err(|_| Errno::ENOMEM)?;
    for word in 0..words {
        let mut row = [0u64; 3];
        for (bits, set) in row.iter_mut().zip(sets) {
            if let Some(set) = set.non_null() {
                *bits = set.add(word).read()?;
            }
        }
        asked.push(row);
    }
    let (mut interests, numbers) = interests(&asked, n)?;
    match wait_ready(&mut interests, deadline) {
        Ok(_) => {}
        Err(Errno::EINTR) => return Err(Errno::RESTARTNOHAND),
        Err(errno) => return Err(errno),
    }
    answer(&mut asked, &interests, &numbers, sets)
}

/// One interest for each descriptor that is in a set; EBADF.
fn interests(asked: &[[u64; 3]], n: usize) -> Result<(Vec<Interest>, Vec<usize>)> {
    let (mut interests, mut numbers) = (Vec::new(), Vec::new());
    for (word, row) in asked.iter().enumerate() {
        let mut any = row[0] | row[1] | row[2];
        while any != 0 {
            let bit = any.trailing_zeros();
            any &= any - 1;
            let fd = word * 64 + bit as usize; // below 64
            if fd >= n {
                break;
            }
            let file = files().get(i32::try_from(fd).map_err(|_| Errno::EBADF)?)?;
            let wanted = row.iter().zip(ASKED).filter(|(bits, _)| **bits >> bit & 1 != 0);
            let events = wanted.fold(PollEvents::empty(), |all, (_, events)| all | events);
            interests.try_reserve(1).map_err(|_| Errno::ENOMEM)?;
            numbers.try_reserve(1).map_err(|_| Errno::ENOMEM)?;
            interests.push(Interest { file: Some(file), events, found: PollEvents::empty() });
            numbers.push(fd);
        }
    }
    Ok((interests, numbers))
}

/// Writes the sets back and counts the bits.
fn answer(asked: &mut [[u64; 3]], interests: &[Interest], numbers: &[usize], sets: Sets) -> Result<usize> {
    let mut found = alloc::vec![[0u64; 3]; asked.len()];
    let mut count = 0;
    for (interest, &fd) in interests.iter().zip(numbers) {
        for set in 0..3 {
            let bit = 1u64 << (fd % 64);
            if asked[fd / 64][set] & bit != 0 && interest.found.intersects(ASKED[set]) {
                found[fd / 64][set] |= bit;
                count += 1;
            }
        }
    }
    for (word, row) in found.iter().enumerate() {
        for (bits, set) in row.iter().zip(sets) {
            if let Some(set) = set.non_null() {
                set.add(word).write(bits)?;
            }
        }
    }
    Ok(count)
}
