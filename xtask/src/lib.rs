//! The project's chores as a library, so that tests can run the checks too. `cargo xtask` is the front.
#![forbid(unsafe_code)]

pub mod bench;
pub mod build;
pub mod docs;
pub mod headers;
pub mod layers;
pub mod locate;
pub mod setup;
pub mod shell;
pub mod sources;
pub mod tarball;
pub mod test;
