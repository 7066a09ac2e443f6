//! Reading, writing, descriptors: the calls that work on any open file.

pub mod control;
pub mod current;
pub mod event;
pub mod fds;
pub mod flags;
pub mod iovec;
pub mod lock;
pub mod memory;
pub mod rw;
pub mod seek;
pub mod splice;
