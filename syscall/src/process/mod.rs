//! Processes and threads: making and ending them, waiting, identity, limits.

pub mod clone;
pub mod cred;
pub mod exit;
pub mod ids;
pub mod limits;
pub mod prctl;
pub mod thread;
pub mod usergroups;
