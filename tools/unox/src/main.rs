//! `unox`: runs Linux programs as unikernels. This file parses the command line and turns results into an exit status; each verb has its module.

mod cache;
mod check;
mod cli;
mod counter;
mod effects;
mod failure;
mod gdb;
mod images;
mod kernel;
mod memory;
mod program;
mod run;
mod symbols;
mod trace;
mod verbs;

use clap::Parser;
use failure::{Failure, Result};
use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Instant;

fn main() -> ExitCode {
    let began = std::time::Instant::now();
    let arguments = cli::arguments();
    // What the recipes of ukbuild's make files call.
    if arguments.get(1).is_some_and(|a| a == ukbuild::helper::VERB) {
        return ExitCode::from(u8::try_from(ukbuild::helper::main(&arguments[2..])).unwrap_or(1));
    }
    if run::qemu_guest::is_called(&arguments) {
        return run::qemu_guest::main(arguments);
    }
    let done = if failure::called() == "kraft" { kraft(arguments, began) } else { unox(arguments, began) };
    done.map_or_else(|failure| failure.report(), ExitCode::from)
}

fn unox(arguments: Vec<OsString>, began: Instant) -> Result<u8> {
    let cli = match cli::Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        // Everything but an answer is a failure of ours, so that a program's own statuses stay distinct.
        Err(error) => return Ok(answer(&error, Failure::STATUS)),
    };
    match cli.verb {
        cli::Verb::Run(run) => match verbs::image::project(&run, began)? {
            Some(status) => Ok(status),
            None => run::run(&run, began),
        },
        cli::Verb::Pack(pack) => images::pack(&pack),
        cli::Verb::Inspect(inspect) => images::inspect(&inspect),
        cli::Verb::Check(check) => check::run(&check),
        cli::Verb::Project(verb) => verbs::run(verb, cli.globals),
    }
}

fn kraft(arguments: Vec<OsString>, began: Instant) -> Result<u8> {
    let cli = match cli::Kraft::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return Ok(answer(&error, 2)),
    };
    match cli.verb {
        cli::KraftVerb::Run(run) => verbs::image::run(&run, began),
        cli::KraftVerb::Project(verb) => verbs::run(verb, cli.globals),
    }
}

/// Help and version are answers; the rest is a wrong use.
fn answer(error: &clap::Error, wrong: u8) -> u8 {
    let _ = error.print();
    if error.use_stderr() { wrong } else { 0 }
}
