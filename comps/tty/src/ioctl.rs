//! ioctl_tty(2).

use alloc::sync::Arc;
use core::sync::atomic::Ordering;

use abi::tty::{Termios, Termios2, ioctl as cmd};
use abi::{Errno, Result};
use hal::user::UserPtr;

use crate::jobs;
use crate::terminal::Terminal;

/// What c_ispeed and c_ospeed say for B38400.
const BAUD: u32 = 38400;

impl Terminal {
    /// Answers a terminal's ioctl; ENOTTY when it is none.
    pub fn ioctl(self: &Arc<Self>, command: u32, arg: usize) -> Result<usize> {
        match command {
            cmd::TCGETS => UserPtr::<Termios>::new(arg).write(&self.termios())?,
            cmd::TCGETS2 => {
                let both = Termios2 { termios: self.termios(), c_ispeed: BAUD, c_ospeed: BAUD };
                UserPtr::<Termios2>::new(arg).write(&both)?;
            }
            cmd::TCSETS | cmd::TCSETSW | cmd::TCSETSF => self.set(UserPtr::<Termios>::new(arg).read()?, command == cmd::TCSETSF),
            cmd::TCSETS2 | cmd::TCSETSW2 | cmd::TCSETSF2 => {
                self.set(UserPtr::<Termios2>::new(arg).read()?.termios, command == cmd::TCSETSF2);
            }
            cmd::TIOCGWINSZ => {
                let winsize = *self.winsize.lock();
                UserPtr::new(arg).write(&winsize)?;
            }
            cmd::TIOCSWINSZ => self.set_winsize(UserPtr::new(arg).read()?),
            cmd::FIONREAD => {
                let available = self.state.lock().available();
                UserPtr::<i32>::new(arg).write(&i32::try_from(available).unwrap_or(i32::MAX))?;
            }
            cmd::TIOCOUTQ => UserPtr::<i32>::new(arg).write(&0)?,
            cmd::TCFLSH => self.flush(arg)?,
            // Nothing is ever queued for output here: draining and breaks are done at once.
            cmd::TCSBRK | cmd::TCSBRKP | cmd::TCXONC | cmd::TIOCEXCL | cmd::TIOCNXCL => {}
            cmd::TIOCGPGRP => UserPtr::<u32>::new(arg).write(&jobs::foreground(self)?)?,
            cmd::TIOCSPGRP => jobs::set_foreground(self, UserPtr::<u32>::new(arg).read()?)?,
            cmd::TIOCGSID => UserPtr::<u32>::new(arg).write(&jobs::session(self)?)?,
            cmd::TIOCSCTTY => jobs::make_controlling(self)?,
            cmd::TIOCNOTTY => {
                self.session.store(0, Ordering::Relaxed);
                self.set_foreground(0);
            }
            cmd::TIOCSTI => return Err(Errno::EIO),
            _ => return Err(Errno::ENOTTY),
        }
        Ok(0)
    }

    fn set(&self, termios: Termios, flush: bool) {
        let mut state = self.state.lock();
        if flush {
            state.flush_input();
        }
        state.set_termios(termios);
        drop(state);
        // A reader in the other mode may be ready now.
        self.head.notify(kernel::poll::PollEvents::IN | kernel::poll::PollEvents::OUT);
    }

    /// TCIFLUSH 0, TCOFLUSH 1, TCIOFLUSH 2.
    fn flush(&self, what: usize) -> Result<()> {
        match what {
            0 | 2 => self.state.lock().flush_input(),
            1 => {}
            _ => return Err(Errno::EINVAL),
        }
        Ok(())
    }
}
