//! Processes: their threads, families, signals, limits, ends. Several are laid out for, though only the initial one is made so far.

pub mod process;
pub mod program;
mod rooms;
pub mod signals;
pub mod slot;
mod start;
pub mod table;
pub mod timers;
pub mod user;

pub use process::{Process, Usage};
pub use slot::Slot;
pub use start::{Initial, create_initial};
pub use table::{find, find_thread, initial};
pub use user::{UserThread, current, try_current};
