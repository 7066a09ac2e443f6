//! Signals.

pub mod action;
pub mod mask;
pub mod send;
