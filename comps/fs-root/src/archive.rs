//! A cpio archive as the tree below. Its members are indexed at mount; contents stay in the archive, and since they lie unaligned there a page
//! is copied when it is first read.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use ordmap::OrdMap;

use abi::fs::{Statfs, magic, mode};
use abi::{Errno, Result};
use fs_ram::{Lower, LowerEntry, LowerId, VisitXattr};
use hal::mem::mmio::RoRegion;
use hal::mem::{Frame, PAGE_SIZE};
use kernel::mm::{Backing, BackingPage};
use kernel::vfs::{Attr, Dev, FileType, Times, Timestamp};

use crate::fill;

/// Directories nested deeper than this are refused: no tool makes them.
const MAX_DEPTH: usize = 256;

struct Member {
    attr: Attr,
    data: &'static [u8],
    children: OrdMap<Box<[u8]>, usize>,
}

/// The index.
pub struct Archive {
    members: Vec<Member>,
    bytes: usize,
}

fn directory(perm: u32, mtime: Timestamp) -> Member {
    let attr = Attr { times: Times::all(mtime), size: 40, ..Attr::new(FileType::Directory, perm) };
    Member { attr, data: &[], children: OrdMap::new() }
}

impl Archive {
    /// Reads all headers; EUCLEAN for a malformed archive, ENOMEM when the index does not fit.
    pub fn index(region: RoRegion) -> Result<Archive> {
        let mut archive = Archive { members: alloc::vec![directory(0o755, Timestamp::default())], bytes: region.bytes().len() };
        let mut links = OrdMap::new();
        for entry in cpio::entries(region.bytes()) {
            archive.add(entry.map_err(|_| Errno::EUCLEAN)?, &mut links)?;
        }
        Ok(archive)
    }

    fn add(&mut self, entry: cpio::Entry<'static>, links: &mut OrdMap<(u32, u32, u32), usize>) -> Result<()> {
        let mut parts = entry.name.split(|b| *b == b'/').filter(|p| !p.is_empty() && *p != b".").peekable();
        let mut at = 0;
        let mut depth = 0;
        let mut name: &[u8] = b"";
        while let Some(part) = parts.next() {
            depth += 1;
            if part == b".." || part.len() > abi::fs::NAME_MAX || depth > MAX_DEPTH {
                return Err(Errno::EUCLEAN);
            }
            if parts.peek().is_none() {
                name = part;
                break;
            }
            at = self.enter(at, part)?;
        }
        let kind = FileType::from_mode(entry.mode).ok_or(Errno::EUCLEAN)?;
        let t = Timestamp { sec: i64::from(entry.mtime), nsec: 0 };
        let attr = Attr {
            uid: entry.uid,
            gid: entry.gid,
            rdev: Dev::new(entry.rdev.0, entry.rdev.1),
            size: entry.data.len() as u64, // widening
            times: Times::all(t),
            ..Attr::new(kind, entry.mode & !mode::S_IFMT)
        };
        if kind == FileType::Directory {
            let id = if name.is_empty() { 0 } else { self.enter(at, name)? };
            let member = &mut self.members[id];
            member.attr = Attr { nlink: member.attr.nlink, size: 40, ..attr };
            return Ok(());
        }
        if name.is_empty() {
            return Err(Errno::EUCLEAN);
        }
        let known = if entry.nlink > 1 { links.get(&entry.ino).copied() } else { None };
        let id = match known {
            Some(id) => {
                let member = &mut self.members[id];
                member.attr.nlink += 1;
                if !entry.data.is_empty() {
                    // Only the last of several names carries the contents.
                    member.data = entry.data;
                    member.attr.size = attr.size;
                }
                id
            }
            None => {
                self.members.try_reserve(1).map_err(|_| Errno::ENOMEM)?;
                self.members.push(Member { attr, data: entry.data, children: OrdMap::new() });
                self.members.len() - 1
            }
        };
        if entry.nlink > 1 {
            links.insert(entry.ino, id);
        }
        self.members[at].children.insert(name.into(), id);
        Ok(())
    }

    /// The directory `name` in directory `at`, made if it is not there.
    fn enter(&mut self, at: usize, name: &[u8]) -> Result<usize> {
        if let Some(&id) = self.members[at].children.get(name) {
            return if self.members[id].attr.kind == FileType::Directory { Ok(id) } else { Err(Errno::EUCLEAN) };
        }
        self.members.try_reserve(1).map_err(|_| Errno::ENOMEM)?;
        self.members.push(directory(0o755, Timestamp::default()));
        let id = self.members.len() - 1;
        self.members[at].children.insert(name.into(), id);
        self.members[at].attr.nlink += 1;
        Ok(id)
    }

    fn member(&self, id: LowerId) -> Result<&Member> {
        usize::try_from(id).ok().and_then(|i| self.members.get(i)).ok_or(Errno::EIO)
    }
}

impl Lower for Archive {
    fn root(&self) -> LowerId {
        0
    }

    fn attr(&self, id: LowerId) -> Result<(Attr, u64)> {
        Ok((self.member(id)?.attr, id + 1))
    }

    fn lookup(&self, dir: LowerId, name: &[u8]) -> Result<Option<LowerId>> {
        Ok(self.member(dir)?.children.get(name).map(|id| *id as u64)) // widening
    }

    fn read_dir(&self, dir: LowerId, cookie: u64, emit: &mut dyn FnMut(LowerEntry<'_>) -> bool) -> Result<()> {
        let from = usize::try_from(cookie).unwrap_or(usize::MAX);
        for (at, (name, id)) in self.member(dir)?.children.iter().enumerate().skip(from) {
            let entry = LowerEntry { name, id: *id as u64, kind: Some(self.members[*id].attr.kind), next: at as u64 + 1 }; // widening
            if !emit(entry) {
                break;
            }
        }
        Ok(())
    }

    fn link(&self, id: LowerId) -> Result<Cow<'_, [u8]>> {
        Ok(Cow::Borrowed(self.member(id)?.data))
    }

    fn backing(&self, id: LowerId) -> Result<Arc<dyn Backing>> {
        Ok(Arc::new(Copied(self.member(id)?.data)))
    }

    fn xattrs(&self, _id: LowerId, _visit: &mut VisitXattr<'_>) -> Result<()> {
        Ok(())
    }

    fn statfs(&self) -> Statfs {
        let blocks = (self.bytes / PAGE_SIZE) as u64; // widening
        Statfs { f_type: magic::TMPFS, f_blocks: blocks, f_files: self.members.len() as u64, ..Statfs::default() }
    }
}

/// Contents that are copied page by page.
struct Copied(&'static [u8]);

impl Backing for Copied {
    fn lookup(&self, index: u64) -> BackingPage {
        if index < self.0.len().div_ceil(PAGE_SIZE) as u64 { BackingPage::NeedsRead } else { BackingPage::Hole } // widening
    }

    fn read(&self, index: u64, frame: &Frame) -> Result<()> {
        let rest = usize::try_from(index).ok().and_then(|i| self.0.get(i.checked_mul(PAGE_SIZE)?..)).ok_or(Errno::EIO)?;
        fill(frame, &rest[..rest.len().min(PAGE_SIZE)]);
        Ok(())
    }
}
