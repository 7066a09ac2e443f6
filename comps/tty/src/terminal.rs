//! A terminal: what programs read and write, between a line discipline and a device.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::any::Any;
use core::sync::atomic::{AtomicU32, Ordering};

use abi::tty::{Termios, Winsize, iflag, lflag};
use abi::{Errno, Result};
use hal::clock::monotonic_ns;
use kernel::iobuf::{ReadBuf, WriteBuf};
use kernel::poll::{PollEvents, PollHead};
use kernel::sched::wait::{WaitError, WaitOptions};
use kernel::sync::{Mutex, SpinLock};
use kernel::vfs::file::{File, FileOps};
use ldisc::{Discipline, Signal};

use crate::jobs;

/// Bytes of program output processed at one time.
const CHUNK: usize = 512;

/// The device side of a terminal.
pub trait Backend: Send + Sync + Any {
    /// Sends bytes to the device; may sleep unless `nonblocking`. Gives how many were taken (0 with EAGAIN when none and non-blocking).
    fn send(&self, bytes: &[u8], nonblocking: bool) -> Result<usize>;
    /// Whether a send would not block.
    fn can_send(&self) -> bool {
        true
    }
    /// The other side is gone: reads end, writes fail with EIO.
    fn hung_up(&self) -> bool {
        false
    }
    /// A description of the terminal was opened.
    fn opened(&self) {}
    /// One is gone.
    fn closed(&self) {}
    /// For those who know the concrete type.
    fn as_any(&self) -> &dyn Any;
}

/// One terminal.
pub struct Terminal {
    /// Readers, writers and pollers.
    pub head: PollHead,
    pub(crate) state: SpinLock<Discipline>,
    pub(crate) winsize: SpinLock<Winsize>,
    /// Process group in the foreground and the session it belongs to; 0: none yet.
    pub(crate) foreground: AtomicU32,
    pub(crate) session: AtomicU32,
    /// Writers take turns, so that lines do not mix.
    writing: Mutex<()>,
    pub(crate) backend: Box<dyn Backend>,
}

impl Terminal {
    /// A terminal in sane mode over `backend`.
    pub fn new(backend: Box<dyn Backend>, winsize: Winsize) -> Terminal {
        Terminal {
            head: PollHead::new(),
            state: SpinLock::new(Discipline::new()),
            winsize: SpinLock::new(winsize),
            foreground: AtomicU32::new(0),
            session: AtomicU32::new(0),
            writing: Mutex::new(()),
            backend,
        }
    }

    /// Turns on what a UTF-8 terminal of today expects.
    pub fn use_utf8(&self) {
        let mut state = self.state.lock();
        let mut termios = *state.termios();
        termios.c_iflag |= iflag::IUTF8;
        state.set_termios(termios);
    }

    /// Bytes from the device. Runs in a thread: echoing may sleep.
    pub fn receive(&self, bytes: &[u8]) {
        let mut echo = Vec::new();
        for &byte in bytes {
            let signal = self.state.lock().input(byte, &mut echo);
            if let Some(signal) = signal {
                self.echo(&mut echo);
                jobs::signal_foreground(
                    self,
                    match signal {
                        Signal::Interrupt => 2,
                        Signal::Quit => 3,
                        Signal::Suspend => 20,
                    },
                );
            }
        }
        self.echo(&mut echo);
        self.head.notify(PollEvents::IN | PollEvents::RDNORM);
    }

    fn echo(&self, echo: &mut Vec<u8>) {
        if !echo.is_empty() {
            // Echo that the device does not take is lost, as on Linux.
            let _ = self.backend.send(echo, true);
            echo.clear();
        }
    }

    /// Changes the window size and tells the foreground (SIGWINCH) if it is another one.
    pub fn set_winsize(&self, winsize: Winsize) {
        let changed = core::mem::replace(&mut *self.winsize.lock(), winsize) != winsize;
        if changed {
            jobs::signal_foreground(self, 28);
        }
    }

    /// The settings now.
    pub fn termios(&self) -> Termios {
        *self.state.lock().termios()
    }

    /// read(2) of a terminal.
    pub fn read(&self, buf: &mut ReadBuf<'_>, nonblocking: bool) -> Result<usize> {
        jobs::check_background_read(self)?;
        if buf.remaining() == 0 {
            return Ok(0);
        }
        let limits = self.state.lock().raw_limits();
        match limits {
            None => self.read_once(buf, nonblocking, None).map(|end| end.unwrap_or(0)),
            Some((0, 0)) => {
                Ok(self.read_once(buf, true, None).or_else(|e| if e == Errno::EAGAIN { Ok(None) } else { Err(e) })?.unwrap_or(0))
            }
            Some((0, time)) => Ok(self.read_once(buf, nonblocking, Some(deadline(time)))?.unwrap_or(0)),
            Some((min, time)) => self.read_min(buf, nonblocking, min, time),
        }
    }

    /// VMIN > 0: blocks until `min` bytes came, or (VTIME > 0) the line was silent for `time` after a byte.
    fn read_min(&self, buf: &mut ReadBuf<'_>, nonblocking: bool, min: usize, time: u8) -> Result<usize> {
        loop {
            let limit = (time > 0 && buf.done() > 0).then(|| deadline(time));
            match self.read_once(buf, nonblocking, limit) {
                Ok(Some(_)) => {}
                Ok(None) => return Ok(buf.done()),
                Err(errno) if buf.done() == 0 => return Err(errno),
                Err(_) => return Ok(buf.done()),
            }
            if buf.done() >= min || buf.remaining() == 0 || self.state.lock().raw_limits().is_none() {
                return Ok(buf.done());
            }
        }
    }

