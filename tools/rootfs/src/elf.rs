//! What the dynamic loader reads of an ELF file: interpreter, needed libraries, search paths.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use elfhdr::{HEADER_LEN, Kind, PHENT_LEN, Segment};

/// `PT_DYNAMIC`.
const PT_DYNAMIC: u32 = 2;
/// The most dynamic entries read; real files have about 40.
const MAX_DYNAMIC: u64 = 1 << 16;
/// The longest string read (PATH_MAX; RUNPATHs can be longer than a path, and what is behind is lost).
const MAX_STRING: usize = 16384;

const DT_NEEDED: u64 = 1;
const DT_STRTAB: u64 = 5;
const DT_STRSZ: u64 = 10;
const DT_SONAME: u64 = 14;
const DT_RPATH: u64 = 15;
const DT_RUNPATH: u64 = 29;
const DT_FLAGS_1: u64 = 0x6fff_fffb;
/// `DF_1_NODEFLIB`: not the default directories.
const DF_1_NODEFLIB: u64 = 0x800;

/// A program or shared library.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Elf {
    /// PT_INTERP.
    pub interp: Option<Vec<u8>>,
    /// DT_NEEDED, in order.
    pub needed: Vec<Vec<u8>>,
    /// DT_SONAME.
    pub soname: Option<Vec<u8>>,
    /// DT_RPATH, ignored by ld.so when there is a RUNPATH.
    pub rpath: Option<Vec<u8>>,
    /// DT_RUNPATH.
    pub runpath: Option<Vec<u8>>,
    /// DF_1_NODEFLIB.
    pub no_default_dirs: bool,
}

/// What the first bytes of a file say it is.
#[derive(Debug)]
pub enum Format {
    /// An ELF file for x86-64.
    Elf(Box<Elf>),
    /// A `#!` script: what follows the `#!`, up to the end of the line.
    Script(Vec<u8>),
    /// An ELF file that is not for us, or damaged; the sentence says why.
    Bad(&'static str),
    /// Anything else.
    Other,
}

/// Looks at a file.
pub fn inspect(file: &File) -> io::Result<Format> {
    let mut head = vec![0; 512];
    let len = read_up_to(file, &mut head, 0)?;
    head.truncate(len);
    if let Some(rest) = head.strip_prefix(b"#!") {
        // Linux looks at 256 bytes (BINPRM_BUF_SIZE); what is cut there, it cuts too.
        let line = rest[..rest.len().min(254)].split(|&b| b == b'\n').next().unwrap_or(rest);
        return Ok(Format::Script(line.to_vec()));
    }
    if !head.starts_with(b"\x7fELF") {
        return Ok(Format::Other);
    }
    let header = match elfhdr::header(&head) {
        Ok(header) => header,
        Err(e) => return Ok(Format::Bad(e.text())),
    };
    let mut table = vec![0; header.phnum * PHENT_LEN];
    if head.len() < HEADER_LEN || file.read_exact_at(&mut table, header.phoff).is_err() {
        return Ok(Format::Bad("the file ends inside its program headers"));
    }
    let segments: Vec<Segment> = match elfhdr::segments(&table).collect() {
        Ok(all) => all,
        Err(e) => return Ok(Format::Bad(e.text())),
    };
    Ok(read(file, &segments).map_or_else(Format::Bad, |elf| Format::Elf(Box::new(elf))))
}

fn read(file: &File, segments: &[Segment]) -> Result<Elf, &'static str> {
    let mut elf = Elf::default();
    if let Some(s) = segments.iter().find(|s| s.kind == Kind::Interp) {
        if s.file_size == 0 || s.file_size > 4096 {
            return Err("the interpreter's path has an impossible length");
        }
        let mut path = vec![0; s.file_size as usize];
        file.read_exact_at(&mut path, s.offset).map_err(|_| "the file ends inside its interpreter's path")?;
        elf.interp = Some(until_nul(&path).to_vec());
    }
    let Some(dynamic) = segments.iter().find(|s| s.kind == Kind::Other(PT_DYNAMIC)) else { return Ok(elf) };
    let mut table = vec![0; (dynamic.file_size.min(MAX_DYNAMIC * 16)) as usize / 16 * 16];
    file.read_exact_at(&mut table, dynamic.offset).map_err(|_| "the file ends inside its dynamic section")?;
    let word = |b: &[u8]| u64::from_le_bytes(b.try_into().unwrap_or_default());
    let tags: Vec<(u64, u64)> = table.chunks_exact(16).map(|c| (word(&c[..8]), word(&c[8..]))).take_while(|t| t.0 != 0).collect();
    let get = |tag| tags.iter().find(|t| t.0 == tag).map(|t| t.1);
    elf.no_default_dirs = get(DT_FLAGS_1).is_some_and(|f| f & DF_1_NODEFLIB != 0);
    let (Some(strtab), Some(strsz)) = (get(DT_STRTAB), get(DT_STRSZ)) else { return Ok(elf) };
    let base = file_offset(segments, strtab).ok_or("its string table is in no segment")?;
    let string = |at: u64| -> Result<Vec<u8>, &'static str> {
        if at >= strsz {
            return Err("a name lies outside its string table");
        }
        let mut buf = vec![0; MAX_STRING.min((strsz - at) as usize)];
        let len = read_up_to(file, &mut buf, base.saturating_add(at)).map_err(|_| "its string table cannot be read")?;
        Ok(until_nul(&buf[..len]).to_vec())
    };
    for &(tag, value) in &tags {
        match tag {
            DT_NEEDED => elf.needed.push(string(value)?),
            DT_SONAME => elf.soname = Some(string(value)?),
            DT_RPATH => elf.rpath = Some(string(value)?),
            DT_RUNPATH => elf.runpath = Some(string(value)?),
            _ => {}
        }
    }
    Ok(elf)
}

