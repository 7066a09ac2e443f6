//! Device interrupts.

use crate::arch::imp::{apic, ioapic};
use crate::sync::{Once, SpinLock};

/// What a driver does when its line fires. Runs with interrupts off: only [`crate::sync::IrqSpinLock`], no allocation, no sleep.
pub trait IrqHandler: Sync {
    /// Handles the interrupt; the controller is acknowledged by the caller.
    fn handle(&self);
}

/// Vectors for devices: the timer's and the spurious one follow.
const VECTORS: usize = 28;
/// Handlers that may share a vector.
const SHARE: usize = 4;
/// IOAPIC inputs that are looked after.
const LINES: usize = 64;

static HANDLERS: [[Once<&'static dyn IrqHandler>; SHARE]; VECTORS] = [const { [const { Once::new() }; SHARE] }; VECTORS];

struct State {
    used: usize,
    /// 1 + index of the vector that a line is routed to, 0 if none.
    lines: [u8; LINES],
}

static STATE: SpinLock<State> = SpinLock::new(State { used: 0, lines: [0; LINES] });

/// Connects global system interrupt `gsi` (IOAPIC input) to `handler` and unmasks it. `level`: level-triggered (PCI INTx), else edge (ISA, virtio-mmio).
/// Several handlers may share a line.
pub fn connect(gsi: u32, level: bool, handler: &'static dyn IrqHandler) -> Result<(), IrqError> {
    let mut state = STATE.lock();
    let line = gsi as usize;
    if line >= LINES || !ioapic::has(gsi) {
        return Err(IrqError::NoSuchLine);
    }
    if state.lines[line] != 0 {
        let index = usize::from(state.lines[line]) - 1;
        return add(index, handler);
    }
    let index = new_vector(&mut state)?;
    add(index, handler)?;
    state.lines[line] = index as u8 + 1;
    ioapic::route(gsi, apic::VECTOR_DEVICE + index as u8, level);
    Ok(())
}

/// Allocates a message-signalled interrupt: the address and data to put into a PCI device's MSI or MSI-X entry.
pub fn connect_msi(handler: &'static dyn IrqHandler) -> Result<(u64, u32), IrqError> {
    let mut state = STATE.lock();
    let index = new_vector(&mut state)?;
    add(index, handler)?;
    Ok((apic::msi_address(), u32::from(apic::VECTOR_DEVICE) + index as u32))
}

fn new_vector(state: &mut State) -> Result<usize, IrqError> {
    let index = state.used;
    if index == VECTORS {
        return Err(IrqError::NoVector);
    }
    state.used += 1;
    Ok(index)
}

fn add(index: usize, handler: &'static dyn IrqHandler) -> Result<(), IrqError> {
    let free = HANDLERS[index].iter().find(|slot| slot.get().is_none()).ok_or(IrqError::NoVector)?;
    free.set(handler).map_err(|_| IrqError::NoVector).map(|_| ())
}

/// Runs the handlers of device vector `index`.
pub(crate) fn dispatch(index: usize) {
    for handler in HANDLERS.get(index).into_iter().flatten().map_while(Once::get) {
        handler.handle();
    }
}

/// Why a line cannot be connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IrqError {
    /// No controller has this input.
    NoSuchLine,
    /// All vectors are in use.
    NoVector,
}
