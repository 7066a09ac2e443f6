//! PROGRAM as the user typed it: found, and looked at before a machine is started for it.

use crate::failure::{Failure, Result};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Where programs are looked up inside a root file system, and the guest's default PATH.
pub const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An x86-64 program.
    Elf,
    /// A `#!` script.
    Script,
    /// A machine that `unox pack` made.
    Packed,
}

/// A program that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The file on the host.
    pub host: PathBuf,
    /// Its path in the guest.
    pub guest: PathBuf,
    /// argv[0] and the arguments.
    pub argv: Vec<OsString>,
    /// What it is.
    pub kind: Kind,
}

/// Finds `words[0]` on the host, or inside `rootfs` when there is one.
pub fn resolve(words: &[OsString], rootfs: Option<&Path>) -> Result<Program> {
    let Some(name) = words.first().filter(|w| !w.is_empty()) else {
        return Err(Failure::new("which program?\n  usage: unox run [OPTIONS] PROGRAM [ARGS]...   (unox run --help lists the options)"));
    };
    let (host, guest) = match rootfs {
        Some(root) => inside(root, name)?,
        None => on_host(name)?,
    };
    let kind = look(&host)?;
    Ok(Program { host, guest, argv: words.to_vec(), kind })
}

fn on_host(name: &OsStr) -> Result<(PathBuf, PathBuf)> {
    let path = if name.as_bytes().contains(&b'/') {
        PathBuf::from(name)
    } else {
        // A packed image is no program that PATH would lead to: its bare name means the file here.
        let here = || Some(PathBuf::from(name)).filter(|p| p.is_file() && matches!(look(p), Ok(Kind::Packed)));
        vmm::find::in_path(Path::new(name)).or_else(here).ok_or_else(|| unknown(name))?
    };
    let whole = std::path::absolute(&path).map_err(|e| Failure::new(format!("{}: {e}", path.display())))?;
    Ok((path, whole))
}

fn unknown(name: &OsStr) -> Failure {
    let hint = match Path::new(name).is_file() {
        true => format!("\n  there is a file of that name here: unox run ./{}", name.display()),
        false => String::new(),
    };
    Failure::not_found(format!("{}: no such program in PATH{hint}", name.display()))
}

/// Looks `name` up under `root`, following no symbolic link out of it: the guest does that.
fn inside(root: &Path, name: &OsStr) -> Result<(PathBuf, PathBuf)> {
    if !root.is_dir() {
        return Err(Failure::new(format!("--rootfs {}: no such directory", root.display())));
    }
    let candidates: Vec<PathBuf> = if name.as_bytes().contains(&b'/') {
        vec![Path::new("/").join(name)]
    } else {
        std::env::split_paths(PATH).map(|dir| dir.join(name)).collect()
    };
    let host = |guest: &Path| root.join(guest.strip_prefix("/").unwrap_or(guest));
    match candidates.iter().find(|guest| host(guest).symlink_metadata().is_ok()) {
        Some(guest) => Ok((host(guest), guest.clone())),
        None => Err(Failure::not_found(format!("{}: no such program under --rootfs {}", name.display(), root.display()))),
    }
}

/// Says what the file is, or why it is no program.
fn look(path: &Path) -> Result<Kind> {
    let shown = path.display();
    let metadata = match path.metadata() {
        Ok(metadata) => metadata,
        // In a root directory of its own a link may point to what exists only inside it.
        Err(_) if path.is_symlink() => return Ok(Kind::Elf),
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(Failure::not_found(format!("{shown}: no such file"))),
        Err(error) => return Err(Failure::not_executable(format!("{shown}: {error}"))),
    };
    if metadata.is_dir() {
        return Err(Failure::not_executable(format!("{shown}: is a directory")));
    }
    let mut file = File::open(path).map_err(|e| Failure::not_executable(format!("{shown}: {e}")))?;
    let mut start = [0; 64];
    let got = read_up_to(&mut file, &mut start).map_err(|e| Failure::not_executable(format!("{shown}: {e}")))?;
    let kind = classify(&start[..got], metadata.len(), || program_headers(&mut file, &start))
        .map_err(|why| Failure::not_executable(format!("{shown}: {why}")))?;
    if kind != Kind::Packed && metadata.permissions().mode() & 0o111 == 0 {
        return Err(Failure::not_executable(format!(
            "{shown}: not executable (mode {:o})\n  chmod +x {shown}",
            metadata.permissions().mode() & 0o777
        )));
    }
    Ok(kind)
}

fn read_up_to(file: &mut File, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut got = 0;
    while got < buffer.len() {
        match file.read(&mut buffer[got..])? {
            0 => break,
            n => got += n,
        }
    }
    Ok(got)
}

fn program_headers(file: &mut File, start: &[u8; 64]) -> std::io::Result<Vec<u8>> {
    let at = u64::from_le_bytes(start[32..40].try_into().unwrap_or_default());
    let count = u16::from_le_bytes([start[56], start[57]]);
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = vec![0; usize::from(count) * PHENT];
    let got = read_up_to(file, &mut bytes)?;
    bytes.truncate(got);
    Ok(bytes)
}

