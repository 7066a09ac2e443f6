//! /proc/PID/maps, smaps, smaps_rollup.

use alloc::string::String;
use core::fmt::{self, Write};

use abi::{Errno, Result};
use fs_pseudo::Text;
use hal::mem::{PAGE_SIZE, Perm};
use kernel::mm::{AddressSpace, MapName, VmFlags, VmaInfo};
use kernel::process::UserThread;

use crate::pid::Subject;

/// The column in which names begin.
const NAME_COLUMN: usize = 73;

/// At least `width` hexadecimal digits. Programs with a stack guard of their own read this file at every start, so it is not left to the formatter.
fn hex(out: &mut Text, value: u64, width: usize) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = (64 - value.leading_zeros()).div_ceil(4) as usize; // at most 16
    for at in (0..digits.max(width)).rev() {
        out.bytes.push(DIGITS[(value >> (4 * at) & 15) as usize]); // four bits
    }
}

fn header(out: &mut Text, vma: &VmaInfo<'_>) -> fmt::Result {
    let flag = |on: bool, c: u8| if on { c } else { b'-' };
    let (dev, ino, name) = match &vma.name {
        MapName::Anonymous => ((0, 0), 0, String::new()),
        MapName::Heap => ((0, 0), 0, "[heap]".into()),
        MapName::Stack => ((0, 0), 0, "[stack]".into()),
        MapName::Special(name) => ((0, 0), 0, (*name).into()),
        MapName::SharedAnonymous => ((0, 1), 1, "/dev/zero (deleted)".into()),
        MapName::Object(object) => {
            let (major, minor, ino) = object.identity();
            let mut path = String::new();
            object.path(&mut path)?;
            ((major, minor), ino, path)
        }
    };
    let line = out.bytes.len();
    hex(out, vma.start as u64, 8); // widening
    out.bytes.push(b'-');
    hex(out, vma.end as u64, 8); // widening
    let access = [
        b' ',
        flag(vma.perm.contains(Perm::READ), b'r'),
        flag(vma.perm.contains(Perm::WRITE), b'w'),
        flag(vma.perm.contains(Perm::EXEC), b'x'),
        if vma.flags.contains(VmFlags::SHARED) { b's' } else { b'p' },
        b' ',
    ];
    out.bytes.extend_from_slice(&access);
    hex(out, vma.offset, 8);
    out.bytes.push(b' ');
    hex(out, u64::from(dev.0), 2);
    out.bytes.push(b':');
    hex(out, u64::from(dev.1), 2);
    write!(out, " {ino} ")?;
    if !name.is_empty() {
        let column = (line + NAME_COLUMN).max(out.bytes.len());
        out.bytes.resize(column, b' ');
        out.write_str(&name)?;
    }
    out.write_str("\n")
}

/// Runs `line` for every mapping. Text is gathered under the map's lock, which is fine: it is kernel memory.
fn each(subject: &Subject, out: &mut Text, line: impl Fn(&AddressSpace, &mut Text, &VmaInfo<'_>) -> fmt::Result) -> Result<()> {
    let mm = subject.with_user(UserThread::mm)?;
    let mut result = Ok(());
    mm.for_each_mapping(0, |vma| {
        result = line(&mm, out, vma);
        result.is_ok()
    });
    result.map_err(|_| Errno::EIO)
}

/// A port's text, constants and data. They are the kernel's too and no mappings of the address space, but whoever looks for them (a collector of
/// garbage, a handler of crashes) looks here.
fn image(subject: &Subject) -> [VmaInfo<'static>; 3] {
    let (code, data) = subject.program().map_or(((0, 0), (0, 0)), |p| (p.code, p.data));
    let up = |addr: usize| addr.next_multiple_of(PAGE_SIZE);
    let part = |start: usize, end: usize, perm: Perm| VmaInfo {
        start,
        end,
        perm,
        flags: VmFlags::empty(),
        offset: (start - code.0) as u64, // widening
        name: MapName::Special("[image]"),
    };
    let (text, constants) = (up(code.1), up(data.0));
    [part(code.0, text, Perm::READ | Perm::EXEC), part(text, constants, Perm::READ), part(constants, up(data.1), Perm::READ | Perm::WRITE)]
}

/// /proc/PID/maps.
pub fn maps(subject: &Subject, out: &mut Text) -> Result<()> {
    each(subject, out, |_, out, vma| header(out, vma))?;
    if hal::RING0 {
        image(subject).iter().try_for_each(|vma| header(out, vma)).map_err(|_| Errno::EIO)?;
    }
    Ok(())
}

fn figures(out: &mut Text, size: usize, resident: usize, anonymous: usize) -> fmt::Result {
    let kb = PAGE_SIZE / 1024;
    let rows: [(&str, usize); 21] = [
        ("Rss", resident * kb),
        ("Pss", resident * kb),
        ("Pss_Dirty", anonymous * kb),
        ("Shared_Clean", 0),
        ("Shared_Dirty", 0),
        ("Private_Clean", (resident - anonymous) * kb),
        ("Private_Dirty", anonymous * kb),
        ("Referenced", resident * kb),
        ("Anonymous", anonymous * kb),
        ("LazyFree", 0),
        ("AnonHugePages", 0),
        ("ShmemPmdMapped", 0),
        ("FilePmdMapped", 0),
        ("Shared_Hugetlb", 0),
        ("Private_Hugetlb", 0),
        ("Swap", 0),
        ("SwapPss", 0),
        ("Locked", 0),
        ("KernelPageSize", kb),
        ("MMUPageSize", kb),
        ("Size", size / 1024),
    ];
    rows.iter().filter(|(name, _)| size != 0 || !matches!(*name, "Size" | "KernelPageSize" | "MMUPageSize")).try_for_each(
        |(name, value)| {
            let label = alloc::format!("{name}:");
            writeln!(out, "{label:<16}{value:>8} kB")
        },
    )
}

/// /proc/PID/smaps.
pub fn smaps(subject: &Subject, out: &mut Text) -> Result<()> {
    each(subject, out, |mm, out, vma| {
        header(out, vma)?;
        let (present, anonymous) = mm.present_pages(vma.start, vma.end);
        figures(out, vma.end - vma.start, present, anonymous)?;
        writeln!(
            out,
            "THPeligible:    0\nVmFlags: {}{}{}mr mw me ",
            name(vma, Perm::READ, "rd "),
            name(vma, Perm::WRITE, "wr "),
            name(vma, Perm::EXEC, "ex ")
        )
    })
}

fn name<'a>(vma: &VmaInfo<'_>, perm: Perm, text: &'a str) -> &'a str {
    if vma.perm.contains(perm) { text } else { "" }
}

/// /proc/PID/smaps_rollup.
pub fn smaps_rollup(subject: &Subject, out: &mut Text) -> Result<()> {
    let mm = subject.with_user(UserThread::mm)?;
    let usage = mm.usage();
    let mut bounds: Option<(usize, usize)> = None;
    mm.for_each_mapping(0, |vma| {
        bounds = Some((bounds.map_or(vma.start, |b| b.0), vma.end));
        true
    });
    let (start, end) = bounds.unwrap_or_default();
    writeln!(out, "{start:08x}-{end:08x} ---p 00000000 00:00 0                                  [rollup]").map_err(|_| Errno::EIO)?;
    figures(out, 0, usage.resident, usage.anonymous.min(usage.resident)).map_err(|_| Errno::EIO)
}