    /// Waits for input and moves one helping of it. `None`: the deadline passed or the other side hung up.
    fn read_once(&self, buf: &mut ReadBuf<'_>, nonblocking: bool, deadline: Option<u64>) -> Result<Option<usize>> {
        let mut chunk = [0u8; CHUNK];
        loop {
            let want = buf.remaining().min(CHUNK);
            let taken = self.state.lock().read(&mut chunk[..want]);
            if let Some(count) = taken {
                let canonical = self.state.lock().raw_limits().is_none();
                buf.put(&chunk[..count])?;
                // A line longer than the chunk goes on; an end of file or the end of a line does not.
                let more = canonical && count == want && chunk[count - 1] != b'\n' && buf.remaining() > 0;
                if !more {
                    return Ok(Some(buf.done()));
                }
                continue;
            }
            if buf.done() > 0 {
                return Ok(Some(buf.done()));
            }
            if self.backend.hung_up() {
                return Ok(None);
            }
            if nonblocking {
                return Err(Errno::EAGAIN);
            }
            let ready = || (self.state.lock().available() > 0 || self.state.lock().readable() || self.backend.hung_up()).then_some(());
            match self.head.queue.wait(WaitOptions { deadline, ..WaitOptions::default() }, ready) {
                Ok(()) => {}
                Err(WaitError::TimedOut) => return Ok(None),
                Err(WaitError::Interrupted) => return Err(Errno::RESTARTSYS),
            }
        }
    }

    /// write(2) of a terminal.
    pub fn write(&self, buf: &mut WriteBuf<'_>, nonblocking: bool) -> Result<usize> {
        jobs::check_background_write(self, self.termios().c_lflag & lflag::TOSTOP != 0)?;
        let _turn = self.writing.lock();
        let mut chunk = [0u8; CHUNK];
        let mut out = Vec::new();
        let mut written = 0;
        while buf.remaining() > 0 {
            if self.backend.hung_up() {
                return if written > 0 { Ok(written) } else { Err(Errno::EIO) };
            }
            if let Err(errno) = self.wait_writable(nonblocking) {
                return if written > 0 { Ok(written) } else { Err(errno) };
            }
            let count = match buf.take(&mut chunk) {
                Ok(count) => count,
                Err(errno) => return if written > 0 { Ok(written) } else { Err(errno) },
            };
            out.clear();
            self.state.lock().write(&chunk[..count], &mut out);
            if let Err(errno) = self.send_all(&out) {
                return if written > 0 { Ok(written) } else { Err(errno) };
            }
            written += count;
        }
        Ok(written)
    }

    /// Waits until VSTOP is lifted and the device has room.
    fn wait_writable(&self, nonblocking: bool) -> Result<()> {
        let ready = || (!self.state.lock().stopped() && self.backend.can_send() || self.backend.hung_up()).then_some(());
        if ready().is_some() {
            return Ok(());
        }
        if nonblocking {
            return Err(Errno::EAGAIN);
        }
        self.head.queue.wait_interruptible(ready)
    }

    fn send_all(&self, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            let sent = self.backend.send(bytes, false)?;
            bytes = &bytes[sent..];
        }
        Ok(())
    }

    /// Readiness for poll(2).
    pub fn poll(&self) -> PollEvents {
        let state = self.state.lock();
        let mut events = PollEvents::empty();
        if state.readable() {
            events |= PollEvents::IN | PollEvents::RDNORM;
        }
        if self.backend.hung_up() {
            events |= PollEvents::HUP | PollEvents::IN | PollEvents::RDNORM;
        } else if !state.stopped() && self.backend.can_send() {
            events |= PollEvents::OUT | PollEvents::WRNORM;
        }
        events
    }

    pub(crate) fn set_foreground(&self, group: u32) {
        self.foreground.store(group, Ordering::Relaxed);
    }
}

/// Tenths of a second from now.
fn deadline(tenths: u8) -> u64 {
    monotonic_ns() + u64::from(tenths) * 100_000_000
}

/// An open terminal: the console, the slave of a pair, or either by the name /dev/tty.
pub struct TtyFile {
    terminal: Arc<Terminal>,
}

impl TtyFile {
    /// Opens `terminal`.
    pub fn open(terminal: Arc<Terminal>) -> Arc<TtyFile> {
        terminal.backend.opened();
        Arc::new(TtyFile { terminal })
    }

    /// The terminal.
    pub fn terminal(&self) -> &Arc<Terminal> {
        &self.terminal
    }
}

impl FileOps for TtyFile {
    fn read_at(&self, file: &File, buf: &mut ReadBuf<'_>, _pos: u64) -> Result<usize> {
        self.terminal.read(buf, file.nonblocking())
    }
    fn write_at(&self, file: &File, buf: &mut WriteBuf<'_>, _pos: u64) -> Result<usize> {
        self.terminal.write(buf, file.nonblocking())
    }
    fn poll(&self, _file: &File) -> PollEvents {
        self.terminal.poll()
    }
    fn poll_head(&self) -> Option<&PollHead> {
        Some(&self.terminal.head)
    }
    fn ioctl(&self, _file: &File, cmd: u32, arg: usize) -> Result<usize> {
        self.terminal.ioctl(cmd, arg)
    }
    fn release(&self, _file: &File) {
        self.terminal.backend.closed();
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}
