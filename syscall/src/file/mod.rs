//! System calls on files by name and on their attributes.

pub mod attr;
pub mod common;
pub mod dir;
pub mod link;
pub mod mount;
pub mod open;
pub mod stat;
pub mod sync;
pub mod times;
pub mod truncate;
pub mod xattr;
