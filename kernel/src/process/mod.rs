//! Processes: their threads, families, signals, limits, ends. Several are laid out for, though only the initial one is made so far.

pub mod altstack;
pub mod clocks;
pub mod clone;
pub mod deliver;
pub mod exit;
pub mod fatal;
mod hooks;
pub mod itimers;
pub mod mapped;
pub(crate) mod names;
#[allow(clippy::module_inception)] // the room and the structure it is named after
pub mod process;
pub mod program;
pub mod ptimers;
pub mod rseq;
pub mod signals;
pub mod sigwait;
pub mod sleep;
pub mod slot;
mod start;
pub mod table;
pub mod timers;
pub mod trap;
pub mod unsupported;
pub mod user;
mod vsyscall;
pub mod wait;

pub use process::{Process, Usage};
pub use slot::Slot;
pub use start::{Initial, create_initial};
pub use table::{find, find_thread, initial};
pub use user::{UserThread, current, try_current};
