//! /etc/ld.so.cache: the map from library names to paths that ldconfig writes. Only the format of glibc 2.2 and later
//! (`glibc-ld.so.cache1.1`), alone or behind the old one. Source: glibc `sysdeps/generic/dl-cache.h`.

const MAGIC: &[u8] = b"glibc-ld.so.cache1.1";
const OLD_MAGIC: &[u8] = b"ld.so-1.7.0\0";
/// magic, count, string bytes, flags, extension offset, padding.
const HEADER: usize = 48;
const ENTRY: usize = 24;
const OLD_ENTRY: usize = 12;
/// `FLAG_ELF_LIBC6 | FLAG_X8664_LIB64`.
const FLAGS_X86_64: u32 = 0x0303;

/// A parsed cache.
#[derive(Clone, Debug, Default)]
pub struct LdCache {
    bytes: Vec<u8>,
    /// Offset of the new-format header: string offsets count from it.
    base: usize,
    count: usize,
}

impl LdCache {
    /// Takes the bytes of a cache; a cache that cannot be understood is an empty one, as for ld.so.
    pub fn parse(bytes: Vec<u8>) -> LdCache {
        let base = Self::find(&bytes);
        let count = base.and_then(|b| Some((b, le32(&bytes, b + 20)? as usize)));
        match count {
            Some((base, count)) if count <= (bytes.len() - base) / ENTRY => LdCache { bytes, base, count },
            _ => LdCache::default(),
        }
    }

    fn find(bytes: &[u8]) -> Option<usize> {
        if bytes.starts_with(MAGIC) {
            return Some(0);
        }
        if !bytes.starts_with(OLD_MAGIC) {
            return None;
        }
        // The new format follows the old table, aligned to 8.
        let old = usize::try_from(le32(bytes, 12)?).ok()?;
        let at = old.checked_mul(OLD_ENTRY)?.checked_add(16)?.next_multiple_of(8);
        bytes.get(at..)?.starts_with(MAGIC).then_some(at)
    }

    fn string(&self, offset: u32) -> Option<&[u8]> {
        let rest = self.bytes.get(self.base.checked_add(offset as usize)?..)?;
        rest.get(..memchr::memchr(0, rest)?)
    }

    /// Every path for a library name: variants for better CPUs first, as ldconfig sorts them.
    pub fn lookup(&self, name: &[u8]) -> Vec<&[u8]> {
        (0..self.count)
            .filter_map(|i| {
                let at = self.base + HEADER + i * ENTRY;
                let flags = le32(&self.bytes, at)?;
                if flags != FLAGS_X86_64 || self.string(le32(&self.bytes, at + 4)?)? != name {
                    return None;
                }
                self.string(le32(&self.bytes, at + 8)?)
            })
            .collect()
    }
}

fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A cache with these (name, path) pairs.
    pub fn make(pairs: &[(&str, &str)], flags: u32) -> Vec<u8> {
        let mut strings = Vec::new();
        let mut entries = Vec::new();
        let start = HEADER + pairs.len() * ENTRY;
        for (name, path) in pairs {
            entries.extend_from_slice(&flags.to_le_bytes());
            for text in [name, path] {
                entries.extend_from_slice(&((start + strings.len()) as u32).to_le_bytes());
                strings.extend_from_slice(text.as_bytes());
                strings.push(0);
            }
            entries.extend_from_slice(&[0; 12]);
        }
        let mut out = MAGIC.to_vec();
        out.extend_from_slice(&(pairs.len() as u32).to_le_bytes());
        out.extend_from_slice(&(strings.len() as u32).to_le_bytes());
        out.resize(HEADER, 0);
        out.extend(entries);
        out.extend(strings);
        out
    }

    #[test]
    fn finds_all_variants() {
        let bytes =
            make(&[("liba.so.1", "/lib/glibc-hwcaps/x86-64-v3/liba.so.1"), ("liba.so.1", "/lib/liba.so.1"), ("libb.so", "/b")], 0x303);
        let cache = LdCache::parse(bytes.clone());
        assert_eq!(cache.lookup(b"liba.so.1"), [&b"/lib/glibc-hwcaps/x86-64-v3/liba.so.1"[..], b"/lib/liba.so.1"]);
        assert_eq!(cache.lookup(b"libb.so"), [b"/b"]);
        assert!(cache.lookup(b"libc.so").is_empty());
        let mut old = OLD_MAGIC.to_vec();
        old.extend_from_slice(&1u32.to_le_bytes());
        old.extend_from_slice(&[0; 12]);
        old.resize(old.len().next_multiple_of(8), 0);
        old.extend(bytes);
        assert_eq!(LdCache::parse(old).lookup(b"libb.so"), [b"/b"]);
        assert!(LdCache::parse(make(&[("x", "/x")], 0x3)).lookup(b"x").is_empty(), "32-bit entries");
    }

    #[test]
    fn garbage_is_empty() {
        let good = make(&[("liba.so.1", "/lib/liba.so.1")], 0x303);
        for len in 0..good.len() {
            assert!(LdCache::parse(good[..len].to_vec()).lookup(b"liba.so.1").is_empty());
        }
        let mut bad = good.clone();
        bad[20..24].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(LdCache::parse(bad).lookup(b"liba.so.1").is_empty());
        for at in 20..good.len() {
            let mut bad = good.clone();
            bad[at] = 0xff;
            LdCache::parse(bad).lookup(b"liba.so.1");
        }
    }

    #[test]
    fn the_hosts_own_cache_has_the_c_library() {
        let Ok(bytes) = std::fs::read("/etc/ld.so.cache") else { return };
        assert!(!LdCache::parse(bytes).lookup(b"libc.so.6").is_empty());
    }
}
