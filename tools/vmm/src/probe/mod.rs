//! Is the host's KVM usable? `/dev/kvm` being there proves nothing: under some nested hypervisors guest code is emulated at about
//! 0.8 µs per instruction, 100 times slower than QEMU's translator. So the probe runs a loop in a machine of its own and times it.
//!
//! The loop runs in a child process with a deadline, so that a hypervisor that hangs cannot hang the tool. The answer is kept in
//! the cache directory under the host's boot id: it cannot change before the host restarts or the device's permissions do.

mod devices;
mod kvm;

pub use devices::Devices;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::{ForkResult, Pid, fork};
use std::io::Read;
use std::os::fd::AsFd;
use std::path::Path;
use std::time::{Duration, Instant};

/// Above this many nanoseconds per instruction KVM is slower than TCG and counts as not usable.
pub const LIMIT_NS: f64 = 20.0;

/// How long the child may take: a thousand times what a usable KVM needs.
const DEADLINE: Duration = Duration::from_secs(2);

/// What the probe found.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Runs guest code at `ns` nanoseconds per instruction.
    Usable {
        /// Nanoseconds per instruction.
        ns: f64,
    },
    /// Works, too slowly.
    Slow {
        /// Nanoseconds per instruction.
        ns: f64,
    },
    /// Did not finish in time.
    Hangs,
    /// The device cannot be opened or a machine cannot be made: the reason.
    Absent(String),
}

impl Verdict {
    /// Whether QEMU should be started with KVM.
    pub fn usable(&self) -> bool {
        matches!(self, Verdict::Usable { .. })
    }

    /// One sentence for `-v`.
    pub fn explain(&self) -> String {
        match self {
            Verdict::Usable { ns } => format!("KVM is used: {ns:.1} ns per instruction"),
            Verdict::Slow { ns } => {
                format!(
                    "KVM is there but slow ({ns:.0} ns per instruction, {LIMIT_NS:.0} is the limit): nested virtualisation that emulates; TCG is used"
                )
            }
            Verdict::Hangs => "KVM is there but a small loop did not finish in 2 s: TCG is used".to_string(),
            Verdict::Absent(why) => format!("KVM cannot be used ({why}): TCG is used"),
        }
    }

    fn from_ns(ns: f64) -> Self {
        if ns <= LIMIT_NS { Verdict::Usable { ns } } else { Verdict::Slow { ns } }
    }

    /// The cache file's text. `Absent` is not cached: the user may be about to change it, and finding it costs nothing.
    fn to_cache(&self) -> Option<String> {
        match self {
            Verdict::Usable { ns } | Verdict::Slow { ns } => Some(format!("{ns}\n")),
            Verdict::Hangs => Some("hangs\n".to_string()),
            Verdict::Absent(_) => None,
        }
    }

    fn from_cache(text: &str) -> Option<Self> {
        match text.trim() {
            "hangs" => Some(Verdict::Hangs),
            number => number.parse().ok().filter(|ns: &f64| ns.is_finite() && *ns >= 0.0).map(Verdict::from_ns),
        }
    }
}

/// The verdict of this boot of the host, from `cache` when it is there. Nothing fails: a cache that cannot be written is done without.
pub fn cached(cache: &Path) -> Verdict {
    if let Err(error) = std::fs::OpenOptions::new().read(true).write(true).open(kvm::DEVICE) {
        return Verdict::Absent(absent(&error));
    }
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let file = cache.join(format!("kvm-{}", boot.trim()));
    if let Some(verdict) = std::fs::read_to_string(&file).ok().as_deref().and_then(Verdict::from_cache) {
        return verdict;
    }
    let verdict = probe();
    if let Some(text) = verdict.to_cache() {
        keep(&file, &text);
    }
    verdict
}

fn absent(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => format!("no {}", kvm::DEVICE),
        std::io::ErrorKind::PermissionDenied => format!("no permission for {0}: sudo usermod -aG kvm $USER", kvm::DEVICE),
        _ => format!("{}: {error}", kvm::DEVICE),
    }
}