/// Bytes of a program header.
const PHENT: usize = 56;
/// `PT_LOAD` and `PT_NOTE`.
const LOAD: u32 = 1;
const NOTE: u32 = 4;

fn classify(start: &[u8], size: u64, headers: impl FnOnce() -> std::io::Result<Vec<u8>>) -> std::result::Result<Kind, String> {
    if start.is_empty() {
        return Err("is empty".to_string());
    }
    if start.starts_with(b"#!") {
        return Ok(Kind::Script);
    }
    if !start.starts_with(b"\x7fELF") {
        return Err("neither an ELF program nor a #! script".to_string());
    }
    if start.len() < 64 {
        return Err(format!("a truncated ELF file: {size} bytes, shorter than its header"));
    }
    if start[4] != 2 || start[5] != 1 || start[18..20] != [62, 0] {
        return Err("a program for another processor: unox runs 64-bit x86 ones".to_string());
    }
    if !matches!(start[16], 2 | 3) {
        return Err("an ELF file that is no program (an object file or a core dump)".to_string());
    }
    let headers = headers().map_err(|e| e.to_string())?;
    let count = usize::from(u16::from_le_bytes([start[56], start[57]]));
    if headers.len() < count * PHENT {
        return Err(format!("a truncated ELF file: {size} bytes do not hold its program headers"));
    }
    let number = |header: &[u8], at: usize| u64::from_le_bytes(header[at..at + 8].try_into().unwrap_or_default());
    let mut xen_note = false;
    for header in headers.chunks_exact(PHENT) {
        let kind = u32::from_le_bytes(header[..4].try_into().unwrap_or_default());
        xen_note |= kind == NOTE && number(header, 16) >= 0xffff_ffff_8000_0000;
        if kind == LOAD && number(header, 8).checked_add(number(header, 32)).is_none_or(|end| end > size) {
            return Err(format!("a truncated ELF file: {size} bytes do not hold the segment at offset {:#x}", number(header, 8)));
        }
    }
    Ok(if xen_note { Kind::Packed } else { Kind::Elf })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<OsString> {
        words.iter().map(OsString::from).collect()
    }

    fn said(path: &str) -> String {
        resolve(&words(&[path]), None).unwrap_err().to_string()
    }

    #[test]
    fn finds_in_path_and_by_path() {
        let sh = resolve(&words(&["sh", "-c", "true"]), None).unwrap();
        assert!(sh.guest.is_absolute() && sh.guest.ends_with("sh"));
        assert_eq!(sh.argv, ["sh", "-c", "true"]);
        assert_eq!(sh.kind, Kind::Elf);
    }

    #[test]
    fn says_why_a_file_is_no_program() {
        assert!(said("no-such-program-anywhere").contains("no such program in PATH"));
        assert!(said("/no/such/file").contains("no such file"));
        assert!(said("/etc").contains("is a directory"));
        assert!(said("/etc/passwd").contains("neither an ELF program nor a #! script"));
        assert!(said("").contains("which program"));
    }

    #[test]
    fn truncated_and_foreign_programs_are_named() {
        let whole = std::fs::read("/bin/sh").unwrap();
        let head = |bytes: &[u8]| bytes[32..40].try_into().map(u64::from_le_bytes).unwrap() as usize;
        let check = |bytes: &[u8]| {
            let at = head(&whole);
            let table = bytes.get(at..bytes.len().min(at + 56 * usize::from(whole[56]))).unwrap_or_default().to_vec();
            classify(&bytes[..bytes.len().min(64)], bytes.len() as u64, || Ok(table))
        };
        assert_eq!(check(&whole), Ok(Kind::Elf));
        for cut in [5, 63, 64, 200, whole.len() / 2] {
            assert!(check(&whole[..cut]).unwrap_err().contains("truncated"), "{cut}");
        }
        let mut arm = whole.clone();
        arm[18] = 183;
        assert!(check(&arm).unwrap_err().contains("another processor"));
        let mut object = whole.clone();
        object[16] = 1;
        assert!(check(&object).unwrap_err().contains("no program"));
        assert_eq!(check(b""), Err("is empty".to_string()));
        assert_eq!(check(b"#!/bin/sh\n"), Ok(Kind::Script));
    }

    #[test]
    fn a_root_directory_has_its_own_paths() {
        let root = std::env::temp_dir().join(format!("unox-root-{}", std::process::id()));
        std::fs::create_dir_all(root.join("bin")).unwrap();
        std::fs::copy("/bin/sh", root.join("bin/mine")).unwrap();
        let found = resolve(&words(&["mine"]), Some(&root)).unwrap();
        assert_eq!((found.guest.as_path(), found.host.as_path()), (Path::new("/bin/mine"), root.join("bin/mine").as_path()));
        assert!(resolve(&words(&["sh"]), Some(&root)).unwrap_err().to_string().contains("under --rootfs"));
        assert!(resolve(&words(&["sh"]), Some(Path::new("/no/dir"))).unwrap_err().to_string().contains("no such directory"));
        std::fs::remove_dir_all(root).unwrap();
    }
}
