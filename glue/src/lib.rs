//! The kernel as a static library for ports from source. The application is linked with it and runs in ring 0: its system calls are the C functions of
//! [`calls`], its first thread starts in [`program`], and [`sequence`] takes it through constructors and initcalls to `main`.
#![no_std]

extern crate alloc;

mod calls;
mod components;
mod exit;
mod params;
mod program;
#[path = "../../image/src/runtime.rs"]
mod runtime;
mod sequence;

use alloc::string::String;
use alloc::sync::Arc;

use bootcfg::Config;
use hal::trap::Handlers;
use kernel::process::trap;

/// What the machine calls. A call has its own function (calls.rs); through the table comes only what is restarted differently.
static HANDLERS: Handlers =
    Handlers { syscall: calls::restarted, page_fault: trap::page_fault, exception: trap::exception, tick: trap::tick, work: trap::work };

/// Called by hal on the boot stack, with memory, traps and the clock in place.
#[unsafe(no_mangle)]
fn kernel_main() -> ! {
    runtime::choose_copies();
    let info = hal::boot::info();
    let module = info.modules.iter().find(|m| m.starts_with(bootcfg::MAGIC)).copied().unwrap_or(&[]);
    let config = Config::new(info.payload_config, info.cmdline, module);
    components::init(&config);
    hal::trap::set_handlers(&HANDLERS);
    match start(&config) {
        Ok(thread) => {
            exit::note_booted();
            kernel::sched::start(thread)
        }
        Err(text) => exit::fail(&text),
    }
}

/// Prepares the only process.
fn start(config: &Config<'static>) -> Result<Arc<kernel::sched::Thread>, String> {
    kernel::process::exit::set_exit_hook(exit::program_ended);
    exit::set_stats(config.flag("stats"));
    let fs = components::file_systems(config)?;
    let files = components::stdio(config)?;
    let thread = kernel::boot::prepare_with(config, fs, files, program::load).map_err(|failure| failure.text)?;
    components::started(config);
    Ok(thread)
}
