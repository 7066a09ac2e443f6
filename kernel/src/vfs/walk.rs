//! Walking a path (path_resolution(7)): names to dentries through the cache, permission to search, symbolic links, `..`, mounts.
//! On cache hits nothing is allocated.

use alloc::sync::Arc;
use alloc::vec::Vec;

use abi::fs::{MAX_SYMLINKS, mode, resolve};
use abi::{Errno, Result};

use super::context::{Caller, FsContext};
use super::dcache;
use super::dentry::{Dentry, Name};
use super::inode::Inode;
use super::last::{last_component, last_start};
use super::missing;
use super::mount::{MountFlags, Path};
use super::ops::Link;
use super::perm::{self, MAY_EXEC};
use super::types::FileType;
use crate::cred::Cred;

pub use super::last::{Last, Parent, lookup_locked};

flags::flags! {
    /// How to walk.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct WalkFlags: u32 {
        /// Follow a symbolic link at the end.
        const FOLLOW = 1;
        /// The end must be a directory (ENOTDIR).
        const DIRECTORY = 2;
        /// An empty path means the start.
        const EMPTY = 4;
        /// A name that is not there is no news for the user (probing, creation).
        const QUIET = 8;
        /// openat2's RESOLVE_NO_XDEV.
        const NO_XDEV = 0x100;
        /// RESOLVE_NO_MAGICLINKS.
        const NO_MAGICLINKS = 0x200;
        /// RESOLVE_NO_SYMLINKS.
        const NO_SYMLINKS = 0x400;
        /// RESOLVE_BENEATH.
        const BENEATH = 0x800;
        /// RESOLVE_IN_ROOT.
        const IN_ROOT = 0x1000;
    }
}

impl WalkFlags {
    /// The flags of openat2(2)'s `resolve` field.
    pub fn from_resolve(bits: u64) -> WalkFlags {
        let table = [
            (resolve::NO_XDEV, WalkFlags::NO_XDEV),
            (resolve::NO_MAGICLINKS, WalkFlags::NO_MAGICLINKS),
            (resolve::NO_SYMLINKS, WalkFlags::NO_SYMLINKS),
            (resolve::BENEATH, WalkFlags::BENEATH),
            (resolve::IN_ROOT, WalkFlags::IN_ROOT),
        ];
        table.iter().filter(|(bit, _)| bits & bit != 0).fold(WalkFlags::empty(), |all, (_, f)| all | *f)
    }
}

/// A walk in progress.
pub struct Walk<'c> {
    caller: &'c Caller<'c>,
    root: Path,
    at: Path,
    links: u32,
    flags: WalkFlags,
}

/// Walks all of `path`, from `start` (the current directory if `None`) unless it is absolute.
#[inline(always)]
pub fn lookup(caller: &Caller<'_>, start: Option<Path>, path: &[u8], flags: WalkFlags) -> Result<Path> {
    if flags.intersects(SPECIAL) || path.is_empty() {
        return slow(caller, start, path, flags);
    }
    let (at, done) = match start {
        Some(start) if path[0] != b'/' => through_cache(&start, path, caller.cred),
        _ => begin(caller.fs, caller.cred, path),
    };
    if done < path.len() { go_on(caller, at, path, done, flags) } else { finish(at, path, flags) }
}

/// The part of a walk from the root or the current directory that takes nothing but the cache: the place reached and the byte to [`go_on`] from, or
/// to [`finish`] with. Does not sleep.
#[inline]
pub fn begin(fs: &FsContext, cred: &Cred, path: &[u8]) -> (Path, usize) {
    fs.with_place(path.first() == Some(&b'/'), |start| through_cache(start, path, cred))
}

#[inline]
fn through_cache(start: &Path, path: &[u8], cred: &Cred) -> (Path, usize) {
    let (reached, done) = dcache::walk(&start.dentry, path, slashes(path, 0), cred);
    let dentry = reached.unwrap_or_else(|| start.dentry.clone());
    (Path { mount: start.mount.clone(), dentry }, done)
}

#[inline(never)]
fn slow(caller: &Caller<'_>, start: Option<Path>, path: &[u8], flags: WalkFlags) -> Result<Path> {
    Walk::new(caller, start, path, flags).full(path)
}

/// The rest of a walk, with flags that [`begin`] suits (none of openat2's confinements).
#[inline(never)]
pub fn go_on(caller: &Caller<'_>, at: Path, path: &[u8], done: usize, flags: WalkFlags) -> Result<Path> {
    Walk { root: caller.fs.root(), caller, at, links: 0, flags }.rest(path, done)
}

/// Flags that a walk cannot have that runs straight through the cache.
const SPECIAL: WalkFlags = WalkFlags::NO_XDEV.union(WalkFlags::BENEATH).union(WalkFlags::IN_ROOT);

/// The checks at the end of a path.
#[inline]
pub fn finish(at: Path, path: &[u8], flags: WalkFlags) -> Result<Path> {
    if (flags.contains(WalkFlags::DIRECTORY) || path.last() == Some(&b'/')) && !at.inode()?.is_dir() {
        return Err(Errno::ENOTDIR);
    }
    Ok(at)
}

