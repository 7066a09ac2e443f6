//! Which devices this QEMU has: distributions build it without some. Asked once (`-device help`) and kept in the cache directory for this very file.

use super::read_until;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long QEMU may take to list its devices; it needs some hundredths of a second.
const DEADLINE: Duration = Duration::from_secs(5);

/// Names of the devices that a choice may depend on; `None` when QEMU did not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Devices(Option<Vec<String>>);

impl Devices {
    /// The devices of the emulator at `qemu`, from `cache` when they are there. Nothing fails: of a QEMU that does not answer all is believed, and it will say
    /// itself what it has not.
    pub fn cached(qemu: &Path, cache: &Path) -> Devices {
        let file = cache_file(qemu, cache);
        if let Some(names) = file.as_ref().and_then(|file| std::fs::read_to_string(file).ok()) {
            return Devices(Some(names.lines().map(str::to_string).collect()));
        }
        let Some(text) = help(qemu) else { return Devices(None) };
        let found = Devices::parse(&text);
        if let (Some(file), Some(names)) = (file, &found.0) {
            super::keep(&file, &names.iter().map(|name| format!("{name}\n")).collect::<String>());
        }
        found
    }

    /// Reads what `-device help` prints: `name "ivshmem-plain", bus PCI, desc "…"`.
    pub fn parse(text: &str) -> Devices {
        let name = |line: &str| Some(line.trim_start().strip_prefix("name \"")?.split('"').next()?.to_string());
        let wanted = |name: &String| name.starts_with("ivshmem-") || name.starts_with("virtio-");
        let names: Vec<String> = text.lines().filter_map(name).filter(wanted).collect();
        // A list without any of them is none.
        Devices((!names.is_empty()).then_some(names))
    }

    /// Whether there is a device of this name.
    pub fn has(&self, name: &str) -> bool {
        self.0.as_ref().is_none_or(|names| names.iter().any(|known| known == name))
    }
}

fn cache_file(qemu: &Path, cache: &Path) -> Option<PathBuf> {
    let meta = std::fs::metadata(qemu).ok()?;
    let mut hasher = DefaultHasher::new();
    (qemu, meta.len(), meta.mtime(), meta.mtime_nsec(), meta.ino()).hash(&mut hasher);
    Some(cache.join(format!("devices-{:016x}", hasher.finish())))
}

/// What QEMU prints; `None` when it fails or has not ended at the deadline: a wrapper that waits for something must not keep the machine from starting.
fn help(qemu: &Path) -> Option<String> {
    let mut command = Command::new(qemu);
    command.args(["-machine", "none", "-device", "help"]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    // A group of its own: what a wrapper script has started goes with it.
    let mut child = command.process_group(0).spawn().ok()?;
    let text = child.stdout.take().and_then(|out| read_until(out, Instant::now() + DEADLINE));
    if text.is_none()
        && let Ok(group) = i32::try_from(child.id())
    {
        let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
    }
    let status = child.wait().ok()?;
    text.filter(|_| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    const HELP: &str = "Storage devices:\nname \"virtio-blk-device\", bus virtio-bus\nname \"virtio-blk-pci\", bus PCI, alias \"virtio-blk\"\n\nMisc devices:\nname \"edu\", bus PCI\n";

    #[test]
    fn names_are_read_from_the_help() {
        let devices = Devices::parse(HELP);
        assert!(devices.has("virtio-blk-pci") && devices.has("virtio-blk-device"));
        assert!(!devices.has("ivshmem-plain") && !devices.has("edu"));
        // Of a QEMU that says nothing that we understand, all is believed.
        assert!(Devices::parse("").has("ivshmem-plain"));
    }

    #[test]
    fn a_qemu_is_asked_once() {
        let dir = std::env::temp_dir().join(format!("unox-devices-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let qemu = dir.join("qemu");
        std::fs::write(&qemu, format!("#!/bin/sh\necho >> {0}/asked\ncat <<'END'\n{HELP}END\n", dir.display())).unwrap();
        std::fs::set_permissions(&qemu, std::fs::Permissions::from_mode(0o755)).unwrap();
        let cache = dir.join("cache");
        let first = Devices::cached(&qemu, &cache);
        assert_eq!(first, Devices::cached(&qemu, &cache));
        assert!(first.has("virtio-blk-pci") && !first.has("ivshmem-plain"));
        assert_eq!(std::fs::read_to_string(dir.join("asked")).unwrap().len(), 1);
        std::fs::remove_dir_all(dir).unwrap();
    }
}
