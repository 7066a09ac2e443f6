//! Host tests of the objects behind descriptors. Nothing sleeps here: files are non-blocking, and threads try again.

extern crate std;

mod sockets;

use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

use abi::Errno;
use abi::event::epoll as ep;

use super::epoll::{self, Epoll};
use super::eventfd::EventFd;
use super::pipe::{self, PipeEnd};
use super::{FdTable, splice};
use crate::iobuf::{ReadBuf, WriteBuf};
use crate::poll::PollEvents;
use crate::vfs::file::{File, OpenFlags};

const NONBLOCK: OpenFlags = OpenFlags::NONBLOCK;
const IN: u32 = 1;

fn read(file: &File, len: usize) -> Result<Vec<u8>, Errno> {
    let mut bytes = vec![0; len];
    let got = file.ops.read_at(file, &mut ReadBuf::kernel(&mut bytes), 0)?;
    bytes.truncate(got);
    Ok(bytes)
}

fn write(file: &File, bytes: &[u8]) -> Result<usize, Errno> {
    file.ops.write_at(file, &mut WriteBuf::kernel(bytes), 0)
}

fn poll(file: &File) -> PollEvents {
    file.ops.poll(file)
}

fn pipes() -> (Arc<File>, Arc<File>) {
    hal::mem::start_fake();
    pipe::pair(NONBLOCK)
}

#[test]
fn a_pipe_holds_64_kib_and_keeps_the_order() {
    let (r, w) = pipes();
    assert_eq!(read(&r, 1), Err(Errno::EAGAIN));
    let data: Vec<u8> = (0..100_000u32).map(|i| (i % 251).to_le_bytes()[0]).collect();
    assert_eq!(write(&w, &data), Ok(65_536));
    assert_eq!(write(&w, b"x"), Err(Errno::EAGAIN));
    assert!(!poll(&w).contains(PollEvents::OUT));
    assert_eq!(read(&r, 70_000).as_deref(), Ok(&data[..65_536]));
    assert_eq!(poll(&r), PollEvents::empty());
    for byte in 0..65_536u32 {
        assert_eq!(write(&w, &byte.to_le_bytes()[..1]), Ok(1));
    }
    assert_eq!(write(&w, b"x"), Err(Errno::EAGAIN));
    assert_eq!(read(&r, 3).as_deref(), Ok(&[0, 1, 2][..]));
}

#[test]
fn short_writes_are_whole_or_not_at_all() {
    let (r, w) = pipes();
    assert_eq!(write(&w, &[1; 65_536 - 4096]), Ok(65_536 - 4096));
    assert_eq!(write(&w, &[2; 4000]), Ok(4000));
    assert_eq!(write(&w, &[3; 200]), Err(Errno::EAGAIN));
    assert_eq!(write(&w, &[3; 96]), Ok(96));
    assert_eq!(read(&r, 65_536).map(|all| all.len()), Ok(65_536));
}

#[test]
fn ends_of_a_pipe_see_each_other_go() {
    let (r, w) = pipes();
    write(&w, b"rest").unwrap();
    drop(w);
    assert_eq!(poll(&r), PollEvents::READ | PollEvents::HUP);
    assert_eq!(read(&r, 9).as_deref(), Ok(&b"rest"[..]));
    assert_eq!(read(&r, 9).as_deref(), Ok(&b""[..]));
    let (r, w) = pipes();
    drop(r);
    assert_eq!(poll(&w), PollEvents::WRITE | PollEvents::ERR);
    assert_eq!(write(&w, b"x"), Err(Errno::EPIPE));
}

#[test]
fn packets_stay_apart() {
    hal::mem::start_fake();
    let (r, w) = pipe::pair(NONBLOCK | OpenFlags::DIRECT);
    write(&w, b"one").unwrap();
    write(&w, b"two").unwrap();
    assert_eq!(read(&r, 2).as_deref(), Ok(&b"on"[..]));
    assert_eq!(read(&r, 9).as_deref(), Ok(&b"two"[..]));
}

#[test]
fn pipe_sizes() {
    let (r, w) = pipes();
    let pipe = PipeEnd::of(&w).unwrap();
    assert_eq!((pipe.capacity(), pipe.set_capacity(5000)), (65_536, Ok(8192)));
    assert_eq!(write(&w, &[0; 9000]), Ok(8192));
    assert_eq!(pipe.set_capacity(1), Err(Errno::EBUSY));
    assert_eq!(pipe.set_capacity(1 << 20), Ok(1 << 20));
    assert_eq!(pipe.set_capacity((1 << 31) + 1), Err(Errno::EINVAL));
    assert_eq!(read(&r, 9000).map(|all| all.len()), Ok(8192));
}

