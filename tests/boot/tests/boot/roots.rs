//! The ways in which the root image reaches the machine, disks that fail, and the machine's randomness.

use crate::plain::{kernel_file, qemu};
use crate::{Test, expect, job};
use oracle::compare::differences;
use oracle::run::{native, noise, under_unox, unox};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

pub const TESTS: &[Test] = &[
    ("root_disk_grep", || grep("disk", "microvm")),
    ("root_disk_grep_q35", || grep("disk", "q35")),
    ("root_disk_grep_pc", || grep("disk", "pc")),
    ("root_initrd_grep", || grep("initrd", "microvm")),
    ("root_initrd_grep_q35", || grep("initrd", "q35")),
    ("root_disk_python", || python(&["--root-via", "disk", "-m", "48"])),
    ("root_disk_python_q35", || python(&["--root-via", "disk", "-m", "48", "--machine", "q35"])),
    ("root_disk_python_tight", || python(&["--root-via", "disk", "-m", "16"])),
    ("root_disk_large_file", large),
    ("root_disk_is_written_in_memory", written),
    ("root_disk_is_a_device", device),
    ("root_disk_cut", cut),
    ("root_disk_absent", || says(&[], "no virtio block device")),
    ("root_disk_error_in_a_file", broken_file),
    ("root_disk_error_in_the_program", broken_program),
    ("root_initrd_needs_memory", initrd_too_large),
    ("root_via_a_packed_image_is_refused", refused),
    ("root_chosen_by_what_qemu_has", chosen),
    ("entropy_without_rdrand", entropy),
];

fn same(options: &[&str], program: &str, args: &[&str]) -> Result<(), String> {
    let job = job(options, program, args);
    differences(&native(&job)?, &under_unox(&job)?)
}

fn grep(via: &str, machine: &str) -> Result<(), String> {
    same(&["--root-via", via, "--machine", machine], "/usr/bin/grep", &["-c", "root", "/etc/passwd"])
}

fn python(options: &[&str]) -> Result<(), String> {
    same(options, "/usr/bin/python3", &["-c", "import json, ssl; print(1)"])
}

fn file(name: &str, bytes: &[u8]) -> Result<String, String> {
    let dir = oracle::target().join("boot-tests");
    std::fs::create_dir_all(&dir).map_err(|e| e.to_string())?;
    let path = dir.join(name);
    std::fs::write(&path, bytes).map_err(|e| e.to_string())?;
    Ok(path.to_string_lossy().into_owned())
}

/// Four times as long as the memory: pages that were read are given up for those that follow.
fn large() -> Result<(), String> {
    let path = file("large", &noise(64 << 20))?;
    let done = same(&["--root-via", "disk", "-m", "16"], "/usr/bin/sha256sum", &[&path]);
    std::fs::remove_file(path).map_err(|e| e.to_string())?;
    done
}

/// Pages that the program has changed are not read again, however short memory is.
fn written() -> Result<(), String> {
    const SCRIPT: &str = "import sys, mmap
path, big = sys.argv[1:]
f = open(path, 'r+b')
f.seek(5000); f.write(b'written')
m = mmap.mmap(f.fileno(), 0); m[70000:70006] = b'mapped'
size = 0
for _ in range(2):
    with open(big, 'rb') as b:
        while part := b.read(1 << 20): size += len(part)
f.seek(0); got = f.read()
print(size, got[5000:5007], got[70000:70006], bytes(m[5000:5007]), len(got))
";
    let path = file("changed", &noise(100_000))?;
    let big = file("beside", &noise(40 << 20))?;
    let job = job(&["--root-via", "disk", "-m", "24", "--add", &path, "--add", &big], "/usr/bin/python3", &["-c", SCRIPT, &path, &big]);
    let got = under_unox(&job)?;
    let good = got.stdout == b"83886080 b'written' b'mapped' b'written' 100000\n";
    std::fs::remove_file(big).map_err(|e| e.to_string())?;
    expect(got.status == 0 && good, "wanted what was written", &got)
}

