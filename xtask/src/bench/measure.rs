//! Runs machines and reads what they cost.

use super::linux::Linux;
use crate::shell::{check, output, root, target};
use crate::{build, shell};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// No machine may take longer.
const LIMIT: Duration = Duration::from_secs(180);

/// QEMU's options that make one instruction one nanosecond of the guest's time: clocks and timers then depend on its work alone.
pub const STEADY: [&str; 2] = ["-icount", "shift=0,sleep=off"];

/// Guest instructions by class.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counts {
    pub boot: f64,
    pub app: f64,
    pub kernel: f64,
    pub total: f64,
}

impl Counts {
    /// Reads the plugin's line out of what a machine printed.
    pub fn find(text: &str) -> Option<Counts> {
        let line = text.lines().find_map(|l| l.trim().strip_prefix("INSNS "))?;
        let value = |key: &str| line.split(' ').find_map(|word| word.strip_prefix(key)?.strip_prefix('=')?.parse::<f64>().ok());
        Some(Counts { boot: value("boot")?, app: value("app")?, kernel: value("kernel")?, total: value("total")? })
    }
}

/// What one `unox run` was like.
#[derive(Clone, Debug, Default)]
pub struct Run {
    pub counts: Option<Counts>,
    pub stdout: String,
    pub status: u8,
    pub wall: Duration,
    /// `--json`'s line.
    pub report: Value,
    /// stderr, for explanations.
    pub said: String,
}

/// Everything that is needed to measure.
pub struct Lab {
    plugin: PathBuf,
    linux: Result<Linux, String>,
}

impl Lab {
    /// Builds the plugin and the programs, and fetches the Linux kernel.
    pub fn new(with_linux: bool) -> Result<Lab, String> {
        let plugin = build::plugin()?;
        let dir = programs()?;
        std::fs::create_dir_all(&dir).map_err(|e| format!("{}: {e}", dir.display()))?;
        for name in ["hello", "micro"] {
            let source = root().join("tests/bench").join(name).with_extension("c");
            // -O1: a loop that is measured must not be unrolled or merged.
            check(Command::new("gcc").args(["-O1", "-static", "-no-pie", "-pthread", "-o"]).arg(dir.join(name)).arg(source))?;
        }
        let linux = if with_linux { Linux::fetch() } else { Err("not asked for".to_string()) };
        Ok(Lab { plugin, linux })
    }

    /// Why there is no Linux guest.
    pub fn without_linux(&self) -> Option<&str> {
        self.linux.as_ref().err().map(String::as_str)
    }

    /// Instructions of a program's machine under unox, with the clock as it is or steady.
    pub fn count(&self, words: &[String], steady: bool) -> Result<Counts, String> {
        let plugin = self.plugin.display().to_string();
        let mut options = vec!["--no-aslr", "--accel", "tcg", "--qemu-arg", "-plugin", "--qemu-arg", &plugin];
        if steady {
            options.extend(STEADY.iter().flat_map(|word| ["--qemu-arg", word]));
        }
        let run = self.run(&options, words)?;
        succeeded(&run)?;
        run.counts.ok_or_else(|| format!("the plugin printed nothing: {}", run.said))
    }

    /// Instructions of the same static program as the only one of a Linux guest.
    pub fn count_linux(&self, program: &str, arguments: &[String], steady: bool) -> Option<Result<Counts, String>> {
        let linux = self.linux.as_ref().ok()?;
        Some(programs().and_then(|dir| linux.count(&dir.join(program), arguments, &self.plugin, steady)))
    }

    /// QEMU's largest resident size in KiB and the wall time, if the host lets it be measured, of a Linux guest that runs the program alone.
    pub fn host_linux(&self, program: &str) -> Option<Result<(f64, Option<Duration>), String>> {
        let linux = self.linux.as_ref().ok()?;
        Some(programs().and_then(|dir| linux.host(&dir.join(program))))
    }

    /// `unox run OPTIONS WORDS`.
    pub fn run(&self, options: &[&str], words: &[String]) -> Result<Run, String> {
        self.run_within(LIMIT, options, words)
    }

    /// The same, within a time.
    pub fn run_within(&self, limit: Duration, options: &[&str], words: &[String]) -> Result<Run, String> {
        let mut command = Command::new(build::unox());
        command.args(["run", "--json"]).args(options).args(words).env_remove("UNOX_KERNEL").env_remove("UNOX_QEMU");
        let (status, stdout, said, wall) = limited(&mut command, limit)?;
        let report = said.lines().rev().find_map(|l| serde_json::from_str(l).ok()).unwrap_or(Value::Null);
        Ok(Run { counts: Counts::find(&said), stdout, status, wall, report, said })
    }
}

/// The run ended as a success.
pub fn succeeded(run: &Run) -> Result<(), String> {
    if run.status == 0 { Ok(()) } else { Err(format!("status {}: {}", run.status, run.said.trim())) }
}

/// Where the compiled programs are.
pub fn programs() -> Result<PathBuf, String> {
    std::path::absolute(target().join("bench")).map_err(|e| e.to_string())
}

/// Runs to the end, or kills it at the limit. Status, stdout, stderr, time.
pub fn limited(command: &mut Command, limit: Duration) -> Result<(u8, String, String, Duration), String> {
    watched(command, limit, |_| {})
}

/// As [`limited`]; `look` is called again and again with the process's id.
pub fn watched(command: &mut Command, limit: Duration, mut look: impl FnMut(u32)) -> Result<(u8, String, String, Duration), String> {
    let began = Instant::now();
    let program = command.get_program().display().to_string();
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(|e| format!("{program}: {e}"))?;
    let (out, err) = (collect(child.stdout.take()), collect(child.stderr.take()));
    let status = loop {
        if let Some(status) = child.try_wait().map_err(|e| e.to_string())? {
            break status;
        }
        look(child.id());
        if began.elapsed() > limit {
            let _ = child.kill();
            let _ = child.wait();
            return Err(format!("no end after {} s", limit.as_secs()));
        }
        std::thread::sleep(Duration::from_micros(500));
    };
    let wall = began.elapsed();
    Ok((shell::code(status), out.join().unwrap_or_default(), err.join().unwrap_or_default(), wall))
}

fn collect<R: std::io::Read + Send + 'static>(pipe: Option<R>) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// The package archive that holds Debian's cloud kernel, downloaded once.
pub fn download(package: &str, dir: &Path) -> Result<PathBuf, String> {
    output(Command::new("apt-get").args(["download", "-q", package]).current_dir(dir))?;
    let entries = std::fs::read_dir(dir).map_err(|e| e.to_string())?;
    let mut found = entries.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|x| x == "deb"));
    found.next().ok_or_else(|| format!("apt-get download {package} left no file"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_plugin_s_line() {
        let counts = Counts::find("noise\n\nINSNS boot=1 app=2 kernel=3 total=6\n").unwrap();
        assert_eq!(counts, Counts { boot: 1.0, app: 2.0, kernel: 3.0, total: 6.0 });
        assert_eq!(Counts::find("INSNS boot=x"), None);
    }
}
