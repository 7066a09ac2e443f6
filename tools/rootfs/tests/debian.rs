//! Real programs of this machine, if it is a Debian with them: the plan has what they are known to open.

use rootfs::{Request, plan};

fn request(program: &str, args: &[&str]) -> Option<Request> {
    let there = std::path::Path::new(program).exists() && std::path::Path::new("/var/lib/dpkg/status").exists();
    if !there {
        eprintln!("skipped: no {program} from a Debian package here");
    }
    there.then(|| Request { cache: None, ..Request::new(program, args.iter().copied()) })
}

fn has(request: &Request, parts: &[&str]) {
    let p = plan(request).unwrap();
    for part in parts {
        assert!(p.entries.iter().any(|e| e.guest_path().to_str().is_some_and(|g| g.contains(part))), "{part} is missing");
    }
    assert!(!p.entries.iter().any(|e| e.guest.starts_with(b"/usr/share/man/")));
}

#[test]
fn grep() {
    let Some(r) = request("/usr/bin/grep", &["-c", "root", "/etc/passwd"]) else { return };
    has(&r, &["/ld-linux-x86-64.so.2", "/libc.so.6", "/libpcre2-8.so.0", "/etc/passwd", "/usr/lib/locale/C.utf8/LC_CTYPE"]);
}

#[test]
fn python() {
    let Some(r) = request("/usr/bin/python3", &["-c", "import json, ssl"]) else { return };
    has(&r, &["/json/__init__.py", "/json/__pycache__/", "/lib-dynload/_ssl.", "/libssl.so", "/etc/ssl/certs/"]);
}

#[test]
fn perl() {
    let Some(r) = request("/usr/bin/perl", &["-MPOSIX", "-e", "1"]) else { return };
    has(&r, &["/POSIX.pm", "/libperl.so", "/strict.pm"]);
}

#[test]
fn compiler() {
    let Some(cc1) = ["12", "13", "14"]
        .map(|v| format!("/usr/libexec/gcc/x86_64-linux-gnu/{v}/cc1"))
        .into_iter()
        .chain(["/usr/lib/gcc/x86_64-linux-gnu/12/cc1".into()])
        .find(|p| std::path::Path::new(p).exists())
    else {
        return;
    };
    let Some(r) = request(&cc1, &["--version"]) else { return };
    has(&r, &["/libmpc.so", "/libisl.so", "/libgmp.so"]);
}
