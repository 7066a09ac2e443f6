//! The file system as programs see it: names, links, permissions, removal, renaming, over an image that never changes.

mod common;

use abi::Errno;
use abi::fs::rename as rn;
use common::*;
use kernel::vfs::{OpenFlags, attr, content, mounting, xattr};

const NEW: OpenFlags = OpenFlags::CREAT.union(OpenFlags::EXCL).union(OpenFlags::WRONLY);

#[test]
fn files_of_the_image_are_read_in_place() {
    let w = World::new();
    assert_eq!(w.get("/etc/passwd").unwrap(), b"root:x:0:0\nuser:x:1000\n");
    assert_eq!(w.get("/abs").unwrap(), w.get("etc//./passwd").unwrap());
    assert_eq!(w.get("/bin/prog").unwrap().len(), 10_000);
    assert_eq!(w.get("/bin/../../etc/../../../etc/passwd").unwrap().len(), 23);
    let (a, b) = (w.stat("/usr/bin/prog").unwrap(), w.stat("/bin/also").unwrap());
    assert_eq!((a.st_ino, a.st_nlink, a.st_mode, a.st_size), (b.st_ino, 2, 0o104755, 10_000));
    assert_eq!((a.st_mtime, a.st_mtime_nsec), (1_700_000_000, 7));
    assert_eq!(w.stat("/").unwrap().st_ino, w.stat("/..").unwrap().st_ino);
}

#[test]
fn walking_fails_as_linux_does() {
    let w = World::new();
    for (path, want) in [
        ("", Errno::ENOENT),
        ("/nothing", Errno::ENOENT),
        ("/nothing/x", Errno::ENOENT),
        ("/etc/passwd/x", Errno::ENOTDIR),
        ("/etc/passwd/", Errno::ENOTDIR),
        ("/etc/passwd/..", Errno::ENOTDIR),
        ("/loop", Errno::ELOOP),
        ("/loop/x", Errno::ELOOP),
        ("/dangling", Errno::ENOENT),
    ] {
        assert_eq!(err(w.stat(path)), Some(want), "{path}");
    }
    assert_eq!(err(w.stat(&"n".repeat(256))), Some(Errno::ENAMETOOLONG));
    assert_eq!(err(w.stat(&format!("/etc/{}/x", "n".repeat(300)))), Some(Errno::ENAMETOOLONG));
    let mut chain = w.symlink("/etc", "/tmp/l0");
    for i in 1..=40 {
        chain = chain.and_then(|()| w.symlink(&format!("l{}", i - 1), &format!("/tmp/l{i}")));
    }
    chain.unwrap();
    assert!(w.stat("/tmp/l39/passwd").is_ok());
    assert_eq!(err(w.stat("/tmp/l40/passwd")), Some(Errno::ELOOP));
}

#[test]
fn open_flags() {
    let w = World::new();
    assert_eq!(err(w.open("/etc", OpenFlags::WRONLY)), Some(Errno::EISDIR));
    assert_eq!(err(w.open("/etc/passwd", OpenFlags::DIRECTORY)), Some(Errno::ENOTDIR));
    assert_eq!(err(w.open("/abs", OpenFlags::NOFOLLOW)), Some(Errno::ELOOP));
    assert_eq!(err(w.open("/etc/passwd", NEW)), Some(Errno::EEXIST));
    assert_eq!(err(w.open("/dangling", NEW)), Some(Errno::EEXIST));
    assert_eq!(err(w.open("/etc/", OpenFlags::CREAT)), Some(Errno::EISDIR));
    assert_eq!(err(w.open("/tmp/new/", OpenFlags::CREAT)), Some(Errno::EISDIR));
    assert_eq!(err(w.open("/tmp/", OpenFlags::CREAT | OpenFlags::EXCL)), Some(Errno::EISDIR));
    assert_eq!(err(w.open("/etc/none/x", NEW)), Some(Errno::ENOENT));
    // Through a dangling link a file is made where it points.
    w.open("/dangling", OpenFlags::CREAT | OpenFlags::WRONLY).unwrap();
    assert_eq!(w.stat("/tmp/made").unwrap().st_mode, 0o100644);
    let path_only = w.open("/abs", OpenFlags::PATH | OpenFlags::NOFOLLOW).unwrap();
    assert_eq!(path_only.stat().st_mode & 0o170000, 0o120000);
    let unnamed = w.open("/tmp", OpenFlags::TMPFILE_BIT | OpenFlags::DIRECTORY | OpenFlags::RDWR).unwrap();
    assert_eq!(unnamed.stat().st_nlink, 0);
    assert_eq!(write(&unnamed, b"abc", 0), Ok(3));
    kernel::vfs::create::link(&w.caller(), unnamed.path().unwrap(), None, b"/tmp/named").unwrap();
    assert_eq!(w.get("/tmp/named").unwrap(), b"abc");
    assert_eq!(unnamed.stat().st_nlink, 1);
}

