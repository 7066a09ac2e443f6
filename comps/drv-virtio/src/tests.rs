//! The disk and the entropy device against a device of the test, sound and unsound. It answers when it is notified.

extern crate std;

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::sync::Mutex;

use abi::Errno;
use hal::irq::{IrqError, IrqHandler};
use hal::mem::{Frame, PAGE_SIZE, fake_read, fake_write};
use kernel::vfs::disk::Disk as _;

use crate::blk::Disk;
use crate::queue::Queue;
use crate::rng;
use crate::transport::{F_VERSION_1, Transport};

/// What the device does.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Sound,
    /// Status IOERR.
    Fails,
    /// Says that it wrote less than asked.
    Short,
    /// Says that it did all and writes nothing, not even the status.
    Lies,
    /// Returns numbers that were never given to it first.
    OtherIds,
    Silent,
    /// Has no sound queue.
    NoQueue,
    /// Is not a modern device.
    Old,
}

struct State {
    way: Way,
    contents: Vec<u8>,
    config: Vec<u8>,
    queue: Mutex<(u64, u64, u64, u16)>,
    seen: AtomicU16,
    requests: AtomicUsize,
    status: AtomicUsize,
}

#[derive(Clone)]
struct Device(Arc<State>);

fn u16_at(phys: u64) -> u16 {
    let mut bytes = [0; 2];
    fake_read(phys, &mut bytes);
    u16::from_le_bytes(bytes)
}

fn device(way: Way, contents: Vec<u8>, segments: u32) -> Device {
    hal::mem::start_fake();
    let mut config = (contents.len() as u64 / 512).to_le_bytes().to_vec();
    config.extend([0; 4]);
    config.extend(segments.to_le_bytes());
    let state = State {
        way,
        contents,
        config,
        queue: Mutex::default(),
        seen: AtomicU16::new(0),
        requests: AtomicUsize::new(0),
        status: AtomicUsize::new(0),
    };
    Device(Arc::new(state))
}

impl Device {
    /// Fills the parts that the device writes: the data from the sector in the header, then the status; an entropy request has no header.
    fn serve(&self, parts: &[(u64, u32, bool)]) -> u32 {
        let (way, contents) = (self.0.way, &self.0.contents);
        let mut at = 0;
        let header = parts.first().filter(|part| !part.2);
        if let Some(&(phys, len, _)) = header {
            assert_eq!(len, 16);
            let mut bytes = [0; 16];
            fake_read(phys, &mut bytes);
            assert_eq!(bytes[..8], [0; 8], "a read");
            at = u64::from_le_bytes(bytes[8..].try_into().unwrap()) as usize * 512;
        }
        let mut written = 0;
        let writable: Vec<_> = parts.iter().filter(|part| part.2).collect();
        let (status, data) =
            if header.is_some() { writable.split_last().map(|(s, d)| (Some(s), d)).unwrap() } else { (None, &writable[..]) };
        if way == Way::Lies {
            return u32::MAX;
        }
        for (phys, len, _) in data {
            let end = at + *len as usize;
            fake_write(*phys, &contents[at..end]);
            at = end;
            written += len;
        }
        if let Some((phys, ..)) = status {
            fake_write(*phys, &[u8::from(way == Way::Fails)]);
            written += 1;
        }
        if way == Way::Short { written / 2 } else { written }
    }

    fn complete(&self, used: u64, size: u16, id: u32, len: u32) {
        let index = u16_at(used + 2);
        let slot = u64::from(index % size);
        fake_write(used + 4 + 8 * slot, &[id.to_le_bytes(), len.to_le_bytes()].concat());
        fake_write(used + 2, &index.wrapping_add(1).to_le_bytes());
    }
}

impl Transport for Device {
    fn status(&self) -> u8 {
        self.0.status.load(Ordering::Relaxed) as u8
    }
    fn set_status(&self, status: u8) {
        self.0.status.store(usize::from(status), Ordering::Relaxed);
    }
    fn device_features(&self) -> u64 {
        (1 << 2) | if self.0.way == Way::Old { 0 } else { F_VERSION_1 }
    }
    fn set_driver_features(&self, _features: u64) {}
    fn max_queue_size(&self, _index: u16) -> u16 {
        if self.0.way == Way::NoQueue { 100 } else { 256 }
    }
    fn set_queue(&self, _index: u16, queue: &Queue) {
        *self.0.queue.lock().unwrap() = (queue.descriptors(), queue.available(), queue.used(), queue.size());
    }
    fn notify(&self, _index: u16) {
        let (table, available, used, size) = *self.0.queue.lock().unwrap();
        while self.0.seen.load(Ordering::Relaxed) != u16_at(available + 2) {
            let slot = self.0.seen.fetch_add(1, Ordering::Relaxed) % size;
            self.0.requests.fetch_add(1, Ordering::Relaxed);
            let head = u16_at(available + 4 + 2 * u64::from(slot));
            let (mut at, mut parts) = (head, Vec::new());
            loop {
                let mut bytes = [0; 16];
                fake_read(table + 16 * u64::from(at), &mut bytes);
                let field = |range: core::ops::Range<usize>| u64::from_le_bytes([&bytes[range], &[0; 8]].concat()[..8].try_into().unwrap());
                let flags = field(12..14);
                parts.push((field(0..8), field(8..12) as u32, flags & 2 != 0));
                if flags & 1 == 0 {
                    break;
                }
                at = field(14..16) as u16;
            }
            if self.0.way == Way::Silent {
                continue;
            }
            let len = self.serve(&parts);
            if self.0.way == Way::OtherIds {
                for id in [u32::MAX, 77, u32::from(size), u32::from(head) + 1] {
                    self.complete(used, size, id, len);
                }
            }
            self.complete(used, size, u32::from(head), len);
        }
    }
    fn config(&self, offset: usize) -> u8 {
        self.0.config.get(offset).copied().unwrap_or(0)
    }
    fn acknowledge_interrupt(&self) -> bool {
        true
    }
    fn connect(&self, _handler: &'static dyn IrqHandler) -> Result<(), IrqError> {
        Ok(())
    }
}

