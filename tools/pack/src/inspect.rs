//! Looking into an image.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use erofs::{FileType, Image, Inode};

use crate::kernel::{Kernel, Record};
use crate::{Error, Result, io};

/// What the kernel and a small program need on top of what is loaded, in MiB.
const OWN_MEMORY: u64 = 8;
/// No image has more; a damaged one could name the same directory for ever.
const MAX_FILES: usize = 5_000_000;

/// No kernel file is larger.
const KERNEL_PART: u64 = 16 << 20;

/// One file of an image.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct FileInfo {
    /// Absolute path; bytes that are not UTF-8 are replaced.
    pub path: String,
    /// `file`, `dir`, `link`, `char`, `block`, `fifo` or `socket`.
    pub kind: &'static str,
    /// Permission bits.
    pub mode: u16,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Bytes.
    pub size: u64,
    /// Of a symbolic link.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
}

/// What is in an image.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Inspection {
    /// Has a kernel; a bare root image has none.
    pub packed: bool,
    /// The kernel's version, if it tells one.
    pub kernel_version: Option<String>,
    /// Bytes of kernel code and data in memory.
    pub kernel_memory: u64,
    /// The configuration: keys and values in order.
    pub config: Vec<(String, String)>,
    /// Bytes of the root image.
    pub root_len: u64,
    /// MiB for `-m` so that the image loads and a small program runs; a program's own memory comes on top.
    pub memory_mib: u64,
    /// Bytes of all regular files.
    pub contents: u64,
    /// Every file, directories first entered, sorted by path.
    pub files: Vec<FileInfo>,
}

/// Is this file a packed image? Reads only its beginning, where the kernel is.
pub fn is_packed(path: &Path) -> bool {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|f| f.take(KERNEL_PART).read_to_end(&mut bytes));
    read.is_ok() && Kernel::parse(&bytes).is_ok_and(|k| k.record.version == 1)
}

/// The configuration of a packed image, without a look at the rest; `None` when the file is none.
pub fn configuration(path: &Path) -> Option<Vec<(Vec<u8>, Vec<u8>)>> {
    let mut bytes = Vec::new();
    File::open(path).and_then(|f| f.take(KERNEL_PART).read_to_end(&mut bytes)).ok()?;
    let kernel = Kernel::parse(&bytes).ok()?;
    let at = usize::try_from(kernel.offset_of(kernel.record.config, kernel.record.config_len)?).ok()?;
    let config = bytes.get(at..at.checked_add(usize::try_from(kernel.record.config_len).ok()?)?)?;
    Some(bootcfg::records(config).map(|(k, v)| (k.to_vec(), v.to_vec())).collect())
}

/// Looks into a packed image or a root image.
pub fn inspect(path: &Path) -> Result<Inspection> {
    let mut file = File::open(path).map_err(io(path))?;
    let mut magic = [0; 4];
    let is_elf = file.read_exact(&mut magic).is_ok() && magic == *b"\x7fELF";
    file.seek(SeekFrom::Start(0)).map_err(io(path))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(io(path))?;
    let damaged = |what: &str| Error::Damaged { path: path.into(), what: what.into() };
    if !is_elf {
        let image = Image::new(&bytes[..]).map_err(|_| Error::NotAnImage(path.into()))?;
        let files = list(&image).map_err(|e| damaged(&e.to_string()))?;
        return Ok(summary(files, image.bytes().len() as u64));
    }
    let kernel = Kernel::parse(&bytes)?;
    let Record { version, config, config_len, root, root_len } = kernel.record;
    if version == 0 {
        return Err(Error::NotAnImage(path.into()));
    }
    let part = |addr, len| {
        let at = usize::try_from(kernel.offset_of(addr, len)?).ok()?;
        bytes.get(at..at.checked_add(usize::try_from(len).ok()?)?)
    };
    let config = part(config, config_len).ok_or_else(|| damaged("its configuration is not in the file"))?;
    let root_bytes = part(root, root_len).ok_or_else(|| damaged("its root image is not in the file"))?;
    let image = Image::new(root_bytes).map_err(|e| damaged(&e.to_string()))?;
    let files = list(&image).map_err(|e| damaged(&e.to_string()))?;
    let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
    let load_end = root.saturating_add(root_len);
    Ok(Inspection {
        packed: true,
        kernel_version: kernel.version(),
        kernel_memory: kernel
            .segments
            .iter()
            .filter(|s| s.kind == elfhdr::Kind::Load)
            .map(|s| s.mem_size)
            .fold(0u64, u64::saturating_add)
            .saturating_sub(payload_len(&kernel)),
        config: bootcfg::records(config).map(|(k, v)| (text(k), text(v))).collect(),
        memory_mib: load_end.div_ceil(1 << 20) + OWN_MEMORY,
        ..summary(files, root_len)
    })
}

/// Bytes of the segment that holds the payload.
fn payload_len(kernel: &Kernel<'_>) -> u64 {
    let end = kernel.record.root.saturating_add(kernel.record.root_len);
    end.saturating_sub(kernel.record.config)
}

fn summary(files: Vec<FileInfo>, root_len: u64) -> Inspection {
    Inspection {
        packed: false,
        kernel_version: None,
        kernel_memory: 0,
        config: Vec::new(),
        root_len,
        memory_mib: OWN_MEMORY,
        contents: files.iter().filter(|f| f.kind == "file").map(|f| f.size).sum(),
        files,
    }
}

/// All files of an image, sorted by path.
fn list(image: &Image<&[u8]>) -> std::result::Result<Vec<FileInfo>, erofs::Error> {
    let mut files = Vec::new();
    let mut queue = vec![(String::new(), image.inode(image.root())?)];
    while let Some((path, dir)) = queue.pop() {
        let mut below = Vec::new();
        image.readdir(&dir, 0, &mut |e| {
            if e.name != b"." && e.name != b".." {
                below.push((format!("{path}/{}", String::from_utf8_lossy(e.name)), e.nid));
            }
            true
        })?;
        for (path, nid) in below {
            let ino = image.inode(nid)?;
            files.push(info(image, &path, &ino)?);
            if files.len() > MAX_FILES {
                return Err(erofs::Error::BadDirectory(nid));
            }
            if ino.is_dir() {
                queue.push((path, ino));
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn info(image: &Image<&[u8]>, path: &str, ino: &Inode) -> std::result::Result<FileInfo, erofs::Error> {
    let kind = match ino.file_type() {
        FileType::Directory => "dir",
        FileType::Symlink => "link",
        FileType::CharDevice => "char",
        FileType::BlockDevice => "block",
        FileType::Fifo => "fifo",
        FileType::Socket => "socket",
        FileType::Regular | FileType::Unknown => "file",
    };
    let target = if ino.is_symlink() { Some(String::from_utf8_lossy(image.readlink(ino)?).into_owned()) } else { None };
    Ok(FileInfo { path: path.into(), kind, mode: ino.mode & 0o7777, uid: ino.uid, gid: ino.gid, size: ino.size, target })
}
