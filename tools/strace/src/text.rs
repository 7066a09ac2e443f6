//! Strings, buffers and sets of flags as strace(1) writes them.

use std::fmt::Write;

/// Bytes of a buffer or string that are shown, as strace's default.
pub const SHOWN: usize = 32;
/// Bytes of a path that are shown.
const PATH_SHOWN: usize = 4096;

/// A named value.
pub type Name = (u64, &'static str);

/// `"text"`, with strace's escapes: octal, as short as what follows allows.
pub fn quoted(bytes: &[u8]) -> String {
    let mut out = String::from("\"");
    for (i, &byte) in bytes.iter().enumerate() {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(byte)]),
            b'\n' => out.push_str("\\n"),
            b'\t' => out.push_str("\\t"),
            b'\r' => out.push_str("\\r"),
            0x0b => out.push_str("\\v"),
            0x0c => out.push_str("\\f"),
            0x20..0x7f => out.push(char::from(byte)),
            _ => {
                let digit_follows = bytes.get(i + 1).is_some_and(|next| matches!(next, b'0'..=b'7'));
                let _ = if digit_follows { write!(out, "\\{byte:03o}") } else { write!(out, "\\{byte:o}") };
            }
        }
    }
    out.push('"');
    out
}

/// The first bytes of a buffer of `len`, with dots when there are more.
pub fn buffer(known: &[u8], len: u64) -> String {
    let len = usize::try_from(len).unwrap_or(usize::MAX);
    let shown = known.len().min(len).min(SHOWN);
    format!("{}{}", quoted(&known[..shown]), if shown < len { "..." } else { "" })
}

/// A string that ends in NUL.
pub fn string(known: &[u8]) -> String {
    match known.iter().position(|&b| b == 0) {
        Some(end) => quoted(&known[..end.min(PATH_SHOWN)]),
        None => format!("{}...", quoted(known)),
    }
}

/// Names of the set bits joined by `|`, then what has no name. `zero` stands for no bits.
pub fn flags(value: u64, names: &[Name], zero: &str) -> String {
    let mut rest = value;
    let mut out = Vec::new();
    for &(bits, name) in names {
        // Names of several bits stand before those of their parts.
        if bits != 0 && rest & bits == bits {
            out.push(name.to_string());
            rest &= !bits;
        }
    }
    if rest != 0 {
        out.push(format!("{rest:#x}"));
    }
    if out.is_empty() { zero.to_string() } else { out.join("|") }
}

/// The name of a value, or the value in hex with a comment that says what it should have been.
pub fn one(value: u64, names: &[Name], what: &str) -> String {
    match names.iter().find(|(v, _)| *v == value) {
        Some((_, name)) => (*name).to_string(),
        None => format!("{value:#x} /* {what} */"),
    }
}

/// An address.
pub fn address(value: u64) -> String {
    if value == 0 { "NULL".to_string() } else { format!("{value:#x}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_strace_s() {
        assert_eq!(quoted(b"\x7fELF\x02\x01\x01\0\n"), "\"\\177ELF\\2\\1\\1\\0\\n\"");
        assert_eq!(quoted(b"\x001\x008"), "\"\\0001\\08\"");
        assert_eq!(quoted(b"a\"b\\c"), "\"a\\\"b\\\\c\"");
        assert_eq!(buffer(&[b'x'; 64], 64), format!("\"{}\"...", "x".repeat(32)));
        assert_eq!(buffer(b"abc", 3), "\"abc\"");
        assert_eq!(string(b"/etc\0junk"), "\"/etc\"");
        assert_eq!(string(b"cut"), "\"cut\"...");
    }

    #[test]
    fn sets_name_what_they_know() {
        let names = [(6, "BOTH"), (2, "TWO"), (1, "ONE")];
        assert_eq!(flags(7, &names, "0"), "BOTH|ONE");
        assert_eq!(flags(0x12, &names, "0"), "TWO|0x10");
        assert_eq!(flags(0, &names, "NONE"), "NONE");
        assert_eq!(one(9, &names, "X_???"), "0x9 /* X_??? */");
    }
}
