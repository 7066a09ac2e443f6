//! Real programs of the distribution, each a named test: output and exit status equal on Linux and under `unox run`, without options.
//!
//! The tests are in `tests/apps`, the programs in its `table.rs`.
#![forbid(unsafe_code)]