/// /dev/vda has the image's bytes and says how many.
fn device() -> Result<(), String> {
    const SCRIPT: &str = "import fcntl, hashlib, os, stat, struct
size = struct.unpack('Q', fcntl.ioctl(open('/dev/vda'), 0x80081272, bytes(8)))[0]
s = os.stat('/dev/vda')
with open('/dev/vda', 'rb') as f: digest = hashlib.file_digest(f, 'sha256').hexdigest()
print(size, stat.S_ISBLK(s.st_mode), os.major(s.st_rdev), os.lseek(os.open('/dev/vda', os.O_RDONLY), 0, os.SEEK_END) == size, digest)
try: os.write(os.open('/dev/vda', os.O_WRONLY), b'x')
except PermissionError: print('refused')
";
    let got = under_unox(&job(&["-v", "--root-via", "disk"], "/usr/bin/python3", &["-c", SCRIPT]))?;
    let path = named(&got.notes)?;
    let sum = Command::new("/usr/bin/sha256sum").arg(&path).output().map_err(|e| e.to_string())?.stdout;
    let sum = String::from_utf8_lossy(&sum).split(' ').next().unwrap_or("").to_owned();
    let size = std::fs::metadata(&path).map_err(|e| e.to_string())?.len();
    let wanted = format!("{size} True 254 True {sum}\nrefused\n");
    expect(got.stdout == wanted.as_bytes(), &format!("wanted {wanted}"), &got)
}

/// The image that the tool makes for a program, and the program's arguments.
fn image(words: &[&str]) -> Result<PathBuf, String> {
    let out = Command::new(unox()?).args(["run", "-v"]).args(words).output().map_err(|e| e.to_string())?;
    named(&String::from_utf8_lossy(&out.stderr))
}

/// The image that `-v` names.
fn named(text: &str) -> Result<PathBuf, String> {
    let path = text.lines().find_map(|line| line.split("image ").nth(1)?.split(" of ").next());
    path.map(PathBuf::from).ok_or_else(|| format!("no image is named:\n{text}"))
}

/// Plain QEMU with more arguments; `words` is the kernel's command line.
fn machine(args: &[&str], words: &str) -> Result<String, String> {
    let kernel = kernel_file()?.to_string_lossy().into_owned();
    let append = format!("unox.ecam=0xe0000000 {words}");
    let microvm = "microvm,acpi=on,pcie=on,pit=off,pic=off,rtc=on,isa-serial=on,usb=off";
    let common = ["-M", microvm, "-m", "256", "-global", "virtio-mmio.force-legacy=false", "-kernel", &kernel, "-append", &append];
    qemu(&[&common[..], args].concat())
}

fn says(args: &[&str], what: &str) -> Result<(), String> {
    let text = machine(args, "unox.root=disk -- /usr/bin/true")?;
    if text.contains(what) && text.contains("exit fail") { Ok(()) } else { Err(format!("nothing about \"{what}\":\n{text}")) }
}

fn cut() -> Result<(), String> {
    let bytes = std::fs::read(image(&["/usr/bin/true"])?).map_err(|e| e.to_string())?;
    let path = file("cut.erofs", &bytes[..bytes.len() / 8])?;
    let drive = format!("if=none,id=root,format=raw,readonly=on,file={path}");
    says(&["-drive", &drive, "-device", "virtio-blk-device,drive=root"], "longer than the disk")
}

/// Runs `words` with a root disk that cannot read the page at `at` bytes into the file `part` of the image.
fn broken(words: &[&str], part: &str, at: usize) -> Result<String, String> {
    let path = image(words)?;
    let (bytes, part) = (std::fs::read(&path).map_err(|e| e.to_string())?, std::fs::read(part).map_err(|e| e.to_string())?);
    let start =
        (0..bytes.len()).step_by(4096).find(|start| bytes[*start..].starts_with(&part[..4096])).ok_or("the file is not in the image")?;
    let drive = format!(
        "if=none,id=root,driver=raw,read-only=on,file.driver=blkdebug,file.image.driver=file,file.image.filename={},\
         file.inject-error.0.event=read_aio,file.inject-error.0.errno=5,file.inject-error.0.sector={}",
        path.display(),
        (start + at) / 512
    );
    machine(&["-drive", &drive, "-device", "virtio-blk-device,drive=root"], &format!("unox.root=disk -- {}", words.join(" ")))
}

fn broken_file() -> Result<(), String> {
    let path = file("broken", &noise(1_000_000))?;
    let text = broken(&["/usr/bin/sha256sum", &path], &path, 500_000)?;
    if text.contains("Input/output error") && text.contains("exit code 1") { Ok(()) } else { Err(format!("no error:\n{text}")) }
}

