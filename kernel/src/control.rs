//! Lines from the kernel to the host tool (docs/boot-protocol.md, section 4): exit records, reports, strace, figures.
//!
//! The sink is a component's (debug console or serial line) and must work from a panic: it takes no lock that could be held.

use core::fmt::{self, Write};
use core::sync::atomic::{AtomicBool, Ordering};

use crate::sync::Once;

/// Where control lines go.
pub trait Sink: Sync {
    /// Writes bytes as they are; must not sleep or allocate.
    fn write(&self, bytes: &[u8]);

    /// What each line starts with: nothing for a tool, a mark for a person who reads the console.
    fn prefix(&self) -> &'static str {
        ""
    }
}

static SINK: Once<&'static dyn Sink> = Once::new();

/// Registers the sink; the first one stays.
pub fn set_sink(sink: &'static dyn Sink) {
    let _ = SINK.set(sink);
}

/// Whether anybody listens.
pub fn connected() -> bool {
    SINK.get().is_some()
}

static TRACING: AtomicBool = AtomicBool::new(false);

/// Turns `strace` lines on.
pub fn set_tracing(on: bool) {
    TRACING.store(on, Ordering::Relaxed);
}

/// Whether `strace` lines are wanted.
#[inline]
pub fn tracing() -> bool {
    TRACING.load(Ordering::Relaxed)
}

/// Takes whole lines to the tool by a way that is quicker than the sink, and may sleep; false: it could not.
pub type Bulk = fn(lines: &[u8]) -> bool;

static BULK: Once<Bulk> = Once::new();

/// Registers the quick way.
pub fn set_bulk(bulk: Bulk) {
    let _ = BULK.set(bulk);
}

/// Sends the line `KIND TEXT`, which may be long or one of many and is printable as it stands, the quick way if there is one. Order with [`line`]'s lines is not
/// kept. May sleep.
pub fn bulk(kind: &str, text: &[u8]) {
    let mut line = alloc::vec::Vec::with_capacity(kind.len() + text.len() + 2);
    for part in [kind.as_bytes(), b" ", text, b"\n"] {
        line.extend_from_slice(part);
    }
    bulk_lines(&line);
}

/// As [`bulk`], for lines that are whole with kind and newline. A few bytes are not worth setting up the quick way, and take the plain one.
pub fn bulk_lines(lines: &[u8]) {
    const FEW: usize = 200;
    if lines.len() > FEW && BULK.get().is_some_and(|bulk| bulk(lines)) {
        return;
    }
    let Some(sink) = SINK.get() else { return };
    for line in lines.split_inclusive(|byte| *byte == b'\n') {
        sink.write(sink.prefix().as_bytes());
        sink.write(line);
    }
}

/// Whether warnings are said: what is not there or not as wished.
pub const WARNINGS: bool = !cfg!(feature = "no-warnings");
/// Whether errors are said: how the application died.
pub const ERRORS: bool = !cfg!(feature = "no-errors");

/// Tells a person, at level `warn`. Inlined, so that nothing of a message stays in an image without warnings.
#[inline(always)] // see above
pub fn warn(text: fmt::Arguments<'_>) {
    if WARNINGS {
        line("log", format_args!("warn {text}"));
    }
}

/// Sends the line `KIND TEXT`. Backslash, newline and unprintable bytes of TEXT are escaped as `\xNN`.
pub fn line(kind: &str, text: fmt::Arguments<'_>) {
    let Some(sink) = SINK.get() else { return };
    let mut escaped = Escape { sink: *sink, buf: [0; 128], len: 0 };
    escaped.raw(sink.prefix().as_bytes());
    escaped.raw(kind.as_bytes());
    escaped.raw(b" ");
    let _ = escaped.write_fmt(text);
    escaped.raw(b"\n");
    escaped.flush();
}

/// Escapes and gathers bytes, so that a line is a few writes and not one per character.
struct Escape {
    sink: &'static dyn Sink,
    buf: [u8; 128],
    len: usize,
}

impl Escape {
    fn raw(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.len == self.buf.len() {
                self.flush();
            }
            let count = bytes.len().min(self.buf.len() - self.len);
            self.buf[self.len..self.len + count].copy_from_slice(&bytes[..count]);
            self.len += count;
            bytes = &bytes[count..];
        }
    }

    fn flush(&mut self) {
        self.sink.write(&self.buf[..self.len]);
        self.len = 0;
    }
}

impl fmt::Write for Escape {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let mut rest = text.as_bytes();
        // Text is mostly plain: it goes over in runs.
        while let Some(at) = rest.iter().position(|byte| *byte < b' ' || *byte == b'\\' || *byte == 0x7f) {
            let byte = rest[at];
            self.raw(&rest[..at]);
            self.raw(&[b'\\', b'x', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
            rest = &rest[at + 1..];
        }
        self.raw(rest);
        Ok(())
    }
}

/// Bytes of a path or argument in a control line: text stays text, the rest becomes `\xNN` by way of the line's own escaping.
pub struct Bytes<'a>(pub &'a [u8]);

impl fmt::Display for Bytes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            f.write_str(chunk.valid())?;
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        Ok(())
    }
}

/// The record of the process's end, by its wait status (wait(2)): the tool exits as the program did.
pub fn exit(status: i32) {
    let (code, signal) = (status >> 8 & 0xff, status & 0x7f);
    match (signal, status & 0x80 != 0) {
        (0, _) => line("exit", format_args!("code {code}")),
        (_, true) => line("exit", format_args!("signal {signal} core")),
        (_, false) => line("exit", format_args!("signal {signal}")),
    }
}
