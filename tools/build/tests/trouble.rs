//! A build that is disturbed: interrupted by the terminal, by a full disk, by a second build, by a directory that cannot be written. Each says
//! what is wrong, and the next build goes on.
#![forbid(unsafe_code)]

mod common;
use common::{Project, said};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Two libraries of small files. One file's compiler waits as long as `app/hold` is there.
fn project() -> (Project, String) {
    let mut p = Project::new();
    p.write("app/Makefile.uk", "");
    let mut makefile = "$(eval $(call addlib,libmany))\n".to_string();
    for i in 0..8 {
        p.write(&format!("libs/many/f{i}.c"), &format!("int f{i}_[1000] = {{{i}}};\n"));
        makefile.push_str(&format!("LIBMANY_SRCS-y += $(LIBMANY_BASE)/f{i}.c\n"));
    }
    p.lib("many", &makefile);
    let hold = p.path("app/hold");
    p.write(
        "bin/cc",
        &format!(
            "#!/bin/sh\ncase \"$*\" in *f5.o*) echo > {0}.reached; while [ -e {0} ]; do sleep 0.05; done ;; esac\nexec gcc \"$@\"\n",
            hold.display()
        ),
    );
    fs::set_permissions(p.path("bin/cc"), PermissionsExt::from_mode(0o755)).unwrap();
    let cc = format!("CC={}", p.path("bin/cc").display());
    (p, cc)
}

