//! Sending and receiving.

use alloc::sync::Arc;

use abi::io::MAX_RW_COUNT;
use abi::socket::{ADDR_MAX, Mmsghdr, MsgFlags, Msghdr};
use abi::time::Timespec;
use abi::{Errno, Result};
use core::mem::offset_of;
use hal::user::UserPtr;
use kernel::fd::socket::{Incoming, Outgoing, Socket, SocketFile};
use kernel::iobuf::{ReadBuf, WriteBuf};
use kernel::vfs::file::File;

use super::{addr, control};
use crate::args::Fd;
use crate::event::deadline_of;
use crate::io::current::file;
use crate::io::iovec::check_range;

/// The flags of a call, with the file's O_NONBLOCK.
fn flags(bits: u32, file: &File) -> MsgFlags {
    let mut flags = MsgFlags::from_bits_truncate(bits);
    if file.nonblocking() {
        flags |= MsgFlags::DONTWAIT;
    }
    flags
}

fn socket(file: &File) -> Result<&Arc<dyn Socket>> {
    SocketFile::of(file)
}

/// sendto(2): complete.
pub fn sendto(fd: Fd, buf: UserPtr<u8>, len: usize, bits: u32, to: UserPtr<u8>, tolen: i32) -> Result<usize> {
    let len = len.min(MAX_RW_COUNT);
    check_range(buf.addr(), len)?;
    let file = file(fd)?;
    let socket = socket(&file)?;
    let to = to.non_null().map(|to| addr::read(to, tolen)).transpose()?;
    socket.send(&mut WriteBuf::user(buf.addr(), len), Outgoing { to, flags: flags(bits, &file), ..Outgoing::default() })
}

/// recvfrom(2): complete.
pub fn recvfrom(fd: Fd, buf: UserPtr<u8>, len: usize, bits: u32, from: UserPtr<u8>, fromlen: UserPtr<i32>) -> Result<usize> {
    let len = len.min(MAX_RW_COUNT);
    check_range(buf.addr(), len)?;
    let file = file(fd)?;
    let mut message = Incoming::new(flags(bits, &file));
    let got = socket(&file)?.receive(&mut ReadBuf::user(buf.addr(), len), &mut message)?;
    if !from.is_null() {
        addr::write_with_len(&message.from, from, fromlen)?;
    }
    Ok(got)
}

fn send_one(file: &File, header: &Msghdr, bits: u32) -> Result<usize> {
    let mut message = Outgoing { flags: flags(bits, file), ..Outgoing::default() };
    if header.name != 0 {
        let name = usize::try_from(header.name).map_err(|_| Errno::EFAULT)?;
        let most = i32::try_from(ADDR_MAX).unwrap_or(i32::MAX);
        if header.namelen != 0 {
            message.to = Some(addr::read(UserPtr::new(name), header.namelen.min(most))?);
        }
    }
    let vec = control::iov(header)?;
    if header.control != 0 && header.controllen != 0 {
        control::import(header.control, header.controllen, &mut message)?;
    }
    socket(file)?.send(&mut WriteBuf::vector(vec.ranges()), message)
}

/// sendmsg(2): SCM_RIGHTS and SCM_CREDENTIALS.
pub fn sendmsg(fd: Fd, header: UserPtr<Msghdr>, bits: u32) -> Result<usize> {
    let file = file(fd)?;
    socket(&file)?;
    send_one(&file, &header.read()?, bits)
}

/// Receives one message into `header` and writes its lengths and flags back.
fn receive_one(file: &File, at: UserPtr<Msghdr>, bits: u32, extra: MsgFlags) -> Result<usize> {
    let mut header = at.read()?;
    if header.namelen < 0 {
        return Err(Errno::EINVAL);
    }
    let vec = control::iov(&header)?;
    let mut message = Incoming::new(flags(bits, file) | extra);
    let got = socket(file)?.receive(&mut ReadBuf::vector(vec.ranges()), &mut message)?;
    if header.name != 0 {
        let name = usize::try_from(header.name).map_err(|_| Errno::EFAULT)?;
        header.namelen = addr::write(&message.from, UserPtr::new(name), header.namelen)?;
        field::<i32>(at, offset_of!(Msghdr, namelen)).write(&header.namelen)?;
    }
    header.controllen = control::export(&mut message, header.control, header.controllen)?;
    let found = message.found | (message.flags & MsgFlags::CMSG_CLOEXEC);
    field::<u32>(at, offset_of!(Msghdr, flags)).write(&found.bits())?;
    field::<u64>(at, offset_of!(Msghdr, controllen)).write(&header.controllen)?;
    Ok(got)
}

fn field<T>(at: UserPtr<Msghdr>, offset: usize) -> UserPtr<T> {
    at.cast::<u8>().add(offset).cast()
}

/// recvmsg(2): SCM_RIGHTS and SCM_CREDENTIALS.
pub fn recvmsg(fd: Fd, header: UserPtr<Msghdr>, bits: u32) -> Result<usize> {
    let file = file(fd)?;
    socket(&file)?;
    receive_one(&file, header, bits, MsgFlags::empty())
}

/// Most messages of one call.
const MANY: u32 = 1024;

/// sendmmsg(2): complete.
pub fn sendmmsg(fd: Fd, vec: UserPtr<Mmsghdr>, count: u32, bits: u32) -> Result<usize> {
    let file = file(fd)?;
    socket(&file)?;
    let mut sent = 0;
    for at in 0..count.min(MANY) {
        let slot = vec.add(at as usize); // widening
        let result = slot.read().and_then(|message| send_one(&file, &message.hdr, bits));
        match result.and_then(|len| put_len(slot, len)) {
            Ok(()) => sent += 1,
            Err(errno) if sent == 0 => return Err(errno),
            Err(_) => break,
        }
    }
    Ok(sent)
}

fn put_len(slot: UserPtr<Mmsghdr>, len: usize) -> Result<()> {
    field::<u32>(slot.cast(), offset_of!(Mmsghdr, len)).write(&u32::try_from(len).unwrap_or(u32::MAX))
}

/// recvmmsg(2): the timeout is looked at after each message, as on Linux.
pub fn recvmmsg(fd: Fd, vec: UserPtr<Mmsghdr>, count: u32, bits: u32, timeout: UserPtr<Timespec>) -> Result<usize> {
    let deadline = timeout.non_null().map(|time| time.read().and_then(deadline_of)).transpose()?;
    let file = file(fd)?;
    socket(&file)?;
    let wait_for_one = MsgFlags::from_bits_truncate(bits).contains(MsgFlags::WAITFORONE);
    let mut got = 0;
    for at in 0..count.min(MANY) {
        let slot = vec.add(at as usize); // widening
        let extra = if wait_for_one && got > 0 { MsgFlags::DONTWAIT } else { MsgFlags::empty() };
        let result = receive_one(&file, slot.cast(), bits, extra);
        match result.and_then(|len| put_len(slot, len)) {
            Ok(()) => got += 1,
            Err(errno) if got == 0 => return Err(errno),
            Err(_) => break,
        }
        if deadline.is_some_and(|deadline| hal::clock::monotonic_ns() >= deadline) {
            break;
        }
    }
    if let Some(deadline) = deadline {
        timeout.write(&Timespec::from_ns(crate::event::remaining(deadline)))?;
    }
    Ok(got)
}
