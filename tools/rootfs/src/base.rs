//! The minimal system around a program: directories, mount points, /etc, time zone, terminal, certificates.

use std::sync::Arc;

use crate::collect::{Budget, Collector};
use crate::paths;
use crate::plan::{Reason, What};
use crate::request::Request;

/// Directories that are always there, with their modes; the host's own modes do not matter to the program.
const DIRS: [(&str, u16); 20] = [
    ("/", 0o755),
    ("/bin", 0o755),
    ("/dev", 0o755),
    ("/dev/pts", 0o755),
    ("/dev/shm", 0o1777),
    ("/etc", 0o755),
    ("/home", 0o755),
    ("/lib", 0o755),
    ("/mnt", 0o755),
    ("/proc", 0o555),
    ("/root", 0o700),
    ("/run", 0o755),
    ("/sys", 0o555),
    ("/tmp", 0o1777),
    ("/usr/bin", 0o755),
    ("/usr/lib", 0o755),
    ("/var/lib", 0o755),
    ("/var/log", 0o755),
    ("/var/tmp", 0o1777),
    ("/usr/local/bin", 0o755),
];

/// Taken from the host when it has them.
const FROM_HOST: [&str; 13] = [
    "/etc/group",
    "/etc/host.conf",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/os-release",
    "/etc/passwd",
    "/etc/protocols",
    "/etc/services",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/timezone",
    "/sbin",
    "/lib64",
    "/usr/lib/locale/C.utf8",
];

/// Lays the ground before anything else, so that /bin and /lib are links where the host's are (merged /usr).
pub fn directories(c: &mut Collector<'_>) {
    for (path, perm) in DIRS {
        let path = path.as_bytes();
        // Mount points and directories for everyone's files are new: their times and contents on the host mean nothing here.
        let ours = matches!(path, b"/tmp" | b"/var/tmp" | b"/run" | b"/root" | b"/mnt" | b"/home")
            || [&b"/dev"[..], b"/proc", b"/sys"].iter().any(|top| paths::within(path, top));
        if ours {
            c.guest_dir(paths::parent(path), &Reason::System);
            c.generate(path, What::Dir, perm, &Reason::System);
        } else {
            c.guest_dir(path, &Reason::System);
        }
    }
}

/// /etc and what else every program may expect. Last: what packages and arguments brought stays.
pub fn system(c: &mut Collector<'_>, request: &Request) {
    for path in FROM_HOST {
        c.guard(path.as_bytes());
        let mut budget = Budget { files: 100, bytes: 4 << 20, follow: true };
        if path == "/sbin" || path == "/lib64" {
            // Only as links of a merged /usr, not with their contents.
            c.add(path.as_bytes(), &Reason::System);
        } else {
            c.add_tree(path.as_bytes(), &Reason::System, &mut budget, &|_| false);
        }
    }
    if let Some(tz) = request.var("TZ").map(paths::bytes) {
        let name = tz.strip_prefix(b":").unwrap_or(tz);
        let file = paths::join(b"/usr/share/zoneinfo", name);
        if !name.is_empty() && !name.windows(2).any(|w| w == b"..") {
            c.guard(&file);
            c.add(&file, &Reason::System);
        }
    }
    terminal(c, request);
    let host = &request.hostname;
    let hosts = format!("127.0.0.1\tlocalhost {host}\n::1\tlocalhost ip6-localhost ip6-loopback\n");
    for (path, text) in [
        ("/etc/hostname", format!("{host}\n")),
        ("/etc/hosts", hosts),
        ("/etc/nsswitch.conf", "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\nservices: files\nprotocols: files\n".into()),
        // QEMU's user network answers there.
        ("/etc/resolv.conf", "nameserver 10.0.2.3\n".into()),
        ("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n".into()),
        ("/etc/group", "root:x:0:\n".into()),
    ] {
        c.generate(path.as_bytes(), What::Generated(text.into_bytes()), 0o644, &Reason::System);
    }
}

/// The description of the user's terminal, where some package's library reads it, and the keys of readline's lines.
fn terminal(c: &mut Collector<'_>, request: &Request) {
    if c.entries.keys().any(|k| paths::name(k).starts_with(b"libreadline")) {
        c.guard(b"/etc/inputrc");
        c.add(b"/etc/inputrc", &Reason::System);
    }
    let Some(term) = request.var("TERM").map(paths::bytes) else { return };
    let Some(first) = term.first().filter(|b| b.is_ascii_alphanumeric()) else { return };
    if term.contains(&b'/')
        || !c.entries.keys().any(|k| paths::name(k).starts_with(b"libtinfo") || paths::name(k).starts_with(b"libncurses"))
    {
        return;
    }
    for dir in [&b"/etc/terminfo"[..], b"/lib/terminfo", b"/usr/share/terminfo"] {
        let file = paths::join(&paths::join(dir, &[*first]), term);
        if c.add(&file, &Reason::Package(Arc::from("ncurses-base"))).is_some() {
            return;
        }
    }
}
