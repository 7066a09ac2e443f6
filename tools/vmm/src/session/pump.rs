//! The threads that copy bytes, one per direction. All blocking, so that whoever is slow is waited for and nothing is buffered beyond a socket.

use super::{Event, Options, Stdout};
use crate::control::Line;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::Pid;
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStderr, ExitStatus};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{JoinHandle, spawn};
use std::time::{Duration, Instant};

/// Bytes copied at once: what a pipe holds.
const CHUNK: usize = 64 * 1024;
/// Longest control line that is kept whole.
const LINE_LIMIT: usize = 64 * 1024;
/// Lines of QEMU's own output that are kept for an explanation.
const LOG_LINES: usize = 20;
/// Control-C.
const INTERRUPT: u8 = 3;

/// Signs of life from the guest.
#[derive(Default)]
pub struct Activity {
    count: AtomicU64,
    writing: AtomicUsize,
    last: Mutex<Option<Instant>>,
}

impl Activity {
    /// The guest said something.
    pub fn note(&self) {
        self.count.fetch_add(1, Relaxed);
        if let Ok(mut last) = self.last.lock() {
            *last = Some(Instant::now());
        }
    }

    /// Grows with every sign of life.
    pub fn count(&self) -> u64 {
        self.count.load(Relaxed)
    }

    /// Nothing came for `time`, and nothing that came is still being written.
    pub fn quiet_for(&self, time: Duration) -> bool {
        self.writing.load(Relaxed) == 0 && self.last.lock().is_ok_and(|last| last.is_none_or(|at| at.elapsed() > time))
    }
}

/// Holds stdin back until the guest opens its port, so that a program which never reads leaves the input to the next one
/// (`while read line; do unox run ...; done`).
#[derive(Default)]
pub struct Gate {
    open: Mutex<bool>,
    opened: Condvar,
}

impl Gate {
    /// A gate that never was closed.
    pub fn opened() -> Self {
        Gate { open: Mutex::new(true), opened: Condvar::new() }
    }

    /// Lets the reader through, for good.
    pub fn open(&self) {
        if let Ok(mut open) = self.open.lock() {
            *open = true;
        }
        self.opened.notify_all();
    }

    fn wait(&self) {
        if let Ok(open) = self.open.lock() {
            drop(self.opened.wait_while(open, |open| !*open));
        }
    }
}

/// Reads like read(2), retrying on interruption and waiting where the descriptor happens to be non-blocking.
fn read_some(fd: BorrowedFd<'_>, buffer: &mut [u8]) -> Result<usize, Errno> {
    loop {
        match nix::unistd::read(fd, buffer) {
            Err(Errno::EINTR) => {}
            Err(Errno::EAGAIN) => ready(fd, PollFlags::POLLIN)?,
            other => return other,
        }
    }
}

