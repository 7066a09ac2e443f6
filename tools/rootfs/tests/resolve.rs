//! Libraries, interpreters and scripts are found as the loader and the kernel would find them.

mod common;
use common::{Elf, Fake, files, ld_cache};
use rootfs::{Error, Reason, plan};

const LIB: &str = "/usr/lib/x86_64-linux-gnu";

#[test]
fn default_directories_and_transitive_libraries() {
    let h = Fake::new("default");
    h.program("/usr/bin/app", &["liba.so.1"]).lib("/usr/lib/x86_64-linux-gnu/liba.so.1.2", &["libb.so"]);
    h.link("/usr/lib/x86_64-linux-gnu/liba.so.1", "liba.so.1.2").lib("/usr/lib/x86_64-linux-gnu/libb.so", &["liba.so.1"]);
    let p = plan(&h.request("app", &[])).unwrap();
    let want = ["/bin", "/lib", "/lib64"].map(String::from);
    assert!(want.iter().all(|w| p.entries.iter().any(|e| e.guest_path().display().to_string() == *w)), "merged /usr stays merged");
    let libs = [format!("{LIB}/liba.so.1"), format!("{LIB}/liba.so.1.2"), format!("{LIB}/libb.so")];
    assert_eq!(
        files(&p),
        [&["/lib64".to_owned(), "/usr/bin/app".to_owned()], &libs[..], &["/usr/lib64/ld-linux-x86-64.so.2".to_owned()]].concat()
    );
    assert_eq!(p.get(format!("{LIB}/libb.so").as_ref()).unwrap().reason, Reason::Library("liba.so.1".into()));
    assert_eq!((p.exec.to_str(), p.argv[0].to_str()), (Some("/usr/bin/app"), Some("app")));
}

#[test]
fn runpath_with_origin_beats_the_cache_and_is_not_inherited() {
    let h = Fake::new("runpath");
    h.program("/usr/bin/none", &[]).file(
        "/opt/app/bin/app",
        Elf { interp: "/lib64/ld-linux-x86-64.so.2", needed: &["libx.so"], runpath: "/nowhere:$ORIGIN/../lib", ..Elf::default() }.bytes(),
    );
    h.lib("/opt/app/lib/libx.so", &["liby.so"]).lib("/opt/app/lib/liby.so", &[]).lib("/usr/lib/libx.so", &[]);
    h.file("/etc/ld.so.cache", ld_cache(&[("libx.so", "/usr/lib/libx.so")]));
    let e = plan(&h.request("/opt/app/bin/app", &[])).unwrap_err();
    assert!(matches!(&e, Error::MissingLibrary { library, needed_by } if library == "liby.so" && needed_by.ends_with("libx.so")), "{e}");
    // The same as RPATH: inherited.
    let elf = Elf { interp: "/lib64/ld-linux-x86-64.so.2", needed: &["libx.so"], rpath: "$ORIGIN/../lib", ..Elf::default() };
    h.file("/opt/app/bin/app", elf.bytes());
    let p = plan(&h.request("/opt/app/bin/app", &[])).unwrap();
    assert!(p.get("/opt/app/lib/libx.so".as_ref()).is_some() && p.get("/opt/app/lib/liby.so".as_ref()).is_some());
    assert!(p.get("/usr/lib/libx.so".as_ref()).is_none());
}

#[test]
fn library_path_and_cache_and_hwcaps() {
    let h = Fake::new("hwcaps");
    h.program("/usr/bin/app", &["libc1.so"])
        .lib("/special/libc1.so", &[])
        .lib("/special/glibc-hwcaps/x86-64-v3/libc1.so", &[])
        .lib("/other/libc1.so", &[]);
    h.file("/etc/ld.so.cache", ld_cache(&[("libc1.so", "/special/glibc-hwcaps/x86-64-v3/libc1.so"), ("libc1.so", "/special/libc1.so")]));
    let p = plan(&h.request("app", &[])).unwrap();
    assert!(p.get("/special/libc1.so".as_ref()).is_some() && p.get("/special/glibc-hwcaps/x86-64-v3/libc1.so".as_ref()).is_some());
    let mut r = h.request("app", &[]);
    r.env.push(("LD_LIBRARY_PATH".into(), "/nothing:../other".into()));
    let p = plan(&r).unwrap();
    assert!(p.get("/other/libc1.so".as_ref()).is_some() && p.get("/special/libc1.so".as_ref()).is_none());
    // A file that is no library is passed over, as ld.so does.
    h.file("/other/libc1.so", "no ELF");
    assert!(plan(&r).unwrap().get("/special/libc1.so".as_ref()).is_some());
}

