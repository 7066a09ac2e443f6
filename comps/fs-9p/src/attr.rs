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

/// Bytes of Rgetattr up to the change time.
const LEN: usize = 8 + 13 + 12 + 5 * 8 + 6 * 8;

/// The number of `len` bytes at `at`.
fn number(bytes: &[u8], at: usize, len: usize) -> u64 {
    bytes.iter().skip(at).take(len).rev().fold(0, |n, byte| n << 8 | u64::from(*byte))
}

fn word(bytes: &[u8], at: usize) -> u32 {
    (number(bytes, at, 4) & 0xffff_ffff) as u32 // four bytes
}

fn time(bytes: &[u8], at: usize) -> Timestamp {
    let nsec = word(bytes, at + 8);
    Timestamp { sec: number(bytes, at, 8).cast_signed(), nsec: if nsec < 1_000_000_000 { nsec } else { 0 } }
}

impl Remote {
    /// Reads Rgetattr; EIO for what cannot be.
    pub fn parse(reply: &mut Reply, asked: u64) -> Result<Remote> {
        // valid[8] qid[13] mode[4] uid[4] gid[4] nlink[8] rdev[8] size[8] blksize[8] blocks[8], and three times of 8 + 8.
        let told = reply.take(LEN)?;
        let mode = word(told, 21);
        let kind = FileType::from_mode(mode).ok_or(Errno::EIO)?;
        let size = number(told, 49, 8);
        if i64::try_from(size).is_err() {
            return Err(Errno::EIO);
        }
        let change = time(told, 105);
        let attr = Attr {
            kind,
            perm: mode & 0o7777,
            uid: word(told, 25),
            gid: word(told, 29),
            nlink: word(told, 33),
            size,
            rdev: Dev::decode(word(told, 41)),
            times: Times { access: time(told, 73), modify: time(told, 89), change, birth: change },
        };
        // The qid's type and version say what the other fields say too.
        Ok(Remote { path: number(told, 13, 8), attr, asked, blocks: number(told, 65, 8) })
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
