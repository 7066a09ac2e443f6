//! Images that are a kernel and a program in one: what a port's build makes, and any other kernel file. `unox run -k IMAGE`, `unox run IMAGE ARGS`, and what
//! `kraft run` and `qemu-guest` come down to.

use super::flags::{Devices, split};
use super::initrd::Initrd;
use super::{Boot, configuration, report};
use crate::cli::{AccelChoice, Run};
use crate::failure::{Failure, Result};
use crate::{gdb, kernel, memory};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;
use vmm::machine::Listen;
use vmm::{Config, Machine, Spec};

/// How an image is run.
#[derive(Clone, Debug)]
pub struct ImageOptions {
    /// The emulator; found when `None`.
    pub qemu: Option<PathBuf>,
    /// Shares, initrd, debugger, background and so on.
    pub devices: Devices,
    /// Memory in MiB; the tool's default when `None`.
    pub memory: Option<u64>,
    /// Machine type.
    pub machine: Machine,
    /// Accelerator.
    pub accel: AccelChoice,
    /// More arguments for QEMU.
    pub qemu_arg: Vec<OsString>,
    /// The program's environment, `NAME=VALUE`; the kernel's default when empty.
    pub env: Vec<OsString>,
    /// Prints the QEMU command instead of running it.
    pub dry_run: bool,
    /// As `-v`.
    pub verbose: u8,
    /// As `--stats`.
    pub stats: bool,
    /// As `--strace`.
    pub strace: bool,
    /// As `--json`.
    pub json: bool,
    /// As `--gdb`: a debugger on a socket of the tool's choice, and the machine waits.
    pub gdb: bool,
    /// As `--no-aslr`.
    pub no_aslr: bool,
}

impl Default for ImageOptions {
    fn default() -> Self {
        ImageOptions {
            qemu: None,
            devices: Devices { cpus: 1, ..Devices::default() },
            memory: None,
            machine: Machine::default(),
            accel: AccelChoice::Auto,
            qemu_arg: Vec::new(),
            env: Vec::new(),
            dry_run: false,
            verbose: 0,
            stats: false,
            strace: false,
            json: false,
            gdb: false,
            no_aslr: false,
        }
    }
}

impl ImageOptions {
    /// What `unox run` was told.
    pub fn of(run: &Run) -> ImageOptions {
        ImageOptions {
            qemu: None,
            devices: run.devices.clone(),
            memory: run.memory,
            machine: run.machine,
            accel: run.accel,
            qemu_arg: run.qemu_arg.clone(),
            env: if run.guest.env.is_empty() && !run.guest.env_host { Vec::new() } else { configuration::environment(&run.guest) },
            dry_run: run.dry_run,
            verbose: run.guest.verbose,
            stats: run.stats,
            strace: run.strace,
            json: run.json,
            gdb: run.gdb,
            no_aslr: run.no_aslr,
        }
    }
}

/// Runs `image` with `args` and gives its exit status; what goes wrong is told on stderr.
pub fn run_image(image: &Path, options: &ImageOptions, args: &[OsString]) -> ExitCode {
    boot(image, options, args, Instant::now()).map_or_else(|failure| failure.report(), ExitCode::from)
}

