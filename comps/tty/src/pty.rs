//! Pseudo-terminals (pty(7)): a master file whose other end is a terminal.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::sync::Arc;
use core::any::Any;
use core::sync::atomic::{AtomicBool, Ordering};
use ordmap::OrdMap;

use abi::tty::{Winsize, ioctl as cmd};
use abi::{Errno, Result};
use hal::user::UserPtr;
use kernel::iobuf::{ReadBuf, WriteBuf};
use kernel::poll::{PollEvents, PollHead};
use kernel::sync::SpinLock;
use kernel::vfs::file::{File, FileOps};

use crate::terminal::{Backend, Terminal, TtyFile};

/// Output that waits for the master's reader.
const LIMIT: usize = 64 * 1024;
const CHUNK: usize = 512;

/// Both ends share this.
pub struct Pair {
    /// The number N of /dev/pts/N.
    pub number: u32,
    output: SpinLock<VecDeque<u8>>,
    /// Readers and pollers of the master.
    master_head: PollHead,
    master_open: AtomicBool,
    /// Descriptions of the slave that are open; the master reads EIO when the last of them has gone.
    slaves: SpinLock<Slaves>,
    locked: AtomicBool,
}

#[derive(Default)]
struct Slaves {
    open: usize,
    ever: bool,
}

static PAIRS: SpinLock<OrdMap<u32, Arc<Terminal>>> = SpinLock::new(OrdMap::new());

/// The slave's side of the terminal: what programs write goes to the master's reader.
struct SlaveBackend {
    pair: Arc<Pair>,
}

impl Backend for SlaveBackend {
    fn send(&self, bytes: &[u8], nonblocking: bool) -> Result<usize> {
        if !self.can_send() {
            if nonblocking {
                return Err(Errno::EAGAIN);
            }
            self.pair.master_head.queue.wait_interruptible(|| (self.can_send() || self.hung_up()).then_some(()))?;
        }
        if self.hung_up() {
            return Err(Errno::EIO);
        }
        self.pair.output.lock().extend(bytes);
        self.pair.master_head.notify(PollEvents::IN | PollEvents::RDNORM);
        Ok(bytes.len())
    }

    fn can_send(&self) -> bool {
        self.pair.output.lock().len() < LIMIT
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn opened(&self) {
        let mut slaves = self.pair.slaves.lock();
        slaves.open += 1;
        slaves.ever = true;
    }

    fn closed(&self) {
        self.pair.slaves.lock().open -= 1;
        self.pair.master_head.notify(PollEvents::HUP);
    }

    fn hung_up(&self) -> bool {
        !self.pair.master_open.load(Ordering::Relaxed)
    }
}

/// The master: what posix_openpt(3) opens.
pub struct Master {
    pair: Arc<Pair>,
    terminal: Arc<Terminal>,
}

/// Makes a pair; the slave is locked until unlockpt(3).
pub fn open_master() -> Result<Arc<dyn FileOps>> {
    let mut pairs = PAIRS.lock();
    let number = (0..4096).find(|n| !pairs.contains_key(n)).ok_or(Errno::ENOSPC)?;
    let pair = Arc::new(Pair {
        number,
        output: SpinLock::new(VecDeque::new()),
        master_head: PollHead::new(),
        master_open: AtomicBool::new(true),
        slaves: SpinLock::new(Slaves::default()),
        locked: AtomicBool::new(true),
    });
    let terminal = Arc::new(Terminal::new(Box::new(SlaveBackend { pair: pair.clone() }), Winsize::default()));
    pairs.insert(number, terminal.clone());
    Ok(Arc::new(Master { pair, terminal }))
}

/// The numbers of all pairs, for the directory /dev/pts.
pub fn numbers() -> alloc::vec::Vec<u32> {
    PAIRS.lock().keys().copied().collect()
}

/// Opens the slave of pair `number`.
pub fn open_slave(number: u32) -> Result<Arc<dyn FileOps>> {
    let terminal = PAIRS.lock().get(&number).cloned().ok_or(Errno::ENXIO)?;
    let pair = pair_of(&terminal).ok_or(Errno::ENXIO)?;
    if pair.locked.load(Ordering::Relaxed) {
        return Err(Errno::EIO);
    }
    Ok(TtyFile::open(terminal))
}

fn pair_of(terminal: &Terminal) -> Option<Arc<Pair>> {
    terminal.backend.as_any().downcast_ref::<SlaveBackend>().map(|backend| backend.pair.clone())
}

impl Master {
    /// The pair's number.
    pub fn number(&self) -> u32 {
        self.pair.number
    }

