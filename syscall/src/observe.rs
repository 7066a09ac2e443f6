//! The dispatcher that looks on: it counts calls (`--stats`) and tells the tool of each (`--strace`).
//!
//! The kernel decodes nothing: a record has the registers and, for what pointers lead to, some bytes from before and after the call. The tool, which has the room
//! for tables of names, makes text of it (tools/strace; docs/boot-protocol.md, section 4).

use alloc::vec::Vec;
use core::sync::atomic::{AtomicU64, Ordering};

use hal::trap::UserContext;
use kernel::{control, process};

use crate::args::Peek;
use crate::dispatch::{dispatch, finish, run};
use crate::table::{MAX_CALLS, PEEKS};

static COUNTS: [AtomicU64; MAX_CALLS] = [const { AtomicU64::new(0) }; MAX_CALLS];

/// Calls by number since boot, as [`dispatch_observed`] counted them.
pub fn counts() -> impl Iterator<Item = (usize, u64)> {
    COUNTS.iter().enumerate().map(|(number, count)| (number, count.load(Ordering::Relaxed))).filter(|(_, count)| *count > 0)
}

/// As [`dispatch`], counting the call and, if asked, telling the tool of it.
pub fn dispatch_observed(ctx: &mut UserContext) {
    if let Some(count) = usize::try_from(ctx.call_number()).ok().and_then(|n| COUNTS.get(n)) {
        count.fetch_add(1, Ordering::Relaxed);
    }
    if control::tracing() { traced(ctx) } else { dispatch(ctx) }
}

// Calls that do not come back, or to another place.
const EXIT: u64 = 60;
const EXIT_GROUP: u64 = 231;
const RT_SIGRETURN: u64 = 15;

#[cold]
fn traced(ctx: &mut UserContext) {
    let (number, args) = (ctx.call_number(), ctx.args());
    let began = hal::clock::monotonic_ns();
    let mut record = Record { number, args, began, windows: Vec::new(), memory: Vec::with_capacity(256) };
    record.look();
    if matches!(number, EXIT | EXIT_GROUP | RT_SIGRETURN) {
        record.tell(None);
        return dispatch(ctx);
    }
    let result = run(ctx);
    finish(ctx, result);
    record.look_again();
    record.tell(Some(ctx.rax));
}

/// The most of a string that is told.
const STRING_MAX: usize = 512;
/// The most bytes of a window.
const WINDOW_MAX: usize = 144;
/// Elements of an iovec that are followed.
const VECTORS: u64 = 4;
/// Bytes of what an iovec's element points to.
const PIECE: u8 = 40;

/// A range of the program's memory, and what was there before the call.
struct Window {
    addr: usize,
    len: usize,
    bytes: [u8; WINDOW_MAX],
}

struct Record {
    number: u64,
    args: [u64; 6],
    began: u64,
    windows: Vec<Window>,
    /// The record's text about memory: ` bADDRESS:HEX` before, ` aADDRESS:HEX` after the call.
    memory: Vec<u8>,
}

impl Record {
    /// Reads what the arguments lead to.
    fn look(&mut self) {
        let peeks = usize::try_from(self.number).ok().and_then(|n| PEEKS.get(n)).copied().unwrap_or([Peek::NOTHING; 6]);
        for (peek, value) in peeks.into_iter().zip(self.args) {
            match peek {
                Peek::NOTHING => {}
                Peek::STRING => self.string(value),
                Peek(size) => self.window(value, size),
            }
        }
        // Pointers that the table takes for numbers, since the calls give them a meaning of their own; and pointers behind pointers.
        let [a, b, c, d, ..] = self.args;
        match self.number {
            16 | 72 => self.window(c, 64),         // ioctl, fcntl
            35 | 157 | 435 => self.window(b, 64),  // nanosleep, prctl; clone3's own argument is a window already
            170 | 171 | 318 => self.window(a, 64), // sethostname, setdomainname, getrandom
            202 | 230 | 449 => self.window(d, 64), // futex, clock_nanosleep, futex_waitv
            19 | 20 | 278 | 295 | 296 | 327 | 328 => self.vectors(b, c),
            46 | 47 => self.message(b),
            _ => {}
        }
    }

