//! Sizes of images, and the larger ports: iperf3, Python with its library by 9p.

use ports::{Image, Outcome, build, run, run_with};
use std::path::Path;

type Result = std::result::Result<(), libtest_mimic::Failed>;

type Test = fn() -> Result;

/// What app-helloworld's kraft.yaml says.
const HELLO: &[&str] = &[
    "CONFIG_LIBMUSL=y",
    "CONFIG_LIBVFSCORE=n",
    "CONFIG_LIBPOSIX_TTY=n",
    "CONFIG_LIBUKPCI=n",
    "CONFIG_LIBMUSL_AIO=n",
    "CONFIG_OPTIMIZE_SIZE=y",
];

fn image<'a>(app: &'a str, libs: &'a [&'a str], config: &'a [&'a str], name: &'a str) -> Image<'a> {
    Image { app, libs, config, name }
}

/// The outcome has this status and this text on standard output.
fn says(out: &Outcome, status: i32, text: &str) -> Result {
    if out.status == Some(status) && out.stdout.contains(text) {
        Ok(())
    } else {
        Err(format!("status {status} and {text:?} are wanted:\n{out:?}").into())
    }
}

fn length(file: &Path) -> std::result::Result<u64, String> {
    std::fs::metadata(file).map(|m| m.len()).map_err(|e| format!("{}: {e}", file.display()))
}

fn helloworld() -> Result {
    let hello = build(&image("ports/app-helloworld", &["ports/musl"], HELLO, "hello-small"))?;
    says(&run(&hello, &["one", "two words"])?, 0, "Hello, world!\nargument 1: one\nargument 2: two words\n")?;
    says(&run_with(&hello, &["-m", "4"], &[])?, 0, "Hello, world!\n")?;
    let size = length(&hello)?;
    if size > 250_000 { Err(format!("the image has {size} bytes; its budget is 250000").into()) } else { Ok(()) }
}

/// What app-lua's kraft.yaml says: files in memory or in an archive, a terminal, no bus and no shares.
fn lua() -> Result {
    let config = &[
        "CONFIG_LIBMUSL=y",
        "CONFIG_LIBLUA=y",
        "CONFIG_LIBLUA_MAIN_FUNCTION=y",
        "CONFIG_LIBUKPCI=n",
        "CONFIG_LIB9PFS=n",
        "CONFIG_LIBPOSIX_PTY=n",
        "CONFIG_LIBMUSL_AIO=n",
        "CONFIG_OPTIMIZE_SIZE=y",
    ];
    let app = build(&image("ports/app-lua", &["ports/musl", "ports/lua"], config, "lua-small"))?;
    says(
        &run(&app, &["-e", "local f = io.open('/f', 'w') f:write('x') f:close() for l in io.lines('/f') do print(l, 2^10) end"])?,
        0,
        "x\t1024.0\n",
    )?;
    says(&run(&app, &["-e", "error('no')"])?, 1, "")?;
    // A script from an archive that is the root file system.
    let dir = app.with_file_name("root");
    std::fs::create_dir_all(&dir)?;
    std::fs::write(dir.join("script.lua"), "print(...)")?;
    let archive = app.with_file_name("root.cpio");
    let line = format!("find . | cpio -o -H newc --quiet > {}", archive.display());
    if !std::process::Command::new("sh").arg("-c").arg(line).current_dir(&dir).status()?.success() {
        return Err("cpio failed: apt-get install cpio".into());
    }
    says(&run_with(&app, &["-i", &archive.display().to_string()], &["/script.lua", "a", "b"])?, 0, "a\tb\n")?;
    let size = length(&app)?;
    if size > 600_000 { Err(format!("the image has {size} bytes; its budget is 600000").into()) } else { Ok(()) }
}

fn iperf3() -> Result {
    // Debian's 3.12 is not on every mirror; 3.9 is what there is then.
    let mirror = oracle::target().join("mirror");
    let version = if mirror.join("iperf-3.12.tar.gz").exists() { "3.12" } else { "3.9" };
    let choice = format!("CONFIG_LIBIPERF3_VERSION_{}=y", version.replace('.', "_"));
    let config = &["CONFIG_LIBMUSL=y", "CONFIG_LIBIPERF3=y", "CONFIG_LIBIPERF3_MAIN_FUNCTION=y", &choice];
    let app = build(&image("ports/app-iperf3", &["ports/musl", "ports/iperf3"], config, "iperf3"))?;
    says(&run(&app, &["--version"])?, 0, &format!("iperf {version} (cJSON"))?;
    let help = run(&app, &["--help"])?;
    says(&help, 0, "Usage: iperf3 [-s|-c host] [options]")
}

fn python3() -> Result {
    let libs = &["ports/musl", "ports/zlib", "ports/fortune", "ports/python3"];
    let base = &["CONFIG_LIBMUSL=y", "CONFIG_LIBZLIB=y", "CONFIG_LIBPYTHON3=y", "CONFIG_LIBPYTHON3_MAIN_FUNCTION=y"];
    let fortune = &["CONFIG_LIBFORTUNE=y", "CONFIG_LIBFORTUNE_BOOT=y", "CONFIG_LIBUKBOOT_BANNER_POWEREDBY=y"];
    let config: Vec<&str> = base.iter().chain(fortune).copied().collect();
    let app = build(&image("ports/app-python3", libs, &config, "python3"))?;
    let root = app.parent().ok_or("no directory")?.join("libpython3/rootfs").display().to_string();
    let code = "import json, hashlib, threading, zlib, re; r = []; t = threading.Thread(target=lambda: r.append(1)); t.start(); t.join(); \
                print(json.dumps({'a': [1, 2.5, None]}), hashlib.sha256(b'x').hexdigest()[:8], r, len(zlib.compress(b'a' * 1000)), re.sub('b+', '-', 'abbc'))";
    let out = run_with(&app, &["-m", "256", "-e", &root], &["-c", code])?;
    says(&out, 0, "{\"a\": [1, 2.5, null]} 2d711642 [1] 17 a-c\n")?;
    let at = |text: &str| out.stdout.find(text).ok_or(format!("no {text:?} in {out:?}"));
    // The tutorial's second exercise.
    if at("-- ")? > at("Powered by")? {
        return Err(format!("the fortune is not before the banner: {}", out.stdout).into());
    }
    says(&run_with(&app, &["-m", "256", "-e", &root], &["-c", "import sys; sys.exit(7)"])?, 7, "")
}

fn main() {
    let all: [(&str, Test); 4] = [("helloworld", helloworld), ("lua", lua), ("iperf3", iperf3), ("python3", python3)];
    ports::main(1, || Ok(all.into_iter().map(|(name, test)| libtest_mimic::Trial::test(name, test)).collect()));
}
