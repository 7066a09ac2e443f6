//! ELF64 little-endian x86-64 headers as a program loader reads them (System V ABI, gABI chapter 4 and 5).
//!
//! Every number comes from a file that may be hostile: sizes and sums are checked here once, so that the loader can add without fear.
#![no_std]
#![forbid(unsafe_code)]

/// Bytes of the file header.
pub const HEADER_LEN: usize = 64;
/// Bytes of one program header.
pub const PHENT_LEN: usize = 56;
/// More program headers than this are refused, as Linux does (64 KiB of them).
pub const MAX_PHNUM: usize = 65536 / PHENT_LEN;

/// Why a file is not a program for us; the sentence is for the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// Not an ELF file at all.
    NotElf,
    /// Another word size, byte order or machine.
    WrongMachine,
    /// Neither an executable nor a position-independent one.
    NotExecutable,
    /// A header points outside the file or contradicts itself.
    Malformed(&'static str),
}

impl Error {
    /// What is wrong, for a message.
    pub fn text(self) -> &'static str {
        match self {
            Error::NotElf => "not an ELF file",
            Error::WrongMachine => "an ELF file for another machine (x86-64 is needed)",
            Error::NotExecutable => "an ELF file that is not a program (object file or core dump)",
            Error::Malformed(what) => what,
        }
    }
}

/// What a loader needs of the file header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Position-independent (ET_DYN) or at fixed addresses (ET_EXEC).
    pub position_independent: bool,
    /// Entry point, before relocation.
    pub entry: u64,
    /// File offset of the program headers.
    pub phoff: u64,
    /// How many there are.
    pub phnum: usize,
}

/// Segment types a loader looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// To be mapped.
    Load,
    /// The path of the interpreter.
    Interp,
    /// The program headers' own place in memory.
    Phdr,
    /// Thread-local storage template.
    Tls,
    /// Stack permissions.
    GnuStack,
    /// Anything else.
    Other(u32),
}

/// One program header, checked: `offset + file_size` and `vaddr + mem_size` do not overflow and `file_size <= mem_size` for loads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// Its type.
    pub kind: Kind,
    /// Readable.
    pub read: bool,
    /// Writable.
    pub write: bool,
    /// Executable.
    pub exec: bool,
    /// Where its bytes are in the file.
    pub offset: u64,
    /// Where it wants to be in memory.
    pub vaddr: u64,
    /// Bytes from the file.
    pub file_size: u64,
    /// Bytes in memory; the rest is zero.
    pub mem_size: u64,
    /// Alignment, a power of two or 0.
    pub align: u64,
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).and_then(|b| b.try_into().ok()).map_or(0, u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).map_or(0, u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + 8).and_then(|b| b.try_into().ok()).map_or(0, u64::from_le_bytes)
}

/// Reads the file header from the first bytes of a file.
pub fn header(bytes: &[u8]) -> Result<Header, Error> {
    const ELFCLASS64: u8 = 2;
    const ELFDATA2LSB: u8 = 1;
    const EM_X86_64: u16 = 62;
    if bytes.len() < 4 || bytes[..4] != *b"\x7fELF" {
        return Err(Error::NotElf);
    }
    if bytes.len() < HEADER_LEN {
        return Err(Error::Malformed("the file ends inside its ELF header"));
    }
    if bytes[4] != ELFCLASS64 || bytes[5] != ELFDATA2LSB || u16_at(bytes, 18) != EM_X86_64 {
        return Err(Error::WrongMachine);
    }
    let position_independent = match u16_at(bytes, 16) {
        2 => false,
        3 => true,
        _ => return Err(Error::NotExecutable),
    };
    let phnum = usize::from(u16_at(bytes, 56));
    if usize::from(u16_at(bytes, 54)) != PHENT_LEN {
        return Err(Error::Malformed("program headers of an unknown size"));
    }
    if phnum == 0 || phnum > MAX_PHNUM {
        return Err(Error::Malformed("no program headers, or too many"));
    }
    Ok(Header { position_independent, entry: u64_at(bytes, 24), phoff: u64_at(bytes, 32), phnum })
}

