//! Unix sockets.

use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

use abi::Errno;
use abi::socket::{AF_UNIX, MsgFlags, SOCK_DGRAM, SOCK_SEQPACKET, SOCK_STREAM, SOL_SOCKET, so};

use super::{NONBLOCK, pipes, poll, read, write};
use crate::fd::socket::{Incoming, Outgoing, SockAddr, Socket, SocketFile};
use crate::fd::unix;
use crate::iobuf::{ReadBuf, WriteBuf};
use crate::poll::PollEvents;
use crate::vfs::file::File;

fn socketpair(kind: u32) -> (Arc<File>, Arc<File>) {
    unix::pair(kind, 0, NONBLOCK).unwrap()
}

fn socket(file: &Arc<File>) -> &Arc<dyn Socket> {
    SocketFile::of(file).unwrap()
}

fn receive(file: &Arc<File>, len: usize, flags: MsgFlags) -> (Result<Vec<u8>, Errno>, Incoming) {
    let mut bytes = vec![0; len];
    let mut message = Incoming::new(flags | MsgFlags::DONTWAIT);
    let got = socket(file).receive(&mut ReadBuf::kernel(&mut bytes), &mut message);
    let result = got.map(|got| {
        bytes.truncate(got);
        bytes
    });
    (result, message)
}

#[test]
fn streams_join_and_end() {
    let (a, b) = socketpair(SOCK_STREAM);
    assert_eq!(poll(&a), PollEvents::WRITE | PollEvents::WRBAND);
    write(&a, b"one").unwrap();
    write(&a, b"two").unwrap();
    assert_eq!(receive(&b, 4, MsgFlags::PEEK).0.as_deref(), Ok(&b"onet"[..]));
    assert_eq!(read(&b, 4).as_deref(), Ok(&b"onet"[..]));
    assert_eq!(read(&b, 9).as_deref(), Ok(&b"wo"[..]));
    assert_eq!(read(&b, 9), Err(Errno::EAGAIN));
    socket(&a).shutdown(1).unwrap();
    assert_eq!(read(&b, 9).as_deref(), Ok(&b""[..]));
    assert!(poll(&b).contains(PollEvents::RDHUP | PollEvents::IN));
    assert_eq!(write(&a, b"x"), Err(Errno::EPIPE));
    write(&b, b"unread").unwrap();
    drop(a);
    assert_eq!(read(&b, 9), Err(Errno::ECONNRESET));
    assert_eq!(read(&b, 9).as_deref(), Ok(&b""[..]));
    assert!(poll(&b).contains(PollEvents::HUP));
}

#[test]
fn a_full_stream_says_so_and_opens_again() {
    let (a, b) = socketpair(SOCK_STREAM);
    let mut sent = 0;
    while let Ok(n) = write(&a, &[7; 4096]) {
        sent += n;
    }
    assert!(!poll(&a).contains(PollEvents::OUT));
    let mut got = 0;
    while let Ok(piece) = read(&b, 10_000) {
        got += piece.len();
    }
    assert_eq!(sent, got);
    assert!(sent > 100_000 && poll(&a).contains(PollEvents::OUT));
}

#[test]
fn packets_keep_borders_and_say_when_cut() {
    for kind in [SOCK_DGRAM, SOCK_SEQPACKET] {
        let (a, b) = socketpair(kind);
        write(&a, b"first").unwrap();
        write(&a, b"").unwrap();
        write(&a, b"third").unwrap();
        let (got, message) = receive(&b, 3, MsgFlags::empty());
        assert_eq!(got.as_deref(), Ok(&b"fir"[..]));
        assert_eq!(message.found, MsgFlags::TRUNC);
        assert_eq!(read(&b, 9).as_deref(), Ok(&b""[..]));
        assert_eq!(read(&b, 9).as_deref(), Ok(&b"third"[..]));
        drop(a);
        let end = if kind == SOCK_DGRAM { Err(Errno::EAGAIN) } else { Ok(vec![]) };
        assert_eq!(read(&b, 9), end);
        assert_eq!(write(&b, b"x"), Err(if kind == SOCK_DGRAM { Errno::ECONNREFUSED } else { Errno::EPIPE }));
    }
}

