//! Control messages: descriptors and credentials beside the data (cmsg(3)).

use alloc::sync::Arc;
use alloc::vec::Vec;

use abi::socket::{Cmsghdr, MsgFlags, SCM_CREDENTIALS, SCM_MAX_FD, SCM_RIGHTS, SOL_SOCKET, Ucred};
use abi::{Errno, Result};
use hal::user::{self, UserPtr};
use kernel::cred::cap;
use kernel::fd::hooks::{self, Peer};
use kernel::fd::socket::{Incoming, Outgoing};
use kernel::vfs::file::File;
use zerocopy::{FromBytes, IntoBytes};

use crate::io::current::{files, nofile};

/// Most control data of one message (net.core.optmem_max).
const CONTROL_MAX: usize = 20_480;
const HEADER: usize = size_of::<Cmsghdr>();

/// Reads control data into `message`. EINVAL, EBADF, EPERM, ENOBUFS.
pub fn import(addr: u64, len: u64, message: &mut Outgoing) -> Result<()> {
    let (Ok(addr), Ok(len)) = (usize::try_from(addr), usize::try_from(len)) else { return Err(Errno::EFAULT) };
    if len > CONTROL_MAX {
        return Err(Errno::ENOBUFS);
    }
    let mut bytes = alloc::vec![0u8; len];
    user::read_bytes(addr, &mut bytes)?;
    let mut rest = &bytes[..];
    while let Ok((header, _)) = Cmsghdr::read_from_prefix(rest) {
        let total = usize::try_from(header.len).map_err(|_| Errno::EINVAL)?;
        let data = rest.get(HEADER..total).ok_or(Errno::EINVAL)?;
        if header.level == SOL_SOCKET {
            match header.kind {
                SCM_RIGHTS => import_rights(data, &mut message.rights)?,
                SCM_CREDENTIALS => message.cred = Some(import_credentials(data)?),
                _ => return Err(Errno::EINVAL),
            }
        }
        rest = rest.get(total.next_multiple_of(8)..).unwrap_or(&[]);
    }
    Ok(())
}

fn import_rights(data: &[u8], rights: &mut Vec<Arc<File>>) -> Result<()> {
    if data.len() / 4 + rights.len() > SCM_MAX_FD {
        return Err(Errno::EINVAL);
    }
    for number in data.chunks_exact(4) {
        let fd = i32::read_from_bytes(number).map_err(|_| Errno::EINVAL)?;
        rights.push(files().get_raw(fd)?);
    }
    Ok(())
}

fn import_credentials(data: &[u8]) -> Result<Peer> {
    let claimed = Ucred::read_from_bytes(data).map_err(|_| Errno::EINVAL)?;
    let me = hooks::peer();
    let honest = (claimed.pid == me.pid || hooks::capable(cap::SYS_ADMIN))
        && (claimed.uid == me.uid || hooks::capable(cap::SETUID))
        && (claimed.gid == me.gid || hooks::capable(cap::SETGID));
    if honest { Ok(Peer { pid: claimed.pid, uid: claimed.uid, gid: claimed.gid }) } else { Err(Errno::EPERM) }
}

/// The receiver's buffer for control data.
struct Room {
    at: usize,
    left: usize,
    used: usize,
}

impl Room {
    /// Writes one control message, cut to what is left. False when it was cut.
    fn put(&mut self, kind: i32, data: &[u8]) -> Result<bool> {
        if self.left < HEADER {
            return Ok(false);
        }
        let full = HEADER + data.len();
        let len = full.min(self.left);
        let header = Cmsghdr { len: len as u64, level: SOL_SOCKET, kind }; // usize is 64 bits
        user::write_bytes(self.at, header.as_bytes())?;
        user::write_bytes(self.at.wrapping_add(HEADER), &data[..len - HEADER])?;
        let step = len.next_multiple_of(8).min(self.left);
        self.at = self.at.wrapping_add(step);
        self.left -= step;
        self.used += step;
        Ok(len == full)
    }
}

/// Writes what came with a message; says how many bytes of control data there are. Descriptors that do not fit are closed (MSG_CTRUNC).
pub fn export(message: &mut Incoming, addr: u64, len: u64) -> Result<u64> {
    let (Ok(at), Ok(left)) = (usize::try_from(addr), usize::try_from(len)) else { return Err(Errno::EFAULT) };
    let mut room = Room { at, left: if at == 0 { 0 } else { left }, used: 0 };
    if let Some(cred) = message.cred {
        let value = Ucred { pid: cred.pid, uid: cred.uid, gid: cred.gid };
        if !room.put(SCM_CREDENTIALS, value.as_bytes())? {
            message.found |= MsgFlags::CTRUNC;
        }
    }
    let rights = core::mem::take(&mut message.rights);
    if !rights.is_empty() {
        let cloexec = message.flags.contains(MsgFlags::CMSG_CLOEXEC);
        let fit = room.left.saturating_sub(HEADER) / 4;
        let (mut numbers, mut cut) = (Vec::new(), rights.len() > fit);
        for file in rights.into_iter().take(fit) {
            match files().insert(file, cloexec, nofile()) {
                Ok(fd) => numbers.extend_from_slice(&fd.to_ne_bytes()),
                Err(_) => {
                    cut = true;
                    break;
                }
            }
        }
        if cut {
            message.found |= MsgFlags::CTRUNC;
        }
        if !numbers.is_empty() {
            room.put(SCM_RIGHTS, &numbers)?;
        }
    }
    Ok(room.used as u64) // usize is 64 bits
}

/// Where the data of a message are.
pub fn iov(header: &abi::socket::Msghdr) -> Result<crate::io::iovec::IoVec> {
    let (Ok(addr), Ok(count)) = (usize::try_from(header.iov), usize::try_from(header.iovlen)) else { return Err(Errno::EMSGSIZE) };
    if count > abi::io::IOV_MAX {
        return Err(Errno::EMSGSIZE);
    }
    crate::io::iovec::IoVec::import(UserPtr::new(addr), count)
}
