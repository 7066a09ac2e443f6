//! Starts QEMU with its ends of the channels, tied to our life.

use super::{Options, pump};
use crate::config::Config;
use crate::error::{Context, Error, Result};
use crate::machine::{Channels, Spec};
use crate::stdio::{Stream, Streams};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::unistd::Pid;
use std::fs::File;
use std::io::{Seek, Write};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

/// Our ends.
pub struct Ends {
    pub lines: UnixStream,
    pub control: UnixStream,
    pub qmp: UnixStream,
    pub stdin: Option<UnixStream>,
    pub stdout: Option<UnixStream>,
    pub stderr: Option<UnixStream>,
    pub tty: Option<UnixStream>,
}

/// A running machine.
pub struct Started {
    pub child: Child,
    pub ends: Ends,
    /// The last lines of QEMU's own stderr.
    pub qemu_log: JoinHandle<Vec<String>>,
}

/// The process id as the calls below want it.
pub fn pid(child: &Child) -> Pid {
    Pid::from_raw(child.id().cast_signed())
}

/// The other ends, open until QEMU has them.
#[derive(Default)]
struct Theirs(Vec<OwnedFd>);

impl Theirs {
    fn pair(&mut self, wanted: bool) -> Result<(Option<UnixStream>, Option<RawFd>)> {
        if !wanted {
            return Ok((None, None));
        }
        let (ours, theirs) = pair()?;
        let fd = theirs.as_raw_fd();
        self.0.push(theirs.into());
        Ok((Some(ours), Some(fd)))
    }

    fn certain(&mut self) -> Result<(UnixStream, Option<RawFd>)> {
        let (ours, theirs) = pair()?;
        let fd = theirs.as_raw_fd();
        self.0.push(theirs.into());
        Ok((ours, Some(fd)))
    }
}

fn pair() -> Result<(UnixStream, UnixStream)> {
    UnixStream::pair().context(|| "cannot make a pair of sockets".to_string())
}

/// A file that has no name: the configuration module needs no temporary file that could be left behind.
pub fn nameless(name: &str, bytes: &[u8]) -> Result<File> {
    let what = || format!("cannot make the {name} in memory");
    let fd = memfd_create(name, MFdFlags::MFD_CLOEXEC).context(what)?;
    let mut file = File::from(fd);
    file.write_all(bytes).and_then(|()| file.rewind()).context(what)?;
    Ok(file)
}

/// Makes the channels, completes the configuration and starts QEMU.
pub fn start(spec: &Spec, mut config: Config, streams: &Streams, options: Options) -> Result<Started> {
    let mut theirs = Theirs::default();
    let [fd0, fd1, fd2] = streams.fd;
    let (lines, lines_fd) = theirs.certain()?;
    let (control, control_fd) = theirs.certain()?;
    let (mut qmp, qmp_fd) = theirs.certain()?;
    let (stdin, stdin_fd) = theirs.pair(fd0 == Stream::Port)?;
    let (stdout, stdout_fd) = theirs.pair(fd1 == Stream::Port)?;
    let (stderr, stderr_fd) = theirs.pair(fd2 == Stream::Port)?;
    let (tty, tty_fd) = theirs.pair(streams.any_tty())?;
    let channels =
        Channels { lines: lines_fd, control: control_fd, stdin: stdin_fd, stdout: stdout_fd, stderr: stderr_fd, tty: tty_fd, qmp: qmp_fd };
    control.set_nonblocking(true).context(|| "cannot set up the control channel".to_string())?;
    qmp.write_all(crate::qmp::GREETING).context(|| "cannot write to QEMU's monitor".to_string())?;
    for (key, stream) in ["fd0", "fd1", "fd2"].into_iter().zip(streams.fd) {
        config.add(key, stream.name());
    }
    config.on("bulk");
    let module = nameless("configuration", &config.to_bytes())?;
    let mut spec = spec.clone();
    spec.module = Some(format!("/dev/fd/{}", module.as_raw_fd()).into());
    theirs.0.push(module.into());
    let mut child = spawn(&spec, &channels, &theirs)?;
    let qemu_log = pump::log(child.stderr.take(), options);
    Ok(Started { child, ends: Ends { lines, control, qmp, stdin, stdout, stderr, tty }, qemu_log })
}

fn spawn(spec: &Spec, channels: &Channels, theirs: &Theirs) -> Result<Child> {
    let inherit: Vec<RawFd> = theirs.0.iter().map(AsRawFd::as_raw_fd).chain(spec.inherit.iter().copied()).collect();
    let tool = nix::unistd::getpid();
    let mut command = Command::new(&spec.qemu);
    command.args(spec.arguments(channels)).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    // A group of its own: Control-C at the terminal reaches the tool alone, which hands it to the program.
    command.process_group(0);
    let prepare = move || {
        // Not even SIGKILL of the tool leaves a machine behind. The death of the parent before this call is caught by asking for it.
        nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGKILL)?;
        if nix::unistd::getppid() != tool {
            return Err(std::io::Error::from_raw_os_error(libc::ESRCH));
        }
        for &fd in &inherit {
            // SAFETY: the descriptors belong to this child, copies of ones the parent keeps open over the fork.
            if unsafe { libc::fcntl(fd, libc::F_SETFD, 0) } < 0 {
                return Err(std::io::Error::last_os_error());
            }
        }
        nix::sys::signal::SigSet::empty().thread_set_mask()?;
        Ok(())
    };
    // SAFETY: `prepare` makes system calls only (prctl, getppid, fcntl, sigprocmask) and allocates nothing, as a forked child must.
    unsafe { command.pre_exec(prepare) };
    command.spawn().map_err(|error| {
        let said = Error::new(format!("cannot start {}", spec.qemu.display()));
        let missing = error.kind() == std::io::ErrorKind::NotFound;
        let said = said.because(error);
        if missing { said.cure("it was there a moment ago: is an upgrade running?") } else { said }
    })
}
