//! /dev/tty, /dev/console, /dev/ptmx, /dev/ttyS0.

use alloc::sync::Arc;

use abi::{Errno, Result};
use kernel::sync::Once;
use kernel::vfs::Inode;
use kernel::vfs::dev::Device;
use kernel::vfs::file::{FileOps, OpenFlags};
use tty::{Terminal, TtyFile};

/// TTY_MAJOR: virtual consoles and serial ports.
pub const TTY_MAJOR: u32 = 4;
/// TTYAUX_MAJOR: tty, console, ptmx.
pub const TTY_AUX_MAJOR: u32 = 5;

/// Makes the console's terminal when it is first needed.
pub type Console = fn() -> Option<Arc<Terminal>>;

static CONSOLE: Once<Console> = Once::new();

/// Says what the console is.
pub fn set_console(console: Console) {
    let _ = CONSOLE.set(console);
}

/// The driver.
pub struct Terminals;

impl Device for Terminals {
    fn open(&self, inode: &Arc<Inode>, _flags: OpenFlags) -> Result<Arc<dyn FileOps>> {
        match (inode.rdev.major, inode.rdev.minor) {
            #[cfg(feature = "pty")]
            (TTY_AUX_MAJOR, 2) => tty::pty::open_master(),
            (TTY_AUX_MAJOR, 0) => tty::controlling(),
            (TTY_AUX_MAJOR, 1) | (TTY_MAJOR, 0 | 64) => {
                let terminal = CONSOLE.get().and_then(|console| console()).ok_or(Errno::EIO)?;
                Ok(TtyFile::open(terminal))
            }
            _ => Err(Errno::ENXIO),
        }
    }
}