#[test]
fn writing_changes_the_file_and_not_its_identity() {
    let w = World::new();
    let before = w.open("/etc/passwd", RDONLY).unwrap();
    let ino = before.stat().st_ino;
    let file = w.open("/abs", OpenFlags::RDWR | OpenFlags::APPEND).unwrap();
    write(&file, b"new\n", 0).unwrap();
    assert_eq!(read(&before, 0).unwrap(), b"root:x:0:0\nuser:x:1000\nnew\n", "a reader from before sees the change");
    write(&w.open("/etc/passwd", OpenFlags::WRONLY).unwrap(), b"ROOT", 0).unwrap();
    drop((file, before));
    kernel::vfs::dcache::shrink(100_000);
    assert!(w.get("/etc/passwd").unwrap().starts_with(b"ROOT:x"), "a change outlives the cache");
    assert_eq!(w.stat("/etc/passwd").unwrap().st_ino, ino);
    assert!(w.stat("/etc/passwd").unwrap().st_mtime >= 2_000_000_000);
    // Set-id bits go with a write.
    write(&w.open("/bin/prog", OpenFlags::WRONLY).unwrap(), b"x", 0).unwrap();
    assert_eq!(w.stat("/bin/also").unwrap().st_mode, 0o100755);
    // Cut, then grown: the image's bytes do not come back.
    let file = w.open("/bin/prog", OpenFlags::RDWR).unwrap();
    content::ftruncate(&file, 100).unwrap();
    content::ftruncate(&file, 9000).unwrap();
    let data = read(&file, 0).unwrap();
    assert_eq!((data.len(), data[99], data[100], data[8999]), (9000, 99, 0, 0));
    assert_eq!(err(content::ftruncate(&w.open("/bin/prog", RDONLY).unwrap(), 1)), Some(Errno::EINVAL));
}

#[test]
fn unlinked_files_live_while_open() {
    let w = World::new();
    let file = w.open("/etc/passwd", RDONLY).unwrap();
    w.unlink("/etc/passwd").unwrap();
    assert!(!w.exists("/etc/passwd"));
    assert_eq!(read(&file, 0).unwrap().len(), 23);
    assert_eq!(file.stat().st_nlink, 0);
    assert_eq!(file.path().unwrap().to_bytes(&w.fs.root()), b"/etc/passwd (deleted)");
    w.put("/etc/passwd", b"other").unwrap();
    assert_eq!(w.get("/etc/passwd").unwrap(), b"other");
    assert_eq!(read(&file, 0).unwrap().len(), 23);
    w.unlink("/etc/passwd").unwrap();
    kernel::vfs::dcache::shrink(100_000);
    assert!(!w.exists("/etc/passwd"), "what was removed stays removed");
    assert_eq!(err(w.unlink("/etc/passwd")), Some(Errno::ENOENT));
    assert_eq!(err(w.unlink("/etc")), Some(Errno::EISDIR));
    assert_eq!(err(w.unlink("/abs/")), Some(Errno::ENOTDIR));
    w.unlink("/bin/also").unwrap();
    assert_eq!(w.stat("/bin/prog").unwrap().st_nlink, 1);
}

