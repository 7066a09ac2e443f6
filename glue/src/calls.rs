//! System calls as C functions: `long uk_syscall_NAME(long, ...)`, which gives a negative errno for an error. Each is a stub that says what runs the
//! call and jumps to one of hal's two entries (hal/src/arch/x86_64/entry/ring0.S); the linker drops the stubs, and what they run, that nobody calls.

use core::arch::{global_asm, naked_asm};
use core::ffi::{CStr, c_char};

use abi::mm::MapFlags;
use abi::{Errno, Result};
use hal::trap::UserContext;
use syscall::for_each_call;

/// Makes the calls that need a whole context: they may sleep, be interrupted, end the thread, or look at its registers.
macro_rules! whole {
    ($($name:ident = $number:literal => $($path:ident)::+ ($($arg:ident : $ty:ty),*);)*) => {
        mod run {
            use super::*;
            $(pub extern "C" fn $name(ctx: &mut UserContext) {
                #[cfg(feature = "strace")]
                return syscall::observe::dispatch_observed(ctx);
                #[cfg(not(feature = "strace"))]
                {
                    let result = syscall::table::calls::$name(ctx.args());
                    syscall::dispatch::finish(ctx, result);
                }
            })*
        }
        $(paste_stub!($name, $number);)*
    };
}

/// Bytes of a stub. Who interrupts a thread in one knows that its call has not happened yet: cancellation asks (ports/musl/patches/0002), by the
/// absolute symbol `uk_call_stub_size`. Each stub has this length by construction: one that grows beyond it does not assemble.
const STUB_SIZE: usize = 20;

global_asm!(".globl uk_call_stub_size", ".set uk_call_stub_size, {size}", size = const STUB_SIZE);

/// `uk_syscall_NAME`.
macro_rules! paste_stub {
    ($name:ident, $number:literal) => {
        const _: () = {
            #[unsafe(naked)]
            #[unsafe(export_name = concat!("uk_syscall_", stringify!($name)))]
            unsafe extern "C" fn stub() {
                naked_asm!(
                    "2:",
                    "mov r10, rcx",
                    "mov eax, {number}",
                    "lea r11, [rip + {run}]",
                    "jmp uk_call",
                    ".org 2b + {size}",
                    number = const $number,
                    run = sym run::$name,
                    size = const STUB_SIZE,
                )
            }
        };
    };
}

for_each_call!(whole);

/// The calls that only read or write a word of the kernel's: `uk_light_NAME`. They neither sleep nor are restarted, so no context is saved.
macro_rules! light {
    ($($name:ident)*) => {
        mod quick {
            use super::value;
            $(pub extern "C" fn $name(a: u64, b: u64, c: u64, d: u64, e: u64, f: u64) -> i64 {
                value(syscall::table::calls::$name([a, b, c, d, e, f]))
            })*
        }
        $(const _: () = {
            #[unsafe(naked)]
            #[unsafe(export_name = concat!("uk_light_", stringify!($name)))]
            unsafe extern "C" fn stub() {
                naked_asm!("lea r11, [rip + {run}]", "jmp uk_call_light", run = sym quick::$name)
            }
        };)*
    };
}

light! {
    getuid geteuid getgid getegid getpgrp clock_gettime gettimeofday time getcpu umask
}

/// The calls that only read a number of the running thread's: they take no lock and touch no memory of the application, so they run on the caller's
/// stack like any function; an interrupt in their midst finds nothing that it could not find in the application.
macro_rules! direct {
    ($($name:ident)*) => {$(const _: () = {
        #[unsafe(export_name = concat!("uk_light_", stringify!($name)))]
        extern "C" fn call() -> i64 {
            value(syscall::table::calls::$name([0; 6]))
        }
    };)*};
}

direct! { getpid gettid getppid }

#[inline]
fn value(result: Result<usize>) -> i64 {
    match result {
        Ok(value) => value as i64, // x86-64: the same width
        Err(errno) => i64::from(-errno.number()),
    }
}

/// restart_syscall(2), which an interrupted call goes on through when no handler ran.
pub fn restarted(ctx: &mut UserContext) {
    let result = syscall::table::calls::restart_syscall(ctx.args());
    syscall::dispatch::finish(ctx, result);
}

/// Any call by its number, for syscall(2): brings every call into the image.
extern "C" fn by_number(ctx: &mut UserContext) {
    syscall::dispatch::dispatch(ctx);
}

