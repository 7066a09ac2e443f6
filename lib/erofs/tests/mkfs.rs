//! Reads images made by mkfs.erofs (erofs-utils): the reader must understand the format, not only our own writer's output.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use erofs::{Error, Image, Inode};

fn scratch(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).unwrap();
    dir
}

/// An image of a small tree, or nothing when mkfs.erofs is not installed.
fn mkfs(name: &str, options: &[&str]) -> Option<Vec<u8>> {
    let dir = scratch(name);
    let src = dir.join("src");
    std::fs::create_dir_all(src.join("many")).unwrap();
    std::fs::write(src.join("hello"), b"hello\n").unwrap();
    std::fs::write(src.join("page"), vec![7u8; 4096]).unwrap();
    std::fs::write(src.join("big"), (0..100_000u32).map(|i| i as u8).collect::<Vec<_>>()).unwrap();
    std::fs::write(src.join("empty"), b"").unwrap();
    std::os::unix::fs::symlink("many/n0007", src.join("link")).unwrap();
    for i in 0..1000 {
        std::fs::write(src.join(format!("many/n{i:04}")), format!("{i}")).unwrap();
    }
    let img = dir.join("img");
    let Ok(out) = Command::new("mkfs.erofs").args(options).arg(&img).arg(&src).output() else {
        eprintln!("skipped: mkfs.erofs is not installed (apt-get install erofs-utils)");
        return None;
    };
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    Some(std::fs::read(img).unwrap())
}

fn get(image: &Image<&[u8]>, path: &str) -> Option<Inode> {
    let mut ino = image.inode(image.root()).unwrap();
    for part in path.split('/').filter(|p| !p.is_empty()) {
        let (nid, kind) = image.lookup(&ino, part.as_bytes()).unwrap()?;
        ino = image.inode(nid).unwrap();
        assert_eq!(kind, ino.file_type());
    }
    Some(ino)
}

fn read(image: &Image<&[u8]>, ino: &Inode) -> Vec<u8> {
    (0..ino.size.div_ceil(4096)).flat_map(|i| image.block(ino, i).unwrap().to_vec()).collect()
}

fn check(bytes: &[u8]) {
    let image = Image::new(bytes).unwrap();
    assert_eq!(read(&image, &get(&image, "hello").unwrap()), b"hello\n");
    assert_eq!(read(&image, &get(&image, "page").unwrap()), [7u8; 4096]);
    assert_eq!(read(&image, &get(&image, "big").unwrap()), (0..100_000u32).map(|i| i as u8).collect::<Vec<_>>());
    assert_eq!(image.data(&get(&image, "empty").unwrap()).unwrap().len, 0);
    assert_eq!(image.readlink(&get(&image, "link").unwrap()).unwrap(), b"many/n0007");
    assert_eq!(image.readlink(&get(&image, "hello").unwrap()), Err(Error::NotSymlink(get(&image, "hello").unwrap().nid)));
    for i in 0..1000 {
        assert_eq!(read(&image, &get(&image, &format!("many/n{i:04}")).unwrap()), i.to_string().as_bytes());
    }
    for none in ["many/n", "many/n0500x", "many/zzz", "many/!", "nope"] {
        assert!(get(&image, none).is_none(), "{none}");
    }
    let many = get(&image, "many").unwrap();
    // Every entry once, in order, also when each call takes one entry only.
    let mut names = BTreeMap::new();
    let mut cookie = 0;
    loop {
        let mut taken = None;
        let next = image
            .readdir(&many, cookie, &mut |e| {
                if taken.is_some() {
                    return false;
                }
                taken = Some((e.name.to_vec(), e.nid, e.next));
                true
            })
            .unwrap();
        let Some((name, nid, after)) = taken else { break };
        assert!(names.insert(name, nid).is_none());
        assert_eq!(next, if names.len() < 1002 { after } else { next });
        cookie = next;
    }
    assert_eq!(names.len(), 1002);
    assert_eq!(image.readdir(&many, u64::MAX, &mut |_| panic!("no entry there")).unwrap(), u64::MAX);
}

#[test]
fn plain_images() {
    if let Some(bytes) = mkfs("plain", &["-Enoinline_data", "-x-1"]) {
        check(&bytes);
    }
}

#[test]
fn inline_and_extended_images() {
    if let Some(bytes) = mkfs("inline", &["-Eforce-inode-extended"]) {
        check(&bytes);
        let image = Image::new(&bytes[..]).unwrap();
        assert!(matches!(image.data(&get(&image, "big").unwrap()), Err(Error::NotContiguous(_))));
    }
}

#[test]
fn compressed_images_are_refused() {
    let Some(bytes) = mkfs("lz4", &["-zlz4"]) else { return };
    match Image::new(&bytes[..]) {
        Ok(image) => assert!(matches!(image.data(&get(&image, "big").unwrap()), Err(Error::Layout(_)))),
        Err(e) => assert!(matches!(e, Error::Feature(_))),
    }
}