fn wait_for(what: &str, ready: impl Fn() -> bool) {
    let start = Instant::now();
    while !ready() {
        assert!(start.elapsed() < Duration::from_secs(120), "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A build in a process group of its own, as a shell starts it, that has come to the file whose compiler waits.
fn held(p: &Project, cc: &str) -> Child {
    p.write("app/hold", "");
    let mut command = p.command(&["-j", "2", "--no-object-cache", cc, "build"]);
    let child = command.process_group(0).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    wait_for("the build comes to the held file", || p.exists("app/hold.reached"));
    child
}

#[test]
fn ctrl_c_in_the_middle_of_a_build() {
    let (p, cc) = project();
    let child = held(&p, &cc);
    // The terminal interrupts the whole group.
    let group = format!("-{}", child.id());
    assert!(Command::new("kill").args(["-INT", "--", &group]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    use std::os::unix::process::ExitStatusExt;
    assert!(output.status.code() == Some(130) || output.status.signal() == Some(2), "{}", said(&output));
    fs::remove_file(p.path("app/hold")).unwrap();
    let before: Vec<String> = (0..8).map(|i| format!("app/build/libmany/f{i}.o")).filter(|o| p.exists(o)).collect();
    let said = p.works(&["--no-object-cache", &cc, "build"]);
    assert!(said.contains("f5.o") && p.exists("app/build/app_kvm-x86_64"), "{said}");
    assert!(said.matches("  CC ").count() <= 9 - before.len() + 2, "what was finished is kept: {before:?}\n{said}");
    assert_eq!(p.build().unwrap().image, p.path("app/build/app_kvm-x86_64"));
}

#[test]
fn a_second_build_of_the_same_project_is_refused_and_leaves_the_first_alone() {
    let (p, cc) = project();
    let first = held(&p, &cc);
    let why = p.fails(&["--no-object-cache", &cc, "build"]);
    assert!(why.contains("another build is at work here"), "{why}");
    for verb in ["fetch", "prepare", "members"] {
        let why = p.fails(&[&cc, verb]);
        assert!(why.contains("another build is at work here"), "{verb}: {why}");
    }
    fs::remove_file(p.path("app/hold")).unwrap();
    let output = first.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(p.run(), "weak main\n");
}

#[test]
fn two_projects_build_at_once_with_one_cache() {
    let (one, cc) = project();
    let (mut two, _) = project();
    two.write("libs/many/Makefile.uk", &one.read("libs/many/Makefile.uk"));
    let cache = one.path("cache").display().to_string();
    two.app = "app".into();
    let start = |p: &Project| p.command(&["--cache", &cache, &cc, "build"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let (a, b) = (start(&one), start(&two));
    for child in [a, b] {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
    }
    assert_eq!((one.run(), two.run()), ("weak main\n".into(), "weak main\n".into()));
}

/// A file system with so many KiB at `app/build`; nothing where mounting is not allowed.
fn small_disk(p: &Project, kib: u32) -> Option<Disk> {
    let dir = p.path("app/build");
    fs::create_dir_all(&dir).unwrap();
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &format!("size={kib}k"), "tmpfs"]).arg(&dir).output();
    mounted.is_ok_and(|m| m.status.success()).then_some(Disk(dir))
}

struct Disk(std::path::PathBuf);

impl Disk {
    fn grow(&self) {
        let status = Command::new("mount").args(["-o", "remount,size=64m"]).arg(&self.0).status().unwrap();
        assert!(status.success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_is_named_and_room_is_enough_to_go_on() {
    for kib in [16, 64, 96, 128, 160, 200] {
        let (p, cc) = project();
        let Some(disk) = small_disk(&p, kib) else {
            eprintln!("not tested: mounting is not allowed here");
            return;
        };
        let output = p.cli(&["--no-object-cache", &cc, "build"]);
        if !output.status.success() {
            let text = said(&output);
            assert!(text.to_lowercase().contains("no space left"), "{kib} KiB: {text}");
            assert!(!text.contains("panicked"), "{kib} KiB: {text}");
        }
        disk.grow();
        p.works(&["--no-object-cache", &cc, "build"]);
        let output = Command::new(p.path("app/build/app_kvm-x86_64")).output().unwrap();
        assert_eq!(said(&output), "weak main\n", "{kib} KiB");
    }
}

#[test]
fn a_build_directory_that_cannot_be_written() {
    let (p, cc) = project();
    // A file in the place of a directory stops root as well.
    p.write("app/build", "a file");
    let why = p.fails(&[&cc, "build"]);
    assert!(why.contains("app/build") && !why.contains("panicked"), "{why}");
    fs::remove_file(p.path("app/build")).unwrap();
    for dir in ["app/build/libmany", "app/build/ukbuild", "app/build/include"] {
        let _ = fs::remove_dir_all(p.path("app/build"));
        p.write(dir, "a file");
        let why = p.fails(&["--no-object-cache", &cc, "build"]);
        assert!(why.contains(dir.trim_start_matches("app/")) && !why.contains("panicked"), "{dir}: {why}");
    }
    let _ = fs::remove_dir_all(p.path("app/build"));
    p.works(&[&cc, "build"]);
    // A cache that cannot be used costs time only.
    p.write("no-cache", "a file");
    let cache = p.path("no-cache").display().to_string();
    fs::remove_dir_all(p.path("app/build")).unwrap();
    p.works(&["--cache", &cache, &cc, "build"]);
}

#[test]
fn state_that_is_rubbish_is_made_anew() {
    let (p, cc) = project();
    p.works(&[&cc, "build"]);
    for file in ["state.json", "plan.json", "journal", "plan.vars"] {
        for text in ["", "{", "\u{0}\u{1}", "{\"version\":1}"] {
            p.write(&format!("app/build/ukbuild/{file}"), text);
            p.works(&[&cc, "build"]);
        }
    }
    assert_eq!(p.run(), "weak main\n");
}

#[test]
fn patching_that_was_interrupted_is_done_again_and_nothing_is_taken_for_an_edit() {
    let mut p = Project::with_main("int main(void) { return 0; }\n");
    common::archive(&p.root, "port-1", &[("a.c", "int a = 1;\n"), ("b.c", "int b = 1;\n")]);
    p.lib(
        "port",
        &format!(
            "$(eval $(call addlib,libport))\n$(eval $(call fetch,libport,file://{}))\nLIBPORT_PATCHDIR = $(LIBPORT_BASE)/patches\nLIBPORT_SRCS-y += $(LIBPORT_ORIGIN)/port-1/a.c\n",
            p.path("port-1.tar.gz").display()
        ),
    );
    for (patch, file) in [("1.patch", "a.c"), ("2.patch", "b.c")] {
        let name = &file[..1];
        p.write(
            &format!("libs/port/patches/{patch}"),
            &format!("--- a/{file}\n+++ b/{file}\n@@ -1 +1 @@\n-int {name} = 1;\n+int {name} = 2;\n"),
        );
    }
    // The second patch ends the helper and all around it.
    let real = ["/usr/bin/patch", "/bin/patch"].into_iter().find(|f| std::path::Path::new(f).exists()).unwrap();
    p.write(
        "bin/patch",
        &format!("#!/bin/sh\ncase \"$*\" in *2.patch*) {real} \"$@\"; kill -KILL $PPID; exit 1 ;; esac\nexec {real} \"$@\"\n"),
    );
    fs::set_permissions(p.path("bin/patch"), PermissionsExt::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", p.path("bin").display(), std::env::var("PATH").unwrap());
    let output = p.command(&["prepare"]).env("PATH", &path).output().unwrap();
    assert!(!output.status.success() && p.exists("app/build/libport/.patching"), "{}", said(&output));
    let said = p.works(&["prepare"]);
    assert!(!said.contains("your changed sources") && !p.exists("app/build/libport/origin.edited"), "{said}");
    assert_eq!(p.read("app/build/libport/origin/port-1/a.c") + &p.read("app/build/libport/origin/port-1/b.c"), "int a = 2;\nint b = 2;\n");
    // A patch that does not fit leaves the tree to the user; what is mended there by hand is kept.
    p.write("libs/port/patches/3.patch", "--- a/a.c\n+++ b/a.c\n@@ -1 +1 @@\n-nothing like it\n+x\n");
    p.fails(&["prepare"]);
    std::thread::sleep(Duration::from_millis(20));
    p.write("app/build/libport/origin/port-1/a.c", "int a = 3;\n");
    fs::remove_file(p.path("libs/port/patches/3.patch")).unwrap();
    let said = p.works(&["prepare"]);
    assert!(said.contains("your changed sources are kept") && p.exists("app/build/libport/origin.edited"), "{said}");
}
