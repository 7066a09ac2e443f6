//! The first stack of a program (System V ABI for x86-64, 3.4.1; Linux fs/binfmt_elf.c), as one block of bytes that ends at the stack's top:
//!
//! ```text
//! rsp -> argc | argv... 0 | envp... 0 | auxv... AT_NULL 0 | padding | 16 random bytes | "x86_64" | argv strings | envp strings | execfn | 8 zero bytes
//! ```
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

use alloc::vec::Vec;

/// Keys of the auxiliary vector (getauxval(3)).
#[allow(missing_docs)] // getauxval(3) has each
pub mod at {
    pub const NULL: u64 = 0;
    pub const PHDR: u64 = 3;
    pub const PHENT: u64 = 4;
    pub const PHNUM: u64 = 5;
    pub const PAGESZ: u64 = 6;
    pub const BASE: u64 = 7;
    pub const FLAGS: u64 = 8;
    pub const ENTRY: u64 = 9;
    pub const UID: u64 = 11;
    pub const EUID: u64 = 12;
    pub const GID: u64 = 13;
    pub const EGID: u64 = 14;
    pub const PLATFORM: u64 = 15;
    pub const HWCAP: u64 = 16;
    pub const CLKTCK: u64 = 17;
    pub const SECURE: u64 = 23;
    pub const RANDOM: u64 = 25;
    pub const HWCAP2: u64 = 26;
    pub const RSEQ_FEATURE_SIZE: u64 = 27;
    pub const RSEQ_ALIGN: u64 = 28;
    pub const EXECFN: u64 = 31;
    pub const SYSINFO_EHDR: u64 = 33;
    pub const MINSIGSTKSZ: u64 = 51;
}

/// What goes onto the stack.
pub struct Start<'a> {
    /// Address just past the stack's last byte, 16-byte aligned.
    pub top: u64,
    /// The arguments.
    pub argv: &'a [&'a [u8]],
    /// The environment.
    pub envp: &'a [&'a [u8]],
    /// The path as it was executed (AT_EXECFN).
    pub execfn: &'a [u8],
    /// For AT_RANDOM.
    pub random: [u8; 16],
    /// The other entries of the auxiliary vector, without AT_RANDOM, AT_EXECFN, AT_PLATFORM and AT_NULL.
    pub auxv: &'a [(u64, u64)],
}

/// The finished block.
pub struct Block {
    /// Its bytes, to be written at `sp`.
    pub bytes: Vec<u8>,
    /// The first stack pointer, 16-byte aligned.
    pub sp: u64,
    /// Addresses of the first argument's first byte and of the byte after the last one's NUL (/proc/self/cmdline).
    pub args: (u64, u64),
    /// The same for the environment.
    pub envs: (u64, u64),
    /// Address and length of the auxiliary vector (/proc/self/auxv).
    pub auxv: (u64, usize),
}

/// The strings do not fit into `limit` bytes (E2BIG).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooBig;

/// Lays the block out. `limit` bounds its size, as Linux bounds it by a quarter of the stack limit.
pub fn build(start: &Start<'_>, limit: usize) -> Result<Block, TooBig> {
    let string_bytes = |list: &[&[u8]]| list.iter().try_fold(0usize, |sum, s| sum.checked_add(s.len() + 1));
    let strings = string_bytes(start.argv).zip(string_bytes(start.envp)).and_then(|(a, e)| a.checked_add(e)).ok_or(TooBig)?;
    let tail = 16 + PLATFORM.len() + strings.saturating_add(start.execfn.len() + 1 + 8);
    let words = 1 + start.argv.len() + 1 + start.envp.len() + 1 + 2 * (start.auxv.len() + 4);
    if tail.saturating_add(words.saturating_mul(8)) > limit {
        return Err(TooBig);
    }
    let tail_at = (start.top - tail as u64) & !15; // widening
    let sp = (tail_at - words as u64 * 8) & !15;
    let mut out = Writer { bytes: Vec::with_capacity((start.top - sp) as usize), base: sp }; // bounded by `limit`

    let random_at = tail_at;
    let platform_at = random_at + 16;
    let args_at = platform_at + PLATFORM.len() as u64;
    let envs_at = args_at + string_bytes(start.argv).unwrap_or(0) as u64;
    let execfn_at = envs_at + string_bytes(start.envp).unwrap_or(0) as u64;

    out.word(start.argv.len() as u64);
    out.pointers(start.argv, args_at);
    out.pointers(start.envp, envs_at);
    let auxv_at = out.here();
    let own = [(at::RANDOM, random_at), (at::EXECFN, execfn_at), (at::PLATFORM, platform_at), (at::NULL, 0)];
    for (key, value) in start.auxv.iter().chain(&own) {
        out.word(*key);
        out.word(*value);
    }
    let auxv_len = (out.here() - auxv_at) as usize; // bounded by `limit`
    out.pad_to(random_at);
    out.bytes.extend_from_slice(&start.random);
    out.bytes.extend_from_slice(PLATFORM);
    out.strings(start.argv);
    out.strings(start.envp);
    out.strings(&[start.execfn]);
    out.pad_to(start.top);
    Ok(Block { bytes: out.bytes, sp, args: (args_at, envs_at), envs: (envs_at, execfn_at), auxv: (auxv_at, auxv_len) })
}

