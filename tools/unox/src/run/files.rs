//! The program's files: what goes into the root image, and the image itself.

use super::flags::{Mount, PLACE};
use super::initrd::Initrd;
use crate::cache;
use crate::cli::{Guest, Run};
use crate::failure::{Failure, Result};
use crate::program::{Kind, Program};
use rootfs::{AddSpec, Cache, Plan, Request, What};
use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use vmm::{RootImage, RootVia};

/// A prepared root file system.
#[derive(Default)]
pub struct Files {
    plan: Option<Plan>,
    image: Option<RootImage>,
    /// Bytes of the image, without padding.
    len: u64,
    via: RootVia,
    /// The image is a cpio archive.
    archive: bool,
    /// What must stay open until QEMU has it.
    held: Option<File>,
    mounts: Vec<Mount>,
    debugged: bool,
}

/// A file as `--dry-run` lists it.
pub struct Listed<'a> {
    pub guest: &'a Path,
    pub size: u64,
    pub host: Option<&'a Path>,
    pub reason: String,
}

impl Files {
    /// What is in the image and what starts there; nothing for a machine that brings its own.
    pub fn plan(&self) -> Option<&Plan> {
        self.plan.as_ref()
    }

    /// The image as QEMU has it.
    pub fn image(&self) -> Option<RootImage> {
        self.image.clone().map(|image| RootImage { via: self.via, ..image })
    }

    /// Whether the machine gets its root file system from here, and does not bring its own.
    pub fn has_root(&self) -> bool {
        self.plan.is_some() || self.image.is_some()
    }

    /// How the guest reaches the image.
    pub fn via(&self) -> RootVia {
        self.via
    }

    /// Decides how.
    pub fn reach(&mut self, via: RootVia) {
        self.via = via;
    }

    /// Whether the image is a cpio archive, which only memory can hold.
    pub fn is_archive(&self) -> bool {
        self.archive
    }

    /// The image's bytes, when it has been made.
    pub fn bytes(&self) -> Result<Option<Vec<u8>>> {
        let Some(image) = &self.image else { return Ok(None) };
        let read = |path: &Path| {
            let mut bytes = Vec::new();
            File::open(path)?.take(self.len).read_to_end(&mut bytes).map(|_| bytes)
        };
        read(&image.path).map(Some).map_err(|e| Failure::new(format!("{}: {e}", image.path.display())))
    }

    /// Our descriptor behind the image's path, if it has no name.
    pub fn held(&self) -> Option<RawFd> {
        self.held.as_ref().map(AsRawFd::as_raw_fd)
    }

    /// The host's directories.
    pub fn mounts(&self) -> &[Mount] {
        &self.mounts
    }

    /// Whether a debugger may look on, who wants addresses that do not change.
    pub fn debugged(&self) -> bool {
        self.debugged
    }

    /// Every file that is no directory, in order of guest paths.
    pub fn list(&self) -> impl Iterator<Item = Listed<'_>> {
        let entries = self.plan.iter().flat_map(|plan| &plan.entries).filter(|e| e.what != What::Dir);
        entries.map(|e| Listed { guest: e.guest_path(), size: e.size(), host: e.host_path(), reason: e.reason.to_string() })
    }
}

/// Finds the files and, unless only the list is wanted, makes the image.
pub fn prepare(run: &Run, program: &Program, environment: &[OsString]) -> Result<Files> {
    let mounts = run.devices.mounts()?;
    if let Some(mount) = mounts.iter().skip(1).find(|mount| mount.place.is_none()) {
        let dir = mount.share.path.display();
        return Err(Failure::new(format!("-e {dir}: where? the first is at {PLACE}, others need a place: -e {dir}:/PLACE")));
    }
    let files = Files { mounts, debugged: run.gdb || run.devices.paused || run.devices.gdb_port.is_some(), ..Files::default() };
    if program.kind == Kind::Packed {
        return Ok(files);
    }
    if let Some(path) = &run.devices.initrd {
        let initrd = Initrd::read(path)?;
        let (archive, len) = (initrd.is_archive(), initrd.len());
        let (file, image) = initrd.to_file()?;
        return Ok(Files { image: Some(image), len, archive, held: Some(file), ..files });
    }
    let cache = Cache::at(cache::dir()).map_err(failure)?;
    let plan = plan(&run.guest, program, environment, &cache)?;
    if run.dry_run {
        return Ok(Files { plan: Some(plan), ..files });
    }
    let image = rootfs::image(&plan, &cache).map_err(failure)?;
    if run.guest.verbose > 0 {
        let (plan_from, image_from) = (origin(plan.cached), origin(image.cached));
        vmm::tty::say(&format!(
            "unox: {} files ({plan_from}), image {} of {} bytes ({image_from})",
            plan.entries.len(),
            image.path.display(),
            image.len
        ));
    }
    let (len, image) = (image.len, RootImage { path: image.path, size: image.size, via: RootVia::default() });
    Ok(Files { plan: Some(plan), image: Some(image), len, ..files })
}

/// What the program needs, found on this host.
pub fn plan(guest: &Guest, program: &Program, environment: &[OsString], cache: &Cache) -> Result<Plan> {
    let traced = if guest.trace { crate::trace::files(program)? } else { Vec::new() };
    let request = request(guest, program, environment, &traced, cache)?;
    let plan = rootfs::plan(&request).map_err(failure)?;
    for note in &plan.notes {
        vmm::tty::say(&format!("unox: {note}"));
    }
    Ok(plan)
}

fn origin(cached: bool) -> &'static str {
    if cached { "cached" } else { "fresh" }
}

fn request(guest: &Guest, program: &Program, environment: &[OsString], traced: &[PathBuf], cache: &Cache) -> Result<Request> {
    let mut request = Request::new(program.argv[0].clone(), program.argv[1..].to_vec());
    request.cache = Some(cache.clone());
    request.rootfs = guest.rootfs.clone();
    request.hostname = guest.hostname.to_string_lossy().into_owned();
    for spec in &guest.add {
        request.add.push(AddSpec::parse(spec).map_err(failure)?);
    }
    request.add.extend(traced.iter().map(|path| AddSpec { host: path.clone(), guest: None }));
    request.cwd = match &guest.workdir {
        Some(dir) if dir.is_absolute() => dir.clone(),
        Some(dir) => return Err(Failure::new(format!("--workdir {}: a path in the guest, so it must begin with /", dir.display()))),
        None if guest.rootfs.is_some() => "/".into(),
        None => request.host_cwd.clone(),
    };
    // The program is looked up with the host's PATH; everything else that matters is what the guest will see.
    let path = std::env::var_os("PATH").map(|path| (OsString::from("PATH"), path));
    let given = environment.iter().filter_map(|variable| {
        let bytes = variable.as_bytes();
        let at = bytes.iter().position(|&b| b == b'=')?;
        let part = |b: &[u8]| OsString::from(std::ffi::OsStr::from_bytes(b));
        (&bytes[..at] != b"PATH").then(|| (part(&bytes[..at]), part(&bytes[at + 1..])))
    });
    request.env = given.chain(path).collect();
    Ok(request)
}

/// The same words and statuses as the library's.
pub fn failure(error: rootfs::Error) -> Failure {
    let text = error.to_string();
    match error.exit_code() {
        127 => Failure::not_found(text),
        126 => Failure::not_executable(text),
        _ => Failure::new(text),
    }
}
