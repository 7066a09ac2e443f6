//! The Linux guest: Debian's cloud kernel, the same static program as its /init, the same QEMU flags.

use super::measure::{Counts, STEADY, download, limited, watched};
use super::newc::{DIRECTORY, File, PLAIN, PROGRAM, archive};
use crate::shell::{output, target};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// The metapackage that names the current kernel.
const PACKAGE: &str = "linux-image-cloud-amd64";

/// A kernel file that boots.
pub struct Linux {
    kernel: PathBuf,
}

impl Linux {
    /// The kernel, downloaded once and kept under target/.
    pub fn fetch() -> Result<Linux, String> {
        let dir = std::path::absolute(target().join("bench/linux")).map_err(|e| e.to_string())?;
        let kernel = dir.join("vmlinuz");
        if kernel.is_file() {
            return Ok(Linux { kernel });
        }
        std::fs::create_dir_all(&dir).map_err(|e| format!("{}: {e}", dir.display()))?;
        let depends = output(Command::new("apt-cache").args(["depends", PACKAGE]))?;
        let package = depends.lines().find_map(|l| l.trim().strip_prefix("Depends: ")).filter(|p| p.starts_with("linux-image-"));
        let package = package.ok_or_else(|| format!("apt-cache knows no kernel behind {PACKAGE}; apt-get update?"))?;
        let archive = download(package, &dir)?;
        let unpacked = dir.join("unpacked");
        output(Command::new("dpkg-deb").arg("-x").arg(&archive).arg(&unpacked))?;
        let boot = unpacked.join("boot");
        let entries = std::fs::read_dir(&boot).map_err(|e| format!("{}: {e}", boot.display()))?;
        let found = entries.flatten().map(|e| e.path()).find(|p| p.file_name().is_some_and(|n| n.to_string_lossy().starts_with("vmlinuz")));
        let found = found.ok_or_else(|| format!("{package} holds no vmlinuz"))?;
        std::fs::copy(&found, &kernel).map_err(|e| format!("{}: {e}", found.display()))?;
        // Hundreds of megabytes of modules are of no use.
        let _ = std::fs::remove_dir_all(unpacked);
        let _ = std::fs::remove_file(archive);
        Ok(Linux { kernel })
    }

    /// QEMU's largest resident size in KiB and the wall time of a guest that runs `program` alone, the least of three lives. On a host so busy that Linux cannot
    /// calibrate its clock by the wall, the size alone, of a life whose clock counts instructions.
    pub fn host(&self, program: &Path) -> Result<(f64, Option<Duration>), String> {
        let initrd = pack(program)?;
        let mut least: Option<(f64, Duration)> = None;
        for _ in 0..3 {
            if let Ok((size, wall)) = self.watch(&initrd, false) {
                let (a, b) = least.unwrap_or((f64::INFINITY, Duration::MAX));
                least = Some((a.min(size), b.min(wall)));
            }
        }
        match least {
            Some((size, wall)) => Ok((size, Some(wall))),
            None => self.watch(&initrd, true).map(|(size, _)| (size, None)),
        }
    }

    fn watch(&self, initrd: &Path, steady: bool) -> Result<(f64, Duration), String> {
        let mut most = 0.0f64;
        let look = |pid: u32| {
            let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
            let peak = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).and_then(|v| v.trim().trim_end_matches(" kB").parse().ok());
            most = most.max(peak.unwrap_or(0.0));
        };
        let mut qemu = self.qemu(initrd, &[]);
        if steady {
            qemu.args(STEADY);
        }
        let (status, _, said, wall) = watched(&mut qemu, Duration::from_secs(if steady { 180 } else { 30 }), look)?;
        if status == 0 { Ok((most, wall)) } else { Err(format!("QEMU ended with status {status}: {}", said.trim())) }
    }

    /// Instructions of the whole life of a guest that runs `program` alone. With `steady` the guest's clock counts its instructions, so that two lives
    /// differ by their work only (and busy waits are longer); without it, a busy host can make Linux's clock calibration hang: that is tried again.
    pub fn count(&self, program: &Path, arguments: &[String], plugin: &Path, steady: bool) -> Result<Counts, String> {
        let initrd = pack(program)?;
        let attempts = if steady { 1 } else { 3 };
        let mut last = Err("never tried".to_string());
        for _ in 0..attempts {
            last = self.life(&initrd, arguments, plugin, steady);
            if last.is_ok() {
                break;
            }
        }
        last
    }

    fn life(&self, initrd: &Path, arguments: &[String], plugin: &Path, steady: bool) -> Result<Counts, String> {
        let mut qemu = self.qemu(initrd, arguments);
        qemu.arg("-plugin").arg(plugin);
        if steady {
            qemu.args(STEADY);
        }
        let (status, _, said, _) = limited(&mut qemu, Duration::from_secs(if steady { 180 } else { 30 }))?;
        if status != 0 {
            return Err(format!("QEMU ended with status {status}: {}", said.trim()));
        }
        Counts::find(&said).ok_or_else(|| format!("the plugin printed nothing: {said}"))
    }

    fn qemu(&self, initrd: &Path, arguments: &[String]) -> Command {
        let append = format!("quiet panic=-1 reboot=t mitigations=off -- {}", arguments.join(" "));
        let mut qemu = Command::new("qemu-system-x86_64");
        qemu.args(["-M", "microvm,acpi=on,pcie=on,rtc=on,isa-serial=off,usb=off", "-accel", "tcg", "-cpu", "max"]);
        qemu.args(["-m", "256M", "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none"]);
        qemu.arg("-kernel").arg(&self.kernel).arg("-initrd").arg(initrd).args(["-append", &append]);
        qemu
    }
}

/// The guest's file system: `program` as its /init.
fn pack(program: &Path) -> Result<PathBuf, String> {
    let initrd = program.with_extension("cpio");
    let bytes = std::fs::read(program).map_err(|e| format!("{}: {e}", program.display()))?;
    let passwd = std::fs::read("/etc/passwd").unwrap_or_default();
    let files = [
        File { name: "etc", mode: DIRECTORY, data: &[] },
        File { name: "etc/passwd", mode: PLAIN, data: &passwd },
        File { name: "init", mode: PROGRAM, data: &bytes },
    ];
    std::fs::write(&initrd, archive(&files)).map_err(|e| format!("{}: {e}", initrd.display()))?;
    Ok(initrd)
}
