//! The assembler: one bootable ELF from the selected rooms.
#![no_std]
#![no_main]

extern crate alloc;

mod components;
mod debugger;
mod exit;
mod root;
mod runtime;
mod selftest;

use abi::tty::Winsize;
use bootcfg::Config;
use hal::trap::Handlers;
use kernel::control;
use kernel::process::trap;
use stdio::Setting;

/// What the machine calls when nobody looks.
static HANDLERS: Handlers = Handlers {
    syscall: syscall::dispatch::dispatch,
    page_fault: trap::page_fault,
    exception: trap::exception,
    tick: trap::tick,
    work: trap::work,
};

/// The same with every call traced or counted.
static OBSERVED: Handlers = Handlers { syscall: syscall::observe::dispatch_observed, ..HANDLERS };

/// Called by hal on the boot stack, with memory, traps and the clock in place.
#[unsafe(no_mangle)]
fn kernel_main() -> ! {
    runtime::choose_copies();
    let info = hal::boot::info();
    let module = info.modules.iter().find(|m| m.starts_with(bootcfg::MAGIC)).copied().unwrap_or(&[]);
    let config = Config::new(info.payload_config, info.cmdline, module);
    components::init(&config);
    if config.flag("selftest") {
        selftest::run();
    }
    hal::trap::set_handlers(choose_handlers(&config));
    match start(&config) {
        Ok(thread) => {
            exit::note_booted();
            kernel::sched::start(thread)
        }
        Err(text) => exit::fail(&text),
    }
}

fn choose_handlers(config: &Config<'_>) -> &'static Handlers {
    let (strace, stats) = (config.flag("strace"), config.flag("stats"));
    control::set_tracing(strace);
    exit::set_stats(stats);
    if strace || stats { &OBSERVED } else { &HANDLERS }
}

/// Prepares the first process.
fn start(config: &Config<'static>) -> Result<alloc::sync::Arc<kernel::sched::Thread>, alloc::string::String> {
    kernel::process::exit::set_exit_hook(exit::program_ended);
    if config.flag("gdb") {
        kernel::process::mapped::set_debugger(debugger::mapped);
    }
    if config.flag("bulk") {
        control::set_bulk(stdio::send_lines);
    }
    let root = root::find(config)?;
    let settings = [setting(config, "fd0")?, setting(config, "fd1")?, setting(config, "fd2")?];
    let files = stdio::open(settings, winsize(config)).map_err(|errno| alloc::format!("standard descriptors: errno {}", errno.number()))?;
    if config.flag("missing") {
        kernel::vfs::missing::remember();
    }
    let thread = kernel::boot::prepare(config, root, files).map_err(|failure| failure.text)?;
    stdio::attach_console();
    if config.get("ctl").is_some() {
        stdio::start_control();
    }
    Ok(thread)
}

fn setting(config: &Config<'_>, key: &str) -> Result<Setting, alloc::string::String> {
    match config.get(key) {
        None => Ok(Setting::Serial),
        Some(value) => Setting::parse(value)
            .ok_or_else(|| alloc::format!("{key}={}: not one of tty, port, stdout, serial, null", control::Bytes(value))),
    }
}

/// `winsize=ROWS,COLS`; 24 by 80 when it is absent or malformed.
fn winsize(config: &Config<'_>) -> Winsize {
    let text = config.get("winsize").unwrap_or(b"");
    let mut numbers = text.split(|b| *b == b',').map(|n| bootcfg::parse_number(n).and_then(|n| u16::try_from(n).ok()));
    match (numbers.next().flatten(), numbers.next().flatten()) {
        (Some(ws_row), Some(ws_col)) => Winsize { ws_row, ws_col, ..Winsize::default() },
        _ => Winsize { ws_row: 24, ws_col: 80, ..Winsize::default() },
    }
}
