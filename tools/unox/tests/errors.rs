//! What the tool says when it cannot do its job: what happened, where, what to type; and the exit status.

mod common;

use common::{Fake, outcome, unox};

fn said(arguments: &[&str]) -> (i32, String) {
    let (status, _, said) = outcome(&unox().args(arguments).output().unwrap());
    (status, said)
}

#[test]
fn no_such_program_is_127() {
    let (status, text) = said(&["run", "no-such-program-anywhere"]);
    assert_eq!(status, 127);
    assert!(text.contains("no-such-program-anywhere: no such program in PATH"), "{text}");
    let (status, text) = said(&["run", "/no/such/program"]);
    assert_eq!(status, 127);
    assert!(text.contains("/no/such/program: no such file"), "{text}");
}

#[test]
fn what_is_no_program_is_126() {
    let (status, text) = said(&["run", "/etc/passwd"]);
    assert_eq!(status, 126);
    assert!(text.contains("neither an ELF program nor a #! script"), "{text}");
    let (status, text) = said(&["run", "/etc"]);
    assert_eq!(status, 126);
    assert!(text.contains("is a directory"), "{text}");
}

#[test]
fn a_truncated_program_is_126() {
    let fake = Fake::new("");
    let cut = fake.dir.join("cut");
    std::fs::write(&cut, &std::fs::read("/bin/sh").unwrap()[..100]).unwrap();
    let (status, text) = said(&["run", cut.to_str().unwrap()]);
    assert_eq!(status, 126);
    assert!(text.contains("truncated ELF file: 100 bytes"), "{text}");
}

#[test]
fn bad_options_are_125_and_say_what_is_right() {
    for (arguments, words) in [
        (&["run", "--memroy", "4", "ls"][..], &["--memroy"][..]),
        (&["run", "-m", "lots", "ls"], &["lots", "64M or 2G"]),
        (&["run", "--machine", "vax", "ls"], &["microvm, q35 or pc"]),
        (&["run", "--accel", "hvf", "ls"], &["kvm, tcg or auto"]),
        (&["run"], &["which program?", "unox run [OPTIONS] PROGRAM"]),
        (&["fly", "ls"], &["fly"]),
        (&["run", "--rootfs", "/no/dir", "ls"], &["--rootfs /no/dir: no such directory"]),
        (&["run", "--kernel", "/no/kernel", "/bin/true"], &["--kernel /no/kernel", "No such file"]),
        (&["run", "--kernel", "/etc/passwd", "/bin/true"], &["no kernel of unox"]),
    ] {
        let (status, text) = said(arguments);
        assert_eq!(status, 125, "{arguments:?}: {text}");
        for word in words {
            assert!(text.contains(word), "{arguments:?} should say {word:?}: {text}");
        }
    }
}

#[test]
fn without_qemu_the_command_that_installs_it_is_printed() {
    let fake = Fake::new("");
    let mut command = fake.command(&[]);
    command.env_remove("UNOX_QEMU").env("PATH", "/nowhere");
    let (status, _, text) = outcome(&command.output().unwrap());
    // A QEMU in its usual place is found without PATH too; then the fake kernel is what fails.
    assert_eq!(status, 125);
    if !std::path::Path::new("/usr/bin/qemu-system-x86_64").exists() {
        assert!(text.contains("no QEMU") && text.contains("install"), "{text}");
    }
    command.env("UNOX_QEMU", "/no/qemu");
    let (status, _, text) = outcome(&command.output().unwrap());
    assert_eq!(status, 125);
    assert!(text.contains("UNOX_QEMU names /no/qemu"), "{text}");
}

#[test]
fn dry_run_starts_nothing_and_prints_the_command() {
    // QEMU is asked what devices it has; a machine has a kernel.
    let fake = Fake::new("case \"$*\" in *-kernel*) touch started ;; esac; echo exit code 1 >&$ctl");
    let (status, out, said) = outcome(&fake.command(&["--dry-run", "-m", "77"]).current_dir(&fake.dir).output().unwrap());
    assert_eq!(status, 0, "{said}");
    assert!(out.contains("-M microvm") && out.contains("-m 77M"), "{out}");
    assert!(!fake.dir.join("started").exists());
    let (_, out, _) = outcome(&fake.command(&["--dry-run", "--json"]).output().unwrap());
    let value: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert!(value["qemu"]["arguments"].as_array().unwrap().len() > 10, "{out}");
}

#[test]
fn help_and_version_are_answers() {
    for arguments in [&["--help"][..], &["run", "--help"], &["--version"]] {
        let output = unox().args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert!(!output.stdout.is_empty() && output.stderr.is_empty());
    }
}

#[test]
fn the_program_gets_its_arguments_environment_and_place() {
    let fake = Fake::new("tr '\\0' '\\n' < $module > config; echo exit code 0 >&$ctl");
    let options = ["--env", "A=1 2", "--env", "HOME=/h", "--workdir", "/w", "--hostname", "box", "--user", "12:34"];
    let mut command = fake.program(&options, &["/bin/true", "--strace", "", "a b"]);
    assert_eq!(command.current_dir(&fake.dir).output().unwrap().status.code(), Some(0));
    let config = std::fs::read_to_string(fake.dir.join("config")).unwrap();
    let starts = "UNOXCFG1\nexec=/bin/true\narg=/bin/true\narg=--strace\narg=\narg=a b\nenv=PATH=";
    assert!(config.starts_with(starts), "{config}");
    for line in [
        "root=ivshmem",
        "env=A=1 2",
        "env=HOME=/h",
        "cwd=/w",
        "hostname=box",
        "uid=12",
        "gid=34",
        "ctl=0xe9",
        "missing=1",
        "ecam=0xe0000000",
    ] {
        assert!(config.lines().any(|l| l == line), "{line}: {config}");
    }
    assert_eq!(config.matches("env=HOME=").count(), 1, "{config}");
}

#[test]
fn json_ends_a_run_with_one_line() {
    let fake = Fake::new("echo 'stats boot_ns=12 calls=3' >&$ctl; echo exit code 9 >&$ctl");
    let (status, _, said) = outcome(&fake.command(&["--stats", "--json"]).output().unwrap());
    assert_eq!(status, 9);
    let value: serde_json::Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
    assert_eq!((value["status"].as_u64(), value["stats"]["calls"].as_u64()), (Some(9), Some(3)), "{said}");
}
