//! What the loader tells of the program a process runs, for /proc/PID and for messages.

use alloc::vec::Vec;

use crate::vfs::Path;

/// The program of a process; replaced as a whole by execve.
pub struct Program {
    /// Where it was found (/proc/PID/exe); `None` for a program without a file.
    pub exe: Option<Path>,
    /// Addresses of the argument strings: first byte, byte after the last.
    pub args: (usize, usize),
    /// Addresses of the environment strings.
    pub envs: (usize, usize),
    /// The auxiliary vector as it was given (/proc/PID/auxv).
    pub auxv: Vec<u8>,
    /// First stack pointer.
    pub start_stack: usize,
    /// Start and end of the program's code, start and end of its data.
    pub code: (usize, usize),
    /// See `code`.
    pub data: (usize, usize),
}
