//! The command line of Unikraft's `qemu-guest` script: called by that name, the tool boots images as the script did, without root, socat or a bridge of its
//! own making.

use super::flags::Devices;
use super::{ImageOptions, run_image};
use crate::cli::AccelChoice;
use crate::failure::Failure;
use clap::Parser;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use vmm::Machine;

/// Boots an image under QEMU.
#[derive(Debug, Parser)]
#[command(name = "qemu-guest", disable_version_flag = true, after_help = "What follows -- goes to QEMU as it is.")]
pub struct QemuGuest {
    /// The image
    #[arg(short, value_name = "IMAGE")]
    kernel: PathBuf,
    /// Root file system: a cpio archive (also gzipped) or an EROFS image
    #[arg(short, value_name = "FILE")]
    initrd: Option<PathBuf>,
    /// The program's arguments; with ` -- ` among them, what is before goes to the kernel
    #[arg(short, value_name = "ARGS", allow_hyphen_values = true)]
    append: Option<OsString>,
    /// Shares a directory of the host; the first is the root file system (may be repeated)
    #[arg(short, value_name = "DIR[:PLACE]")]
    e: Vec<OsString>,
    /// Memory in MiB
    #[arg(short, value_name = "MB", default_value = "64", value_parser = crate::memory::parse)]
    memory: u64,
    /// Cores
    #[arg(short, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=255))]
    cores: u32,
    /// Sockets
    #[arg(short, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=255))]
    sockets: u32,
    /// Leaves the machine in the background
    #[arg(short = 'x')]
    background: bool,
    /// Holds the machine until a debugger lets it go
    #[arg(short = 'P')]
    paused: bool,
    /// A debugger's TCP port
    #[arg(short, value_name = "PORT")]
    gdb: Option<u16>,
    /// Prints the QEMU command only
    #[arg(short = 'D')]
    dry_run: bool,
    /// Machine type: x86pc, x86q35 or microvm
    #[arg(short, value_name = "TYPE", default_value = "x86pc", value_parser = machine)]
    t: Machine,
    /// No hardware acceleration
    #[arg(short = 'W')]
    no_acceleration: bool,
    /// A network device behind QEMU's own network
    #[arg(short)]
    n: bool,
    /// A network device on this bridge
    #[arg(short, value_name = "BRIDGE", conflicts_with = "n")]
    b: Option<String>,
    /// The machine's name
    #[arg(short = 'G', value_name = "NAME")]
    name: Option<String>,
    /// A disk (raw)
    #[arg(short, value_name = "IMAGE")]
    d: Vec<PathBuf>,
    /// A disk (qcow2)
    #[arg(short, value_name = "IMAGE")]
    q: Vec<PathBuf>,
    /// The QEMU binary
    #[arg(short = 'Q', value_name = "PATH")]
    qemu: Option<PathBuf>,
    /// Accepted: simultaneous multithreading, memory balloon, random numbers, no death by Ctrl-C, CPU pinning
    #[arg(short = 'H', hide = true)]
    smt: bool,
    #[arg(short, hide = true)]
    l: bool,
    #[arg(short, hide = true)]
    r: bool,
    #[arg(short = 'C', hide = true)]
    survive: bool,
    #[arg(short, hide = true, value_name = "CPUS")]
    p: Option<String>,
    #[arg(short, hide = true, value_name = "PORT")]
    v: Option<String>,
    /// Options of the script that have nothing to mean here; each is refused with the reason
    #[arg(short = 'N', hide = true, value_name = "PORT")]
    ssh: Option<String>,
    #[arg(short = 'V', hide = true, value_name = "INTERFACE")]
    interface: Option<String>,
    #[arg(short, hide = true, value_name = "PCI")]
    f: Option<String>,
    #[arg(short = 'U', hide = true, value_name = "GROUP")]
    group: Option<String>,
    #[arg(short = 'S', hide = true, value_name = "SOCKET")]
    console: Option<String>,
    #[arg(short = 'M', hide = true, value_name = "COMMAND")]
    monitor: Option<String>,
    #[arg(short = 'I', hide = true, value_name = "ISO")]
    iso: Option<String>,
    #[arg(short = 'T', hide = true, value_name = "LOG")]
    trace: Option<String>,
    /// For QEMU
    #[arg(last = true, value_name = "QEMU_ARGS")]
    rest: Vec<OsString>,
}

fn machine(name: &str) -> Result<Machine, String> {
    match name {
        "x86pc" => Ok(Machine::Pc),
        "x86q35" => Ok(Machine::Q35),
        "arm64v" => Err("unox runs on x86-64: x86pc, x86q35 or microvm".to_string()),
        other => other.parse(),
    }
}

impl QemuGuest {
    /// What of the script's options cannot be had, and why; a note for the one that only has no effect.
    fn refused(&self) -> Option<String> {
        if self.v.is_some() {
            eprintln!("qemu-guest: -v: there is no screen; what the unikernel prints is shown here");
        }
        let all = [
            (&self.ssh, "-N", "the unikernel has no network and no ssh"),
            (&self.interface, "-V", "put the interface on a bridge, and name that with -b"),
            (&self.f, "-f", "devices of the host are not handed over; give QEMU its options after --"),
            (&self.group, "-U", "devices of the host are not handed over; give QEMU its options after --"),
            (&self.console, "-S", "the console is this terminal"),
            (&self.monitor, "-M", "there is no monitor to send to; give QEMU its options after --"),
            (&self.iso, "-I", "the unikernel reads no CDs; -e shares a directory, -i gives a root archive"),
            (&self.trace, "-T", "the trace of every block is `unox run --trace`"),
        ];
        let (_, flag, why) = all.into_iter().find(|(given, ..)| given.is_some())?;
        Some(format!("{flag} is not there: {why}"))
    }

