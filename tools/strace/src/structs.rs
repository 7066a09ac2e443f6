//! Structures in strace(1)'s words. Each takes the bytes that are known; `None` when they are too few.

use crate::names;
use crate::record::number;
use crate::text::{self, buffer, flags, one};

fn u(bytes: &[u8], at: usize, size: usize) -> Option<u64> {
    number(bytes, at, size)
}

fn signed(bytes: &[u8], at: usize) -> Option<i64> {
    u(bytes, at, 8).map(u64::cast_signed)
}

/// `struct stat`, in strace's short form.
pub fn stat(b: &[u8]) -> Option<String> {
    let mode = u(b, 24, 4)?;
    let size = match mode & 0o170_000 {
        0o020_000 | 0o060_000 => {
            let rdev = u(b, 40, 8)?;
            let (major, minor) = (libc::major(rdev), libc::minor(rdev));
            format!("st_rdev=makedev({major:#x}, {minor:#x})")
        }
        _ => format!("st_size={}", signed(b, 48)?),
    };
    Some(format!("{{st_mode={}, {size}, ...}}", names::file_mode(mode)))
}

/// `struct statx`.
pub fn statx(b: &[u8]) -> Option<String> {
    let (mask, mode) = (u(b, 0, 4)?, u(b, 28, 2)?);
    Some(format!(
        "{{stx_mask={}, stx_attributes=0, stx_mode={}, stx_size={}, ...}}",
        flags(mask, names::STATX, "0"),
        names::file_mode(mode),
        u(b, 40, 8)?
    ))
}

/// `struct timespec`; the sub-second member's name decides between it and `struct timeval`.
pub fn time(b: &[u8], fraction: &str) -> Option<String> {
    let part = match signed(b, 8)? {
        0x3fff_ffff => "UTIME_NOW".to_string(),
        0x3fff_fffe => "UTIME_OMIT".to_string(),
        part => part.to_string(),
    };
    if part.starts_with("UTIME") && fraction == "tv_nsec" {
        return Some(part);
    }
    Some(format!("{{tv_sec={}, {fraction}={}}}", signed(b, 0)?, signed(b, 8)?))
}

/// Two times: `struct itimerval`, `struct itimerspec`.
pub fn interval(b: &[u8], fraction: &str) -> Option<String> {
    Some(format!("{{it_interval={}, it_value={}}}", time(b, fraction)?, time(b.get(16..)?, fraction)?))
}

/// `struct rlimit64`.
pub fn rlimit(b: &[u8]) -> Option<String> {
    let value = |n: u64| match n {
        u64::MAX => "RLIM64_INFINITY".to_string(),
        n if n > 1024 && n % 1024 == 0 => format!("{}*1024", n / 1024),
        n => n.to_string(),
    };
    Some(format!("{{rlim_cur={}, rlim_max={}}}", value(u(b, 0, 8)?), value(u(b, 8, 8)?)))
}

/// The kernel's `struct sigaction`.
pub fn sigaction(b: &[u8]) -> Option<String> {
    let handler = match u(b, 0, 8)? {
        0 => "SIG_DFL".to_string(),
        1 => "SIG_IGN".to_string(),
        address => format!("{address:#x}"),
    };
    let bits = u(b, 8, 8)?;
    let restorer = if bits & 0x0400_0000 != 0 { format!(", sa_restorer={:#x}", u(b, 16, 8)?) } else { String::new() };
    Some(format!(
        "{{sa_handler={handler}, sa_mask={}, sa_flags={}{restorer}}}",
        names::signal_set(u(b, 24, 8)?),
        flags(bits, names::SA, "0")
    ))
}

/// A signal set.
pub fn sigset(b: &[u8]) -> Option<String> {
    u(b, 0, 8).map(names::signal_set)
}

/// `stack_t`.
pub fn stack(b: &[u8]) -> Option<String> {
    Some(format!("{{ss_sp={}, ss_flags={}, ss_size={}}}", text::address(u(b, 0, 8)?), flags(u(b, 8, 4)?, names::SS, "0"), u(b, 16, 8)?))
}

