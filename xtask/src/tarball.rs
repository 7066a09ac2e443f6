//! Archives that are the same bytes for the same tree, wherever and whenever they are made, so that a port can name their checksum: names sorted, no
//! dates, no owners, and gzip without compression, which no version of a compressor changes.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// A ustar archive of `tree`, in which the tree is called `top`.
///
/// # Errors
/// A file that cannot be read, or whose name does not fit.
pub fn tar(tree: &Path, top: &str) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    header(&mut out, &format!("{top}/"), b'5', 0o755, 0, b"")?;
    walk(tree, top, &mut out)?;
    out.resize(out.len() + 1024, 0);
    Ok(out)
}

fn walk(dir: &Path, name: &str, out: &mut Vec<u8>) -> Result<(), String> {
    let fail = |path: &Path, e: std::io::Error| format!("{}: {e}", path.display());
    let mut entries: Vec<PathBuf> = fs::read_dir(dir).map_err(|e| fail(dir, e))?.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        let last = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let name = format!("{name}/{last}");
        let meta = fs::symlink_metadata(&path).map_err(|e| fail(&path, e))?;
        if meta.is_dir() {
            header(out, &format!("{name}/"), b'5', 0o755, 0, b"")?;
            walk(&path, &name, out)?;
        } else if meta.is_symlink() {
            let to = fs::read_link(&path).map_err(|e| fail(&path, e))?;
            header(out, &name, b'2', 0o777, 0, to.as_os_str().as_bytes())?;
        } else {
            let bytes = fs::read(&path).map_err(|e| fail(&path, e))?;
            let mode = if meta.permissions().mode() & 0o100 == 0 { 0o644 } else { 0o755 };
            header(out, &name, b'0', mode, bytes.len(), b"")?;
            out.extend(&bytes);
            out.resize(out.len().next_multiple_of(512), 0);
        }
    }
    Ok(())
}

/// One block: POSIX ustar.
fn header(out: &mut Vec<u8>, name: &str, kind: u8, mode: u32, size: usize, to: &[u8]) -> Result<(), String> {
    let mut block = [0u8; 512];
    let mut put = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
    let (prefix, rest) = split(name).ok_or(format!("{name}: the name is too long for an archive"))?;
    if to.len() > 100 {
        return Err(format!("{name}: the link is too long for an archive"));
    }
    put(0, rest.as_bytes());
    put(100, format!("{mode:07o}\0").as_bytes());
    put(108, b"0000000\x000000000\0");
    put(124, format!("{size:011o}\0").as_bytes());
    put(136, b"00000000000\0        ");
    put(156, &[kind]);
    put(157, to);
    put(257, b"ustar\x0000");
    put(265, b"root");
    put(297, b"root");
    put(329, b"0000000\x000000000\0");
    put(345, prefix.as_bytes());
    let sum: u32 = block.iter().map(|b| u32::from(*b)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    out.extend(block);
    Ok(())
}

/// A name of at most 100 bytes and the directories before it, of at most 155.
fn split(name: &str) -> Option<(&str, &str)> {
    if name.len() <= 100 {
        return Some(("", name));
    }
    let at = name[..name.len() - 1].char_indices().find(|(at, c)| *c == '/' && name.len() - at - 1 <= 100)?.0;
    (at <= 155).then_some((&name[..at], &name[at + 1..]))
}

/// A gzip file with the bytes as they are (RFC 1951, stored blocks).
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    let mut blocks = bytes.chunks(0xffff).peekable();
    while let Some(block) = blocks.next() {
        let size = u16::try_from(block.len()).unwrap_or(u16::MAX);
        out.push(u8::from(blocks.peek().is_none()));
        out.extend(size.to_le_bytes());
        out.extend((!size).to_le_bytes());
        out.extend(block);
    }
    if bytes.is_empty() {
        out.extend([1, 0, 0, 0xff, 0xff]);
    }
    out.extend(crc32(bytes).to_le_bytes());
    let size = u32::try_from(bytes.len() & 0xffff_ffff).unwrap_or(0);
    out.extend(size.to_le_bytes());
    out
}

/// ISO 3309, as gzip has it.
fn crc32(bytes: &[u8]) -> u32 {
    let mut table = [0u32; 256];
    for (value, slot) in (0u32..).zip(&mut table) {
        *slot = (0..8).fold(value, |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 });
    }
    let step = |crc: u32, byte: &u8| crc >> 8 ^ table[usize::from(crc.to_le_bytes()[0] ^ byte)];
    !bytes.iter().fold(!0, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_gzips() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(gzip(b"").len(), 23);
    }

    #[test]
    fn tar_unpacks_what_was_packed_and_packs_the_same_again() {
        let dir = std::env::temp_dir().join(format!("unox-tarball-{}", std::process::id()));
        let deep = dir.join("tree").join("d".repeat(60)).join("e".repeat(60));
        fs::create_dir_all(&deep).unwrap();
        fs::write(deep.join("file"), vec![7; 70_000]).unwrap();
        fs::write(dir.join("tree/run"), "#!/bin/sh\n").unwrap();
        fs::set_permissions(dir.join("tree/run"), fs::Permissions::from_mode(0o700)).unwrap();
        std::os::unix::fs::symlink("run", dir.join("tree/link")).unwrap();
        let archive = gzip(&tar(&dir.join("tree"), "top-1.0").unwrap());
        fs::write(dir.join("a.tar.gz"), &archive).unwrap();
        let out = std::process::Command::new("tar").arg("-C").arg(&dir).arg("-xzf").arg(dir.join("a.tar.gz")).output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        assert_eq!(fs::read_link(dir.join("top-1.0/link")).unwrap(), Path::new("run"));
        assert_eq!(fs::metadata(dir.join("top-1.0/run")).unwrap().permissions().mode() & 0o777, 0o755);
        assert_eq!(gzip(&tar(&dir.join("top-1.0"), "top-1.0").unwrap()), archive);
        fs::remove_dir_all(&dir).unwrap();
    }
}
