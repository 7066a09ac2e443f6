//! The terminal line discipline N_TTY (termios(3)): canonical editing, echo, signal characters, flow control, raw mode, output processing.
//!
//! Pure state and bytes: no device, no clock, no sleeping. The terminal feeds it input bytes and gets back what to echo and which signal to send.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod output;

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use abi::tty::{Termios, cc, iflag, lflag};
pub use output::Output;

/// Bytes that may wait for a reader; more is dropped (with a bell if IMAXBEL), as on Linux.
pub const LIMIT: usize = 4096;

/// What an input byte asks for besides going into the buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// VINTR: SIGINT.
    Interrupt,
    /// VQUIT: SIGQUIT.
    Quit,
    /// VSUSP: SIGTSTP.
    Suspend,
}

/// The state of one terminal's input.
pub struct Discipline {
    termios: Termios,
    /// Bytes that a reader may take. In canonical mode these are whole lines.
    ready: VecDeque<u8>,
    /// Lengths of the lines in `ready`, in canonical mode; an end-of-file alone is a line of length 0.
    lines: VecDeque<usize>,
    /// The line being edited.
    edit: Vec<u8>,
    /// The next byte is taken literally (VLNEXT).
    literal: bool,
    /// Output is stopped (VSTOP).
    stopped: bool,
    /// Echo goes through the output processing.
    output: Output,
}

impl Discipline {
    /// A fresh terminal.
    pub const fn new() -> Discipline {
        Discipline {
            termios: Termios::sane(),
            ready: VecDeque::new(),
            lines: VecDeque::new(),
            edit: Vec::new(),
            literal: false,
            stopped: false,
            output: Output::new(),
        }
    }

    /// The settings.
    pub fn termios(&self) -> &Termios {
        &self.termios
    }

    /// Changes the settings. When canonical mode is turned on or off, what was typed stays readable.
    pub fn set_termios(&mut self, termios: Termios) {
        let was_canonical = self.canonical();
        self.termios = termios;
        if was_canonical && !self.canonical() {
            self.lines.clear();
            self.ready.extend(self.edit.drain(..));
        } else if !was_canonical && self.canonical() && !self.ready.is_empty() {
            self.lines.push_back(self.ready.len());
        }
        if self.termios.c_iflag & iflag::IXON == 0 {
            self.stopped = false;
        }
    }

    fn canonical(&self) -> bool {
        self.local(lflag::ICANON)
    }

    fn local(&self, flag: u32) -> bool {
        self.termios.c_lflag & flag != 0
    }

    fn input_mode(&self, flag: u32) -> bool {
        self.termios.c_iflag & flag != 0
    }

    /// Whether `byte` is the control character `index` (0 means that it is turned off).
    fn is(&self, index: usize, byte: u8) -> bool {
        byte != 0 && self.termios.c_cc[index] == byte
    }

    /// Whether output is stopped by VSTOP.
    pub fn stopped(&self) -> bool {
        self.stopped
    }

    /// Drops everything unread (TCFLSH, signals without NOFLSH).
    pub fn flush_input(&mut self) {
        self.ready.clear();
        self.lines.clear();
        self.edit.clear();
        self.literal = false;
    }

    /// Takes one byte from the device. Bytes to show are appended to `echo`.
    pub fn input(&mut self, byte: u8, echo: &mut Vec<u8>) -> Option<Signal> {
        let mut byte = if self.input_mode(iflag::ISTRIP) { byte & 0x7f } else { byte };
        if core::mem::take(&mut self.literal) {
            self.store(byte, echo);
            return None;
        }
        if self.flow_control(byte) {
            return None;
        }
        match byte {
            b'\r' if self.input_mode(iflag::IGNCR) => return None,
            b'\r' if self.input_mode(iflag::ICRNL) => byte = b'\n',
            b'\n' if self.input_mode(iflag::INLCR) => byte = b'\r',
            _ => {}
        }
        if let Some(signal) = self.signal(byte) {
            if !self.local(lflag::NOFLSH) {
                self.flush_input();
            }
            self.echo_byte(byte, echo);
            return Some(signal);
        }
        if self.canonical() {
            self.input_canonical(byte, echo);
        } else {
            self.store(byte, echo);
        }
        None
    }

