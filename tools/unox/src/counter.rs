//! Instructions for `--stats`: a QEMU plugin (tools/insncount) inside the tool counts them where QEMU translates them. Under KVM the host's processor runs
//! the guest, and counting would need its performance counters.

use std::fs::File;
use std::io::Write;
use std::os::fd::{AsRawFd, RawFd};
use std::path::Path;
use std::process::{Command, Stdio};
use vmm::Accel;

#[cfg(embedded_plugin)]
const PLUGIN: Option<&[u8]> = Some(include_bytes!(concat!(env!("OUT_DIR"), "/insncount.so")));
#[cfg(not(embedded_plugin))]
const PLUGIN: Option<&[u8]> = None;

/// The last QEMU whose plugin interface is the one that the plugin was written for.
const NEWEST: (u32, u32) = (8, 1);

/// The plugin as a file that QEMU can load; held open while QEMU starts.
pub struct Counter(File);

impl Counter {
    /// The plugin, or why instructions cannot be counted.
    pub fn new(accel: Accel, qemu: &Path) -> Result<Counter, String> {
        if accel == Accel::Kvm {
            return Err("not available: under KVM the host's processor runs the program; --accel tcg counts".into());
        }
        let plugin = PLUGIN.ok_or("not available: this unox was built without the plugin that counts (cargo xtask build has it)")?;
        let help = Command::new(qemu).arg("-help").stdin(Stdio::null()).stderr(Stdio::null()).output();
        let help = help.map(|o| String::from_utf8_lossy(&o.stdout).into_owned()).unwrap_or_default();
        able(&help)?;
        let made = nix::sys::memfd::memfd_create("insncount", nix::sys::memfd::MFdFlags::MFD_CLOEXEC).map(File::from);
        let mut file = made.map_err(|e| format!("not available: {e}"))?;
        file.write_all(plugin).map_err(|e| format!("not available: {e}"))?;
        Ok(Counter(file))
    }

    /// QEMU's arguments.
    pub fn arguments(&self) -> [String; 2] {
        ["-plugin".into(), format!("/dev/fd/{}", self.descriptor())]
    }

    /// What QEMU must inherit.
    pub fn descriptor(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

/// Whether the QEMU with this help text can load the plugin.
fn able(help: &str) -> Result<(), String> {
    if !help.lines().any(|line| line.starts_with("-plugin ")) {
        return Err("not available: this QEMU was built without plugins".into());
    }
    // "QEMU emulator version 7.2.22 (Debian …)"
    let version = help.split_whitespace().skip_while(|word| *word != "version").nth(1).unwrap_or("");
    let mut numbers = version.split('.').map(|n| n.parse::<u32>());
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) if (major, minor) <= NEWEST => Ok(()),
        _ => Err(format!("not available: QEMU {version} has another plugin interface than {}.{}", NEWEST.0, NEWEST.1)),
    }
}

#[cfg(test)]
mod tests {
    use super::able;

    #[test]
    fn only_the_known_interface_is_used() {
        let help =
            |version: &str| format!("QEMU emulator version {version} (Debian)\nusage: …\n-plugin [file=]<file>[,<argname>=<argvalue>]\n");
        assert_eq!(able(&help("7.2.22")), Ok(()));
        assert_eq!(able(&help("8.1.0")), Ok(()));
        assert!(able(&help("9.0.0")).unwrap_err().contains("9.0.0"));
        assert!(able(&help("next")).is_err());
        assert!(able("QEMU emulator version 7.2.22\n").unwrap_err().contains("without plugins"));
    }
}
