//! Exit statuses, and what is said when something is wrong.

use crate::{Test, expect, guest, job};
use oracle::run::under_unox;
use std::path::PathBuf;

pub const TESTS: &[Test] = &[
    ("no_such_program", || status("/no/such/program", &[], 127, "no such")),
    ("not_a_program", || status("/etc/passwd", &[], 126, "passwd")),
    ("directory", || status("/etc", &[], 126, "/etc")),
    ("corrupt_elf", corrupt_elf),
    ("script_without_interpreter", script),
    ("killed_by_signal", || status("/usr/bin/perl", &["-e", "kill 9, $$"], 137, "")),
    ("status_255", || status("/usr/bin/perl", &["-e", "exit 255"], 255, "")),
    ("fault_is_explained", fault),
    ("unknown_call_is_told_once", unknown_call),
    ("out_of_memory_is_explained", out_of_memory),
    ("missing_file_is_told", missing_file),
    ("strace", strace),
    ("stats", stats),
];

fn status(program: &str, args: &[&str], want: i32, say: &str) -> Result<(), String> {
    let got = under_unox(&job(&[], program, args))?;
    let all = format!("{}{}", String::from_utf8_lossy(&got.stderr), got.notes).to_lowercase();
    expect(got.status == want && all.contains(say), &format!("wanted status {want} and \"{say}\""), &got)
}

fn scratch(name: &str, bytes: &[u8]) -> Result<PathBuf, String> {
    use std::os::unix::fs::PermissionsExt;
    let dir = oracle::target().join("boot-tests");
    std::fs::create_dir_all(&dir).map_err(|e| e.to_string())?;
    let path = dir.join(name);
    std::fs::write(&path, bytes).map_err(|e| e.to_string())?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).map_err(|e| e.to_string())?;
    Ok(path)
}

/// An ELF file whose headers lie, in fifty ways: refused or killed, never a kernel that fails.
fn corrupt_elf() -> Result<(), String> {
    let good = std::fs::read(guest("hello.c", "static")?).map_err(|e| e.to_string())?;
    let noise = oracle::run::noise(4096);
    for round in 0..12_usize {
        let mut bad = good.clone();
        for k in 0..4 {
            let at = 16 + usize::from(noise.get(round * 8 + k).copied().unwrap_or(0)) % 0x200;
            if let Some(byte) = bad.get_mut(at) {
                *byte = noise.get(round * 8 + k + 4).copied().unwrap_or(0xff);
            }
        }
        let path = scratch(&format!("corrupt-{round}"), &bad)?;
        let got = under_unox(&job(&[], &path.to_string_lossy(), &[]))?;
        expect(!got.notes.contains("panic"), &format!("round {round}: the kernel failed"), &got)?;
    }
    Ok(())
}

fn script() -> Result<(), String> {
    let path = scratch("script", b"#!/no/such/interpreter\n")?;
    let got = under_unox(&job(&[], &path.to_string_lossy(), &[]))?;
    let named = format!("{}{}", String::from_utf8_lossy(&got.stderr), got.notes).contains("/no/such/interpreter");
    expect((got.status == 127 || got.status == 126) && named, "wanted 126 or 127 and the interpreter's name", &got)
}

fn fault() -> Result<(), String> {
    let path = guest("sig_default.c", "static")?;
    let got = under_unox(&job(&[], &path.to_string_lossy(), &["segv"]))?;
    expect(got.status == 139 && got.notes.contains("0x1234"), "wanted status 139 and the address", &got)
}

fn unknown_call() -> Result<(), String> {
    let got = under_unox(&job(&[], "/usr/bin/perl", &["-e", "syscall(1000) for 1..5; print \"done\\n\""]))?;
    let lines = got.notes.lines().filter(|l| l.contains("1000")).count();
    expect(got.status == 0 && lines == 1, "wanted one line about call 1000", &got)
}

fn out_of_memory() -> Result<(), String> {
    let eat = "my @a; while (1) { push @a, 'x' x 1000000 }";
    let got = under_unox(&job(&["-m", "64"], "/usr/bin/perl", &["-e", eat]))?;
    expect(got.status != 0 && got.notes.to_lowercase().contains("memory"), "wanted a sentence about memory", &got)
}

fn missing_file() -> Result<(), String> {
    let path = scratch("only-on-the-host", b"x")?.to_string_lossy().into_owned();
    // The path is put together by the program: an argument that names a file would bring the file along.
    let (dir, name) = path.rsplit_once('/').unwrap_or_default();
    for status in [3, 0] {
        let code = format!("open(my $f, '<', '{dir}' . '/' . '{name}'); opendir(my $d, '/usr/local' . '/include'); exit {status}");
        let got = under_unox(&job(&[], "/usr/bin/perl", &["-e", &code]))?;
        expect(got.notes.contains(&path) && got.notes.contains("--add"), "wanted the path and the option that adds it", &got)?;
        expect(status != 0 || !got.notes.contains("/usr/local/include"), "a success needs no directory", &got)?;
    }
    let many = "open(my $f, '<', '/usr/include/' . 'linux/' . $_ . '.h') for qw(acct aio_abi audit auxvec bpf elf errno fb fcntl)";
    let got = under_unox(&job(&[], "/usr/bin/perl", &["-e", many]))?;
    expect(got.notes.matches("--add").count() == 5 && got.notes.contains("4 more"), "wanted five of nine", &got)
}

fn strace() -> Result<(), String> {
    let got = under_unox(&job(&["--strace"], "/usr/bin/echo", &["traced"]))?;
    let all = format!("{}{}", String::from_utf8_lossy(&got.stderr), got.notes);
    expect(
        got.stdout == b"traced\n" && all.contains("write(1, \"traced\\n\", 7)") && all.contains("exit_group(0)"),
        "wanted the calls decoded",
        &got,
    )
}

fn stats() -> Result<(), String> {
    let got = under_unox(&job(&["--stats"], "/usr/bin/echo", &["counted"]))?;
    let all = format!("{}{}", String::from_utf8_lossy(&got.stderr), got.notes).to_lowercase();
    expect(
        got.stdout == b"counted\n" && all.contains("fault") && all.contains("memory") && all.contains("write") && counted(&all),
        "wanted figures",
        &got,
    )
}

/// Whether the program's instructions were counted: some ten thousand at least, with those of its loader.
fn counted(text: &str) -> bool {
    let line = text.lines().find(|line| line.contains("instructions_app"));
    line.and_then(|line| line.split_whitespace().last()?.parse::<u64>().ok()).is_some_and(|count| count > 10_000)
}
