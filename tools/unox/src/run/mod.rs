//! `unox run`: from a program's name to its exit status.

pub mod configuration;
pub mod files;
mod report;
mod words;

pub use report::print;

use crate::cli::{self, AccelChoice, Run};
use crate::counter::Counter;
use crate::failure::{Failure, Result};
use crate::program::{Kind, Program};
use crate::{cache, gdb, kernel, memory, program};
use std::os::fd::AsRawFd;
use std::time::Instant;
use vmm::control::Level;
use vmm::{Accel, Spec};

/// Runs; `began` is when the tool started.
pub fn run(run: &Run, began: Instant) -> Result<u8> {
    let program = program::resolve(cli::words(&run.command), run.guest.rootfs.as_deref())?;
    let kernel = match program.kind {
        Kind::Packed if !pack::is_packed(&program.host) => {
            let file = program.host.display();
            return Err(Failure::not_executable(format!("{file}: a kernel without a program\n  unox run --kernel {file} PROGRAM")));
        }
        Kind::Packed => kernel::Kernel { path: program.host.clone(), file: None, symbols: None },
        _ => kernel::find(run.guest.kernel.as_deref())?,
    };
    let environment = configuration::environment(&run.guest);
    let files = files::prepare(run, &program, &environment)?;
    let config = configuration::build(run, &program, &environment, &files)?;
    let mut inherit: Vec<_> = kernel.file.iter().map(AsRawFd::as_raw_fd).collect();
    let accel = accel(run);
    let qemu = vmm::find::qemu()?;
    let mut extra = run.qemu_arg.clone();
    let counter = (run.stats && !run.dry_run).then(|| Counter::new(accel, &qemu));
    if let Some(Ok(counter)) = &counter {
        extra.extend(counter.arguments().map(Into::into));
        inherit.push(counter.descriptor());
    }
    let spec = Spec {
        qemu,
        machine: run.machine,
        accel,
        memory_mib: run.memory.unwrap_or_else(memory::default_mib),
        kernel: kernel.path.clone(),
        module: None,
        // The configuration comes too late for this: the kernel chooses its own address before it reads it.
        append: (run.no_aslr || run.gdb).then(|| "unox.nokaslr=1".into()),
        root: files.image(),
        gdb: run.gdb.then(gdb::socket),
        extra,
        inherit,
    };
    if run.dry_run {
        return report::dry_run(run, &files, &spec, &config);
    }
    say_first(run, &program, &kernel, &spec)?;
    let before = began.elapsed();
    let options =
        vmm::Options { level: level(run.guest.verbose), qemu_output: run.guest.verbose > 0, counts: matches!(counter, Some(Ok(_))) };
    let mut words = words::Words::new(run, &files);
    let mut outcome = vmm::run(&spec, config, options, &mut words)?;
    if let Some(Err(why)) = counter {
        outcome.stats.push(("instructions".into(), why));
    }
    if let Some(socket) = &spec.gdb {
        gdb::clean(socket);
    }
    Ok(report::finish(run, &program, &outcome, before))
}

/// The least important kernel line that is shown.
fn level(verbose: u8) -> Level {
    match verbose {
        0 => Level::Warn,
        1 => Level::Info,
        _ => Level::Debug,
    }
}

fn accel(run: &Run) -> Accel {
    let AccelChoice::Auto = run.accel else {
        return match run.accel {
            AccelChoice::Fixed(accel) => accel,
            AccelChoice::Auto => Accel::Tcg,
        };
    };
    let verdict = vmm::probe::cached(&cache::dir());
    if run.guest.verbose > 0 {
        vmm::tty::say(&format!("unox: {}", verdict.explain()));
    }
    if verdict.usable() { Accel::Kvm } else { Accel::Tcg }
}

/// What is said before the machine starts.
fn say_first(run: &Run, program: &Program, kernel: &kernel::Kernel, spec: &Spec) -> Result<()> {
    if run.guest.verbose > 0 {
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
    if let Some(socket) = &spec.gdb {
        vmm::tty::say(&format!(
            "unox: waiting for a debugger; in another terminal:\n  {}",
            gdb::prepare(socket, kernel, run.guest.rootfs.as_deref())?
        ));
    }
    Ok(())
}
