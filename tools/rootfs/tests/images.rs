//! Images: right contents, same bytes for the same plan, a cache that notices changes and keeps its size.

mod common;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::process::Command;
use std::time::{Duration, SystemTime};

use common::Fake;
use erofs::Image;
use rootfs::{Cache, Request, image, plan};

fn host(name: &str) -> Fake {
    let h = Fake::new(name);
    h.program("/usr/bin/app", &["liba.so"]).lib("/usr/lib/liba.so", &[]).file("/job/data", vec![b'x'; 10_000]);
    fs::hard_link(h.root.join("usr/bin/app"), h.root.join("job/app2")).unwrap();
    h
}

#[test]
fn image_holds_the_plan() {
    let h = host("holds");
    let p = plan(&h.request("app", &["data", "app2"])).unwrap();
    let i = image(&p, &h.cache()).unwrap();
    assert_eq!((i.size.is_power_of_two(), i.size >= 1 << 20, fs::metadata(&i.path).unwrap().len()), (true, true, i.size));
    assert!(fs::metadata(&i.path).unwrap().blocks() * 512 < 256 << 10, "the padding is sparse");
    let bytes = fs::read(&i.path).unwrap();
    let img = Image::new(&bytes[..]).unwrap();
    let get = |path: &str| {
        let step = |ino: erofs::Inode, name: &str| img.inode(img.lookup(&ino, name.as_bytes()).unwrap().unwrap().0).unwrap();
        path.split('/').filter(|p| !p.is_empty()).fold(img.inode(img.root()).unwrap(), step)
    };
    for e in &p.entries {
        let ino = get(e.guest_path().to_str().unwrap());
        assert_eq!(
            (ino.mode & 0o7777, ino.uid, ino.gid, ino.mtime),
            (e.meta.perm, e.meta.uid, e.meta.gid, e.meta.mtime),
            "{}",
            e.guest_path().display()
        );
        if ino.is_file() && e.host.is_some() {
            assert_eq!(img.contents(&ino).unwrap(), fs::read(e.host_path().unwrap()).unwrap());
        }
    }
    assert_eq!((get("/usr/bin/app").nid, get("/usr/bin/app").nlink), (get("/job/app2").nid, 2));
    assert_eq!(img.readlink(&get("/bin")).unwrap(), b"usr/bin");
    assert_eq!(get("/tmp").mode, 0o41777);
    if let Ok(out) = Command::new("fsck.erofs").arg("-d3").arg(&i.path).output() {
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    }
}

#[test]
fn same_plan_same_bytes_and_found_again() {
    let h = host("same");
    let p = plan(&h.request("app", &["data"])).unwrap();
    let (one, two) = (Cache::at(h.root.join("c1")).unwrap(), Cache::at(h.root.join("c2")).unwrap());
    let (a, b) = (image(&p, &one).unwrap(), image(&p, &two).unwrap());
    assert!(a.hash == b.hash && fs::read(&a.path).unwrap() == fs::read(&b.path).unwrap());
    assert!(!a.cached && image(&p, &one).unwrap().cached);
    // A damaged file in the cache is built again.
    fs::write(&a.path, "").unwrap();
    assert!(!image(&p, &one).unwrap().cached);
    assert!(fs::read(&a.path).unwrap() == fs::read(&b.path).unwrap());
}

#[test]
fn many_at_once() {
    let h = host("once");
    let p = plan(&h.request("app", &["data"])).unwrap();
    let cache = h.cache();
    std::thread::scope(|s| {
        let all: Vec<_> = (0..8).map(|_| s.spawn(|| fs::read(image(&p, &cache).unwrap().path).unwrap())).collect();
        let all: Vec<_> = all.into_iter().map(|t| t.join().unwrap()).collect();
        assert!(all.windows(2).all(|w| w[0] == w[1]));
    });
    assert_eq!(fs::read_dir(cache.dir().join("images")).unwrap().count(), 1, "no temporary files stay");
}

#[test]
fn cached_plans_notice_changes() {
    let h = host("notice");
    let mut r = h.request("app", &["data"]);
    r.cache = Some(h.cache());
    let first = plan(&r).unwrap();
    let again = plan(&r).unwrap();
    assert!(!first.cached && again.cached && first.entries == again.entries && first.exec == again.exec);
    let with = |args: &[&str]| Request { args: args.iter().map(Into::into).collect(), ..r.clone() };
    assert!(plan(&with(&["other", "app2"])).unwrap().cached, "arguments do not matter");
    // A file beside the ones in the plan changes its directory, not the plan.
    h.file("/usr/bin/other", "");
    assert!(plan(&r).unwrap().cached);
    h.lib("/usr/lib/liba.so", &["libnew.so"]).lib("/usr/lib/libnew.so", &[]);
    let p = plan(&r).unwrap();
    assert!(!p.cached && p.get("/usr/lib/libnew.so".as_ref()).is_some());
    assert!(plan(&r).unwrap().cached);
    h.file("/etc/ld.so.cache", "");
    assert!(!plan(&r).unwrap().cached);
    fs::remove_file(h.root.join("usr/lib/libnew.so")).unwrap();
    assert!(plan(&r).is_err());
    // Rubbish in the cache is no plan.
    h.lib("/usr/lib/libnew.so", &[]);
    plan(&r).unwrap();
    for e in fs::read_dir(h.cache().dir().join("plans")).unwrap() {
        fs::write(e.unwrap().path(), "rubbish").unwrap();
    }
    assert!(!plan(&r).unwrap().cached);
}

#[test]
fn changed_contents_change_the_image() {
    let h = host("contents");
    let r = h.request("app", &["data"]);
    let before = image(&plan(&r).unwrap(), &h.cache()).unwrap();
    h.file("/job/data", vec![b'y'; 10_000]);
    let after = image(&plan(&r).unwrap(), &h.cache()).unwrap();
    assert_ne!(before.hash, after.hash);
    let stale = plan(&r).unwrap();
    h.file("/job/data", "shorter");
    let cache = Cache::at(h.root.join("fresh")).unwrap();
    assert!(matches!(image(&stale, &cache), Err(rootfs::Error::Changed(_))));
    assert_eq!(fs::read_dir(cache.dir().join("images")).unwrap().count(), 0);
}

#[test]
fn old_images_go() {
    let h = host("old");
    let cache = h.cache().with_limit(1);
    let age = |path: &std::path::Path| fs::File::open(path).unwrap().set_modified(SystemTime::now() - Duration::from_secs(7200)).unwrap();
    let a = image(&plan(&h.request("app", &[])).unwrap(), &cache).unwrap();
    let b = image(&plan(&h.request("app", &["data"])).unwrap(), &cache).unwrap();
    assert!(a.path.exists() && b.path.exists(), "young ones stay");
    age(&a.path);
    image(&plan(&h.request("app", &["app2"])).unwrap(), &cache).unwrap();
    assert!(!a.path.exists() && b.path.exists());
}
