//! `unox run`: from a program's name to its exit status.

pub mod configuration;
pub mod files;
pub mod flags;
mod image;
mod initrd;
pub mod qemu_guest;
mod report;
mod root;
mod words;

pub use image::{ImageOptions, run_image};
pub use report::print;

use crate::cli::{self, AccelChoice, Run};
use crate::counter::Counter;
use crate::failure::{Failure, Result};
use crate::program::{Kind, Program};
use crate::{cache, gdb, kernel, memory, program};
use files::Files;
use flags::Devices;
use initrd::Initrd;
use std::ffi::OsString;
use std::os::fd::AsRawFd;
use std::path::Path;
use std::time::{Duration, Instant};
use vmm::control::Level;
use vmm::{Accel, Config, Outcome, RootVia, Spec};
use words::Words;

/// Runs; `began` is when the tool started.
pub fn run(run: &Run, began: Instant) -> Result<u8> {
    let words = cli::words(&run.command);
    if words.is_empty()
        && let Some(image) = &run.guest.kernel
    {
        if let Some(via) = run.root_via {
            return Err(no_root(via, image));
        }
        return image::boot(image, &ImageOptions::of(run), &[], began);
    }
    let program = find_program(run, words)?;
    if program.kind == Kind::Packed && !pack::is_packed(&program.host) {
        if program.host.file_name().is_some_and(|name| name == kernel::NAME) {
            let file = program.host.display();
            return Err(Failure::not_executable(format!("{file}: a kernel without a program\n  unox run --kernel {file} PROGRAM")));
        }
        if let Some(via) = run.root_via {
            return Err(no_root(via, &program.host));
        }
        return image::boot(&program.host, &ImageOptions::of(run), &words[1..], began);
    }
    let kernel = match program.kind {
        Kind::Packed => kernel::Kernel { path: program.host.clone(), file: None, symbols: None },
        _ => kernel::find(run.guest.kernel.as_deref())?,
    };
    let environment = configuration::environment(&run.guest);
    let mut files = files::prepare(run, &program, &environment)?;
    let mut config = configuration::build(run, &program, &environment, &files)?;
    let devices = &run.devices;
    let qemu = vmm::find::qemu()?;
    let memory_mib = run.memory.unwrap_or_else(memory::default_mib);
    if files.has_root() {
        let has = || vmm::probe::Devices::cached(&qemu, &cache::dir());
        files.reach(root::choose(run.root_via, run.machine, files.is_archive(), &qemu, has)?);
        root::tell(&mut config, &files, memory_mib)?;
    } else if let Some(via) = run.root_via {
        return Err(no_root(via, &program.host));
    }
    if let Some(append) = &devices.append {
        let text = append.display();
        return Err(Failure::new(format!("-a {text}: for images; a program's arguments follow it: unox run PROGRAM {text}")));
    }
    let accel = accel(if devices.disable_acceleration { AccelChoice::Fixed(Accel::Tcg) } else { run.accel }, run.guest.verbose);
    let spec = Spec {
        qemu,
        machine: run.machine,
        accel,
        memory_mib,
        kernel: kernel.path.clone(),
        module: None,
        // The configuration comes too late for this: the kernel chooses its own address before it reads it.
        append: (run.no_aslr || files.debugged()).then(|| "unox.nokaslr=1".into()),
        root: files.image(),
        gdb: devices.debug(run.gdb, gdb::socket),
        cpus: devices.cpus,
        shares: files.mounts().iter().map(|mount| mount.share.clone()).collect(),
        network: devices.network(),
        entropy: wants_entropy(accel),
        serial: None,
        extra: run.qemu_arg.clone(),
        inherit: kernel.file.iter().map(AsRawFd::as_raw_fd).chain(files.held()).collect(),
    };
    if run.dry_run {
        return report::dry_run(run, &files, &spec, &config);
    }
    say_first(run, &program, &kernel, &spec, &files)?;
    let name = &program.guest;
    let boot = Boot { devices, verbose: run.guest.verbose, stats: run.stats, json: run.json, name };
    if devices.background {
        return finish(&boot, spec, config, began);
    }
    let (outcome, before) = attend(&boot, spec, config, began, &mut Words::new(run, &files))?;
    Ok(report::finish(run, &program, &files, &outcome, before))
}

/// `--root-via` for a machine that brings its own.
fn no_root(via: RootVia, image: &Path) -> Failure {
    Failure::new(format!("--root-via {via}: {} has its root file system in it", image.display()))
}

/// Whether the machine gets the host's randomness as a device. The seed in the configuration is enough to start from; the device is for a processor that has no
/// generator to go on with. QEMU's own has one, and starting the device costs a few thousand instructions, so it is left out where it is not needed.
fn wants_entropy(accel: Accel) -> bool {
    accel == Accel::Kvm && !std::arch::is_x86_feature_detected!("rdrand")
}

