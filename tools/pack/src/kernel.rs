//! The kernel's ELF file: where its memory ends, and the 64 bytes that say where the payload is.

use elfhdr::{HEADER_LEN, Kind, PHENT_LEN, Segment};

use crate::{Error, Result};

/// Starts the 64 bytes.
pub const MAGIC: &[u8; 8] = b"UNOXPAYL";
/// Their length: magic and seven numbers.
pub const RECORD_LEN: usize = 64;
const SECTION: &[u8] = b".unox.payload";
const VERSION_SECTION: &[u8] = b".unox.version";

/// Where the payload is, in guest-physical addresses. All zero before packing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// 1 when packed.
    pub version: u64,
    /// Configuration.
    pub config: u64,
    /// Its bytes.
    pub config_len: u64,
    /// Root image, 4 KiB aligned.
    pub root: u64,
    /// Its bytes.
    pub root_len: u64,
}

impl Record {
    /// The bytes in the kernel's section.
    pub fn to_bytes(self) -> [u8; RECORD_LEN] {
        let mut out = [0; RECORD_LEN];
        out[..8].copy_from_slice(MAGIC);
        let fields = [self.version, self.config, self.config_len, self.root, self.root_len];
        for (chunk, field) in out[8..].chunks_exact_mut(8).zip(fields) {
            chunk.copy_from_slice(&field.to_le_bytes());
        }
        out
    }

    fn parse(bytes: &[u8]) -> Option<Record> {
        if bytes.len() < RECORD_LEN || !bytes.starts_with(MAGIC) {
            return None;
        }
        let f = |i: usize| le64(bytes, 8 + 8 * i).unwrap_or(0);
        // The two reserved numbers tell the record from a mention of the magic in code.
        (f(0) <= 1 && f(5) == 0 && f(6) == 0).then(|| Record { version: f(0), config: f(1), config_len: f(2), root: f(3), root_len: f(4) })
    }
}

/// A kernel file, looked at.
pub struct Kernel<'k> {
    pub bytes: &'k [u8],
    /// Program headers as they are in the file.
    pub table: &'k [u8],
    pub segments: Vec<Segment>,
    /// File offset of the record.
    pub record_at: usize,
    pub record: Record,
}

impl<'k> Kernel<'k> {
    /// Looks at the (start of a) kernel's file.
    pub fn parse(bytes: &'k [u8]) -> Result<Kernel<'k>> {
        let header = elfhdr::header(bytes).map_err(|e| Error::Kernel(e.text()))?;
        let start = usize::try_from(header.phoff).unwrap_or(usize::MAX);
        let end = start.saturating_add(header.phnum * PHENT_LEN);
        let table = bytes.get(start..end).ok_or(Error::Kernel("its program headers are cut off"))?;
        let segments = elfhdr::segments(table).collect::<std::result::Result<_, _>>().map_err(|e| Error::Kernel(e.text()))?;
        let (record_at, record) = find(bytes).ok_or(Error::Kernel("it has no section .unox.payload; is it a kernel of unox?"))?;
        Ok(Kernel { bytes, table, segments, record_at, record })
    }

    /// The physical address behind the last byte it is loaded to.
    pub fn end(&self) -> u64 {
        let loads = self.table.chunks_exact(PHENT_LEN).zip(&self.segments).filter(|(_, s)| s.kind == Kind::Load);
        loads.map(|(raw, s)| physical(raw).saturating_add(s.mem_size)).max().unwrap_or(0)
    }

    /// Where `len` bytes at a physical address are in the file.
    pub fn offset_of(&self, addr: u64, len: u64) -> Option<u64> {
        self.table.chunks_exact(PHENT_LEN).zip(&self.segments).filter(|(_, s)| s.kind == Kind::Load).find_map(|(raw, s)| {
            let within = addr.checked_sub(physical(raw))?;
            let fits = within.checked_add(len)? <= s.file_size;
            fits.then(|| s.offset.checked_add(within)).flatten()
        })
    }

    /// The text of the section .unox.version.
    pub fn version(&self) -> Option<String> {
        let (at, len) = section(self.bytes, VERSION_SECTION)?;
        let text = self.bytes.get(at..at.checked_add(len)?)?;
        let text = String::from_utf8_lossy(text).trim_matches(['\0', ' ', '\n']).to_owned();
        (!text.is_empty()).then_some(text)
    }
}

/// `p_paddr` of a program header.
fn physical(raw: &[u8]) -> u64 {
    le64(raw, 24).unwrap_or(0)
}

/// The record: in its section, or, in a stripped file without sections, the one place in the file that looks like it.
fn find(bytes: &[u8]) -> Option<(usize, Record)> {
    if let Some((at, _)) = section(bytes, SECTION) {
        return Record::parse(bytes.get(at..)?).map(|r| (at, r));
    }
    let mut found = None;
    for at in (HEADER_LEN..bytes.len().saturating_sub(RECORD_LEN - 1)).step_by(8) {
        if let Some(record) = Record::parse(&bytes[at..]) {
            if found.is_some() {
                return None;
            }
            found = Some((at, record));
        }
    }
    found
}

/// File offset and length of a section.
fn section(bytes: &[u8], name: &[u8]) -> Option<(usize, usize)> {
    const SHENT_LEN: usize = 64;
    let table = usize::try_from(le64(bytes, 40)?).ok().filter(|&at| at != 0)?;
    let count = usize::from(le16(bytes, 60)?);
    let header = |i: usize| bytes.get(table.checked_add(i * SHENT_LEN)?..)?.get(..SHENT_LEN);
    let place = |h: &[u8]| Some((usize::try_from(le64(h, 24)?).ok()?, usize::try_from(le64(h, 32)?).ok()?));
    let (names, names_len) = place(header(usize::from(le16(bytes, 62)?))?)?;
    let names = bytes.get(names..names.checked_add(names_len)?)?;
    (0..count).find_map(|i| {
        let h = header(i)?;
        let text = names.get(le32(h, 0)? as usize..)?;
        if text.strip_prefix(name)?.first() == Some(&0) { place(h) } else { None }
    })
}

fn le16(b: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*b.get(at..)?.first_chunk()?))
}

fn le32(b: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*b.get(at..)?.first_chunk()?))
}

/// Little-endian u64.
pub fn le64(b: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*b.get(at..)?.first_chunk()?))
}