/// The first fields of siginfo_t.
pub fn siginfo(b: &[u8]) -> Option<String> {
    let code = u(b, 8, 4)? as u32; // four bytes
    Some(format!("{{si_signo={}, si_code={}, ...}}", names::signal(u(b, 0, 4)?), code.cast_signed()))
}

/// A delivered signal.
pub fn signal(number: u64, code: i32, field: u64) -> String {
    const SENT: [&str; 7] = ["SI_USER", "SI_QUEUE", "SI_TIMER", "SI_MESGQ", "SI_ASYNCIO", "SI_SIGIO", "SI_TKILL"];
    let name = names::signal(number);
    let causes: &[&str] = match &name[..] {
        "SIGSEGV" => &["SEGV_MAPERR", "SEGV_ACCERR"],
        "SIGBUS" => &["BUS_ADRALN", "BUS_ADRERR"],
        "SIGILL" => &["ILL_ILLOPC", "ILL_ILLOPN"],
        "SIGFPE" => &["FPE_INTDIV", "FPE_INTOVF", "FPE_FLTDIV", "FPE_FLTOVF", "FPE_FLTUND", "FPE_FLTRES", "FPE_FLTINV"],
        "SIGTRAP" => &["TRAP_BRKPT", "TRAP_TRACE"],
        "SIGCHLD" => &["CLD_EXITED", "CLD_KILLED", "CLD_DUMPED", "CLD_TRAPPED", "CLD_STOPPED", "CLD_CONTINUED"],
        _ => &[],
    };
    let at = usize::try_from(code.unsigned_abs()).unwrap_or(usize::MAX);
    let fault = code > 0 && name != "SIGCHLD";
    let known = if code <= 0 { SENT.get(at) } else { causes.get(at - 1) };
    let code = match (known, code) {
        (Some(known), _) => (*known).to_string(),
        (None, 0x80) => "SI_KERNEL".to_string(),
        (None, code) => code.to_string(),
    };
    let rest =
        if fault { format!("si_addr={}", text::address(field)) } else { format!("si_pid={}, si_uid={}", field & 0xffff_ffff, field >> 32) };
    format!("{name} {{si_signo={name}, si_code={code}, {rest}}}")
}

/// `struct utsname`.
pub fn utsname(b: &[u8]) -> Option<String> {
    Some(format!("{{sysname={}, nodename={}, ...}}", text::string(b.get(..65)?), text::string(b.get(65..130)?)))
}

/// `struct statfs`.
pub fn statfs(b: &[u8]) -> Option<String> {
    const TYPES: &[text::Name] = &[
        (0x0102_1994, "TMPFS_MAGIC"),
        (0x9fa0, "PROC_SUPER_MAGIC"),
        (0x6265_6572, "SYSFS_MAGIC"),
        (0x1cd1, "DEVPTS_SUPER_MAGIC"),
        (0xe0f5_e1e2, "EROFS_SUPER_MAGIC_V1"),
        (0xef53, "EXT2_SUPER_MAGIC"),
        (0x0102_1997, "V9FS_MAGIC"),
        (0x794c_7630, "OVERLAYFS_SUPER_MAGIC"),
    ];
    Some(format!(
        "{{f_type={}, f_bsize={}, f_blocks={}, f_bfree={}, ...}}",
        one(u(b, 0, 8)?, TYPES, "?"),
        u(b, 8, 8)?,
        u(b, 16, 8)?,
        u(b, 24, 8)?
    ))
}

/// `struct sysinfo`.
pub fn sysinfo(b: &[u8]) -> Option<String> {
    Some(format!("{{uptime={}, totalram={}, freeram={}, ...}}", u(b, 0, 8)?, u(b, 32, 8)?, u(b, 40, 8)?))
}

