//! The console: one terminal over the host's terminal or the serial line, made when it is first needed.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::any::Any;

use abi::tty::Winsize;
use abi::{Errno, Result};
use drv_virtio::console::{Port, PortId, port};
use kernel::iobuf::{ReadBuf, WriteBuf};
use kernel::sched::WaitOptions;
use kernel::sched::spawn_kernel;
use kernel::sync::{Mutex, Once};
use kernel::vfs::file::{File, OpenFlags};
use tty::{Backend, Terminal, TtyFile};

use crate::Setting;

/// Bytes of input taken at one time.
const CHUNK: usize = 256;

static CONSOLE: Once<Option<Arc<Terminal>>> = Once::new();
static MAKING: Mutex<()> = Mutex::new(());
static CONFIG: Once<(bool, Winsize)> = Once::new();

/// Says which device the console is and how large.
pub fn configure(settings: [Setting; 3], winsize: Winsize) {
    let _ = CONFIG.set((settings.contains(&Setting::Terminal), winsize));
}

/// The console's terminal; `None` on a machine without one.
pub fn console() -> Option<Arc<Terminal>> {
    if CONSOLE.get().is_none() {
        let _making = MAKING.lock();
        if CONSOLE.get().is_none() {
            let _ = CONSOLE.set(make());
        }
    }
    CONSOLE.get().cloned().flatten()
}

/// The file behind a descriptor that is the console, or nothing.
pub fn open(setting: Setting) -> Result<Arc<File>> {
    if setting == Setting::Null {
        return Ok(File::new(fs_dev::null(), OpenFlags::RDWR));
    }
    let terminal = console().ok_or(Errno::ENODEV)?;
    Ok(File::new(TtyFile::open(terminal), OpenFlags::RDWR))
}

fn make() -> Option<Arc<Terminal>> {
    let &(on_host, winsize) = CONFIG.get()?;
    let terminal = if on_host {
        let port = port(PortId::Terminal)?;
        let terminal = Arc::new(Terminal::new(Box::new(PortBackend(port)), winsize));
        let reader = terminal.clone();
        spawn_kernel(move || read_port(port, &reader))?;
        terminal
    } else {
        if !drv_uart::present() {
            return None;
        }
        let terminal = Arc::new(Terminal::new(Box::new(UartBackend), winsize));
        let reader = terminal.clone();
        spawn_kernel(move || read_uart(&reader))?;
        terminal
    };
    terminal.use_utf8();
    control(&terminal);
    Some(terminal)
}

/// Makes the terminal the controlling one of the first process, if that exists yet.
fn control(terminal: &Arc<Terminal>) {
    if let Some(init) = kernel::process::initial() {
        tty::attach(terminal, init.sid(), init.pgid());
    }
}

/// Makes a console that was opened before the first process its controlling terminal.
pub fn attach() {
    if let Some(Some(terminal)) = CONSOLE.get() {
        control(terminal);
    }
}

/// The host's window changed its size.
pub fn set_winsize(winsize: Winsize) {
    if let Some(Some(terminal)) = CONSOLE.get() {
        terminal.set_winsize(winsize);
    }
}

struct PortBackend(&'static Port);

impl Backend for PortBackend {
    fn send(&self, bytes: &[u8], nonblocking: bool) -> Result<usize> {
        self.0.write(&mut WriteBuf::kernel(bytes), nonblocking)
    }

    fn can_send(&self) -> bool {
        self.0.can_write()
    }

    fn hung_up(&self) -> bool {
        self.0.is_closed()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn read_port(port: &'static Port, terminal: &Terminal) {
    let mut chunk = [0u8; CHUNK];
    loop {
        match port.read(&mut ReadBuf::kernel(&mut chunk), false) {
            Ok(0) | Err(_) => break,
            Ok(count) => terminal.receive(&chunk[..count]),
        }
    }
    // The host's terminal is gone: readers see the end.
    terminal.head.notify(kernel::poll::PollEvents::HUP);
}

struct UartBackend;

impl Backend for UartBackend {
    fn send(&self, bytes: &[u8], _nonblocking: bool) -> Result<usize> {
        drv_uart::send(bytes);
        Ok(bytes.len())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn read_uart(terminal: &Terminal) {
    drv_uart::start_receiving();
    let mut chunk = [0u8; CHUNK];
    loop {
        let options = WaitOptions { uninterruptible: true, ..WaitOptions::default() };
        let _ = drv_uart::HEAD.queue.wait(options, || drv_uart::readable().then_some(()));
        let count = drv_uart::receive(&mut chunk);
        terminal.receive(&chunk[..count]);
    }
}
