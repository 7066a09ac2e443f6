//! What is in this image, in the order in which it is registered. One line per component.

use bootcfg::Config;

/// Registers everything.
pub fn init(config: &Config<'_>) {
    // Control lines first: everything after can complain.
    if config.get("ctl").is_some() {
        kernel::control::set_sink(&drv_debugcon::DebugConsole);
    } else if drv_uart::present() {
        kernel::control::set_sink(&drv_uart::SerialSink);
    }
    let ecam = config.number("ecam");
    drv_pci::init(ecam);
    // The configuration window comes on the command line on microvm alone, which is also the machine with virtio-mmio windows.
    drv_virtio::set_mmio_present(ecam.is_some());
    #[cfg(feature = "rng")]
    kernel::random::set_source(drv_virtio::rng::seed);
    #[cfg(feature = "blk")]
    kernel::vfs::disk::set_finder(|| Some(drv_virtio::blk::disk()?));
    fs_ram::register();
    #[cfg(feature = "ninep")]
    fs_9p::register();
    fs_dev::init();
    fs_dev::set_console(stdio::console);
    fs_proc::init();
    fs_sys::init();
    loader::init();
}