    fn window(&mut self, addr: u64, size: u8) {
        // Small numbers are flags and descriptors, not addresses.
        let Some(addr) = usize::try_from(addr).ok().filter(|addr| *addr >= hal::mem::PAGE_SIZE) else { return };
        let mut window = Window { addr, len: 0, bytes: [0; WINDOW_MAX] };
        window.len = hal::user::read_some(addr, &mut window.bytes[..usize::from(size).min(WINDOW_MAX)]);
        if window.len > 0 {
            put_memory(&mut self.memory, b'b', addr, &window.bytes[..window.len]);
            self.windows.push(window);
        }
    }

    fn string(&mut self, addr: u64) {
        let mut text = [0; STRING_MAX];
        let Ok(addr) = usize::try_from(addr) else { return };
        let len = hal::user::read_some(addr, &mut text);
        let end = text[..len].iter().position(|b| *b == 0).map_or(len, |nul| nul + 1);
        if end > 0 {
            put_memory(&mut self.memory, b'b', addr, &text[..end]);
        }
    }

    fn vectors(&mut self, addr: u64, count: u64) {
        for i in 0..count.min(VECTORS) {
            let mut base = [0; 8];
            let Ok(at) = usize::try_from(addr.wrapping_add(16 * i)) else { return };
            if hal::user::read_bytes(at, &mut base).is_ok() {
                self.window(u64::from_le_bytes(base), PIECE);
            }
        }
    }

    /// A `struct msghdr`: name, vectors, control.
    fn message(&mut self, addr: u64) {
        let mut header = [0; 56];
        let Ok(at) = usize::try_from(addr) else { return };
        if hal::user::read_bytes(at, &mut header).is_err() {
            return;
        }
        let field = |at: usize| header[at..at + 8].try_into().map_or(0, u64::from_le_bytes);
        self.window(field(0), 112);
        self.window(field(16), 64);
        self.vectors(field(16), field(24));
        self.window(field(32), 64);
    }

    /// What the call changed.
    fn look_again(&mut self) {
        let Record { windows, memory, .. } = self;
        for window in windows {
            let mut now = [0; WINDOW_MAX];
            let len = hal::user::read_some(window.addr, &mut now[..window.len]);
            if now[..len] != window.bytes[..window.len] {
                put_memory(memory, b'a', window.addr, &now[..len]);
            }
        }
    }

    /// `TID NUMBER BEGAN TOOK RESULT A B C D E F MEMORY...`, all numbers in hex; `?` for a result that does not come.
    fn tell(&self, result: Option<u64>) {
        let mut line = Vec::with_capacity(128 + self.memory.len());
        let took = hal::clock::monotonic_ns().saturating_sub(self.began);
        put_hex(&mut line, u64::from(process::current().tid().unsigned_abs()));
        for value in [self.number, self.began, took] {
            line.push(b' ');
            put_hex(&mut line, value);
        }
        line.push(b' ');
        match result {
            Some(result) => put_hex(&mut line, result),
            None => line.push(b'?'),
        }
        for value in self.args {
            line.push(b' ');
            put_hex(&mut line, value);
        }
        line.extend_from_slice(&self.memory);
        control::bulk("strace", &line);
    }
}

fn put_memory(out: &mut Vec<u8>, mark: u8, addr: usize, bytes: &[u8]) {
    out.extend_from_slice(&[b' ', mark]);
    put_hex(out, addr as u64); // widening
    out.push(b':');
    for byte in bytes {
        out.extend_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
    }
}

fn put_hex(out: &mut Vec<u8>, value: u64) {
    let digits = (u64::BITS - value.leading_zeros()).div_ceil(4).max(1);
    for at in (0..digits).rev() {
        out.push(digit((value >> (4 * at) & 15) as u8)); // four bits
    }
}

fn digit(value: u8) -> u8 {
    b"0123456789abcdef"[usize::from(value & 15)]
}
