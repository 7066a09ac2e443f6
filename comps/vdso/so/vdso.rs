//! The code of the vDSO (vdso(7)): compiled on its own into a small shared object that the kernel maps into every program.
//! It runs in the application: no kernel symbol, no relocation, no static data, no call out.
#![no_std]
#![no_main]
#![allow(dead_code)]

#[path = "../../../abi/src/vdso.rs"]
mod data;

use core::arch::asm;
use core::sync::atomic::{Ordering, fence};
use data::VdsoData;

#[repr(C)]
pub struct Timespec {
    sec: i64,
    nsec: i64,
}

#[repr(C)]
pub struct Timeval {
    sec: i64,
    usec: i64,
}

const REALTIME: u32 = 0;
const MONOTONIC: u32 = 1;
/// Clocks that count as CLOCK_MONOTONIC here: MONOTONIC 1, MONOTONIC_RAW 4, MONOTONIC_COARSE 6, BOOTTIME 7.
const MONOTONIC_LIKE: u32 = 1 << 1 | 1 << 4 | 1 << 6 | 1 << 7;
/// REALTIME 0, REALTIME_COARSE 5.
const REALTIME_LIKE: u32 = 1 << 0 | 1 << 5;
const NS_PER_SEC: u64 = 1_000_000_000;

/// The data page, one page below this object's first byte.
#[inline(always)]
fn data() -> &'static VdsoData {
    let page: *const VdsoData;
    // SAFETY: the kernel maps the data page right below the vDSO, readable for the life of the process.
    unsafe {
        asm!("lea {}, [rip + __vvar]", out(reg) page, options(pure, nomem, nostack, preserves_flags));
        &*page
    }
}

#[inline(always)]
fn tsc() -> u64 {
    let counter: u64;
    // SAFETY: reads the counter; lfence keeps it from moving before the sequence was read. Put together here, so that one register is free again at once: with
    // it the functions need none that they would have to save.
    unsafe {
        asm!("lfence", "rdtsc", "shl rdx, 32", "or rax, rdx", out("rax") counter, out("rdx") _, options(nomem, nostack));
    }
    counter
}

/// Nanoseconds of CLOCK_MONOTONIC, or of CLOCK_REALTIME if `real`; `None` when the real time is not known yet.
#[inline(always)]
fn now(real: bool) -> Option<u64> {
    let data = data();
    let fields = &raw const *data;
    loop {
        let before = data.seq.load(Ordering::Acquire);
        // SAFETY: fields of the mapped page; volatile, since the kernel may write them, and a torn set is read again below.
        let (base, mult, shift, mut start) = unsafe {
            (
                (&raw const (*fields).base_tsc).read_volatile(),
                (&raw const (*fields).mult).read_volatile(),
                (&raw const (*fields).shift).read_volatile(),
                (&raw const (*fields).mono_base_ns).read_volatile(),
            )
        };
        if real {
            // SAFETY: as above.
            let offset = unsafe { (&raw const (*fields).real_offset_ns).read_volatile() };
            if offset == 0 {
                return None;
            }
            start = start.wrapping_add(offset);
        }
        let delta = tsc().wrapping_sub(base).cast_signed();
        fence(Ordering::Acquire);
        // While a write is going on the number is odd, and never equal to itself without its lowest bit.
        if data.seq.load(Ordering::Relaxed) == before & !1 {
            // A TSC a little behind the base (another CPU's) must not become a huge time.
            if delta < 0 {
                return Some(start);
            }
            let product = u128::from(delta.cast_unsigned()) * u128::from(mult);
            return Some(start.wrapping_add((product >> (shift & 63)) as u64));
        }
    }
}

#[inline(always)]
fn syscall2(number: i64, a: usize, b: usize) -> i64 {
    let result: i64;
    // SAFETY: the kernel checks both arguments; rcx and r11 are clobbered by the instruction.
    unsafe {
        asm!("syscall", inlateout("rax") number => result, in("rdi") a, in("rsi") b, out("rcx") _, out("r11") _, options(nostack))
    };
    result
}

/// Nanoseconds of `clock`, or `None` when only the kernel can say.
#[inline(always)]
fn read(clock: u32) -> Option<u64> {
    if clock == MONOTONIC {
        return now(false);
    }
    if clock >= 32 || (MONOTONIC_LIKE | REALTIME_LIKE) >> clock & 1 == 0 {
        return None;
    }
    now(REALTIME_LIKE >> clock & 1 != 0)
}

/// clock_gettime(2).
#[unsafe(no_mangle)]
pub extern "C" fn __vdso_clock_gettime(clock: u32, ts: *mut Timespec) -> i32 {
    match read(clock) {
        Some(ns) => {
            let sec = ns / NS_PER_SEC;
            // SAFETY: the caller's pointer; a bad one faults in the caller, as on Linux.
            unsafe { ts.write(Timespec { sec: sec as i64, nsec: (ns - sec * NS_PER_SEC) as i64 }) };
            0
        }
        None => syscall2(228, clock as usize, ts as usize) as i32,
    }
}

/// clock_getres(2).
#[unsafe(no_mangle)]
pub extern "C" fn __vdso_clock_getres(clock: u32, ts: *mut Timespec) -> i32 {
    if clock < 32 && 1 << clock & (MONOTONIC_LIKE | REALTIME_LIKE) & !(1 << 5 | 1 << 6) != 0 {
        if !ts.is_null() {
            // SAFETY: as above.
            unsafe { ts.write(Timespec { sec: 0, nsec: 1 }) };
        }
        return 0;
    }
    syscall2(229, clock as usize, ts as usize) as i32
}

/// gettimeofday(2).
#[unsafe(no_mangle)]
pub extern "C" fn __vdso_gettimeofday(tv: *mut Timeval, tz: *mut [i32; 2]) -> i32 {
    let Some(ns) = read(REALTIME) else { return syscall2(96, tv as usize, tz as usize) as i32 };
    if !tv.is_null() {
        let sec = ns / NS_PER_SEC;
        // SAFETY: the caller's pointer.
        unsafe { tv.write(Timeval { sec: sec as i64, usec: ((ns - sec * NS_PER_SEC) / 1000) as i64 }) };
    }
    if !tz.is_null() {
        // SAFETY: the caller's pointer; the kernel's time zone is always UTC.
        unsafe { tz.write([0, 0]) };
    }
    0
}

/// time(2).
#[unsafe(no_mangle)]
pub extern "C" fn __vdso_time(out: *mut i64) -> i64 {
    let Some(ns) = read(REALTIME) else { return syscall2(201, out as usize, 0) };
    let sec = (ns / NS_PER_SEC) as i64;
    if !out.is_null() {
        // SAFETY: the caller's pointer.
        unsafe { out.write(sec) };
    }
    sec
}

/// getcpu(2).
#[unsafe(no_mangle)]
pub extern "C" fn __vdso_getcpu(cpu: *mut u32, node: *mut u32, _unused: *mut u8) -> i64 {
    if data().cpu_count != 1 {
        return syscall2(309, cpu as usize, node as usize);
    }
    for out in [cpu, node] {
        if !out.is_null() {
            // SAFETY: the caller's pointers.
            unsafe { out.write(0) };
        }
    }
    0
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}