/// Virtual address to file offset.
fn file_offset(segments: &[Segment], addr: u64) -> Option<u64> {
    segments
        .iter()
        .find(|s| s.kind == Kind::Load && addr >= s.vaddr && addr - s.vaddr < s.file_size)
        .and_then(|s| s.offset.checked_add(addr - s.vaddr))
}

fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|&b| b == 0).next().unwrap_or(bytes)
}

fn read_up_to(file: &File, buf: &mut [u8], at: u64) -> io::Result<usize> {
    let mut len = 0;
    while len < buf.len() {
        match file.read_at(&mut buf[len..], at + len as u64) {
            Ok(0) => break,
            Ok(n) => len += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(len)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(name: &str, contents: &[u8]) -> Format {
        let path = std::env::temp_dir().join(format!("unox-elf-{}-{name}", std::process::id()));
        std::fs::write(&path, contents).unwrap();
        let format = inspect(&File::open(&path).unwrap()).unwrap();
        std::fs::remove_file(&path).unwrap();
        format
    }

    #[test]
    fn reads_this_test_program() {
        let me = File::open(std::env::current_exe().unwrap()).unwrap();
        let Format::Elf(elf) = inspect(&me).unwrap() else { panic!("not ELF?") };
        assert!(elf.needed.iter().any(|n| n.starts_with(b"libc.so")), "{elf:?}");
        assert!(elf.interp.unwrap().starts_with(b"/lib"));
    }

    #[test]
    fn garbage_is_told_apart() {
        assert!(matches!(bytes("empty", b""), Format::Other));
        assert!(matches!(bytes("short", b"\x7fELF"), Format::Bad(_)));
        assert!(matches!(bytes("sh", b"#! /bin/sh -e\nexit"), Format::Script(s) if s == b" /bin/sh -e"));
        let me = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        for len in (0..4096).step_by(61) {
            bytes("cut", &me[..len]);
        }
        let mut seed = 12345u64;
        for _ in 0..200 {
            let mut bad = me[..me.len().min(8192)].to_vec();
            for _ in 0..8 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let at = 4 + (seed >> 33) as usize % 900;
                bad[at] = (seed >> 20) as u8;
            }
            bytes("bad", &bad);
        }
    }
}
