//! Unpacking. Nothing is written outside of the directory given, whatever the archive says.

use super::{Outcome, at};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Component, Path};
use std::process::{Command, Stdio};

/// How an archive is packed, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
    Tar,
    Gzip,
    /// By a program of the host.
    Filter(&'static str),
    Zip,
    /// A file that is what it is.
    Nothing,
}

fn packing(name: &str) -> Packing {
    let lower = name.to_ascii_lowercase();
    let ends = |list: &[&str]| list.iter().any(|e| lower.ends_with(e));
    if ends(&[".tar.gz", ".tgz"]) {
        Packing::Gzip
    } else if ends(&[".tar.xz", ".txz", ".tar.lzma"]) {
        Packing::Filter("xz")
    } else if ends(&[".tar.bz2", ".tbz2", ".tbz"]) {
        Packing::Filter("bzip2")
    } else if ends(&[".tar.zst", ".tzst"]) {
        Packing::Filter("zstd")
    } else if ends(&[".tar"]) {
        Packing::Tar
    } else if ends(&[".zip"]) {
        Packing::Zip
    } else {
        Packing::Nothing
    }
}

/// Unpacks `path` into `into`, which is made. What is no archive is copied.
pub(crate) fn unpack(path: &Path, name: &str, into: &Path) -> Outcome<()> {
    std::fs::create_dir_all(into).map_err(at(into))?;
    let open = || File::open(path).map(BufReader::new).map_err(at(path));
    let done = match packing(name) {
        Packing::Tar => untar(open()?, into),
        Packing::Gzip => untar(flate2::bufread::MultiGzDecoder::new(open()?), into),
        Packing::Filter(program) => filtered(program, path, into),
        Packing::Zip => unzip(open()?, into),
        Packing::Nothing => std::fs::copy(path, into.join(name)).map(|_| ()).map_err(at(path)),
    };
    done.map_err(|why| format!("{name} cannot be unpacked: {why}"))
}

fn filtered(program: &'static str, path: &Path, into: &Path) -> Outcome<()> {
    let spawn = Command::new(program).arg("-dc").arg(path).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = spawn.map_err(|e| match crate::require::sometimes(program).filter(|_| e.kind() == std::io::ErrorKind::NotFound) {
        Some(r) => format!("{program} is missing; install with: apt-get install --no-install-recommends {}", r.package),
        None => format!("{program}: {e}"),
    })?;
    let unpacked = child.stdout.take().map_or(Ok(()), |out| untar(BufReader::with_capacity(1 << 16, out), into));
    let mut said = String::new();
    if let Some(mut stderr) = child.stderr.take() {
        let _ = stderr.read_to_string(&mut said);
    }
    let status = child.wait().map_err(at(path))?;
    // When the tar file is bad, the program dies of a closed pipe: the first reason counts.
    unpacked?;
    if status.success() { Ok(()) } else { Err(format!("{program}: {}", said.trim())) }
}

/// A name that stays below the directory.
fn inside(name: &Path) -> Outcome<()> {
    let ok = name.components().all(|c| matches!(c, Component::Normal(_) | Component::CurDir));
    if ok { Ok(()) } else { Err(format!("it has a member named {}, which would lie outside", name.display())) }
}

fn untar(reader: impl Read, into: &Path) -> Outcome<()> {
    use tar::EntryType as T;
    let mut archive = tar::Archive::new(reader);
    archive.set_preserve_mtime(true);
    archive.set_overwrite(true);
    let mut any = false;
    for entry in archive.entries().map_err(|e| e.to_string())? {
        let mut entry = entry.map_err(|e| e.to_string())?;
        any = true;
        if !matches!(entry.header().entry_type(), T::Regular | T::Continuous | T::Directory | T::Symlink | T::Link | T::GNUSparse) {
            continue;
        }
        let name = entry.path().map_err(|e| e.to_string())?.into_owned();
        inside(&name)?;
        if entry.header().entry_type() == T::Link {
            let target = entry.link_name().map_err(|e| e.to_string())?;
            inside(target.as_deref().unwrap_or(Path::new("/")))?;
        }
        let explain = |e: std::io::Error| std::error::Error::source(&e).map_or(e.to_string(), |s| format!("{e}: {s}"));
        entry.unpack_in(into).map_err(explain)?;
    }
    if any { Ok(()) } else { Err("it is empty, or no archive".into()) }
}

