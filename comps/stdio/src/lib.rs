//! The program's first descriptors: ports of the virtio console, a terminal, the serial line or nothing, as the boot configuration says
//! (docs/boot-protocol.md, section 2). And the thread that hears the host's control lines.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

#[cfg(feature = "tty")]
mod console;
#[cfg(not(feature = "tty"))]
#[path = "plain.rs"]
mod console;
mod control;
mod port;

use alloc::sync::Arc;

use abi::Result;
use abi::tty::Winsize;
use drv_virtio::console::PortId;
use kernel::vfs::file::{File, OpenFlags};

#[cfg(feature = "tty")]
pub use console::console;
pub use console::{attach as attach_console, set_winsize};
pub use control::{send as send_lines, start as start_control};

/// What a descriptor is connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// The host's terminal (virtio port 5).
    Terminal,
    /// Its own virtio port.
    Port,
    /// The same as descriptor 1 (`2>&1`).
    Stdout,
    /// The 16550.
    Serial,
    /// Nothing.
    Null,
}

impl Setting {
    /// Reads the value of `fd0`, `fd1` or `fd2`.
    pub fn parse(text: &[u8]) -> Option<Setting> {
        Some(match text {
            b"tty" => Setting::Terminal,
            b"port" => Setting::Port,
            b"stdout" => Setting::Stdout,
            b"serial" => Setting::Serial,
            b"null" => Setting::Null,
            _ => return None,
        })
    }
}

/// Opens descriptors 0, 1 and 2.
pub fn open(settings: [Setting; 3], winsize: Winsize) -> Result<[Arc<File>; 3]> {
    console::configure(settings, winsize);
    let stdin = open_one(0, settings[0])?;
    let stdout = open_one(1, settings[1])?;
    let stderr = if settings[2] == Setting::Stdout { stdout.clone() } else { open_one(2, settings[2])? };
    Ok([stdin, stdout, stderr])
}

fn open_one(fd: usize, setting: Setting) -> Result<Arc<File>> {
    match setting {
        Setting::Terminal | Setting::Serial | Setting::Null => console::open(setting),
        Setting::Port | Setting::Stdout => {
            let (id, flags) = match fd {
                0 => (PortId::Stdin, OpenFlags::empty()),
                1 => (PortId::Stdout, OpenFlags::WRONLY),
                _ => (PortId::Stderr, OpenFlags::WRONLY),
            };
            Ok(File::new(Arc::new(port::PortFile::new(id)), flags))
        }
    }
}
