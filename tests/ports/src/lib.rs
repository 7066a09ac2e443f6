//! Builds applications for the ports' kernel and boots them. Archives come from `target/mirror`, which
//! `cargo xtask sources` fills; what is missing there is brought first.
#![forbid(unsafe_code)]

pub mod programs;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use ukbuild::{Build, BuildOptions, Show};

/// An image to build: where its application is, which libraries it takes, what its configuration says beyond the defaults.
#[derive(Clone, Copy, Debug)]
pub struct Image<'a> {
    /// Directory of the application, from the repository's root.
    pub app: &'a str,
    /// Directories of external libraries, likewise.
    pub libs: &'a [&'a str],
    /// Lines of a `.config`.
    pub config: &'a [&'a str],
    /// Name of this variant: images of one application with several configurations are built beside each other.
    pub name: &'a str,
}

/// What a machine did.
#[derive(Debug)]
pub struct Outcome {
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// Exit status of `unox run`.
    pub status: Option<i32>,
}

/// Builds the image below `target/ports` and gives its path.
///
/// # Errors
/// What could not be configured, built or linked.
pub fn build(image: &Image<'_>) -> Result<PathBuf, String> {
    Ok(project(image, |_| {})?.build().map_err(|e| format!("{}: {e}", image.name))?.image)
}

/// The image's build directory below `target/ports`, configured; `change` sets options of the build.
///
/// # Errors
/// What could not be configured.
pub fn project(image: &Image<'_>, change: impl FnOnce(&mut BuildOptions)) -> Result<Build, String> {
    let text = |e: &dyn std::fmt::Display| e.to_string();
    let repo = oracle::repo();
    let work = oracle::target().join("ports").join(image.name);
    std::fs::create_dir_all(&work).map_err(|e| format!("{}: {e}", work.display()))?;
    let mut options = BuildOptions::new(&repo, repo.join(image.app));
    options.libs = image.libs.iter().map(|lib| repo.join(lib)).collect();
    options.out = work.join("build");
    options.config = work.join("config");
    options.name = image.name.to_string();
    options.show = Show::Quiet;
    options.offline = true;
    options.mirrors = vec![mirror()?];
    change(&mut options);
    let build = Build::new(options.clone()).map_err(|e| text(&e))?;
    configure(&build, &options, image.config)?;
    Ok(build)
}

/// The origins' archives, as an address.
fn mirror() -> Result<String, String> {
    static BROUGHT: Mutex<bool> = Mutex::new(false);
    let dir = std::path::absolute(xtask::sources::mirror()).map_err(|e| e.to_string())?;
    let mut brought = BROUGHT.lock().map_err(|e| e.to_string())?;
    // The one that all of them need says whether anybody has been here.
    if !*brought && !dir.join("musl-1.2.3.tar.gz").exists() {
        // What could not be had matters to those who need it; the build names it.
        let _ = xtask::sources::run().map_err(|why| eprintln!("{why}"));
    }
    *brought = true;
    Ok(format!("file://{}", dir.display()))
}

/// Writes the `.config`: the lines, and defaults for the rest.
fn configure(build: &Build, options: &BuildOptions, lines: &[&str]) -> Result<(), String> {
    let env = build.kconfig_env().map_err(|e| e.to_string())?;
    let kconfig = kconfig::Kconfig::load(&options.base.join("image/Config.uk"), &env).map_err(|e| e.to_string())?;
    let mut config = kconfig::Config::new(&kconfig);
    config.merge_text(&lines.join("\n"), "the test");
    config.olddefconfig();
    for line in lines {
        let (name, value) = line.split_once('=').ok_or("a line of a configuration without =")?;
        let got = config.get(name.trim_start_matches("CONFIG_"));
        if got.unwrap_or("n") != value.trim_matches('"') {
            return Err(format!("{line} did not stay: {got:?}"));
        }
    }
    config.write(&options.config).map_err(|e| e.to_string())
}

/// Boots an image with arguments.
///
/// # Errors
/// That the tool is missing or could not be started.
pub fn run(image: &Path, args: &[&str]) -> Result<Outcome, String> {
    run_with(image, &[], args)
}

/// The same with options of `unox run`.
///
/// # Errors
/// That the tool is missing or could not be started.
pub fn run_with(image: &Path, options: &[&str], args: &[&str]) -> Result<Outcome, String> {
    let mut command = Command::new("timeout");
    command.arg("300").arg(oracle::run::unox()?).arg("run").args(options).arg(image).args(args);
    let out = command.output().map_err(|e| e.to_string())?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(Outcome { stdout: text(&out.stdout), stderr: text(&out.stderr), status: out.status.code() })
}

/// `main` of a test program: the cases that `collect` gives, `threads` at a time unless the command line says otherwise. Each build uses all processors already,
/// but one can build while another's machine runs.
pub fn main(threads: usize, collect: impl FnOnce() -> Result<Vec<libtest_mimic::Trial>, String>) {
    // The build calls this program for fetching and unpacking.
    let args: Vec<std::ffi::OsString> = std::env::args_os().skip(1).collect();
    if args.first().is_some_and(|a| a == ukbuild::helper::VERB) {
        std::process::exit(ukbuild::helper::main(&args[1..]));
    }
    if oracle::native_only() {
        return;
    }
    let mut arguments = libtest_mimic::Arguments::from_args();
    arguments.test_threads.get_or_insert(threads);
    match collect() {
        Ok(trials) => libtest_mimic::run(&arguments, trials).exit(),
        Err(why) => {
            eprintln!("{why}");
            std::process::exit(1);
        }
    }
}
