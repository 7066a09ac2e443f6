//! One component of a path, found and hashed in one pass, eight bytes at a time: a path walk visits every byte of its path, so this loop
//! is the price of open(2) and stat(2).

const SLASHES: u64 = 0x2f2f_2f2f_2f2f_2f2f;
const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;
const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

/// A component: its length and hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Component {
    /// Bytes up to the next slash or the end.
    pub len: usize,
    /// Hash of those bytes, equal to [`hash_name`] of them.
    pub hash: u64,
}

#[inline(always)]
fn mix(hash: u64, word: u64) -> u64 {
    (hash.rotate_left(23) ^ word).wrapping_mul(MULTIPLIER)
}

/// The first component of `path`, which must not start with a slash (the length is then 0).
#[inline]
pub fn component(path: &[u8]) -> Component {
    let mut hash = 0;
    let mut at = 0;
    while let Some(chunk) = path[at..].first_chunk::<8>() {
        let word = u64::from_le_bytes(*chunk);
        let diff = word ^ SLASHES;
        // The lowest set bit marks the first slash: a borrow can only disturb bytes above it.
        let found = diff.wrapping_sub(ONES) & !diff & HIGHS;
        if found != 0 {
            let bytes = (found.trailing_zeros() / 8) as usize; // at most 7
            if bytes > 0 {
                hash = mix(hash, word & !(u64::MAX << (8 * bytes)));
            }
            return Component { len: at + bytes, hash: finish(hash) };
        }
        hash = mix(hash, word);
        at += 8;
    }
    let mut word = 0;
    let mut shift = 0;
    for &byte in &path[at..] {
        if byte == b'/' {
            break;
        }
        word |= u64::from(byte) << shift;
        shift += 8;
    }
    if shift > 0 {
        hash = mix(hash, word);
        at += (shift / 8) as usize; // at most 7
    }
    Component { len: at, hash: finish(hash) }
}

#[inline(always)]
fn finish(hash: u64) -> u64 {
    hash ^ hash >> 32
}

/// The hash of a whole name (which holds no slash).
pub fn hash_name(name: &[u8]) -> u64 {
    component(name).hash
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::vec::Vec;

    fn split(path: &str) -> Vec<&str> {
        let mut out = Vec::new();
        let mut rest = path.as_bytes();
        while !rest.is_empty() {
            let c = component(rest);
            out.push(std::str::from_utf8(&rest[..c.len]).unwrap());
            rest = &rest[c.len..];
            rest = rest.strip_prefix(b"/").unwrap_or(rest);
        }
        out
    }

    #[test]
    fn splits_at_every_length() {
        for n in 0..40 {
            let name: std::string::String = (0..n).map(|i| char::from(b'a' + i as u8 % 26)).collect();
            let path = std::format!("{name}/tail");
            let c = component(path.as_bytes());
            assert_eq!(c.len, n);
            assert_eq!(c, component(name.as_bytes()), "the hash is that of the bytes before the slash");
        }
        assert_eq!(split("usr/lib/x86_64-linux-gnu/libc.so.6"), ["usr", "lib", "x86_64-linux-gnu", "libc.so.6"]);
    }

    #[test]
    fn bytes_near_the_slash_do_not_confuse() {
        // 0x2e and 0x30 are the neighbours of '/', 0xaf is '/' with the top bit.
        let odd = [0x2e, 0x30, 0xaf, 0x2e, 0x80, 0xff, 0x00, 0x01, 0x30, b'/', b'x'];
        assert_eq!(component(&odd).len, 9);
        assert_eq!(component(b"/abcdefgh").len, 0);
    }

    #[test]
    fn different_names_differ() {
        let mut seen = std::collections::HashSet::new();
        for i in 0..20000 {
            assert!(seen.insert(hash_name(std::format!("file{i}").as_bytes())));
        }
    }
}