const PLATFORM: &[u8] = b"x86_64\0";

struct Writer {
    bytes: Vec<u8>,
    base: u64,
}

impl Writer {
    fn here(&self) -> u64 {
        self.base + self.bytes.len() as u64 // widening
    }

    fn word(&mut self, value: u64) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    /// Pointers to strings that stand one after another from `at` on, and a null pointer.
    fn pointers(&mut self, list: &[&[u8]], mut at: u64) {
        for string in list {
            self.word(at);
            at += string.len() as u64 + 1; // widening
        }
        self.word(0);
    }

    fn strings(&mut self, list: &[&[u8]]) {
        for string in list {
            self.bytes.extend_from_slice(string);
            self.bytes.push(0);
        }
    }

    fn pad_to(&mut self, address: u64) {
        while self.here() < address {
            self.bytes.push(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(block: &Block, index: usize) -> u64 {
        u64::from_le_bytes(block.bytes[index * 8..index * 8 + 8].try_into().unwrap())
    }

    fn string(block: &Block, at: u64) -> &[u8] {
        let from = (at - block.sp) as usize;
        let len = block.bytes[from..].iter().position(|b| *b == 0).unwrap();
        &block.bytes[from..from + len]
    }

    #[test]
    fn the_block_is_what_a_c_library_expects() {
        let start = Start {
            top: 0x7fff_ffff_e000,
            argv: &[b"prog", b"-x"],
            envp: &[b"A=1"],
            execfn: b"/bin/prog",
            random: [7; 16],
            auxv: &[(at::PAGESZ, 4096)],
        };
        let block = build(&start, 1 << 16).unwrap();
        assert_eq!(block.sp % 16, 0);
        assert_eq!(block.sp + block.bytes.len() as u64, start.top);
        assert_eq!(word(&block, 0), 2);
        assert_eq!(string(&block, word(&block, 1)), b"prog");
        assert_eq!(string(&block, word(&block, 2)), b"-x");
        assert_eq!(word(&block, 3), 0);
        assert_eq!(string(&block, word(&block, 4)), b"A=1");
        assert_eq!(word(&block, 5), 0);
        assert_eq!((word(&block, 6), word(&block, 7)), (at::PAGESZ, 4096));
        assert_eq!(word(&block, 8), at::RANDOM);
        assert_eq!(block.bytes[(word(&block, 9) - block.sp) as usize..][..16], [7; 16]);
        assert_eq!(string(&block, word(&block, 11)), b"/bin/prog");
        assert_eq!(string(&block, word(&block, 13)), b"x86_64");
        assert_eq!((word(&block, 14), word(&block, 15)), (at::NULL, 0));
        assert_eq!(block.auxv, (block.sp + 48, 80));
        assert_eq!(block.args.1 - block.args.0, 8);
    }

    #[test]
    fn too_much_is_refused() {
        let long = [b'x'; 5000];
        let start = Start { top: 0x10000, argv: &[&long], envp: &[], execfn: b"x", random: [0; 16], auxv: &[] };
        assert!(matches!(build(&start, 4096), Err(TooBig)));
    }
}