#[test]
fn directories_merge_image_and_memory() {
    let w = World::new();
    let all = w.list("/many").unwrap();
    assert_eq!(all.len(), 302);
    assert_eq!(&all[..3], [".", "..", "f000"]);
    w.unlink("/many/f001").unwrap();
    w.put("/many/new", b"").unwrap();
    w.put("/many/f002", b"still there").unwrap();
    let now = w.list("/many").unwrap();
    assert_eq!(now.len(), 302);
    assert!(!now.contains(&"f001".into()) && now.contains(&"new".into()));
    // Reading in pieces while what was read is removed: every other entry comes exactly once.
    let dir = w.open("/many", OpenFlags::DIRECTORY).unwrap();
    let (mut cookie, mut seen) = (0, vec![]);
    loop {
        let part = entries(&dir, cookie, 7).unwrap();
        let Some((_, next)) = part.last() else { break };
        cookie = *next;
        for (name, _) in part {
            if name.starts_with('f') || name == "new" {
                w.unlink(&format!("/many/{name}")).unwrap();
            }
            seen.push(name);
        }
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 302);
    assert_eq!(w.list("/many").unwrap(), [".", ".."]);
    w.rmdir("/many").unwrap();
    assert_eq!(err(entries(&dir, 0, 9)), Some(Errno::ENOENT));
    assert_eq!(err(w.open("/many/x", NEW)), Some(Errno::ENOENT));
}

#[test]
fn mkdir_rmdir_and_link_counts() {
    let w = World::new();
    let links = |p: &str| w.stat(p).unwrap().st_nlink;
    let root = links("/");
    w.mkdir("/d").unwrap();
    w.mkdir("/d/e/").unwrap();
    assert_eq!((links("/"), links("/d"), links("/d/e")), (root + 1, 3, 2));
    assert_eq!(w.stat("/d").unwrap().st_mode, 0o040755);
    assert_eq!(err(w.mkdir("/d")), Some(Errno::EEXIST));
    assert_eq!(err(w.mkdir("/")), Some(Errno::EEXIST));
    assert_eq!(err(w.mkdir("/x/y")), Some(Errno::ENOENT));
    assert_eq!(err(w.rmdir("/d")), Some(Errno::ENOTEMPTY));
    assert_eq!(err(w.rmdir("/d/e/.")), Some(Errno::EINVAL));
    assert_eq!(err(w.rmdir("/d/e/..")), Some(Errno::ENOTEMPTY));
    assert_eq!(err(w.rmdir("/")), Some(Errno::EBUSY));
    assert_eq!(err(w.rmdir("/etc/passwd")), Some(Errno::ENOTDIR));
    assert_eq!(err(w.rmdir("/etc")), Some(Errno::ENOTEMPTY));
    w.rmdir("/d/e").unwrap();
    w.rmdir("/d").unwrap();
    assert_eq!(links("/"), root);
}

#[test]
fn renaming() {
    let w = World::new();
    w.rename("/etc/passwd", "/etc/shadow", 0).unwrap();
    assert_eq!(w.get("/etc/shadow").unwrap().len(), 23);
    assert!(!w.exists("/etc/passwd"));
    // A directory of the image keeps what is in it.
    let ino = w.stat("/usr/bin").unwrap().st_ino;
    w.rename("/usr/bin", "/tmp/moved", 0).unwrap();
    assert_eq!(w.stat("/tmp/moved").unwrap().st_ino, ino);
    assert_eq!(w.get("/tmp/moved/prog").unwrap().len(), 10_000);
    assert_eq!(w.stat("/usr").unwrap().st_nlink, 2);
    assert_eq!(w.stat("/tmp").unwrap().st_nlink, 3);
    kernel::vfs::dcache::shrink(100_000);
    assert!(!w.exists("/usr/bin") && w.exists("/tmp/moved/also"));
    assert_eq!(err(w.rename("/tmp", "/tmp/moved/x", 0)), Some(Errno::EINVAL));
    assert_eq!(err(w.rename("/etc/shadow", "/tmp", 0)), Some(Errno::EISDIR));
    assert_eq!(err(w.rename("/home", "/etc/shadow", 0)), Some(Errno::ENOTDIR));
    assert_eq!(err(w.rename("/home", "/tmp", 0)), Some(Errno::ENOTEMPTY));
    assert_eq!(err(w.rename("/none", "/tmp/x", 0)), Some(Errno::ENOENT));
    assert_eq!(err(w.rename("/etc/.", "/tmp/x", 0)), Some(Errno::EBUSY));
    assert_eq!(err(w.rename("/etc/shadow", "/abs", rn::NOREPLACE)), Some(Errno::EEXIST));
    assert_eq!(err(w.rename("/etc/shadow", "/x", rn::WHITEOUT)), Some(Errno::EINVAL));
    assert_eq!(err(w.rename("/etc/shadow", "/x", rn::EXCHANGE)), Some(Errno::ENOENT));
    w.rename("/etc/shadow", "/home", rn::EXCHANGE).unwrap();
    assert_eq!(w.get("/home").unwrap().len(), 23);
    assert!(w.exists("/etc/shadow/user"));
    assert_eq!(w.stat("/etc").unwrap().st_nlink, 3);
    // Two names of one file: nothing happens.
    w.link("/home", "/tmp/same").unwrap();
    w.rename("/home", "/tmp/same", 0).unwrap();
    assert!(w.exists("/home") && w.exists("/tmp/same"));
    // An open directory knows its new name.
    let dir = w.open("/tmp/moved", OpenFlags::DIRECTORY).unwrap();
    w.rename("/tmp/moved", "/usr/bin", 0).unwrap();
    assert_eq!(dir.path().unwrap().to_bytes(&w.fs.root()), b"/usr/bin");
}