#[test]
fn threads_pass_a_megabyte() {
    let (r, w) = pipes();
    let writer = std::thread::spawn(move || {
        let data: Vec<u8> = (0..1 << 20).map(|i: u32| (i % 253).to_le_bytes()[0]).collect();
        let mut at = 0;
        while at < data.len() {
            match write(&w, &data[at..data.len().min(at + 7777)]) {
                Ok(put) => at += put,
                Err(_) => std::thread::yield_now(),
            }
        }
    });
    let mut seen = 0u32;
    loop {
        let Ok(piece) = read(&r, 10_000) else {
            std::thread::yield_now();
            continue;
        };
        if piece.is_empty() {
            break;
        }
        for byte in piece {
            assert_eq!(byte, (seen % 253).to_le_bytes()[0]);
            seen += 1;
        }
    }
    assert_eq!(seen, 1 << 20);
    writer.join().unwrap();
}

#[test]
fn splice_moves_and_tee_shares() {
    let (r1, w1) = pipes();
    let (r2, w2) = pipes();
    write(&w1, b"hello world").unwrap();
    let (one, two) = (PipeEnd::of(&r1).unwrap(), PipeEnd::of(&w2).unwrap());
    assert_eq!(splice::between(one, two, 5, true, true), Ok(5));
    write(&w1, b"!").unwrap();
    assert_eq!(read(&r2, 99).as_deref(), Ok(&b"hello"[..]));
    assert_eq!(splice::between(one, two, 6, true, false), Ok(6));
    assert_eq!(read(&r1, 99).as_deref(), Ok(&b"world!"[..]));
    assert_eq!(read(&r2, 99).as_deref(), Ok(&b"hello "[..]));
    assert_eq!(splice::between(one, two, 6, true, false), Err(Errno::EAGAIN));
    assert_eq!(splice::between(one, one, 6, true, false), Err(Errno::EINVAL));
    let counter = EventFd::open(0, false, NONBLOCK);
    write(&w1, &7u64.to_ne_bytes()).unwrap();
    assert_eq!(splice::splice(&r1, None, &counter, None, 8, false), Ok(8));
    assert_eq!(read(&counter, 8).as_deref(), Ok(&7u64.to_ne_bytes()[..]));
}

#[test]
fn event_counters() {
    let e = EventFd::open(3, false, NONBLOCK);
    assert_eq!(read(&e, 7), Err(Errno::EINVAL));
    assert_eq!(read(&e, 8).as_deref(), Ok(&3u64.to_ne_bytes()[..]));
    assert_eq!(read(&e, 8), Err(Errno::EAGAIN));
    assert_eq!(write(&e, &u64::MAX.to_ne_bytes()), Err(Errno::EINVAL));
    assert_eq!(write(&e, &(u64::MAX - 1).to_ne_bytes()), Ok(8));
    assert_eq!(poll(&e), PollEvents::IN);
    assert_eq!(write(&e, &1u64.to_ne_bytes()), Err(Errno::EAGAIN));
    let s = EventFd::open(2, true, NONBLOCK);
    assert_eq!(read(&s, 8).as_deref(), Ok(&1u64.to_ne_bytes()[..]));
    assert_eq!(poll(&s), PollEvents::IN | PollEvents::OUT);
}

/// What a wait without sleeping finds.
fn ready(epoll: &File, max: usize) -> Vec<(u32, u64)> {
    let mut found = Vec::new();
    epoll::of(epoll)
        .unwrap()
        .wait(max, Some(0), &mut |events, data| {
            found.push((events, data));
            Ok(())
        })
        .unwrap();
    found
}

fn add(epoll: &File, fd: i32, file: &Arc<File>, events: u32) -> Result<(), Errno> {
    epoll::of(epoll).unwrap().add(fd, file, events, u64::try_from(fd).unwrap())
}

