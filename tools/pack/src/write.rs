//! Writing a packed image.

use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::path::Path;

use elfhdr::{Kind, PHENT_LEN};
use rootfs::Plan;

use crate::kernel::{Kernel, Record};
use crate::{Error, Result, io};

/// The payload starts at a multiple of this in physical memory, so that large pages can map it.
const PAYLOAD_ALIGN: u64 = 2 << 20;
/// Within the payload, and in the file.
const PAGE: u64 = 4096;
/// Every machine type has memory from 0 up to here if it has that much.
const LOW_MEMORY: u64 = 2 << 30;
/// `PF_R`.
const READ: u32 = 4;

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packed {
    /// Bytes of the file.
    pub size: u64,
    /// Bytes of the root image in it.
    pub root_len: u64,
    /// The physical address behind all that is loaded: the machine needs more memory than this.
    pub load_end: u64,
}

/// Writes `kernel` with the plan's files and `config` (with its magic, as the configuration module has it) to `out`, which appears
/// complete or not at all. `config` should say `root=payload`.
pub fn pack(plan: &Plan, kernel: &[u8], config: &[u8], out: &Path) -> Result<Packed> {
    let parsed = Kernel::parse(kernel)?;
    if parsed.record != Record::default() {
        return Err(Error::AlreadyPacked);
    }
    // Not from the cache: a plan without inode numbers and change times does not tell two versions of a file apart for sure.
    let mut root = unnamed(out)?;
    let root_len = rootfs::write_image(&plan.portable(), &mut root)?;
    root.rewind().map_err(io(out))?;
    let base = parsed.end().next_multiple_of(PAYLOAD_ALIGN);
    let root_at = base + (config.len() as u64).next_multiple_of(PAGE);
    let record = Record { version: 1, config: base, config_len: config.len() as u64, root: root_at, root_len };
    let load_end = root_at + root_len;
    if load_end > LOW_MEMORY {
        return Err(Error::TooLarge(root_len >> 20));
    }
    let head = head(&parsed, &record, load_end - base);
    let temp = out.with_extension(format!("tmp-{}", std::process::id()));
    let written = (|| {
        let mut file = File::create(&temp).map_err(io(&temp))?;
        file.write_all(&head).map_err(io(&temp))?;
        file.write_all(config).map_err(io(&temp))?;
        let gap = (root_at - base) as usize - config.len();
        file.write_all(&vec![0; gap]).map_err(io(&temp))?;
        let copied = io::copy(&mut root.take(root_len), &mut file).map_err(io(&temp))?;
        if copied != root_len {
            return Err(Error::Damaged { path: temp.clone(), what: "it was changed while it was written".into() });
        }
        fs::rename(&temp, out).map_err(io(out))
    })();
    if let Err(e) = written {
        // The first error is the one that matters.
        let _ = fs::remove_file(&temp);
        return Err(e);
    }
    Ok(Packed { size: head.len() as u64 + (load_end - base), root_len, load_end })
}

/// A file beside `out` that is gone when it is closed.
fn unnamed(out: &Path) -> Result<File> {
    let path = out.with_extension(format!("root-{}", std::process::id()));
    let file = File::options().read(true).write(true).create_new(true).open(&path).map_err(io(&path))?;
    fs::remove_file(&path).map_err(io(&path))?;
    Ok(file)
}

/// The kernel with its record filled in and a longer table of program headers behind it, up to where the payload starts. Symbols and
/// other sections that are not loaded stay behind: `--kernel` names a file with symbols to a debugger.
fn head(kernel: &Kernel<'_>, record: &Record, payload_len: u64) -> Vec<u8> {
    let loaded = kernel.segments.iter().filter_map(|s| usize::try_from(s.offset.checked_add(s.file_size)?).ok()).max().unwrap_or(0);
    let mut out = kernel.bytes[..loaded.max(kernel.record_at + 64).min(kernel.bytes.len())].to_vec();
    // e_shoff, e_shnum, e_shstrndx: no sections.
    out[40..48].fill(0);
    out[60..64].fill(0);
    out[kernel.record_at..kernel.record_at + 64].copy_from_slice(&record.to_bytes());
    out.resize(out.len().next_multiple_of(8), 0);
    let table_at = out.len() as u64;
    let count = kernel.segments.len() + 1;
    let payload_at = (table_at + (count * PHENT_LEN) as u64).next_multiple_of(PAGE);
    // Loadable segments stand in ascending order of virtual addresses; the payload's (identical to the physical one) is below the kernel's.
    let first_load = kernel.segments.iter().position(|s| s.kind == Kind::Load).unwrap_or(0);
    let (before, after) = kernel.table.split_at(first_load * PHENT_LEN);
    out.extend_from_slice(before);
    out.extend_from_slice(&load_header(payload_at, record.config, payload_len));
    out.extend_from_slice(after);
    out.resize(payload_at as usize, 0);
    out[32..40].copy_from_slice(&table_at.to_le_bytes());
    out[56..58].copy_from_slice(&(count as u16).to_le_bytes());
    out
}

fn load_header(offset: u64, addr: u64, len: u64) -> [u8; PHENT_LEN] {
    let mut out = [0; PHENT_LEN];
    out[..4].copy_from_slice(&1u32.to_le_bytes());
    out[4..8].copy_from_slice(&READ.to_le_bytes());
    for (chunk, field) in out[8..].chunks_exact_mut(8).zip([offset, addr, addr, len, len, PAGE]) {
        chunk.copy_from_slice(&field.to_le_bytes());
    }
    out
}
