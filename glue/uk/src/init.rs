//! The boot sequence: constructors, initcalls of six levels, `main` (glue/include/uk/init.h and ctors.h).

use core::ffi::{c_char, c_int, c_void};

/// What an initcall is given: the arguments that `main` will get. It may change them.
#[repr(C)]
#[derive(Debug)]
pub struct Context {
    /// How many there are.
    pub argc: c_int,
    /// C strings, and a null pointer behind them.
    pub argv: *mut *mut c_char,
}

/// An initcall: a negative result stops the start.
pub type Init = extern "C" fn(&mut Context) -> c_int;
/// What runs at the end, in the opposite order; the argument says nothing yet.
pub type Term = extern "C" fn(*const c_void);

/// An entry of the table that the linker gathers.
#[doc(hidden)]
#[repr(C)]
#[derive(Debug)]
pub struct Entry {
    pub init: Option<Init>,
    pub term: Option<Term>,
}

/// Registers an initcall: `uk_initcall!(late, 5, start)` or `uk_initcall!(late, 5, start, stop)`, with a level (early plat lib rootfs sys late), a priority from 0
/// (first) to 9, an [`Init`] and perhaps a [`Term`].
#[macro_export]
macro_rules! uk_initcall {
    (early, $($rest:tt)*) => { $crate::__uk_initcall!("1", $($rest)*); };
    (plat, $($rest:tt)*) => { $crate::__uk_initcall!("2", $($rest)*); };
    (lib, $($rest:tt)*) => { $crate::__uk_initcall!("3", $($rest)*); };
    (rootfs, $($rest:tt)*) => { $crate::__uk_initcall!("4", $($rest)*); };
    (sys, $($rest:tt)*) => { $crate::__uk_initcall!("5", $($rest)*); };
    (late, $($rest:tt)*) => { $crate::__uk_initcall!("6", $($rest)*); };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __uk_initcall {
    ($class:literal, $prio:literal, $init:path) => { $crate::__uk_initcall!(@ $class, $prio, $init, None); };
    ($class:literal, $prio:literal, $init:path, $term:path) => { $crate::__uk_initcall!(@ $class, $prio, $init, Some($term)); };
    (@ $class:literal, $prio:literal, $init:path, $term:expr) => {
        const _: () = {
            #[used]
            #[unsafe(link_section = concat!(".uk_inittab", $class, stringify!($prio)))]
            static ENTRY: $crate::init::Entry = $crate::init::Entry { init: Some($init), term: $term };
        };
    };
}

/// Registers a constructor, which runs before all initcalls: `uk_ctor!(0, function)`, with a priority from 0 (first) to 9 and an `extern "C" fn()`.
#[macro_export]
macro_rules! uk_ctor {
    ($prio:literal, $function:path) => {
        const _: () = {
            #[used]
            #[unsafe(link_section = concat!(".uk_ctortab", stringify!($prio)))]
            static ENTRY: extern "C" fn() = $function;
        };
    };
}

/// Makes `fn run(uk::Args) -> i32` the program's `main`.
#[macro_export]
macro_rules! uk_main {
    ($run:path) => {
        #[unsafe(no_mangle)]
        extern "C" fn main(argc: core::ffi::c_int, argv: *const *const core::ffi::c_char) -> core::ffi::c_int {
            let run: fn($crate::Args) -> i32 = $run;
            // SAFETY: the boot sequence calls this once, with the arguments as C has them, which stay.
            run(unsafe { $crate::Args::new(argc, argv) })
        }
    };
}