fn unzip(reader: impl Read + std::io::Seek, into: &Path) -> Outcome<()> {
    let mut archive = zip::ZipArchive::new(reader).map_err(|e| e.to_string())?;
    let root = std::fs::canonicalize(into).map_err(at(into))?;
    for i in 0..archive.len() {
        let mut member = archive.by_index(i).map_err(|e| e.to_string())?;
        let name = member.name().to_string();
        inside(Path::new(&name))?;
        let path = root.join(&name);
        if member.is_dir() {
            std::fs::create_dir_all(&path).map_err(at(&path))?;
            continue;
        }
        let parent = path.parent().unwrap_or(&root).to_path_buf();
        std::fs::create_dir_all(&parent).map_err(at(&parent))?;
        // A link that came before must not lead out.
        if !std::fs::canonicalize(&parent).is_ok_and(|p| p.starts_with(&root)) {
            return Err(format!("it has a member named {name}, which would lie outside"));
        }
        let _ = std::fs::remove_file(&path);
        let mode = member.unix_mode().unwrap_or(0o644);
        if mode & 0o170_000 == 0o120_000 {
            let mut target = String::new();
            member.by_ref().take(4096).read_to_string(&mut target).map_err(at(&path))?;
            std::os::unix::fs::symlink(&target, &path).map_err(at(&path))?;
            continue;
        }
        let mut file = File::create(&path).map_err(at(&path))?;
        std::io::copy(&mut member, &mut file).map_err(at(&path))?;
        let allowed = std::os::unix::fs::PermissionsExt::from_mode(mode & 0o755 | 0o600);
        file.set_permissions(allowed).map_err(at(&path))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn dir(name: &str) -> std::path::PathBuf {
        let dir = std::env::temp_dir().join(format!("ukbuild-archive-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).unwrap();
        dir
    }

    /// A tar archive whose member names are written as they are.
    fn tar_with(members: &[(&str, char, &str)]) -> Vec<u8> {
        let mut out = Vec::new();
        for (name, kind, text) in members {
            let mut header = tar::Header::new_ustar();
            header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
            header.set_entry_type(tar::EntryType::new(u8::try_from(*kind).unwrap()));
            header.set_mode(0o644);
            header.set_mtime(1_000_000_000);
            let data = if *kind == '0' { text.as_bytes() } else { b"" };
            if *kind != '0' {
                header.as_old_mut().linkname[..text.len()].copy_from_slice(text.as_bytes());
            }
            header.set_size(data.len() as u64);
            header.set_cksum();
            out.extend(header.as_bytes());
            out.extend(data);
            out.resize(out.len().next_multiple_of(512), 0);
        }
        out.resize(out.len() + 1024, 0);
        out
    }

    #[test]
    fn members_outside_are_refused() {
        let d = dir("outside");
        let secret = d.join("secret");
        std::fs::write(&secret, "old").unwrap();
        let bad: &[&[(&str, char, &str)]] = &[
            &[("../secret", '0', "new")],
            &[("/etc/ukbuild-test", '0', "new")],
            &[("a/../../secret", '0', "new")],
            &[("l", '2', ".."), ("l/secret", '0', "new")],
            &[("h", '1', "../secret")],
        ];
        for (i, members) in bad.iter().enumerate() {
            let path = d.join("x.tar");
            std::fs::write(&path, tar_with(members)).unwrap();
            let why = unpack(&path, "x.tar", &d.join(format!("into{i}"))).unwrap_err();
            assert!(why.contains("outside") || why.contains("failed to unpack"), "{why}");
            assert_eq!(std::fs::read_to_string(&secret).unwrap(), "old");
        }
        let mut writer = zip::ZipWriter::new(File::create(d.join("x.zip")).unwrap());
        writer.start_file("../secret", zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(b"new").unwrap();
        writer.finish().unwrap();
        assert!(unpack(&d.join("x.zip"), "x.zip", &d.join("zip")).unwrap_err().contains("outside"));
        assert_eq!(std::fs::read_to_string(&secret).unwrap(), "old");
        std::fs::remove_dir_all(&d).unwrap();
    }

    #[test]
    fn every_packing() {
        let d = dir("packings");
        std::fs::write(d.join("p.tar"), tar_with(&[("p-1/a.c", '0', "int a;"), ("p-1/l", '2', "a.c")])).unwrap();
        for (program, suffix) in [("gzip", "gz"), ("xz", "xz"), ("bzip2", "bz2"), ("zstd", "zst")] {
            let packed = Command::new(program).arg("-c").arg(d.join("p.tar")).output().unwrap().stdout;
            let name = format!("p.tar.{suffix}");
            std::fs::write(d.join(&name), packed).unwrap();
            let into = d.join(suffix);
            unpack(&d.join(&name), &name, &into).unwrap();
            assert_eq!(std::fs::read_to_string(into.join("p-1/l")).unwrap(), "int a;");
            let time = into.join("p-1/a.c").metadata().unwrap().modified().unwrap();
            assert_eq!(time.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs(), 1_000_000_000, "times of the archive are kept");
        }
        let mut writer = zip::ZipWriter::new(File::create(d.join("p.zip")).unwrap());
        writer.start_file("p-1/a.c", zip::write::SimpleFileOptions::default().unix_permissions(0o755)).unwrap();
        writer.write_all(b"int a;").unwrap();
        writer.finish().unwrap();
        unpack(&d.join("p.zip"), "p.zip", &d.join("zip")).unwrap();
        assert_eq!(std::fs::read_to_string(d.join("zip/p-1/a.c")).unwrap(), "int a;");
        std::fs::write(d.join("bad.tar.xz"), "no archive").unwrap();
        assert!(unpack(&d.join("bad.tar.xz"), "bad.tar.xz", &d.join("bad")).is_err());
        std::fs::write(d.join("bad.tar.gz"), "").unwrap();
        assert!(unpack(&d.join("bad.tar.gz"), "bad.tar.gz", &d.join("bad")).is_err());
        std::fs::remove_dir_all(&d).unwrap();
    }
}
