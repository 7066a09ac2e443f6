//! What a machine has beside its program: directories of the host, archives as root file systems, debuggers, the background.

use crate::{Test, expect, guest, job};
use oracle::run::{Outcome, under_unox, unox};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

pub const TESTS: &[Test] = &[
    ("share_on_microvm", || share("microvm")),
    ("share_on_q35", || share("q35")),
    ("share_on_pc", || share("pc")),
    ("share_changed_by_the_host", host_changes),
    ("share_larger_than_memory", large),
    ("share_at_places", places),
    ("share_as_root", root),
    ("archive_as_root", || archive(false)),
    ("archive_packed_as_root", || archive(true)),
    ("background", background),
    ("debugger_on_a_port", debugger),
    ("paused_until_a_debugger_comes", paused),
    ("qemu_guest", qemu_guest),
    ("flags_become_qemu_s", flags),
];

/// An empty directory of a test's own.
fn fresh(name: &str) -> Result<PathBuf, String> {
    let dir = oracle::target().join("boot-tests").join(name);
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    std::path::absolute(&dir).map_err(|e| e.to_string())
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap_or_default()
}

/// Everything on stderr.
fn said(got: &Outcome) -> String {
    format!("{}{}", got.notes, String::from_utf8_lossy(&got.stderr))
}

fn run(program: &Path, dir: &Path) -> Result<Vec<u8>, String> {
    Command::new(program).arg(dir).output().map(|o| o.stdout).map_err(|e| e.to_string())
}

/// Pages that were read are given up for those that follow.
fn large() -> Result<(), String> {
    let dir = fresh("large-share")?;
    std::fs::write(dir.join("file"), oracle::run::noise(64 << 20)).map_err(|e| e.to_string())?;
    let native = run(Path::new("/usr/bin/sha256sum"), &dir.join("file"))?;
    let got = under_unox(&job(&["-m", "16", "-e", text(&dir)], "/usr/bin/sha256sum", &["/mnt/file"]))?;
    std::fs::remove_dir_all(dir).map_err(|e| e.to_string())?;
    expect(got.stdout.get(..64).is_some_and(|sum| native.starts_with(sum)), "wanted the host's sum", &got)
}

/// The program says and leaves behind in the machine what it says and leaves behind on the host.
fn share(machine: &'static str) -> Result<(), String> {
    let program = guest("shared_dir.c", "static")?;
    let (here, there) = (fresh(&format!("here-{machine}"))?, fresh(&format!("there-{machine}"))?);
    let native = run(&program, &here)?;
    let got = under_unox(&job(&["--machine", machine, "-e", text(&there)], text(&program), &["/mnt"]))?;
    expect(got.status == 0 && got.stdout == native, "wanted what the host's directory gives", &got)?;
    for dir in [&here, &there] {
        // Threads write it in turns, in any order.
        std::fs::remove_file(dir.join("threads/log")).map_err(|e| e.to_string())?;
    }
    let diff = Command::new("diff").arg("-r").args([&here, &there]).output().map_err(|e| e.to_string())?;
    let modes = |dir: &Path| Command::new("find").arg(dir).args(["-printf", "%P %M %U:%G %s\n"]).output().map(|o| o.stdout);
    let sorted = |bytes: Vec<u8>| {
        let mut lines: Vec<_> = String::from_utf8_lossy(&bytes).lines().filter(|l| !l.contains(" d")).map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let same = matches!((modes(&here), modes(&there)), (Ok(a), Ok(b)) if sorted(a.clone()) == sorted(b.clone()));
    if diff.status.success() && same { Ok(()) } else { Err(format!("the trees differ:\n{}", String::from_utf8_lossy(&diff.stdout))) }
}

const SERVANT: &str = r#"$| = 1; while (<STDIN>) { chomp; my ($do, $name) = split / /; my $path = "/mnt/$name";
    if ($do eq "cat") { if (open(F, "<", $path)) { local $/; my $t = <F>; close F; print "$t\n" } else { print "errno ", $! + 0, "\n" } }
    elsif ($do eq "size") { print -s $path, "\n" } elsif ($do eq "put") { open(F, ">", $path); print F "by the guest"; close F; print "ok\n" }
    elsif ($do eq "hold") { open(H, "<", $path); print "ok\n" } elsif ($do eq "held") { seek H, 0, 0; local $/; print scalar(<H>), "\n" }
    elsif ($do eq "ls") { opendir(D, "/mnt"); print join(" ", sort grep { !/^\./ } readdir D), "\n" } }"#;

