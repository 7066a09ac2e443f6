//! One machine's life: start it, carry its streams and signals, hear its last words, leave nothing behind.
//!
//! Threads do the copying, one per direction, with blocking reads and writes: back-pressure is then the kernel's own. The main thread
//! starts QEMU, so that QEMU's parent-death signal means the death of the tool, and then waits for events.

mod explain;
mod pump;
mod signals;
mod spawn;

use crate::config::Config;
use crate::control::{Ending, Level, Line};
use crate::error::{Context, Result};
use crate::machine::Spec;
use crate::qmp::Message;
use crate::stdio::{Stream, Streams};
use crate::tty;
use nix::sys::signal::Signal;
use pump::{Activity, Gate};
use signals::Reaction;
use spawn::{Started, start};

pub(crate) use spawn::nameless;
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

/// A machine that has said how it ended and moves no more bytes is stopped after this long.
const LINGER: Duration = Duration::from_secs(5);

/// What to show and how.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Least important kernel line that is shown.
    pub level: Level,
    /// Shows what QEMU itself prints.
    pub qemu_output: bool,
    /// The plugin that counts instructions (tools/insncount) is there for us: what it prints becomes figures.
    pub counts: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options { level: Level::Warn, qemu_output: false, counts: false }
    }
}

/// Makes words of what the kernel says in numbers. It knows the program's files, which this crate does not.
pub trait Words {
    /// The text of a system call's record.
    fn strace(&mut self, record: &[u8]) -> String;
    /// Hears of a file in the program's memory.
    fn map(&mut self, text: &[u8]);
    /// Hears where the program is; the next message is about that.
    fn trace(&mut self, text: &[u8]);
    /// A message for people, with names for the addresses in it; `None` when it need not be shown.
    fn log(&mut self, level: Level, text: String) -> Option<String>;
}

/// How it went.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The exit status for the tool's own caller.
    pub status: u8,
    /// What the guest said, when it said something.
    pub ending: Option<Ending>,
    /// Why there was no ending, or what goes with one: sentences for stderr.
    pub explanation: Option<String>,
    /// Paths the program looked for and the image has not.
    pub missing: Vec<PathBuf>,
    /// The kernel's figures.
    pub stats: Vec<(String, String)>,
    /// From the call of [`run`] to QEMU's start.
    pub started_after: Duration,
    /// From QEMU's start to its end.
    pub ran_for: Duration,
    /// Largest resident size of QEMU, in KiB.
    pub qemu_rss_kib: u64,
}

/// What the helper threads tell the main one.
enum Event {
    Line(Line),
    Qmp(Message),
    /// The reader of a guest output stream is gone.
    Broken,
    /// Writing to the host failed otherwise.
    WriteFailed(Stdout, nix::errno::Errno),
    /// A signal for us.
    Signal(Signal),
    /// Control-C typed at a raw terminal.
    Interrupt,
    /// QEMU ended; it is not reaped yet.
    Ended,
}

/// Names of the output streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stdout {
    Out,
    Err,
    Tty,
}

