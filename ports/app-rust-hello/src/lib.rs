//! An application in Rust without std: collections from `alloc`, the image's allocator, the boot sequence, messages.
#![no_std]

extern crate alloc;

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;
use uk::init::Context;
use uk::{Args, pr_info, pr_warn, println};

uk::uk_ctor!(5, constructor);
uk::uk_initcall!(lib, 3, library);
uk::uk_initcall!(late, 5, late, ended);
uk::uk_main!(run);

extern "C" fn constructor() {
    println!("constructor");
}

extern "C" fn library(context: &mut Context) -> i32 {
    println!("lib initcall, {} argument(s)", context.argc);
    0
}

extern "C" fn late(_: &mut Context) -> i32 {
    println!("late initcall");
    0
}

extern "C" fn ended(_: *const core::ffi::c_void) {
    println!("terminator");
}

fn run(args: Args) -> i32 {
    let words: Vec<String> = args.skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    if words.first().is_some_and(|w| w == "panic") {
        let nothing: Option<u8> = None;
        return nothing.expect("asked to panic").into();
    }
    let mut lengths: BTreeMap<&str, usize> = BTreeMap::new();
    for word in &words {
        lengths.insert(word, word.chars().count());
    }
    println!("Hello from Rust, {} word(s)", words.len());
    for (word, length) in &lengths {
        println!("{word}: {length}");
    }
    let mut squares: Vec<u64> = (0..100_000).map(|n| n * n).collect();
    squares.retain(|n| n % 7 == 1);
    println!("{} squares leave 1 when divided by 7", squares.len());
    let start = uk::time::monotonic();
    uk::time::sleep(Duration::from_millis(3));
    assert!(uk::time::monotonic() - start >= Duration::from_millis(3));
    let mut key = [0u8; 16];
    uk::random::fill(&mut key).expect("random bytes");
    assert_ne!(key, [0u8; 16]);
    assert_eq!(uk::call::close(-1), Err(uk::call::Errno(9)));
    pr_info!("shown when information is");
    pr_warn!("the end");
    3
}
