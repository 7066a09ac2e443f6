//! /proc/PID/mounts and mountinfo (proc(5)).

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt::Write;

use abi::{Errno, Result};
use fs_pseudo::Text;
use kernel::vfs::{Mount, MountFlags, Path, mount};

use crate::pid::Subject;

/// Bytes that would end a field are shown in octal.
fn field(out: &mut Text, bytes: &[u8]) {
    for &byte in bytes {
        if matches!(byte, b' ' | b'\t' | b'\n' | b'\\') {
            let _ = write!(out, "\\{byte:03o}");
        } else {
            out.bytes.push(byte);
        }
    }
}

fn flags(flags: MountFlags) -> impl Iterator<Item = &'static str> {
    const NAMES: [(MountFlags, &str); 5] = [
        (MountFlags::NOSUID, ",nosuid"),
        (MountFlags::NODEV, ",nodev"),
        (MountFlags::NOEXEC, ",noexec"),
        (MountFlags::NOATIME, ",noatime"),
        (MountFlags::NODIRATIME, ",nodiratime"),
    ];
    let first = if flags.contains(MountFlags::RDONLY) { "ro" } else { "rw" };
    let last = if flags.intersects(MountFlags::NOATIME | MountFlags::STRICTATIME) { "" } else { ",relatime" };
    core::iter::once(first).chain(NAMES.into_iter().filter(move |(f, _)| flags.contains(*f)).map(|(_, n)| n)).chain(core::iter::once(last))
}

/// Mounts that can be seen from the process's root, with their places; the root's first.
fn visible(subject: &Subject) -> Result<Vec<(Arc<Mount>, Vec<u8>)>> {
    let root: Path = subject.with_user(|user| user.fs().root())?;
    let mut all = alloc::vec![(root.mount.clone(), b"/".to_vec())];
    let others: Vec<Arc<Mount>> = mount::all();
    for other in others {
        if Arc::ptr_eq(&other, &root.mount) {
            continue;
        }
        if let Some(place) = other.place()
            && place.is_under(&root)
        {
            all.push((other, place.to_bytes(&root)));
        }
    }
    Ok(all)
}

/// /proc/PID/mounts.
pub fn mounts(subject: &Subject, out: &mut Text) -> Result<()> {
    for (mount, place) in visible(subject)? {
        field(out, &mount.source);
        out.bytes.push(b' ');
        field(out, &place);
        write!(out, " {} ", mount.sb.kind).map_err(|_| Errno::EIO)?;
        flags(mount.flags()).for_each(|name| out.bytes.extend_from_slice(name.as_bytes()));
        out.bytes.extend_from_slice(&mount.sb.ops.options());
        out.bytes.extend_from_slice(b" 0 0\n");
    }
    Ok(())
}

/// /proc/PID/mountinfo.
pub fn mountinfo(subject: &Subject, out: &mut Text) -> Result<()> {
    for (mount, place) in visible(subject)? {
        let parent = mount.place().map_or(mount.id, |place| place.mount.id);
        let dev = mount.sb.dev;
        write!(out, "{} {} {}:{} / ", mount.id, parent, dev.major, dev.minor).map_err(|_| Errno::EIO)?;
        field(out, &place);
        out.bytes.push(b' ');
        flags(mount.flags()).for_each(|name| out.bytes.extend_from_slice(name.as_bytes()));
        write!(out, " - {} ", mount.sb.kind).map_err(|_| Errno::EIO)?;
        field(out, &mount.source);
        out.bytes.extend_from_slice(if mount.flags().contains(MountFlags::RDONLY) { b" ro" } else { b" rw" });
        out.bytes.extend_from_slice(&mount.sb.ops.options());
        out.bytes.push(b'\n');
    }
    Ok(())
}
