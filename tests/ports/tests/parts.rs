//! What menuconfig offers is in the image when it is chosen, and only then: for each part an application that uses all of them is built with it and
//! without, and without it the image is smaller by what the part weighs at least, and has lost a symbol of it.

use ports::{Image, build, run, run_with};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What says that a part is there.
#[derive(Clone, Copy)]
enum Mark {
    /// A function or datum whose demangled name contains this.
    Symbol(&'static str),
    /// Bytes of the image.
    Text(&'static str),
}
use Mark::{Symbol, Text};

/// A part that can be left out.
struct Part {
    /// Its option, without CONFIG_.
    option: &'static str,
    /// What else differs from [`ALL`], with the part and without: options off that would select it, or on so that it is there at all.
    beside: &'static [&'static str],
    /// What takes its place: lines of the configuration. Empty: nothing.
    instead: &'static [&'static str],
    /// Bytes that it weighs at least.
    floor: u64,
    /// What is gone without it.
    mark: Mark,
    /// A use of it (tests/ports/parts), and what that says without the part.
    says: Option<(&'static str, &'static str)>,
}

/// Everything on, for size.
const ALL: &[&str] = &[
    "LIBMUSL=y",
    "OPTIMIZE_SIZE=y",
    "LIBPROCFS=y",
    "LIBSYSFS=y",
    "LIBUKALLOCBBUDDY=y",
    "LIBUKALLOCREGION=y",
    "LIBUKMBOX=y",
    "LIBUKLIBPARAM=y",
    "LIBUKUNWIND=y",
    "LIBUKBOOT_BANNER_POWEREDBY=y",
    "LIBUKDEBUG_PRINTK_DEBUG=y",
];

/// Lines that leave out everything that would select the named parts again.
const NO_GLUE: &[&str] = &["LIBUKALLOC=n", "LIBUKALLOCBBUDDY=n", "LIBUKALLOCREGION=n", "LIBUKMBOX=n", "LIBUKSCHED=n", "LIBUKLIBPARAM=n"];
const NO_LOCKS: &[&str] =
    &["LIBUKALLOC=n", "LIBUKALLOCBBUDDY=n", "LIBUKALLOCREGION=n", "LIBUKMBOX=n", "LIBUKSCHED=n", "LIBUKLIBPARAM=n", "LIBUKLOCK=n"];
const NO_FILES: &[&str] = &["LIBPROCFS=n", "LIBSYSFS=n", "LIBROOTIMAGE=n", "LIB9PFS=n", "LIBDEVFS=n"];

const fn part(option: &'static str, floor: u64, symbol: &'static str) -> Part {
    Part { option, beside: &[], instead: &[], floor, mark: Symbol(symbol), says: None }
}

/// A family of calls: without it its use says ENOSYS.
const fn family(option: &'static str, name: &'static str, floor: u64, symbol: &'static str) -> Part {
    Part { says: Some((name, "ENOSYS")), ..part(option, floor, symbol) }
}

/// A library: without it its use is not built.
const fn micro(option: &'static str, name: &'static str, floor: u64, symbol: &'static str) -> Part {
    Part { says: Some((name, "not built")), ..part(option, floor, symbol) }
}

