//! Descriptors and the objects that are nothing but descriptors: pipes, event counters, epoll, Unix sockets and so on.

pub mod table;

pub use table::{FdTable, Reserved};
