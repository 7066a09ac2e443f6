//! Words for machines that ended without saying how.

use crate::machine::{Accel, Spec};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

/// Why a program could not be started, from the kernel's `exit fail` text.
pub fn failed_start(text: &str) -> String {
    match text.split_once(' ') {
        Some(("notfound", path)) => format!("{path}: not in the image\n  add it with --add {path}, or see what is there with --dry-run"),
        Some(("noexec", path)) => format!("{path}: not a program this kernel can run (an x86-64 ELF file or a #! script)"),
        _ => format!("the program could not be started: {text}"),
    }
}

/// Why QEMU ended with no exit record.
pub fn no_ending(spec: &Spec, status: ExitStatus, shutdown: Option<&str>, log: &[String]) -> String {
    if let Some(known) = known(spec, log) {
        return known;
    }
    if shutdown == Some("guest-reset") {
        return format!(
            "the machine reset itself before the program ended (a triple fault: the kernel could not handle a fault)\n  \
             try more memory (-m {}), or --strace to see the last calls; `-v` shows the QEMU command",
            (spec.memory_mib * 2).max(64)
        );
    }
    if status.signal() == Some(libc::SIGKILL) {
        return "QEMU was killed (SIGKILL), perhaps by the host's out-of-memory killer\n  try a smaller -m, or see `dmesg`".to_string();
    }
    let mut said = match (status.code(), status.signal()) {
        (_, Some(signal)) => format!("QEMU died from signal {signal}"),
        (Some(code), _) if code & 1 == 1 && code > 1 && log.is_empty() => {
            format!("the machine stopped (status {}) without an exit record: the kernel and this unox may not belong together", code >> 1)
        }
        (Some(code), _) => format!("QEMU ended with status {code} before the program did"),
        _ => "QEMU ended before the program did".to_string(),
    };
    for line in log.iter().rev().take(5).rev() {
        said.push_str("\n  qemu: ");
        said.push_str(line);
    }
    said
}

/// Failures of QEMU that have a known cure.
fn known(spec: &Spec, log: &[String]) -> Option<String> {
    let has = |needle: &str| log.iter().any(|line| line.contains(needle));
    let line = |needle: &str| log.iter().find(|line| line.contains(needle)).cloned().unwrap_or_default();
    if has("Cannot allocate memory") || has("cannot set up guest memory") {
        return Some(format!("the host cannot give the machine {} MiB of memory\n  try a smaller -m", spec.memory_mib));
    }
    if has("without PVH ELF Note") || has("could not load kernel") || has("Error loading") {
        return Some(format!("QEMU cannot load {}: no kernel of unox\n  check --kernel\n  qemu: {}", spec.kernel.display(), line("oad")));
    }
    if spec.accel == Accel::Kvm && (has("KVM") || has("kvm")) {
        return Some(format!("QEMU cannot use KVM\n  try --accel tcg\n  qemu: {}", line("vm").trim()));
    }
    if has("could not find") || has("failed to find romfile") || has("Could not open option rom") {
        return Some(format!(
            "QEMU lacks a firmware file\n  install it: sudo apt-get install --no-install-recommends seabios ipxe-qemu\n  qemu: {}",
            log.last().map_or("", String::as_str)
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Machine;

    fn spec() -> Spec {
        Spec {
            qemu: "qemu".into(),
            machine: Machine::Microvm,
            accel: Accel::Tcg,
            memory_mib: 16,
            kernel: "/k".into(),
            module: None,
            append: None,
            root: None,
            gdb: None,
            cpus: 1,
            shares: Vec::new(),
            network: crate::machine::Network::None,
            entropy: false,
            serial: None,
            extra: Vec::new(),
            inherit: Vec::new(),
        }
    }

    fn said(raw: i32, shutdown: Option<&str>, log: &[&str]) -> String {
        let log: Vec<String> = log.iter().map(|l| l.to_string()).collect();
        no_ending(&spec(), ExitStatus::from_raw(raw), shutdown, &log)
    }

    #[test]
    fn every_death_has_a_sentence() {
        assert!(said(0, Some("guest-reset"), &[]).contains("triple fault"));
        assert!(said(9, None, &[]).contains("SIGKILL"));
        assert!(said(11, None, &[]).contains("signal 11"));
        assert!(said(1 << 8, None, &["qemu: -foo: invalid option"]).contains("qemu: qemu: -foo: invalid option"));
        assert!(said(33 << 8, None, &[]).contains("exit record"));
        assert!(said(1 << 8, None, &["cannot set up guest memory 'pc.ram': Cannot allocate memory"]).contains("smaller -m"));
        assert!(said(1 << 8, None, &["Error loading uncompressed kernel without PVH ELF Note"]).contains("--kernel"));
    }

    #[test]
    fn a_missing_program_names_the_option() {
        assert!(failed_start("notfound /bin/x").contains("--add /bin/x"));
        assert!(failed_start("noexec /etc/passwd").starts_with("/etc/passwd"));
    }
}
