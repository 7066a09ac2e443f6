//! The host's file system, seen as the guest will see it: paths start at a root, and symbolic links are walked one by one so that each
//! can go into the image.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::paths;
use crate::plan::{Meta, What};

/// Linux's limit on symbolic links in one path.
const MAX_LINKS: usize = 40;

/// One lstat(2).
#[derive(Clone, Debug)]
pub struct Stat {
    /// What it is; `None` for sockets, which no image needs.
    pub what: Option<What>,
    /// The rest.
    pub meta: Meta,
}

/// Where a path leads.
#[derive(Clone, Debug, Default)]
pub struct Walk {
    /// Directories and symbolic links on the way, each with a canonical path.
    pub hops: Vec<(Vec<u8>, Stat)>,
    /// The end: canonical path and what is there; nothing when it does not exist.
    pub end: Option<(Vec<u8>, Stat)>,
}

/// A host file system.
pub struct Host {
    root: PathBuf,
    dirs: RefCell<HashMap<Vec<u8>, Rc<Walk>>>,
}

impl Host {
    pub fn new(root: &Path) -> Host {
        Host { root: root.to_path_buf(), dirs: RefCell::default() }
    }

    /// The real path behind a path of the guest.
    pub fn real(&self, path: &[u8]) -> PathBuf {
        if self.root == Path::new("/") {
            return paths::path(path).to_path_buf();
        }
        self.root.join(paths::path(path.strip_prefix(b"/").unwrap_or(path)))
    }

    /// lstat(2); a path that cannot be looked at does not exist.
    pub fn lstat(&self, path: &[u8]) -> Option<Stat> {
        stat_at(&self.real(path))
    }

    /// Reads a file through its symbolic links.
    pub fn read(&self, path: &[u8]) -> io::Result<Vec<u8>> {
        let (canonical, _) = self.walk(path).end.ok_or(io::ErrorKind::NotFound)?;
        std::fs::read(self.real(&canonical))
    }

    /// Opens a file by canonical path.
    pub fn open(&self, canonical: &[u8]) -> io::Result<File> {
        File::open(self.real(canonical))
    }

    /// The names in a directory, sorted.
    pub fn list(&self, canonical: &[u8]) -> io::Result<Vec<Vec<u8>>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(self.real(canonical))? {
            names.push(paths::bytes(&entry?.file_name()).to_vec());
        }
        names.sort_unstable();
        Ok(names)
    }

    /// Does it exist, symbolic links followed, and where does it really lie?
    pub fn canonical(&self, path: &[u8]) -> Option<(Vec<u8>, Stat)> {
        self.walk(path).end
    }

    /// Follows a path.
    pub fn walk(&self, path: &[u8]) -> Walk {
        self.follow(&paths::tidy(path), MAX_LINKS)
    }

    /// The walk to a directory, remembered: package lists name thousands of files in few directories.
    pub fn walk_dir(&self, dir: &[u8]) -> Rc<Walk> {
        self.dir(dir, MAX_LINKS)
    }

    fn dir(&self, dir: &[u8], links: usize) -> Rc<Walk> {
        if let Some(known) = self.dirs.borrow().get(dir) {
            return known.clone();
        }
        let mut walk = self.follow(dir, links);
        match &walk.end {
            Some((path, stat)) if stat.what == Some(What::Dir) => walk.hops.push((path.clone(), stat.clone())),
            _ => walk.end = None,
        }
        let walk = Rc::new(walk);
        self.dirs.borrow_mut().insert(dir.to_vec(), walk.clone());
        walk
    }

    fn follow(&self, path: &[u8], links: usize) -> Walk {
        if path == b"/" {
            return Walk { hops: Vec::new(), end: self.lstat(b"/").map(|s| (b"/".to_vec(), s)) };
        }
        let above = self.dir(paths::parent(path), links);
        let mut walk = Walk { hops: above.hops.clone(), end: None };
        let Some((dir, _)) = &above.end else { return walk };
        let full = match paths::name(path) {
            b".." => paths::parent(dir).to_vec(),
            b"." => dir.clone(),
            name => paths::join(dir, name),
        };
        let Some(stat) = self.lstat(&full) else { return walk };
        if let Some(What::Symlink(target)) = &stat.what {
            let next = paths::tidy(&paths::join(dir, target));
            walk.hops.push((full, stat.clone()));
            if links > 0 {
                let rest = self.follow(&next, links - 1);
                walk.hops.extend(rest.hops);
                walk.end = rest.end;
            }
            return walk;
        }
        walk.end = Some((full, stat));
        walk
    }
}

/// lstat(2) of a real path, as far as plans keep it.
pub fn meta_at(real: &Path) -> Option<Meta> {
    std::fs::symlink_metadata(real).ok().map(|m| meta(&m))
}

fn meta(m: &std::fs::Metadata) -> Meta {
    let time = |s: i64, n: i64| (s, n.clamp(0, 999_999_999) as u32);
    let mut meta = Meta {
        perm: (m.mode() & 0o7777) as u16,
        uid: m.uid(),
        gid: m.gid(),
        mtime: time(m.mtime(), m.mtime_nsec()),
        ino: m.ino(),
        dev: m.dev(),
        ..Meta::default()
    };
    if m.is_file() {
        meta.size = m.size();
        meta.ctime = time(m.ctime(), m.ctime_nsec());
        meta.linked = m.nlink() > 1;
    }
    meta
}

/// lstat(2) of a real path, with a symbolic link's target.
pub fn stat_at(real: &Path) -> Option<Stat> {
    let m = std::fs::symlink_metadata(real).ok()?;
    let kind = m.file_type();
    let what = if kind.is_file() {
        Some(What::File)
    } else if kind.is_dir() {
        Some(What::Dir)
    } else if kind.is_symlink() {
        std::fs::read_link(real).ok().map(|t| What::Symlink(t.into_os_string().into_vec()))
    } else if kind.is_char_device() {
        Some(What::CharDevice(device(m.rdev())))
    } else if kind.is_block_device() {
        Some(What::BlockDevice(device(m.rdev())))
    } else if kind.is_fifo() {
        Some(What::Fifo)
    } else {
        None
    };
    Some(Stat { what, meta: meta(&m) })
}

/// glibc's 64-bit device number to Linux's 32-bit encoding.
fn device(dev: u64) -> u32 {
    let (major, minor) = (rustix::fs::major(dev), rustix::fs::minor(dev));
    minor & 0xff | major << 8 | (minor & !0xff) << 12
}