#[test]
fn permissions() {
    let w = World::new();
    let user = w.user(1000);
    assert_eq!(err(user.open("/etc/shadow", RDONLY)), Some(Errno::EACCES));
    assert_eq!(err(user.open("/etc/passwd", OpenFlags::WRONLY)), Some(Errno::EACCES));
    assert_eq!(err(user.open("/etc/new", NEW)), Some(Errno::EACCES));
    attr::chmod(&w.caller(), &w.path("/secret").unwrap(), 0o700).unwrap();
    assert_eq!(err(user.stat("/secret/inside")), Some(Errno::EACCES));
    assert!(w.stat("/secret/inside").is_ok());
    user.put("/home/user/mine", b"x").unwrap();
    assert_eq!(w.stat("/home/user/mine").unwrap().st_uid, 1000);
    // The sticky bit: only the owner removes.
    w.put("/tmp/roots", b"").unwrap();
    assert_eq!(err(user.unlink("/tmp/roots")), Some(Errno::EPERM));
    user.put("/tmp/users", b"").unwrap();
    assert_eq!(err(w.user(1001).rename("/tmp/users", "/tmp/x", 0)), Some(Errno::EPERM));
    user.unlink("/tmp/users").unwrap();
    let mine = user.path("/home/user/mine").unwrap();
    assert_eq!(err(attr::chown(&user.caller(), &mine, Some(1001), None)), Some(Errno::EPERM));
    assert_eq!(err(attr::chown(&user.caller(), &mine, None, Some(5))), Some(Errno::EPERM));
    attr::chmod(&user.caller(), &mine, 0o6777).unwrap();
    assert_eq!(w.stat("/home/user/mine").unwrap().st_mode, 0o106777);
    attr::chown(&w.caller(), &mine, Some(7), Some(8)).unwrap();
    assert_eq!(w.stat("/home/user/mine").unwrap().st_mode, 0o100777);
    assert_eq!(err(attr::chmod(&user.caller(), &mine, 0o600)), Some(Errno::EPERM));
    // A set-group-ID directory hands its group down.
    w.mkdir("/tmp/g").unwrap();
    attr::chown(&w.caller(), &w.path("/tmp/g").unwrap(), None, Some(77)).unwrap();
    attr::chmod(&w.caller(), &w.path("/tmp/g").unwrap(), 0o2777).unwrap();
    user.mkdir("/tmp/g/sub").unwrap();
    user.put("/tmp/g/f", b"").unwrap();
    assert_eq!((w.stat("/tmp/g/sub").unwrap().st_gid, w.stat("/tmp/g/sub").unwrap().st_mode), (77, 0o042755));
    assert_eq!(w.stat("/tmp/g/f").unwrap().st_gid, 77);
}

#[test]
fn executables_and_writers_exclude_each_other() {
    let w = World::new();
    let path = w.path("/bin/prog").unwrap();
    let inode = path.inode().unwrap();
    inode.deny_write().unwrap();
    assert_eq!(err(w.open("/bin/prog", OpenFlags::WRONLY)), Some(Errno::ETXTBSY));
    inode.allow_write();
    let writer = w.open("/bin/prog", OpenFlags::RDWR).unwrap();
    assert_eq!(inode.deny_write(), Err(Errno::ETXTBSY));
    drop(writer);
    inode.deny_write().unwrap();
}