#[test]
fn descriptors_travel_and_sockets_in_sockets_are_freed() {
    let (a, b) = socketpair(SOCK_STREAM);
    let (r, w) = pipes();
    let rights = vec![w];
    socket(&a).send(&mut WriteBuf::kernel(b"x"), Outgoing { rights, ..Outgoing::default() }).unwrap();
    write(&a, b"y").unwrap();
    let (got, mut message) = receive(&b, 9, MsgFlags::empty());
    assert_eq!(got.as_deref(), Ok(&b"x"[..]), "a receive ends at descriptors");
    write(&message.rights.remove(0), b"through").unwrap();
    assert_eq!(read(&r, 9).as_deref(), Ok(&b"through"[..]));
    assert_eq!(read(&r, 9).as_deref(), Ok(&b""[..]), "the last copy is gone");
    // A long chain, freed by one close without recursion.
    let (last, watched) = socketpair(SOCK_STREAM);
    let mut carried = last;
    for _ in 0..3000 {
        let (a, b) = socketpair(SOCK_STREAM);
        socket(&a).send(&mut WriteBuf::kernel(b"x"), Outgoing { rights: vec![carried], ..Outgoing::default() }).unwrap();
        carried = b;
    }
    assert!(!poll(&watched).contains(PollEvents::HUP));
    drop(carried);
    assert!(poll(&watched).contains(PollEvents::HUP));
}

fn named(name: &[u8]) -> SockAddr {
    let mut bytes = Vec::from(AF_UNIX.to_ne_bytes());
    bytes.push(0);
    bytes.extend_from_slice(name);
    SockAddr::new(&bytes).unwrap()
}

#[test]
fn connections_by_abstract_name() {
    let listener = unix::open(SOCK_STREAM, 0, NONBLOCK).unwrap();
    let client = unix::open(SOCK_STREAM, 0, NONBLOCK).unwrap();
    let name = named(b"here");
    assert_eq!(socket(&client).connect(&name, true), Err(Errno::ECONNREFUSED));
    assert_eq!(socket(&listener).listen(1), Err(Errno::EINVAL));
    socket(&listener).bind(&name).unwrap();
    let other = unix::open(SOCK_STREAM, 0, NONBLOCK).unwrap();
    assert_eq!(socket(&other).bind(&name), Err(Errno::EADDRINUSE));
    assert_eq!(socket(&client).connect(&name, true), Err(Errno::ECONNREFUSED));
    socket(&listener).listen(0).unwrap();
    assert!(matches!(socket(&listener).accept(true), Err(Errno::EAGAIN)));
    socket(&client).connect(&name, true).unwrap();
    assert_eq!(socket(&client).connect(&name, true), Err(Errno::EISCONN));
    assert_eq!(socket(&other).connect(&name, true), Err(Errno::EAGAIN), "the backlog is full");
    assert!(poll(&listener).contains(PollEvents::IN));
    write(&client, b"early").unwrap();
    let server = SocketFile::open(socket(&listener).accept(true).unwrap(), NONBLOCK);
    assert_eq!(read(&server, 9).as_deref(), Ok(&b"early"[..]));
    assert_eq!(socket(&client).peer().unwrap().bytes(), name.bytes());
    assert_eq!(socket(&server).option(SOL_SOCKET, so::TYPE).unwrap(), SOCK_STREAM.to_ne_bytes());
    socket(&other).connect(&name, true).unwrap();
    drop(listener);
    assert_eq!(read(&other, 1), Err(Errno::ECONNRESET));
    let again = unix::open(SOCK_DGRAM, 0, NONBLOCK).unwrap();
    socket(&again).bind(&name).unwrap();
}

#[test]
fn datagrams_by_name() {
    let (a, b) = (unix::open(SOCK_DGRAM, 0, NONBLOCK).unwrap(), unix::open(SOCK_DGRAM, 0, NONBLOCK).unwrap());
    assert_eq!(write(&a, b"x"), Err(Errno::ENOTCONN));
    socket(&a).bind(&SockAddr::new(&AF_UNIX.to_ne_bytes()).unwrap()).unwrap();
    socket(&b).bind(&named(b"b")).unwrap();
    let to = Some(named(b"b"));
    socket(&a).send(&mut WriteBuf::kernel(b"hi"), Outgoing { to, ..Outgoing::default() }).unwrap();
    let (got, message) = receive(&b, 9, MsgFlags::empty());
    assert_eq!((got.as_deref(), message.from.bytes().len()), (Ok(&b"hi"[..]), 8));
    socket(&b).connect(&message.from, true).unwrap();
    write(&b, b"back").unwrap();
    assert_eq!(read(&a, 9).as_deref(), Ok(&b"back"[..]));
}
