//! The tree of files that an image will hold.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

/// Bytes in the longest name (NAME_MAX).
const NAME_MAX: usize = 255;

/// What stat(2) says of a file besides its type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meta {
    /// Permission bits, set-id and sticky bits: the low 12 bits of `st_mode`.
    pub perm: u16,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Modification time: seconds and nanoseconds since the epoch.
    pub mtime: (i64, u32),
    /// Extended attributes: full name and value.
    pub xattrs: Vec<(Vec<u8>, Vec<u8>)>,
}

/// What a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Directory.
    Directory,
    /// Regular file of `len` bytes; `source` is the caller's own name for the contents and comes back in [`super::Extent`].
    File {
        /// Bytes of contents.
        len: u64,
        /// The caller's key.
        source: u64,
    },
    /// Symbolic link to this target: 1 to 4095 bytes.
    Symlink(Vec<u8>),
    /// Character device with Linux's 32-bit device number.
    CharDevice(u32),
    /// Block device with Linux's 32-bit device number.
    BlockDevice(u32),
    /// FIFO.
    Fifo,
    /// Socket.
    Socket,
}

/// A node of a [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NodeId(pub(super) usize);

#[derive(Debug)]
pub(super) struct Node {
    pub kind: Kind,
    pub meta: Meta,
    /// Names, of directories. BTreeMap: the image wants them sorted bytewise, and reproducible.
    pub children: BTreeMap<Vec<u8>, usize>,
    pub nlink: u32,
    pub parent: usize,
    /// Made only because something below it was inserted.
    implied: bool,
}

/// Why a tree cannot be built or laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WriteError {
    /// A name is empty, `.`, `..`, longer than 255 bytes or has a NUL. The path.
    BadName(String),
    /// A path goes through something that is not a directory. The path.
    NotDirectory(String),
    /// The path is there already, as something else. The path.
    Exists(String),
    /// A symbolic link's target is empty, too long or has a NUL. The path, when known.
    BadTarget(String),
    /// An extended attribute does not fit the format, or its name has an unknown prefix. The attribute's name.
    BadXattr(String),
    /// The image would have more than 2^32 blocks or too much metadata.
    TooLarge,
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WriteError::BadName(p) => write!(f, "{p}: not a name that an image can hold"),
            WriteError::NotDirectory(p) => write!(f, "{p}: goes through something that is not a directory"),
            WriteError::Exists(p) => write!(f, "{p}: is in the image already, as something else"),
            WriteError::BadTarget(p) => write!(f, "{p}: a symbolic link's target must have 1 to 4095 bytes"),
            WriteError::BadXattr(n) => write!(f, "extended attribute {n}: cannot be stored in EROFS"),
            WriteError::TooLarge => f.write_str("the image would be larger than 16 TiB"),
        }
    }
}

impl core::error::Error for WriteError {}

fn text(path: &[u8]) -> String {
    String::from_utf8_lossy(path).into_owned()
}

/// The components of a path; empty ones (doubled and leading slashes) do not count.
fn parts(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.split(|&b| b == b'/').filter(|p| !p.is_empty())
}

/// A tree of files. Paths are relative to its root; a leading slash changes nothing.
#[derive(Debug)]
pub struct Tree {
    pub(super) nodes: Vec<Node>,
    default: Meta,
}

impl Tree {
    /// A tree with only the root directory. Directories that are made on the way to others look like the root.
    pub fn new(root: Meta) -> Tree {
        let node = Node { kind: Kind::Directory, meta: root.clone(), children: BTreeMap::new(), nlink: 2, parent: 0, implied: true };
        Tree { nodes: vec![node], default: Meta { xattrs: Vec::new(), ..root } }
    }

    /// How many files of all kinds there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Is there nothing but the root?
    pub fn is_empty(&self) -> bool {
        self.nodes.len() == 1
    }

    /// Finds a path without following symbolic links.
    pub fn get(&self, path: &[u8]) -> Option<NodeId> {
        let mut at = 0;
        for part in parts(path) {
            at = *self.nodes.get(at)?.children.get(part)?;
        }
        Some(NodeId(at))
    }

    /// What a node is.
    pub fn kind(&self, node: NodeId) -> Option<&Kind> {
        self.nodes.get(node.0).map(|n| &n.kind)
    }

    /// Adds a file and the directories above it. A directory may be inserted again to give it its metadata.
    pub fn insert(&mut self, path: &[u8], kind: Kind, meta: Meta) -> Result<NodeId, WriteError> {
        if let Kind::Symlink(target) = &kind
            && (target.is_empty() || target.len() >= crate::BLOCK_SIZE || target.contains(&0))
        {
            return Err(WriteError::BadTarget(text(path)));
        }
        let Some((dir, name)) = self.parent(path)? else {
            return self.again(0, path, kind, meta);
        };
        if let Some(&old) = self.nodes[dir].children.get(name) {
            return self.again(old, path, kind, meta);
        }
        Ok(NodeId(self.attach(dir, name, kind, meta, false)))
    }

    /// Gives a file one more name (hard link). Not for directories.
    pub fn link(&mut self, path: &[u8], to: NodeId) -> Result<(), WriteError> {
        let exists = || WriteError::Exists(text(path));
        if matches!(self.nodes.get(to.0).map(|n| &n.kind), None | Some(Kind::Directory)) {
            return Err(exists());
        }
        let (dir, name) = self.parent(path)?.ok_or_else(exists)?;
        if self.nodes[dir].children.contains_key(name) {
            return Err(exists());
        }
        self.nodes[dir].children.insert(name.to_vec(), to.0);
        self.nodes[to.0].nlink += 1;
        Ok(())
    }

    fn again(&mut self, old: usize, path: &[u8], kind: Kind, meta: Meta) -> Result<NodeId, WriteError> {
        let node = &mut self.nodes[old];
        if node.kind != Kind::Directory || kind != Kind::Directory {
            return Err(WriteError::Exists(text(path)));
        }
        if node.implied {
            node.meta = meta;
            node.implied = false;
        }
        Ok(NodeId(old))
    }

    fn attach(&mut self, dir: usize, name: &[u8], kind: Kind, meta: Meta, implied: bool) -> usize {
        let id = self.nodes.len();
        let nlink = if kind == Kind::Directory {
            self.nodes[dir].nlink += 1;
            2
        } else {
            1
        };
        self.nodes.push(Node { kind, meta, children: BTreeMap::new(), nlink, parent: dir, implied });
        self.nodes[dir].children.insert(name.to_vec(), id);
        id
    }

    /// The directory that holds the last component of `path`, made if need be, and that component; nothing for the root.
    fn parent<'p>(&mut self, path: &'p [u8]) -> Result<Option<(usize, &'p [u8])>, WriteError> {
        let mut dir = 0;
        let mut names = parts(path).peekable();
        while let Some(name) = names.next() {
            if name.len() > NAME_MAX || name == b"." || name == b".." || name.contains(&0) {
                return Err(WriteError::BadName(text(path)));
            }
            if self.nodes[dir].kind != Kind::Directory {
                return Err(WriteError::NotDirectory(text(path)));
            }
            if names.peek().is_none() {
                return Ok(Some((dir, name)));
            }
            dir = match self.nodes[dir].children.get(name) {
                Some(&child) => child,
                None => self.attach(dir, name, Kind::Directory, self.default.clone(), true),
            };
        }
        Ok(None)
    }
}
