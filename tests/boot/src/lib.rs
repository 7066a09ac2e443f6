//! How machines start and end: machine types, memory sizes, packed images, exit statuses, bad input, signals to the tool.
//!
//! The tests are in `tests/boot`; they need `target/release/unox` (or `UNOX`) and QEMU.
#![forbid(unsafe_code)]
