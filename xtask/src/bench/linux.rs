//! The Linux guest: Debian's cloud kernel, the same static program as its /init, the same QEMU flags.

use super::measure::{Counts, STEADY, download, limited};
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

    /// Instructions of the whole life of a guest that runs `program` alone. With `steady` the guest's clock counts its instructions, so that two lives
    /// differ by their work only (and busy waits are longer); without it, a busy host can make Linux's clock calibration hang: that is tried again.
    pub fn count(&self, program: &Path, arguments: &[String], plugin: &Path, steady: bool) -> Result<Counts, String> {
        let initrd = program.with_extension("cpio");
        let bytes = std::fs::read(program).map_err(|e| format!("{}: {e}", program.display()))?;
        let passwd = std::fs::read("/etc/passwd").unwrap_or_default();
        let files = [
            File { name: "etc", mode: DIRECTORY, data: &[] },
            File { name: "etc/passwd", mode: PLAIN, data: &passwd },
            File { name: "init", mode: PROGRAM, data: &bytes },
        ];
        std::fs::write(&initrd, archive(&files)).map_err(|e| format!("{}: {e}", initrd.display()))?;
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
        let append = format!("quiet panic=-1 reboot=t mitigations=off -- {}", arguments.join(" "));
        let mut qemu = Command::new("qemu-system-x86_64");
        qemu.args(["-M", "microvm,acpi=on,pcie=on,rtc=on,isa-serial=off,usb=off", "-accel", "tcg", "-cpu", "max"]);
        qemu.args(["-m", "256M", "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none"]);
        qemu.arg("-kernel").arg(&self.kernel).arg("-initrd").arg(initrd).args(["-append", &append]).arg("-plugin").arg(plugin);
        if steady {
            qemu.args(STEADY);
        }
        let (status, _, said, _) = limited(&mut qemu, Duration::from_secs(if steady { 180 } else { 30 }))?;
        if status != 0 {
            return Err(format!("QEMU ended with status {status}: {}", said.trim()));
        }
        Counts::find(&said).ok_or_else(|| format!("the plugin printed nothing: {said}"))
    }
}
