//! Sockets.

pub mod addr;
pub mod control;
pub mod make;
pub mod message;
pub mod option;
