//! What is in this image, in the order in which it is registered. Each part is a feature, each feature a Kconfig symbol (image/Config.uk).

use alloc::string::String;
use alloc::sync::Arc;

use bootcfg::Config;
use kernel::vfs::FsContext;
#[cfg(feature = "vfs")]
use kernel::vfs::Inode;
use kernel::vfs::file::File;

/// Registers everything.
pub fn init(config: &Config<'_>) {
    #[cfg(feature = "debugcon")]
    if config.get("ctl").is_some() {
        kernel::control::set_sink(&drv_debugcon::DebugConsole);
    } else if drv_uart::present() {
        kernel::control::set_sink(&drv_uart::SerialSink);
    }
    #[cfg(not(feature = "debugcon"))]
    if drv_uart::present() {
        kernel::control::set_sink(&drv_uart::SerialSink);
    }
    #[cfg(feature = "pci")]
    drv_pci::init(config.number("ecam"));
    // The configuration window comes on the command line on microvm alone, which is also the machine with virtio-mmio windows.
    drv_virtio::set_mmio_present(config.number("ecam").is_some());
    #[cfg(feature = "vfs")]
    fs_ram::register();
    #[cfg(feature = "ninep")]
    fs_9p::register();
    #[cfg(feature = "devfs")]
    {
        fs_dev::init();
        fs_dev::set_console(stdio::console);
    }
    #[cfg(feature = "procfs")]
    fs_proc::init();
    #[cfg(feature = "sysfs")]
    fs_sys::init();
    let _ = config;
}

/// Where the process finds its files.
pub fn file_systems(config: &Config<'static>) -> Result<Arc<FsContext>, String> {
    #[cfg(not(feature = "ninep"))]
    if config.get("mount").is_some() || config.get("root").is_some_and(|root| root.starts_with(b"9p:")) {
        return Err("a directory of the host is shared, and this image has no 9p: configure CONFIG_LIB9PFS=y and build again".into());
    }
    #[cfg(feature = "vfs")]
    let made = kernel::boot::file_systems(config, root(config)?);
    #[cfg(not(feature = "vfs"))]
    let made = kernel::boot::no_file_systems(config);
    made.map_err(|failure| failure.text)
}

/// The root directory: what the machine brings, else an empty one.
#[cfg(feature = "vfs")]
fn root(config: &Config<'static>) -> Result<Arc<Inode>, String> {
    #[cfg(feature = "ninep")]
    if let Some(tag) = config.get("root").and_then(|root| root.strip_prefix(b"9p:")) {
        return fs_9p::root(tag);
    }
    #[cfg(feature = "rootimage")]
    if let Some(region) = image(config) {
        let mounted = fs_root::mount(region);
        return mounted.map_err(|errno| match errno {
            abi::Errno::EOPNOTSUPP => {
                "the root image is of a kind that is left out: configure CONFIG_LIBEROFS=y or CONFIG_LIBCPIO=y and build again".into()
            }
            _ => alloc::format!("the root image is not a sound EROFS or cpio file system: errno {}", errno.number()),
        });
    }
    let _ = config;
    fresh().map_err(|errno| alloc::format!("an empty root file system: errno {}", errno.number()))
}

/// A root directory in memory with nothing but /tmp, which programs take for granted.
#[cfg(feature = "vfs")]
fn fresh() -> abi::Result<Arc<Inode>> {
    use kernel::vfs::{Attr, Dev, FileType, NewNode};
    let root = fs_ram::populate("rootfs", Attr::new(FileType::Directory, 0o755))?;
    let tmp = NewNode { kind: FileType::Directory, perm: 0o1777, uid: 0, gid: 0, rdev: Dev::NONE, target: b"" };
    root.ops.create(&root, b"tmp", &tmp)?;
    Ok(root)
}

#[cfg(feature = "rootimage")]
fn image(config: &Config<'static>) -> Option<hal::mem::mmio::RoRegion> {
    use hal::mem::mmio::RoRegion;
    if config.get("root") == Some(b"none") {
        return None;
    }
    #[cfg(feature = "pci")]
    if let Some(region) = drv_pci::ivshmem::region() {
        return Some(region);
    }
    let info = hal::boot::info();
    let module = info.modules.iter().find(|m| !m.starts_with(bootcfg::MAGIC)).copied();
    config.attached().or(module).or((!info.payload_root.is_empty()).then_some(info.payload_root)).map(RoRegion::from_boot)
}

/// Descriptors 0, 1 and 2.
pub fn stdio(config: &Config<'_>) -> Result<[Arc<File>; 3], String> {
    use stdio::Setting;
    let setting = |key: &str| config.get(key).and_then(Setting::parse).unwrap_or(Setting::Serial);
    let settings = [setting("fd0"), setting("fd1"), setting("fd2")];
    let size = abi::tty::Winsize { ws_row: 24, ws_col: 80, ..abi::tty::Winsize::default() };
    stdio::open(settings, size).map_err(|errno| alloc::format!("standard descriptors: errno {}", errno.number()))
}

/// After the process is there, before it runs.
pub fn started(config: &Config<'_>) {
    stdio::attach_console();
    if config.get("ctl").is_some() {
        stdio::start_control();
    }
}
