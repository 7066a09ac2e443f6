//! The host's side of a machine: finds QEMU, chooses the accelerator, writes the command line and the configuration module, starts the
//! machine, carries stdio and signals to and from it, and turns its last words into an exit status.
//!
//! What is said between the two sides is in docs/boot-protocol.md. Nothing here knows what is inside the root image.

pub mod background;
pub mod config;
pub mod control;
pub mod error;
pub mod find;
pub mod machine;
pub mod probe;
pub mod qmp;
pub mod session;
pub mod stdio;
pub mod tty;

pub use config::Config;
pub use control::{Ending, Line};
pub use error::{Error, Result};
pub use machine::{Accel, Machine, RootImage, RootVia, Share, Spec};
pub use session::{Options, Outcome, Words, run};
