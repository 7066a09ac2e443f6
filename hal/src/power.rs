//! The end of the machine: on purpose, or by a panic.

use core::fmt::Write;
use core::panic::PanicInfo;
use core::sync::atomic::{AtomicBool, Ordering};

use crate::arch::imp::idt;
use crate::arch::imp::regs::{cli, outb};
use crate::early::{ControlLine, Early};

const DEBUG_EXIT: u16 = 0xf4;
const KEYBOARD_CONTROLLER: u16 = 0x64;
const PULSE_RESET: u8 = 0xfe;
/// Reset control register of PCI chipsets: full reset.
const RESET_CONTROL: u16 = 0xcf9;

/// Stops the machine: isa-debug-exit, then chipset/keyboard reset, then a triple fault. The status was told before, on the control channel.
pub fn stop() -> ! {
    cli();
    // QEMU's exit status becomes 33, which is none of its own.
    outb(DEBUG_EXIT, 0x10);
    outb(KEYBOARD_CONTROLLER, PULSE_RESET);
    outb(RESET_CONTROL, 0x0e);
    idt::triple_fault()
}

static DYING: AtomicBool = AtomicBool::new(false);

/// What the image's panic handler does: tells why, on the control channel and on the serial line, and stops the machine.
pub fn panic(info: &PanicInfo) -> ! {
    cli();
    if DYING.swap(true, Ordering::Relaxed) {
        stop(); // a panic while telling of a panic
    }
    let mut out = Early::new();
    let _ = match info.location() {
        Some(at) => writeln!(out, "kernel panic at {}:{}: {}", at.file(), at.line(), info.message()),
        None => writeln!(out, "kernel panic: {}", info.message()),
    };
    let mut line = ControlLine::start("exit panic ");
    let _ = write!(line, "{}", info.message());
    line.end();
    stop()
}