/// A page of code that cannot be read kills by SIGBUS, as on Linux.
fn broken_program() -> Result<(), String> {
    let program = "/usr/bin/sha256sum";
    let entry = {
        let bytes = std::fs::read(program).map_err(|e| e.to_string())?;
        bytes.get(24..32).and_then(|b| b.try_into().ok()).map(u64::from_le_bytes).ok_or("no ELF file")?
    };
    let text = broken(&[program, "/etc/passwd"], program, usize::try_from(entry).map_err(|e| e.to_string())?)?;
    if text.contains("exit signal 7") { Ok(()) } else { Err(format!("no SIGBUS:\n{text}")) }
}

fn initrd_too_large() -> Result<(), String> {
    let got = under_unox(&job(&["--root-via", "initrd", "-m", "20"], "/usr/bin/python3", &["-c", "print(1)"]))?;
    expect(got.status == 125 && got.notes.contains("does not fit"), "wanted a refusal", &got)
}

fn refused() -> Result<(), String> {
    let packed = oracle::target().join("boot-tests/true.img");
    let done = Command::new(unox()?).args(["pack", "-o"]).arg(&packed).arg("/usr/bin/true").output().map_err(|e| e.to_string())?;
    expect_success(&done)?;
    let got = under_unox(&job(&["--root-via", "disk"], &packed.to_string_lossy(), &[]))?;
    expect(got.status == 125 && got.notes.contains("in it"), "wanted a refusal", &got)
}

/// A QEMU that was built without the device for mapping.
fn chosen() -> Result<(), String> {
    const PROXY: &str = "#!/bin/sh\nfor word; do if [ \"$word\" = help ]; then qemu-system-x86_64 \"$@\" | grep -v ivshmem; exit; fi; done\n\
        exec qemu-system-x86_64 \"$@\"\n";
    let proxy = file("qemu-proxy", PROXY.as_bytes())?;
    std::fs::set_permissions(&proxy, std::fs::Permissions::from_mode(0o755)).map_err(|e| e.to_string())?;
    let unox = |options: &[&str]| {
        let mut command = Command::new(unox()?);
        command.arg("run").args(options).args(["/usr/bin/grep", "-c", "root", "/etc/passwd"]).env("UNOX_QEMU", &proxy);
        let out = command.output().map_err(|e| e.to_string())?;
        Ok::<_, String>((out.status.code(), String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned()))
    };
    let (status, text) = unox(&["-v"])?;
    if status != Some(0) || !text.contains("root image: disk (this QEMU has no ivshmem-plain)") || !text.contains("virtio-blk-device") {
        return Err(format!("wanted a disk:\n{text}"));
    }
    let (status, text) = unox(&["--root-via", "mapped"])?;
    let refused = status == Some(125) && text.contains("has no device ivshmem-plain");
    if refused { Ok(()) } else { Err(format!("wanted a refusal:\n{text}")) }
}

fn expect_success(done: &std::process::Output) -> Result<(), String> {
    if done.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&done.stderr).into_owned()) }
}

/// Where instructions are the only clock, two machines with one seed and no generator give the same bytes; with the host's device they do not.
fn entropy() -> Result<(), String> {
    let image = image(&["/usr/bin/od", "-An", "-tx1", "-N16", "/dev/urandom"])?.to_string_lossy().into_owned();
    let common = ["-initrd", &image, "-icount", "shift=0,sleep=off"];
    let bytes = |cpu: &str, more: &[&str]| {
        let args = [&common[..], &["-cpu", cpu], more].concat();
        let text = machine(&args, "unox.seed=00112233 unox.nokaslr=1 unox.epoch=1 -- /usr/bin/od -An -tx1 -N16 /dev/urandom")?;
        if text.contains("exit code 0") { Ok(text) } else { Err(format!("the program failed:\n{text}")) }
    };
    let (without, device): (_, &[&str]) = ("max,-rdrand,-rdseed", &["-device", "virtio-rng-device"]);
    if bytes(without, &[])? != bytes(without, &[])? {
        return Err("something random is in the machine without a source".to_owned());
    }
    if bytes(without, device)? == bytes(without, device)? {
        return Err("the device's bytes are not used".to_owned());
    }
    if bytes("max", &[])? == bytes("max", &[])? { Err("RDRAND's bytes are not used".to_owned()) } else { Ok(()) }
}
