//! `kraft run`: the unikernel that a project built, with kraft's options. They become those of `unox run`.

use super::hooks;
use super::volumes::{self, Volumes};
use crate::cli::{Cli, Verb};
use crate::failure::{Failure, Result};
use clap::{Args, Parser};
use project::Image;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Options of `kraft run` and `kraft up`.
#[derive(Clone, Debug, Default, Args)]
pub struct Options {
    /// Platform
    #[arg(short, long, value_name = "PLAT")]
    pub plat: Option<String>,
    /// Architecture
    #[arg(short = 'm', long, value_name = "ARCH")]
    pub arch: Option<String>,
    /// Root file system: a cpio archive (initrd)
    #[arg(short, long, value_name = "PATH")]
    pub initrd: Option<PathBuf>,
    /// Starts it in the background
    #[arg(short = 'B', long)]
    pub background: bool,
    /// Does not start before a debugger says so
    #[arg(short = 'P', long)]
    pub paused: bool,
    /// Waits for gdb on this port
    #[arg(short, long, value_name = "PORT")]
    pub gdb: Option<u16>,
    /// Uses the image with symbols
    #[arg(short, long)]
    pub dbg: bool,
    /// A network card of user mode
    #[arg(short = 'n', long)]
    pub virtio_nic: bool,
    /// A network card on a bridge of the host
    #[arg(short, long, value_name = "BRIDGE")]
    pub bridge: Option<String>,
    /// A network card on an interface of the host
    #[arg(short = 'V', long, value_name = "INTERFACE")]
    pub interface: Option<String>,
    /// Prints the command and starts nothing
    #[arg(short = 'D', long)]
    pub dry_run: bool,
    /// Memory, in MiB or as 64M or 2G
    #[arg(short = 'M', long, value_name = "MB")]
    pub memory: Option<String>,
    /// CPU sockets
    #[arg(short = 's', long, value_name = "N")]
    pub cpu_sockets: Option<u32>,
    /// CPU cores
    #[arg(short = 'c', long, value_name = "N")]
    pub cpu_cores: Option<u32>,
    /// The project [default: here]
    #[arg(short, long, value_name = "PATH")]
    pub workdir: Option<PathBuf>,
}

/// `kraft run`.
#[derive(Debug, Args)]
pub struct Run {
    #[command(flatten)]
    pub options: Options,
    /// A target of the project's file, by name
    #[arg(short, long, value_name = "TARGET")]
    pub target: Option<String>,
    /// Arguments of main [default: those of the project's file]
    #[arg(value_name = "ARGS", trailing_var_arg = true, allow_hyphen_values = true)]
    pub arguments: Vec<OsString>,
}

/// Runs the unikernel of a project, with the commands that its file has around a run.
pub fn start(options: &Options, arguments: &[OsString], began: Instant) -> Result<u8> {
    let dir = options.workdir.clone().unwrap_or_else(|| PathBuf::from("."));
    let image = project::current_image(&dir)?;
    let volumes = volumes::prepare(&image, options.dry_run)?;
    let words = words(options, &image, &volumes, arguments)?;
    match Cli::try_parse_from(&words) {
        Ok(Cli { verb: Verb::Run(run), .. }) => around(&image, volumes, &run, began),
        Ok(_) => Err(Failure::new("run is not run")),
        Err(error) => Err(Failure::new(error.to_string())),
    }
}

/// A run with what the project's file has before and after it.
fn around(image: &Image, volumes: Volumes, run: &crate::cli::Run, began: Instant) -> Result<u8> {
    hooks::networks(image);
    if run.dry_run {
        hooks::show(image);
        return crate::run::run(run, began);
    }
    hooks::up(image)?;
    let ended = crate::run::run(run, began);
    if run.devices.background && ended.is_ok() {
        hooks::left(image);
        volumes.leave();
        return ended;
    }
    hooks::down(image);
    ended
}

/// The words of `unox run` that mean the same.
fn words(options: &Options, image: &Image, volumes: &Volumes, arguments: &[OsString]) -> Result<Vec<OsString>> {
    project::resolve::target(options.plat.as_deref().unwrap_or("kvm"), options.arch.as_deref().unwrap_or("x86_64"))
        .map_err(|why| Failure::with_status(2, why))?;
    if let Some(interface) = &options.interface {
        return Err(Failure::with_status(2, format!("-V {interface}: put the interface on a bridge, and name that with -b")));
    }
    let mut words: Vec<OsString> = vec!["unox".into(), "run".into()];
    let mut valued = |option: &str, value: Option<OsString>| {
        if let Some(value) = value {
            words.extend([option.into(), value]);
        }
    };
    valued("-m", options.memory.as_ref().or(image.memory.as_ref()).map(Into::into));
    valued("-g", options.gdb.map(|port| port.to_string().into()));
    let asked = options.cpu_cores.is_some() || options.cpu_sockets.is_some();
    let given = options.cpu_cores.unwrap_or(1).saturating_mul(options.cpu_sockets.unwrap_or(1));
    let cpus = if asked { given } else { image.cpus.unwrap_or(1) };
    valued("-c", (cpus != 1).then(|| cpus.to_string().into()));
    valued("-b", options.bridge.as_ref().map(Into::into));
    for (name, value) in &image.env {
        valued("--env", Some(format!("{name}={value}").into()));
    }
    for share in &volumes.shares {
        valued("-e", Some(share.clone()));
    }
    valued("-i", options.initrd.clone().or_else(|| volumes.initrd.clone()).map(Into::into));
    for (word, on) in [("-P", options.paused), ("-x", options.background), ("-n", options.virtio_nic), ("--dry-run", options.dry_run)] {
        if on {
            words.push(word.into());
        }
    }
    let path = if options.dbg { image.debug.as_deref().unwrap_or(&image.path) } else { &image.path };
    words.push(path.into());
    match arguments {
        [] => words.extend(image.arguments.iter().map(OsString::from)),
        given => words.extend(given.iter().cloned()),
    }
    Ok(words)
}

