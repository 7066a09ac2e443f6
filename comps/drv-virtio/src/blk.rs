//! The virtio block device (virtio 1.2, 5.2), for reading: pages come straight from the disk. A caller sleeps until the interrupt; several requests may be under
//! way. A device that does not answer is given up: every read then fails with EIO.

use core::sync::atomic::{AtomicBool, Ordering};

use abi::{Errno, Result};
use hal::irq::IrqHandler;
use hal::mem::dma::DmaBuffer;
use hal::mem::{Frame, PAGE_SIZE};
use kernel::sync::Once;
use kernel::vfs::disk;

use crate::requests::{Requests, SLOTS, pages};
use crate::transport::{Transport, find, negotiate, start};

/// Type number of a block device.
const DEVICE_BLOCK: u32 = 2;
/// The configuration says how many segments a request may have.
const F_SEG_MAX: u64 = 1 << 2;
const SEG_MAX_AT: usize = 12;
/// Bytes of a sector, whatever the disk's own.
const SECTOR: u64 = 512;
/// Pages that one request may carry.
const PAGES: usize = 32;

/// Request types.
const IN: u32 = 0;
/// type, reserved, sector.
const HEADER: usize = 16;
/// Header and status of a slot lie here in the buffer.
const AREA: usize = 32;
const OK: u8 = 0;
/// What a device cannot have written.
const NOTHING: u8 = 0xff;
/// The time a request may take, in nanoseconds; as long as disks have on Linux.
const PATIENCE: u64 = if cfg!(test) { 20_000_000 } else { 30_000_000_000 };

/// The disk.
pub struct Disk {
    requests: Requests,
    buffer: DmaBuffer,
    size: u64,
    batch: usize,
    /// It did not answer, and was stopped.
    dead: AtomicBool,
}

static DISK: Once<Option<Disk>> = Once::new();

struct Interrupt;

impl IrqHandler for Interrupt {
    fn handle(&self) {
        if let Some(Some(disk)) = DISK.get() {
            disk.requests.interrupt();
        }
    }
}

/// The machine's first disk, started when this is first asked; `None` when there is none that can be driven.
pub fn disk() -> Option<&'static Disk> {
    let start = || {
        let disk = find(DEVICE_BLOCK).and_then(Disk::start)?;
        // Before anything is asked of it, so no interrupt is lost that comes before the handler finds the disk.
        let _ = disk.requests.transport().connect(&Interrupt);
        Some(disk)
    };
    DISK.get_or_init(start).as_ref()
}

impl disk::Disk for Disk {
    fn size(&self) -> u64 {
        self.size
    }

    fn read(&self, offset: u64, frames: &[Frame]) -> Result<()> {
        let mut at = offset;
        for part in frames.chunks(self.batch) {
            self.read_batch(at, part)?;
            at = at.saturating_add((part.len() * PAGE_SIZE) as u64); // widening
        }
        Ok(())
    }
}

impl Disk {
    pub(crate) fn start(transport: alloc::boxed::Box<dyn Transport>) -> Option<Disk> {
        let features = negotiate(&*transport, F_SEG_MAX)?;
        let requests = Requests::new(transport)?;
        let transport = requests.transport();
        start(transport);
        let config = |at, len| (0..len).rev().fold(0u64, |value, i| value << 8 | u64::from(transport.config(at + i)));
        let segments = if features & F_SEG_MAX != 0 { config(SEG_MAX_AT, 4) } else { u64::MAX };
        // Beside the pages a request has its header and its status.
        let parts = requests.parts_max().checked_sub(2).filter(|n| *n > 0)?;
        let batch = usize::try_from(segments).unwrap_or(PAGES).clamp(1, parts.min(PAGES));
        let size = config(0, 8).saturating_mul(SECTOR);
        let buffer = DmaBuffer::new(AREA * SLOTS)?;
        Some(Disk { requests, buffer, size, batch, dead: AtomicBool::new(false) })
    }

    fn read_batch(&self, offset: u64, frames: &[Frame]) -> Result<()> {
        let room = frames.len() * PAGE_SIZE;
        let here = usize::try_from(self.size.saturating_sub(offset)).unwrap_or(room).min(room);
        for (frame, start) in frames.iter().zip((0..).step_by(PAGE_SIZE)) {
            let used = here.saturating_sub(start).min(PAGE_SIZE);
            frame.clear(used, PAGE_SIZE - used);
        }
        if here == 0 {
            return Ok(());
        }
        if self.dead.load(Ordering::Relaxed) {
            return Err(Errno::EIO);
        }
        let slot = self.requests.take();
        let done = self.transfer(slot, offset / SECTOR, frames, here);
        self.requests.release(slot);
        done
    }

    fn transfer(&self, slot: usize, sector: u64, frames: &[Frame], len: usize) -> Result<()> {
        let at = slot * AREA;
        let mut header = [0; HEADER + 1];
        header[..4].copy_from_slice(&IN.to_le_bytes());
        header[8..HEADER].copy_from_slice(&sector.to_le_bytes());
        header[HEADER] = NOTHING;
        self.buffer.write(at, &header);
        let phys = self.buffer.phys() + at as u64; // widening
        let mut parts = [(0, 0, false); PAGES + 2];
        parts[0] = (phys, HEADER as u32, false); // 16
        let mut n = 1;
        pages(frames, 0, len, &mut |phys, len| {
            parts[n] = (phys, len, true);
            n += 1;
        });
        parts[n] = (phys + HEADER as u64, 1, true); // 16
        let deadline = Some(hal::clock::monotonic_ns().saturating_add(PATIENCE));
        self.requests.send(slot, &parts[..=n], deadline)?;
        let given_up = || self.dead.load(Ordering::Relaxed);
        let Some(written) = self.requests.reply(slot, deadline, given_up) else {
            // It must not write into the pages any more.
            self.dead.store(true, Ordering::Relaxed);
            self.requests.transport().set_status(0);
            self.requests.wake();
            return Err(Errno::EIO);
        };
        let mut status = [0];
        self.buffer.read(at + HEADER, &mut status);
        // Pages that the device did not fill hold somebody's old bytes.
        let whole = usize::try_from(written).is_ok_and(|written| written >= len);
        if status[0] == OK && whole { Ok(()) } else { Err(Errno::EIO) }
    }
}