fn write_all(fd: BorrowedFd<'_>, mut bytes: &[u8]) -> Result<(), Errno> {
    while !bytes.is_empty() {
        match nix::unistd::write(fd, bytes) {
            Ok(n) => bytes = &bytes[n..],
            Err(Errno::EINTR) => {}
            Err(Errno::EAGAIN) => ready(fd, PollFlags::POLLOUT)?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn ready(fd: BorrowedFd<'_>, what: PollFlags) -> Result<(), Errno> {
    match poll(&mut [PollFd::new(fd, what)], PollTimeout::NONE) {
        Err(Errno::EINTR) | Ok(_) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Host stdin to guest. At its end the sending half alone is shut: closing the socket would make QEMU drop what it has not read yet.
pub fn input(to: UnixStream, gate: Arc<Gate>, events: Sender<Event>, tty: bool) {
    spawn(move || {
        gate.wait();
        let stdin = std::io::stdin();
        let mut buffer = vec![0; CHUNK];
        loop {
            match read_some(stdin.as_fd(), &mut buffer) {
                // A terminal in another's hands (EIO) has ended for us, like a file that has.
                Ok(0) | Err(_) => break,
                Ok(n) => {
                    if tty && buffer[..n].contains(&INTERRUPT) {
                        let _ = events.send(Event::Interrupt);
                    }
                    if write_all(to.as_fd(), &buffer[..n]).is_err() {
                        return;
                    }
                }
            }
        }
        let _ = to.shutdown(std::net::Shutdown::Write);
        // The socket stays open until the process ends.
        std::mem::forget(to);
    });
}

/// Guest to host stdout, stderr or terminal, to the end of the stream.
pub fn output(from: UnixStream, which: Stdout, events: Sender<Event>, activity: Arc<Activity>) -> JoinHandle<()> {
    spawn(move || {
        let mut buffer = vec![0; CHUNK];
        while let Ok(n) = read_some(from.as_fd(), &mut buffer) {
            if n == 0 {
                return;
            }
            activity.note();
            activity.writing.fetch_add(1, Relaxed);
            let written = deliver(which, &buffer[..n]);
            activity.writing.fetch_sub(1, Relaxed);
            if let Err(error) = written {
                // Dropping our end closes the guest's port: its next write fails as it would on Linux.
                let broken = if error == Errno::EPIPE { Event::Broken } else { Event::WriteFailed(which, error) };
                let _ = events.send(broken);
                return;
            }
        }
    })
}

fn deliver(which: Stdout, bytes: &[u8]) -> Result<(), Errno> {
    use std::io::IsTerminal;
    let (stdin, stdout, stderr) = (std::io::stdin(), std::io::stdout(), std::io::stderr());
    match which {
        Stdout::Out => write_all(stdout.as_fd(), bytes),
        Stdout::Err => write_all(stderr.as_fd(), bytes),
        Stdout::Tty if stdout.is_terminal() => write_all(stdout.as_fd(), bytes),
        Stdout::Tty if stderr.is_terminal() => write_all(stderr.as_fd(), bytes),
        Stdout::Tty => write_all(stdin.as_fd(), bytes),
    }
}

/// Control lines: those of the debug console and those of port 4.
pub fn lines(from: UnixStream, events: Sender<Event>) -> JoinHandle<()> {
    spawn(move || {
        each_line(Patient(from), |line| events.send(Event::Line(Line::parse(line))).is_ok());
    })
}

/// The monitor's messages.
pub fn qmp(from: UnixStream, events: Sender<Event>) -> JoinHandle<()> {
    spawn(move || {
        each_line(from, |line| crate::qmp::parse(line).is_none_or(|message| events.send(Event::Qmp(message)).is_ok()));
    })
}

/// Reads a socket that is non-blocking for its writer's sake.
struct Patient(UnixStream);

impl Read for Patient {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        Ok(read_some(self.0.as_fd(), buffer)?)
    }
}

/// Calls `each` with every line, without its end, until it answers false. Lines beyond the limit come in pieces.
fn each_line(from: impl Read, mut each: impl FnMut(&[u8]) -> bool) {
    let mut reader = BufReader::new(from);
    let mut line = Vec::new();
    loop {
        line.clear();
        match (&mut reader).take(LINE_LIMIT as u64).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {
                while matches!(line.last(), Some(b'\n' | b'\r')) {
                    line.pop();
                }
                if !each(&line) {
                    return;
                }
            }
        }
    }
}

/// What begins the line of the plugin that counts instructions.
pub const COUNTS: &str = "INSNS ";

/// Keeps the last lines QEMU prints, and shows them when asked to.
pub fn log(from: Option<ChildStderr>, options: Options) -> JoinHandle<Vec<String>> {
    spawn(move || {
        let mut kept = VecDeque::new();
        if let Some(from) = from {
            each_line(from, |line| {
                let text = String::from_utf8_lossy(line).into_owned();
                if options.qemu_output || !options.counts && text.starts_with(COUNTS) {
                    crate::tty::say(&text);
                }
                if !text.trim().is_empty() {
                    kept.push_back(text);
                }
                if kept.len() > LOG_LINES {
                    kept.pop_front();
                }
                true
            });
        }
        kept.into()
    })
}

/// Says when QEMU has ended, without reaping it: its process id stays ours until [`reap`].
pub fn child(pid: Pid, events: Sender<Event>) {
    use nix::sys::wait::{Id, WaitPidFlag, waitid};
    spawn(move || {
        while waitid(Id::Pid(pid), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT) == Err(Errno::EINTR) {}
        let _ = events.send(Event::Ended);
    });
}

/// QEMU's exit status and its largest resident size in KiB.
pub fn reap(child: &mut Child) -> std::io::Result<(ExitStatus, u64)> {
    let mut status = 0;
    // SAFETY: all-zero is a valid rusage: plain integers.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    loop {
        // SAFETY: both pointers are to live locals; the child is ours and has not been waited for.
        let pid = unsafe { libc::wait4(child.id().cast_signed(), &raw mut status, 0, &raw mut usage) };
        if pid > 0 {
            return Ok((ExitStatus::from_raw(status), usage.ru_maxrss.unsigned_abs()));
        }
        let error = std::io::Error::last_os_error();
        if error.kind() != std::io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_whole_and_long_ones_in_pieces() {
        let mut text = b"one\r\n\ntwo\n".to_vec();
        text.extend(std::iter::repeat_n(b'x', LINE_LIMIT + 5));
        let mut seen = Vec::new();
        each_line(&text[..], |line| {
            seen.push(line.len());
            true
        });
        assert_eq!(seen, [3, 0, 3, LINE_LIMIT, 5]);
    }

    #[test]
    fn a_gate_opens_once() {
        let gate = Arc::new(Gate::default());
        let other = gate.clone();
        let waiter = spawn(move || other.wait());
        assert!(!waiter.is_finished());
        gate.open();
        waiter.join().unwrap();
        gate.wait();
    }

    #[test]
    fn quiet_means_no_life_and_nothing_on_its_way() {
        let activity = Activity::default();
        assert!(activity.quiet_for(Duration::ZERO));
        activity.note();
        assert!(!activity.quiet_for(Duration::from_secs(60)));
        assert_eq!(activity.count(), 1);
        activity.writing.fetch_add(1, Relaxed);
        assert!(!activity.quiet_for(Duration::ZERO));
    }

    #[test]
    fn writes_to_a_closed_reader_say_so() {
        let (a, b) = UnixStream::pair().unwrap();
        drop(b);
        assert_eq!(write_all(a.as_fd(), b"x"), Err(Errno::EPIPE));
    }
}
