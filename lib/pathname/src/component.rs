//! One component of a path, found and hashed in one pass, eight bytes at a time: a path walk visits every byte of its path, so this loop
//! is the price of open(2) and stat(2).

const SLASHES: u64 = 0x2f2f_2f2f_2f2f_2f2f;
const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;
const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

/// A component: its length, its hash and its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Component {
    /// Bytes up to the next slash or the end.
    pub len: usize,
    /// Hash of those bytes, equal to [`hash_name`] of them.
    pub hash: u64,
    /// The first eight bytes, little-endian, zeros behind a shorter name: names of up to eight bytes are equal when this and the length are.
    pub word: u64,
}

#[inline(always)]
fn mix(hash: u64, word: u64) -> u64 {
    (hash.rotate_left(23) ^ word).wrapping_mul(MULTIPLIER)
}

/// The component at the start of `rest`, where there must be no slash (the length is then 0). `rest` is the end of `path`: bytes before it may be
/// read, which makes the last word of a path cheap.
#[inline(always)]
pub fn component(path: &[u8], rest: &[u8]) -> Component {
    let word = match rest.first_chunk::<8>() {
        Some(chunk) => u64::from_le_bytes(*chunk),
        None => last_word(path, rest),
    };
    let found = slash_in(word);
    let len = if found != 0 {
        (found.trailing_zeros() / 8) as usize // at most 7
    } else if rest.len() < 8 {
        rest.len()
    } else {
        return long(rest, word);
    };
    let word = word & !(u64::MAX << (8 * len));
    Component { len, hash: mix(0, word), word }
}

/// A component of eight bytes or more.
fn long(rest: &[u8], first: u64) -> Component {
    let mut hash = mix(0, first);
    let mut at = 8;
    while let Some(chunk) = rest.get(at..).and_then(|r| r.first_chunk::<8>()) {
        let word = u64::from_le_bytes(*chunk);
        let found = slash_in(word);
        if found != 0 {
            let bytes = (found.trailing_zeros() / 8) as usize; // at most 7
            if bytes > 0 {
                hash = mix(hash, word & !(u64::MAX << (8 * bytes)));
            }
            return Component { len: at + bytes, hash, word: first };
        }
        hash = mix(hash, word);
        at += 8;
    }
    let tail = rest.get(at..).unwrap_or(&[]);
    let word = last_word(rest, tail);
    let found = slash_in(word);
    let bytes = if found == 0 { tail.len() } else { (found.trailing_zeros() / 8) as usize }; // at most 7
    if bytes > 0 {
        hash = mix(hash, word & !(u64::MAX << (8 * bytes)));
    }
    Component { len: at + bytes, hash, word: first }
}

/// The last bytes of `path`, `tail`, which are fewer than eight: the word they end, shifted so that zeros stand for what is behind the end.
#[inline(always)]
fn last_word(path: &[u8], tail: &[u8]) -> u64 {
    match path.last_chunk::<8>() {
        Some(chunk) if !tail.is_empty() => u64::from_le_bytes(*chunk) >> (64 - 8 * tail.len()),
        _ => tail.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}

/// A bit set in the first byte that is a slash; bits of bytes behind it mean nothing (a borrow disturbs them).
#[inline(always)]
fn slash_in(word: u64) -> u64 {
    let diff = word ^ SLASHES;
    diff.wrapping_sub(ONES) & !diff & HIGHS
}

/// The hash of a whole name (which holds no slash).
pub fn hash_name(name: &[u8]) -> u64 {
    component(name, name).hash
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
            let c = component(rest, rest);
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
            let c = component(path.as_bytes(), path.as_bytes());
            assert_eq!(c.len, n);
            for lead in 1..10 {
                let long = std::format!("{}/{path}", "x".repeat(lead));
                assert_eq!(component(long.as_bytes(), &long.as_bytes()[lead + 1..]), c, "where it stands does not matter");
                let end = std::format!("{}/{name}", "x".repeat(lead));
                assert_eq!(component(end.as_bytes(), &end.as_bytes()[lead + 1..]), c);
            }
            assert_eq!(c, component(name.as_bytes(), name.as_bytes()), "the hash is that of the bytes before the slash");
        }
        assert_eq!(split("usr/lib/x86_64-linux-gnu/libc.so.6"), ["usr", "lib", "x86_64-linux-gnu", "libc.so.6"]);
    }

    #[test]
    fn bytes_near_the_slash_do_not_confuse() {
        // 0x2e and 0x30 are the neighbours of '/', 0xaf is '/' with the top bit.
        let odd = [0x2e, 0x30, 0xaf, 0x2e, 0x80, 0xff, 0x00, 0x01, 0x30, b'/', b'x'];
        assert_eq!(component(&odd, &odd).len, 9);
        assert_eq!(component(b"/abcdefgh", b"/abcdefgh").len, 0);
    }

    #[test]
    fn different_names_differ() {
        let mut seen = std::collections::HashSet::new();
        for i in 0..20000 {
            assert!(seen.insert(hash_name(std::format!("file{i}").as_bytes())));
        }
    }
}
