//! The boot sequence of the application's side: constructors, the six levels of initcalls, the banner, C++ constructors, `main` (DESIGN 5.7, the
//! table of the seed). It runs on the first thread as part of the application, so it touches the kernel through calls only.

use core::ffi::{CStr, c_char, c_int, c_void};

use crate::program::uk_boot_config;

/// An entry of inittab: what runs at boot and what runs, in the opposite order, when `main` has returned.
#[repr(C)]
struct Initcall {
    init: Option<unsafe extern "C" fn(*mut InitContext) -> c_int>,
    term: Option<unsafe extern "C" fn(*const c_void)>,
}

/// struct uk_init_ctx: what an initcall may look at and change.
#[repr(C)]
struct InitContext {
    argc: c_int,
    argv: *mut *mut c_char,
}

/// `main`, whichever of the three prototypes it has: arguments that it does not take are in registers it does not read.
type Main = unsafe extern "C" fn(c_int, *mut *mut c_char, *mut *mut c_char) -> c_int;

unsafe extern "C" {
    static __uk_ctortab_start: [Option<unsafe extern "C" fn()>; 0];
    static __uk_ctortab_end: [Option<unsafe extern "C" fn()>; 0];
    static __uk_inittab_start: [Initcall; 0];
    static __uk_inittab_end: [Initcall; 0];
    fn uk_syscall_write(fd: c_int, bytes: *const u8, len: usize) -> isize;
}

core::arch::global_asm!(
    ".weak main",
    ".weak __uk_run_init_array",
    ".pushsection .rodata.uk_weak, \"a\"",
    ".balign 8",
    "uk_weak_main: .quad main",
    "uk_weak_init_array: .quad __uk_run_init_array",
    ".popsection",
);
unsafe extern "C" {
    /// `main`, or null.
    safe static uk_weak_main: Option<Main>;
    /// What runs preinit_array and init_array, or null without a C library.
    safe static uk_weak_init_array: Option<unsafe extern "C" fn()>;
}

/// Runs everything; gives the process's exit status. Called by the C library as it would call `main`.
pub unsafe extern "C" fn uk_main(argc: c_int, argv: *mut *mut c_char, envp: *mut *mut c_char) -> c_int {
    let mut context = InitContext { argc, argv };
    // SAFETY: the linker gathered the tables from what registered itself, sorted by level and priority; nothing of them has run.
    unsafe {
        let mut ctor = (&raw const __uk_ctortab_start).cast::<Option<unsafe extern "C" fn()>>();
        while ctor < (&raw const __uk_ctortab_end).cast() {
            if let Some(function) = *ctor {
                function();
            }
            ctor = ctor.add(1);
        }
        let start = (&raw const __uk_inittab_start).cast::<Initcall>();
        let end = (&raw const __uk_inittab_end).cast::<Initcall>();
        let mut entry = start;
        while entry < end {
            let status = (*entry).init.map_or(0, |init| init(&raw mut context));
            if status < 0 {
                say(b"unox: an initcall failed; the application is not started\n");
                terminate(start, entry);
                return 1;
            }
            entry = entry.add(1);
        }
        banner();
        if let Some(run) = uk_weak_init_array {
            run();
        }
        let status = uk_weak_main.map_or(0, |main| main(context.argc, context.argv, envp));
        terminate(start, end);
        status
    }
}

/// Runs the terminators of `[start, end)` backwards.
///
/// # Safety
/// The entries are inittab's, and their initcalls have run.
unsafe fn terminate(start: *const Initcall, end: *const Initcall) {
    let mut entry = end;
    while entry > start {
        entry = entry.wrapping_sub(1);
        // SAFETY: inside the table, by the caller's contract.
        if let Some(term) = unsafe { (*entry).term } {
            // SAFETY: as above.
            unsafe { term(core::ptr::null()) };
        }
    }
}

/// Writes to descriptor 1.
fn say(text: &[u8]) {
    // SAFETY: a slice's bytes; the call looks at nothing else.
    unsafe { uk_syscall_write(1, text.as_ptr(), text.len()) };
}

/// Who boots, when the configuration wants it said (glue/lib/ukboot).
fn banner() {
    if !uk_boot_config.banner.is_null() {
        // SAFETY: the constant's string is a C string of the image.
        say(unsafe { CStr::from_ptr(uk_boot_config.banner) }.to_bytes());
    }
}
