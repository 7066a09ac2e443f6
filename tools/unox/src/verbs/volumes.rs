//! Volumes of a project's file as what a machine gets: directories to share, and the archive of the root file system. An archive as a shared
//! directory is unpacked for each run into a directory of its own, readable by the user alone: what the unikernel writes there is gone at the end.

use crate::failure::{Failure, Result};
use project::Image;
use project::kraftfile::Volume;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Names of archives that are unpacked.
const ARCHIVES: &[&str] = &[".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.zst", ".tzst", ".tar.bz2", ".tbz2", ".zip"];

/// What a run gets.
#[derive(Debug, Default)]
pub struct Volumes {
    /// `DIR[:PLACE]`, for `-e`.
    pub shares: Vec<OsString>,
    /// For `-i`.
    pub initrd: Option<PathBuf>,
    unpacked: Vec<Unpacked>,
}

/// A directory that goes with the value.
#[derive(Debug)]
struct Unpacked(PathBuf);

impl Drop for Unpacked {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Volumes {
    /// The machine outlives this program: unpacked directories stay.
    pub fn leave(self) {
        for unpacked in self.unpacked {
            eprintln!("{}: {} stays: the machine uses it", crate::failure::called(), unpacked.0.display());
            std::mem::forget(unpacked);
        }
    }
}

fn failed<T>(what: String) -> Result<T> {
    Err(Failure::with_status(1, what))
}

/// Reads volumes and root file system of the project's file; unpacks archives unless nothing is to be started.
pub fn prepare(image: &Image, dry_run: bool) -> Result<Volumes> {
    let mut volumes = Volumes::default();
    match &image.rootfs {
        Some(path) if path.is_dir() => volumes.shares.push(path.into()),
        Some(path) if path.is_file() && is_archive(path) => {
            let dir = volumes.unpack("rootfs", path, dry_run)?;
            volumes.shares.push(dir.into());
        }
        Some(path) if path.is_file() && path.file_name().is_some_and(|n| n != "Dockerfile") => volumes.initrd = Some(path.clone()),
        Some(path) => return failed(format!("rootfs: {}: no directory, no cpio archive and no tar archive", path.display())),
        None => {}
    }
    for volume in &image.volumes {
        volumes.add(volume, dry_run)?;
    }
    Ok(volumes)
}

fn is_archive(path: &Path) -> bool {
    let name = path.file_name().map(|n| n.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    ARCHIVES.iter().any(|end| name.ends_with(end))
}

impl Volumes {
    fn add(&mut self, volume: &Volume, dry_run: bool) -> Result<()> {
        let name = &volume.name;
        let Some(source) = volume.source.as_ref().map(PathBuf::from) else {
            return failed(format!("volume {name}: no source"));
        };
        match volume.driver.as_str() {
            "initrd" | "cpio" if !source.is_file() => failed(format!("volume {name}: {}: no such file", source.display())),
            "initrd" | "cpio" => match self.initrd.replace(source) {
                Some(first) => failed(format!("volume {name}: {} is the root archive already; there can be one", first.display())),
                None => Ok(()),
            },
            "9pfs" | "9p" | "dir" => {
                let dir = match source {
                    dir if dir.is_dir() => dir,
                    file if file.is_file() && is_archive(&file) => self.unpack(name, &file, dry_run)?,
                    file if file.is_file() => {
                        return failed(format!(
                            "volume {name}: {}: neither a directory nor an archive ({})",
                            file.display(),
                            ARCHIVES.join(" ")
                        ));
                    }
                    nothing => return failed(format!("volume {name}: {}: no such directory or archive", nothing.display())),
                };
                let mut share = OsString::from(dir);
                // The first is the root directory, the others stand below their names.
                if !self.shares.is_empty() || (name.starts_with('/') && name != "/") {
                    share.push(format!(":/{}", name.trim_start_matches('/')));
                }
                self.shares.push(share);
                Ok(())
            }
            driver => failed(format!("volume {name}: driver `{driver}` is not there; 9pfs and initrd are")),
        }
    }

    /// The archive's contents in a directory of the user's own.
    fn unpack(&mut self, name: &str, archive: &Path, dry_run: bool) -> Result<PathBuf> {
        let template = std::env::temp_dir().join("unox-volume-XXXXXX");
        // mkdtemp(3) makes it the user's alone.
        let dir = nix::unistd::mkdtemp(&template).or_else(|e| failed(format!("volume {name}: {}: {e}", template.display())))?;
        self.unpacked.push(Unpacked(dir.clone()));
        if !dry_run {
            ukbuild::helper::unpack(archive, &dir).or_else(|why| failed(format!("volume {name}: {}: {why}", archive.display())))?;
            // The archive's own `.` may have said otherwise.
            let private = std::os::unix::fs::PermissionsExt::from_mode(0o700);
            std::fs::set_permissions(&dir, private).or_else(|e| failed(format!("volume {name}: {}: {e}", dir.display())))?;
        }
        Ok(dir)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use project::kraftfile::Hooks;

    fn image(volumes: Vec<Volume>, rootfs: Option<&Path>) -> Image {
        Image {
            path: "/p/build/x_kvm-x86_64".into(),
            debug: None,
            name: "x".into(),
            arguments: Vec::new(),
            env: Vec::new(),
            rootfs: rootfs.map(Path::to_path_buf),
            volumes,
            networks: Vec::new(),
            hooks: Hooks::default(),
            memory: None,
            cpus: None,
            dir: "/p".into(),
        }
    }

    fn volume(name: &str, driver: &str, source: &str) -> Volume {
        Volume { name: name.into(), driver: driver.into(), source: Some(source.into()) }
    }

    fn shares(volumes: Vec<Volume>) -> Vec<String> {
        let all = prepare(&image(volumes, None), false).unwrap();
        all.shares.iter().map(|s| s.to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn directories_and_the_root_archive() {
        assert_eq!(shares(vec![volume("fs0", "9pfs", "/etc"), volume("data", "9pfs", "/usr")]), ["/etc", "/usr:/data"]);
        assert_eq!(shares(vec![volume("/data", "9pfs", "/etc")]), ["/etc:/data"]);
        let root = prepare(&image(Vec::new(), Some(Path::new("/etc"))), false).unwrap();
        assert_eq!((root.shares, root.initrd), (vec![OsString::from("/etc")], None));
        let initrd = prepare(&image(vec![volume("r", "initrd", "/etc/passwd")], None), false).unwrap();
        assert_eq!(initrd.initrd.as_deref(), Some(Path::new("/etc/passwd")));
    }

    #[test]
    fn what_cannot_be() {
        let refused = |volumes| prepare(&image(volumes, None), false).unwrap_err().to_string();
        for (bad, said) in [
            (volume("d", "qcow2", "/d.img"), "driver `qcow2` is not there"),
            (volume("d", "9pfs", "/no/dir"), "no such directory or archive"),
            (volume("d", "9pfs", "/etc/passwd"), "neither a directory nor an archive"),
            (volume("d", "initrd", "/no.cpio"), "volume d: /no.cpio: no such file"),
            (Volume { source: None, ..volume("d", "9pfs", "") }, "no source"),
        ] {
            let text = refused(vec![bad]);
            assert!(text.contains(said), "{text}");
        }
        let two = refused(vec![volume("a", "initrd", "/etc/passwd"), volume("b", "initrd", "/etc/group")]);
        assert!(two.contains("volume b: /etc/passwd is the root archive already"), "{two}");
    }

    #[test]
    fn an_archive_is_unpacked_for_the_run_and_gone_afterwards() {
        let dir = std::env::temp_dir().join(format!("unox-volumes-test-{}", std::process::id()));
        std::fs::create_dir_all(dir.join("tree/sub")).unwrap();
        std::fs::write(dir.join("tree/sub/file"), "text").unwrap();
        let tar = dir.join("fs.tgz");
        let made = std::process::Command::new("tar").arg("-czf").arg(&tar).arg("-C").arg(dir.join("tree")).arg(".").status().unwrap();
        assert!(made.success());
        let all = prepare(&image(vec![volume("fs0", "9pfs", tar.to_str().unwrap())], None), false).unwrap();
        let unpacked = PathBuf::from(&all.shares[0]);
        assert_eq!(std::fs::read_to_string(unpacked.join("sub/file")).unwrap(), "text");
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&unpacked).unwrap().permissions());
        assert_eq!(mode & 0o077, 0, "{mode:o}");
        drop(all);
        assert!(!unpacked.exists());
        std::fs::write(dir.join("bad.tar"), "nothing").unwrap();
        let why = prepare(&image(vec![volume("fs0", "9pfs", dir.join("bad.tar").to_str().unwrap())], None), false).unwrap_err().to_string();
        assert!(why.contains("volume fs0: ") && why.contains("cannot be unpacked"), "{why}");
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
