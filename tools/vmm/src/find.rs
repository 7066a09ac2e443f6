//! Finds the QEMU binary, and explains how to get one when there is none.

use crate::error::{Error, Result};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The emulator's usual name.
pub const QEMU: &str = "qemu-system-x86_64";

/// The environment variable that names another emulator.
pub const QEMU_VARIABLE: &str = "UNOX_QEMU";

/// The emulator to run: `$UNOX_QEMU` when set, else [`QEMU`] in `$PATH`, else in the places distributions put it.
pub fn qemu() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os(QEMU_VARIABLE).filter(|v| !v.is_empty()) {
        let path = PathBuf::from(&named);
        let found = if path.components().count() > 1 { Some(path).filter(|p| executable(p)) } else { in_path(&path) };
        return found.ok_or_else(|| {
            Error::new(format!("{QEMU_VARIABLE} names {}, which is no executable file", named.display()))
                .cure(format!("unset {QEMU_VARIABLE}"))
        });
    }
    let usual = ["/usr/bin", "/usr/local/bin", "/usr/libexec", "/opt/homebrew/bin"].map(|d| Path::new(d).join(QEMU));
    in_path(Path::new(QEMU)).or_else(|| usual.into_iter().find(|p| executable(p))).ok_or_else(missing)
}

fn missing() -> Error {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    Error::new(format!("no QEMU: {QEMU} is not in PATH")).cure(format!("install it: {}", install_command(&release)))
}

/// The command that installs QEMU on the distribution that `os_release` (the text of /etc/os-release) describes.
pub fn install_command(os_release: &str) -> &'static str {
    let field = |name: &str| {
        let line = os_release.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix('='));
        line.unwrap_or("").trim_matches('"').to_string()
    };
    let like = format!(" {} {} ", field("ID"), field("ID_LIKE"));
    let is = |name: &str| like.contains(&format!(" {name} "));
    if is("fedora") || is("rhel") || is("centos") {
        "sudo dnf install qemu-system-x86-core"
    } else if is("arch") {
        "sudo pacman -S qemu-system-x86"
    } else if is("alpine") {
        "sudo apk add qemu-system-x86_64"
    } else if is("suse") || is("opensuse") {
        "sudo zypper install qemu-x86"
    } else if is("nixos") {
        "nix-shell -p qemu"
    } else {
        "sudo apt-get install --no-install-recommends qemu-system-x86 seabios ipxe-qemu"
    }
}

/// Looks `name` up in `$PATH` as a shell would.
pub fn in_path(name: &Path) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(name)).find(|p| executable(p))
}

fn executable(path: &Path) -> bool {
    path.metadata().is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_distribution_s_own_package() {
        assert!(install_command("ID=debian\n").contains("apt-get install"));
        assert!(install_command("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n").contains("apt-get install"));
        assert!(install_command("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n").contains("dnf install"));
        assert!(install_command("ID=arch\n").contains("pacman"));
        assert!(install_command("").contains("apt-get install"));
    }
}