/// Reads one program header from its [`PHENT_LEN`] bytes.
pub fn segment(bytes: &[u8]) -> Result<Segment, Error> {
    if bytes.len() < PHENT_LEN {
        return Err(Error::Malformed("the file ends inside its program headers"));
    }
    let flags = u32_at(bytes, 4);
    let segment = Segment {
        kind: match u32_at(bytes, 0) {
            1 => Kind::Load,
            3 => Kind::Interp,
            6 => Kind::Phdr,
            7 => Kind::Tls,
            0x6474_e551 => Kind::GnuStack,
            other => Kind::Other(other),
        },
        exec: flags & 1 != 0,
        write: flags & 2 != 0,
        read: flags & 4 != 0,
        offset: u64_at(bytes, 8),
        vaddr: u64_at(bytes, 16),
        file_size: u64_at(bytes, 32),
        mem_size: u64_at(bytes, 40),
        align: u64_at(bytes, 48),
    };
    check(segment)
}

fn check(segment: Segment) -> Result<Segment, Error> {
    if segment.offset.checked_add(segment.file_size).is_none() || segment.vaddr.checked_add(segment.mem_size).is_none() {
        return Err(Error::Malformed("a segment wraps around"));
    }
    if segment.kind == Kind::Load {
        if segment.file_size > segment.mem_size {
            return Err(Error::Malformed("a segment has more bytes in the file than in memory"));
        }
        if (segment.vaddr ^ segment.offset) & 0xfff != 0 {
            return Err(Error::Malformed("a segment's address and file offset differ within a page"));
        }
    }
    Ok(segment)
}

/// The segments in a table of program headers.
pub fn segments(table: &[u8]) -> impl Iterator<Item = Result<Segment, Error>> + '_ {
    table.chunks_exact(PHENT_LEN).map(segment)
}

/// The span of memory that the loadable segments cover and their greatest alignment: (lowest, end, align); `None` when there is none.
pub fn span(table: &[u8]) -> Result<Option<(u64, u64, u64)>, Error> {
    let mut span: Option<(u64, u64, u64)> = None;
    for segment in segments(table) {
        let segment = segment?;
        if segment.kind != Kind::Load || segment.mem_size == 0 {
            continue;
        }
        let align = if segment.align.is_power_of_two() { segment.align } else { 1 };
        let (low, high, most) = span.unwrap_or((u64::MAX, 0, 1));
        span = Some((low.min(segment.vaddr), high.max(segment.vaddr + segment.mem_size), most.max(align)));
    }
    Ok(span)
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::vec;
    use std::vec::Vec;

    fn file() -> Vec<u8> {
        let mut bytes = vec![0u8; HEADER_LEN + PHENT_LEN];
        bytes[..6].copy_from_slice(b"\x7fELF\x02\x01");
        bytes[16] = 3;
        bytes[18] = 62;
        bytes[32] = 64;
        bytes[54] = 56;
        bytes[56] = 1;
        let ph = &mut bytes[HEADER_LEN..];
        ph[0] = 1;
        ph[4] = 5;
        ph[16..24].copy_from_slice(&0x1000u64.to_le_bytes());
        ph[32..40].copy_from_slice(&0x10u64.to_le_bytes());
        ph[40..48].copy_from_slice(&0x20u64.to_le_bytes());
        ph[48..56].copy_from_slice(&0x1000u64.to_le_bytes());
        bytes
    }

    #[test]
    fn reads_a_small_program() {
        let bytes = file();
        let header = header(&bytes).unwrap();
        assert!(header.position_independent);
        assert_eq!(header.phnum, 1);
        assert_eq!(span(&bytes[HEADER_LEN..]).unwrap(), Some((0x1000, 0x1020, 0x1000)));
    }

    #[test]
    fn refuses_what_is_not_a_program() {
        assert_eq!(header(b"#!/bin/sh"), Err(Error::NotElf));
        assert!(matches!(header(&file()[..30]), Err(Error::Malformed(_))));
        let mut other = file();
        other[18] = 40;
        assert_eq!(header(&other), Err(Error::WrongMachine));
        let mut object = file();
        object[16] = 1;
        assert_eq!(header(&object), Err(Error::NotExecutable));
    }

    #[test]
    fn refuses_numbers_that_wrap() {
        let mut bytes = file();
        bytes[HEADER_LEN + 40..HEADER_LEN + 48].copy_from_slice(&u64::MAX.to_le_bytes());
        assert!(matches!(segment(&bytes[HEADER_LEN..]), Err(Error::Malformed(_))));
        assert!(matches!(segment(&bytes[HEADER_LEN..HEADER_LEN + 10]), Err(Error::Malformed(_))));
    }
}
