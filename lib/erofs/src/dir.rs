//! Directories: lookup by binary search, and iteration.
//!
//! A directory is a row of blocks. Each block starts with fixed-size entries and holds their names behind them; the first entry's
//! name offset tells how many entries there are. Names ascend bytewise over the whole directory, `.` and `..` included.

use core::cmp::Ordering;
use core::ops::Deref;

use crate::ondisk::{BLOCK_SIZE, DIRENT_SIZE, S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK, le16, le64};
use crate::{Error, Image, Inode, Nid, Source};

/// The kind of a file, with the numbers of the image format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum FileType {
    /// Not said in the directory: look at the inode.
    Unknown = 0,
    /// Regular file.
    Regular = 1,
    /// Directory.
    Directory = 2,
    /// Character device.
    CharDevice = 3,
    /// Block device.
    BlockDevice = 4,
    /// FIFO.
    Fifo = 5,
    /// Socket.
    Socket = 6,
    /// Symbolic link.
    Symlink = 7,
}

impl FileType {
    /// The type within `st_mode`, if there is one.
    #[inline]
    pub fn from_mode(mode: u16) -> Option<FileType> {
        Some(match mode & S_IFMT {
            S_IFREG => FileType::Regular,
            S_IFDIR => FileType::Directory,
            S_IFLNK => FileType::Symlink,
            S_IFCHR => FileType::CharDevice,
            S_IFBLK => FileType::BlockDevice,
            S_IFIFO => FileType::Fifo,
            S_IFSOCK => FileType::Socket,
            _ => return None,
        })
    }

    #[inline]
    fn from_disk(value: u8) -> FileType {
        match value {
            1 => FileType::Regular,
            2 => FileType::Directory,
            3 => FileType::CharDevice,
            4 => FileType::BlockDevice,
            5 => FileType::Fifo,
            6 => FileType::Socket,
            7 => FileType::Symlink,
            _ => FileType::Unknown,
        }
    }

    /// `DT_*` of getdents64(2).
    #[inline]
    pub fn dt(self) -> u8 {
        match self {
            FileType::Unknown => 0,
            FileType::Fifo => 1,
            FileType::CharDevice => 2,
            FileType::Directory => 4,
            FileType::BlockDevice => 6,
            FileType::Regular => 8,
            FileType::Symlink => 10,
            FileType::Socket => 12,
        }
    }
}

/// One name of a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DirEntry<'a> {
    /// The name: not empty, no slash, no NUL.
    pub name: &'a [u8],
    /// The inode it stands for.
    pub nid: Nid,
    /// Its kind.
    pub file_type: FileType,
    /// The cookie that continues behind this entry (`d_off`).
    pub next: u64,
}

/// One directory block whose entry count is known to be sane.
struct Block<B> {
    bytes: B,
    count: usize,
}

impl<B: Deref<Target = [u8]>> Block<B> {
    #[inline]
    fn new(bytes: B) -> Option<Block<B>> {
        let names = usize::from(le16(&bytes, 8)?);
        // The names start where the entries end.
        if names < DIRENT_SIZE || names >= bytes.len() || !names.is_multiple_of(DIRENT_SIZE) {
            return None;
        }
        Some(Block { bytes, count: names / DIRENT_SIZE })
    }

    #[inline]
    fn name(&self, i: usize) -> Option<&[u8]> {
        let start = usize::from(le16(&self.bytes, i * DIRENT_SIZE + 8)?);
        if i + 1 < self.count {
            let end = usize::from(le16(&self.bytes, (i + 1) * DIRENT_SIZE + 8)?);
            return self.bytes.get(start..end);
        }
        // The last name ends at a NUL or with the block.
        let rest = self.bytes.get(start..)?;
        rest.split(|&b| b == 0).next()
    }

    #[inline]
    fn entry(&self, i: usize) -> Option<(Nid, FileType)> {
        let at = i * DIRENT_SIZE;
        Some((Nid(le64(&self.bytes, at)?), FileType::from_disk(*self.bytes.get(at + 10)?)))
    }
}

impl<S: Source> Image<S> {
    #[inline]
    fn dir_block(&self, dir: &Inode, index: u64) -> Result<Block<S::Bytes>, Error> {
        Block::new(self.block(dir, index)?).ok_or(Error::BadDirectory(dir.nid))
    }

    /// Finds a name: binary search over the blocks by their first names, then within one block. Allocates nothing; a directory of
    /// a thousand names takes about ten comparisons.
    pub fn lookup(&self, dir: &Inode, name: &[u8]) -> Result<Option<(Nid, FileType)>, Error> {
        if !dir.is_dir() {
            return Err(Error::NotDirectory(dir.nid));
        }
        let bad = Error::BadDirectory(dir.nid);
        // The last block whose first name is not above `name`.
        let (mut low, mut high) = (0u64, dir.size.div_ceil(BLOCK_SIZE as u64));
        let mut found = None;
        while low < high {
            let mid = low + (high - low) / 2;
            let block = self.dir_block(dir, mid)?;
            match block.name(0).ok_or(bad)?.cmp(name) {
                Ordering::Equal => return Ok(Some(block.entry(0).ok_or(bad)?)),
                Ordering::Less => {
                    found = Some(block);
                    low = mid + 1;
                }
                Ordering::Greater => high = mid,
            }
        }
        let Some(block) = found else { return Ok(None) };
        let (mut low, mut high) = (1usize, block.count);
        while low < high {
            let mid = low + (high - low) / 2;
            match block.name(mid).ok_or(bad)?.cmp(name) {
                Ordering::Equal => return Ok(Some(block.entry(mid).ok_or(bad)?)),
                Ordering::Less => low = mid + 1,
                Ordering::Greater => high = mid,
            }
        }
        Ok(None)
    }

    /// Calls `f` for each entry from `cookie` on (0 is the start), `.` and `..` included, until `f` returns false: that entry counts
    /// as not taken. Returns the cookie to continue with; at the end it is a cookie that yields nothing.
    ///
    /// A cookie is a byte position, as on Linux; any value from user space is safe.
    pub fn readdir(&self, dir: &Inode, cookie: u64, f: &mut dyn FnMut(DirEntry<'_>) -> bool) -> Result<u64, Error> {
        if !dir.is_dir() {
            return Err(Error::NotDirectory(dir.nid));
        }
        let bad = Error::BadDirectory(dir.nid);
        let size = BLOCK_SIZE as u64;
        let mut index = cookie / size;
        // A position inside an entry continues with the next one.
        let mut i = (cookie % size).div_ceil(DIRENT_SIZE as u64) as usize;
        while index < dir.size.div_ceil(size) {
            let block = self.dir_block(dir, index)?;
            while i < block.count {
                let name = block.name(i).ok_or(bad)?;
                if name.is_empty() || name.iter().any(|&b| b == 0 || b == b'/') {
                    return Err(bad);
                }
                let (nid, file_type) = block.entry(i).ok_or(bad)?;
                let next = if i + 1 < block.count { index * size + ((i + 1) * DIRENT_SIZE) as u64 } else { (index + 1) * size };
                if !f(DirEntry { name, nid, file_type, next }) {
                    return Ok(index * size + (i * DIRENT_SIZE) as u64);
                }
                i += 1;
            }
            index += 1;
            i = 0;
        }
        Ok(cookie.max(index.saturating_mul(size)))
    }
}
