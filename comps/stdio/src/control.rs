//! The host's control lines (docs/boot-protocol.md, section 4): signals for the program, changes of the window's size.

use abi::tty::Winsize;
use drv_virtio::console::{PortId, port};
use hal::clock::monotonic_ns;
use kernel::iobuf::ReadBuf;
use kernel::process::{initial, signals};
use kernel::sched::{WaitOptions, WaitQueue, spawn_kernel};
use kernel::signal::Info;

/// How long a program runs before the port is looked at: most are over by then, and pay nothing for it.
const DELAY_NS: u64 = 20_000_000;
/// SI_USER.
const FROM_KILL: i32 = 0;

/// Starts listening, after a moment.
pub fn start() {
    let _ = spawn_kernel(|| {
        let options = WaitOptions { deadline: Some(monotonic_ns() + DELAY_NS), uninterruptible: true };
        let _ = WaitQueue::new().wait(options, || None::<()>);
        listen();
    });
}

/// Lines to the host, many bytes at a time: the debug console takes them one by one.
pub fn send(lines: &[u8]) -> bool {
    port(PortId::Control).is_some_and(|port| port.write_all(lines) == Ok(lines.len()))
}

fn listen() {
    let Some(port) = port(PortId::Control) else { return };
    let mut line = [0u8; 128];
    let mut len = 0;
    loop {
        if len == line.len() {
            len = 0; // a line longer than any we know: drop it
        }
        match port.read(&mut ReadBuf::kernel(&mut line[len..]), false) {
            Ok(0) | Err(_) => return,
            Ok(count) => len += count,
        }
        while let Some(end) = line[..len].iter().position(|b| *b == b'\n') {
            if let Ok(text) = core::str::from_utf8(&line[..end]) {
                obey(text);
            }
            line.copy_within(end + 1..len, 0);
            len -= end + 1;
        }
    }
}

fn obey(line: &str) {
    let mut words = line.split_ascii_whitespace();
    match words.next() {
        Some("signal") => {
            let signal = words.next().and_then(|w| w.parse::<u32>().ok()).filter(|s| (1..=64).contains(s));
            if let (Some(signal), Some(process)) = (signal, initial()) {
                signals::send_to_process(process, Info::from_user(signal, FROM_KILL, 0, 0));
            }
            // The tool takes silence for a machine that hangs.
            kernel::control::line("ack", format_args!("signal"));
        }
        Some("winsize") => {
            let mut number = || words.next().and_then(|w| w.parse::<u16>().ok());
            if let (Some(ws_row), Some(ws_col)) = (number(), number()) {
                crate::set_winsize(Winsize { ws_row, ws_col, ..Winsize::default() });
            }
        }
        _ => {}
    }
}
