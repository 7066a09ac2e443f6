//! The machine: its name, memory, random numbers, its end.

pub mod machine;
pub mod names;