#[test]
fn musl_uses_its_own_path_file() {
    let h = Fake::new("musl");
    h.file("/usr/lib/ld-musl-x86_64.so.1", Elf::default().bytes()).file("/etc/ld-musl-x86_64.path", "/opt/musl\n/usr/lib");
    h.file(
        "/usr/bin/app",
        Elf { interp: "/lib/ld-musl-x86_64.so.1", needed: &["libc.so", "libpthread.so.0", "libz.so"], ..Elf::default() }.bytes(),
    );
    h.lib("/opt/musl/libz.so", &["libc.musl-x86_64.so.1"]).lib("/usr/lib/x86_64-linux-gnu/libz.so", &[]);
    let p = plan(&h.request("app", &[])).unwrap();
    assert!(p.get("/opt/musl/libz.so".as_ref()).is_some() && p.get("/etc/ld-musl-x86_64.path".as_ref()).is_some());
    assert!(p.get(format!("{LIB}/libz.so").as_ref()).is_none());
}

#[test]
fn what_is_missing_is_named() {
    let h = Fake::new("missing");
    h.program("/usr/bin/app", &["libgone.so.7"]);
    let e = plan(&h.request("app", &[])).unwrap_err();
    assert!(e.to_string().contains("libgone.so.7: needed by /usr/bin/app"), "{e}");
    h.file("/usr/bin/odd", Elf { interp: "/lib/ld-odd.so", ..Elf::default() }.bytes());
    let e = plan(&h.request("odd", &[])).unwrap_err();
    assert!(e.to_string().contains("/lib/ld-odd.so") && e.exit_code() == 126, "{e}");
    let e = plan(&h.request("nothing", &[])).unwrap_err();
    assert!(e.exit_code() == 127 && e.to_string().contains("searched /usr/bin"), "{e}");
    assert_eq!(plan(&h.request("./nothing", &[])).unwrap_err().exit_code(), 127);
    assert_eq!(plan(&h.request("/usr", &[])).unwrap_err().exit_code(), 126);
    h.file("/usr/bin/text", "just text");
    assert_eq!(plan(&h.request("text", &[])).unwrap_err().exit_code(), 126);
    h.file("/usr/bin/arm", {
        let mut b = Elf::default().bytes();
        b[18] = 183;
        b
    });
    assert!(plan(&h.request("arm", &[])).unwrap_err().to_string().contains("another machine"));
}

#[test]
fn scripts_bring_their_interpreters() {
    let h = Fake::new("scripts");
    h.program("/usr/bin/inter", &["liba.so"])
        .lib("/usr/lib/liba.so", &[])
        .file("/job/s", "#!/bin/inter -x y\n")
        .file("/job/t", "#! /job/s\n");
    let p = plan(&h.request("./t", &["arg"])).unwrap();
    assert!(["/job/t", "/job/s", "/usr/bin/inter", "/usr/lib/liba.so"].iter().all(|f| p.get(f.as_ref()).is_some()));
    assert_eq!((p.exec.to_str(), p.argv.len()), (Some("/job/t"), 2), "the kernel follows plain `#!` lines itself");
    h.file("/job/e", "#!/usr/bin/env -S inter -f\n").file("/job/loop", "#!/job/loop\n").file("/job/lost", "#!/job/nowhere\n");
    let p = plan(&h.request("./e", &["arg"])).unwrap();
    assert_eq!(p.exec.to_str(), Some("/usr/bin/inter"));
    assert_eq!(p.argv, ["inter", "-f", "/job/e", "arg"]);
    assert!(matches!(plan(&h.request("./loop", &[])), Err(Error::ScriptLoop(_))));
    assert!(matches!(plan(&h.request("./lost", &[])), Err(Error::MissingInterpreter { .. })));
}

#[test]
fn the_working_directory_is_for_programs_that_list_it() {
    let h = Fake::new("listing");
    h.program("/usr/bin/ls", &[]).program("/usr/bin/find", &[]).program("/usr/bin/app", &[]);
    h.file("/job/a", "1").file("/job/sub/b", "2").file("/job/sub/deep/c", "3").file("/etc/x", "4");
    let has = |program: &str, args: &[&str], path: &str| plan(&h.request(program, args)).unwrap().get(path.as_ref()).is_some();
    assert!(has("ls", &["-l"], "/job/a") && has("ls", &[], "/job/sub"));
    assert!(!has("ls", &[], "/job/sub/b") && has("ls", &["-R"], "/job/sub/deep/c"));
    assert!(has("find", &["-name", "*.c"], "/job/sub/deep/c"));
    assert!(!has("ls", &["/etc/x"], "/job/a"), "an argument names another place");
    assert!(!has("app", &[], "/job/a"));
    let elsewhere = rootfs::Request { cwd: "/elsewhere".into(), ..h.request("ls", &[]) };
    assert!(plan(&elsewhere).unwrap().get("/job/a".as_ref()).is_none());
}