/// The program on the host, in `--rootfs`, or in the archive of `-i`.
fn find_program(run: &Run, words: &[OsString]) -> Result<Program> {
    let Some(path) = &run.devices.initrd else { return program::resolve(words, run.guest.rootfs.as_deref()) };
    if run.guest.rootfs.is_some() {
        return Err(Failure::new("--rootfs and -i both say what the root file system is: one of them"));
    }
    // `-i FILE IMAGE`: a port's image with this root, as with -k.
    if let Ok(image) = program::resolve(words, None)
        && image.kind == Kind::Packed
    {
        if pack::is_packed(&image.host) {
            return Err(Failure::new(format!("-i {}: {} has its root file system in it", path.display(), image.host.display())));
        }
        return Ok(image);
    }
    let name = initrd::argv(words)?;
    let guest = Initrd::read(path)?.program(name)?;
    Ok(Program { host: path.clone(), guest, argv: words.to_vec(), kind: Kind::Elf })
}

/// A machine that is ready to start, as far as it matters for what is said about it.
pub struct Boot<'a> {
    /// What was asked for.
    pub devices: &'a Devices,
    /// `-v`.
    pub verbose: u8,
    /// `--stats`.
    pub stats: bool,
    /// `--json`.
    pub json: bool,
    /// Whose figures they are.
    pub name: &'a Path,
}

/// Starts the machine and stays with it to its end; what the host needed before QEMU, too.
fn attend(boot: &Boot<'_>, mut spec: Spec, config: Config, began: Instant, words: &mut Words) -> Result<(Outcome, Duration)> {
    notes(boot);
    let counter = boot.stats.then(|| Counter::new(spec.accel, &spec.qemu));
    if let Some(Ok(counter)) = &counter {
        spec.extra.extend(counter.arguments().map(Into::into));
        spec.inherit.push(counter.descriptor());
    }
    let before = began.elapsed();
    let options = vmm::Options { level: level(boot.verbose), qemu_output: boot.verbose > 0, counts: matches!(counter, Some(Ok(_))) };
    let mut outcome = vmm::run(&spec, config, options, words)?;
    if let Some(Err(why)) = counter {
        outcome.stats.push(("instructions".into(), why));
    }
    if let Some(debug) = &spec.gdb {
        gdb::clean(&debug.listen);
    }
    Ok((outcome, before))
}

/// The machine's whole life, or its beginning when it goes into the background.
pub fn finish(boot: &Boot<'_>, mut spec: Spec, config: Config, began: Instant) -> Result<u8> {
    if !boot.devices.background {
        let (outcome, before) = attend(boot, spec, config, began, &mut Words::of_image(boot.verbose))?;
        return Ok(report::finish_image(boot, &outcome, before));
    }
    notes(boot);
    let log = match &boot.devices.log {
        Some(log) => std::path::absolute(log).map_err(|e| Failure::new(format!("--log {}: {e}", log.display())))?,
        None => gdb::socket().with_extension("log"),
    };
    spec.serial = Some(log.clone());
    let pid = vmm::background::start(&spec, &config.without(&["ctl", "missing"]))?;
    report::print(&format!("{pid}\n"));
    vmm::tty::say(&format!("unox: runs as process {pid}; what it says is in {}; kill {pid} stops it", log.display()));
    Ok(0)
}

/// What has no effect is said once.
fn notes(boot: &Boot<'_>) {
    boot.devices.notes().iter().for_each(|note| vmm::tty::say(&format!("unox: {note}")));
}

/// The least important kernel line that is shown.
fn level(verbose: u8) -> Level {
    match verbose {
        0 => Level::Warn,
        1 => Level::Info,
        _ => Level::Debug,
    }
}

/// The accelerator, probed where none was named.
fn accel(choice: AccelChoice, verbose: u8) -> Accel {
    if let AccelChoice::Fixed(accel) = choice {
        return accel;
    }
    let verdict = vmm::probe::cached(&cache::dir());
    if verbose > 0 {
        vmm::tty::say(&format!("unox: {}", verdict.explain()));
    }
    if verdict.usable() { Accel::Kvm } else { Accel::Tcg }
}

/// What is said before the machine starts.
fn say_first(run: &Run, program: &Program, kernel: &kernel::Kernel, spec: &Spec, files: &Files) -> Result<()> {
    if run.guest.verbose > 0 {
        if files.has_root() {
            vmm::tty::say(&format!("unox: {}", root::explain(files.via(), run.root_via.is_some())));
        }
        vmm::tty::say(&format!(
            "unox: {} as {}, {} MiB, {} on {}",
            program.host.display(),
            program.guest.display(),
            spec.memory_mib,
            spec.machine,
            spec.accel
        ));
        vmm::tty::say(&format!("unox: {}", report::command(spec)));
    }
    if let Some(debug) = &spec.gdb {
        let first = if debug.paused { "waiting for a debugger" } else { "a debugger may come" };
        let command = gdb::prepare(&debug.listen, kernel, run.guest.rootfs.as_deref())?;
        vmm::tty::say(&format!("unox: {first}; in another terminal:\n  {command}"));
    }
    Ok(())
}
