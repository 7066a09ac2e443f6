//! A machine that nobody stays with: QEMU goes into the background, what the guest says on its serial port goes into a file, and there is no exit status.

use crate::config::Config;
use crate::error::{Context, Error, Result};
use crate::machine::{Channels, Spec};
use crate::session::nameless;
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

/// Starts the machine, whose `serial` says where its output goes, and gives QEMU's process id once it runs.
pub fn start(spec: &Spec, config: &Config) -> Result<u32> {
    let module = nameless("configuration", &config.to_bytes())?;
    let mut spec = spec.clone();
    spec.module = Some(format!("/dev/fd/{}", module.as_raw_fd()).into());
    let inherit: Vec<RawFd> = spec.inherit.iter().copied().chain([module.as_raw_fd()]).collect();
    // QEMU writes its process id into a file, which is gone when it was read.
    let told = std::env::temp_dir().join(format!("unox-{}.pid", std::process::id()));
    let mut command = Command::new(&spec.qemu);
    command.args(spec.arguments(&Channels::default())).args(["-daemonize", "-pidfile"]).arg(&told);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let prepare = move || {
        for &fd in &inherit {
            // SAFETY: the descriptors belong to this child, copies of ones the parent keeps open over the fork.
            if unsafe { libc::fcntl(fd, libc::F_SETFD, 0) } < 0 {
                return Err(std::io::Error::last_os_error());
            }
        }
        Ok(())
    };
    // SAFETY: `prepare` makes one kind of system call and allocates nothing, as a forked child must.
    unsafe { command.pre_exec(prepare) };
    let done = command.output().context(|| format!("cannot start {}", spec.qemu.display()))?;
    let said = String::from_utf8_lossy(&done.stderr);
    if !done.status.success() {
        return Err(Error::new(format!("QEMU did not start: {}", said.trim())));
    }
    let pid = std::fs::read_to_string(&told).context(|| "cannot read QEMU's process id".to_string())?;
    let _ = std::fs::remove_file(&told);
    pid.trim().parse().map_err(|_| Error::new(format!("QEMU did not tell its process id: {}", said.trim())))
}
