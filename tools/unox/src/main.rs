//! `unox`: runs Linux programs as unikernels. This file parses the command line and turns results into an exit status; each verb has its module.

mod cache;
mod check;
mod cli;
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

use clap::Parser;
use failure::Failure;
use std::process::ExitCode;

fn main() -> ExitCode {
    let began = std::time::Instant::now();
    let cli = match cli::Cli::try_parse_from(cli::arguments()) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers; everything else is a failure of ours, so that a program's own statuses stay distinct.
            let status = if error.use_stderr() { Failure::STATUS } else { 0 };
            let _ = error.print();
            return ExitCode::from(status);
        }
    };
    let done = match cli.verb {
        cli::Verb::Run(run) => run::run(&run, began),
        cli::Verb::Pack(pack) => images::pack(&pack),
        cli::Verb::Inspect(inspect) => images::inspect(&inspect),
        cli::Verb::Check(check) => check::run(&check),
    };
    done.map_or_else(|failure| failure.report(), ExitCode::from)
}