struct Servant {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Servant {
    fn ask(&mut self, line: &str) -> Result<String, String> {
        writeln!(self.to, "{line}").map_err(|e| e.to_string())?;
        let mut answer = String::new();
        self.from.read_line(&mut answer).map_err(|e| e.to_string())?;
        Ok(answer.trim_end().to_owned())
    }

    fn is(&mut self, line: &str, want: &str) -> Result<(), String> {
        let got = self.ask(line)?;
        if got == want { Ok(()) } else { Err(format!("{line}: {got:?}, wanted {want:?}")) }
    }
}

/// The host makes, changes, replaces and removes files under a running program.
fn host_changes() -> Result<(), String> {
    let dir = fresh("changes")?;
    let mut child = Command::new(unox()?)
        .args(["run", "-e", text(&dir), "/usr/bin/perl", "-e", SERVANT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|e| e.to_string())?;
    let (Some(to), Some(from)) = (child.stdin.take(), child.stdout.take()) else { return Err("no pipes".to_owned()) };
    let mut servant = Servant { child, to, from: BufReader::new(from) };
    let done = changes(&mut servant, &dir);
    let _ = servant.child.kill();
    let _ = servant.child.wait();
    done
}

fn changes(servant: &mut Servant, dir: &Path) -> Result<(), String> {
    let put = |name: &str, text: &str| std::fs::write(dir.join(name), text).map_err(|e| e.to_string());
    servant.is("cat a", "errno 2")?;
    put("a", "one")?;
    servant.is("cat a", "one")?;
    put("a", "two")?;
    servant.is("cat a", "two")?;
    put("a", "longer than before")?;
    servant.is("size a", "18")?;
    servant.is("cat a", "longer than before")?;
    put("b", "the other")?;
    std::fs::rename(dir.join("b"), dir.join("a")).map_err(|e| e.to_string())?;
    servant.is("cat a", "the other")?;
    servant.is("put a", "ok")?;
    let seen = std::fs::read_to_string(dir.join("a")).map_err(|e| e.to_string())?;
    if seen != "by the guest" {
        return Err(format!("the host reads {seen:?}"));
    }
    put("a", "by the HOST!")?;
    servant.is("cat a", "by the HOST!")?;
    servant.is("hold a", "ok")?;
    std::fs::rename(dir.join("a"), dir.join("c")).map_err(|e| e.to_string())?;
    servant.is("cat a", "errno 2")?;
    servant.is("cat c", "by the HOST!")?;
    servant.is("held x", "by the HOST!")?;
    servant.is("ls x", "c")?;
    std::fs::create_dir(dir.join("d")).map_err(|e| e.to_string())?;
    put("d/e", "below")?;
    servant.is("cat d/e", "below")?;
    std::fs::rename(dir.join("d"), dir.join("f")).map_err(|e| e.to_string())?;
    servant.is("cat d/e", "errno 2")?;
    servant.is("cat f/e", "below")?;
    std::fs::remove_dir_all(dir.join("f")).map_err(|e| e.to_string())?;
    put("f", "a file now")?;
    servant.is("cat f", "a file now")?;
    servant.is("ls x", "c f")
}

fn places() -> Result<(), String> {
    let (one, two) = (fresh("one")?, fresh("two")?);
    std::fs::write(one.join("x"), "1\n").map_err(|e| e.to_string())?;
    std::fs::write(two.join("y"), "2\n").map_err(|e| e.to_string())?;
    let (one, two) = (format!("{}:/data/deep/one", one.display()), format!("{}:/two", two.display()));
    let got = under_unox(&job(&["-e", &one, "-e", &two], "/bin/cat", &["/data/deep/one/x", "/two/y"]))?;
    expect(got.status == 0 && got.stdout == b"1\n2\n", "wanted both files", &got)?;
    let got = under_unox(&job(&["-e", "/no/such"], "/bin/cat", &[]))?;
    expect(got.status == 125 && said(&got).contains("no such directory"), "wanted an explanation", &got)
}

/// A kernel alone, with the host's directory as its root file system; the kernel's own places leave no trace there.
fn root() -> Result<(), String> {
    let dir = fresh("root")?;
    std::fs::create_dir(dir.join("bin")).map_err(|e| e.to_string())?;
    std::fs::copy(guest("hello.c", "static")?, dir.join("bin/prog")).map_err(|e| e.to_string())?;
    let kernel = crate::plain::kernel_file()?;
    let options = ["-k", text(&kernel), "-e", text(&dir), "-a", "unox.exec=/bin/prog -- x"];
    let got = Command::new(unox()?).arg("run").args(options).stdin(Stdio::null()).output().map_err(|e| e.to_string())?;
    if got.status.code() != Some(7) || got.stdout != b"Hello, world!\n" {
        return Err(format!("wanted the program's output and status: {got:?}"));
    }
    let names: Vec<_> = std::fs::read_dir(&dir).map_err(|e| e.to_string())?.flatten().map(|e| e.file_name()).collect();
    if names == ["bin"] { Ok(()) } else { Err(format!("left behind: {names:?}")) }
}

fn archive_of(name: &str, pack: bool) -> Result<PathBuf, String> {
    let dir = fresh(name)?;
    std::fs::create_dir(dir.join("bin")).map_err(|e| e.to_string())?;
    std::fs::copy(guest("hello.c", "static")?, dir.join("bin/prog")).map_err(|e| e.to_string())?;
    let file = dir.with_extension(if pack { "cpio.gz" } else { "cpio" });
    let filter = if pack { "| gzip" } else { "" };
    let line = format!("find . | cpio -o -H newc --quiet {filter} > {}", file.display());
    let made = Command::new("sh").arg("-c").arg(line).current_dir(&dir).status().map_err(|e| e.to_string())?;
    if made.success() { Ok(file) } else { Err("cpio failed: apt-get install cpio".to_owned()) }
}

fn archive(pack: bool) -> Result<(), String> {
    let file = archive_of(if pack { "packed" } else { "plain" }, pack)?;
    for program in ["/bin/prog", "prog"] {
        let got = under_unox(&job(&["-i", text(&file)], program, &[]))?;
        expect(got.status == 7 && got.stdout == b"Hello, world!\n", "wanted the program's output and status", &got)?;
    }
    let got = under_unox(&job(&["-i", text(&file)], "other", &[]))?;
    expect(got.status == 127, "wanted 127 for a program that is not in it", &got)?;
    let got = under_unox(&job(&["-i", "/etc/passwd"], "other", &[]))?;
    expect(got.status == 125 && said(&got).contains("cpio -o -H newc"), "wanted an explanation", &got)
}

/// Waits until the file holds `want`.
fn appears(file: &Path, want: &str) -> Result<(), String> {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(30) {
        if std::fs::read_to_string(file).is_ok_and(|text| text.contains(want)) {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Err(format!("{} never said {want:?}: {:?}", file.display(), std::fs::read_to_string(file)))
}

fn background() -> Result<(), String> {
    let log = fresh("background")?.join("log");
    let program = guest("hello.c", "static")?;
    let got = under_unox(&job(&["-x", "--log", text(&log)], text(&program), &[]))?;
    let pid = String::from_utf8_lossy(&got.stdout).trim().parse::<u32>();
    expect(got.status == 0 && pid.is_ok(), "wanted a process id", &got)?;
    appears(&log, "Hello, world!")?;
    appears(&log, "exit code 7")
}

/// A free TCP port.
fn free_port() -> Result<u16, String> {
    std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).map(|a| a.port()).map_err(|e| e.to_string())
}

/// What gdb's protocol answers to `packet`.
fn say(port: u16, packet: &str) -> Result<(TcpStream, u8), String> {
    let start = Instant::now();
    let mut stream = loop {
        match TcpStream::connect(("127.0.0.1", port)) {
            Ok(stream) => break stream,
            Err(e) if start.elapsed() > Duration::from_secs(20) => return Err(format!("port {port}: {e}")),
            Err(_) => std::thread::sleep(Duration::from_millis(50)),
        }
    };
    let sum: u32 = packet.bytes().map(u32::from).sum::<u32>() % 256;
    let mut first = [0];
    let _ = stream.set_read_timeout(Some(Duration::from_secs(20)));
    write!(stream, "+${packet}#{sum:02x}").and_then(|()| stream.read_exact(&mut first)).map_err(|e| e.to_string())?;
    Ok((stream, first[0]))
}

fn start(options: &[&str], program: &[&str]) -> Result<Child, String> {
    let mut command = Command::new(unox()?);
    command.arg("run").args(options).args(program).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    command.spawn().map_err(|e| e.to_string())
}

fn debugger() -> Result<(), String> {
    let port = free_port()?;
    let mut child = start(&["-g", &port.to_string()], &["/usr/bin/perl", "-e", "$| = 1; print \"runs\\n\"; sleep 60"])?;
    let mut first = [0];
    let ran = child.stdout.as_mut().map_or(0, |out| out.read(&mut first).unwrap_or(0));
    let answer = say(port, "?");
    let _ = child.kill();
    let _ = child.wait();
    match answer?.1 {
        b'+' | b'$' if ran == 1 => Ok(()),
        other => Err(format!("the program ran: {ran}; the debugger's port said {other}")),
    }
}

fn paused() -> Result<(), String> {
    let port = free_port()?;
    let mut child = start(&["-P", "-g", &port.to_string()], &["/bin/echo", "let go"])?;
    std::thread::sleep(Duration::from_millis(1500));
    let waits = child.try_wait().map_err(|e| e.to_string())?.is_none();
    let go = say(port, "c");
    let mut out = String::new();
    if go.is_ok()
        && let Some(stdout) = child.stdout.as_mut()
    {
        let _ = stdout.read_to_string(&mut out);
    }
    let _ = child.kill();
    let _ = child.wait();
    go?;
    if waits && out == "let go\n" { Ok(()) } else { Err(format!("waited: {waits}; said {out:?}")) }
}

/// The tool called by the script's name.
fn qemu_guest() -> Result<(), String> {
    let dir = fresh("alias")?;
    let alias = dir.join("qemu-guest");
    std::os::unix::fs::symlink(unox()?, &alias).map_err(|e| e.to_string())?;
    let archive = archive_of("alias-root", true)?;
    let kernel = crate::plain::kernel_file()?;
    let run = |extra: &[&str]| {
        let fixed = ["-k", text(&kernel), "-i", text(&archive), "-a", "unox.exec=/bin/prog -- x", "-W", "-m", "128"];
        Command::new(&alias).args(fixed).args(extra).stdin(Stdio::null()).output().map_err(|e| e.to_string())
    };
    let got = run(&[])?;
    if got.status.code() != Some(7) || got.stdout != b"Hello, world!\n" {
        return Err(format!("{got:?}"));
    }
    let dry =
        String::from_utf8_lossy(&run(&["-D", "-t", "x86q35", "-n", "-e", text(&dir), "-c", "2", "--", "-name", "me"])?.stdout).into_owned();
    let wanted = ["-M q35", "virtio-net-pci", "virtio-9p-pci", "-smp 2", "-name me", "-m 128M"];
    match wanted.iter().find(|w| !dry.contains(**w)) {
        None => Ok(()),
        Some(missing) => Err(format!("no {missing} in {dry}")),
    }
}

fn flags() -> Result<(), String> {
    let dir = fresh("flags")?;
    let table: [(&[&str], &[&str]); 7] = [
        (&["-e", text(&dir)], &["-fsdev local,id=fs0,path=", "virtio-9p-device,fsdev=fs0,mount_tag=fs0"]),
        (&["-g", "1234"], &["-gdb tcp:127.0.0.1:1234"]),
        (&["-g", "1234", "-P"], &["-gdb tcp:127.0.0.1:1234 -S"]),
        (&["-P"], &["-gdb unix:", " -S"]),
        (&["-n", "-c", "4"], &["-netdev user,id=net0 -device virtio-net-device,netdev=net0", "-smp 4"]),
        (&["-b", "br7", "--machine", "pc"], &["-netdev bridge,id=net0,br=br7 -device virtio-net-pci"]),
        (&["-W", "-m", "96"], &["-accel tcg", "-m 96M"]),
    ];
    for (options, wanted) in table {
        let got = under_unox(&job(&[&["-D"], options].concat(), "/bin/true", &[]))?;
        let said = String::from_utf8_lossy(&got.stdout).into_owned();
        expect(got.status == 0 && wanted.iter().all(|w| said.contains(w)), &format!("{options:?}: wanted {wanted:?}"), &got)?;
    }
    let got = under_unox(&job(&["-g"], "/bin/true", &[]))?;
    expect(got.status == 125 && said(&got).contains("--gdb"), "wanted a word about --gdb", &got)?;
    let got = under_unox(&job(&["-a", "x"], "/bin/true", &[]))?;
    expect(got.status == 125, "-a is for images", &got)
}
