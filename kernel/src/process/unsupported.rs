//! What the application asked for that this kernel does not do: each thing is said once, with the place in the program that asked. The tool adds the names of
//! the functions, and what the lack means.

use core::fmt;
use core::sync::atomic::{AtomicU64, Ordering};

use hal::task::Owner;

use super::mapped::Code;
use super::user::current;
use crate::control::{self, Bytes};
use crate::sched;

/// System calls reported, one bit each; numbers beyond share the last.
static CALLS: [AtomicU64; 8] = [const { AtomicU64::new(0) }; 8];
/// ioctl commands and socket options reported last.
static OTHERS: [AtomicU64; 16] = [const { AtomicU64::new(0) }; 16];

/// A system call that is not there: `name` if Linux has it.
#[cold]
pub fn call(number: u64, name: &str) {
    let number_shown = number;
    let number = usize::try_from(number).unwrap_or(usize::MAX).min(511);
    let bit = 1 << (number % 64);
    if CALLS[number / 64].fetch_or(bit, Ordering::Relaxed) & bit == 0 {
        say(format_args!("system call {number_shown} ({name}) is not implemented: it returns ENOSYS"));
    }
}

/// A system call that this image was configured without; `option` brings it.
#[cold]
pub fn left_out(name: &[u8], option: &[u8]) {
    // The name is a constant: its address tells calls apart.
    if first(1 << 61 | name.as_ptr().addr() as u64) {
        say(format_args!("{} is left out of this image: it returns ENOSYS; {}=y brings it", Bytes(name), Bytes(option)));
    }
}

/// An ioctl(2) command that no file here knows.
#[cold]
pub fn ioctl(command: u32) {
    // Questions whether a file is a terminal, and about file systems' own flags and clones: Linux says ENOTTY to them as well.
    const TERMINALS: u32 = 0x54;
    const FILES: [u32; 3] = [0x66, 0x94, 0x58];
    let family = command >> 8 & 0xff;
    if family != TERMINALS && !FILES.contains(&family) && first(u64::from(command)) {
        say(format_args!("ioctl {command:#x} is not implemented: it returns ENOTTY"));
    }
}

/// A socket option that no socket here knows.
#[cold]
pub fn socket_option(level: i32, name: i32) {
    if first(1 << 62 | u64::from(level.cast_unsigned()) << 16 ^ u64::from(name.cast_unsigned())) {
        say(format_args!("socket option {name} of level {level} is not implemented: it returns ENOPROTOOPT"));
    }
}

/// Whether `key` is new. Beyond sixteen nothing is.
fn first(key: u64) -> bool {
    let key = key | 1 << 63;
    for slot in &OTHERS {
        match slot.compare_exchange(0, key, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => return true,
            Err(seen) if seen == key => return false,
            Err(_) => {}
        }
    }
    false
}

fn say(what: fmt::Arguments<'_>) {
    if !control::WARNINGS {
        return;
    }
    let user = current();
    let (rip, rsp) = sched::current().task().with_context(|ctx| (ctx.rip, ctx.rsp));
    let name = user.name();
    let program = Bytes(name.split(|b| *b == 0).next().unwrap_or(&name));
    Code::tell(&user.mm()).tell_trace(rip, rsp, 64, 4);
    control::warn(format_args!("{program}: {what}; at {rip:#x}"));
}
