//! The data page of the vDSO (`abi::vdso::VdsoData`), written under its sequence protocol.

use core::sync::atomic::Ordering;

use abi::vdso::VdsoData;
use hal::clock::ClockParams;
use hal::mem::Frame;

use super::REAL_OFFSET;
use crate::sync::{Once, SpinLock};

static PAGE: Once<Frame> = Once::new();
static SEQUENCE: SpinLock<u32> = SpinLock::new(0);

/// The page, made and filled at the first call; `None` without memory.
pub fn vdso_frame() -> Option<Frame> {
    if PAGE.get().is_none() {
        let frame = Frame::zeroed()?;
        if PAGE.set(frame).is_ok() {
            hal::clock::on_change(|_| update());
            update();
        }
    }
    PAGE.get().cloned()
}

/// Writes the present parameters into the page, if there is one.
pub(super) fn update() {
    let Some(page) = PAGE.get() else { return };
    let mut sequence = SEQUENCE.lock();
    *sequence = sequence.wrapping_add(1);
    page.write(core::mem::offset_of!(VdsoData, seq), &sequence.to_le_bytes());
    core::sync::atomic::fence(Ordering::SeqCst);
    fill(page, hal::clock::params());
    core::sync::atomic::fence(Ordering::SeqCst);
    *sequence = sequence.wrapping_add(1);
    page.write(core::mem::offset_of!(VdsoData, seq), &sequence.to_le_bytes());
}

fn fill(page: &Frame, params: ClockParams) {
    let cpus = u32::try_from(hal::cpu::count()).unwrap_or(0);
    page.write(core::mem::offset_of!(VdsoData, cpu_count), &cpus.to_le_bytes());
    for (at, value) in [
        (core::mem::offset_of!(VdsoData, base_tsc), params.base_tsc),
        (core::mem::offset_of!(VdsoData, mult), params.mult),
        (core::mem::offset_of!(VdsoData, shift), u64::from(params.shift)),
        (core::mem::offset_of!(VdsoData, mono_base_ns), params.base_ns),
        (core::mem::offset_of!(VdsoData, real_offset_ns), REAL_OFFSET.load(Ordering::Relaxed)),
    ] {
        page.write(at, &value.to_le_bytes());
    }
}
