//! Linux is the oracle: a program is run on the host first and under `unox run` second, and must say the same.
//!
//! `tests/guest` (small programs, one topic each) and `tests/apps` (real packages) both use this crate.
#![forbid(unsafe_code)]

pub mod build;
pub mod compare;
pub mod directive;
pub mod known;
pub mod programs;
pub mod run;

use std::path::PathBuf;

/// The repository's root, found from this crate's place in it.
pub fn repo() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).map(PathBuf::from).unwrap_or(here)
}

/// The `target` directory, where compiled guest programs and inputs go.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from).unwrap_or_else(|| repo().join("target"))
}

/// True when only the host is asked (`UNOX_TEST_NATIVE=1`): each program runs twice there and must agree with itself. For writing tests.
pub fn native_only() -> bool {
    std::env::var_os("UNOX_TEST_NATIVE").is_some()
}
