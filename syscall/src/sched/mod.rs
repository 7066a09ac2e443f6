//! Scheduling.

pub mod affinity;
pub mod nice;
pub mod policy;