/// Starts the machine and stays until it ends. `config` gets the streams' keys added.
///
/// The calling thread must live until this returns, and no other thread should run yet: signals are blocked here for all that follow.
pub fn run(spec: &Spec, config: Config, options: Options, words: &mut dyn Words) -> Result<Outcome> {
    let began = Instant::now();
    let streams = Streams::detect();
    let caught = signals::block().context(|| "cannot block signals".to_string())?;
    let (events, inbox) = mpsc::channel();
    let Started { mut child, ends, qemu_log } = start(spec, config, &streams, options)?;
    let running_since = Instant::now();
    let raw = (streams.fd[0] == Stream::Tty).then(tty::Raw::enter);
    let activity = Arc::new(Activity::default());
    let gate = Arc::new(Gate::default());
    let theirs = ends.control.try_clone().context(|| "cannot duplicate the control channel".to_string())?;
    let mut session = Session {
        options,
        words,
        pid: spawn::pid(&child),
        control: ends.control,
        gate: gate.clone(),
        activity: activity.clone(),
        reaction: Reaction::default(),
        outcome: Outcome { started_after: running_since - began, ..Outcome::default() },
        shutdown: None,
        asked: None,
        killed_by: None,
        debugged: spec.gdb.is_some(),
        ended_at: None,
    };
    signals::watch(caught, events.clone());
    pump::child(session.pid, events.clone());
    let mut outputs =
        vec![pump::lines(ends.lines, events.clone()), pump::lines(theirs, events.clone()), pump::qmp(ends.qmp, events.clone())];
    if let Some(end) = ends.stdin {
        pump::input(end, gate, events.clone(), false);
    }
    if let Some(end) = ends.stdout {
        outputs.push(pump::output(end, Stdout::Out, events.clone(), activity.clone()));
    }
    if let Some(end) = ends.stderr {
        outputs.push(pump::output(end, Stdout::Err, events.clone(), activity.clone()));
    }
    if let Some(end) = ends.tty {
        let theirs = end.try_clone().context(|| "cannot duplicate the terminal's channel".to_string())?;
        if streams.fd[0] == Stream::Tty {
            pump::input(theirs, Arc::new(Gate::opened()), events.clone(), true);
        }
        outputs.push(pump::output(end, Stdout::Tty, events, activity));
    }
    session.attend(&inbox);
    signals::machine_is_over();
    let usage = pump::reap(&mut child);
    for output in outputs {
        // Everything the guest wrote is in the sockets' buffers, though QEMU is gone: read on to their end.
        let _ = output.join();
    }
    session.rest(&inbox);
    drop(raw);
    let (status, rss) = usage.context(|| "cannot wait for QEMU".to_string())?;
    session.outcome.ran_for = running_since.elapsed();
    session.outcome.qemu_rss_kib = rss;
    let mut log = qemu_log.join().unwrap_or_default();
    if options.counts {
        session.outcome.stats.extend(log.iter().filter_map(|line| line.strip_prefix(pump::COUNTS)).flat_map(instructions));
        log.retain(|line| !line.starts_with(pump::COUNTS));
    }
    Ok(session.finish(spec, status, &log))
}

/// `boot=1 app=2 kernel=3 total=6` as figures.
fn instructions(line: &str) -> impl Iterator<Item = (String, String)> {
    line.split_whitespace()
        .filter_map(|pair| pair.split_once('='))
        .map(|(class, count)| (format!("instructions_{class}"), count.to_string()))
}

struct Session<'a> {
    options: Options,
    words: &'a mut dyn Words,
    pid: nix::unistd::Pid,
    control: UnixStream,
    gate: Arc<Gate>,
    activity: Arc<Activity>,
    reaction: Reaction,
    outcome: Outcome,
    shutdown: Option<String>,
    /// The last request to end that the kernel acknowledges.
    asked: Option<Signal>,
    killed_by: Option<Signal>,
    debugged: bool,
    ended_at: Option<Instant>,
}