/// `long uk_syscall6_r(long number, long a, ... long f)`.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn uk_syscall6_r() {
    naked_asm!(
        "mov rax, rdi",
        "mov rdi, rsi",
        "mov rsi, rdx",
        "mov rdx, rcx",
        "mov r10, r8",
        "mov r8, r9",
        "mov r9, [rsp + 8]",
        "lea r11, [rip + {run}]",
        "jmp uk_call",
        run = sym by_number,
    )
}

/// FUTEX_WAIT without a timeout and FUTEX_WAKE, arguments as for futex(2): what a C library's locks need of it.
mod futex {
    use super::*;
    use kernel::futex::{ANY, Scope, wait as sleep, wake as rouse};

    /// FUTEX_PRIVATE_FLAG.
    const PRIVATE: u64 = 128;

    fn scope(op: u64) -> Scope {
        if op & PRIVATE != 0 { Scope::Private } else { Scope::Shared }
    }

    pub extern "C" fn wait(ctx: &mut UserContext) {
        let [address, op, expected, ..] = ctx.args();
        let mm = kernel::process::current().mm();
        let result = sleep(&mm, address as usize, scope(op), expected as u32, ANY, None).map(|()| 0); // the word has 32 bits
        syscall::dispatch::finish(ctx, result);
    }

    pub extern "C" fn wake(ctx: &mut UserContext) {
        let [address, op, count, ..] = ctx.args();
        let mm = kernel::process::current().mm();
        let result = rouse(&mm, address as usize, scope(op), (count as u32).max(1), ANY).map(|n| n as usize); // a number of 32 bits
        syscall::dispatch::finish(ctx, result);
    }
}

/// `long uk_call_futex_wait(uint32_t *word, long op, long expected)`.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn uk_call_futex_wait() {
    naked_asm!("mov eax, 202", "lea r11, [rip + {run}]", "jmp uk_call", run = sym futex::wait)
}

/// `long uk_call_futex_wake(uint32_t *word, long op, long count)`.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn uk_call_futex_wake() {
    naked_asm!("mov eax, 202", "lea r11, [rip + {run}]", "jmp uk_call", run = sym futex::wake)
}

/// Anonymous memory, readable and writable, anywhere.
extern "C" fn anonymous_pages(ctx: &mut UserContext) {
    let [len, ..] = ctx.args();
    let access = hal::mem::Perm::READ | hal::mem::Perm::WRITE;
    let request = kernel::mm::MapRequest::anonymous(0, len as usize, access, MapFlags::empty()); // x86-64: the same width
    let result = kernel::process::current().mm().mmap(request);
    syscall::dispatch::finish(ctx, result);
}

/// `long uk_anonymous_pages(size_t len)`: the address, or a negative errno.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn uk_anonymous_pages() {
    naked_asm!("mov eax, 9", "lea r11, [rip + {run}]", "jmp uk_call", run = sym anonymous_pages)
}

/// What is called in the place of a call that the configuration leaves out (glue/lib/ukcalls).
extern "C" fn left_out(ctx: &mut UserContext) {
    let [name, option, ..] = ctx.args().map(|at| at as usize as *const c_char); // addresses
    // SAFETY: two C strings of the image's constants.
    let [name, option] = [name, option].map(|at| unsafe { CStr::from_ptr(at) }.to_bytes());
    kernel::process::unsupported::left_out(name, option);
    syscall::dispatch::finish(ctx, Err(Errno::ENOSYS));
}

/// `long uk_call_left_out(const char *name, const char *option)`: -ENOSYS.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn uk_call_left_out() {
    naked_asm!("mov eax, -1", "lea r11, [rip + {run}]", "jmp uk_call", run = sym left_out)
}

/// A thread's last act when its stack is its own to free: munmap(2) of `address`, `length`, then exit(2). It cannot return, for there is no stack.
extern "C" fn unmap_and_exit(ctx: &mut UserContext) {
    let [address, length, ..] = ctx.args();
    let _: Result<usize, Errno> = syscall::table::calls::munmap([address, length, 0, 0, 0, 0]);
    let result = syscall::table::calls::exit([0; 6]);
    syscall::dispatch::finish(ctx, result);
}

/// `void uk_unmap_and_exit(void *address, size_t length)`.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn uk_unmap_and_exit() {
    naked_asm!("mov eax, 60", "lea r11, [rip + {run}]", "jmp uk_call", run = sym unmap_and_exit)
}
