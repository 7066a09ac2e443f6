//! Attributes as the server tells them (Rgetattr), and what is done with them.

use core::sync::atomic::Ordering;

use abi::{Errno, Result};
use kernel::vfs::{Attr, Dev, FileType, Inode, Times, Timestamp};

use crate::message::Reply;
use crate::node::Node;

/// What Tgetattr asks for: everything up to the blocks, and the birth time.
pub const WANTED: u64 = 0x0fff;

/// A file as it is on the host now.
#[derive(Clone, Copy)]
pub struct Remote {
    /// What the server knows the file by: its inode number.
    pub path: u64,
    pub attr: Attr,
    /// [`crate::client::Client::changes`] before the server was asked.
    pub asked: u64,
    /// 512-byte blocks.
    pub blocks: u64,
}

/// What a file's pages were read at: when it differs they are stale.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Stamp {
    pub size: u64,
    pub modify: Timestamp,
    pub change: Timestamp,
}

fn time(reply: &mut Reply) -> Result<Timestamp> {
    let sec = i64::try_from(reply.u64()?).unwrap_or(0);
    let nsec = u32::try_from(reply.u64()?).ok().filter(|n| *n < 1_000_000_000).unwrap_or(0);
    Ok(Timestamp { sec, nsec })
}

impl Remote {
    /// Reads Rgetattr; EIO for what cannot be.
    pub fn parse(reply: &mut Reply, asked: u64) -> Result<Remote> {
        reply.u64()?;
        // The qid: type and version say what the fields below say too.
        reply.take(5)?;
        let path = reply.u64()?;
        let mode = reply.u32()?;
        let kind = FileType::from_mode(mode).ok_or(Errno::EIO)?;
        let (uid, gid) = (reply.u32()?, reply.u32()?);
        let nlink = u32::try_from(reply.u64()?).unwrap_or(u32::MAX);
        let rdev = Dev::decode((reply.u64()? & 0xffff_ffff) as u32); // masked
        let size = reply.u64()?;
        reply.u64()?;
        let blocks = reply.u64()?;
        let (access, modify, change) = (time(reply)?, time(reply)?, time(reply)?);
        if i64::try_from(size).is_err() {
            return Err(Errno::EIO);
        }
        let times = Times { access, modify, change, birth: change };
        Ok(Remote { path, attr: Attr { kind, perm: mode & 0o7777, uid, gid, nlink, size, rdev, times }, asked, blocks })
    }

    pub fn stamp(&self) -> Stamp {
        Stamp { size: self.attr.size, modify: self.attr.times.modify, change: self.attr.times.change }
    }
}

impl Node {
    /// Makes `inode`, whose node this is, say what the server says, or asks again when the file is being written meanwhile: what was true before a write
    /// of ours would undo it here.
    pub fn apply(&self, inode: &Inode, told: &Remote) {
        match self.data.writing.try_lock() {
            Some(_order) if self.client.changes.load(Ordering::Relaxed) == told.asked => self.apply_now(inode, told),
            order => {
                drop(order);
                self.refresh_now(inode);
            }
        }
    }

    /// Asks for the attributes while nobody writes; what cannot be asked stays as it was.
    pub fn refresh_now(&self, inode: &Inode) {
        let Ok(fid) = self.number() else { return };
        let _order = self.data.writing.lock();
        if let Ok(remote) = self.client.attributes(&fid)
            && remote.path == self.path
        {
            self.apply_now(inode, &remote);
        }
    }

    /// Pages that were read before a change of the host's are forgotten.
    fn apply_now(&self, inode: &Inode, now: &Remote) {
        if inode.perm() != now.attr.perm {
            inode.set_perm(now.attr.perm);
        }
        inode.set_owner(now.attr.uid, now.attr.gid);
        inode.set_nlink(now.attr.nlink);
        inode.update_times(|times| *times = Times { birth: times.birth, ..now.attr.times });
        self.blocks.store(now.blocks, Ordering::Relaxed);
        let stamp = now.stamp();
        let before = core::mem::replace(&mut *self.stamp.lock(), stamp);
        // What we changed ourselves since we last looked is in our pages already.
        let ours = self.data.take_changed();
        self.data.set_size(stamp.size);
        match inode.pages_if_made() {
            Some(pages) if before != stamp && !(ours && pages.size() == stamp.size) => {
                pages.revalidate(stamp.size);
            }
            Some(_) => {}
            None => inode.set_size(stamp.size),
        }
    }
}
