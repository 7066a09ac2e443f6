//! The command line.

use crate::run::flags::Devices;
use clap::{Args, Parser, Subcommand};
use std::ffi::OsString;
use std::path::PathBuf;
use vmm::{Accel, Machine, RootVia};

/// Runs Linux programs as unikernels: one program, its files and a kernel in a virtual machine of their own.
#[derive(Debug, Parser)]
#[command(name = "unox", version, disable_help_subcommand = true, after_help = EXIT_STATUS)]
pub struct Cli {
    #[command(flatten)]
    pub globals: crate::verbs::Globals,
    #[command(subcommand)]
    pub verb: Verb,
}

/// Ports as unikernels, with kraft's verbs: list, init, configure, build, run. This is unox under its other name.
#[derive(Debug, Parser)]
#[command(name = "kraft", version, disable_help_subcommand = true, after_help = KRAFT_STATUS)]
pub struct Kraft {
    #[command(flatten)]
    pub globals: crate::verbs::Globals,
    #[command(subcommand)]
    pub verb: KraftVerb,
}

const KRAFT_STATUS: &str =
    "Exit status: 0 done; 1 it could not be done; 2 a wrong use. Of `kraft run`: main's own, or 125 for a failure of the tool.";

/// What to do, as kraft.
#[derive(Debug, Subcommand)]
pub enum KraftVerb {
    /// Runs the unikernel that the project here built.
    Run(crate::verbs::image::Run),
    #[command(flatten)]
    Project(crate::verbs::Verb),
}

const EXIT_STATUS: &str =
    "Exit status: the program's own; 128+N when signal N killed it; 127 no such program; 126 not a program; 125 a failure of unox.";

const EXAMPLES: &str = "Examples:
  unox run /usr/bin/grep -c root /etc/passwd
  unox run --add ./data:/data python3 script.py
  unox run --strace ls -l /etc";

const PACKED: &str =
    "The file runs with `unox run FILE [ARGS]` and with plain `qemu-system-x86_64 -kernel FILE`; the same inputs give the same bytes.";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Runs a program in a machine of its own; without PROGRAM, the unikernel that the project here built.
    #[command(
        disable_help_subcommand = true,
        args_override_self = true,
        allow_external_subcommands = true,
        override_usage = "unox run [OPTIONS] PROGRAM [ARGS]...\n       unox run [OPTIONS] IMAGE [ARGS]...\n       unox run [OPTIONS] -k IMAGE [-a ARGS]",
        after_help = EXAMPLES,
        subcommand_help_heading = None::<&str>
    )]
    Run(Box<Run>),
    /// Writes one file that boots: kernel, program and its files.
    #[command(
        disable_help_subcommand = true,
        allow_external_subcommands = true,
        override_usage = "unox pack [OPTIONS] PROGRAM -o FILE [ARGS]...",
        after_help = PACKED,
        subcommand_help_heading = None::<&str>
    )]
    Pack(Box<Pack>),
    /// Shows what is inside a packed image.
    Inspect(Inspect),
    /// Says which system calls a program and its libraries can make, and which of them the kernel has not.
    ///
    /// Exit status: 0 when the kernel has all of them, 1 when not.
    Check(Check),
    #[command(flatten)]
    Project(crate::verbs::Verb),
}