#[test]
fn mounts() {
    fs_ram::register();
    let w = World::new();
    let at = |p: &str| w.path(p).unwrap();
    let tmpfs = |p: &str, data: &[u8]| {
        let args = mounting::MountArgs { source: b"none", source_path: None, target: at(p), kind: b"tmpfs", flags: 0, data };
        mounting::mount(&w.caller(), args)
    };
    w.put("/mnt/below", b"1").unwrap();
    tmpfs("/mnt", b"size=64k,mode=755").unwrap();
    assert!(!w.exists("/mnt/below"));
    assert_ne!(w.stat("/mnt").unwrap().st_dev, w.stat("/").unwrap().st_dev);
    w.mkdir("/mnt/d").unwrap();
    assert_eq!(w.stat("/mnt/d/../..").unwrap().st_ino, w.stat("/").unwrap().st_ino);
    assert_eq!(at("/mnt/d").to_bytes(&w.fs.root()), b"/mnt/d");
    assert_eq!(err(w.rename("/mnt/d", "/tmp/d", 0)), Some(Errno::EXDEV));
    assert_eq!(err(w.link("/etc/passwd", "/mnt/p")), Some(Errno::EXDEV));
    assert_eq!(err(w.rmdir("/mnt")), Some(Errno::EBUSY));
    let big = w.open("/mnt/big", OpenFlags::CREAT | OpenFlags::RDWR).unwrap();
    let mut at_end = 0;
    let full = loop {
        match write(&big, &[1; 10_000], at_end) {
            Ok(n) => at_end += n as u64,
            Err(e) => break e,
        }
    };
    assert_eq!((full, at_end), (Errno::ENOSPC, 65536));
    assert_eq!(err(mounting::umount(&w.caller(), at("/mnt"), 0)), Some(Errno::EBUSY));
    drop(big);
    assert_eq!(err(mounting::umount(&w.user(5).caller(), at("/mnt"), 0)), Some(Errno::EPERM));
    assert_eq!(err(mounting::umount(&w.caller(), at("/mnt/d"), 0)), Some(Errno::EINVAL));
    mounting::umount(&w.caller(), at("/mnt"), 0).unwrap();
    assert_eq!(w.get("/mnt/below").unwrap(), b"1");
    assert_eq!(err(tmpfs("/mnt", b"nonsense=1")), Some(Errno::EINVAL));
    // Bound, read-only.
    let bind =
        mounting::MountArgs { source: b"/etc", source_path: Some(at("/etc")), target: at("/mnt"), kind: b"", flags: 4096, data: b"" };
    mounting::mount(&w.caller(), bind).unwrap();
    assert_eq!(w.stat("/mnt/passwd").unwrap().st_ino, w.stat("/etc/passwd").unwrap().st_ino);
    let remount = mounting::MountArgs { source: b"", source_path: None, target: at("/mnt"), kind: b"", flags: 32 | 4096 | 1, data: b"" };
    mounting::mount(&w.caller(), remount).unwrap();
    assert_eq!(err(w.put("/mnt/passwd", b"")), Some(Errno::EROFS));
    assert_eq!(err(w.open("/mnt/x", NEW)), Some(Errno::EROFS));
    w.put("/etc/passwd", b"fine").unwrap();
    mounting::umount(&w.caller(), at("/mnt"), 2).unwrap();
}

#[test]
fn chroot_confines() {
    let w = World::new();
    mounting::chdir(&w.caller(), w.path("/usr").unwrap()).unwrap();
    assert_eq!(w.get("bin/prog").unwrap().len(), 10_000);
    mounting::chroot(&w.caller(), w.path("/usr").unwrap()).unwrap();
    assert_eq!(w.get("/bin/prog").unwrap().len(), 10_000);
    assert!(!w.exists("/../etc"));
    assert_eq!(w.fs.cwd().to_bytes(&w.fs.root()), b"/");
    assert_eq!(err(mounting::chroot(&w.user(1).caller(), w.path("/bin").unwrap())), Some(Errno::EPERM));
}

