//! Packages, installations outside them, arguments, `--add`, `--rootfs`.

mod common;
use common::{Elf, Fake, files};
use rootfs::{AddSpec, Error, Reason, What, plan};

fn packages(h: &Fake) {
    let stanza = |name: &str, more: &str| format!("Package: {name}\nStatus: install ok installed\nArchitecture: amd64\n{more}\n");
    let status = [
        stanza("app-minimal", "Depends: liba (>= 1), debconf | cdebconf, virtual\n"),
        stanza("app", "Depends: app-minimal\n"),
        stanza("liba", "Multi-Arch: same\n"),
        stanza("debconf", ""),
        stanza("provider", "Provides: virtual\n"),
        stanza("unrelated", ""),
    ];
    h.file("/var/lib/dpkg/status", status.join("\n"));
    let list = |name: &str, files: &str| {
        h.file(&format!("/var/lib/dpkg/info/{name}.list"), files.replace(' ', "\n") + "\n");
    };
    list("app-minimal", "/. /bin /bin/app /usr/share/doc/app/README /usr/share/locale/de/x.mo /usr/lib/app /usr/lib/app/m.py");
    list("app", "/. /usr/share/app /usr/share/app/data /usr/share/both /usr/share/both/a /etc/app /etc/app/conf");
    list("liba:amd64", "/usr/lib/x86_64-linux-gnu/liba.so.1 /usr/lib/x86_64-linux-gnu/liba/plugin.so");
    list("debconf", "/usr/bin/debconf");
    list("provider", "/usr/share/provider");
    list("unrelated", "/usr/share/unrelated /usr/share/both /usr/share/both/b");
    h.program("/usr/bin/app", &["liba.so.1"]).lib("/usr/lib/x86_64-linux-gnu/liba.so.1", &[]);
    for f in [
        "/usr/share/app/data",
        "/usr/share/both/a",
        "/usr/share/both/of-whom",
        "/usr/lib/app/made-by-postinst",
        "/usr/lib/app/data-of-a-user/big",
        "/etc/app/conf",
        "/etc/app/made-by-postinst",
        "/usr/lib/x86_64-linux-gnu/liba/plugin.so",
        "/usr/bin/debconf",
        "/usr/share/provider",
        "/usr/share/unrelated",
        "/usr/share/doc/app/README",
        "/usr/lib/app/m.py",
        "/usr/lib/app/__pycache__/m.cpython-311.pyc",
        "/usr/lib/app/__pycache__/gone.cpython-311.pyc",
    ] {
        h.file(f, f);
    }
}

#[test]
fn the_package_and_what_it_depends_on() {
    let h = Fake::new("dpkg");
    packages(&h);
    h.link("/usr/bin/generic", "/etc/alternatives/generic").link("/etc/alternatives/generic", "/usr/bin/app");
    h.file("/var/lib/dpkg/alternatives/generic", "auto\n/usr/bin/generic\n\n/usr/bin/app\n10\n");
    let p = plan(&h.request("app", &[])).unwrap();
    let has = |f: &str| p.get(f.as_ref()).is_some();
    for f in [
        "/usr/bin/app",
        "/usr/share/app/data",
        "/etc/app/conf",
        "/etc/app/made-by-postinst",
        "/usr/lib/app/made-by-postinst",
        "/usr/lib/x86_64-linux-gnu/liba/plugin.so",
        "/usr/share/provider",
        "/usr/lib/app/__pycache__/m.cpython-311.pyc",
        "/usr/bin/generic",
        "/etc/alternatives/generic",
    ] {
        assert!(has(f), "{f}: {:?}", files(&p));
    }
    for f in [
        "/usr/bin/debconf",
        "/usr/share/unrelated",
        "/usr/share/both/of-whom",
        "/usr/lib/app/data-of-a-user/big",
        "/usr/share/doc/app/README",
        "/usr/share/locale/de/x.mo",
        "/usr/lib/app/__pycache__/gone.cpython-311.pyc",
    ] {
        assert!(!has(f), "{f}");
    }
    assert_eq!(p.get("/usr/share/app/data".as_ref()).unwrap().reason, Reason::Package("app".into()));
    let mut r = h.request("app", &[]);
    r.packages = false;
    assert_eq!(
        files(&plan(&r).unwrap()),
        ["/lib64", "/usr/bin/app", "/usr/lib/x86_64-linux-gnu/liba.so.1", "/usr/lib64/ld-linux-x86-64.so.2"]
    );
}

#[test]
fn an_installation_outside_the_package_manager() {
    let h = Fake::new("prefix");
    packages(&h);
    h.program("/opt/py/bin/python3.9", &[])
        .file("/opt/py/lib/python3.9/json.py", "")
        .file("/opt/py/lib/python3.9/test/x.py", "")
        .file("/opt/py/lib/libpy.a", "");
    h.file("/opt/py/lib/python3.9/site-packages/big.py", "").lib("/usr/lib/libplug.so", &[]);
    h.file("/opt/py/lib/python3.9/_ssl.so", Elf { needed: &["libplug.so", "libnowhere.so"], ..Elf::default() }.bytes());
    let p = plan(&h.request("/opt/py/bin/python3.9", &[])).unwrap();
    let has = |f: &str| p.get(f.as_ref()).is_some();
    assert!(has("/opt/py/lib/python3.9/json.py") && has("/opt/py/lib/python3.9/site-packages/big.py") && has("/usr/lib/libplug.so"));
    assert!(!has("/opt/py/lib/python3.9/test/x.py") && !has("/opt/py/lib/libpy.a"));
    h.link("/job/venv/bin/python", "/opt/py/bin/python3.9").file("/job/venv/lib/python3.9/site-packages/mine.py", "");
    h.file("/job/venv/pyvenv.cfg", "home = /opt/py/bin\ninclude-system-site-packages = false\n");
    let p = plan(&h.request("venv/bin/python", &[])).unwrap();
    let has = |f: &str| p.get(f.as_ref()).is_some();
    assert!(has("/job/venv/pyvenv.cfg") && has("/job/venv/lib/python3.9/site-packages/mine.py") && has("/opt/py/lib/python3.9/json.py"));
    assert!(!has("/opt/py/lib/python3.9/site-packages/big.py"));
    assert_eq!(p.exec.to_str(), Some("/job/venv/bin/python"));
}