fn contents(pages: usize) -> Vec<u8> {
    (0..pages * PAGE_SIZE).map(|i| (i / 7 + i / PAGE_SIZE) as u8).collect()
}

fn frames(n: usize) -> Vec<Frame> {
    hal::mem::start_fake();
    (0..n).map(|_| Frame::uninit().unwrap()).collect()
}

fn bytes(frames: &[Frame]) -> Vec<u8> {
    let mut all = std::vec![0; frames.len() * PAGE_SIZE];
    frames.iter().zip(all.chunks_mut(PAGE_SIZE)).for_each(|(frame, chunk)| frame.read(0, chunk));
    all
}

fn started(way: Way, pages: usize, segments: u32) -> (Device, Disk) {
    let device = device(way, contents(pages), segments);
    let disk = Disk::start(Box::new(device.clone())).unwrap();
    (device, disk)
}

#[test]
fn pages_come_from_the_disk() {
    let (device, disk) = started(Way::Sound, 80, 126);
    assert_eq!(disk.size(), 80 * PAGE_SIZE as u64);
    let all = frames(70);
    disk.read(2 * PAGE_SIZE as u64, &all).unwrap();
    assert_eq!(bytes(&all), contents(80)[2 * PAGE_SIZE..72 * PAGE_SIZE]);
    assert_eq!(device.0.requests.load(Ordering::Relaxed), 3, "32 pages at a time");
    // Many more requests than there are slots and descriptors.
    for page in 0..80 {
        let one = frames(1);
        disk.read((page * PAGE_SIZE) as u64, &one).unwrap();
        assert_eq!(bytes(&one), contents(80)[page * PAGE_SIZE..][..PAGE_SIZE]);
    }
}

#[test]
fn behind_the_end_are_zeros() {
    let mut data = contents(2);
    data.truncate(PAGE_SIZE + 512);
    let device = device(Way::Sound, data.clone(), 126);
    let disk = Disk::start(Box::new(device)).unwrap();
    let all = frames(4);
    disk.read(0, &all).unwrap();
    data.resize(4 * PAGE_SIZE, 0);
    assert_eq!(bytes(&all), data);
    disk.read(1 << 50, &all).unwrap();
    assert_eq!(bytes(&all), std::vec![0; 4 * PAGE_SIZE]);
}

#[test]
fn a_request_has_as_many_parts_as_the_device_takes() {
    for (segments, requests) in [(0, 8), (1, 8), (3, 3), (u32::MAX, 1)] {
        let (device, disk) = started(Way::Sound, 8, segments);
        let all = frames(8);
        disk.read(0, &all).unwrap();
        assert_eq!((bytes(&all), device.0.requests.load(Ordering::Relaxed)), (contents(8), requests), "{segments}");
    }
}

#[test]
fn what_the_disk_does_wrong_is_an_error() {
    for way in [Way::Fails, Way::Short, Way::Lies, Way::Silent] {
        let (device, disk) = started(way, 8, 126);
        let all = frames(8);
        assert_eq!(disk.read(0, &all), Err(Errno::EIO));
        // One that does not answer is stopped, and not asked again.
        assert_eq!(device.0.status.load(Ordering::Relaxed) == 0, way == Way::Silent);
        assert_eq!(disk.read(0, &all), Err(Errno::EIO));
        assert_eq!(device.0.requests.load(Ordering::Relaxed), if way == Way::Silent { 1 } else { 2 });
    }
    let (_, disk) = started(Way::OtherIds, 8, 126);
    let all = frames(8);
    disk.read(0, &all).unwrap();
    assert_eq!(bytes(&all), contents(8));
    for way in [Way::NoQueue, Way::Old] {
        assert!(Disk::start(Box::new(device(way, contents(1), 1))).is_none());
    }
}

#[test]
fn a_seed_is_asked_for_once_and_not_for_ever() {
    let ask = |way| {
        let device = device(way, contents(1), 0);
        let mut seed = [0; 32];
        let given = rng::ask(Box::new(device.clone()), &mut seed);
        (given, seed, device.0.status.load(Ordering::Relaxed))
    };
    let (given, seed, status) = ask(Way::Sound);
    assert_eq!((given, &seed[..], status), (Some(32), &contents(1)[..32], 0));
    // What it says it wrote counts, as far as there is room for it.
    assert_eq!(ask(Way::Short).0, Some(16));
    assert_eq!(ask(Way::Lies).0, Some(32));
    assert_eq!(ask(Way::Silent).0, Some(0));
    assert_eq!((ask(Way::Old).0, ask(Way::NoQueue).0), (None, Some(32)));
}
