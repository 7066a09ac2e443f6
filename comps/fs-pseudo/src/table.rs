//! Directories that are known when the kernel is built, as tables.

use alloc::sync::Arc;
use alloc::vec::Vec;

use abi::{Errno, Result};
use kernel::vfs::FileType;

use crate::file::Text;
use crate::node::{Content, Dir, Node, Target};

/// An entry of a table.
pub enum Item {
    /// A text that a function writes.
    Text(fn(&mut Text) -> Result<()>),
    /// A text that never changes.
    Fixed(&'static str),
    /// A number or word that a program may read and set: how to show it, how to set it.
    Setting(fn(&mut Text) -> Result<()>, fn(&[u8]) -> Result<()>),
    /// A directory.
    Dir(&'static [(&'static str, Item)]),
    /// A symbolic link.
    Link(&'static str),
    /// Anything else.
    Node(fn() -> Node),
}

impl Item {
    fn kind(&self) -> FileType {
        match self {
            Item::Text(_) | Item::Fixed(_) | Item::Setting(..) => FileType::Regular,
            Item::Dir(_) => FileType::Directory,
            Item::Link(_) => FileType::Symlink,
            Item::Node(make) => match make() {
                Node::Dir(_) => FileType::Directory,
                Node::File(_) => FileType::Regular,
                Node::Link(_) => FileType::Symlink,
                Node::Device(kind, ..) => kind,
            },
        }
    }

    fn node(&'static self) -> Node {
        match self {
            Item::Text(_) | Item::Fixed(_) | Item::Setting(..) => Node::File(Arc::new(ItemContent(self))),
            Item::Dir(table) => Node::Dir(Arc::new(Table(table))),
            Item::Link(text) => Node::Link(Arc::new(Fixed(text))),
            Item::Node(make) => make(),
        }
    }
}

/// A directory over a table.
pub struct Table(pub &'static [(&'static str, Item)]);

impl Dir for Table {
    fn lookup(&self, name: &[u8]) -> Result<Node> {
        self.0.iter().find(|(n, _)| n.as_bytes() == name).map(|(_, item)| item.node()).ok_or(Errno::ENOENT)
    }

    fn list(&self, visit: &mut dyn FnMut(&[u8], FileType) -> bool) {
        for (name, item) in self.0 {
            if !visit(name.as_bytes(), item.kind()) {
                return;
            }
        }
    }
}

/// A link whose text never changes.
pub struct Fixed(pub &'static str);

impl Target for Fixed {
    fn text(&self) -> Result<Vec<u8>> {
        Ok(self.0.as_bytes().to_vec())
    }
}

struct ItemContent(&'static Item);

impl Content for ItemContent {
    fn text(&self, out: &mut Text) -> Result<()> {
        match self.0 {
            Item::Text(write) | Item::Setting(write, _) => write(out),
            Item::Fixed(text) => {
                out.bytes.extend_from_slice(text.as_bytes());
                Ok(())
            }
            _ => Err(Errno::EINVAL),
        }
    }

    fn store(&self, bytes: &[u8]) -> Result<()> {
        match self.0 {
            Item::Setting(_, store) => store(bytes.trim_ascii()),
            _ => Err(Errno::EINVAL),
        }
    }

    fn perm(&self) -> u32 {
        if matches!(self.0, Item::Setting(..)) { 0o644 } else { 0o444 }
    }
}
