//! File systems whose files are made up when they are looked at. A component describes directories ([`Dir`]), texts ([`Content`]), links and devices; names,
//! inodes, reading at any offset and getdents are done here once. Nothing exists before it is looked up.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod file;
mod node;
mod table;

use alloc::boxed::Box;
use alloc::sync::Arc;

use abi::Result;
use abi::fs::Statfs;
use kernel::vfs::{Inode, SuperBlock, SuperOps};

pub use file::Text;
pub use node::{Content, Dir, Node, Target};
pub use table::{Fixed, Item, Table};

struct Plain {
    magic: i64,
}

impl SuperOps for Plain {
    fn statfs(&self) -> Statfs {
        Statfs { f_type: self.magic, f_bsize: 4096, f_frsize: 4096, f_namelen: 255, ..Statfs::default() }
    }
}

/// Inode number of every root directory here.
const ROOT_INO: u64 = 1;

/// Makes a file system of kind `kind` (statfs type `magic`) whose root is `root`, with permission bits 0555 or what `root` says.
pub fn mount(kind: &'static str, magic: i64, root: Arc<dyn Dir>) -> Result<Arc<Inode>> {
    let sb = SuperBlock::new(kind, Box::new(Plain { magic }));
    Ok(node::inode(&sb, ROOT_INO, Node::Dir(root)))
}
