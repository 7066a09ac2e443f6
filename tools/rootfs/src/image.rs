//! From a plan to an EROFS file.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use erofs::write::{Extent, Kind, Options, Tree};

use crate::cache::Cache;
use crate::plan::{Entry, Plan, What};
use crate::plancache::hex;
use crate::{Error, Result, paths};

/// Attributes that are kept: capabilities and what users set. Others (SELinux, overlayfs) belong to the host.
const XATTRS: [&str; 2] = ["security.capability", "user."];
/// The smallest image file: ivshmem needs a power of two, and a device of some size.
const MIN_SIZE: u64 = 1 << 20;

/// A finished image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageFile {
    /// The file: EROFS, padded sparsely to a power of two.
    pub path: PathBuf,
    /// Bytes of the file, a power of two and at least 1 MiB.
    pub size: u64,
    /// Bytes of the image in it.
    pub len: u64,
    /// Its name in the cache: hexadecimal SHA-256 of the plan.
    pub hash: String,
    /// It was there already.
    pub cached: bool,
}

/// Returns the image of a plan, built if the cache has none.
pub fn image(plan: &Plan, cache: &Cache) -> Result<ImageFile> {
    let key = plan.key();
    let hash = hex(&key);
    let path = cache.image_path(&hash);
    if let Some((size, len)) = usable(&path) {
        Cache::touch(&path);
        return Ok(ImageFile { path, size, len, hash, cached: true });
    }
    let (size, len) = cache.publish(&path, |file| {
        let len = write_image(plan, file)?;
        let size = len.next_power_of_two().max(MIN_SIZE);
        file.set_len(size).map_err(|e| Error::io(&path, e))?;
        Ok((size, len))
    })?;
    cache.trim();
    Ok(ImageFile { path, size, len, hash, cached: false })
}

/// Size and image length of a file that is a whole image (a crash of the host can leave an empty one behind a rename).
fn usable(path: &Path) -> Option<(u64, u64)> {
    let mut file = File::open(path).ok()?;
    let size = file.metadata().ok()?.len();
    let mut head = [0; 4096];
    file.read_exact(&mut head).ok()?;
    let field = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let len = u64::from(field(1024 + 36)) * erofs::BLOCK_SIZE as u64;
    (field(1024) == 0xE0F5_E1E2 && size.is_power_of_two() && size >= MIN_SIZE && len <= size).then_some((size, len))
}

/// Writes the image of a plan to `out` (at its start, without padding) and returns its length, a multiple of 4096. The same plan gives
/// the same bytes.
pub fn write_image(plan: &Plan, out: &mut File) -> Result<u64> {
    let mut uuid = [0; 16];
    uuid.copy_from_slice(&plan.key()[..16]);
    let tree = tree(plan)?;
    let layout = tree.layout(&Options { uuid, volume: *b"unox root\0\0\0\0\0\0\0", ..Options::default() })?;
    let failed = |e| Error::io("the image", e);
    out.write_all(&layout.meta).map_err(failed)?;
    for extent in &layout.files {
        let entry = &plan.entries[extent.source as usize];
        out.seek(SeekFrom::Start(extent.offset)).map_err(failed)?;
        copy(entry, extent, out)?;
    }
    out.set_len(layout.len).map_err(failed)?;
    Ok(layout.len)
}

fn tree(plan: &Plan) -> Result<Tree> {
    let root = plan.entries.first().filter(|e| e.guest == b"/");
    let mut tree = Tree::new(root.map_or_else(|| erofs::write::Meta { perm: 0o755, ..Default::default() }, meta));
    let mut links = HashMap::new();
    for (i, entry) in plan.entries.iter().enumerate() {
        if entry.guest == b"/" {
            continue;
        }
        let kind = match &entry.what {
            What::Dir => Kind::Directory,
            What::File => Kind::File { len: entry.meta.size, source: i as u64 },
            What::Generated(bytes) => Kind::File { len: bytes.len() as u64, source: i as u64 },
            What::Symlink(target) => Kind::Symlink(target.clone()),
            What::CharDevice(dev) => Kind::CharDevice(*dev),
            What::BlockDevice(dev) => Kind::BlockDevice(*dev),
            What::Fifo => Kind::Fifo,
        };
        let id = (entry.meta.dev, entry.meta.ino);
        if entry.meta.linked
            && let Some(&node) = links.get(&id)
        {
            tree.link(&entry.guest, node)?;
            continue;
        }
        let node = tree.insert(&entry.guest, kind, meta(entry))?;
        if entry.meta.linked {
            links.insert(id, node);
        }
    }
    Ok(tree)
}

fn meta(entry: &Entry) -> erofs::write::Meta {
    let m = &entry.meta;
    let xattrs = if entry.what == What::File { entry.host_path().map(xattrs).unwrap_or_default() } else { Vec::new() };
    erofs::write::Meta { perm: m.perm, uid: m.uid, gid: m.gid, mtime: m.mtime, xattrs }
}

/// The attributes to keep; a file system without attributes has none.
fn xattrs(path: &Path) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut names = [0u8; 4096];
    let Ok(len) = rustix::fs::llistxattr(paths::bytes(path), &mut names[..]) else { return Vec::new() };
    let wanted = names[..len].split(|&b| b == 0).filter(|n| XATTRS.iter().any(|x| n.starts_with(x.as_bytes())));
    wanted
        .filter_map(|name| {
            let mut value = vec![0u8; 4096];
            let len = rustix::fs::lgetxattr(paths::bytes(path), name, &mut value[..]).ok()?;
            value.truncate(len);
            Some((name.to_vec(), value))
        })
        .collect()
}

fn copy(entry: &Entry, extent: &Extent, out: &mut File) -> Result<()> {
    if let What::Generated(bytes) = &entry.what {
        return out.write_all(bytes).map_err(|e| Error::io("the image", e));
    }
    let path = entry.host_path().unwrap_or(Path::new(""));
    let source = File::open(path).map_err(|e| Error::io(path, e))?;
    // Files on both sides: the kernel copies without us (copy_file_range).
    let copied = io::copy(&mut (&source).take(extent.len), out).map_err(|e| Error::io(path, e))?;
    let now = source.metadata().map_err(|e| Error::io(path, e))?.len();
    if copied != extent.len || now != extent.len { Err(Error::Changed(path.into())) } else { Ok(()) }
}