#[test]
fn arguments_that_are_files() {
    let h = Fake::new("args");
    h.program("/usr/bin/app", &[])
        .file("/data/a", "a")
        .file("/data/b", "b")
        .file("/job/c", "c")
        .file("/dir/sub/x", "x")
        .file("/dir/y", "y");
    h.link("/dir/link", "/data/b");
    let p = plan(&h.request("app", &["/data/a", "if=/data/b", "c", "/dir", "/out/dir/none", "/dir/sub/new.txt", "-I/data", "", "/proc/x"]))
        .unwrap();
    let mine: Vec<_> = p
        .entries
        .iter()
        .filter(|e| e.reason == Reason::Argument && e.what != What::Dir)
        .map(|e| e.guest_path().to_str().unwrap())
        .collect();
    assert_eq!(mine, ["/data/a", "/data/b", "/dir/link", "/dir/sub/x", "/dir/y", "/job/c"]);
    assert!(p.notes.is_empty());
    let mut r = h.request("app", &["/dir"]);
    r.limits.argument_files = 2;
    assert!(plan(&r).unwrap().notes[0].contains("/dir: more than 2 files"));
    // A file the user names wins over one the tool makes.
    h.file("/etc/hostname", "host\n");
    assert!(matches!(plan(&h.request("app", &[])).unwrap().get("/etc/hostname".as_ref()).unwrap().what, What::Generated(_)));
    assert_eq!(plan(&h.request("app", &["/etc/hostname"])).unwrap().get("/etc/hostname".as_ref()).unwrap().what, What::File);
}

#[test]
fn what_scripts_find_beside_themselves() {
    let h = Fake::new("beside");
    h.program("/usr/bin/app", &[]).file("/job/p/main.py", "").file("/job/p/helper.py", "").file("/job/p/pkg/__init__.py", "");
    h.file("/job/p/pkg/sub.py", "").file("/job/p/secret.txt", "").file("/job/n/a/x.js", "").file("/job/n/node_modules/m/index.js", "");
    h.file("/job/n/package.json", "{}").file("/job/Main.class", "").file("/job/Main$1.class", "").file("/job/run.sh", "#!/usr/bin/app\n");
    let of =
        |args: &[&str]| files(&plan(&h.request("app", args)).unwrap()).into_iter().filter(|f| f.starts_with("/job")).collect::<Vec<_>>();
    assert_eq!(of(&["p/main.py"]), ["/job/p/helper.py", "/job/p/main.py", "/job/p/pkg/__init__.py", "/job/p/pkg/sub.py"]);
    assert_eq!(of(&["n/a/x.js"]), ["/job/n/a/x.js", "/job/n/node_modules/m/index.js", "/job/n/package.json"]);
    assert_eq!(of(&["Main"]), ["/job/Main$1.class", "/job/Main.class"]);
    assert_eq!(of(&["-c", "p"]).len(), 5, "a directory that an argument names comes whole");
}

#[test]
fn added_files_and_directories() {
    let h = Fake::new("add");
    h.program("/usr/bin/app", &[])
        .file("/job/conf/x", "new")
        .file("/etc/x", "old")
        .program("/job/tool", &["libt.so"])
        .lib("/usr/lib/libt.so", &[]);
    let mut r = h.request("app", &["/etc/x"]);
    r.add = ["conf:/srv/conf", "conf/x:/etc/x", "tool"].map(|a| AddSpec::parse(a.as_ref()).unwrap()).to_vec();
    let p = plan(&r).unwrap();
    assert_eq!(p.get("/srv/conf/x".as_ref()).unwrap().host_path().unwrap(), h.root.join("job/conf/x"));
    assert_eq!(p.get("/etc/x".as_ref()).unwrap().host_path().unwrap(), h.root.join("job/conf/x"));
    assert!(p.get("/job/tool".as_ref()).is_some() && p.get("/usr/lib/libt.so".as_ref()).is_some());
    r.add = vec![AddSpec::parse("gone".as_ref()).unwrap()];
    assert!(matches!(plan(&r), Err(Error::Given { .. })));
    for bad in ["", ":/x", "a:/../x"] {
        assert!(AddSpec::parse(bad.as_ref()).is_err(), "{bad:?}");
    }
    assert_eq!(AddSpec::parse("a:b".as_ref()).unwrap().guest, None);
}

#[test]
fn rootfs_is_exactly_that_directory() {
    let h = Fake::new("exactly");
    h.program("/job/root/bin/app", &[]).file("/job/root/data", "x").link("/job/root/app", "/bin/app");
    let mut r = h.request("/app", &["/etc/passwd"]);
    r.rootfs = Some("root".into());
    let p = plan(&r).unwrap();
    let all: Vec<_> = p.entries.iter().map(|e| e.guest_path().to_str().unwrap()).collect();
    assert_eq!(all, ["/", "/app", "/bin", "/bin/app", "/data"]);
    assert_eq!(p.exec.to_str(), Some("/app"));
    r.program = "/nope".into();
    assert_eq!(plan(&r).unwrap_err().exit_code(), 127);
    r.rootfs = Some("data".into());
    assert!(matches!(plan(&r), Err(Error::Given { .. })));
}
