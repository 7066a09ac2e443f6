//! Text on standard output, and messages by level (glue/include/uk/print.h).

use crate::call::write;
use core::ffi::{CStr, c_char, c_int, c_uint};
use core::fmt::{self, Write};

/// Levels of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Level {
    /// Cannot go on.
    Crit = 0,
    /// Something failed.
    Err = 1,
    /// Something is not as it should be.
    Warn = 2,
    /// What is going on.
    Info = 3,
    /// What the author wanted to see.
    Debug = 4,
}

unsafe extern "C" {
    static uk_print_level: c_int;
    fn _uk_printk(level: c_int, lib: *const c_char, file: *const c_char, line: c_uint, format: *const c_char, ...);
}

/// A descriptor as a sink of text: lines are gathered, so that one is one call.
struct Output {
    fd: i32,
    bytes: [u8; 256],
    used: usize,
}

impl Output {
    fn new(fd: i32) -> Output {
        Output { fd, bytes: [0; 256], used: 0 }
    }

    fn flush(&mut self) -> fmt::Result {
        let mut rest = &self.bytes[..self.used];
        while !rest.is_empty() {
            let done = write(self.fd, rest).map_err(|_| fmt::Error)?;
            rest = rest.get(done..).ok_or(fmt::Error)?;
        }
        self.used = 0;
        Ok(())
    }
}

impl Write for Output {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for piece in text.as_bytes() {
            if self.used == self.bytes.len() {
                self.flush()?;
            }
            self.bytes[self.used] = *piece;
            self.used += 1;
        }
        Ok(())
    }
}

/// Writes to a descriptor; who cannot be written to does not hear it.
#[doc(hidden)]
pub fn to(fd: i32, args: fmt::Arguments<'_>) {
    let mut out = Output::new(fd);
    let _ = out.write_fmt(args).and_then(|()| out.flush());
}

/// A message's text, cut at its end if it is longer than most.
struct Text {
    bytes: [u8; 400],
    used: usize,
}

impl Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes().filter(|b| *b != 0) {
            if self.used + 1 < self.bytes.len() {
                self.bytes[self.used] = byte;
                self.used += 1;
            }
        }
        Ok(())
    }
}

/// Prints a message; the macros call it.
#[doc(hidden)]
pub fn message(level: Level, lib: &CStr, file: &CStr, line: u32, args: fmt::Arguments<'_>) {
    // SAFETY: a number of the image, changed at boot at most.
    if level as i32 > unsafe { uk_print_level } {
        return;
    }
    let mut text = Text { bytes: [0; 400], used: 0 };
    let _ = text.write_fmt(args);
    // SAFETY: C strings all; the last byte of `text` is never written, so it is one too. The format takes one string.
    unsafe { _uk_printk(level as i32, lib.as_ptr(), file.as_ptr(), line, c"%s\n".as_ptr(), text.bytes.as_ptr()) };
}

/// A literal with a NUL behind it.
#[doc(hidden)]
pub const fn c_text(text: &'static str) -> &'static CStr {
    match CStr::from_bytes_with_nul(text.as_bytes()) {
        Ok(text) => text,
        Err(_) => c"?",
    }
}

/// Prints to standard output.
#[macro_export]
macro_rules! print {
    ($($arg:tt)*) => { $crate::print::to(1, format_args!($($arg)*)) };
}
/// Prints a line to standard output.
#[macro_export]
macro_rules! println {
    () => { $crate::print::to(1, format_args!("\n")) };
    ($($arg:tt)*) => { $crate::print::to(1, format_args!("{}\n", format_args!($($arg)*))) };
}
/// Prints a line to standard error.
#[macro_export]
macro_rules! eprintln {
    () => { $crate::print::to(2, format_args!("\n")) };
    ($($arg:tt)*) => { $crate::print::to(2, format_args!("{}\n", format_args!($($arg)*))) };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __uk_message {
    ($level:ident, $($arg:tt)*) => {
        $crate::print::message(
            $crate::print::Level::$level,
            const { $crate::print::c_text(concat!(env!("CARGO_PKG_NAME"), "\0")) },
            const { $crate::print::c_text(concat!(file!(), "\0")) },
            line!(),
            format_args!($($arg)*),
        )
    };
}
/// A message: cannot go on.
#[macro_export]
macro_rules! pr_crit { ($($arg:tt)*) => { $crate::__uk_message!(Crit, $($arg)*) }; }
/// A message: something failed.
#[macro_export]
macro_rules! pr_err { ($($arg:tt)*) => { $crate::__uk_message!(Err, $($arg)*) }; }
/// A message: something is not as it should be.
#[macro_export]
macro_rules! pr_warn { ($($arg:tt)*) => { $crate::__uk_message!(Warn, $($arg)*) }; }
/// A message: what is going on.
#[macro_export]
macro_rules! pr_info { ($($arg:tt)*) => { $crate::__uk_message!(Info, $($arg)*) }; }
/// A message: what the author wanted to see.
#[macro_export]
macro_rules! pr_debug { ($($arg:tt)*) => { $crate::__uk_message!(Debug, $($arg)*) }; }
