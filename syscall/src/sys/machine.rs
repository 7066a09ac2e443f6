//! sysinfo, getrandom, syslog, reboot, I/O ports.

use abi::process::Sysinfo;
use abi::time::NSEC_PER_SEC;
use abi::{Errno, Result};
use hal::user::{UserPtr, write_some};
use kernel::cred::cap;
use kernel::process::{current, exit};
use kernel::{random, sched, time};

/// sysinfo(2).
pub fn sysinfo(out: UserPtr<Sysinfo>) -> Result<()> {
    let memory = hal::mem::stats();
    out.write(&Sysinfo {
        uptime: (time::monotonic() / NSEC_PER_SEC).cast_signed(),
        totalram: memory.total,
        freeram: memory.free,
        procs: u16::try_from(sched::thread_count()).unwrap_or(u16::MAX),
        mem_unit: 1,
        ..Sysinfo::default()
    })
}

const GRND_NONBLOCK: u32 = 1;
const GRND_RANDOM: u32 = 2;
const GRND_INSECURE: u32 = 4;

/// getrandom(2). The pool is always seeded.
pub fn getrandom(buf: usize, len: usize, flags: u32) -> Result<usize> {
    if flags & !(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE) != 0 || flags & (GRND_RANDOM | GRND_INSECURE) == GRND_RANDOM | GRND_INSECURE {
        return Err(Errno::EINVAL);
    }
    let len = len.min(0x7fff_f000);
    let mut chunk = [0u8; 256];
    let mut done = 0;
    while done < len {
        let piece = &mut chunk[..(len - done).min(256)];
        random::fill(piece);
        let copied = write_some(buf.wrapping_add(done), piece);
        done += copied;
        if copied < piece.len() {
            break;
        }
        if done.is_multiple_of(4096) {
            sched::cond_resched();
            if sched::signal_pending() {
                break;
            }
        }
    }
    if done == 0 && len > 0 { Err(Errno::EFAULT) } else { Ok(done) }
}

/// syslog(2): an empty log.
pub fn syslog(action: i32, buf: usize, len: i32) -> Result<usize> {
    const READ: i32 = 2;
    const READ_CLEAR: i32 = 4;
    match action {
        READ..=READ_CLEAR if buf == 0 || len < 0 => Err(Errno::EINVAL),
        0..=10 if !current().cred().capable(34) && !current().cred().capable(cap::SYS_ADMIN) && !matches!(action, 3 | 10) => {
            Err(Errno::EPERM)
        }
        0..=10 => Ok(0),
        _ => Err(Errno::EINVAL),
    }
}

/// reboot(2): power-off, halt and restart end the machine with status 0; the CAD switches do nothing.
pub fn reboot(magic1: u32, magic2: u32, command: u32, _arg: usize) -> Result<()> {
    const CAP_SYS_BOOT: u32 = 22;
    if !current().cred().capable(CAP_SYS_BOOT) {
        return Err(Errno::EPERM);
    }
    let second = [0x2812_1969, 0x0512_1996, 0x1604_1998, 0x2011_2000];
    if magic1 != 0xfee1_dead || !second.contains(&magic2) {
        return Err(Errno::EINVAL);
    }
    match command {
        0x4321_fedc | 0xcdef_0123 | 0x0123_4567 => exit::exit_group(0),
        0 | 0x89ab_cdef => Ok(()),
        _ => Err(Errno::EINVAL),
    }
}

/// iopl(2): an application never gets I/O ports.
pub fn iopl(level: u32) -> Result<()> {
    match level {
        0 => Ok(()),
        1..=3 => Err(Errno::EPERM),
        _ => Err(Errno::EINVAL),
    }
}

/// ioperm(2), as iopl.
pub fn ioperm(from: usize, count: usize, on: i32) -> Result<()> {
    if from.checked_add(count).is_none_or(|end| end > 65536) {
        return Err(Errno::EINVAL);
    }
    if on == 0 { Ok(()) } else { Err(Errno::EPERM) }
}
