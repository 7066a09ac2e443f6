//! Names of Unix sockets: paths, which are inodes, and abstract names, which are only here.

use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;
use core::any::Any;
use ordmap::OrdMap;

use abi::socket::AF_UNIX;
use abi::{Errno, Result};

use super::{Kind, UnixSocket};
use crate::fd::socket::SockAddr;
use crate::sync::{Once, SpinLock};

/// Longest sun_path.
const PATH_MAX: usize = 108;

/// What the file system does for sockets that are bound to paths.
pub trait PathNames: Sync {
    /// Makes a socket inode at `path` that stands for `socket`, as the caller. EADDRINUSE when the path exists. What is returned keeps the inode.
    fn bind(&self, path: &[u8], socket: Arc<dyn Any + Send + Sync>) -> Result<Arc<dyn Any + Send + Sync>>;
    /// What the socket inode at `path` stands for. ENOENT, EACCES without the right to write; ECONNREFUSED when it is no socket or nobody's.
    fn find(&self, path: &[u8]) -> Result<Arc<dyn Any + Send + Sync>>;
}

static PATHS: Once<&'static dyn PathNames> = Once::new();
/// By [`key`].
static ABSTRACT: SpinLock<OrdMap<Vec<u8>, Weak<UnixSocket>>> = SpinLock::new(OrdMap::new());

/// Registers the file system.
pub fn set_path_names(names: &'static dyn PathNames) {
    let _ = PATHS.set(names);
}

/// What an inode holds: the socket, as long as it lives.
struct Bound(Weak<UnixSocket>);

/// A name that a socket has.
pub enum Name {
    /// A path, without NUL, and its inode, which is kept so that nobody else gets its number.
    Path { path: Vec<u8>, _inode: Arc<dyn Any + Send + Sync> },
    /// An abstract name, without its leading NUL.
    Abstract(Vec<u8>),
}

/// A name that a caller gives.
pub enum Wanted<'a> {
    Path(&'a [u8]),
    Abstract(&'a [u8]),
    /// Family only: bind(2) chooses an abstract name.
    Any,
}

impl Name {
    /// As getsockname(2) shows it.
    pub fn address(&self) -> SockAddr {
        let mut bytes = Vec::from(AF_UNIX.to_ne_bytes());
        match self {
            Name::Path { path, .. } => {
                bytes.extend_from_slice(path);
                bytes.push(0);
            }
            Name::Abstract(name) => {
                bytes.push(0);
                bytes.extend_from_slice(name);
            }
        }
        SockAddr::new(&bytes).unwrap_or(SockAddr::NONE)
    }
}

/// The address of a socket without a name.
pub fn unnamed() -> SockAddr {
    SockAddr::new(&AF_UNIX.to_ne_bytes()).unwrap_or(SockAddr::NONE)
}

/// Decodes sockaddr_un; EINVAL.
pub fn parse(addr: &SockAddr) -> Result<Wanted<'_>> {
    let bytes = addr.bytes();
    if bytes.len() < 2 || bytes.len() > 2 + PATH_MAX || addr.family() != AF_UNIX {
        return Err(Errno::EINVAL);
    }
    match &bytes[2..] {
        [] => Ok(Wanted::Any),
        [0, name @ ..] => Ok(Wanted::Abstract(name)),
        path => {
            let end = path.iter().position(|&byte| byte == 0).unwrap_or(path.len());
            Ok(Wanted::Path(&path[..end]))
        }
    }
}

/// Gives `socket` the name; EADDRINUSE.
pub fn claim(wanted: &Wanted<'_>, socket: &Arc<UnixSocket>) -> Result<Name> {
    match wanted {
        Wanted::Path(path) => {
            let paths = PATHS.get().ok_or(Errno::EOPNOTSUPP)?;
            let inode = paths.bind(path, Arc::new(Bound(Arc::downgrade(socket))))?;
            Ok(Name::Path { path: path.to_vec(), _inode: inode })
        }
        Wanted::Abstract(name) => claim_abstract(name.to_vec(), socket),
        Wanted::Any => {
            // Five hexadecimal digits, as unix(7) says.
            for number in 1..0x10_0000u32 {
                let name = alloc::format!("{number:05x}").into_bytes();
                match claim_abstract(name, socket) {
                    Err(Errno::EADDRINUSE) => {}
                    result => return result,
                }
            }
            Err(Errno::ENOSPC)
        }
    }
}

/// An abstract name belongs to sockets of one type: those of another do not see it.
fn key(kind: Kind, name: &[u8]) -> Vec<u8> {
    let mut key = Vec::with_capacity(1 + name.len());
    key.push(kind as u8); // a number of its own
    key.extend_from_slice(name);
    key
}

fn claim_abstract(name: Vec<u8>, socket: &Arc<UnixSocket>) -> Result<Name> {
    let key = key(socket.kind, &name);
    let mut names = ABSTRACT.lock();
    if names.get(&key).is_some_and(|holder| holder.strong_count() > 0 && !holder.ptr_eq(&socket.me)) {
        return Err(Errno::EADDRINUSE);
    }
    names.insert(key, Arc::downgrade(socket));
    Ok(Name::Abstract(name))
}

/// The socket is gone: its abstract name is free again. (A path stays, as on Linux.) Sockets that only show the name of their listener change nothing.
pub fn give_up(name: &Name, socket: &UnixSocket) {
    if let Name::Abstract(name) = name {
        let key = key(socket.kind, name);
        let mut names = ABSTRACT.lock();
        if names.get(&key).is_some_and(|holder| holder.ptr_eq(&socket.me)) {
            names.remove(&key);
        }
    }
}

/// The living socket with that name, an abstract one among those of `kind`; ENOENT, ECONNREFUSED, EACCES.
pub fn find(wanted: &Wanted<'_>, kind: Kind) -> Result<Arc<UnixSocket>> {
    let socket = match wanted {
        Wanted::Path(path) => {
            let found = PATHS.get().ok_or(Errno::ENOENT)?.find(path)?;
            found.downcast_ref::<Bound>().and_then(|bound| bound.0.upgrade())
        }
        Wanted::Abstract(name) => ABSTRACT.lock().get(&key(kind, name)).and_then(Weak::upgrade),
        Wanted::Any => return Err(Errno::EINVAL),
    };
    socket.filter(|socket| !socket.is_dead()).ok_or(Errno::ECONNREFUSED)
}
