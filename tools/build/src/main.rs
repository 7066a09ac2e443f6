//! `ukbuild`: the build system alone, without projects and configuration. The tests use it; people use `unox build`.
#![forbid(unsafe_code)]

use std::ffi::OsString;

fn main() {
    let args: Vec<OsString> = std::env::args_os().skip(1).collect();
    if args.first().is_some_and(|a| a == ukbuild::helper::VERB) {
        std::process::exit(ukbuild::helper::main(&args[1..]));
    }
    eprintln!("ukbuild: not implemented yet");
    std::process::exit(2);
}
