//! Where the root file system comes from (docs/boot-protocol.md, `root`).

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;

use abi::Errno;
use bootcfg::Config;
use hal::mem::mmio::RoRegion;
use kernel::control::Bytes;
use kernel::vfs::Inode;

/// The root directory, from the source that the configuration names or the first that is there.
pub fn find(config: &Config<'static>) -> Result<Arc<Inode>, String> {
    match config.get("root") {
        None => match ivshmem().or_else(|| module(config)).or_else(payload) {
            Some(region) => mount(region),
            None => empty(),
        },
        Some(b"ivshmem") => mount(ivshmem().ok_or("root=ivshmem, but the machine has no ivshmem device")?),
        Some(b"module") => mount(module(config).ok_or("root=module, but no module holds a root file system (EROFS or cpio)")?),
        Some(b"payload") => mount(payload().ok_or("root=payload, but this kernel file is not a packed image")?),
        Some(b"disk") => disk(),
        Some(b"none") => empty(),
        Some(other) if other.starts_with(b"9p:") => ninep(other.get(3..).unwrap_or(b"")),
        Some(other) => Err(format!("root={}: not one of ivshmem, disk, module, payload, 9p:TAG, none", Bytes(other))),
    }
}

/// The directory of the host that it shares under `tag`.
#[cfg(feature = "ninep")]
fn ninep(tag: &[u8]) -> Result<Arc<Inode>, String> {
    fs_9p::root(tag)
}

#[cfg(not(feature = "ninep"))]
fn ninep(_tag: &[u8]) -> Result<Arc<Inode>, String> {
    Err("root=9p: this kernel was built without 9p (feature ninep)".into())
}

/// The image on the first disk.
#[cfg(feature = "blk")]
fn disk() -> Result<Arc<Inode>, String> {
    let disk = kernel::vfs::disk::first().ok_or("root=disk, but the machine has no virtio block device")?;
    fs_root::mount_disk(disk).map_err(|errno| match errno {
        Errno::EIO => "root=disk: the disk cannot be read".into(),
        Errno::EUCLEAN => format!("root=disk: the EROFS image is damaged, or longer than the disk ({} bytes)", disk.size()),
        Errno::EINVAL => format!("root=disk: there is no EROFS image on the disk ({} bytes)", disk.size()),
        _ => format!("root=disk: {}", errno.text()),
    })
}

#[cfg(not(feature = "blk"))]
fn disk() -> Result<Arc<Inode>, String> {
    Err("root=disk: this kernel was built without block devices (feature blk)".into())
}

fn ivshmem() -> Option<RoRegion> {
    drv_pci::ivshmem::region()
}

fn module(config: &Config<'static>) -> Option<RoRegion> {
    let other = || hal::boot::info().modules.iter().find(|m| !m.starts_with(bootcfg::MAGIC)).copied();
    config.attached().or_else(other).map(RoRegion::from_boot)
}

fn payload() -> Option<RoRegion> {
    let payload = hal::boot::info().payload_root;
    (!payload.is_empty()).then(|| RoRegion::from_boot(payload))
}

fn mount(region: RoRegion) -> Result<Arc<Inode>, String> {
    fs_root::mount(region).map_err(|errno| format!("the root image is not a sound EROFS or cpio file system: errno {}", errno.number()))
}

fn empty() -> Result<Arc<Inode>, String> {
    fs_root::empty().map_err(|errno| format!("an empty root file system: errno {}", errno.number()))
}