/// What the guest has and is: for a machine to run and for one to pack.
#[derive(Debug, Args)]
pub struct Guest {
    /// Adds a file or directory of the host to the image (may be repeated)
    #[arg(long, value_name = "HOST[:GUEST]")]
    pub add: Vec<OsString>,
    /// Uses exactly this directory as the root file system
    #[arg(short, long, value_name = "DIR")]
    pub rootfs: Option<PathBuf>,
    /// Sets a variable of the program's environment; NAME alone passes the host's value (may be repeated)
    #[arg(long, value_name = "NAME[=VALUE]")]
    pub env: Vec<OsString>,
    /// Passes the host's whole environment
    #[arg(long)]
    pub env_host: bool,
    /// Directory the program starts in [default: the current one]
    #[arg(short, long, value_name = "DIR")]
    pub workdir: Option<PathBuf>,
    /// The machine's host name
    #[arg(long, value_name = "NAME", default_value = "unox")]
    pub hostname: OsString,
    /// User (and group) the program runs as, by name or number
    #[arg(short, long, value_name = "USER[:GROUP]", default_value = "0:0")]
    pub user: String,
    /// Runs the program once on the host first and adds the files it opens there
    #[arg(long)]
    pub trace: bool,
    /// Boots this kernel instead of the built-in one
    #[arg(short, long, value_name = "FILE")]
    pub kernel: Option<PathBuf>,
    /// Says more; twice: everything
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// `unox run`.
#[derive(Debug, Args)]
pub struct Run {
    #[command(flatten)]
    pub guest: Guest,
    /// The machine's memory, as 64, 64M or 2G [default: plenty; what is not used costs nothing]
    #[arg(short, long, value_name = "SIZE", value_parser = crate::memory::parse)]
    pub memory: Option<u64>,
    /// Prints the image's files and the QEMU command, and starts nothing
    #[arg(short = 'D', long)]
    pub dry_run: bool,
    /// Adds an argument to QEMU's (may be repeated)
    #[arg(long, value_name = "ARG", allow_hyphen_values = true)]
    pub qemu_arg: Vec<OsString>,
    /// QEMU's machine type: microvm, q35 or pc
    #[arg(long, value_name = "TYPE", default_value = "microvm")]
    pub machine: Machine,
    /// Who runs the guest's instructions: kvm, tcg, or auto (kvm where it is fast)
    #[arg(long, value_name = "ACCEL", default_value = "auto", value_parser = accel)]
    pub accel: AccelChoice,
    /// How the root image reaches the machine: mapped (read in place), disk (read on demand) or initrd (in its memory) [default: mapped, or the next that QEMU has]
    #[arg(long, value_name = "HOW")]
    pub root_via: Option<RootVia>,
    /// Prints every system call to stderr
    #[arg(long)]
    pub strace: bool,
    /// Prints figures to stderr at the end: boot time, calls, page faults, memory
    #[arg(long)]
    pub stats: bool,
    /// Waits for a debugger and prints the command that attaches one
    #[arg(long)]
    pub gdb: bool,
    #[command(flatten)]
    pub devices: Devices,
    /// Randomises no address, so that runs repeat exactly
    #[arg(long)]
    pub no_aslr: bool,
    /// Machine-readable: --dry-run prints JSON; a run ends with one JSON line on stderr
    #[arg(long)]
    pub json: bool,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// `unox pack`.
#[derive(Debug, Args)]
pub struct Pack {
    #[command(flatten)]
    pub guest: Guest,
    /// The file to write; may also stand right behind PROGRAM
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Prints what was written as JSON
    #[arg(long)]
    pub json: bool,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// `unox inspect`.
#[derive(Debug, Args)]
pub struct Inspect {
    /// A packed image, or a root image
    #[arg(value_name = "IMAGE")]
    pub image: PathBuf,
    /// Lists every file
    #[arg(short, long)]
    pub files: bool,
    /// Prints everything as JSON
    #[arg(long)]
    pub json: bool,
}

/// `unox check`.
#[derive(Debug, Args)]
pub struct Check {
    /// Lists the calls that the kernel has, too
    #[arg(short, long)]
    pub verbose: bool,
    /// Prints everything as JSON
    #[arg(long)]
    pub json: bool,
    /// A path, or a name in PATH
    #[arg(value_name = "PROGRAM")]
    pub program: OsString,
}

/// PROGRAM and what follows it, all of which belongs to the program.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The words as they stand.
    #[command(external_subcommand)]
    Words(Vec<OsString>),
}

/// `--accel`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccelChoice {
    /// Probe.
    Auto,
    /// As told.
    Fixed(Accel),
}

/// Reads `--accel`.
pub fn accel(name: &str) -> Result<AccelChoice, String> {
    if name == "auto" { Ok(AccelChoice::Auto) } else { name.parse().map(AccelChoice::Fixed) }
}

/// PROGRAM and ARGS; empty when none were given.
pub fn words(command: &Option<Command>) -> &[OsString] {
    match command {
        Some(Command::Words(words)) => words,
        None => &[],
    }
}

/// What `unox pack` packs and the file it writes: `-o FILE` among the options, or right behind PROGRAM. `None` when there is no such file.
pub fn pack_words(options: &Pack) -> (Vec<OsString>, Option<PathBuf>) {
    let mut words = words(&options.command).to_vec();
    let mut output = options.output.clone();
    if output.is_none() && words.len() > 2 && (words[1] == "-o" || words[1] == "--output") {
        output = words.drain(1..3).nth(1).map(PathBuf::from);
    }
    (words, output)
}

/// The process's arguments. `--` may stand before PROGRAM, as for env(1): it says nothing, since options end there anyway.
pub fn arguments() -> Vec<OsString> {
    without_separator(std::env::args_os().collect())
}

fn without_separator(mut arguments: Vec<OsString>) -> Vec<OsString> {
    // Only a `--` that follows an option or the verb can be ours; one that follows PROGRAM is behind a word without a dash.
    if let Some(at) = arguments.iter().position(|a| a == "--")
        && at >= 2
        && (arguments[1] == "run" || arguments[1] == "pack")
        && arguments[2..at].iter().all(|a| a.as_encoded_bytes().starts_with(b"-"))
    {
        arguments.remove(at);
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn run(words: &[&str]) -> Result<Run, String> {
        let all: Vec<OsString> = ["unox", "run"].iter().chain(words).map(OsString::from).collect();
        match Cli::try_parse_from(without_separator(all)) {
            Ok(Cli { verb: Verb::Run(run), .. }) => Ok(*run),
            Ok(other) => Err(format!("{other:?}")),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
        Kraft::command().debug_assert();
    }

    #[test]
    fn options_after_the_program_are_the_program_s() {
        let parsed = run(&["-v", "-m", "64", "grep", "-v", "--json", "x", "--", "-m"]).unwrap();
        assert_eq!(words(&parsed.command), ["grep", "-v", "--json", "x", "--", "-m"]);
        assert_eq!((parsed.guest.verbose, parsed.json, parsed.memory), (1, false, Some(64)));
        assert_eq!(words(&run(&["--", "help", "--help"]).unwrap().command), ["help", "--help"]);
        assert_eq!(words(&run(&["sh", "-c", "exit 3"]).unwrap().command), ["sh", "-c", "exit 3"]);
    }

    #[test]
    fn an_unknown_option_is_named() {
        let said = run(&["--memroy", "4", "ls"]).unwrap_err();
        assert!(said.contains("--memroy"), "{said}");
        assert!(run(&["--machine", "vax", "ls"]).unwrap_err().contains("microvm"));
        assert!(run(&["--accel", "hvf", "ls"]).unwrap_err().contains("tcg"));
        assert!(run(&["--root-via", "air", "ls"]).unwrap_err().contains("mapped"));
        assert!(run(&["-m", "lots", "ls"]).unwrap_err().contains("lots"));
    }

    #[test]
    fn a_qemu_argument_may_begin_with_a_dash() {
        let parsed = run(&["--qemu-arg", "-name", "--qemu-arg=x", "ls"]).unwrap();
        assert_eq!(parsed.qemu_arg, ["-name", "x"]);
        assert_eq!(words(&parsed.command), ["ls"]);
    }

    #[test]
    fn no_program_is_no_words() {
        assert!(words(&run(&["--stats"]).unwrap().command).is_empty());
    }
}