#[test]
fn extended_attributes() {
    let w = World::new();
    let c = w.caller();
    let tagged = w.path("/tagged").unwrap();
    assert_eq!(xattr::get(&c, &tagged, b"user.note").unwrap(), b"hello");
    assert_eq!(err(xattr::get(&c, &tagged, b"user.none")), Some(Errno::ENODATA));
    assert_eq!(err(xattr::set(&c, &tagged, b"user.note", b"x", 1)), Some(Errno::EEXIST));
    assert_eq!(err(xattr::set(&c, &tagged, b"user.none", b"x", 2)), Some(Errno::ENODATA));
    assert_eq!(err(xattr::set(&c, &tagged, b"odd.name", b"x", 0)), Some(Errno::EOPNOTSUPP));
    assert_eq!(err(xattr::set(&c, &tagged, b"user.", b"x", 0)), Some(Errno::EINVAL));
    xattr::set(&c, &tagged, b"user.two", b"2", 0).unwrap();
    xattr::set(&c, &tagged, b"trusted.t", b"3", 0).unwrap();
    assert_eq!(xattr::list(&c, &tagged).unwrap(), b"user.note\0trusted.t\0user.two\0");
    xattr::remove(&c, &tagged, b"user.note").unwrap();
    assert_eq!(err(xattr::get(&c, &tagged, b"user.note")), Some(Errno::ENODATA));
    let user = w.user(9);
    assert_eq!(xattr::list(&user.caller(), &tagged).unwrap(), b"user.two\0");
    assert_eq!(err(xattr::set(&user.caller(), &tagged, b"user.two", b"", 0)), Some(Errno::EACCES));
    assert_eq!(err(xattr::set(&user.caller(), &tagged, b"trusted.t", b"", 0)), Some(Errno::EPERM));
}

#[test]
fn holes() {
    let w = World::new();
    let f = w.open("/tmp/h", OpenFlags::CREAT | OpenFlags::RDWR).unwrap();
    write(&f, b"x", 3 * 4096).unwrap();
    assert_eq!((f.seek(0, 3), f.seek(0, 4)), (Ok(3 * 4096), Ok(0)));
    assert_eq!(f.seek(3 * 4096, 4), Ok(3 * 4096 + 1));
    assert_eq!(f.seek(1 << 40, 3), Err(Errno::ENXIO));
    assert_eq!(f.stat().st_blocks, 8);
    content::fallocate(&f, 0, 0, 8192).unwrap();
    assert_eq!(f.stat().st_blocks, 24);
    content::fallocate(&f, 3, 0, 4096).unwrap();
    assert_eq!((f.stat().st_blocks, f.stat().st_size), (16, 3 * 4096 + 1));
    content::fallocate(&f, 1, 0, 1 << 16).unwrap();
    assert_eq!(f.stat().st_size, 3 * 4096 + 1);
    assert_eq!(content::fallocate(&f, 2, 0, 1), Err(Errno::EOPNOTSUPP));
    assert_eq!(content::fallocate(&f, 8, 0, 4096), Err(Errno::EOPNOTSUPP));
    assert_eq!(content::fallocate(&f, 0, -1, 1), Err(Errno::EINVAL));
    assert_eq!(content::fallocate(&f, 0, 1, i64::MAX), Err(Errno::EFBIG));
    assert_eq!(f.seek(-1, 0), Err(Errno::EINVAL));
    assert_eq!(f.seek(i64::MAX, 2), Err(Errno::EINVAL));
}

#[test]
fn deep_trees_end_without_recursion() {
    fs_ram::register();
    let w = World::new();
    let args =
        mounting::MountArgs { source: b"none", source_path: None, target: w.path("/mnt").unwrap(), kind: b"ramfs", flags: 0, data: b"" };
    mounting::mount(&w.caller(), args).unwrap();
    mounting::chdir(&w.caller(), w.path("/mnt").unwrap()).unwrap();
    for _ in 0..20_000 {
        w.mkdir("d").unwrap();
        mounting::chdir(&w.caller(), w.path("d").unwrap()).unwrap();
    }
    mounting::chdir(&w.caller(), w.path("/").unwrap()).unwrap();
    mounting::umount(&w.caller(), w.path("/mnt").unwrap(), 2).unwrap();
}
