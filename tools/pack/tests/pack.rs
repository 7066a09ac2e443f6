//! Packs a made-up kernel with a small tree and looks into the result.

use std::fs;
use std::path::{Path, PathBuf};

use pack::{Error, inspect, is_packed, pack};
use rootfs::{Cache, Request, plan};

const CONFIG: &[u8] = b"UNOXCFG1\nexec=/bin/app\0arg=app\0arg=a b\0root=payload\0";

/// An ELF file with one segment loaded at 1 MiB, and the record at `at`.
fn kernel(record: &[u8]) -> Vec<u8> {
    let mut out = b"\x7fELF\x02\x01\x01".to_vec();
    out.resize(16, 0);
    out.extend_from_slice(&[2, 0, 62, 0, 1, 0, 0, 0]);
    for v in [0x10_0000u64, 64, 0] {
        out.extend_from_slice(&v.to_le_bytes());
    }
    out.extend_from_slice(&[0, 0, 0, 0, 64, 0, 56, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
    out.extend_from_slice(&[1, 0, 0, 0, 5, 0, 0, 0]);
    for v in [0u64, 0xffff_ffff_8010_0000, 0x10_0000, 4096, 0x30_0000, 4096] {
        out.extend_from_slice(&v.to_le_bytes());
    }
    out.resize(1024, 0x90);
    out.extend_from_slice(record);
    out.resize(4096, 0x90);
    out
}

fn record() -> Vec<u8> {
    let mut out = b"UNOXPAYL".to_vec();
    out.resize(64, 0);
    out
}

fn scratch(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(dir.join("root/bin")).unwrap();
    fs::write(dir.join("root/bin/app"), "contents of app").unwrap();
    fs::write(dir.join("root/big"), vec![7; 100_000]).unwrap();
    std::os::unix::fs::symlink("bin/app", dir.join("root/link")).unwrap();
    dir
}

fn the_plan(dir: &Path) -> rootfs::Plan {
    let request = Request { rootfs: Some(dir.join("root")), cache: None, ..Request::new("/bin/app", [""; 0]) };
    plan(&request).unwrap()
}

#[test]
fn packs_and_inspects() {
    let dir = scratch("packs");
    let out = dir.join("app.img");
    let done = pack(&the_plan(&dir), &kernel(&record()), CONFIG, &out).unwrap();
    assert_eq!(done.size, fs::metadata(&out).unwrap().len());
    assert!(is_packed(&out));
    let i = inspect(&out).unwrap();
    assert!(i.packed && i.kernel_memory == 0x30_0000 && i.root_len == done.root_len);
    assert_eq!(i.config[2], ("arg".to_owned(), "a b".to_owned()));
    let paths: Vec<_> = i.files.iter().map(|f| (f.path.as_str(), f.kind, f.size)).collect();
    assert_eq!(paths, [("/big", "file", 100_000), ("/bin", "dir", i.files[1].size), ("/bin/app", "file", 15), ("/link", "link", 7)]);
    assert_eq!(i.contents, 100_015);
    // The kernel ends at 4 MiB, a multiple of 2 MiB; the configuration takes a page.
    assert_eq!(done.load_end, 0x40_0000 + 4096 + done.root_len);
    assert_eq!(i.memory_mib, done.load_end.div_ceil(1 << 20) + 8);
    let bytes = fs::read(&out).unwrap();
    let numbers: Vec<u64> = bytes[1032..1088].chunks_exact(8).map(|c| u64::from_le_bytes(c.try_into().unwrap())).collect();
    assert_eq!(numbers, [1, 0x40_0000, CONFIG.len() as u64, 0x40_1000, done.root_len, 0, 0]);
    assert!(matches!(pack(&the_plan(&dir), &bytes, CONFIG, &out), Err(Error::AlreadyPacked)));
}

#[test]
fn same_inputs_same_bytes() {
    let dir = scratch("same");
    let time = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_600_000_000);
    let settle = |root: &Path| {
        for f in ["bin/app", "big", "bin", ""] {
            fs::File::open(root.join(f)).unwrap().set_modified(time).unwrap();
        }
    };
    settle(&dir.join("root"));
    let (a, b) = (dir.join("a"), dir.join("b"));
    pack(&the_plan(&dir), &kernel(&record()), CONFIG, &a).unwrap();
    // Other inodes and change times, the same files otherwise. (A link's own time cannot be set here.)
    fs::rename(dir.join("root/bin/app"), dir.join("old")).unwrap();
    fs::copy(dir.join("old"), dir.join("root/bin/app")).unwrap();
    settle(&dir.join("root"));
    pack(&the_plan(&dir), &kernel(&record()), CONFIG, &b).unwrap();
    assert!(fs::read(a).unwrap() == fs::read(b).unwrap());
}

#[test]
fn bad_kernels_and_images_are_refused() {
    let dir = scratch("bad");
    let cache = Cache::at(dir.join("cache")).unwrap();
    let out = dir.join("out");
    let p = the_plan(&dir);
    assert!(matches!(pack(&p, b"no ELF", CONFIG, &out), Err(Error::Kernel(_))));
    assert!(matches!(pack(&p, &kernel(b""), CONFIG, &out), Err(Error::Kernel(_))));
    assert!(!out.exists());
    fs::write(&out, kernel(&record())).unwrap();
    assert!(!is_packed(&out) && matches!(inspect(&out), Err(Error::NotAnImage(_))));
    fs::write(&out, "text").unwrap();
    assert!(matches!(inspect(&out), Err(Error::NotAnImage(_))));
    pack(&p, &kernel(&record()), CONFIG, &out).unwrap();
    let good = fs::read(&out).unwrap();
    for len in (0..good.len()).step_by(911) {
        fs::write(&out, &good[..len]).unwrap();
        assert!(inspect(&out).is_err(), "{len}");
    }
    // A bare root image can be looked at too.
    let root = rootfs::image(&p, &cache).unwrap();
    let i = inspect(&root.path).unwrap();
    assert!(!i.packed && i.files.len() == 4);
}