    /// The same in the words of `unox run`.
    fn options(&self) -> ImageOptions {
        let devices = Devices {
            share: self.e.clone(),
            initrd: self.initrd.clone(),
            gdb_port: self.gdb,
            paused: self.paused,
            append: self.append.clone(),
            background: self.background,
            log: None,
            cpus: self.cores.saturating_mul(self.sockets),
            net: self.n,
            bridge: self.b.clone(),
            disable_acceleration: self.no_acceleration,
        };
        let bus = if self.t == Machine::Microvm { "device" } else { "pci" };
        let mut qemu_arg = Vec::new();
        for (n, (image, format)) in self.d.iter().map(|d| (d, "raw")).chain(self.q.iter().map(|q| (q, "qcow2"))).enumerate() {
            qemu_arg.push("-drive".into());
            qemu_arg.push(format!("file={},if=none,format={format},id=disk{n}", image.display()).into());
            qemu_arg.push("-device".into());
            qemu_arg.push(format!("virtio-blk-{bus},drive=disk{n}").into());
        }
        if let Some(name) = &self.name {
            qemu_arg.extend(["-name".into(), name.into()]);
        }
        qemu_arg.extend(self.rest.iter().cloned());
        let accel = AccelChoice::Auto;
        let (memory, qemu) = (Some(self.memory), self.qemu.clone());
        ImageOptions { qemu, devices, memory, machine: self.t, accel, qemu_arg, dry_run: self.dry_run, ..ImageOptions::default() }
    }
}

/// `main` of the tool when it is called `qemu-guest`.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let parsed = match QemuGuest::try_parse_from(arguments) {
        Ok(parsed) => parsed,
        Err(error) => {
            let status = if error.use_stderr() { Failure::STATUS } else { 0 };
            let _ = error.print();
            return ExitCode::from(status);
        }
    };
    if let Some(why) = parsed.refused() {
        eprintln!("qemu-guest: {why}");
        return ExitCode::from(Failure::STATUS);
    }
    if !parsed.d.is_empty() || !parsed.q.is_empty() {
        vmm::tty::say("unox: the machine has a disk, and the kernel no driver for it yet");
    }
    run_image(&parsed.kernel, &parsed.options(), &[])
}

/// Whether that is the name the tool was called by.
pub fn is_called(arguments: &[OsString]) -> bool {
    arguments.first().is_some_and(|name| PathBuf::from(name).file_name().is_some_and(|name| name == "qemu-guest"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn parse(words: &[&str]) -> Result<QemuGuest, String> {
        QemuGuest::try_parse_from(std::iter::once("qemu-guest").chain(words.iter().copied())).map_err(|e| e.to_string())
    }

    #[test]
    fn the_definition_is_sound() {
        QemuGuest::command().debug_assert();
    }

    #[test]
    fn the_script_s_flags_are_understood() {
        let words =
            ["-k", "img", "-i", "root.cpio", "-e", "/etc", "-e", "/usr", "-a", "-c /etc/x", "-m", "128", "-c", "2", "-s", "2", "-x", "-P"];
        let parsed =
            parse(&[&words[..], &["-g", "1234", "-D", "-t", "x86q35", "-W", "-n", "-G", "me", "-d", "disk", "--", "-qmp", "x"]].concat())
                .unwrap();
        let options = parsed.options();
        assert_eq!((options.memory, options.machine, options.dry_run), (Some(128), Machine::Q35, true));
        assert_eq!((options.devices.cpus, options.devices.gdb_port, options.devices.paused), (4, Some(1234), true));
        assert_eq!((options.devices.share.len(), options.devices.background, options.devices.net), (2, true, true));
        let rest: Vec<_> = options.qemu_arg.iter().map(|a| a.to_string_lossy().into_owned()).collect();
        assert_eq!(
            rest,
            ["-drive", "file=disk,if=none,format=raw,id=disk0", "-device", "virtio-blk-pci,drive=disk0", "-name", "me", "-qmp", "x"]
        );
    }

    #[test]
    fn what_has_no_meaning_here_is_refused_with_the_reason() {
        for flag in ["-N", "-V", "-f", "-U", "-S", "-M", "-I", "-T"] {
            let why = parse(&["-k", "img", flag, "x"]).unwrap().refused().unwrap();
            assert!(why.starts_with(&format!("{flag} is not there: ")), "{why}");
        }
        assert_eq!(parse(&["-k", "img", "-v", "5900", "-H", "-l", "-r", "-C", "-p", "0"]).unwrap().refused(), None);
    }

    #[test]
    fn defaults_are_the_script_s() {
        let options = parse(&["-k", "img"]).unwrap().options();
        assert_eq!((options.memory, options.machine, options.devices.cpus), (Some(64), Machine::Pc, 1));
        assert!(parse(&[]).unwrap_err().contains("IMAGE"));
        assert!(parse(&["-k", "img", "-t", "arm64v"]).unwrap_err().contains("x86-64"));
        assert!(is_called(&["/usr/bin/qemu-guest".into()]) && !is_called(&["unox".into()]));
    }
}