/// Walks to the directory of `path`'s last component. ENOENT for an empty path.
pub fn lookup_parent(caller: &Caller<'_>, start: Option<Path>, path: &[u8], flags: WalkFlags) -> Result<Parent> {
    Walk::new(caller, start, path, flags).parent(path)
}

impl<'c> Walk<'c> {
    /// A walk of `path` that starts at `start`, or the current directory.
    #[inline]
    pub fn new(caller: &'c Caller<'c>, start: Option<Path>, path: &[u8], flags: WalkFlags) -> Walk<'c> {
        if flags.intersects(WalkFlags::BENEATH | WalkFlags::IN_ROOT | WalkFlags::NO_XDEV) {
            let at = start.unwrap_or_else(|| caller.fs.cwd());
            let confined = flags.intersects(WalkFlags::BENEATH | WalkFlags::IN_ROOT);
            let root = if confined { at.clone() } else { caller.fs.root() };
            return Walk { caller, root, at, links: 0, flags };
        }
        let root = caller.fs.root();
        let at = match start {
            _ if path.first() == Some(&b'/') => root.clone(),
            Some(start) => start,
            None => caller.fs.cwd(),
        };
        Walk { caller, root, at, links: 0, flags }
    }

    /// To the end.
    #[inline]
    pub fn full(mut self, path: &[u8]) -> Result<Path> {
        if path.is_empty() && !self.flags.contains(WalkFlags::EMPTY) {
            return Err(Errno::ENOENT);
        }
        self.run(path, 0, false)?;
        finish(self.at, path, self.flags)
    }

    /// To the end, from byte `done` on.
    fn rest(mut self, path: &[u8], done: usize) -> Result<Path> {
        self.run(path, done, false)?;
        finish(self.at, path, self.flags)
    }

    /// To the directory of the last component.
    pub fn parent(mut self, path: &[u8]) -> Result<Parent> {
        self.to_parent(path)
    }

    /// As [`Walk::parent`], and the walk can go on: see [`Walk::follow_last`].
    pub fn to_parent(&mut self, path: &[u8]) -> Result<Parent> {
        if path.is_empty() {
            return Err(Errno::ENOENT);
        }
        match self.run(path, 0, true)? {
            Some((name, last, slash)) => Ok(Parent { dir: self.at.clone(), name, last, slash }),
            None => Ok(Parent { dir: self.at.clone(), name: Name::new(b""), last: Last::Root, slash: true }),
        }
    }

    /// The last component turned out to be the symbolic link `link`: goes to the directory of what it points at, or straight to it (magic links).
    pub fn follow_last(&mut self, link: &Arc<Dentry>, slash: bool) -> Result<Result<Parent, Path>> {
        match self.follow(link, if slash { b"/" } else { b"" })? {
            Some(text) => self.to_parent(&text).map(Ok),
            None => Ok(Err(self.at.clone())),
        }
    }

    /// The loop, from byte `done` of the path on. Leaves `self.at` at the end, or with `parent` at the directory of the last component, which is
    /// returned (`None`: the path is all slashes).
    fn run(&mut self, path: &[u8], done: usize, parent: bool) -> Result<Option<(Name, Last, bool)>> {
        let mut expanded: Vec<u8>;
        let mut path = path;
        let mut done = done;
        'path: loop {
            let mut at = done;
            if done == 0 && path.first() == Some(&b'/') {
                self.jump_to_root()?;
                at = slashes(path, 0);
            }
            done = 0;
            let plain = if parent { last_start(path) } else { path.len() };
            while at < path.len() {
                if at < plain {
                    let (reached, next) = dcache::walk(&self.at.dentry, &path[..plain], at, self.caller.cred);
                    if let Some(dentry) = reached {
                        self.at.dentry = dentry;
                    }
                    at = next;
                    if at == path.len() {
                        break;
                    }
                }
                let component = pathname::component(path, &path[at..]);
                let end = at + component.len;
                let next = slashes(path, end);
                let last = next == path.len();
                let dir = self.at.inode()?;
                if !dir.is_dir() {
                    return Err(Errno::ENOTDIR);
                }
                perm::check(dir, self.caller.cred, MAY_EXEC)?;
                let name = &path[at..end];
                if last && parent {
                    return last_component(name, next > end).map(Some);
                }
                match name {
                    b"." => {}
                    b".." => self.up()?,
                    _ => {
                        let child = self.child(name, &path[end..])?;
                        let is_link = child.inode().is_some_and(|i| i.kind == FileType::Symlink);
                        if is_link && (!last || next > end || self.flags.contains(WalkFlags::FOLLOW)) {
                            if let Some(text) = self.follow(&child, &path[end..])? {
                                expanded = text;
                                path = &expanded;
                                continue 'path;
                            }
                        } else {
                            self.enter(child)?;
                        }
                    }
                }
                if last && next > end && !self.at.inode()?.is_dir() {
                    return Err(Errno::ENOTDIR);
                }
                at = next;
            }
            return Ok(None);
        }
    }

    /// The positive dentry of `name` in the current place.
    #[inline]
    fn child(&self, name: &[u8], rest: &[u8]) -> Result<Arc<Dentry>> {
        let known = dcache::lookup(&self.at.dentry, name);
        // A directory on the way is taken as it is: what is looked up in it tells if it is gone.
        let passes =
            |child: &Arc<Dentry>| !child.is_volatile() || slashes(rest, 0) < rest.len() && child.inode().is_some_and(|i| i.is_dir());
        let found = match known {
            Some(child) if passes(&child) => Ok(child),
            _ => {
                let inode = self.at.inode()?;
                let _changes = inode.lock.lock();
                lookup_locked(&self.at.dentry, inode, name)
            }
        };
        match found {
            Ok(child) if child.inode().is_some() => Ok(child),
            Ok(_) | Err(Errno::ENOENT) => {
                if !self.flags.contains(WalkFlags::QUIET) {
                    missing::report(&self.at, &self.root, name, rest);
                }
                Err(Errno::ENOENT)
            }
            Err(e) => Err(e),
        }
    }

    #[inline]
    fn enter(&mut self, child: Arc<Dentry>) -> Result<()> {
        self.at.dentry = child;
        if self.at.dentry.is_mountpoint() && self.at.cross_down() && self.flags.contains(WalkFlags::NO_XDEV) {
            return Err(Errno::EXDEV);
        }
        Ok(())
    }

    #[cold]
    fn up(&mut self) -> Result<()> {
        if self.flags.contains(WalkFlags::BENEATH) && self.at == self.root {
            return Err(Errno::EXDEV);
        }
        let crossed = self.at.step_up(&self.root);
        if crossed && self.flags.contains(WalkFlags::NO_XDEV) { Err(Errno::EXDEV) } else { Ok(()) }
    }

    #[inline]
    fn jump_to_root(&mut self) -> Result<()> {
        // An absolute path to start with is no crossing; one in a link is.
        let crosses = self.links > 0 && !Arc::ptr_eq(&self.at.mount, &self.root.mount);
        if self.flags.contains(WalkFlags::BENEATH) || self.flags.contains(WalkFlags::NO_XDEV) && crosses {
            return Err(Errno::EXDEV);
        }
        if self.at != self.root {
            self.at.clone_from(&self.root);
        }
        Ok(())
    }

    /// Linux's fs.protected_symlinks, which every distribution sets: at the end of a path, a link in a sticky directory that all may write is followed
    /// only by its owner, or when it is the directory's owner's (proc_sys_fs(5)).
    fn may_follow(&self, link: &Inode) -> Result<()> {
        let dir = self.at.inode()?;
        let open_to_all = dir.perm() & (mode::S_ISVTX | 0o002) == mode::S_ISVTX | 0o002;
        if !open_to_all || link.uid() == self.caller.cred.fsuid || link.uid() == dir.uid() { Ok(()) } else { Err(Errno::EACCES) }
    }

    /// Follows `link`, found in the current place: the path to walk next, its text and then `rest`; or `None` when a magic link led to its end at once.
    fn follow(&mut self, link: &Arc<Dentry>, rest: &[u8]) -> Result<Option<Vec<u8>>> {
        self.links += 1;
        let mount_flags = self.at.mount.flags();
        if self.links > MAX_SYMLINKS || self.flags.contains(WalkFlags::NO_SYMLINKS) || mount_flags.contains(MountFlags::NOSYMFOLLOW) {
            return Err(Errno::ELOOP);
        }
        let inode = link.inode().ok_or(Errno::ENOENT)?;
        if !mount_flags.intersects(MountFlags::NOATIME | MountFlags::RDONLY) {
            inode.touch_access(false);
        }
        if rest.is_empty() {
            self.may_follow(inode)?;
        }
        match inode.ops.follow(inode, self.caller)? {
            Link::Text(text) if text.is_empty() => Err(Errno::ENOENT),
            Link::Text(text) => {
                let mut path = Vec::new();
                path.try_reserve_exact(text.len() + rest.len()).map_err(|_| Errno::ENOMEM)?;
                path.extend_from_slice(&text);
                path.extend_from_slice(rest);
                Ok(Some(path))
            }
            Link::Magic(path) => {
                if self.flags.contains(WalkFlags::NO_MAGICLINKS) {
                    return Err(Errno::ELOOP);
                }
                let other_mount = !Arc::ptr_eq(&path.mount, &self.at.mount);
                if self.flags.intersects(WalkFlags::BENEATH | WalkFlags::IN_ROOT) || self.flags.contains(WalkFlags::NO_XDEV) && other_mount
                {
                    return Err(Errno::EXDEV);
                }
                self.at = path;
                Ok(None)
            }
        }
    }
}

/// The first place from `at` on that is no slash.
#[inline]
fn slashes(path: &[u8], mut at: usize) -> usize {
    while path.get(at) == Some(&b'/') {
        at += 1;
    }
    at
}
