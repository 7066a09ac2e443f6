//! `cargo run -p ports --example members`: writes ports/musl/members.txt anew. To be run when musl's patches, flags or our part of it change;
//! until then those members that changed are compiled in every image, which costs time and nothing else.
#![forbid(unsafe_code)]

use ports::{Image, project};
use ukbuild::BuildOptions;

/// Which members there are depends on these; no one configuration has them all.
const CONFIGURATIONS: &[(&str, &[&str])] = &[
    ("members-all", &["CONFIG_LIBMUSL=y"]),
    ("members-malloc", &["CONFIG_LIBMUSL=y", "CONFIG_LIBUKALLOC_DEFAULT_BBUDDY=y", "CONFIG_LIBUKALLOC_MALLOC=y"]),
    ("members-strace", &["CONFIG_LIBMUSL=y", "CONFIG_LIBSYSCALL_SHIM_STRACE=y"]),
];

fn main() -> Result<(), String> {
    let args: Vec<std::ffi::OsString> = std::env::args_os().skip(1).collect();
    if args.first().is_some_and(|a| a == ukbuild::helper::VERB) {
        std::process::exit(ukbuild::helper::main(&args[1..]));
    }
    for (name, config) in CONFIGURATIONS {
        let image = Image { app: "ports/app-helloworld", libs: &["ports/musl"], config, name };
        for (path, count) in project(&image, |_: &mut BuildOptions| {})?.record_members().map_err(|e| e.to_string())? {
            println!("{name}: {path}: {count} members");
        }
    }
    Ok(())
}
