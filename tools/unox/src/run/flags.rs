//! Options of `unox run` that add to the machine: the host's directories, an initrd, a debugger, the background. Their short names are those of Unikraft's
//! `qemu-guest`, so that what people have in their fingers and their scripts works.

use crate::failure::{Failure, Result};
use clap::Args;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use vmm::Share;
use vmm::machine::{Debug, Listen, Network};

/// Where the first share of a program appears when no place is named.
pub const PLACE: &str = "/mnt";

/// What the machine has beside the program.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Machine")]
pub struct Devices {
    /// Shares a directory of the host, to be read and written (9p; may be repeated). PLACE defaults to /mnt; for an image, the first is its root directory
    #[arg(short = 'e', long, value_name = "DIR[:PLACE]")]
    pub share: Vec<OsString>,
    /// Takes the root file system from this archive (cpio, also gzipped) or EROFS image
    #[arg(short = 'i', long, value_name = "FILE")]
    pub initrd: Option<PathBuf>,
    /// Lets a debugger in on this TCP port; the machine runs on
    #[arg(short = 'g', long, value_name = "PORT", value_parser = port)]
    pub gdb_port: Option<u16>,
    /// Holds the machine until a debugger lets it go
    #[arg(short = 'P', long)]
    pub paused: bool,
    /// Arguments of the program in an image, split like a shell's words; with ` -- ` among them, what is before goes to the kernel
    #[arg(short = 'a', long, value_name = "ARGS", allow_hyphen_values = true)]
    pub append: Option<OsString>,
    /// Leaves the machine in the background and prints QEMU's process id; its serial line goes to a file
    #[arg(short = 'x', long)]
    pub background: bool,
    /// The file for --background
    #[arg(long, value_name = "FILE", requires = "background")]
    pub log: Option<PathBuf>,
    /// Processors
    #[arg(short = 'c', long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=255))]
    pub cpus: u32,
    /// Adds a network device behind QEMU's own network
    #[arg(short = 'n', long)]
    pub net: bool,
    /// Adds a network device on this bridge of the host
    #[arg(short = 'b', long, value_name = "BRIDGE", conflicts_with = "net")]
    pub bridge: Option<String>,
    /// Does without the host's virtualisation, as --accel tcg
    #[arg(short = 'W', long, short_alias = 'd')]
    pub disable_acceleration: bool,
}

/// What people write behind `-g` when they mean `--gdb`.
fn port(text: &str) -> std::result::Result<u16, String> {
    text.parse().ok().filter(|port| *port > 0).ok_or_else(|| "no TCP port: -g 1234, or --gdb for a socket of unox's choice".to_string())
}

/// A share and where it is mounted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// The directory and its tag.
    pub share: Share,
    /// The place in the guest; `None` when none was named.
    pub place: Option<PathBuf>,
}

impl Devices {
    /// The shares, tagged fs0, fs1, … in order.
    pub fn mounts(&self) -> Result<Vec<Mount>> {
        self.share.iter().enumerate().map(|(n, spec)| mount(n, spec)).collect()
    }

    /// The debugger's way in; `socket` is where it is when no port was named. `wait`: the machine stands until somebody comes.
    pub fn debug(&self, wait: bool, socket: impl FnOnce() -> PathBuf) -> Option<Debug> {
        let paused = wait || self.paused;
        let listen = match self.gdb_port {
            Some(port) => Listen::Tcp(port),
            None if paused => Listen::Unix(socket()),
            None => return None,
        };
        Some(Debug { listen, paused })
    }

    /// The network device.
    pub fn network(&self) -> Network {
        match &self.bridge {
            Some(name) => Network::Bridge(name.clone()),
            None if self.net => Network::User,
            None => Network::None,
        }
    }

    /// What is asked for and has no effect in the guest, each in one line.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.network() != Network::None {
            notes.push("the machine has a network device, and the kernel no driver for it yet".to_string());
        }
        if self.cpus > 1 {
            notes.push(format!("the kernel uses one of the {} processors", self.cpus));
        }
        notes
    }
}