/// Probes now, in a child process.
pub fn probe() -> Verdict {
    let (ours, theirs) = match std::io::pipe() {
        Ok(pair) => pair,
        Err(error) => return Verdict::Absent(error.to_string()),
    };
    // SAFETY: the child runs the code below only: no lock of another thread is taken but the allocator's, which the C library makes
    // usable in a forked child, and it leaves by _exit without running destructors or exit handlers.
    match unsafe { fork() } {
        Err(error) => Verdict::Absent(error.to_string()),
        Ok(ForkResult::Child) => {
            drop(ours);
            let text = kvm::time_loop().map_or_else(|why| format!("-{why}"), |ns| format!("+{ns}"));
            let _ = nix::unistd::write(theirs.as_fd(), text.as_bytes());
            // SAFETY: _exit has no precondition.
            unsafe { libc::_exit(0) }
        }
        Ok(ForkResult::Parent { child }) => {
            drop(theirs);
            let answer = read_until(ours, Instant::now() + DEADLINE);
            reap(child, answer.is_none());
            match answer.as_deref().map(|t| (t.get(..1).unwrap_or(""), t.get(1..).unwrap_or(""))) {
                None => Verdict::Hangs,
                Some(("+", ns)) => ns.parse().map_or_else(|_| Verdict::Absent("garbled answer".into()), Verdict::from_ns),
                Some(("-", why)) => Verdict::Absent(why.to_string()),
                Some(_) => Verdict::Absent("the probe died".into()),
            }
        }
    }
}

/// All that comes until the other side closes the pipe; `None` at the deadline.
fn read_until(mut pipe: impl Read + AsFd, deadline: Instant) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let left = deadline.checked_duration_since(Instant::now())?;
        let mut fds = [PollFd::new(pipe.as_fd(), PollFlags::POLLIN)];
        match poll(&mut fds, PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX)) {
            Ok(0) => return None,
            Ok(_) => {}
            Err(Errno::EINTR) => continue,
            Err(_) => return None,
        }
        let mut piece = [0; 16384];
        match pipe.read(&mut piece).ok()? {
            0 => return Some(String::from_utf8_lossy(&bytes).into_owned()),
            n => bytes.extend_from_slice(&piece[..n]),
        }
    }
}

/// Writes a cache file, beside and renamed, so that a tool started at the same time reads all or nothing. A cache that cannot be written is done without.
fn keep(file: &Path, text: &str) {
    let fresh = file.with_extension(std::process::id().to_string());
    let dir = file.parent().unwrap_or(file);
    let _ = std::fs::create_dir_all(dir).and_then(|()| std::fs::write(&fresh, text)).and_then(|()| std::fs::rename(&fresh, file));
}

/// Takes the child away. One that hangs inside the kernel may not die at once: it is not waited for.
fn reap(child: Pid, stuck: bool) {
    if stuck {
        let _ = kill(child, Signal::SIGKILL);
        let _ = waitpid(child, Some(WaitPidFlag::WNOHANG));
    } else {
        let _ = waitpid(child, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_probe_answers_and_agrees_with_itself() {
        let verdict = probe();
        assert!(!verdict.explain().is_empty());
        match verdict {
            Verdict::Usable { ns } => assert!(ns <= LIMIT_NS),
            Verdict::Slow { ns } => assert!(ns > LIMIT_NS),
            // Without the device no machine can have been made, so the reason must name what failed.
            Verdict::Absent(why) => assert!(!why.is_empty()),
            Verdict::Hangs => assert!(Path::new(kvm::DEVICE).exists()),
        }
    }

    #[test]
    fn one_that_does_not_answer_is_not_waited_for() {
        let (read, write) = std::io::pipe().unwrap();
        let mut child = std::process::Command::new("sleep").arg("1000").stdout(write).spawn().unwrap();
        assert_eq!(read_until(read, Instant::now() + Duration::from_millis(50)), None);
        child.kill().unwrap();
        child.wait().unwrap();
    }

    #[test]
    fn a_host_without_the_device_has_no_usable_kvm() {
        if !Path::new(kvm::DEVICE).exists() {
            assert!(!probe().usable());
        }
    }

    #[test]
    fn the_cache_keeps_the_verdict() {
        for verdict in [Verdict::Usable { ns: 0.4 }, Verdict::Slow { ns: 812.5 }, Verdict::Hangs] {
            assert_eq!(verdict.to_cache().as_deref().and_then(Verdict::from_cache), Some(verdict));
        }
        assert_eq!(Verdict::Absent("x".into()).to_cache(), None);
        assert_eq!(Verdict::from_cache("nan"), None);
        assert_eq!(Verdict::from_cache(""), None);
    }

    #[test]
    fn a_second_ask_reads_the_cache() {
        let dir = std::env::temp_dir().join(format!("unox-probe-{}", std::process::id()));
        let first = cached(&dir);
        let second = cached(&dir);
        assert_eq!(first, second);
        let _ = std::fs::remove_dir_all(dir);
    }
}
