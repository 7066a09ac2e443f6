//! Pure parts of path handling: splitting a path into components while hashing them ([`component`]), and the in-memory part of a directory,
//! whose read positions stay valid while entries come and go ([`DirMap`]); and the paths walked last ([`Recent`]).
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod component;
mod dirmap;
mod recent;

pub use component::{Component, component, hash_name};
pub use dirmap::DirMap;
pub use recent::Recent;
