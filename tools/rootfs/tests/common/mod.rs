//! A made-up host: a directory with ELF files, packages and scripts.

#![allow(dead_code, reason = "each test program uses a part of this module")]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use rootfs::{Cache, Plan, Request};

/// A host below a scratch directory.
pub struct Fake {
    pub root: PathBuf,
}

impl Fake {
    /// A merged-/usr system with nothing on it.
    pub fn new(name: &str) -> Fake {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("host-{name}"));
        let _ = fs::remove_dir_all(&root);
        let fake = Fake { root };
        for dir in ["usr/bin", "usr/lib/x86_64-linux-gnu", "usr/lib64", "etc", "job", "opt/app"] {
            fs::create_dir_all(fake.root.join(dir)).unwrap();
        }
        for dir in ["bin", "lib", "lib64"] {
            symlink(format!("usr/{dir}"), fake.root.join(dir)).unwrap();
        }
        fake
    }

    pub fn file(&self, path: &str, contents: impl AsRef<[u8]>) -> &Fake {
        let full = self.root.join(path.trim_start_matches('/'));
        fs::create_dir_all(full.parent().unwrap()).unwrap();
        fs::write(&full, contents).unwrap();
        fs::set_permissions(&full, fs::Permissions::from_mode(0o755)).unwrap();
        self
    }

    pub fn link(&self, path: &str, target: &str) -> &Fake {
        let full = self.root.join(path.trim_start_matches('/'));
        fs::create_dir_all(full.parent().unwrap()).unwrap();
        symlink(target, full).unwrap();
        self
    }

    /// A program with the glibc interpreter, which is made too.
    pub fn program(&self, path: &str, needed: &[&str]) -> &Fake {
        self.file("/usr/lib64/ld-linux-x86-64.so.2", Elf::default().bytes());
        self.file(path, Elf { interp: "/lib64/ld-linux-x86-64.so.2", needed, ..Elf::default() }.bytes())
    }

    pub fn lib(&self, path: &str, needed: &[&str]) -> &Fake {
        self.file(path, Elf { needed, ..Elf::default() }.bytes())
    }

    pub fn request(&self, program: &str, args: &[&str]) -> Request {
        let mut r = Request::new(program, args.iter().copied());
        r.env = vec![("PATH".into(), "/usr/bin".into())];
        r.host_cwd = "/job".into();
        r.cwd = "/job".into();
        r.cache = None;
        r.host_root = self.root.clone();
        r
    }

    pub fn cache(&self) -> Cache {
        Cache::at(self.root.join("cache-of-the-test")).unwrap()
    }
}

/// The guest paths of a plan that are not the minimal system's.
pub fn files(plan: &Plan) -> Vec<String> {
    let own = |e: &&rootfs::Entry| e.reason != rootfs::Reason::System && e.what != rootfs::What::Dir;
    plan.entries.iter().filter(own).map(|e| e.guest_path().display().to_string()).collect()
}

/// The smallest ELF file that a loader would resolve.
#[derive(Default)]
pub struct Elf<'a> {
    pub interp: &'a str,
    pub needed: &'a [&'a str],
    pub soname: &'a str,
    pub rpath: &'a str,
    pub runpath: &'a str,
}

impl Elf<'_> {
    pub fn bytes(&self) -> Vec<u8> {
        let mut strings = vec![0u8];
        let mut dynamic: Vec<(u64, u64)> = Vec::new();
        let mut add = |tag: u64, text: &str, strings: &mut Vec<u8>| {
            dynamic.push((tag, strings.len() as u64));
            strings.extend_from_slice(text.as_bytes());
            strings.push(0);
        };
        self.needed.iter().for_each(|n| add(1, n, &mut strings));
        for (tag, text) in [(14, self.soname), (15, self.rpath), (29, self.runpath)] {
            if !text.is_empty() {
                add(tag, text, &mut strings);
            }
        }
        let interp_at = 64 + 3 * 56;
        let strtab = interp_at + self.interp.len() + 1;
        dynamic.extend([(5, strtab as u64), (10, strings.len() as u64), (0, 0)]);
        let dynamic_at = strtab + strings.len();
        let end = dynamic_at + dynamic.len() * 16;
        let mut out = b"\x7fELF\x02\x01\x01".to_vec();
        out.resize(16, 0);
        for v in [3u16, 62] {
            out.extend_from_slice(&v.to_le_bytes());
        }
        out.extend_from_slice(&1u32.to_le_bytes());
        for v in [0u64, 64, 0] {
            out.extend_from_slice(&v.to_le_bytes());
        }
        out.extend_from_slice(&0u32.to_le_bytes());
        for v in [64u16, 56, 3, 0, 0, 0] {
            out.extend_from_slice(&v.to_le_bytes());
        }
        let interp = if self.interp.is_empty() { 0 } else { 3u32 };
        for (kind, at, len) in [(1u32, 0, end), (2, dynamic_at, dynamic.len() * 16), (interp, interp_at, self.interp.len() + 1)] {
            out.extend_from_slice(&kind.to_le_bytes());
            out.extend_from_slice(&5u32.to_le_bytes());
            for v in [at, at, at, len, len, 0x1000] {
                out.extend_from_slice(&(v as u64).to_le_bytes());
            }
        }
        out.extend_from_slice(self.interp.as_bytes());
        out.push(0);
        out.extend(strings);
        for (tag, value) in dynamic {
            out.extend_from_slice(&tag.to_le_bytes());
            out.extend_from_slice(&value.to_le_bytes());
        }
        out
    }
}

/// An /etc/ld.so.cache with these (name, path) pairs, as ldconfig of glibc 2.32 and later writes it.
pub fn ld_cache(pairs: &[(&str, &str)]) -> Vec<u8> {
    let mut strings = Vec::new();
    let mut out = b"glibc-ld.so.cache1.1".to_vec();
    out.extend_from_slice(&(pairs.len() as u32).to_le_bytes());
    out.resize(48, 0);
    let start = 48 + pairs.len() * 24;
    for (name, path) in pairs {
        out.extend_from_slice(&0x303u32.to_le_bytes());
        for text in [name, path] {
            out.extend_from_slice(&((start + strings.len()) as u32).to_le_bytes());
            strings.extend_from_slice(text.as_bytes());
            strings.push(0);
        }
        out.extend_from_slice(&[0; 12]);
    }
    out.extend(strings);
    out
}
