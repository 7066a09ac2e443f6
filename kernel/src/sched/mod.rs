//! Threads and who runs next.

pub mod wait;
