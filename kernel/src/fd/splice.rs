//! Moving bytes between files inside the kernel: splice(2), tee(2), vmsplice(2), sendfile(2), copy_file_range(2).
//!
//! Between two pipes the pages move; other ends are read and written through a buffer of some pages.

use alloc::sync::Arc;
use alloc::vec::Vec;

use abi::{Errno, Result};
use hal::mem::{Frame, PAGE_SIZE, Page};

use crate::fd::pipe::{Pipe, PipeEnd, Ring, Slot};
use crate::iobuf::{ReadBuf, WriteBuf};
use crate::sched;
use crate::sync::MutexGuard;
use crate::vfs::file::{File, OpenFlags};

/// Bytes that are moved at a time.
const CHUNK: usize = 16 * PAGE_SIZE;

/// A place in a file: an offset of the caller's, or the file's own position.
pub type Offset<'a> = Option<&'a mut u64>;

/// Reads at the offset and moves it.
fn read_at(file: &File, buf: &mut ReadBuf<'_>, offset: &mut Offset<'_>) -> Result<usize> {
    if !file.ops.seekable() {
        return file.ops.read_at(file, buf, 0);
    }
    match offset {
        Some(pos) => {
            let got = file.ops.read_at(file, buf, **pos)?;
            **pos += got as u64; // usize is 64 bits
            Ok(got)
        }
        None => {
            let mut pos = file.pos.lock();
            let got = file.ops.read_at(file, buf, *pos)?;
            *pos += got as u64; // usize is 64 bits
            Ok(got)
        }
    }
}

/// Writes at the offset and moves it.
fn write_at(file: &File, buf: &mut WriteBuf<'_>, offset: &mut Offset<'_>) -> Result<usize> {
    if !file.ops.seekable() {
        return file.ops.write_at(file, buf, 0);
    }
    match offset {
        Some(pos) => {
            let put = file.ops.write_at(file, buf, **pos)?;
            **pos += put as u64; // usize is 64 bits
            Ok(put)
        }
        None => {
            let mut pos = file.pos.lock();
            let put = file.ops.write_at(file, buf, *pos)?;
            *pos += put as u64; // usize is 64 bits
            Ok(put)
        }
    }
}

/// Gives bytes that were read and could not be written back to the source.
fn step_back(file: &File, offset: &mut Offset<'_>, bytes: usize) {
    let bytes = bytes as u64; // usize is 64 bits
    if bytes == 0 || !file.ops.seekable() {
        return;
    }
    match offset {
        Some(pos) => **pos = pos.saturating_sub(bytes),
        None => {
            let mut pos = file.pos.lock();
            *pos = pos.saturating_sub(bytes);
        }
    }
}

fn buffer(len: usize) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(len).map_err(|_| Errno::ENOMEM)?;
    bytes.resize(len, 0);
    Ok(bytes)
}

/// Copies up to `len` bytes from a seekable file to any file: sendfile(2) and copy_file_range(2). Stops early at the end of `input`, when `output` takes no
/// more, or at a signal after the first bytes.
pub fn copy(input: &File, mut from: Offset<'_>, output: &File, mut to: Offset<'_>, len: usize) -> Result<usize> {
    let mut bytes = buffer(len.min(CHUNK))?;
    let mut total = 0;
    while total < len {
        let want = (len - total).min(bytes.len());
        let got = match read_at(input, &mut ReadBuf::kernel(&mut bytes[..want]), &mut from) {
            Ok(0) => break,
            Ok(got) => got,
            Err(errno) if total == 0 => return Err(errno),
            Err(_) => break,
        };
        let put = write_at(output, &mut WriteBuf::kernel(&bytes[..got]), &mut to);
        step_back(input, &mut from, got - *put.as_ref().unwrap_or(&0));
        match put {
            Ok(put) => total += put,
            Err(errno) if total == 0 => return Err(errno),
            Err(_) => break,
        }
        if put.is_ok_and(|put| put < got) || sched::signal_pending() {
            break;
        }
    }
    Ok(total)
}

/// splice(2) out of a pipe into another file.
pub fn from_pipe(pipe: &Pipe, output: &File, mut to: Offset<'_>, len: usize, nonblocking: bool) -> Result<usize> {
    let mut bytes = buffer(PAGE_SIZE)?;
    let mut total = 0;
    while total < len {
        let mut ring = pipe.lock();
        let Some(slot) = ring.front() else {
            drop(ring);
            if total > 0 || pipe.writers() == 0 {
                break;
            }
            if nonblocking {
                return Err(Errno::EAGAIN);
            }
            pipe.wait_readable()?;
            continue;
        };
        let want = slot.len.min(len - total);
        slot.page.read(slot.offset, &mut bytes[..want]);
        let was_full = ring.is_full();
        let put = write_at(output, &mut WriteBuf::kernel(&bytes[..want]), &mut to);
        ring.consume(*put.as_ref().unwrap_or(&0));
        pipe.settle(ring, false, was_full);
        match put {
            Ok(put) => total += put,
            Err(errno) if total == 0 => return Err(errno),
            Err(_) => break,
        }
        if put.is_ok_and(|put| put < want) {
            break;
        }
    }
    Ok(total)
}

/// Waits until the pipe has room; the ring, locked. EPIPE with SIGPIPE, EAGAIN, ERESTARTSYS.
fn room(pipe: &Pipe, nonblocking: bool) -> Result<MutexGuard<'_, Ring>> {
    loop {
        let ring = pipe.lock();
        if pipe.readers() == 0 {
            drop(ring);
            crate::fd::hooks::broken_pipe();
            return Err(Errno::EPIPE);
        }
        if !ring.is_full() {
            return Ok(ring);
        }
        drop(ring);
        if nonblocking {
            return Err(Errno::EAGAIN);
        }
        pipe.wait_writable()?;
    }
}

