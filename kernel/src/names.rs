//! What uname(2) says of the machine.

use abi::process::Utsname;

use crate::sync::SpinLock;

/// The Linux release whose behaviour is followed; the C library asks for at least 3.2.
pub const RELEASE: &str = "6.1.0-unox";
/// Build line.
pub const VERSION: &str = concat!("#1 SMP unox ", env!("CARGO_PKG_VERSION"));

struct Names {
    host: [u8; 65],
    domain: [u8; 65],
}

static NAMES: SpinLock<Names> = SpinLock::new(Names { host: field("unox"), domain: field("(none)") });

const fn field(text: &str) -> [u8; 65] {
    let bytes = text.as_bytes();
    let mut out = [0; 65];
    let mut at = 0;
    while at < bytes.len() && at < 64 {
        out[at] = bytes[at];
        at += 1;
    }
    out
}

fn padded(name: &[u8]) -> [u8; 65] {
    let mut out = [0; 65];
    let len = name.len().min(64);
    out[..len].copy_from_slice(&name[..len]);
    out
}

/// The host's name, cut at 64 bytes.
pub fn set_hostname(name: &[u8]) {
    NAMES.lock().host = padded(name);
}

/// The NIS domain's name, cut at 64 bytes.
pub fn set_domainname(name: &[u8]) {
    NAMES.lock().domain = padded(name);
}

/// struct utsname.
pub fn uname() -> Utsname {
    let names = NAMES.lock();
    Utsname {
        sysname: field("Linux"),
        nodename: names.host,
        release: field(RELEASE),
        version: field(VERSION),
        machine: field("x86_64"),
        domainname: names.domain,
    }
}
