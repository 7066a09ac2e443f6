//! A small root image, mounted on the host with a stand-in for physical memory.
#![allow(dead_code)] // each test program uses its part

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use abi::{Errno, Result};
use erofs::write::{Kind, Meta, Options, Tree};
use hal::mem::mmio::RoRegion;
use hal::mem::{Frame, PAGE_SIZE};
use kernel::cred::Cred;
use kernel::iobuf::{ReadBuf, WriteBuf};
use kernel::vfs::disk::Disk;
use kernel::vfs::open::{self, OpenArgs};
use kernel::vfs::walk::{self, WalkFlags};
use kernel::vfs::{Caller, File, FsContext, Inode, OpenFlags, Path, Timestamp, create, mounting, remove, rename, types};

pub const RDONLY: OpenFlags = OpenFlags::empty();

/// Everything a test acts with.
pub struct World {
    pub fs: Arc<FsContext>,
    pub cred: Cred,
}

static SECONDS: AtomicI64 = AtomicI64::new(2_000_000_000);

/// A clock that goes on by a second at every look.
fn ticking() -> Timestamp {
    Timestamp { sec: SECONDS.fetch_add(1, Ordering::Relaxed), nsec: 5 }
}

pub fn meta(perm: u16, uid: u32) -> Meta {
    Meta { perm, uid, gid: uid, mtime: (1_700_000_000, 7), xattrs: vec![] }
}

fn text(i: u64, len: u64) -> Vec<u8> {
    if i == 1 { b"root:x:0:0\nuser:x:1000\n".to_vec() } else { (0..len).map(|b| (b % 251) as u8).collect() }
}

/// The image's bytes.
pub fn image() -> Vec<u8> {
    let mut t = Tree::new(meta(0o755, 0));
    t.insert(b"etc/passwd", Kind::File { len: text(1, 0).len() as u64, source: 1 }, meta(0o644, 0)).unwrap();
    t.insert(b"etc/shadow", Kind::File { len: 10, source: 2 }, meta(0o600, 0)).unwrap();
    let prog = t.insert(b"usr/bin/prog", Kind::File { len: 10_000, source: 3 }, meta(0o4755, 0)).unwrap();
    t.link(b"usr/bin/also", prog).unwrap();
    t.insert(b"bin", Kind::Symlink(b"usr/bin".to_vec()), meta(0o777, 0)).unwrap();
    t.insert(b"abs", Kind::Symlink(b"/etc/passwd".to_vec()), meta(0o777, 0)).unwrap();
    t.insert(b"loop", Kind::Symlink(b"loop".to_vec()), meta(0o777, 0)).unwrap();
    t.insert(b"dangling", Kind::Symlink(b"tmp/made".to_vec()), meta(0o777, 0)).unwrap();
    t.insert(b"tmp", Kind::Directory, meta(0o1777, 0)).unwrap();
    t.insert(b"home/user", Kind::Directory, meta(0o755, 1000)).unwrap();
    t.insert(b"secret/inside", Kind::File { len: 1, source: 4 }, meta(0o644, 0)).unwrap();
    t.insert(b"mnt", Kind::Directory, meta(0o755, 0)).unwrap();
    for i in 0..300 {
        t.insert(format!("many/f{i:03}").as_bytes(), Kind::File { len: 0, source: 5 }, meta(0o644, 0)).unwrap();
    }
    let mut tagged = meta(0o644, 0);
    tagged.xattrs.push((b"user.note".to_vec(), b"hello".to_vec()));
    t.insert(b"tagged", Kind::File { len: 1, source: 6 }, tagged).unwrap();
    let layout = t.layout(&Options::default()).unwrap();
    let mut out = layout.meta.clone();
    out.resize(layout.len as usize, 0);
    for e in &layout.files {
        out[e.offset as usize..(e.offset + e.len) as usize].copy_from_slice(&text(e.source, e.len));
    }
    out
}

/// A disk of which the bytes from `broken` on cannot be read.
pub struct Ram {
    pub bytes: Vec<u8>,
    pub broken: u64,
    pub reads: AtomicI64,
}

impl Disk for Ram {
    fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read(&self, offset: u64, frames: &[Frame]) -> Result<()> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        for (frame, at) in frames.iter().zip((offset as usize..).step_by(PAGE_SIZE)) {
            if at as u64 + PAGE_SIZE as u64 > self.broken {
                return Err(Errno::EIO);
            }
            let here = self.bytes.get(at..).unwrap_or(&[]);
            let here = &here[..here.len().min(PAGE_SIZE)];
            frame.write(0, here);
            frame.clear(here.len(), PAGE_SIZE - here.len());
        }
        Ok(())
    }
}

/// The root directory of an image; the test program `disk` has it on a disk.
#[cfg(feature = "disk")]
fn root(image: Vec<u8>) -> Result<Arc<Inode>> {
    if env!("CARGO_CRATE_NAME") == "disk" {
        return fs_root::mount_disk(disk(image, u64::MAX));
    }
    fs_root::mount(RoRegion::from_boot(Box::leak(image.into_boxed_slice())))
}

