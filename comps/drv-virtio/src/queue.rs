//! A split virtqueue (virtio 1.2, 2.7): single buffers, and chains of them. The device may write anything into the used ring: every value is checked.

use alloc::vec::Vec;

use hal::mem::dma::DmaBuffer;

const DESC_LEN: usize = 16;
const F_NEXT: u16 = 1;
const F_WRITE: u16 = 2;
/// available ring: flags, index, ring.
const AVAIL_NO_INTERRUPT: u16 = 1;

/// A queue of `size` descriptors in one DMA buffer: descriptors, available ring, used ring.
pub struct Queue {
    memory: DmaBuffer,
    size: u16,
    avail_at: usize,
    used_at: usize,
    next_avail: u16,
    last_used: u16,
    free: Vec<u16>,
    /// Bit n: descriptor n is the first of what is out with the device.
    heads: u128,
    /// What follows each descriptor in its chain; itself where it ends. The device cannot reach it.
    next: Vec<u16>,
}

/// A part of a chain: physical address, bytes, whether the device writes it.
pub type Part = (u64, u32, bool);

impl Queue {
    /// A queue of `size` (a power of two, at most 128: it fits one page) descriptors.
    pub fn new(size: u16) -> Option<Queue> {
        let n = usize::from(size);
        let avail_at = n * DESC_LEN;
        let used_at = (avail_at + 6 + 2 * n).next_multiple_of(4);
        let memory = DmaBuffer::new(used_at + 6 + 8 * n)?;
        let free = (0..size).rev().collect();
        Some(Queue { memory, size, avail_at, used_at, next_avail: 0, last_used: 0, free, heads: 0, next: (0..size).collect() })
    }

    /// Number of descriptors.
    pub fn size(&self) -> u16 {
        self.size
    }
    /// Physical address of the descriptor table.
    pub fn descriptors(&self) -> u64 {
        self.memory.phys()
    }
    /// Physical address of the available ring.
    pub fn available(&self) -> u64 {
        self.memory.phys() + self.avail_at as u64 // widening
    }
    /// Physical address of the used ring.
    pub fn used(&self) -> u64 {
        self.memory.phys() + self.used_at as u64 // widening
    }

    /// Whether a descriptor is free.
    pub fn has_room(&self) -> bool {
        !self.free.is_empty()
    }

    /// Descriptors that are free.
    pub fn room(&self) -> usize {
        self.free.len()
    }

    /// The descriptor that the next [`Queue::add`] will take.
    pub fn next_free(&self) -> Option<u16> {
        self.free.last().copied()
    }

    /// Whether all buffers have come back.
    pub fn is_idle(&self) -> bool {
        self.free.len() == usize::from(self.size)
    }

    /// Asks the device to interrupt, or not, when it has used a buffer.
    pub fn set_interrupts(&mut self, on: bool) {
        self.memory.store_u16(self.avail_at, if on { 0 } else { AVAIL_NO_INTERRUPT });
    }

    /// Makes `[phys, phys+len)` available; `device_writes` for input. Gives the descriptor's number, `None` when the queue is full.
    pub fn add(&mut self, phys: u64, len: u32, device_writes: bool) -> Option<u16> {
        self.add_chain(&[(phys, len, device_writes)])
    }

    /// Makes several parts available as one buffer, those that the device reads first. Gives the number of the first descriptor; `None` when the queue has
    /// not room for all, or there are none.
    pub fn add_chain(&mut self, parts: &[Part]) -> Option<u16> {
        if parts.len() > self.free.len() {
            return None;
        }
        // From the last to the first, so that each knows what follows it.
        let mut head: Option<u16> = None;
        for &(phys, len, device_writes) in parts.iter().rev() {
            let index = self.free.pop()?;
            let mut descriptor = [0u8; DESC_LEN];
            descriptor[..8].copy_from_slice(&phys.to_le_bytes());
            descriptor[8..12].copy_from_slice(&len.to_le_bytes());
            let flags = if device_writes { F_WRITE } else { 0 } | if head.is_some() { F_NEXT } else { 0 };
            descriptor[12..14].copy_from_slice(&flags.to_le_bytes());
            descriptor[14..].copy_from_slice(&head.unwrap_or(0).to_le_bytes());
            self.memory.write(usize::from(index) * DESC_LEN, &descriptor);
            self.next[usize::from(index)] = head.unwrap_or(index);
            head = Some(index);
        }
        let index = head?;
        self.heads |= 1 << index;
        let slot = usize::from(self.next_avail % self.size);
        self.memory.write(self.avail_at + 4 + 2 * slot, &index.to_le_bytes());
        self.next_avail = self.next_avail.wrapping_add(1);
        self.memory.store_u16(self.avail_at + 2, self.next_avail);
        head
    }

    /// Takes back the next buffer that the device has used: (its first descriptor, bytes written by the device).
    pub fn take_used(&mut self) -> Option<(u16, u32)> {
        if self.memory.load_u16(self.used_at + 2) == self.last_used {
            return None;
        }
        let slot = usize::from(self.last_used % self.size);
        let mut element = [0u8; 8];
        self.memory.read(self.used_at + 4 + 8 * slot, &mut element);
        self.last_used = self.last_used.wrapping_add(1);
        let id = u32::from_le_bytes([element[0], element[1], element[2], element[3]]);
        let len = u32::from_le_bytes([element[4], element[5], element[6], element[7]]);
        // A number that is out of range or not out with the device is the device's fault: drop it.
        let index = u16::try_from(id).ok().filter(|i| *i < self.size && self.heads >> i & 1 != 0)?;
        self.heads &= !(1 << index);
        let mut at = index;
        loop {
            self.free.push(at);
            let next = self.next[usize::from(at)];
            if next == at {
                return Some((index, len));
            }
            at = next;
        }
    }
}