/// `kraft run`.
pub fn run(run: &Run, began: Instant) -> Result<u8> {
    if let Some(target) = &run.target {
        let dir = run.options.workdir.clone().unwrap_or_else(|| PathBuf::from("."));
        project::resolve::choose(&project::Kraftfile::open(&dir)?, Some(target), None, None)?;
    }
    start(&run.options, &run.arguments, began)
}

/// `unox run` without a program, or with a directory in its place: runs the project that is meant, with the same options; nothing, if none is.
pub fn project(run: &crate::cli::Run, began: Instant) -> Result<Option<u8>> {
    let given = crate::cli::words(&run.command);
    if given.is_empty() && run.guest.kernel.is_some() {
        return Ok(None);
    }
    let cwd = std::env::current_dir().unwrap_or_default();
    let dir = given.first().map_or_else(|| cwd.clone(), |first| cwd.join(first));
    if !dir.is_dir() || !project::is_project(&dir) {
        return Ok(None);
    }
    let image = project::current_image(&dir)?;
    let volumes = volumes::prepare(&image, run.dry_run)?;
    let mut words = words(&Options::default(), &image, &volumes, given.get(1..).unwrap_or_default())?;
    // Options of the call come behind those of the project, which are overridden.
    let at = words.iter().position(|w| Path::new(w) == image.path).unwrap_or(2);
    let behind: Vec<OsString> =
        crate::cli::arguments().into_iter().skip_while(|a| a != "run").skip(1).take_while(|a| given.first() != Some(a)).collect();
    words.splice(at..at, behind);
    match Cli::try_parse_from(&words) {
        Ok(Cli { verb: Verb::Run(run), .. }) => around(&image, volumes, &run, began).map(Some),
        Ok(_) => Ok(None),
        Err(error) => Err(Failure::new(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use project::kraftfile::Hooks;

    fn image() -> Image {
        Image {
            path: "/p/build/x_kvm-x86_64".into(),
            debug: Some("/p/build/x_kvm-x86_64.dbg".into()),
            name: "x".into(),
            arguments: vec!["-c".into(), "a b".into()],
            env: vec![("A".into(), "1".into())],
            rootfs: None,
            volumes: Vec::new(),
            networks: Vec::new(),
            hooks: Hooks::default(),
            memory: None,
            cpus: None,
            dir: "/p".into(),
        }
    }

    fn meant(options: &Options, image: &Image, arguments: &[&str]) -> String {
        let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
        let words = words(options, image, &Volumes::default(), &arguments).unwrap();
        assert!(matches!(Cli::try_parse_from(&words), Ok(Cli { verb: Verb::Run(_), .. })), "{words:?}");
        words.iter().map(|w| w.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn kraft_s_options_become_those_of_unox() {
        assert_eq!(meant(&Options::default(), &image(), &[]), "unox run --env A=1 /p/build/x_kvm-x86_64 -c a b");
        assert_eq!(meant(&Options::default(), &image(), &["--own"]), "unox run --env A=1 /p/build/x_kvm-x86_64 --own");
        let all = Options {
            memory: Some("64".into()),
            gdb: Some(1234),
            paused: true,
            background: true,
            dbg: true,
            cpu_cores: Some(2),
            cpu_sockets: Some(2),
            initrd: Some("/i.cpio".into()),
            ..Options::default()
        };
        let said = "unox run -m 64 -g 1234 -c 4 --env A=1 -i /i.cpio -P -x /p/build/x_kvm-x86_64.dbg -c a b";
        assert_eq!(meant(&all, &image(), &[]), said);
        let file = Image { memory: Some("32".into()), cpus: Some(3), arguments: Vec::new(), env: Vec::new(), ..image() };
        assert_eq!(meant(&Options::default(), &file, &[]), "unox run -m 32 -c 3 /p/build/x_kvm-x86_64");
        let own = Options { memory: Some("8".into()), cpu_cores: Some(1), ..Options::default() };
        assert_eq!(meant(&own, &file, &[]), "unox run -m 8 /p/build/x_kvm-x86_64");
        let arm = Options { arch: Some("arm64".into()), ..Options::default() };
        assert!(words(&arm, &image(), &Volumes::default(), &[]).unwrap_err().to_string().contains("architecture `arm64` is not there"));
    }
}
