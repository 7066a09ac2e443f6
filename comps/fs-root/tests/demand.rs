//! What holds of an image on a disk alone.
#![cfg(feature = "disk")]

mod common;

use std::sync::atomic::Ordering;

use abi::Errno;
use common::{RDONLY, Ram, World, disk, image};

fn world(disk: &'static Ram) -> World {
    World::of(fs_root::mount_disk(disk).unwrap())
}

#[test]
fn nothing_is_read_twice_and_little_at_all() {
    let disk = disk(image(), u64::MAX);
    let w = world(disk);
    assert_eq!(w.get("/etc/passwd").unwrap(), b"root:x:0:0\nuser:x:1000\n");
    assert_eq!(w.get("/bin/prog").unwrap().len(), 10_000);
    let reads = disk.reads.load(Ordering::Relaxed);
    assert!(reads <= 4, "{reads} requests");
    assert_eq!(w.get("/usr/bin/also").unwrap().len(), 10_000);
    assert_eq!(disk.reads.load(Ordering::Relaxed), reads);
}

#[test]
fn a_disk_that_fails_is_an_io_error() {
    let whole = image();
    assert_eq!(fs_root::mount_disk(disk(whole.clone(), 0)).err(), Some(Errno::EIO));
    // The metadata is there, the last contents are not.
    let metadata = (whole.len() - 5 * 4096) as u64;
    let w = world(disk(whole, metadata));
    let lost = ["/etc/passwd", "/etc/shadow", "/bin/prog", "/secret/inside", "/tagged"].into_iter().filter(|path| {
        let got = w.get(path);
        assert!(matches!(got, Ok(_) | Err(Errno::EIO)), "{path}: {got:?}");
        got.is_err()
    });
    assert!(lost.count() > 0);
    assert!(w.open("/bin/prog", RDONLY).is_ok(), "what is not read is not missed");
}

#[test]
fn what_is_no_image_is_refused() {
    let mount = |bytes| fs_root::mount_disk(disk(bytes, u64::MAX)).err();
    let mut cut = image();
    cut.truncate(cut.len() - 4096);
    assert_eq!(mount(cut), Some(Errno::EUCLEAN));
    assert_eq!(mount(Vec::new()), Some(Errno::EINVAL));
    assert_eq!(mount(vec![7; 100_000]), Some(Errno::EINVAL));
    let mut bad = image();
    bad[1024 + 80] = 0xff; // a feature of no format yet
    assert_eq!(mount(bad), Some(Errno::EUCLEAN));
}
