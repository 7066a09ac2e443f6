//! How the root image reaches the guest: mapped where it is (nothing is read that is not touched, and machines share it), from a disk that is read on demand, or
//! in guest memory as an initrd.

use super::files::Files;
use crate::failure::{Failure, Result};
use std::path::Path;
use vmm::machine::RootVia;
use vmm::probe::Devices;
use vmm::{Config, Machine};

/// Guest memory that the kernel and the program need beside an image in it, in MiB.
const BESIDE: u64 = 16;

/// The device of each way; none for what every QEMU can do.
fn device(via: RootVia, machine: Machine) -> Option<&'static str> {
    match via {
        RootVia::Mapped => Some("ivshmem-plain"),
        RootVia::Disk if machine == Machine::Microvm => Some("virtio-blk-device"),
        RootVia::Disk => Some("virtio-blk-pci"),
        RootVia::Initrd => None,
    }
}

/// The way: as asked, else the best that this QEMU has. `archive`: the image is a cpio archive, which cannot be read from a disk.
pub fn choose(asked: Option<RootVia>, machine: Machine, archive: bool, qemu: &Path, devices: impl Fn() -> Devices) -> Result<RootVia> {
    let fits = |via| !(archive && via == RootVia::Disk);
    if let Some(via) = asked {
        if !fits(via) {
            return Err(Failure::new(
                "--root-via disk: a cpio archive cannot be read from a disk\n  --root-via mapped or initrd, or an EROFS image",
            ));
        }
        // QEMU's own words say less.
        return match device(via, machine).filter(|name| !devices().has(name)) {
            Some(name) => Err(Failure::new(format!(
                "--root-via {via}: {} has no device {name}\n  leave the option out, and unox chooses what works",
                qemu.display()
            ))),
            None => Ok(via),
        };
    }
    let devices = devices();
    let best =
        [RootVia::Mapped, RootVia::Disk].into_iter().find(|via| fits(*via) && device(*via, machine).is_none_or(|name| devices.has(name)));
    Ok(best.unwrap_or(RootVia::Initrd))
}

/// One sentence for `-v`.
pub fn explain(via: RootVia, asked: bool) -> String {
    let why = match via {
        _ if asked => "as asked",
        RootVia::Mapped => "nothing is copied",
        RootVia::Disk => "this QEMU has no ivshmem-plain",
        RootVia::Initrd => "this QEMU has neither ivshmem-plain nor a disk for it",
    };
    format!("root image: {via} ({why})")
}

/// Tells the kernel, and puts the image into the module where it goes there.
pub fn tell(config: &mut Config, files: &Files, memory_mib: u64) -> Result<()> {
    let via = files.via();
    config.add("root", via.key());
    if via != RootVia::Initrd {
        return Ok(());
    }
    let Some(bytes) = files.bytes()? else { return Ok(()) };
    let mib = (bytes.len() as u64).div_ceil(1 << 20);
    if mib + BESIDE > memory_mib {
        return Err(Failure::new(format!(
            "--root-via initrd: the root image of {mib} MiB does not fit into {memory_mib} MiB of memory\n  -m {} or more, or another --root-via",
            mib + BESIDE
        )));
    }
    config.attach(bytes);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(asked: Option<RootVia>, archive: bool, help: &str) -> Result<RootVia> {
        choose(asked, Machine::Microvm, archive, Path::new("/q"), || Devices::parse(help))
    }

    const BOTH: &str = "name \"ivshmem-plain\", bus PCI\nname \"virtio-blk-device\", bus virtio-bus\n";
    const DISK: &str = "name \"virtio-blk-device\", bus virtio-bus\n";
    const NEITHER: &str = "name \"virtio-serial-device\", bus virtio-bus\n";

    #[test]
    fn the_best_that_there_is() {
        assert_eq!(chosen(None, false, BOTH).unwrap(), RootVia::Mapped);
        assert_eq!(chosen(None, false, DISK).unwrap(), RootVia::Disk);
        assert_eq!(chosen(None, true, DISK).unwrap(), RootVia::Initrd);
        assert_eq!(chosen(None, false, NEITHER).unwrap(), RootVia::Initrd);
        assert_eq!(chosen(Some(RootVia::Disk), false, BOTH).unwrap(), RootVia::Disk);
    }

    #[test]
    fn what_is_asked_and_impossible_is_refused() {
        let said = |asked, archive, help| chosen(Some(asked), archive, help).unwrap_err().to_string();
        assert!(said(RootVia::Mapped, false, DISK).contains("/q has no device ivshmem-plain"));
        assert!(said(RootVia::Disk, false, NEITHER).contains("virtio-blk-device"));
        assert!(said(RootVia::Disk, true, BOTH).contains("cpio"));
        assert_eq!(chosen(Some(RootVia::Initrd), true, NEITHER).unwrap(), RootVia::Initrd);
    }
}
