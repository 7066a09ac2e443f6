//! `#!` scripts (execve(2), "Interpreter scripts"): the first line names the program that reads the file, and one optional argument.

use alloc::sync::Arc;

use abi::Errno;
use kernel::exec::{BinaryFormat, ExecError, HEAD, Outcome, Request, path_text};
use kernel::vfs::file::File;

/// The format.
pub struct Script;

impl BinaryFormat for Script {
    fn load(&self, _request: &Request, file: &Arc<File>, head: &[u8; HEAD]) -> Result<Outcome, ExecError> {
        let Some(line) = head.strip_prefix(b"#!") else { return Ok(Outcome::NotMine) };
        let bad = |what| ExecError::new(Errno::ENOEXEC, path_text(file).as_bytes(), what);
        // The rest of a longer line is lost, as on Linux; but not the end of the interpreter's path.
        let (line, whole) = match line.iter().position(|b| matches!(b, b'\n' | 0)) {
            Some(end) => (&line[..end], true),
            None => (line, false),
        };
        let line = line.trim_ascii();
        let end = line.iter().position(|b| matches!(b, b' ' | b'\t')).unwrap_or(line.len());
        let (interpreter, argument) = (&line[..end], line[end..].trim_ascii());
        if interpreter.is_empty() {
            return Err(bad("the script's #! line names no interpreter"));
        }
        if !whole && end == line.len() {
            return Err(bad("the script's #! line is too long"));
        }
        Ok(Outcome::Interpreter(interpreter.to_vec(), (!argument.is_empty()).then(|| argument.to_vec())))
    }
}
