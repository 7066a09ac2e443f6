//! The system packages that running and testing need: one table, each line with its reason.

use crate::shell::{check, in_path};
use std::process::{Command, Stdio};

/// What the packages are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// Building and `unox run`.
    Run,
    /// The guest tests, the application tests and the measurements as well.
    Test,
}

/// (Debian package, for what, why)
pub const PACKAGES: &[(&str, Need, &str)] = &[
    ("gcc", Need::Run, "cargo links with it; guest tests are compiled with it"),
    ("libc6-dev", Need::Run, "headers and start files for linking"),
    ("binutils", Need::Run, "strip: the kernel goes into the tool without symbols"),
    ("qemu-system-x86", Need::Run, "the virtual machine"),
    ("seabios", Need::Run, "the firmware of QEMU's machines"),
    ("ipxe-qemu", Need::Run, "option ROMs that QEMU insists on for network cards"),
    ("g++", Need::Test, "a C++ guest test"),
    ("musl-tools", Need::Test, "guest tests against musl"),
    ("golang-go", Need::Test, "a Go guest test"),
    ("gdb", Need::Test, "attaches to a machine and must know the symbols of program and libraries"),
    ("cpio", Need::Test, "makes archives that serve as root file systems"),
    ("tcl", Need::Test, "ports: tclsh, with which SQLite's make file joins its sources"),
    ("erofs-utils", Need::Test, "fsck.erofs judges our root images"),
    ("make", Need::Test, "ports: GNU make evaluates Makefile.uk"),
    ("patch", Need::Test, "ports: a library's patches"),
    ("git", Need::Test, "ports: clones, and new libraries as repositories"),
    ("m4", Need::Test, "ports: sources written in m4"),
    ("curl", Need::Test, "ports: downloads (the tests' own server on this machine)"),
    ("grep", Need::Test, "application test; must run unmodified"),
    ("sed", Need::Test, "application test"),
    ("gawk", Need::Test, "application test"),
    ("coreutils", Need::Test, "application test: sort uniq wc cut tr ls stat date sha256sum md5sum od"),
    ("findutils", Need::Test, "application test: find"),
    ("tar", Need::Test, "application test"),
    ("gzip", Need::Test, "application test"),
    ("xz-utils", Need::Test, "application test"),
    ("bzip2", Need::Test, "application test"),
    ("zstd", Need::Test, "application test"),
    ("bc", Need::Test, "application test"),
    ("jq", Need::Test, "application test"),
    ("file", Need::Test, "application test"),
    ("diffutils", Need::Test, "application test: diff"),
    ("sqlite3", Need::Test, "application test: file locks, WAL, shared maps"),
    ("lua5.4", Need::Test, "application test"),
    ("perl", Need::Test, "application test"),
    ("python3", Need::Test, "application test: threads, ssl, asyncio"),
    ("libpython3.11-testsuite", Need::Test, "application test: Python's own tests"),
    ("graphviz", Need::Test, "application test: plug-ins that a maintainer script registers"),
    ("sbcl", Need::Test, "application test: a garbage collector that lives on page faults"),
    ("ruby", Need::Test, "application test"),
    ("php-cli", Need::Test, "application test"),
    ("nodejs", Need::Test, "application test: V8's reservations and threads"),
    ("openjdk-17-jre-headless", Need::Test, "application test: the JVM's signals and reservations"),
    ("openjdk-17-jdk-headless", Need::Test, "javac, to make the class that the JVM test runs"),
    ("ripgrep", Need::Test, "application test: Rust with threads"),
    ("openssl", Need::Test, "application test: speed, dgst, enc"),
    ("imagemagick", Need::Test, "application test: converts a picture"),
    ("linux-kbuild-6.1", Need::Test, "Linux's own conf: judges what tools/kconfig makes of random trees"),
    ("busybox-static", Need::Test, "application test: applets of one static program"),
];

