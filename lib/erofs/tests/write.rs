//! What the writer lays out: the reader finds it again, fsck.erofs accepts it, and damage never makes the reader panic.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use erofs::write::{Kind, Meta, Options, Tree, WriteError};
use erofs::{Error, Fault, FileType, Image, Inode, Source, Xattr};

fn meta(perm: u16) -> Meta {
    Meta { perm, uid: 1000, gid: 70_000, mtime: (1_700_000_000, 123_456_789), xattrs: vec![] }
}

fn contents(source: u64) -> Vec<u8> {
    (0..source).map(|i| (i * 7 + source) as u8).collect()
}

fn file(len: u64) -> Kind {
    Kind::File { len, source: len }
}

fn build(tree: &Tree) -> Vec<u8> {
    let layout = tree.layout(&Options::default()).unwrap();
    let mut out = layout.meta.clone();
    assert_eq!(out.len() % 4096, 0);
    out.resize(layout.len as usize, 0);
    for e in &layout.files {
        assert_eq!(e.offset % 4096, 0);
        out[e.offset as usize..(e.offset + e.len) as usize].copy_from_slice(&contents(e.source));
    }
    out
}

fn sample() -> Tree {
    let mut t = Tree::new(Meta { perm: 0o755, ..Meta::default() });
    for len in [0, 1, 4095, 4096, 4097, 100_000] {
        t.insert(format!("files/f{len}").as_bytes(), file(len), meta(0o644)).unwrap();
    }
    let bin = t.insert(b"/usr/bin/prog", file(5000), meta(0o4755)).unwrap();
    t.link(b"usr/bin/prog-too", bin).unwrap();
    t.insert(b"bin", Kind::Symlink(b"usr/bin".to_vec()), meta(0o777)).unwrap();
    t.insert(b"long", Kind::Symlink(vec![b'x'; 4095]), meta(0o777)).unwrap();
    t.insert(b"dev/null", Kind::CharDevice(0x103), meta(0o666)).unwrap();
    t.insert(b"dev/sda", Kind::BlockDevice(0x800), meta(0o660)).unwrap();
    t.insert(b"dev/fifo", Kind::Fifo, meta(0o600)).unwrap();
    t.insert(b"dev/sock", Kind::Socket, meta(0o600)).unwrap();
    for i in 0..3000 {
        t.insert(format!("many/{}{i}", "name".repeat(i % 30)).as_bytes(), file(0), meta(0o600)).unwrap();
    }
    for odd in ["!", "-x", ".-", ".a", "..a", "\u{7f}", "ä"] {
        t.insert(format!("odd/{odd}").as_bytes(), file(3), meta(0o600)).unwrap();
    }
    t.insert(format!("odd/{}", "n".repeat(255)).as_bytes(), file(3), meta(0o600)).unwrap();
    let mut with = meta(0o755);
    with.xattrs.push((b"user.note".to_vec(), b"hello".to_vec()));
    with.xattrs.push((b"security.capability".to_vec(), vec![1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
    t.insert(b"caps", file(9), with.clone()).unwrap();
    with.xattrs.push((b"user.large".to_vec(), vec![b'v'; 5000]));
    t.insert(b"large-xattr", file(9), with.clone()).unwrap();
    t.insert(b"dir-xattr", Kind::Directory, with).unwrap();
    t
}

fn get(image: &Image<&[u8]>, path: &str) -> Option<Inode> {
    let mut ino = image.inode(image.root()).unwrap();
    for part in path.split('/').filter(|p| !p.is_empty()) {
        ino = image.inode(image.lookup(&ino, part.as_bytes()).unwrap()?.0).unwrap();
    }
    Some(ino)
}

fn names(image: &Image<&[u8]>, dir: &Inode) -> Vec<(Vec<u8>, FileType)> {
    let mut all = vec![];
    image
        .readdir(dir, 0, &mut |e| {
            all.push((e.name.to_vec(), e.file_type));
            true
        })
        .unwrap();
    all
}

#[test]
fn round_trip() {
    let bytes = build(&sample());
    let image = Image::new(&bytes[..]).unwrap();
    for len in [0, 1, 4095, 4096, 4097, 100_000] {
        let ino = get(&image, &format!("files/f{len}")).unwrap();
        assert_eq!((ino.size, ino.mode, ino.uid, ino.gid, ino.nlink), (len, 0o100_644, 1000, 70_000, 1));
        assert_eq!(ino.mtime, (1_700_000_000, 123_456_789));
        let data = image.data(&ino).unwrap();
        assert_eq!((data.offset % 4096, data.len), (0, len));
        assert_eq!(image.contents(&ino).unwrap(), contents(len));
        let end = (data.offset + len) as usize;
        assert!(bytes[end..end.next_multiple_of(4096)].iter().all(|&b| b == 0), "tail of the last page");
    }
    let (a, b) = (get(&image, "usr/bin/prog").unwrap(), get(&image, "usr/bin/prog-too").unwrap());
    assert_eq!((a, a.nlink, a.mode), (b, 2, 0o104_755));
    assert_eq!(image.readlink(&get(&image, "bin").unwrap()).unwrap(), b"usr/bin");
    assert_eq!(image.readlink(&get(&image, "long").unwrap()).unwrap(), [b'x'; 4095]);
    assert_eq!(get(&image, "dev/null").map(|i| (i.rdev, i.file_type())), Some((0x103, FileType::CharDevice)));
    assert_eq!(get(&image, "dev/sda").map(|i| (i.rdev, i.file_type())), Some((0x800, FileType::BlockDevice)));
    assert_eq!(get(&image, "dev/fifo").map(|i| i.file_type()), Some(FileType::Fifo));
    let root = get(&image, "").unwrap();
    assert_eq!(
        root.nlink,
        2 + names(&image, &root).iter().filter(|(n, t)| *t == FileType::Directory && !n.starts_with(b".")).count() as u32
    );
    assert_eq!(get(&image, "usr/bin/..").unwrap().nid, get(&image, "usr").unwrap().nid);
}

#[test]
fn every_name_is_found_and_listed_in_order() {
    let bytes = build(&sample());
    let image = Image::new(&bytes[..]).unwrap();
    for dir in ["", "many", "odd", "dir-xattr"] {
        let ino = get(&image, dir).unwrap();
        let all = names(&image, &ino);
        assert!(all.is_sorted_by(|a, b| a.0 < b.0), "{dir}");
        for (name, kind) in &all {
            assert_eq!(image.lookup(&ino, name).unwrap().unwrap().1, *kind);
            let next = [name.as_slice(), b"\x01"].concat();
            assert_eq!(image.lookup(&ino, &next).unwrap(), None);
        }
    }
    assert_eq!(names(&image, &get(&image, "many").unwrap()).len(), 3002);
}

#[test]
fn extended_attributes() {
    let bytes = build(&sample());
    let image = Image::new(&bytes[..]).unwrap();
    for (path, count) in [("caps", 2), ("large-xattr", 3), ("dir-xattr", 3), ("files/f1", 0)] {
        let mut all = BTreeMap::new();
        let each = &mut |a: Xattr<'_>| all.insert([a.prefix.as_bytes(), a.name].concat(), a.value.to_vec()).is_none();
        image.xattrs(&get(&image, path).unwrap(), each).unwrap();
        assert_eq!(all.len(), count, "{path}");
        if count > 0 {
            assert_eq!(all[&b"user.note"[..]], b"hello");
            assert_eq!(all[&b"security.capability"[..]].len(), 20);
        }
    }
    assert_eq!(image.contents(&get(&image, "large-xattr").unwrap()).unwrap(), contents(9));
    assert!(get(&image, "dir-xattr/..").is_some());
}

#[test]
fn bad_trees_are_refused() {
    let mut t = Tree::new(meta(0o755));
    t.insert(b"file", file(1), meta(0o644)).unwrap();
    assert!(matches!(t.insert(b"file/below", file(1), meta(0)), Err(WriteError::NotDirectory(_))));
    assert!(matches!(t.insert(b"a/../b", file(1), meta(0)), Err(WriteError::BadName(_))));
    assert!(matches!(t.insert(b"file", file(1), meta(0)), Err(WriteError::Exists(_))));
    assert!(matches!(t.insert(b"l", Kind::Symlink(vec![]), meta(0)), Err(WriteError::BadTarget(_))));
    let mut odd = meta(0);
    odd.xattrs.push((b"strange.name".to_vec(), vec![]));
    t.insert(b"x", file(1), odd).unwrap();
    assert!(matches!(t.layout(&Options::default()), Err(WriteError::BadXattr(_))));
    t = Tree::new(meta(0o755));
    t.insert(b"huge", Kind::File { len: u64::MAX, source: 0 }, meta(0)).unwrap();
    assert_eq!(t.layout(&Options::default()).unwrap_err(), WriteError::TooLarge);
}

#[test]
fn same_tree_same_bytes() {
    assert!(build(&sample()) == build(&sample()));
}

#[test]
fn fsck_accepts_it() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("write-fsck.img");
    std::fs::write(&path, build(&sample())).unwrap();
    let Ok(out) = Command::new("fsck.erofs").args(["-d3", "--extract"]).arg(&path).output() else {
        eprintln!("skipped: fsck.erofs is not installed (apt-get install erofs-utils)");
        return;
    };
    let text = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert!(out.status.success() && text.contains("No errors found"), "{text}");
    let out = Command::new("dump.erofs").arg("--path=/usr/bin/prog").arg(&path).output().unwrap();
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(out.status.success() && text.contains("Links: 2") && text.contains("Gid: 70000"), "{text}");
}

/// Reads everything there is, to a limit: damage can make directories contain each other.
fn walk(bytes: &[u8]) {
    let Ok(image) = Image::new(bytes) else { return };
    let mut queue = vec![image.root()];
    let mut left = 6000;
    while let Some(nid) = queue.pop() {
        left -= 1;
        let Ok(ino) = image.inode(nid) else { continue };
        let _ = (image.data(&ino), image.readlink(&ino), image.contents(&ino), image.block(&ino, 1), image.block(&ino, u64::MAX));
        let mut attrs = 0;
        let _ = image.xattrs(&ino, &mut |_| {
            attrs += 1;
            attrs < 1000
        });
        for name in [&b"many"[..], b"", b"zz", b"name17"] {
            let _ = image.lookup(&ino, name);
        }
        for cookie in [0, 5, 4095, 1 << 40] {
            let _ = image.readdir(&ino, cookie, &mut |e| {
                if left > queue.len() && cookie == 0 {
                    queue.push(e.nid);
                }
                true
            });
        }
        if left == 0 {
            return;
        }
    }
}

#[test]
fn damage_does_not_panic() {
    let mut t = sample();
    t.insert(b"last", file(1), meta(0)).unwrap();
    let good = build(&t);
    let mut seed = 0x9e37_79b9_7f4a_7c15u64;
    let mut random = move || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    for round in 0..300 {
        let mut bad = good.clone();
        for _ in 0..1 + random() % 40 {
            // Mostly in the superblock, the root's inode and what is near, where damage does most.
            let range = if round % 2 == 0 { 256 } else { good.len() as u64 - 1024 };
            let at = 1024 + (random() % range) as usize;
            bad[at] = if random() % 3 == 0 { 0xff } else { random() as u8 };
        }
        // Keep the magic, or nothing is tested.
        bad[1024..1028].copy_from_slice(&good[1024..1028]);
        walk(&bad);
    }
    for len in (0..good.len()).step_by(997) {
        walk(&good[..len]);
    }
}

/// A source that copies, as a disk does, and of which the blocks from `broken` on cannot be read.
struct Fetched {
    bytes: Vec<u8>,
    broken: u64,
}

impl Source for Fetched {
    type Bytes = Vec<u8>;

    fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn piece(&self, offset: u64, len: u64) -> Result<Vec<u8>, Fault> {
        if offset + len > self.broken { Err(Fault::Unreadable) } else { (&self.bytes[..]).piece(offset, len).map(<[u8]>::to_vec) }
    }
}

#[test]
fn a_source_that_fetches_gives_the_same() {
    let bytes = build(&sample());
    let here = Image::new(&bytes[..]).unwrap();
    let there = Image::new(Fetched { bytes: bytes.clone(), broken: u64::MAX }).unwrap();
    let mut queue = vec![here.root()];
    let mut seen = BTreeSet::new();
    while let Some(nid) = queue.pop() {
        if !seen.insert(nid) {
            continue;
        }
        let ino = here.inode(nid).unwrap();
        assert_eq!(there.inode(nid), Ok(ino));
        assert_eq!(there.data(&ino), here.data(&ino));
        assert_eq!(there.block(&ino, 0).ok(), here.block(&ino, 0).ok().map(<[u8]>::to_vec));
        assert_eq!(there.readlink(&ino).ok(), here.readlink(&ino).ok().map(<[u8]>::to_vec));
        let mut names = Vec::new();
        let _ = here.readdir(&ino, 0, &mut |e| {
            names.push((e.name.to_vec(), e.nid, e.file_type, e.next));
            true
        });
        let mut again = Vec::new();
        let _ = there.readdir(&ino, 0, &mut |e| {
            again.push((e.name.to_vec(), e.nid, e.file_type, e.next));
            true
        });
        assert_eq!(names, again);
        for (name, nid, ..) in names {
            assert_eq!(there.lookup(&ino, &name).unwrap().unwrap().0, nid);
            queue.push(nid);
        }
    }
    assert!(seen.len() > 10);
}

#[test]
fn what_cannot_be_read_is_no_damage() {
    let bytes = build(&sample());
    let blocks = bytes.len() as u64 / 4096;
    assert_eq!(Image::new(Fetched { bytes: bytes.clone(), broken: 1024 }).err(), Some(Error::Unreadable));
    let image = Image::new(Fetched { bytes: bytes.clone(), broken: (blocks - 20) * 4096 }).unwrap();
    let root = image.inode(image.root()).unwrap();
    let file = image.lookup(&root, b"files").unwrap().and_then(|(nid, _)| image.inode(nid).ok()).unwrap();
    let file = image.lookup(&file, b"f100000").unwrap().and_then(|(nid, _)| image.inode(nid).ok()).unwrap();
    let end = file.size.div_ceil(4096);
    let read: Vec<_> = (0..end).map(|index| image.block(&file, index).map(|block| block.len())).collect();
    assert!(read.iter().all(|r| matches!(r, Ok(_) | Err(Error::Unreadable))), "{read:?}");
    // A disk that is shorter than the image says so at once.
    assert_eq!(Image::new(Fetched { bytes: bytes[..bytes.len() - 4096].to_vec(), broken: u64::MAX }).err(), Some(Error::Truncated));
}
