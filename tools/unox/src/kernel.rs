//! Finds the kernel to boot.

use crate::failure::{Failure, Result};
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

/// The name of the kernel's file as cargo builds it.
pub const NAME: &str = "unox-kernel";

/// A kernel QEMU can read. Holds what must stay open while QEMU starts.
pub struct Kernel {
    /// The path for `-kernel`.
    pub path: PathBuf,
    /// The open file behind a path under /dev/fd.
    pub file: Option<File>,
    /// A file with symbols, for a debugger.
    pub symbols: Option<PathBuf>,
}

#[cfg(embedded_kernel)]
const EMBEDDED: Option<&[u8]> = Some(include_bytes!(concat!(env!("OUT_DIR"), "/unox-kernel")));
#[cfg(not(embedded_kernel))]
const EMBEDDED: Option<&[u8]> = None;

/// The kernel: `--kernel`, else `$UNOX_KERNEL`, else the built-in one, else `unox-kernel` beside this executable.
pub fn find(named: Option<&Path>) -> Result<Kernel> {
    let variable = std::env::var_os("UNOX_KERNEL").filter(|v| !v.is_empty()).map(PathBuf::from);
    if let Some((path, by)) = named.map(|p| (p.to_path_buf(), "--kernel")).or(variable.map(|p| (p, "UNOX_KERNEL"))) {
        check(&path).map_err(|why| Failure::new(format!("{by} {}: {why}", path.display())))?;
        return Ok(Kernel { symbols: Some(path.clone()), path, file: None });
    }
    let beside = std::env::current_exe().ok().and_then(|exe| Some(exe.parent()?.join(NAME)));
    let beside = beside.filter(|path| path.is_file());
    if let Some(bytes) = EMBEDDED {
        let file = embedded(bytes)?;
        return Ok(Kernel { path: format!("/dev/fd/{}", file.as_raw_fd()).into(), file: Some(file), symbols: beside });
    }
    match beside {
        Some(path) => {
            check(&path).map_err(|why| Failure::new(format!("{}: {why}", path.display())))?;
            Ok(Kernel { symbols: Some(path.clone()), path, file: None })
        }
        None => Err(Failure::new(format!(
            "this unox was built without a kernel, and there is no {NAME} beside it\n  \
             build it with its kernel: cargo xtask build\n  or name one: unox run --kernel FILE …"
        ))),
    }
}

fn embedded(bytes: &[u8]) -> Result<File> {
    let failed = |error: std::io::Error| Failure::new(format!("cannot hold the kernel in memory: {error}"));
    let fd = nix::sys::memfd::memfd_create(NAME, nix::sys::memfd::MFdFlags::MFD_CLOEXEC).map_err(|e| failed(e.into()))?;
    let mut file = File::from(fd);
    file.write_all(bytes).and_then(|()| file.rewind()).map_err(failed)?;
    Ok(file)
}

impl Kernel {
    /// The kernel's bytes.
    pub fn read(&self) -> Result<Vec<u8>> {
        std::fs::read(&self.path).map_err(|e| Failure::new(format!("{}: {e}", self.path.display())))
    }
}

/// A file that QEMU would refuse is refused here, with a sentence.
fn check(path: &Path) -> std::result::Result<(), String> {
    let mut start = [0; 20];
    let mut file = File::open(path).map_err(|e| e.to_string())?;
    file.read_exact(&mut start).map_err(|_| "too short for a kernel".to_string())?;
    // ELF, 64-bit, little-endian, x86-64 (machine 62).
    if &start[..6] != b"\x7fELF\x02\x01" || start[18..20] != [62, 0] {
        return Err("no 64-bit x86 ELF file, so no kernel of unox".to_string());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_kernel_is_refused() {
        assert!(check(Path::new("/nonexistent")).unwrap_err().contains("No such file"));
        assert!(check(Path::new("/dev/null")).unwrap_err().contains("short"));
        assert!(check(Path::new("Cargo.toml")).unwrap_err().contains("ELF"));
        assert!(check(&std::env::current_exe().unwrap()).is_ok());
    }

    #[test]
    fn an_embedded_kernel_reads_back_through_its_path() {
        let file = embedded(b"\x7fELF and so on").unwrap();
        let path = format!("/dev/fd/{}", file.as_raw_fd());
        assert_eq!(std::fs::read(path).unwrap(), b"\x7fELF and so on");
    }
}