    fn no_slaves_left(&self) -> bool {
        let slaves = self.pair.slaves.lock();
        slaves.ever && slaves.open == 0
    }

    fn has_output(&self) -> bool {
        !self.pair.output.lock().is_empty()
    }
}

impl FileOps for Master {
    fn read_at(&self, file: &File, buf: &mut ReadBuf<'_>, _pos: u64) -> Result<usize> {
        if !self.has_output() {
            if self.no_slaves_left() {
                return Err(Errno::EIO);
            }
            if file.nonblocking() {
                return Err(Errno::EAGAIN);
            }
            self.pair.master_head.queue.wait_interruptible(|| (self.has_output() || self.no_slaves_left()).then_some(()))?;
        }
        let mut chunk = [0u8; CHUNK];
        while buf.remaining() > 0 {
            let mut count = 0;
            {
                let mut output = self.pair.output.lock();
                while count < CHUNK.min(buf.remaining()) {
                    let Some(byte) = output.pop_front() else { break };
                    chunk[count] = byte;
                    count += 1;
                }
            }
            if count == 0 {
                break;
            }
            buf.put(&chunk[..count])?;
        }
        self.pair.master_head.queue.wake_all();
        self.terminal.head.notify(PollEvents::OUT | PollEvents::WRNORM);
        if buf.done() == 0 { Err(Errno::EIO) } else { Ok(buf.done()) }
    }

    fn write_at(&self, _file: &File, buf: &mut WriteBuf<'_>, _pos: u64) -> Result<usize> {
        let mut chunk = [0u8; CHUNK];
        while buf.remaining() > 0 {
            let count = buf.take(&mut chunk)?;
            self.terminal.receive(&chunk[..count]);
        }
        Ok(buf.done())
    }

    fn poll(&self, _file: &File) -> PollEvents {
        let mut events = PollEvents::OUT | PollEvents::WRNORM;
        if self.has_output() {
            events |= PollEvents::IN | PollEvents::RDNORM;
        }
        if self.no_slaves_left() {
            events |= PollEvents::HUP;
        }
        events
    }

    fn poll_head(&self) -> Option<&PollHead> {
        Some(&self.pair.master_head)
    }

    fn ioctl(&self, _file: &File, command: u32, arg: usize) -> Result<usize> {
        match command {
            cmd::TIOCGPTN => UserPtr::<u32>::new(arg).write(&self.pair.number)?,
            cmd::TIOCSPTLCK => self.pair.locked.store(UserPtr::<i32>::new(arg).read()? != 0, Ordering::Relaxed),
            cmd::TIOCGPTLCK => UserPtr::<i32>::new(arg).write(&i32::from(self.pair.locked.load(Ordering::Relaxed)))?,
            cmd::FIONREAD => {
                let waiting = self.pair.output.lock().len();
                UserPtr::<i32>::new(arg).write(&i32::try_from(waiting).unwrap_or(i32::MAX))?;
            }
            // The window size and the modes are the terminal's, whichever end asks.
            _ => return self.terminal.ioctl(command, arg),
        }
        Ok(0)
    }

    fn release(&self, _file: &File) {
        self.pair.master_open.store(false, Ordering::Relaxed);
        PAIRS.lock().remove(&self.pair.number);
        crate::jobs::signal_foreground(&self.terminal, 1);
        self.terminal.head.notify(PollEvents::HUP);
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
