//! The house's rules as tests; `cargo xtask layers` prints the same.
#![forbid(unsafe_code)]