#[rustfmt::skip] // a table
const PARTS: &[Part] = &[
    // Machine.
    part("LIBUKPCI", 2_300, "drv_pci::"),
    part("LIBUKDEBUGCON", 20, "drv_debugcon::"),
    Part { instead: &["LIBUKBOOT_BANNER_NONE=y"], mark: Text("Powered by"), ..part("LIBUKBOOT_BANNER_POWEREDBY", 70, "") },
    Part { instead: &["LIBUKSCHEDCOOP=y"], ..part("LIBUKSCHEDPREEMPT", 420, "kernel::sched::queue::running_key") },
    Part { instead: &["LIBUKDEBUG_PRINTK_INFO=y"], mark: Text("parts: a detail"), ..part("LIBUKDEBUG_PRINTK_DEBUG", 20, "") },
    Part { beside: &["LIBUKDEBUG_PRINTK_WARN=y"], instead: &["LIBUKDEBUG_PRINTK_ERR=y"], mark: Text("is not implemented: it returns ENOTTY"), ..part("LIBUKDEBUG_PRINTK_WARN", 880, "") },
    Part { beside: &["LIBUKDEBUG_PRINTK_ERR=y"], instead: &["LIBUKDEBUG_PRINTK_CRIT=y"], ..part("LIBUKDEBUG_PRINTK_ERR", 2_400, "kernel::report::fatal_fault") },
    Part { beside: &["LIBSYSCALL_SHIM_STRACE=y"], ..part("LIBSYSCALL_SHIM_STRACE", 40_000, "syscall::observe::") },
    // Files and terminals.
    part("LIBPOSIX_PTY", 3_500, "tty::pty::"),
    Part { beside: &["LIBDEVFS=n"], ..part("LIBPOSIX_TTY", 6_700, "tty::terminal::") },
    part("LIBDEVFS", 4_600, "fs_dev::names::"),
    part("LIBPROCFS", 25_000, "fs_proc::"),
    part("LIBSYSFS", 830, "fs_sys::"),
    part("LIB9PFS", 15_000, "fs_9p::"),
    part("LIBEROFS", 4_500, "fs_root::image::"),
    part("LIBCPIO", 5_500, "fs_root::archive::"),
    part("LIBROOTIMAGE", 11_000, "fs_root::"),
    Part { beside: NO_FILES, ..part("LIBVFSCORE", 14_000, "fs_ram::") },
    // Families of calls.
    family("LIBPOSIX_PROCESS", "process", 2_300, "kernel::process::clone::"),
    Part { beside: &["LIBPOSIX_PROCESS=n"], ..family("LIBPOSIX_FUTEX", "futex", 5_700, "syscall::futex::futex") },
    family("LIBUKSIGNAL", "signal", 3_100, "syscall::signal::action::rt_sigaction"),
    family("LIBPOSIX_SCHED", "sched", 1_000, "syscall::sched::nice::"),
    family("LIBPOSIX_USER", "user", 870, "syscall::process::usergroups::getgroups"),
    family("LIBPOSIX_SYSINFO", "sysinfo", 70, "syscall::sys::machine::sysinfo"),
    family("LIBPOSIX_TIMER", "timer", 2_200, "syscall::time::posix::timer_create"),
    family("LIBPOSIX_PIPE", "pipe", 2_700, "syscall::io::fds::pipe2"),
    family("LIBPOSIX_SOCKET", "socket", 13_000, "kernel::fd::unix::UnixSocket"),
    family("LIBPOSIX_POLL", "poll", 2_300, "syscall::event::select::"),
    family("LIBPOSIX_EVENT", "epoll", 6_200, "kernel::fd::epoll::"),
    family("LIBPOSIX_EVENTFD", "eventfd", 750, "kernel::fd::eventfd::"),
    family("LIBPOSIX_TIMERFD", "timerfd", 1_100, "kernel::fd::timerfd::"),
    family("LIBPOSIX_SIGNALFD", "signalfd", 630, "kernel::fd::signalfd::"),
    family("LIBPOSIX_INOTIFY", "inotify", 4_100, "kernel::fd::inotify::"),
    family("LIBPOSIX_MOUNT", "mount", 1_200, "syscall::file::mount::"),
    family("LIBPOSIX_XATTR", "xattr", 970, "syscall::file::xattr::"),
    family("LIBPOSIX_MEMORY", "memory", 3_600, "syscall::mm::lock::"),
    // Micro-libraries of glue code.
    micro("LIBUKALLOCBBUDDY", "ukallocbbuddy", 1_500, "bbuddy"),
    micro("LIBUKALLOCREGION", "ukallocregion", 650, "uk_allocregion_get"),
    micro("LIBUKALLOCPOOL", "ukallocpool", 290, "uk_allocpool_take"),
    micro("LIBUKMBOX", "ukmbox", 290, "uk_mbox_create"),
    micro("LIBUKSCHED", "uksched", 290, "uk_sched_thread_create"),
    micro("LIBUKLIBPARAM", "uklibparam", 1_300, "uk_libparam_parse"),
    micro("LIBUKUNWIND", "ukunwind", 13_000, "_Unwind_Backtrace"),
    Part { beside: &["LIBUKMBOX=n"], ..micro("LIBUKALLOC", "ukalloc", 3_200, "uk_alloc_get_default") },
    Part { beside: NO_GLUE, ..micro("LIBUKLOCK", "uklock", 50, "uk_semaphore_down") },
    Part { beside: NO_LOCKS, ..micro("LIBUKDEBUG", "ukdebug", 500, "uk_format") },
    // The C library.
    micro("LIBMUSL_AIO", "aio", 4_100, "aio_read"),
    micro("LIBMUSL_COMPLEX", "complex", 5_600, "cexp"),
    micro("LIBMUSL_CRYPT", "crypt", 13_000, "__crypt_sha512"),
    micro("LIBMUSL_ICONV", "iconv", 86_000, "iconv_open"),
    micro("LIBMUSL_IPC", "ipc", 50, "shmget"),
    micro("LIBMUSL_LEGACY", "legacy", 510, "warnx"),
    micro("LIBMUSL_MQ", "mq", 70, "mq_open"),
    Part { beside: &["LIBMUSL_PASSWD=n"], ..micro("LIBMUSL_NETWORK", "network", 3_000, "getaddrinfo") },
    micro("LIBMUSL_PASSWD", "passwd", 3_300, "getpwnam"),
    micro("LIBMUSL_REGEX", "regex", 19_000, "regcomp"),
    micro("LIBMUSL_SEARCH", "search", 280, "tsearch"),
    micro("LIBMUSL_TERMIOS", "termios", 40, "tcgetattr"),
];

