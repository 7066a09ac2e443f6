//! The end of a `no_std` program that panics: it says what happened and ends by SIGABRT, as a program with std does that was built without unwinding.

use core::panic::PanicInfo;

unsafe extern "C" {
    safe fn uk_abort() -> !;
}

#[panic_handler]
fn panicked(info: &PanicInfo<'_>) -> ! {
    crate::print::to(2, format_args!("{info}\n"));
    uk_abort()
}
