//! Programs of one source file, many of them: one kernel and one C library are built, each program is a compilation and a link.

use oracle::directive::Settings;
use oracle::run::Job;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

/// A set of programs that share a configuration, and with it the build directory.
#[derive(Clone, Copy, Debug)]
pub struct Programs {
    /// Name of the directory below `target/ports`.
    pub name: &'static str,
    /// External libraries, as in [`crate::Image`].
    pub libs: &'static [&'static str],
    /// Lines of a `.config`, for all of them.
    pub config: &'static [&'static str],
}

impl Programs {
    /// Builds the program as an image of its own; `flags` are the compiler's.
    ///
    /// # Errors
    /// What could not be configured, built or linked.
    pub fn image(&self, source: &Path, flags: &str) -> Result<PathBuf, String> {
        // They share a build directory; and a program with several cases is built once.
        static BUILT: Mutex<BTreeMap<(&str, PathBuf, String), PathBuf>> = Mutex::new(BTreeMap::new());
        let mut built = BUILT.lock().map_err(|e| e.to_string())?;
        let wanted = (self.name, source.to_owned(), flags.to_owned());
        if let Some(image) = built.get(&wanted) {
            return Ok(image.clone());
        }
        let path = format!("CONFIG_PROGRAM_SOURCE=\"{}\"", source.display());
        let flags = format!("CONFIG_PROGRAM_CFLAGS=\"{flags}\"");
        let config: Vec<&str> = self.config.iter().copied().chain([path.as_str(), flags.as_str()]).collect();
        let made = crate::build(&crate::Image { app: "tests/ports/program", libs: self.libs, config: &config, name: self.name })?;
        let stem = source.file_stem().and_then(|s| s.to_str()).unwrap_or("program");
        let dir = oracle::target().join("ports").join(self.name).join("images");
        std::fs::create_dir_all(&dir).map_err(|e| format!("{}: {e}", dir.display()))?;
        let image = dir.join(stem);
        std::fs::copy(&made, &image).map_err(|e| format!("{}: {e}", made.display()))?;
        built.insert(wanted, image.clone());
        Ok(image)
    }

    /// Runs the program natively, linked with the same C library, and as an image; both must say the same.
    ///
    /// # Errors
    /// A readable account of the differences.
    pub fn compare(&self, source: &Path, settings: &Settings) -> Result<(), String> {
        let headers = linux_headers()?;
        let compat = oracle::repo().join("tests/ports/program/linux.h");
        let flags = format!("-D_GNU_SOURCE -include {} {} -idirafter {}", compat.display(), settings.get("flags"), headers.display());
        let mut job = job(settings);
        let linux = if settings.get("only") == "unox" {
            None
        } else {
            let mut native = settings.clone();
            native.set("cc", "musl-gcc");
            native.set("link", "static");
            native.set("flags", &flags);
            job.program = oracle::build::build(source, &format!("{}-ring0", self.name), &native)?;
            Some(oracle::run::native(&job)?)
        };
        if !settings.get("mem").is_empty() {
            job.options.extend(["-m".to_owned(), settings.get("mem").to_owned()]);
        }
        job.program = self.image(source, &flags)?;
        let ours = oracle::run::under_unox(&job)?;
        match linux {
            Some(linux) => oracle::compare::differences(&linux, &ours),
            None if ours.status == 0 => Ok(()),
            None => Err(format!("status {}\n{}{}", ours.status, String::from_utf8_lossy(&ours.stdout), ours.notes)),
        }
    }
}

/// Arguments, input, environment and time as the program's source wants them.
fn job(settings: &Settings) -> Job {
    let number = |key: &str, default: u64| settings.get(key).parse().unwrap_or(default);
    let stdin_bytes = number("stdin-bytes", 0);
    let stdin = if stdin_bytes > 0 { oracle::run::noise(stdin_bytes) } else { settings.get("stdin").replace("\\n", "\n").into_bytes() };
    let env = settings.get("env").split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    Job {
        args: settings.args().into_iter().map(Into::into).collect(),
        stdin,
        env: env.into_iter().collect(),
        timeout: Duration::from_secs(number("timeout", 60)),
        ..Job::default()
    }
}

/// A directory with the kernel's own headers (`linux/`, `asm/`), which musl does not bring and the distribution keeps beside glibc's.
fn linux_headers() -> Result<PathBuf, String> {
    let dir = std::path::absolute(oracle::target().join("ports/linux-headers")).map_err(|e| e.to_string())?;
    std::fs::create_dir_all(&dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    for (name, at) in
        [("linux", "/usr/include/linux"), ("asm", "/usr/include/x86_64-linux-gnu/asm"), ("asm-generic", "/usr/include/asm-generic")]
    {
        match std::os::unix::fs::symlink(at, dir.join(name)) {
            Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => return Err(format!("{name}: {e}")),
            _ => {}
        }
    }
    Ok(dir)
}
