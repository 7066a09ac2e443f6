//! The kernel under plain QEMU, without the tool: packed images, modules that are wrong, no root at all.

use crate::{Test, guest};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

pub const TESTS: &[Test] = &[
    ("packed_boots_by_itself", packed),
    ("packed_runs_under_the_tool", packed_with_tool),
    ("packed_twice_is_the_same", packed_twice),
    ("packed_environment", packed_environment),
    ("no_root", || kernel(&["-append", "-- /bin/hello"], "/bin/hello")),
    ("no_program", || kernel(&[], "no program")),
    ("corrupt_module", || module(&oracle::run::noise(100_000))),
    ("empty_module", || module(&[0; 512])),
    ("cut_configuration", || module(b"UNOXCFG1\nexec=/bin/x\0arg=unfinished")),
    ("mad_command_line", || kernel(&["-append", "unox.exec= unox.arg unox.uid=-5 unox.winsize=x,y -- \\xff"], "")),
    ("tiny_memory", || kernel(&["-m", "2"], "")),
];

/// Runs QEMU until it ends, at most 40 s, and returns what came over the serial line.
pub fn qemu(args: &[&str]) -> Result<String, String> {
    let out = oracle::target().join("boot-tests");
    std::fs::create_dir_all(&out).map_err(|e| e.to_string())?;
    let file = out.join(format!("serial-{:?}", std::thread::current().id()));
    let mut command = Command::new("qemu-system-x86_64");
    command.args(["-accel", "tcg", "-cpu", "max", "-display", "none", "-no-reboot", "-monitor", "none", "-nodefaults"]);
    command.args(["-device", "isa-debug-exit,iobase=0xf4,iosize=4", "-serial"]).arg(format!("file:{}", file.display())).args(args);
    let mut child = command.stdin(Stdio::null()).stderr(Stdio::null()).spawn().map_err(|e| format!("qemu-system-x86_64: {e}"))?;
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(40) {
        if child.try_wait().map_err(|e| e.to_string())?.is_some() {
            return Ok(String::from_utf8_lossy(&std::fs::read(&file).unwrap_or_default()).into_owned());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let _ = child.kill();
    let _ = child.wait();
    Err(format!("QEMU did not end; serial line:\n{}", String::from_utf8_lossy(&std::fs::read(&file).unwrap_or_default())))
}

pub fn kernel_file() -> Result<PathBuf, String> {
    if let Some(path) = std::env::var_os("UNOX_KERNEL") {
        return Ok(path.into());
    }
    let path = oracle::target().join("release/unox-kernel");
    if path.exists() { Ok(path) } else { Err("no kernel: build it with `cargo xtask image`, or set UNOX_KERNEL".to_owned()) }
}

/// The kernel alone must end the machine, with a line that says why, and without a panic.
fn kernel(args: &[&str], say: &str) -> Result<(), String> {
    let file = kernel_file()?;
    let text = qemu(&[&["-M", "pc", "-kernel", &file.to_string_lossy()], args].concat())?;
    if text.contains("panic") {
        return Err(format!("the kernel failed:\n{text}"));
    }
    if text.to_lowercase().contains(say) && (say.is_empty() || text.contains("unox: ")) {
        Ok(())
    } else {
        Err(format!("nothing about \"{say}\":\n{text}"))
    }
}

fn module(bytes: &[u8]) -> Result<(), String> {
    let path = oracle::target().join(format!("module-{:?}", std::thread::current().id()));
    std::fs::write(&path, bytes).map_err(|e| e.to_string())?;
    kernel(&["-initrd", &path.to_string_lossy()], "unox")
}

fn pack(name: &str) -> Result<PathBuf, String> {
    let program = guest("hello.c", "dynamic")?;
    let image = oracle::target().join(name);
    let done = Command::new(oracle::run::unox()?).args(["pack", "-o"]).arg(&image).arg(&program).output().map_err(|e| e.to_string())?;
    if done.status.success() { Ok(image) } else { Err(String::from_utf8_lossy(&done.stderr).into_owned()) }
}

fn packed() -> Result<(), String> {
    let image = pack("boot-packed.img")?;
    for machine in ["pc", "q35", "microvm"] {
        let text = qemu(&["-M", machine, "-m", "128", "-kernel", &image.to_string_lossy()])?;
        if !text.replace('\r', "").contains("Hello, world!\n") {
            return Err(format!("{machine}: no greeting:\n{text}"));
        }
    }
    Ok(())
}

fn packed_with_tool() -> Result<(), String> {
    let image = pack("boot-tool.img")?;
    let got = oracle::run::under_unox(&crate::job(&[], &image.to_string_lossy(), &[]))?;
    crate::expect(got.status == 7 && got.stdout == b"Hello, world!\n", "wanted the program's output and status", &got)
}

fn packed_twice() -> Result<(), String> {
    let bytes = |p: &Path| std::fs::read(p).map_err(|e| e.to_string());
    let same = bytes(&pack("boot-one.img")?)? == bytes(&pack("boot-two.img")?)?;
    if same { Ok(()) } else { Err("two packings of one program differ".to_owned()) }
}

/// Nothing of the packer's terminal and language is in the image; `--env` of a run adds to what was packed.
fn packed_environment() -> Result<(), String> {
    let image = oracle::target().join("boot-tests/environment.img");
    let mut pack = Command::new(oracle::run::unox()?);
    pack.args(["pack", "--env", "PACKED=1", "-o"]).arg(&image).arg("/usr/bin/env").env("TERM", "vt52").env("LANG", "de_DE.UTF-8");
    let done = pack.output().map_err(|e| e.to_string())?;
    if !done.status.success() {
        return Err(String::from_utf8_lossy(&done.stderr).into_owned());
    }
    let got = oracle::run::under_unox(&crate::job(&["--env", "RUN=2"], &image.to_string_lossy(), &[]))?;
    let text = String::from_utf8_lossy(&got.stdout).into_owned();
    let clean = !text.contains("TERM") && !text.contains("LANG");
    crate::expect(
        clean && text.contains("PACKED=1\n") && text.contains("RUN=2\n") && text.contains("PATH="),
        "wanted both variables and no others",
        &got,
    )
}