/// As [`run_image`]; `began` is when the tool started.
pub fn boot(image: &Path, options: &ImageOptions, args: &[OsString], began: Instant) -> Result<u8> {
    let devices = &options.devices;
    let kernel = kernel::find(Some(image))?;
    let (parameters, words) = words(devices.append.as_deref(), args)?;
    let mut config = configuration(image, options, &words)?;
    let mounts = devices.mounts()?;
    for (n, mount) in mounts.iter().enumerate() {
        match &mount.place {
            // As in the seed of it all: the first share is where the program finds its files.
            None if n == 0 => _ = config.add("root", format!("9p:{}", mount.share.tag)),
            None => {
                return Err(Failure::new(format!(
                    "-e {}: where? the first is the root directory, others need a place: -e DIR:/PLACE",
                    mount.share.path.display()
                )));
            }
            Some(place) => _ = config.add("mount", [mount.share.tag.as_ref(), OsStr::new(":"), place.as_os_str()].join(OsStr::new(""))),
        }
    }
    if let Some(path) = &devices.initrd {
        config.attach(Initrd::read(path)?.into_bytes());
    }
    let debug = devices.debug(options.gdb, gdb::socket);
    let nokaslr = (options.no_aslr || debug.is_some()).then(|| OsString::from("unox.nokaslr=1"));
    let parameters: Vec<OsString> = nokaslr.into_iter().chain(parameters).collect();
    let accel = if devices.disable_acceleration { AccelChoice::Fixed(vmm::Accel::Tcg) } else { options.accel };
    let accel = super::accel(accel, options.verbose);
    let spec = Spec {
        qemu: options.qemu.clone().map_or_else(vmm::find::qemu, Ok)?,
        machine: options.machine,
        accel,
        memory_mib: options.memory.unwrap_or_else(memory::default_mib),
        kernel: kernel.path.clone(),
        module: None,
        append: (!parameters.is_empty()).then(|| parameters.join(OsStr::new(" "))),
        root: None,
        gdb: debug,
        cpus: devices.cpus,
        shares: mounts.into_iter().map(|mount| mount.share).collect(),
        network: devices.network(),
        entropy: super::wants_entropy(accel),
        serial: None,
        extra: options.qemu_arg.clone(),
        inherit: Vec::new(),
    };
    if options.dry_run {
        report::dry_image(&spec, &config, options.json);
        return Ok(0);
    }
    if options.verbose > 0 {
        vmm::tty::say(&format!("unox: {}", report::command(&spec)));
    }
    if let Some(debug) = spec.gdb.as_ref().filter(|debug| debug.paused || matches!(debug.listen, Listen::Unix(_))) {
        let target = &debug.listen;
        vmm::tty::say(&format!("unox: waiting for a debugger; in another terminal:\n  {}", gdb::attach(target, &symbols(image))));
    }
    super::finish(&Boot { devices, verbose: options.verbose, stats: options.stats, json: options.json, name: image }, spec, config, began)
}

/// The file with symbols beside a port's image, or the image itself.
fn symbols(image: &Path) -> PathBuf {
    let mut beside = image.as_os_str().to_os_string();
    beside.push(".dbg");
    let beside = PathBuf::from(beside);
    if beside.is_file() { beside } else { image.to_path_buf() }
}

/// Kernel parameters and the program's arguments out of `-a` and the words behind the image.
fn words(append: Option<&OsStr>, args: &[OsString]) -> Result<(Vec<OsString>, Vec<OsString>)> {
    let mut parameters = append.map(split).transpose()?.unwrap_or_default();
    let mut words = match parameters.iter().position(|word| word == "--") {
        Some(at) => {
            let words = parameters.split_off(at + 1);
            parameters.pop();
            words
        }
        None => std::mem::take(&mut parameters),
    };
    words.extend(args.iter().cloned());
    Ok((parameters, words))
}

/// What the image is told. An image knows its program: only what was said goes there, so that a packed one keeps what it has.
fn configuration(image: &Path, options: &ImageOptions, words: &[OsString]) -> Result<Config> {
    let mut config = Config::new();
    if !words.is_empty() {
        config.add("arg", image.file_name().unwrap_or(image.as_os_str()));
        words.iter().for_each(|word| _ = config.add("arg", word));
    }
    for variable in &options.env {
        config.add("env", variable);
    }
    configuration::machine(&mut config, options.machine, options.verbose);
    for (key, on) in [("strace", options.strace), ("stats", options.stats), ("nokaslr", options.no_aslr)] {
        if on {
            config.on(key);
        }
    }
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(words: &[OsString]) -> Vec<&str> {
        words.iter().filter_map(|w| w.to_str()).collect()
    }

    #[test]
    fn parameters_come_before_two_dashes() {
        let (parameters, given) = words(Some(OsStr::new("vfs.x=1 -- -c 'a b'")), &["last".into()]).unwrap();
        assert_eq!((texts(&parameters), texts(&given)), (vec!["vfs.x=1"], vec!["-c", "a b", "last"]));
        let (parameters, given) = words(Some(OsStr::new("-c file")), &[]).unwrap();
        assert_eq!((texts(&parameters), texts(&given)), (vec![], vec!["-c", "file"]));
        assert_eq!(words(None, &[]).unwrap(), (vec![], vec![]));
    }

    #[test]
    fn an_image_is_told_only_what_was_said() {
        let config = configuration(Path::new("/b/app_kvm-x86_64"), &ImageOptions::default(), &[]).unwrap();
        assert!(config.get("arg").is_none() && config.get("env").is_none() && config.get("ctl").is_some());
        let config = configuration(Path::new("/b/app_kvm-x86_64"), &ImageOptions::default(), &["x".into()]).unwrap();
        let args: Vec<_> = config.records().filter(|(k, _)| *k == "arg").map(|(_, v)| v.to_vec()).collect();
        assert_eq!(args, [b"app_kvm-x86_64".to_vec(), b"x".to_vec()]);
    }
}
