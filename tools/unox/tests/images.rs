//! `unox pack`, `unox inspect`, `unox check` from the command line.

mod common;
use common::{outcome, unox};
use std::fs;
use std::path::{Path, PathBuf};

/// An ELF file with one segment at 1 MiB and an empty payload record.
fn kernel(path: &Path) {
    let mut out = b"\x7fELF\x02\x01\x01".to_vec();
    out.resize(16, 0);
    out.extend_from_slice(&[2, 0, 62, 0, 1, 0, 0, 0]);
    for v in [0x10_0000u64, 64, 0] {
        out.extend_from_slice(&v.to_le_bytes());
    }
    out.extend_from_slice(&[0, 0, 0, 0, 64, 0, 56, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0]);
    for v in [0u64, 0x10_0000, 0x10_0000, 4096, 4096, 4096] {
        out.extend_from_slice(&v.to_le_bytes());
    }
    out.resize(1024, 0);
    out.extend_from_slice(b"UNOXPAYL");
    out.resize(4096, 0);
    fs::write(path, out).unwrap();
}

fn scratch(name: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("unox-images-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).unwrap();
    kernel(&dir.join("kernel"));
    dir
}

fn tool(dir: &Path, words: &[&str]) -> (i32, String, String) {
    outcome(&unox().current_dir(dir).env("UNOX_CACHE", dir.join("cache")).args(words).output().unwrap())
}

#[test]
fn packs_the_same_bytes_twice_and_lists_them() {
    let dir = scratch("twice");
    for image in ["a.img", "b.img"] {
        let (status, said, err) = tool(&dir, &["pack", "--kernel", "kernel", "-o", image, "--env", "A=b", "/bin/true", "x y"]);
        assert_eq!(status, 0, "{err}");
        assert!(said.contains(&format!("unox run {image}")), "{said}");
    }
    // The file may also be named right behind the program.
    let (status, _, err) = tool(&dir, &["pack", "--kernel", "kernel", "--env", "A=b", "/bin/true", "-o", "d.img", "x y"]);
    assert_eq!(status, 0, "{err}");
    let (status, _, err) = tool(&dir, &["pack", "--kernel", "kernel", "/bin/true"]);
    assert!(status == 125 && err.contains("-o FILE"), "{err}");
    let bytes = |image: &str| fs::read(dir.join(image)).unwrap();
    assert!(bytes("a.img") == bytes("b.img") && bytes("a.img") == bytes("d.img"));
    let (status, said, _) = tool(&dir, &["inspect", "--files", "a.img"]);
    assert_eq!(status, 0);
    for part in ["/true\n", "exec=/bin/true\n", "arg=x y\n", "env=A=b\n", "root=payload\n", "\nmemory "] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains("seed=") && !said.contains("epoch="));
    let (_, json, _) = tool(&dir, &["inspect", "--json", "a.img"]);
    assert!(json.starts_with("{\"packed\":true") && json.contains("\"path\":\"/etc/passwd\""));
    let (status, _, err) = tool(&dir, &["pack", "--kernel", "a.img", "-o", "c.img", "/bin/true"]);
    assert!(status == 125 && err.contains("packed image already"), "{err}");
    let (status, _, err) = tool(&dir, &["inspect", "/bin/true"]);
    assert!(status == 125 && err.contains("unox"), "{err}");
    fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn check_names_calls_and_places() {
    let dir = scratch("check");
    let (status, said, err) = tool(&dir, &["check", "-v", "/bin/true"]);
    assert!(status == 0 || status == 1, "{err}");
    assert!(said.contains(" write ") && said.contains(" exit_group ") && said.contains("system calls; the kernel has"), "{said}");
    let (_, json, _) = tool(&dir, &["check", "--json", "/bin/true"]);
    assert!(json.contains("\"name\":\"exit_group\"") && json.contains("\"objects\":["));
    assert_eq!(tool(&dir, &["check", "/no/such"]).0, 127);
    fs::remove_dir_all(&dir).unwrap();
}
