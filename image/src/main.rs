//! The assembler.
fn main() {}
