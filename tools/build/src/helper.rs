//! The hidden side of the command: what the recipes of our make macros call. `unox __uk-helper fetch|unarchive|patch|clone ...`.

use std::ffi::OsString;

/// Word in argv[1] that leads here.
pub const VERB: &str = "__uk-helper";

/// Runs one helper; `args` are the words after [`VERB`]. The result is the exit status.
pub fn main(args: &[OsString]) -> i32 {
    eprintln!("unox: helper {args:?} is not implemented yet");
    2
}
