//! The I/O APICs: at QEMU's and every PC's usual address, a second one (microvm) 64 KiB above it. Looked for when the first line is connected.

use super::{apic, directmap};
use crate::sync::{Once, SpinLock};

const BASE: u64 = 0xfec0_0000;
const WINDOW_SLOT: usize = 510;
const SECOND: u64 = 0x1_0000;

const VERSION: u32 = 1;
const REDIRECTION: u32 = 0x10;
const LEVEL: u32 = 1 << 15;

/// Window address and first global interrupt of each controller, and how many inputs it has.
static CONTROLLERS: Once<[(u64, u32, u32); 2]> = Once::new();
static ACCESS: SpinLock<()> = SpinLock::new(());

fn read(window: u64, register: u32) -> u32 {
    // SAFETY: the window is mapped for ever; the index register and the data register belong together under `ACCESS`.
    unsafe {
        (window as *mut u32).write_volatile(register);
        ((window + 0x10) as *const u32).read_volatile()
    }
}

fn write(window: u64, register: u32, value: u32) {
    // SAFETY: as in `read`.
    unsafe {
        (window as *mut u32).write_volatile(register);
        ((window + 0x10) as *mut u32).write_volatile(value);
    }
}

fn controllers() -> &'static [(u64, u32, u32); 2] {
    CONTROLLERS.get_or_init(|| {
        let window = directmap::map_device_2m(WINDOW_SLOT, BASE);
        let mut first = 0;
        [window, window + SECOND].map(|window| {
            let version = read(window, VERSION);
            // Nothing there reads as zeros or ones.
            let inputs = if matches!(version, 0 | u32::MAX) { 0 } else { (version >> 16 & 0xff) + 1 };
            first += inputs;
            (window, first - inputs, inputs)
        })
    })
}

fn find(gsi: u32) -> Option<(u64, u32)> {
    controllers().iter().find(|c| gsi >= c.1 && gsi - c.1 < c.2).map(|c| (c.0, gsi - c.1))
}

/// Whether a controller has this input.
pub(crate) fn has(gsi: u32) -> bool {
    find(gsi).is_some()
}

/// Sends input `gsi` to this CPU as `vector`, unmasked. Active high: QEMU and KVM do not look at the polarity.
pub(crate) fn route(gsi: u32, vector: u8, level: bool) {
    let Some((window, input)) = find(gsi) else { return };
    let _access = ACCESS.lock();
    let register = REDIRECTION + 2 * input;
    write(window, register + 1, apic::id() << 24);
    write(window, register, u32::from(vector) | if level { LEVEL } else { 0 });
}