/// `struct rusage`.
pub fn rusage(b: &[u8]) -> Option<String> {
    Some(format!("{{ru_utime={}, ru_stime={}, ...}}", time(b, "tv_usec")?, time(b.get(16..)?, "tv_usec")?))
}

/// An array of `struct pollfd`; `results` shows what came back.
pub fn pollfds(b: &[u8], count: u64, results: bool) -> String {
    let mut out = Vec::new();
    for one in b.chunks_exact(8).take(usize::try_from(count).unwrap_or(usize::MAX)) {
        let fd = u32::from_le_bytes([one[0], one[1], one[2], one[3]]).cast_signed();
        let (events, revents) = (u64::from(u16::from_le_bytes([one[4], one[5]])), u64::from(u16::from_le_bytes([one[6], one[7]])));
        if results && revents != 0 {
            out.push(format!("{{fd={fd}, revents={}}}", flags(revents, names::POLL, "0")));
        } else if !results {
            out.push(format!("{{fd={fd}, events={}}}", flags(events, names::POLL, "0")));
        }
    }
    list(out, b.len() / 8, count)
}

/// An array of `struct epoll_event`.
pub fn epoll_events(b: &[u8], count: u64) -> String {
    let each = b.chunks_exact(12).take(usize::try_from(count).unwrap_or(usize::MAX)).filter_map(epoll_event);
    list(each.collect(), b.len() / 12, count)
}

/// One `struct epoll_event`, which is packed.
pub fn epoll_event(b: &[u8]) -> Option<String> {
    let (events, data) = (u(b, 0, 4)?, u(b, 4, 8)?);
    Some(format!("{{events={}, data={{u32={}, u64={data:#x}}}}}", flags(events, names::EPOLL, "0"), data & 0xffff_ffff))
}

fn list(mut parts: Vec<String>, known: usize, count: u64) -> String {
    if usize::try_from(count).map_or(true, |count| count > known) {
        parts.push("...".to_string());
    }
    format!("[{}]", parts.join(", "))
}

/// `struct winsize`.
pub fn winsize(b: &[u8]) -> Option<String> {
    Some(format!("{{ws_row={}, ws_col={}, ws_xpixel={}, ws_ypixel={}}}", u(b, 0, 2)?, u(b, 2, 2)?, u(b, 4, 2)?, u(b, 6, 2)?))
}

/// The kernel's `struct termios`.
pub fn termios(b: &[u8]) -> Option<String> {
    let part = |at: usize, names: &[text::Name]| u(b, at, 4).map(|value| flags(value, names, "0"));
    Some(format!(
        "{{c_iflag={}, c_oflag={}, c_cflag={:#x}, c_lflag={}, ...}}",
        part(0, names::IFLAG)?,
        part(4, names::OFLAG)?,
        u(b, 8, 4)?,
        part(12, names::LFLAG)?
    ))
}

/// `struct flock`.
pub fn flock(b: &[u8]) -> Option<String> {
    let kind = one(u(b, 0, 2)?, names::LOCK_TYPE, "F_???");
    Some(format!(
        "{{l_type={kind}, l_whence={}, l_start={}, l_len={}}}",
        one(u(b, 2, 2)?, names::SEEK, "SEEK_???"),
        signed(b, 8)?,
        signed(b, 16)?
    ))
}

