//! The program's arguments.

use core::ffi::{CStr, c_char, c_int};

/// The arguments, the program's name first.
#[derive(Clone, Debug)]
pub struct Args {
    at: *const *const c_char,
    left: usize,
}

impl Args {
    /// From what `main` is given.
    ///
    /// # Safety
    /// `argv` holds `argc` C strings that are never changed or freed.
    pub unsafe fn new(argc: c_int, argv: *const *const c_char) -> Args {
        Args { at: argv, left: usize::try_from(argc).unwrap_or(0) }
    }
}

impl Iterator for Args {
    type Item = &'static CStr;

    fn next(&mut self) -> Option<&'static CStr> {
        self.left = self.left.checked_sub(1)?;
        // SAFETY: by `new`'s contract one string more is there.
        unsafe {
            let text = CStr::from_ptr(*self.at);
            self.at = self.at.add(1);
            Some(text)
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Args {}
