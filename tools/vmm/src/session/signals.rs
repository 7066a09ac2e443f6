//! Signals sent to the tool are the program's: they are caught in one thread and handed on.

use super::Event;
use crate::tty;
use nix::sys::signal::{SigSet, Signal};
use nix::unistd::Pid;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

/// Two requests to end within this time are one wish.
const WINDOW: Duration = Duration::from_secs(2);

/// Nearer than this they are one request: timeout(1) and shells signal a process and then its group.
const ECHO: Duration = Duration::from_millis(100);
/// A guest that shows no sign of life for this long after a request hangs: programs may take their time, but the kernel answers at once.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is caught. SIGTSTP is not handed on: it stops machine and tool together.
const CAUGHT: [Signal; 8] =
    [Signal::SIGHUP, Signal::SIGINT, Signal::SIGQUIT, Signal::SIGTERM, Signal::SIGUSR1, Signal::SIGUSR2, Signal::SIGWINCH, Signal::SIGTSTP];

/// The machine has ended and its last output is being written: a signal to end is then the tool's own.
static OVER: AtomicBool = AtomicBool::new(false);

/// From now on there is no guest to hand signals to.
pub fn machine_is_over() {
    OVER.store(true, Relaxed);
}

/// Blocks what is caught, in this thread and those it starts. Signals that were ignored when the tool started (nohup) stay ignored.
pub fn block() -> nix::Result<SigSet> {
    let mut set = SigSet::empty();
    for signal in CAUGHT {
        if !ignored(signal) {
            set.add(signal);
        }
    }
    set.thread_block()?;
    Ok(set)
}

fn ignored(signal: Signal) -> bool {
    // SAFETY: all-zero is a valid sigaction to be overwritten.
    let mut now: libc::sigaction = unsafe { std::mem::zeroed() };
    // SAFETY: a null new action only asks; the answer goes to a live local.
    let asked = unsafe { libc::sigaction(signal as i32, std::ptr::null(), &raw mut now) };
    asked == 0 && now.sa_sigaction == libc::SIG_IGN
}

/// Takes blocked signals and sends them as events, for as long as the process lives.
pub fn watch(set: SigSet, events: Sender<Event>) {
    std::thread::spawn(move || {
        while let Ok(signal) = set.wait() {
            if OVER.load(Relaxed) && matches!(signal, Signal::SIGINT | Signal::SIGTERM | Signal::SIGHUP | Signal::SIGQUIT) {
                tty::restore();
                std::process::exit(128 + signal as i32);
            }
            if events.send(Event::Signal(signal)).is_err() {
                return;
            }
        }
    });
}

/// Ends QEMU at once.
pub fn kill(qemu: Pid) {
    let _ = nix::sys::signal::kill(qemu, Signal::SIGKILL);
}

/// Stops machine and tool, as Control-Z does a native program, and goes on when the tool is continued.
pub fn stop_with(qemu: Pid) {
    let _ = nix::sys::signal::kill(qemu, Signal::SIGSTOP);
    let was_raw = tty::is_raw();
    tty::restore();
    let _ = nix::sys::signal::raise(Signal::SIGSTOP);
    if was_raw {
        tty::resume();
    }
    let _ = nix::sys::signal::kill(qemu, Signal::SIGCONT);
}

/// Remembers the last request to end and how much the guest had said by then.
#[derive(Default)]
pub struct Reaction {
    last: Option<(Instant, u64)>,
}

impl Reaction {
    /// Notes a request; true when it is the second within the window and the guest has given no sign of life since the first.
    pub fn second(&mut self, life: u64) -> bool {
        let now = Instant::now();
        if self.last.is_some_and(|(at, _)| now - at < ECHO) {
            return false;
        }
        let second = self.last.is_some_and(|(at, before)| now - at <= WINDOW && before == life);
        self.last = Some((now, life));
        second
    }

    /// Whether a request is waiting for a sign of life.
    pub fn waiting(&self, life: u64) -> bool {
        self.last.is_some_and(|(_, before)| before == life)
    }

    /// Whether it has waited too long.
    pub fn hopeless(&self, life: u64) -> bool {
        self.waiting(life) && self.last.is_some_and(|(at, _)| at.elapsed() > PATIENCE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_silent_guest_is_stopped_by_the_second_request() {
        let before = |age: Duration| Reaction { last: Instant::now().checked_sub(age).map(|at| (at, 7)) };
        assert!(!Reaction::default().second(7));
        assert!(before(ECHO * 2).second(7));
        assert!(!before(ECHO * 2).second(8), "it gave a sign of life");
        assert!(!before(ECHO / 4).second(7), "one request, sent twice");
        assert!(!before(PATIENCE / 2).hopeless(7) && before(PATIENCE * 2).hopeless(7) && !before(PATIENCE * 2).hopeless(8));
        assert!(!before(WINDOW * 2).second(7));
    }
}