/// `DIR`, or `DIR:PLACE` unless that is the name of a directory.
fn mount(n: usize, spec: &OsStr) -> Result<Mount> {
    let bytes = spec.as_bytes();
    let split = bytes.windows(2).rposition(|pair| pair == b":/").filter(|_| !Path::new(spec).is_dir());
    let (dir, place) = match split {
        Some(at) => (OsString::from_vec(bytes[..at].to_vec()), Some(PathBuf::from(OsStr::from_bytes(&bytes[at + 1..])))),
        None => (spec.to_os_string(), None),
    };
    let shown = Path::new(&dir).display().to_string();
    let path = std::path::absolute(&dir).map_err(|e| Failure::new(format!("-e {shown}: {e}")))?;
    if !path.is_dir() {
        return Err(Failure::new(format!("-e {shown}: no such directory\n  -e DIR shares it at {PLACE}, -e DIR:/PLACE somewhere else")));
    }
    Ok(Mount { share: Share { path, tag: format!("fs{n}") }, place })
}

/// Splits like a shell: words, quotes and backslashes, and no more than that.
pub fn split(text: &OsStr) -> Result<Vec<OsString>> {
    let mut words = Vec::new();
    let mut word: Option<Vec<u8>> = None;
    let mut quote = None;
    let mut bytes = text.as_bytes().iter().copied();
    while let Some(byte) = bytes.next() {
        match (quote, byte) {
            (None, b' ' | b'\t' | b'\n') => words.extend(word.take().map(OsString::from_vec)),
            (None, b'\'' | b'"') => {
                quote = Some(byte);
                word.get_or_insert_default();
            }
            (Some(open), _) if open == byte => quote = None,
            (None | Some(b'"'), b'\\') => word.get_or_insert_default().extend(bytes.next()),
            _ => word.get_or_insert_default().push(byte),
        }
    }
    if quote.is_some() {
        return Err(Failure::new(format!("-a {}: a quote is not closed", text.display())));
    }
    words.extend(word.map(OsString::from_vec));
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        split(OsStr::new(text)).unwrap().into_iter().map(|w| w.into_string().unwrap()).collect()
    }

    #[test]
    fn arguments_are_split_like_a_shell_s() {
        assert_eq!(words("a  b\tc"), ["a", "b", "c"]);
        assert_eq!(words("'a b' \"c\\\"d\" e\\ f g''"), ["a b", "c\"d", "e f", "g"]);
        assert_eq!(words("'' x"), ["", "x"]);
        assert!(words("").is_empty());
        assert!(split(OsStr::new("it's")).unwrap_err().to_string().contains("not closed"));
    }

    #[test]
    fn shares_have_tags_and_places() {
        let devices = Devices { share: vec!["/etc".into(), "/usr:/data/usr".into()], ..Devices::default() };
        let mounts = devices.mounts().unwrap();
        assert_eq!((mounts[0].share.tag.as_str(), &mounts[0].place), ("fs0", &None));
        assert_eq!((mounts[1].share.tag.as_str(), mounts[1].place.as_deref()), ("fs1", Some(Path::new("/data/usr"))));
        assert_eq!(mounts[1].share.path, Path::new("/usr"));
        let missing = Devices { share: vec!["/no/such".into()], ..Devices::default() };
        assert!(missing.mounts().unwrap_err().to_string().contains("no such directory"));
    }

    #[test]
    fn a_port_is_a_way_in_and_a_pause_needs_one() {
        let debug = |devices: Devices, wait| devices.debug(wait, || "/s".into());
        assert_eq!(debug(Devices::default(), false), None);
        assert_eq!(debug(Devices::default(), true), Some(Debug { listen: Listen::Unix("/s".into()), paused: true }));
        let port = Devices { gdb_port: Some(1234), ..Devices::default() };
        assert_eq!(debug(port, false), Some(Debug { listen: Listen::Tcp(1234), paused: false }));
        let paused = Devices { paused: true, ..Devices::default() };
        assert_eq!(debug(paused, false), Some(Debug { listen: Listen::Unix("/s".into()), paused: true }));
    }
}
