//! Runs a program, natively or under unox, with its input given, its output caught and its time limited.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// What to run.
#[derive(Clone, Debug, Default)]
pub struct Job {
    /// The program, an absolute path.
    pub program: PathBuf,
    /// Its arguments, without argv[0].
    pub args: Vec<OsString>,
    /// All of its standard input.
    pub stdin: Vec<u8>,
    /// Environment beside PATH and HOME.
    pub env: Vec<(String, String)>,
    /// Options of `unox run`, before the program.
    pub options: Vec<String>,
    /// Working directory; empty means `/`.
    pub cwd: PathBuf,
    /// After this the program is killed and the test failed.
    pub timeout: Duration,
}

/// What came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// 0-255, or 128+N for death by signal N, as a shell says it.
    pub status: i32,
    /// All of standard output.
    pub stdout: Vec<u8>,
    /// All of standard error, unox's own lines taken out.
    pub stderr: Vec<u8>,
    /// unox's own lines (`unox: …`) on standard error; empty on Linux.
    pub notes: String,
}

const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The `unox` to test: `$UNOX`, or what cargo built.
///
/// # Errors
/// How to build it when it is not there.
pub fn unox() -> Result<PathBuf, String> {
    if let Some(path) = std::env::var_os("UNOX") {
        return Ok(path.into());
    }
    ["release", "debug"]
        .iter()
        .map(|profile| crate::target().join(profile).join("unox"))
        .find(|p| p.exists())
        .ok_or_else(|| "no unox to test: build it with `cargo xtask image && cargo build --release -p unox`, or set UNOX".to_owned())
}

/// Runs `job` on the host's Linux, in an empty tmpfs directory of its own.
///
/// # Errors
/// A sentence: the program could not be started, or did not end in time.
pub fn native(job: &Job) -> Result<Outcome, String> {
    let dir = scratch()?;
    let mut command = Command::new(&job.program);
    command.args(&job.args);
    prepare(&mut command, job);
    command.env("UNOX_TEST_DIR", &dir);
    let done = finish(command, job);
    let _ = std::fs::remove_dir_all(&dir);
    done
}

/// Runs `job` under `unox run`.
///
/// # Errors
/// As [`native`], and when there is no unox.
pub fn under_unox(job: &Job) -> Result<Outcome, String> {
    let mut command = Command::new(unox()?);
    command.arg("run").args(&job.options);
    for (name, value) in &job.env {
        command.arg("--env").arg(format!("{name}={value}"));
    }
    if !job.cwd.as_os_str().is_empty() {
        command.arg("--workdir").arg(&job.cwd);
    }
    command.arg(&job.program).args(&job.args);
    prepare(&mut command, job);
    for keep in ["XDG_CACHE_HOME", "UNOX_KERNEL", "UNOX_CACHE"] {
        if let Some(value) = std::env::var_os(keep) {
            command.env(keep, value);
        }
    }
    command.env("HOME", std::env::var_os("HOME").unwrap_or_else(|| "/".into()));
    let mut outcome = finish(command, job)?;
    let (notes, rest) = split(&outcome.stderr);
    outcome.notes = notes;
    outcome.stderr = rest;
    Ok(outcome)
}

/// Parts unox's own lines from the program's standard error. They may follow text of the program that had no line end.
fn split(stderr: &[u8]) -> (String, Vec<u8>) {
    let (mut notes, mut rest) = (String::new(), Vec::new());
    for line in stderr.split_inclusive(|b| *b == b'\n') {
        let own = ["unox: warn: ", "unox: error: ", "unox: info: "];
        let at = own.iter().find_map(|mark| line.windows(mark.len()).position(|w| w == mark.as_bytes()));
        let at = at.or_else(|| line.starts_with(b"unox: ").then_some(0)).unwrap_or(line.len());
        let (program, unox) = line.split_at(at);
        rest.extend_from_slice(program);
        notes.push_str(&String::from_utf8_lossy(unox));
    }
    (notes, rest)
}

fn prepare(command: &mut Command, job: &Job) {
    let cwd = if job.cwd.as_os_str().is_empty() { Path::new("/") } else { &job.cwd };
    command.current_dir(cwd).env_clear().env("PATH", PATH).env("HOME", "/root");
    command.envs(job.env.iter().map(|(k, v)| (k, v)));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // A group of its own, so that a timeout takes QEMU too.
    command.process_group(0);
}

fn scratch() -> Result<PathBuf, String> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let base = if Path::new("/dev/shm").is_dir() { "/dev/shm" } else { "/tmp" };
    let dir = PathBuf::from(base).join(format!("unox-test-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
    std::fs::create_dir_all(&dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    Ok(dir)
}

fn finish(mut command: Command, job: &Job) -> Result<Outcome, String> {
    let mut child = command.spawn().map_err(|e| format!("{}: {e}", command.get_program().to_string_lossy()))?;
    let mut input = child.stdin.take();
    let bytes = job.stdin.clone();
    // A program may end without reading: the broken pipe is no error.
    let feeder = std::thread::spawn(move || {
        if let Some(mut pipe) = input.take() {
            let _ = pipe.write_all(&bytes);
        }
    });
    let stdout = collect(child.stdout.take());
    let stderr = collect(child.stderr.take());
    let status = wait(&mut child, job.timeout);
    if status.is_none()
        && let Some(group) = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap_or(0))
    {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        let _ = child.wait();
    }
    let (stdout, stderr) = (stdout.join().unwrap_or_default(), stderr.join().unwrap_or_default());
    let _ = feeder.join();
    let Some(status) = status else {
        let text = |b: &[u8]| String::from_utf8_lossy(&b[b.len().saturating_sub(1500)..]).into_owned();
        return Err(format!("no end after {} s\n-- stdout:\n{}\n-- stderr:\n{}", job.timeout.as_secs(), text(&stdout), text(&stderr)));
    };
    let status = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
    Ok(Outcome { status, stdout, stderr, notes: String::new() })
}

fn collect<R: Read + Send + 'static>(pipe: Option<R>) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut all = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut all);
        }
        all
    })
}

fn wait(child: &mut Child, limit: Duration) -> Option<std::process::ExitStatus> {
    let start = Instant::now();
    let mut nap = Duration::from_millis(1);
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if start.elapsed() < limit => std::thread::sleep(nap),
            _ => return None,
        }
        nap = (nap * 2).min(Duration::from_millis(50));
    }
}

/// `n` bytes that look random and are always the same.
pub fn noise(n: u64) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..n).map(|_| next()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_lines_are_parted_from_the_programs() {
        let (notes, rest) = split(b"a\nunox: plain\nno endunox: warn: x\nunoxious\n");
        assert_eq!(notes, "unox: plain\nunox: warn: x\n");
        assert_eq!(rest, b"a\nno endunoxious\n");
    }

    #[test]
    fn noise_repeats() {
        assert_eq!(noise(100), noise(100));
    }
}
