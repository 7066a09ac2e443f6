//! What a project's file has around a run: commands before and after it, volumes, networks, the machine's size.

mod common;

use common::kraft::Workspace;

/// A built project whose file has these lines more.
fn project(lines: &str) -> Workspace {
    let w = Workspace::new();
    w.works("workspace", &["init", "-t", "hello", "mine"]);
    w.works("workspace/mine", &["build", "--no-progress"]);
    w.write("workspace/mine/kraft.yaml", &(w.read("workspace/mine/kraft.yaml") + lines));
    // In place of QEMU: what it is called with; it is also asked what it has.
    w.write("qemu", "#!/bin/sh\ncase \"$*\" in *-kernel*) ;; *) exit 0 ;; esac\nprintf '%s\\n' \"$@\" > ../../qemu.log\necho run >> ../../order\nfind \"$TMPDIR\" -type f | sort > ../../unpacked\n");
    w.shell("", "chmod +x qemu; mkdir tmp");
    w
}

/// `kraft run WORDS` with the stand-in of QEMU; what was said.
fn run(w: &Workspace, words: &str) -> String {
    w.shell("workspace/mine", &format!("UNOX_QEMU=$PWD/../../qemu TMPDIR=$PWD/../../tmp kraft run {words} 2>&1; true"))
}

#[test]
fn commands_run_before_and_after() {
    let w =
        project("pre_up:\n  - echo before >> ../../order\n  - pwd >> ../../order\npost_down: echo $KRAFT_IMAGE >> ../../order; false\n");
    let said = run(&w, "-D");
    assert!(said.contains("kraft: would run before: echo before") && said.contains("kraft: would run afterwards: echo"), "{said}");
    assert!(!w.exists("order"), "nothing is run for -D");
    let said = run(&w, "");
    assert!(said.contains("kraft: pre_up: echo before >> ../../order"), "{said}");
    assert!(said.contains("post_down: `echo $KRAFT_IMAGE >> ../../order; false` ended with status 1"), "{said}");
    let mine = w.path("workspace/mine");
    let order = w.read("order");
    let lines: Vec<&str> = order.lines().collect();
    assert_eq!((lines[0], lines[1]), ("before", mine.to_str().unwrap()), "{order}");
    assert!(lines.last().unwrap().ends_with("build/hello_kvm-x86_64"), "{order}");
    w.write("workspace/mine/kraft.yaml", &w.read("workspace/mine/kraft.yaml").replace("echo before", "exit 3; echo"));
    std::fs::remove_file(w.path("order")).unwrap();
    let said = run(&w, "");
    assert!(said.contains("pre_up: `exit 3; echo >> ../../order` ended with status 3") && !w.exists("order"), "{said}");
}

#[test]
fn an_archive_is_a_volume_for_one_run() {
    let w = project("volumes:\n  fs0: {driver: 9pfs, source: fs.tar.gz}\n");
    w.shell("workspace/mine", "mkdir -p tree/etc; echo hi > tree/etc/motd; tar czf fs.tar.gz -C tree .");
    let said = run(&w, "");
    let unpacked = w.read("unpacked");
    assert!(unpacked.trim_end().ends_with("/etc/motd"), "{unpacked}{said}");
    assert!(w.read("qemu.log").contains("virtio-9p"), "{}", w.read("qemu.log"));
    assert_eq!(w.shell("tmp", "find . -name motd"), "", "it is gone after the run");
    w.write("workspace/mine/fs.tar.gz", "broken");
    let said = run(&w, "");
    assert!(said.contains("volume fs0: /T/workspace/mine/fs.tar.gz: fs.tar.gz cannot be unpacked"), "{said}");
    std::fs::remove_file(w.path("workspace/mine/fs.tar.gz")).unwrap();
    let said = run(&w, "");
    assert!(said.contains("volume fs0: /T/workspace/mine/fs.tar.gz: no such directory or archive"), "{said}");
}

#[test]
fn networks_are_answered_and_the_size_is_the_file_s() {
    let w = project("networks:\n  net0:\n    driver: brctl\n    pre_up: touch ../../order\n");
    w.write(
        "workspace/mine/kraft.yaml",
        &w.read("workspace/mine/kraft.yaml").replace("  platform: kvm", "  platform: {name: kvm, memory: 37, cpus: 1}"),
    );
    let said = run(&w, "-D");
    assert!(
        said.contains("network net0: there is no network yet: no card is attached, and its pre_up and post_down are not run"),
        "{said}"
    );
    assert!(said.contains("37") && !w.exists("order"), "{said}");
    assert!(run(&w, "-D -M 41").contains("41"));
}

#[test]
fn options_of_lib_bump_that_are_not_there_say_so() {
    let w = Workspace::new();
    w.add_library("mylibs/one", "one");
    for (flag, said) in [("-A", "name one library"), ("-f", "name it with -v"), ("-b", "run `kraft build`")] {
        let (status, text) = w.fails("mylibs/one", &["lib", "bump", flag]);
        assert!(status == 2 && text.contains(said), "{text}");
    }
    let (status, text) = w.fails("mylibs/one", &["lib", "bump"]);
    assert!(status == 2 && text.contains("which version?"), "{text}");
    assert!(w.works("mylibs/one", &["lib", "bump", "-F", "1.3"]).contains("1.2 -> 1.3"));
}
