//! `cargo xtask`: parses the verb.
#![forbid(unsafe_code)]

use std::process::ExitCode;
use xtask::{bench, build, docs, layers, locate, setup, shell, sources, test};

const USAGE: &str = "cargo xtask VERB

  setup [run|test]     installs the system packages that running (testing) needs
  build                builds the kernel, and unox with the kernel inside: target/release/unox
  image                builds the kernel alone: target/release/unox-kernel
  run -- PROGRAM ARGS  sets up, builds, and runs PROGRAM as a unikernel (options of `unox run` before PROGRAM)
  test [FILTER ...]    sets up, builds, and runs every test; arguments go to `cargo test`
  bench [--json] [--no-linux] [NAME ...]  measures the figures, beside a Linux guest
  where NAME           where a system call lives: table, handler, mechanism, tests, documentation
  sources              brings the origin archives of the ports into target/mirror, from Debian's source packages
  layers               checks the rules about what may depend on what
  docs                 writes docs/syscalls.md from the table of system calls";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (verb, rest) = words.split_first().map_or(("", &[][..]), |(v, r)| (v.as_str(), r));
    let done = match verb {
        "setup" => setup::run(match rest.first().map(String::as_str) {
            Some("run") => setup::Need::Run,
            _ => setup::Need::Test,
        }),
        "build" => build::all(),
        "image" => build::kernel().map(|path| println!("{}", path.display())),
        "run" => return run(rest),
        "test" => test::run(rest),
        "bench" => bench::run(rest),
        "where" => locate::run(rest),
        "sources" => sources::run().map(|()| println!("{}", sources::mirror().display())),
        "layers" => layers::run(),
        "docs" => docs::run(),
        "help" | "--help" | "-h" => {
            println!("{USAGE}");
            Ok(())
        }
        _ => Err(format!("which verb?\n{USAGE}")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("xtask: {why}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[String]) -> ExitCode {
    let words = words.strip_prefix(&["--".to_string()]).unwrap_or(words);
    let status = setup::run(setup::Need::Run).and_then(|()| build::all()).and_then(|()| {
        let mut command = std::process::Command::new(build::unox());
        command.arg("run").args(words);
        command.status().map_err(|e| format!("{}: {e}", build::unox().display()))
    });
    match status {
        Ok(status) => ExitCode::from(shell::code(status)),
        Err(why) => {
            eprintln!("xtask: {why}");
            ExitCode::from(125)
        }
    }
}
