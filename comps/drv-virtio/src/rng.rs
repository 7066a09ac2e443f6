//! The virtio entropy device (virtio 1.2, 5.4), asked once: the seed of the kernel's own generator on a CPU that has none.

use alloc::boxed::Box;

use hal::mem::dma::DmaBuffer;

use crate::queue::Queue;
use crate::transport::{Transport, find, negotiate, start};

/// Type number of an entropy device.
const DEVICE_ENTROPY: u32 = 4;
/// The time the host may take, in nanoseconds. Its generator answers at once; a host without randomness must not hold up the machine.
const PATIENCE: u64 = if cfg!(test) { 10_000_000 } else { 100_000_000 };

/// Fills `seed` (at most a page) from the device; gives how many bytes it gave, 0 without a device or when it takes too long.
pub fn seed(seed: &mut [u8]) -> usize {
    find(DEVICE_ENTROPY).and_then(|transport| ask(transport, seed)).unwrap_or(0)
}

pub(crate) fn ask(transport: Box<dyn Transport>, seed: &mut [u8]) -> Option<usize> {
    negotiate(&*transport, 0)?;
    let size = transport.max_queue_size(0).min(8);
    let mut queue = Queue::new(Some(size).filter(|n| n.is_power_of_two())?)?;
    let buffer = DmaBuffer::new(seed.len())?;
    queue.set_interrupts(false);
    transport.set_queue(0, &queue);
    start(&*transport);
    let len = u32::try_from(seed.len()).ok()?;
    queue.add(buffer.phys(), len, true)?;
    transport.notify(0);
    let deadline = hal::clock::monotonic_ns().saturating_add(PATIENCE);
    let given = loop {
        match queue.take_used() {
            Some((_, given)) => break usize::try_from(given).unwrap_or(0).min(seed.len()),
            None if hal::clock::monotonic_ns() >= deadline => break 0,
            None => core::hint::spin_loop(),
        }
    };
    // From here on it does not write into the buffer.
    transport.set_status(0);
    buffer.read(0, seed.get_mut(..given)?);
    Some(given)
}