    /// VSTART and VSTOP; true when the byte was one.
    fn flow_control(&mut self, byte: u8) -> bool {
        if !self.input_mode(iflag::IXON) {
            return false;
        }
        if self.is(cc::VSTOP, byte) {
            self.stopped = true;
            return true;
        }
        let start = self.is(cc::VSTART, byte);
        if start || self.input_mode(iflag::IXANY) {
            self.stopped = false;
        }
        start
    }

    fn signal(&self, byte: u8) -> Option<Signal> {
        if !self.local(lflag::ISIG) {
            return None;
        }
        [(cc::VINTR, Signal::Interrupt), (cc::VQUIT, Signal::Quit), (cc::VSUSP, Signal::Suspend)]
            .into_iter()
            .find(|(index, _)| self.is(*index, byte))
            .map(|(_, signal)| signal)
    }

    fn input_canonical(&mut self, byte: u8, echo: &mut Vec<u8>) {
        let extended = self.local(lflag::IEXTEN);
        if self.is(cc::VERASE, byte) {
            self.erase_char(echo);
        } else if self.is(cc::VKILL, byte) {
            self.kill_line(byte, echo);
        } else if extended && self.is(cc::VWERASE, byte) {
            self.erase_word(echo);
        } else if extended && self.is(cc::VREPRINT, byte) {
            self.echo_byte(byte, echo);
            self.output.process(&self.termios, b"\n", echo);
            let line = core::mem::take(&mut self.edit);
            line.iter().for_each(|b| self.echo_byte(*b, echo));
            self.edit = line;
        } else if extended && self.is(cc::VLNEXT, byte) {
            self.literal = true;
            if self.local(lflag::ECHO) && self.local(lflag::ECHOCTL) {
                self.output.process(&self.termios, b"^\x08", echo);
            }
        } else if self.is(cc::VEOF, byte) {
            self.finish_line();
        } else if byte == b'\n' {
            if self.local(lflag::ECHO) || self.local(lflag::ECHONL) {
                self.output.process(&self.termios, b"\n", echo);
            }
            self.edit.push(byte);
            self.finish_line();
        } else if self.is(cc::VEOL, byte) || extended && self.is(cc::VEOL2, byte) {
            self.store(byte, echo);
            self.finish_line();
        } else {
            self.store(byte, echo);
        }
    }

    fn finish_line(&mut self) {
        self.lines.push_back(self.edit.len());
        self.ready.extend(self.edit.drain(..));
    }

    /// Puts a byte into the line or the raw buffer and echoes it.
    fn store(&mut self, byte: u8, echo: &mut Vec<u8>) {
        // One place is kept for the newline that ends a full line.
        if self.edit.len() + self.ready.len() >= LIMIT - 1 {
            if self.input_mode(iflag::IMAXBEL) {
                echo.push(7);
            }
            return;
        }
        if self.canonical() {
            self.edit.push(byte);
        } else {
            self.ready.push_back(byte);
        }
        self.echo_byte(byte, echo);
    }

    fn echo_byte(&mut self, byte: u8, echo: &mut Vec<u8>) {
        if !self.local(lflag::ECHO) {
            return;
        }
        let control = (byte < 32 && byte != b'\t' && byte != b'\n') || byte == 127;
        if control && self.local(lflag::ECHOCTL) {
            self.output.process(&self.termios, &[b'^', byte ^ 0x40], echo);
        } else {
            self.output.process(&self.termios, &[byte], echo);
        }
    }

    /// Columns that the echo of `byte` took.
    fn echo_width(&self, byte: u8) -> usize {
        let continuation = self.input_mode(iflag::IUTF8) && byte & 0xc0 == 0x80;
        match byte {
            _ if continuation => 0,
            0..32 | 127 if self.local(lflag::ECHOCTL) => 2,
            0..32 | 127 => 0,
            _ => 1,
        }
    }