impl Session<'_> {
    /// Takes events until QEMU ends.
    fn attend(&mut self, inbox: &Receiver<Event>) {
        loop {
            let watched = self.ended_at.is_some() || self.reaction.waiting(self.activity.count());
            let event = match inbox.recv_timeout(Duration::from_millis(if watched { 200 } else { 60_000 })) {
                Ok(event) => event,
                Err(RecvTimeoutError::Timeout) => {
                    self.stop_if_it_lingers();
                    self.stop_if_it_hangs();
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => return,
            };
            if matches!(event, Event::Ended) {
                return;
            }
            self.take(event);
        }
    }

    /// What was said between QEMU's end and the last reader's.
    fn rest(&mut self, inbox: &Receiver<Event>) {
        while let Ok(event) = inbox.try_recv() {
            if !matches!(event, Event::Signal(_) | Event::Interrupt | Event::Ended) {
                self.take(event);
            }
        }
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Line(line) => self.line(line),
            Event::Qmp(Message::Port(id, true)) if id == "stdin" => self.gate.open(),
            Event::Qmp(Message::Open(ids)) if ids.iter().any(|id| id == "stdin") => self.gate.open(),
            Event::Qmp(Message::Shutdown(reason)) => self.shutdown = Some(reason),
            Event::Qmp(_) | Event::Ended => {}
            // As a native program learns it: by SIGPIPE, and by EPIPE on what it writes next (the port is closed already).
            Event::Broken => self.tell("signal 13"),
            Event::WriteFailed(which, errno) => {
                tty::say(&format!("unox: cannot write the program's {}: {}", which.name(), errno.desc()));
                self.tell("signal 13");
            }
            Event::Signal(signal) => self.signal(signal),
            // Typed at a terminal in raw mode it may be any key to the program: silence afterwards means nothing.
            Event::Interrupt => self.interrupt(Signal::SIGINT, false),
        }
    }

    fn line(&mut self, line: Line) {
        self.activity.note();
        match line {
            Line::Exit(ending) => {
                self.outcome.ending.get_or_insert(ending);
                self.ended_at.get_or_insert_with(Instant::now);
            }
            Line::Log(level, text) if level <= self.options.level => {
                if let Some(text) = self.words.log(level, text) {
                    tty::say(&format!("unox: {}: {text}", level.name()));
                }
            }
            Line::Log(..) | Line::Ack => {}
            Line::Strace(record) => tty::say(&self.words.strace(&record)),
            Line::Map(text) => self.words.map(&text),
            Line::Trace(text) => self.words.trace(&text),
            Line::Missing(path) => self.outcome.missing.push(path),
            Line::Stats(pairs) => self.outcome.stats.extend(pairs),
            Line::Unknown(text) if self.options.level >= Level::Info && !text.is_empty() => tty::say(&format!("unox: kernel: {text}")),
            Line::Unknown(_) => {}
        }
    }

    /// Sends a line to the guest. A guest that reads none loses it: the channel never blocks the tool.
    fn tell(&mut self, line: &str) {
        let _ = self.control.write_all(format!("{line}\n").as_bytes());
    }

    fn signal(&mut self, signal: Signal) {
        match signal {
            Signal::SIGWINCH => {
                use std::os::fd::AsFd;
                if let Some((rows, columns)) =
                    [std::io::stdin().as_fd(), std::io::stdout().as_fd()].into_iter().find_map(crate::stdio::window_size)
                {
                    self.tell(&format!("winsize {rows} {columns}"));
                }
            }
            Signal::SIGTSTP => signals::stop_with(self.pid),
            // A machine that waits for its debugger can answer nothing.
            Signal::SIGTERM | Signal::SIGHUP if self.debugged => {
                self.killed_by = Some(signal);
                signals::kill(self.pid);
            }
            Signal::SIGINT | Signal::SIGTERM | Signal::SIGQUIT => {
                self.tell(&format!("signal {}", signal as i32));
                self.interrupt(signal, true);
            }
            other => self.tell(&format!("signal {}", other as i32)),
        }
    }

    /// A request to end: the second within two seconds, with no sign of life from the guest between them, ends the machine. `acknowledged`: the
    /// kernel answers it.
    fn interrupt(&mut self, signal: Signal, acknowledged: bool) {
        self.asked = acknowledged.then_some(signal);
        if self.reaction.second(self.activity.count()) {
            self.killed_by = Some(signal);
            signals::kill(self.pid);
        }
    }

    /// A request to end that the kernel did not even acknowledge. In a debugger silence is normal.
    fn stop_if_it_hangs(&mut self) {
        if let Some(signal) = self.asked
            && !self.debugged
            && self.ended_at.is_none()
            && self.reaction.hopeless(self.activity.count())
        {
            self.killed_by = Some(signal);
            signals::kill(self.pid);
        }
    }

    fn stop_if_it_lingers(&mut self) {
        if let Some(at) = self.ended_at
            && at.elapsed() > LINGER
            && self.activity.quiet_for(LINGER)
        {
            signals::kill(self.pid);
        }
    }

    fn finish(mut self, spec: &Spec, status: ExitStatus, log: &[String]) -> Outcome {
        match (&self.outcome.ending, self.killed_by) {
            (Some(Ending::Panic(text)), _) => {
                self.outcome.explanation = Some(format!("the kernel failed: {text}"));
                self.outcome.status = 125;
            }
            (Some(Ending::Fail(text)), _) => {
                self.outcome.explanation = Some(explain::failed_start(text));
                self.outcome.status = Ending::Fail(text.clone()).status();
            }
            (Some(ending), _) => self.outcome.status = ending.status(),
            (None, Some(signal)) => {
                self.outcome.explanation = Some(format!("the guest did not react: stopped it ({signal})"));
                self.outcome.status = Ending::Signal(signal as u8).status();
            }
            (None, None) => {
                self.outcome.explanation = Some(explain::no_ending(spec, status, self.shutdown.as_deref(), log));
                self.outcome.status = 125;
            }
        }
        self.outcome
    }
}

impl Stdout {
    fn name(self) -> &'static str {
        match self {
            Stdout::Out => "standard output",
            Stdout::Err => "standard error",
            Stdout::Tty => "terminal output",
        }
    }
}