/// A socket address of `len` bytes.
pub fn sockaddr(b: &[u8], len: u64) -> Option<String> {
    let family = u(b, 0, 2)?;
    let known = usize::try_from(len).map_or(b.len(), |len| len.min(b.len()));
    let port = || Some(u64::from(u16::from_be_bytes([*b.get(2)?, *b.get(3)?])));
    Some(match u16::try_from(family).map(i32::from) {
        Ok(libc::AF_UNIX) => match b.get(2..known) {
            None | Some([]) => "{sa_family=AF_UNIX}".to_string(),
            Some([0, name @ ..]) => format!("{{sa_family=AF_UNIX, sun_path=@{}}}", text::quoted(name)),
            Some(path) => format!("{{sa_family=AF_UNIX, sun_path={}}}", text::string(path).trim_end_matches("...")),
        },
        Ok(libc::AF_INET) => {
            let ip: [u8; 4] = b.get(4..8)?.try_into().ok()?;
            format!("{{sa_family=AF_INET, sin_port=htons({}), sin_addr=inet_addr(\"{}\")}}", port()?, std::net::Ipv4Addr::from(ip))
        }
        Ok(libc::AF_INET6) => {
            let ip: [u8; 16] = b.get(8..24)?.try_into().ok()?;
            format!("{{sa_family=AF_INET6, sin6_port=htons({}), sin6_addr=\"{}\", ...}}", port()?, std::net::Ipv6Addr::from(ip))
        }
        Ok(libc::AF_NETLINK) => format!("{{sa_family=AF_NETLINK, nl_pid={}, nl_groups={:08x}}}", u(b, 4, 4)?, u(b, 8, 4)?),
        _ => format!("{{sa_family={}, sa_data={}}}", one(family, names::DOMAIN, "AF_???"), buffer(b.get(2..known)?, len.saturating_sub(2))),
    })
}

/// `struct clone_args`.
pub fn clone_args(b: &[u8]) -> Option<String> {
    let f = |index: usize| u(b, index * 8, 8);
    let mut out = format!("{{flags={}", flags(f(0)?, names::CLONE, "0"));
    for (index, name) in [(2, "child_tid"), (3, "parent_tid")] {
        if let Some(value @ 1..) = f(index) {
            out.push_str(&format!(", {name}={value:#x}"));
        }
    }
    out.push_str(&format!(", exit_signal={}, stack={}, stack_size={:#x}", names::signal(f(4)?), text::address(f(5)?), f(6)?));
    if let Some(tls @ 1..) = f(7) {
        out.push_str(&format!(", tls={tls:#x}"));
    }
    Some(out + "}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[u64]) -> Vec<u8> {
        words.iter().flat_map(|w| w.to_le_bytes()).collect()
    }

    #[test]
    fn structures_read_as_strace_writes_them() {
        assert_eq!(rlimit(&words(&[8 << 20, u64::MAX])).unwrap(), "{rlim_cur=8192*1024, rlim_max=RLIM64_INFINITY}");
        assert_eq!(time(&words(&[1, 500]), "tv_nsec").unwrap(), "{tv_sec=1, tv_nsec=500}");
        assert_eq!(
            sigaction(&words(&[0, 0x1400_0000, 0x7000, 1 << 1])).unwrap(),
            "{sa_handler=SIG_DFL, sa_mask=[INT], sa_flags=SA_RESTORER|SA_RESTART, sa_restorer=0x7000}"
        );
        assert_eq!(pollfds(&[3, 0, 0, 0, 1, 0, 1, 0], 1, false), "[{fd=3, events=POLLIN}]");
        assert_eq!(pollfds(&[3, 0, 0, 0, 1, 0, 1, 0], 1, true), "[{fd=3, revents=POLLIN}]");
        assert_eq!(sockaddr(b"\x01\0/run/x\0\0", 110).unwrap(), "{sa_family=AF_UNIX, sun_path=\"/run/x\"}");
        assert_eq!(
            sockaddr(&[2, 0, 0, 80, 127, 0, 0, 1], 16).unwrap(),
            "{sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr(\"127.0.0.1\")}"
        );
    }

    #[test]
    fn too_few_bytes_are_no_structure() {
        for f in [
            stat,
            statx,
            rlimit,
            sigaction,
            stack,
            utsname,
            statfs,
            sysinfo,
            rusage,
            winsize,
            termios,
            flock,
            clone_args,
            siginfo,
            epoll_event,
        ] {
            for len in 0..4 {
                assert_eq!(f(&vec![0; len]), None);
            }
        }
        assert_eq!(sockaddr(&[1], 1), None);
    }
}
