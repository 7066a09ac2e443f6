//! UK_ROOTFS: a directory becomes a cpio archive ("newc", cpio(5)) that the image takes as its root file system.

use crate::error::{Result, io};
use std::fs::Metadata;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Bytes of files in an archive: it must lie below 2 GiB with the kernel.
const MAX_SIZE: u64 = 1 << 30;
/// The most files that are looked at.
const MAX_FILES: usize = 200_000;

/// All files below, directories before what is in them, by name.
fn walk(dir: &Path, out: &mut Vec<(PathBuf, Metadata)>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(dir).into_iter().flatten().flatten().map(|e| e.path()).collect();
    entries.sort();
    for path in entries {
        let Ok(meta) = std::fs::symlink_metadata(&path) else { continue };
        if out.len() >= MAX_FILES {
            return;
        }
        let is_dir = meta.is_dir();
        out.push((path.clone(), meta));
        if is_dir {
            walk(&path, out);
        }
    }
}

/// What tells whether the directory changed: names, kinds, sizes and times.
pub(crate) fn listing(dir: &Path) -> String {
    let mut all = Vec::new();
    walk(dir, &mut all);
    let line = |(path, m): &(PathBuf, Metadata)| format!("{path:?} {:o} {} {}.{}\n", m.mode(), m.len(), m.mtime(), m.mtime_nsec());
    all.iter().map(line).collect()
}

/// Writes the archive; owners are root, so that the same directory gives the same archive for everyone.
pub(crate) fn write(dir: &Path, out: &Path) -> Result<()> {
    let mut all = Vec::new();
    std::fs::read_dir(dir).map_err(io(dir))?;
    walk(dir, &mut all);
    let size: u64 = all.iter().filter(|(_, m)| m.is_file()).map(|(_, m)| m.len()).sum();
    if size > MAX_SIZE {
        let what = format!("UK_ROOTFS: {} MiB are too much for an archive in the machine's memory; is it the right directory?", size >> 20);
        return Err(crate::Error::Place { path: dir.into(), what });
    }
    let temporary = out.with_extension("cpio.new");
    let mut file = std::io::BufWriter::new(std::fs::File::create(&temporary).map_err(io(&temporary))?);
    for (number, (path, meta)) in all.iter().enumerate() {
        let kind = meta.mode() & 0o170_000;
        let data = match kind {
            0o100_000 => std::fs::read(path).map_err(io(path))?,
            0o120_000 => std::fs::read_link(path).map_err(io(path))?.as_os_str().as_bytes().to_vec(),
            _ => Vec::new(),
        };
        let name = path.strip_prefix(dir).unwrap_or(path).as_os_str().as_bytes();
        member(&mut file, number + 1, meta, name, &data).map_err(io(&temporary))?;
    }
    trailer(&mut file).and_then(|()| file.flush()).map_err(io(&temporary))?;
    std::fs::rename(&temporary, out).map_err(io(out))
}

fn low(n: u64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn header(out: &mut impl Write, fields: [u32; 13]) -> std::io::Result<()> {
    out.write_all(b"070701")?;
    fields.iter().try_for_each(|f| write!(out, "{f:08x}"))
}

/// Zeros up to a multiple of four.
fn pad(out: &mut impl Write, written: usize) -> std::io::Result<()> {
    out.write_all(&[0; 3][..written.next_multiple_of(4) - written])
}

fn member(out: &mut impl Write, number: usize, meta: &Metadata, name: &[u8], data: &[u8]) -> std::io::Result<()> {
    let size = u32::try_from(data.len()).map_err(|_| std::io::Error::other("a file of 4 GiB or more does not fit in a cpio archive"))?;
    let (major, minor) = (low((meta.rdev() >> 8) & 0xfff), low((meta.rdev() & 0xff) | ((meta.rdev() >> 12) & 0xfff00)));
    let time = low(u64::try_from(meta.mtime()).unwrap_or_default());
    let links = if meta.is_dir() { 2 } else { 1 };
    let name_len = low(u64::try_from(name.len() + 1).unwrap_or_default());
    let ino = low(u64::try_from(number).unwrap_or_default());
    header(out, [ino, meta.mode(), 0, 0, links, time, size, 0, 0, major, minor, name_len, 0])?;
    out.write_all(name)?;
    out.write_all(&[0])?;
    pad(out, 110 + name.len() + 1)?;
    out.write_all(data)?;
    pad(out, data.len())
}

fn trailer(out: &mut impl Write) -> std::io::Result<()> {
    header(out, [0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 11, 0])?;
    out.write_all(b"TRAILER!!!\0")?;
    pad(out, 110 + 11)
}
