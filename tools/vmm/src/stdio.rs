//! What the tool's own standard streams are, so that the guest's become the same: a terminal stays a terminal, /dev/null stays /dev/null,
//! and output that goes to one place keeps its order.

use nix::sys::stat::{FileStat, fstat, major, minor};
use std::io::IsTerminal;
use std::os::fd::BorrowedFd;

/// What a guest descriptor 0, 1 or 2 is connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Port 5: the terminal.
    Tty,
    /// Ports 1 to 3: bytes.
    Port,
    /// Descriptor 2 only: port 2, since the host's 1 and 2 are the same file and the order of what is written to them matters.
    Stdout,
    /// Nothing.
    Null,
}

impl Stream {
    /// The value of `fd0`, `fd1`, `fd2` in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Stream::Tty => "tty",
            Stream::Port => "port",
            Stream::Stdout => "stdout",
            Stream::Null => "null",
        }
    }
}

/// The three streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streams {
    /// Descriptors 0, 1 and 2.
    pub fd: [Stream; 3],
}

impl Streams {
    /// Looks at the tool's own descriptors.
    pub fn detect() -> Self {
        let (stdin, stdout, stderr) = (std::io::stdin(), std::io::stdout(), std::io::stderr());
        use std::os::fd::AsFd;
        let stat = [stdin.as_fd(), stdout.as_fd(), stderr.as_fd()].map(|fd| fstat(fd).ok());
        let tty = [stdin.is_terminal(), stdout.is_terminal(), stderr.is_terminal()];
        let mut fd = [0, 1, 2].map(|i| kind(stat[i].as_ref(), tty[i]));
        // One port carries one terminal: a second, different one is treated as a stream of bytes.
        if fd[1] == Stream::Tty && fd[2] == Stream::Tty && !same_file(stat[1].as_ref(), stat[2].as_ref()) {
            fd[2] = Stream::Port;
        }
        if fd[1] == Stream::Port && fd[2] == Stream::Port && same_file(stat[1].as_ref(), stat[2].as_ref()) {
            fd[2] = Stream::Stdout;
        }
        Streams { fd }
    }

    /// Whether any of them is the terminal.
    pub fn any_tty(&self) -> bool {
        self.fd.contains(&Stream::Tty)
    }
}

fn kind(stat: Option<&FileStat>, tty: bool) -> Stream {
    match stat {
        None => Stream::Null,
        Some(_) if tty => Stream::Tty,
        Some(stat) if is_null(stat) => Stream::Null,
        Some(_) => Stream::Port,
    }
}

fn is_null(stat: &FileStat) -> bool {
    stat.st_mode & libc::S_IFMT == libc::S_IFCHR && major(stat.st_rdev) == 1 && minor(stat.st_rdev) == 3
}

fn same_file(a: Option<&FileStat>, b: Option<&FileStat>) -> bool {
    matches!((a, b), (Some(a), Some(b)) if a.st_dev == b.st_dev && a.st_ino == b.st_ino)
}

/// The rows and columns of a terminal, when it says.
pub fn window_size(fd: BorrowedFd<'_>) -> Option<(u16, u16)> {
    use std::os::fd::AsRawFd;
    nix::ioctl_read_bad!(tiocgwinsz, libc::TIOCGWINSZ, libc::winsize);
    let mut size = libc::winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: the descriptor is open, and TIOCGWINSZ fills the winsize it is given.
    unsafe { tiocgwinsz(fd.as_raw_fd(), &raw mut size) }.ok()?;
    (size.ws_row > 0 && size.ws_col > 0).then_some((size.ws_row, size.ws_col))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsFd;

    #[test]
    fn dev_null_is_null_and_a_file_is_a_port() {
        let null = std::fs::File::open("/dev/null").unwrap();
        let file = std::fs::File::open("/proc/self/exe").unwrap();
        let (null, file) = (fstat(null.as_fd()).unwrap(), fstat(file.as_fd()).unwrap());
        assert_eq!(kind(Some(&null), false), Stream::Null);
        assert_eq!(kind(Some(&file), false), Stream::Port);
        assert_eq!(kind(Some(&file), true), Stream::Tty);
        assert_eq!(kind(None, false), Stream::Null);
        assert!(same_file(Some(&file), Some(&file)) && !same_file(Some(&file), Some(&null)));
    }

    #[test]
    fn only_a_terminal_has_a_window() {
        assert_eq!(window_size(std::fs::File::open("/dev/null").unwrap().as_fd()), None);
    }
}