/// An image that was built: what it loads, and its names.
struct Built {
    image: PathBuf,
    loaded: u64,
    symbols: String,
    bytes: Vec<u8>,
}

impl Built {
    fn has(&self, mark: Mark) -> bool {
        match mark {
            Symbol(name) => self.symbols.contains(name),
            Text(text) => self.bytes.windows(text.len()).any(|w| w == text.as_bytes()),
        }
    }
}

/// The images of this run, by configuration: parts that are tried beside the same others have one base.
type Images = BTreeMap<Vec<String>, std::rc::Rc<Built>>;

/// Which choice of the menus a line is about, of those that [`PARTS`] tries.
fn choice(line: &str) -> Option<usize> {
    const CHOICES: [&[&str]; 3] = [&["LIBUKBOOT_BANNER_"], &["LIBUKDEBUG_PRINTK_"], &["LIBUKSCHEDPREEMPT", "LIBUKSCHEDCOOP"]];
    CHOICES.iter().position(|members| members.iter().any(|m| line.starts_with(m)))
}

/// Builds [`ALL`] changed by lines, of which later ones win. A choice's member that is chosen takes the place of the others.
fn image(images: &mut Images, lines: &[&[&str]]) -> Result<std::rc::Rc<Built>, String> {
    let mut config: Vec<String> = Vec::new();
    for line in lines.iter().flat_map(|lines| lines.iter()) {
        let (name, _) = line.split_once('=').ok_or("a line without =")?;
        config.retain(|old| {
            let old = old.trim_start_matches("CONFIG_");
            !old.starts_with(&format!("{name}=")) && (choice(line).is_none() || choice(old) != choice(line))
        });
        config.push(format!("CONFIG_{line}"));
    }
    config.sort();
    if let Some(built) = images.get(&config) {
        return Ok(built.clone());
    }
    let lines: Vec<&str> = config.iter().map(String::as_str).collect();
    let name = format!("parts/{:016x}", hash(&config.join("\n")));
    let image = build(&Image { app: "tests/ports/parts", libs: &["ports/musl"], config: &lines, name: &name })?;
    let bytes = std::fs::read(&image).map_err(|e| e.to_string())?;
    let debug = image.with_file_name(format!("{}.dbg", image.file_name().unwrap_or_default().display()));
    let built = std::rc::Rc::new(Built { loaded: loaded(&bytes), symbols: symbols(&debug)?, bytes, image });
    images.insert(config, built.clone());
    Ok(built)
}

/// FNV-1a: a directory's name for a configuration.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3))
}

/// The bytes of an ELF image that are loaded: p_filesz of each PT_LOAD. The file's length goes by pages.
fn loaded(elf: &[u8]) -> u64 {
    let number = |at: usize, len: usize| elf[at..at + len].iter().rev().fold(0u64, |n, b| n << 8 | u64::from(*b));
    let (table, entry, count) = (number(32, 8) as usize, number(54, 2) as usize, number(56, 2) as usize);
    (0..count).map(|n| table + n * entry).filter(|at| number(*at, 4) == 1).map(|at| number(at + 32, 8)).sum()
}

fn symbols(file: &Path) -> Result<String, String> {
    let out = Command::new("nm").arg("-C").arg(file).output().map_err(|e| format!("nm: {e}"))?;
    Ok(String::from_utf8_lossy(&out.stdout).into_owned())
}