/// Installs what is missing for `need`, or says what to type.
///
/// # Errors
/// What is missing, and the command that installs it.
pub fn run(need: Need) -> Result<(), String> {
    if !in_path("dpkg-query") {
        return elsewhere();
    }
    let missing = missing(need);
    if missing.is_empty() {
        return Ok(());
    }
    let command = format!("apt-get install -y --no-install-recommends {}", missing.join(" "));
    eprintln!("xtask: installing {}", missing.join(" "));
    let root = effective_user() == Some(0);
    let sudo = !root && in_path("sudo") && quietly(Command::new("sudo").args(["-n", "true"]));
    if !root && !sudo {
        return Err(format!("packages are missing; install them with\n  sudo {command}"));
    }
    // Lists may be absent on a fresh machine and stale on an old one: then, and only then, they are fetched.
    if quietly(apt(root, &["install", "-y", "--no-install-recommends"]).args(&missing)) {
        return Ok(());
    }
    check(&mut apt(root, &["update", "-q"]))?;
    let missing = available(&missing)?;
    check(apt(root, &["install", "-y", "-q", "--no-install-recommends"]).args(&missing))
        .map_err(|why| format!("{why}\ntype: sudo {command}"))
}

/// Those of the packages that this release of the distribution has. Without one that only a test needs the others are installed, and that test fails.
fn available<'a>(missing: &[&'a str]) -> Result<Vec<&'a str>, String> {
    let text = crate::shell::output(Command::new("apt-cache").arg("policy").args(missing).env("LC_ALL", "C"))?;
    let (there, absent): (Vec<&str>, Vec<&str>) = missing.iter().copied().partition(|name| has_candidate(&text, name));
    for (name, need, why) in PACKAGES.iter().filter(|(name, ..)| absent.contains(name)) {
        match need {
            Need::Run => return Err(format!("no repository of this machine has the package {name} ({why})")),
            Need::Test => eprintln!("xtask: no repository of this machine has {name} ({why}): tests that need it will fail"),
        }
    }
    Ok(there)
}

/// Whether apt-cache(8)'s `policy` says that the package can be installed.
fn has_candidate(policy: &str, package: &str) -> bool {
    let mut lines = policy.lines().skip_while(|line| line.strip_suffix(':') != Some(package));
    lines.find_map(|line| line.trim().strip_prefix("Candidate: ")).is_some_and(|version| version != "(none)")
}

/// The packages of the table that are not installed.
fn missing(need: Need) -> Vec<&'static str> {
    let wanted: Vec<&str> = PACKAGES.iter().filter(|(_, n, _)| *n <= need).map(|(name, ..)| *name).collect();
    let mut query = Command::new("dpkg-query");
    query.args(["-W", "-f", "${binary:Package} ${db:Status-Status}\n"]).args(&wanted).stdin(Stdio::null()).stderr(Stdio::null());
    // It fails when one is unknown, and prints the others all the same.
    let text = query.output().map(|o| String::from_utf8_lossy(&o.stdout).into_owned()).unwrap_or_default();
    let installed = |name: &str| {
        text.lines()
            .filter_map(|l| l.split_once(' '))
            .any(|(package, status)| status == "installed" && package.split(':').next() == Some(name))
    };
    wanted.into_iter().filter(|name| !installed(name)).collect()
}

/// Without dpkg only the essential can be checked, by program name.
fn elsewhere() -> Result<(), String> {
    let programs = ["cc", "strip", "qemu-system-x86_64"];
    let missing: Vec<&str> = programs.into_iter().filter(|p| !in_path(p)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(format!("this is no Debian: install by your system's means what provides {}", missing.join(", ")))
}

fn apt(root: bool, words: &[&str]) -> Command {
    let mut command = if root { Command::new("apt-get") } else { Command::new("sudo") };
    if !root {
        command.args(["-n", "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    }
    command.env("DEBIAN_FRONTEND", "noninteractive").args(words).stdin(Stdio::null());
    command
}

fn quietly(command: &mut Command) -> bool {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|s| s.success())
}

fn effective_user() -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").ok().map(|m| m.uid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_package_is_named_once_with_a_reason() {
        for (i, (name, _, why)) in PACKAGES.iter().enumerate() {
            assert!(!why.is_empty(), "{name}");
            assert!(!PACKAGES[..i].iter().any(|(other, ..)| other == name), "{name} twice");
        }
    }

    #[test]
    fn packages_of_other_releases() {
        let policy = "gcc:\n  Installed: (none)\n  Candidate: 4:12.2\n  Version table:\nold:\n  Installed: (none)\n  Candidate: (none)\n";
        assert_eq!(["gcc", "old", "gone"].map(|name| has_candidate(policy, name)), [true, false, false]);
    }

    #[test]
    fn testing_needs_all_that_running_does() {
        assert!(missing(Need::Run).iter().all(|name| missing(Need::Test).contains(name)));
    }
}
