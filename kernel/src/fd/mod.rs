//! Descriptors and the objects that are nothing but descriptors: pipes, event counters, epoll, Unix sockets and so on.

pub mod anon;
pub mod epoll;
pub mod eventfd;
pub mod fifo;
pub mod hooks;
pub mod inotify;
pub mod pipe;
pub mod poll_call;
pub mod sigio;
pub mod signalfd;
pub mod socket;
pub mod splice;
pub mod table;
pub mod timerfd;
pub mod unix;

#[cfg(test)]
mod tests;

pub use table::{FdTable, Reserved};