/// What is wrong with a part.
fn check(images: &mut Images, part: &Part) -> Result<Vec<String>, String> {
    let with = image(images, &[ALL, part.beside])?;
    let off = format!("{}=n", part.option);
    let without: &[&str] = if part.instead.is_empty() { &[&off] } else { part.instead };
    // What depends on it goes with it.
    let without = image(images, &[ALL, part.beside, without, dependants(part.option)])?;
    let mut wrong = Vec::new();
    let less = with.loaded.saturating_sub(without.loaded);
    println!("{:30} {less:7} bytes, at least {:6}", part.option, part.floor);
    if less < part.floor {
        wrong.push(format!("without it there are {less} bytes less; {} are expected at least", part.floor));
    }
    match (with.has(part.mark), without.has(part.mark)) {
        (true, false) => {}
        (there, still) => wrong.push(format!("its mark is in the image with it: {there}, without it: {still}")),
    }
    if let Some((name, expected)) = part.says {
        for (built, expected) in [(&with, "there"), (&without, expected)] {
            let out = run(&built.image, &[name])?;
            if !out.stdout.ends_with(&format!("{name}: {expected}\nend\n")) || out.status != Some(0) {
                wrong.push(format!("{expected:?} is wanted: {out:?}"));
            }
            let told = format!("CONFIG_{}=y brings it", part.option);
            if expected == "ENOSYS" && !out.stderr.contains(&told) {
                wrong.push(format!("{told:?} is not said: {}", out.stderr));
            }
        }
    } else {
        let out = run_with(&without.image, &["-m", "16"], &[])?;
        // Without the debug console nobody tells the tool how it ended.
        if !out.stdout.ends_with("end\n") || (out.status != Some(0) && part.option != "LIBUKDEBUGCON") {
            wrong.push(format!("it does not run: {out:?}"));
        }
    }
    Ok(wrong)
}

/// Options on in [`ALL`] that cannot stay without the part.
fn dependants(option: &str) -> &'static [&'static str] {
    match option {
        "LIBVFSCORE" => NO_FILES,
        "LIBUKALLOC" => &["LIBUKALLOCBBUDDY=n", "LIBUKALLOCREGION=n"],
        _ => &[],
    }
}

fn parts() -> Result<(), libtest_mimic::Failed> {
    let mut images = Images::new();
    let mut wrong = Vec::new();
    for part in PARTS {
        match check(&mut images, part) {
            Ok(these) => wrong.extend(these.into_iter().map(|why| format!("{}: {why}", part.option))),
            Err(why) => wrong.push(format!("{}: {why}", part.option)),
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

/// No option of the core's and the C library's menus is forgotten above.
fn all_options() -> Result<(), libtest_mimic::Failed> {
    let repo = oracle::repo();
    let mut files = vec![repo.join("image/Config.uk"), repo.join("ports/musl/Config.uk")];
    for dir in std::fs::read_dir(repo.join("glue/lib")).map_err(|e| e.to_string())?.flatten() {
        files.push(dir.path().join("Config.uk"));
    }
    // Choices of their own kind: the machine, how code is made, details of messages, the default of what is listed above.
    const OTHER: &[&str] = &[
        "ARCH_X86_64",
        "PLAT_KVM",
        "OPTIMIZE_PERF",
        "OPTIMIZE_SIZE",
        "OPTIMIZE_NONE",
        "DEBUG_SYMBOLS",
        "LIBMUSL",
        "LIBUKSCHEDCOOP",
        "LIBUKBOOT_BANNER_NONE",
        "LIBUKBOOT_BANNER_MINIMAL",
        "LIBUKDEBUG_PRINTK_CRIT",
        "LIBUKDEBUG_PRINTK_INFO",
        "LIBUKDEBUG_PRINT_TIME",
        "LIBUKDEBUG_PRINT_SRCNAME",
        "LIBUKDEBUG_FORMAT_LIBC",
        "LIBUKDEBUG_ENABLE_ASSERT",
        "LIBUKALLOC_DEFAULT_LIBC",
        "LIBUKALLOC_DEFAULT_BBUDDY",
        "LIBUKALLOC_DEFAULT_REGION",
        "LIBUKALLOC_MALLOC",
    ];
    let mut missing = Vec::new();
    for text in files.iter().filter_map(|file| std::fs::read_to_string(file).ok()) {
        let mut name = "";
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("config ").or(line.strip_prefix("menuconfig ")) {
                name = rest.trim();
            } else if line.starts_with("\tbool \"") && !OTHER.contains(&name) && !PARTS.iter().any(|p| p.option == name) {
                missing.push(name.to_string());
            }
        }
    }
    if missing.is_empty() { Ok(()) } else { Err(format!("not tried: {missing:?}").into()) }
}

fn main() {
    ports::main(1, || Ok(vec![libtest_mimic::Trial::test("all_options", all_options), libtest_mimic::Trial::test("parts", parts)]));
}
