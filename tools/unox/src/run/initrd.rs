//! `-i FILE`: a root file system that the user made, as an archive in cpio's newc format (gzipped or not) or as an EROFS image.

use crate::failure::{Failure, Result};
use crate::program::PATH;
use flate2::read::MultiGzDecoder;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use vmm::{RootImage, RootVia};

/// An unpacked file system.
pub struct Initrd {
    path: PathBuf,
    bytes: Vec<u8>,
}

/// First bytes of what people try, and what to type.
const PACKED: [(&[u8], &str, &str); 3] =
    [(b"\xfd7zXZ", "xz", "xz -d"), (b"\x28\xb5\x2f\xfd", "zstd", "zstd -d"), (b"BZh", "bzip2", "bzip2 -d")];

impl Initrd {
    /// Reads the file, unpacks it if it is gzipped, and looks whether the kernel will know what it is.
    pub fn read(path: &Path) -> Result<Initrd> {
        let failed = |e: std::io::Error| Failure::new(format!("-i {}: {e}", path.display()));
        let mut bytes = std::fs::read(path).map_err(failed)?;
        if bytes.starts_with(b"\x1f\x8b") {
            let mut whole = Vec::new();
            MultiGzDecoder::new(&bytes[..]).read_to_end(&mut whole).map_err(failed)?;
            bytes = whole;
        }
        let shown = path.display();
        if let Some((_, name, cure)) = PACKED.iter().find(|(magic, ..)| bytes.starts_with(magic)) {
            return Err(Failure::new(format!("-i {shown}: packed with {name}\n  unpack it first: {cure} {shown}")));
        }
        let erofs = bytes.get(1024..1028) == Some(&[0xe2, 0xe1, 0xf5, 0xe0]);
        if cpio::is_archive(&bytes) {
            if let Some(Err(at)) = cpio::entries(&bytes).find(|entry| entry.is_err()) {
                return Err(Failure::new(format!("-i {shown}: the archive is damaged at byte {}", at.0)));
            }
        } else if !erofs {
            return Err(Failure::new(format!(
                "-i {shown}: neither a cpio archive (newc) nor an EROFS image\n  (cd DIR && find . | cpio -o -H newc) > root.cpio"
            )));
        }
        Ok(Initrd { path: path.to_path_buf(), bytes })
    }

    /// The bytes, for a machine that takes them as a module.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Whether it is an archive and not an image.
    pub fn is_archive(&self) -> bool {
        cpio::is_archive(&self.bytes)
    }

    /// Bytes.
    pub fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// A file that QEMU can map: a power of two in size, without a name. It must stay open until QEMU has it.
    pub fn to_file(&self) -> Result<(File, RootImage)> {
        let failed = |e: std::io::Error| Failure::new(format!("-i {}: cannot be held in memory: {e}", self.path.display()));
        let fd = nix::sys::memfd::memfd_create("initrd", nix::sys::memfd::MFdFlags::MFD_CLOEXEC).map_err(|e| failed(e.into()))?;
        let mut file = File::from(fd);
        let size = (self.bytes.len() as u64).next_power_of_two().max(1 << 20);
        file.write_all(&self.bytes).and_then(|()| file.set_len(size)).and_then(|()| file.rewind()).map_err(failed)?;
        let path = format!("/dev/fd/{}", file.as_raw_fd()).into();
        Ok((file, RootImage { path, size, via: RootVia::default() }))
    }

    /// The path of the program called `name` in the file system: as it is with a slash, else looked up in the guest's PATH as far as that can be told.
    pub fn program(&self, name: &OsStr) -> Result<PathBuf> {
        if name.as_bytes().contains(&b'/') || !cpio::is_archive(&self.bytes) {
            return Ok(Path::new("/").join(name));
        }
        let has = |path: &Path| {
            let wanted = path.as_os_str().as_bytes();
            cpio::entries(&self.bytes).flatten().any(|entry| {
                let stored = entry.name.strip_prefix(b".").unwrap_or(entry.name);
                stored.strip_prefix(b"/").unwrap_or(stored) == &wanted[1..]
            })
        };
        std::env::split_paths(PATH)
            .map(|dir| dir.join(name))
            .find(|path| has(path))
            .ok_or_else(|| Failure::not_found(format!("{}: no such program in {} (looked in {PATH})", name.display(), self.path.display())))
    }
}

/// The words of the command line with the program's path in front.
pub fn argv(words: &[OsString]) -> Result<&OsString> {
    words
        .first()
        .filter(|w| !w.is_empty())
        .ok_or_else(|| Failure::new("which program?\n  usage: unox run -i FILE [OPTIONS] PROGRAM [ARGS]..."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, bytes: &[u8]) -> PathBuf {
        let path = std::env::temp_dir().join(format!("unox-initrd-{}-{name}", std::process::id()));
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn said(name: &str, bytes: &[u8]) -> String {
        let path = file(name, bytes);
        let said = Initrd::read(&path).err().map(|f| f.to_string()).unwrap_or_default();
        std::fs::remove_file(path).unwrap();
        said
    }

    /// An archive of one empty file.
    fn archive(name: &str) -> Vec<u8> {
        let mut out = Vec::new();
        for (name, mode) in [(name, 0o100_755), ("TRAILER!!!", 0)] {
            let fields = [1, mode, 0, 0, 1, 0, 0, 0, 0, 0, 0, name.len() + 1, 0];
            out.extend_from_slice(b"070701");
            fields.iter().for_each(|f| out.extend_from_slice(format!("{f:08x}").as_bytes()));
            out.extend_from_slice(name.as_bytes());
            out.push(0);
            out.resize(out.len().next_multiple_of(4), 0);
        }
        out
    }

    #[test]
    fn what_the_kernel_would_not_know_is_refused_with_a_cure() {
        assert!(said("xz", b"\xfd7zXZ\0rest").contains("xz -d"));
        assert!(said("text", b"hello").contains("cpio -o -H newc"));
        let mut cut = archive("bin/x");
        cut.truncate(100);
        assert!(said("cut", &cut).contains("damaged"));
        assert!(Initrd::read(Path::new("/no/such")).err().unwrap().to_string().contains("No such file"));
    }

    #[test]
    fn programs_are_found_inside() {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(&archive("./usr/bin/prog")).unwrap();
        let path = file("gz", &packed.finish().unwrap());
        let initrd = Initrd::read(&path).unwrap();
        std::fs::remove_file(path).unwrap();
        assert_eq!(initrd.program(OsStr::new("prog")).unwrap(), Path::new("/usr/bin/prog"));
        assert_eq!(initrd.program(OsStr::new("/init")).unwrap(), Path::new("/init"));
        assert!(initrd.program(OsStr::new("other")).unwrap_err().to_string().contains("no such program"));
        let (file, image) = initrd.to_file().unwrap();
        assert_eq!((file.metadata().unwrap().len(), image.size), (1 << 20, 1 << 20));
    }
}
