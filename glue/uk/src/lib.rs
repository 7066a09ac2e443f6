//! For ports in Rust: what glue/include/uk offers to C. A `no_std` port takes the feature `runtime`, which brings an allocator over the image's default one
//! and a panic handler that says what happened and ends the program.
//!
//! ```ignore
//! #![no_std]
//! extern crate alloc;
//!
//! uk::uk_initcall!(late, 5, before_main);
//! extern "C" fn before_main(_: &mut uk::init::Context) -> i32 { uk::println!("before main"); 0 }
//!
//! uk::uk_main!(run);
//! fn run(args: uk::Args) -> i32 {
//!     for arg in args { uk::println!("{}", arg.to_string_lossy()); }
//!     0
//! }
//! ```
#![no_std]

pub mod alloc;
pub mod args;
pub mod call;
pub mod futex;
pub mod init;
#[cfg(feature = "panic")]
mod panic;
pub mod print;
pub mod random;
pub mod time;

pub use args::Args;