/// splice(2) from another file into a pipe: as much as fits at once.
pub fn into_pipe(input: &File, mut from: Offset<'_>, pipe: &Pipe, len: usize, nonblocking: bool) -> Result<usize> {
    let mut bytes = buffer(PAGE_SIZE)?;
    let mut total = 0;
    while total < len {
        match room(pipe, nonblocking || total > 0) {
            Ok(ring) => drop(ring),
            Err(errno) if total == 0 => return Err(errno),
            Err(_) => break,
        }
        // The pipe is not locked while the source is read, which may take for ever; so the page may have to wait for room again.
        let want = (len - total).min(PAGE_SIZE);
        let got = match read_at(input, &mut ReadBuf::kernel(&mut bytes[..want]), &mut from) {
            Ok(0) => break,
            Ok(got) => got,
            Err(errno) if total == 0 => return Err(errno),
            Err(_) => break,
        };
        let frame = Frame::uninit().ok_or(Errno::ENOMEM)?;
        frame.write(0, &bytes[..got]);
        let slot = Slot { page: Page::Owned(frame), offset: 0, len: got, can_merge: false, packet: false, shared: false };
        match room(pipe, false) {
            Ok(mut ring) => {
                let was_empty = ring.front().is_none();
                ring.push(slot);
                pipe.settle(ring, was_empty, false);
            }
            Err(errno) => {
                step_back(input, &mut from, got);
                return if total > 0 { Ok(total) } else { Err(errno) };
            }
        }
        total += got;
        if got < want || !input.ops.seekable() {
            break;
        }
    }
    Ok(total)
}

/// Locks two pipes, always in the same order.
fn lock_both<'a>(one: &'a Pipe, two: &'a Pipe) -> (MutexGuard<'a, Ring>, MutexGuard<'a, Ring>) {
    if core::ptr::from_ref(one) < core::ptr::from_ref(two) {
        let first = one.lock();
        (first, two.lock())
    } else {
        let second = two.lock();
        (one.lock(), second)
    }
}

/// splice(2) and tee(2) between two pipes: pages move, or are shared when `keep`.
pub fn between(input: &Pipe, output: &Pipe, len: usize, nonblocking: bool, keep: bool) -> Result<usize> {
    if core::ptr::eq(input, output) {
        return Err(Errno::EINVAL);
    }
    loop {
        let (mut source, mut target) = lock_both(input, output);
        if output.readers() == 0 {
            drop((source, target));
            crate::fd::hooks::broken_pipe();
            return Err(Errno::EPIPE);
        }
        let (was_full, was_empty) = (source.is_full(), target.front().is_none());
        let moved = if keep { share(&mut source, &mut target, len) } else { shift(&mut source, &mut target, len) };
        let (empty, ended) = (source.front().is_none(), input.writers() == 0);
        input.settle(source, false, was_full && !keep && moved > 0);
        output.settle(target, was_empty && moved > 0, false);
        if moved > 0 || len == 0 || empty && ended {
            return Ok(moved);
        }
        if nonblocking {
            return Err(Errno::EAGAIN);
        }
        if empty { input.wait_readable()? } else { output.wait_writable()? }
    }
}

/// Moves slots; the last one is cut when it is longer than what is left of `len`.
fn shift(source: &mut Ring, target: &mut Ring, len: usize) -> usize {
    let mut moved = 0;
    while moved < len && !target.is_full() {
        let Some(slot) = source.front() else { break };
        if slot.len <= len - moved {
            let Some(mut slot) = source.take_front() else { break };
            moved += slot.len;
            slot.can_merge = false;
            target.push(slot);
        } else {
            let part = len - moved;
            target.push(Slot {
                page: slot.page.clone(),
                offset: slot.offset,
                len: part,
                can_merge: false,
                packet: slot.packet,
                shared: true,
            });
            source.consume(part);
            moved = len;
        }
    }
    moved
}

/// Lets the target see the same pages.
fn share(source: &mut Ring, target: &mut Ring, len: usize) -> usize {
    let mut shared = 0;
    for slot in source.iter_mut() {
        if shared == len || target.is_full() {
            break;
        }
        let part = slot.len.min(len - shared);
        slot.shared = true;
        target.push(Slot { page: slot.page.clone(), offset: slot.offset, len: part, can_merge: false, packet: slot.packet, shared: true });
        shared += part;
    }
    shared
}

/// splice(2). `flag`: SPLICE_F_NONBLOCK. The caller has checked lengths and that an offset belongs to a seekable file.
pub fn splice(input: &Arc<File>, from: Offset<'_>, output: &Arc<File>, to: Offset<'_>, len: usize, flag: bool) -> Result<usize> {
    match (PipeEnd::of(input), PipeEnd::of(output)) {
        (Some(source), Some(target)) => between(source, target, len, flag || input.nonblocking() || output.nonblocking(), false),
        (Some(source), None) if output.flags().contains(OpenFlags::APPEND) && output.ops.seekable() => {
            let _ = source;
            Err(Errno::EINVAL)
        }
        (Some(source), None) => from_pipe(source, output, to, len, flag || input.nonblocking()),
        (None, Some(target)) => into_pipe(input, from, target, len, flag || output.nonblocking()),
        (None, None) => Err(Errno::EINVAL),
    }
}