#[cfg(not(feature = "disk"))]
fn root(image: Vec<u8>) -> Result<Arc<Inode>> {
    fs_root::mount(RoRegion::from_boot(Box::leak(image.into_boxed_slice())))
}

pub fn disk(bytes: Vec<u8>, broken: u64) -> &'static Ram {
    hal::mem::start_fake();
    Box::leak(Box::new(Ram { bytes, broken, reads: AtomicI64::new(0) }))
}

impl World {
    /// A fresh mount of the image, as root.
    pub fn new() -> World {
        hal::mem::start_fake();
        World::of(root(image()).unwrap())
    }

    /// One with this root directory.
    pub fn of(root: Arc<Inode>) -> World {
        types::set_clock(ticking);
        let fs = mounting::mount_root(root, 0o022).unwrap();
        World { fs, cred: Cred::new(0, 0, Arc::from([])) }
    }

    /// The same tree seen by another user.
    pub fn user(&self, uid: u32) -> World {
        World { fs: self.fs.clone(), cred: Cred::new(uid, uid, Arc::from([])) }
    }

    pub fn caller(&self) -> Caller<'_> {
        Caller { fs: &self.fs, cred: &self.cred }
    }

    pub fn open(&self, path: &str, flags: OpenFlags) -> Result<Arc<File>> {
        self.open_mode(path, flags, 0o666)
    }

    pub fn open_mode(&self, path: &str, flags: OpenFlags, mode: u32) -> Result<Arc<File>> {
        open::open(&self.caller(), None, path.as_bytes(), OpenArgs { mode, ..OpenArgs::new(flags) })
    }

    pub fn path(&self, path: &str) -> Result<Path> {
        walk::lookup(&self.caller(), None, path.as_bytes(), WalkFlags::FOLLOW)
    }

    pub fn link_path(&self, path: &str) -> Result<Path> {
        walk::lookup(&self.caller(), None, path.as_bytes(), WalkFlags::empty())
    }

    pub fn stat(&self, path: &str) -> Result<abi::fs::Stat> {
        Ok(self.path(path)?.inode()?.stat())
    }

    pub fn exists(&self, path: &str) -> bool {
        match self.link_path(path) {
            Ok(_) => true,
            Err(Errno::ENOENT) => false,
            Err(e) => panic!("{path}: {e:?}"),
        }
    }

    pub fn mkdir(&self, path: &str) -> Result<()> {
        create::mkdir(&self.caller(), None, path.as_bytes(), 0o777)
    }

    pub fn symlink(&self, target: &str, path: &str) -> Result<()> {
        create::symlink(&self.caller(), target.as_bytes(), None, path.as_bytes())
    }

    pub fn link(&self, old: &str, new: &str) -> Result<()> {
        create::link(&self.caller(), &self.link_path(old)?, None, new.as_bytes())
    }

    pub fn unlink(&self, path: &str) -> Result<()> {
        remove::unlink(&self.caller(), None, path.as_bytes())
    }

    pub fn rmdir(&self, path: &str) -> Result<()> {
        remove::rmdir(&self.caller(), None, path.as_bytes())
    }

    pub fn rename(&self, old: &str, new: &str, flags: u32) -> Result<()> {
        rename::rename(&self.caller(), (None, old.as_bytes()), (None, new.as_bytes()), flags)
    }

    pub fn put(&self, path: &str, data: &[u8]) -> Result<()> {
        let file = self.open(path, OpenFlags::CREAT | OpenFlags::WRONLY | OpenFlags::TRUNC)?;
        assert_eq!(write(&file, data, 0)?, data.len());
        Ok(())
    }

    pub fn get(&self, path: &str) -> Result<Vec<u8>> {
        read(&*self.open(path, RDONLY)?, 0)
    }

    pub fn list(&self, path: &str) -> Result<Vec<String>> {
        Ok(entries(&*self.open(path, OpenFlags::DIRECTORY)?, 0, usize::MAX)?.into_iter().map(|e| e.0).collect())
    }
}

/// Names and their following cookies, at most `max` of them.
pub fn entries(dir: &File, cookie: u64, max: usize) -> Result<Vec<(String, u64)>> {
    let mut out = vec![];
    dir.ops.read_dir(dir, cookie, &mut |e| {
        if out.len() == max {
            return false;
        }
        out.push((String::from_utf8(e.name.to_vec()).unwrap(), e.next));
        true
    })?;
    Ok(out)
}

pub fn read(file: &File, pos: u64) -> Result<Vec<u8>> {
    let mut buf = vec![0; 20_000];
    let n = file.ops.read_at(file, &mut ReadBuf::kernel(&mut buf), pos)?;
    buf.truncate(n);
    Ok(buf)
}

pub fn write(file: &File, data: &[u8], pos: u64) -> Result<usize> {
    file.ops.write_at(file, &mut WriteBuf::kernel(data), pos)
}

pub fn err<T>(r: Result<T>) -> Option<Errno> {
    r.err()
}
