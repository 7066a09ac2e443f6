//! Building a new image: a tree of files, laid out so that the same tree gives the same bytes.
//!
//! The result is the metadata (superblock, inodes, directories) as bytes, and for each regular file the place where its contents go.
//! Copying the contents is the caller's business, so nothing here does input or output.

mod encode;
mod layout;
mod tree;

pub use layout::{Extent, Layout, Options};
pub use tree::{Kind, Meta, NodeId, Tree, WriteError};