#[test]
fn level_edge_and_oneshot() {
    let e = Epoll::open();
    let (r, w) = pipes();
    let (r2, w2) = pipes();
    let (r3, w3) = pipes();
    add(&e, 1, &r, IN).unwrap();
    add(&e, 2, &r2, IN | ep::ET).unwrap();
    add(&e, 3, &r3, IN | ep::ONESHOT).unwrap();
    assert_eq!(add(&e, 1, &r, IN), Err(Errno::EEXIST));
    assert_eq!(ready(&e, 9), []);
    for end in [&w, &w2, &w3] {
        write(end, b"x").unwrap();
    }
    assert_eq!(ready(&e, 9), [(IN, 1), (IN, 2), (IN, 3)]);
    assert_eq!(ready(&e, 9), [(IN, 1)]);
    write(&w2, b"y").unwrap();
    write(&w3, b"y").unwrap();
    assert_eq!(ready(&e, 9), [(IN, 1), (IN, 2)]);
    epoll::of(&e).unwrap().modify(3, &r3, IN, 33).unwrap();
    read(&r, 9).unwrap();
    assert_eq!(ready(&e, 9), [(IN, 33)]);
    epoll::of(&e).unwrap().remove(3, &r3).unwrap();
    assert_eq!(epoll::of(&e).unwrap().remove(3, &r3), Err(Errno::ENOENT));
    assert_eq!(ready(&e, 9), []);
    drop(w);
    assert_eq!(ready(&e, 9), [(0x10, 1)]);
}

#[test]
fn a_closed_file_leaves_its_epoll() {
    let e = Epoll::open();
    let (r, w) = pipes();
    add(&e, 5, &r, IN).unwrap();
    let copy = r.clone();
    write(&w, b"x").unwrap();
    drop(r);
    assert_eq!(ready(&e, 9), [(IN, 5)]);
    drop(copy);
    assert_eq!(ready(&e, 9), []);
    let (r, _w) = pipes();
    add(&e, 5, &r, IN).unwrap();
    drop(e);
    drop(r);
}

#[test]
fn few_at_a_time_goes_round() {
    let e = Epoll::open();
    let ends: Vec<_> = (0..4).map(|_| pipes()).collect();
    for (fd, (r, w)) in (0..).zip(&ends) {
        add(&e, fd, r, IN).unwrap();
        write(w, b"x").unwrap();
    }
    assert_eq!(ready(&e, 3), [(IN, 0), (IN, 1), (IN, 2)]);
    assert_eq!(ready(&e, 3), [(IN, 3), (IN, 0), (IN, 1)]);
}

#[test]
fn nested_epolls() {
    let (r, w) = pipes();
    let chain: Vec<_> = (0..7).map(|_| Epoll::open()).collect();
    add(&chain[0], 0, &r, IN).unwrap();
    for i in 1..=5 {
        add(&chain[i], 0, &chain[i - 1], IN).unwrap();
    }
    assert_eq!(add(&chain[6], 0, &chain[5], IN), Err(Errno::ELOOP));
    assert_eq!(add(&chain[0], 9, &chain[3], IN), Err(Errno::ELOOP));
    assert_eq!(ready(&chain[5], 9), []);
    write(&w, b"x").unwrap();
    assert_eq!(poll(&chain[5]), PollEvents::READ);
    assert_eq!(ready(&chain[5], 9), [(IN, 0)]);
    read(&r, 1).unwrap();
    assert_eq!(poll(&chain[5]), PollEvents::empty());
    assert_eq!(add(&chain[0], 1, &chain[6], IN | ep::EXCLUSIVE), Err(Errno::EINVAL));
}

#[test]
fn the_table_gives_the_lowest_number() {
    let table = FdTable::new();
    let file = || EventFd::open(0, false, NONBLOCK);
    for fd in 0..3 {
        assert_eq!(table.insert(file(), fd == 1, 4), Ok(fd));
    }
    let reserved = table.reserve(false, 4).unwrap();
    assert_eq!((reserved.fd(), table.get(3).err()), (3, Some(Errno::EBADF)));
    assert_eq!(table.insert(file(), false, 4), Err(Errno::EMFILE));
    assert_eq!(table.dup_to(0, 3, false, 4), Err(Errno::EBUSY));
    drop(reserved);
    assert_eq!(table.dup_to(0, 3, true, 4), Ok(3));
    assert_eq!(table.dup_to(0, 4, true, 4), Err(Errno::EBADF));
    let child = table.clone_table().unwrap();
    child.close_on_exec();
    assert_eq!([0, 1, 2, 3].map(|fd| child.get(fd).is_ok()), [true, false, true, false]);
    assert_eq!([0, 1, 2, 3].map(|fd| table.get(fd).is_ok()), [true; 4]);
    table.close_range(1, usize::MAX);
    assert_eq!(table.insert_from(2, file(), false, 4), Ok(2));
    assert_eq!(table.insert_from(4, file(), false, 4), Err(Errno::EINVAL));
    assert_eq!(table.close(1), Err(Errno::EBADF));
    assert_eq!(table.close(-1), Err(Errno::EBADF));
}