    /// Removes the last character (all its bytes under IUTF8); gives the columns it took.
    fn pop_char(&mut self) -> Option<usize> {
        let mut width = 0;
        loop {
            let byte = self.edit.pop()?;
            width += self.echo_width(byte);
            if !(self.input_mode(iflag::IUTF8) && byte & 0xc0 == 0x80) {
                return Some(width);
            }
        }
    }

    fn rub_out(&mut self, columns: usize, echo: &mut Vec<u8>) {
        for _ in 0..columns {
            self.output.process(&self.termios, b"\x08 \x08", echo);
        }
    }

    fn erase_char(&mut self, echo: &mut Vec<u8>) {
        let Some(columns) = self.pop_char() else { return };
        if self.local(lflag::ECHO) {
            if self.local(lflag::ECHOE) {
                self.rub_out(columns, echo);
            } else {
                let erase = self.termios.c_cc[cc::VERASE];
                self.echo_byte(erase, echo);
            }
        }
    }

    fn erase_word(&mut self, echo: &mut Vec<u8>) {
        let is_word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_' || *b >= 0x80;
        let mut seen_word = false;
        let mut columns = 0;
        while let Some(last) = self.edit.last() {
            if is_word(last) {
                seen_word = true;
            } else if seen_word {
                break;
            }
            columns += self.pop_char().unwrap_or(0);
        }
        if self.local(lflag::ECHO) && self.local(lflag::ECHOE) {
            self.rub_out(columns, echo);
        }
    }

    fn kill_line(&mut self, byte: u8, echo: &mut Vec<u8>) {
        if !self.local(lflag::ECHO) {
            self.edit.clear();
        } else if self.local(lflag::ECHOK) && self.local(lflag::ECHOKE) && self.local(lflag::ECHOE) {
            while let Some(columns) = self.pop_char() {
                self.rub_out(columns, echo);
            }
        } else {
            self.edit.clear();
            self.echo_byte(byte, echo);
            if self.local(lflag::ECHOK) {
                self.output.process(&self.termios, b"\n", echo);
            }
        }
    }

    /// Bytes a read would find at once.
    pub fn available(&self) -> usize {
        if self.canonical() { self.lines.front().copied().unwrap_or(0) } else { self.ready.len() }
    }

    /// Whether a read would return at once: a line in canonical mode, VMIN bytes in raw mode (at least one).
    pub fn readable(&self) -> bool {
        if self.canonical() {
            return !self.lines.is_empty();
        }
        let min = if self.termios.c_cc[cc::VTIME] == 0 { usize::from(self.termios.c_cc[cc::VMIN]) } else { 1 };
        self.ready.len() >= min.max(1)
    }

    /// VMIN and VTIME (tenths of a second) when raw, `None` in canonical mode.
    pub fn raw_limits(&self) -> Option<(usize, u8)> {
        (!self.canonical()).then(|| (usize::from(self.termios.c_cc[cc::VMIN]), self.termios.c_cc[cc::VTIME]))
    }

    /// Moves up to `dst.len()` bytes to the reader: the rest of one line in canonical mode, whatever is there in raw mode. `Some(0)` in canonical mode is an end of
    /// file; `None`: nothing to read.
    pub fn read(&mut self, dst: &mut [u8]) -> Option<usize> {
        let whole = if self.canonical() { self.lines.front().copied()? } else { self.ready.len() };
        if whole == 0 && !self.canonical() {
            return None;
        }
        let count = whole.min(dst.len());
        for slot in &mut dst[..count] {
            *slot = self.ready.pop_front().unwrap_or(0);
        }
        if self.canonical() {
            if count == whole {
                self.lines.pop_front();
            } else if let Some(line) = self.lines.front_mut() {
                *line -= count;
            }
        }
        Some(count)
    }

    /// Processes a program's output (OPOST) into `out`.
    pub fn write(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        self.output.process(&self.termios, bytes, out);
    }
}

impl Default for Discipline {
    fn default() -> Self {
        Discipline::new()
    }
}

#[cfg(test)]
mod tests;
