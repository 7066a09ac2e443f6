//! Output processing: OPOST and its friends. The column is kept for tabs and ONOCR.

use alloc::vec::Vec;

use abi::tty::{Termios, oflag};

/// Where the cursor is.
pub struct Output {
    column: usize,
}

impl Output {
    /// At the left margin.
    pub const fn new() -> Output {
        Output { column: 0 }
    }

    /// Appends what the device should get for `bytes`.
    pub fn process(&mut self, termios: &Termios, bytes: &[u8], out: &mut Vec<u8>) {
        let mode = |flag: u32| termios.c_oflag & flag != 0;
        if !mode(oflag::OPOST) {
            out.extend_from_slice(bytes);
            return;
        }
        for &byte in bytes {
            match byte {
                b'\n' => {
                    if mode(oflag::ONLCR) {
                        out.push(b'\r');
                    }
                    out.push(b'\n');
                    if mode(oflag::ONLCR) || mode(oflag::ONLRET) {
                        self.column = 0;
                    }
                }
                b'\r' if mode(oflag::ONOCR) && self.column == 0 => {}
                b'\r' if mode(oflag::OCRNL) => out.push(b'\n'),
                b'\r' => {
                    out.push(b'\r');
                    self.column = 0;
                }
                b'\t' => {
                    let spaces = 8 - self.column % 8;
                    if termios.c_oflag & oflag::TABDLY == oflag::XTABS {
                        out.extend(core::iter::repeat_n(b' ', spaces));
                    } else {
                        out.push(b'\t');
                    }
                    self.column += spaces;
                }
                8 => {
                    out.push(8);
                    self.column = self.column.saturating_sub(1);
                }
                _ => {
                    out.push(byte);
                    // Control characters and UTF-8 continuation bytes take no column.
                    if byte >= 32 && byte & 0xc0 != 0x80 {
                        self.column += 1;
                    }
                }
            }
        }
    }
}

impl Default for Output {
    fn default() -> Self {
        Output::new()
    }
}
