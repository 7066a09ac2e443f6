//! From `kraft init` to `kraft run`: every verb on a project, with the small core in C.

mod common;

use common::kraft::Workspace;

#[test]
fn an_empty_project() {
    let w = Workspace::new();
    assert_eq!(w.works("workspace", &["init", "iperf3"]), "Initialized new project: /T/workspace/iperf3\n");
    assert_eq!(
        w.read("workspace/iperf3/kraft.yaml"),
        "specification: '0.5'\nunikraft: staging\ntargets:\n  - architecture: x86_64\n    platform: kvm\n"
    );
    assert!(w.exists("workspace/iperf3/Makefile.uk") && w.exists("workspace/iperf3/Makefile"));
    let (status, said) = w.fails("workspace", &["init", "iperf3"]);
    assert!(status == 2 && said.contains("the directory is not empty"), "{said}");
    w.works("workspace", &["-Y", "init", "iperf3"]);
    let (status, said) = w.fails("workspace", &["init", "-m", "arm64", "x"]);
    assert!(status == 2 && said.contains("architecture `arm64` is not there"), "{said}");
    let (status, said) = w.fails("workspace", &["init", "-t", "helo", "x"]);
    assert!(status == 1 && said.contains("did you mean `hello`?"), "{said}");
    w.works("workspace", &["init", "-w", "other/place"]);
    assert!(w.exists("workspace/other/place/kraft.yaml"));
}

#[test]
fn from_a_template_to_an_image() {
    let w = Workspace::new();
    w.works("workspace", &["init", "-t", "hello", "mine"]);
    let said = w.works("workspace/mine", &["build", "--no-progress"]);
    assert!(said.contains("Configured hello for kvm-x86_64 with libmusl"), "{said}");
    assert!(
        said.contains("Successfully built unikernels:\n\n  => build/hello_kvm-x86_64\n  => build/hello_kvm-x86_64.dbg (with symbols)"),
        "{said}"
    );
    // The small core's images are programs of the host.
    assert_eq!(w.shell("workspace/mine", "build/hello_kvm-x86_64"), "Hello\n");
    let json = w.kraft("workspace/mine", &["build", "--json"]).stdout;
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["compiled"], 0, "{json}");
    let said = w.works("workspace/mine", &["run", "-D", "one", "two"]);
    assert!(said.contains("mine/build/hello_kvm-x86_64"), "{said}");
    assert!(w.works("workspace/mine", &["clean"]).contains("Cleaned"));
    assert!(w.exists("workspace/mine/build") && !w.exists("workspace/mine/build/hello_kvm-x86_64"));
    let (status, said) = w.fails("workspace/mine", &["run"]);
    assert!(status == 1 && said.contains("there is no image yet; make it with\n  kraft build"), "{said}");
    w.works("workspace/mine", &["fetch"]);
    w.works("workspace/mine", &["prepare"]);
    w.works("workspace/mine", &["build", "-j", "2", "--no-fetch"]);
    w.works("workspace/mine", &["clean", "apphello"]);
    w.works("workspace/mine", &["clean", "-p"]);
    assert!(!w.exists("workspace/mine/build") && w.exists("workspace/mine/.config"));
    w.works("workspace/mine", &["properclean"]);
    w.works("workspace/mine", &["distclean"]);
    assert!(!w.exists("workspace/mine/.config") && w.exists("workspace/mine/main.c"));
}

#[test]
fn make_works_as_in_the_tutorial_s_table() {
    let w = Workspace::new();
    w.works("workspace", &["init", "-t", "hello", "mine"]);
    let said = w.shell("workspace/mine", "make -j4");
    assert!(said.contains("Successfully built unikernels"), "{said}");
    w.shell("workspace/mine", "make clean && make V=1 && make properclean && make configure && make distclean");
    assert!(!w.exists("workspace/mine/build") && !w.exists("workspace/mine/.config"));
    w.works("workspace/mine", &["configure"]);
    let output = w.program("make", "workspace/mine").arg("menuconfig").output().unwrap();
    assert!(!output.status.success() && common::kraft::said(&output).contains("menuconfig needs a terminal"));
}

#[test]
fn options_of_the_configuration() {
    let w = Workspace::new();
    w.works("workspace", &["init", "-t", "hello", "mine"]);
    w.works("workspace/mine", &["configure", "-p", "kvm", "-m", "x86_64", "HZ=250", "-y", "BASE", "CONFIG_NEEDS"]);
    let config = w.read("workspace/mine/.config");
    for line in ["CONFIG_HZ=250", "CONFIG_BASE=y", "CONFIG_NEEDS=y", "CONFIG_LIBMUSL=y", "CONFIG_UK_NAME=\"hello\""] {
        assert!(config.lines().any(|l| l == line), "{line}: {config}");
    }
    // What was set stays, unless one begins anew.
    w.works("workspace/mine", &["configure", "-n", "NEEDS"]);
    let config = w.read("workspace/mine/.config");
    assert!(config.contains("CONFIG_HZ=250") && config.contains("# CONFIG_NEEDS is not set"), "{config}");
    w.works("workspace/mine", &["configure", "-F"]);
    assert!(w.read("workspace/mine/.config").contains("CONFIG_HZ=100"));
    for (words, said) in [
        (&["configure", "HZ=5000"][..], "`5000` is out of range"),
        (&["configure", "BAES=y"], "there is no option CONFIG_BAES"),
        (&["configure", "BASE=maybe"], "no value of type bool"),
        (&["configure", "BASE"], "write OPTION=VALUE (or -y BASE)"),
        (&["configure", "-t", "no"], "no target fits; there are: kvm-x86_64"),
        (&["configure", "-p", "xen"], "platform `xen` is not there"),
    ] {
        let (status, text) = w.fails("workspace/mine", words);
        assert!(status == 2 && text.contains(said), "{words:?}: {text}");
    }
    let (status, text) = w.fails("workspace/mine", &["configure", "-s", "NEEDS=y"]);
    assert!(status == 1 && text.contains("CONFIG_NEEDS: the command line asks for y, it is n: it depends on BASE"), "{text}");
    let json = w.kraft("workspace/mine", &["configure", "--json", "HZ=7"]).stdout;
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!((&json["name"], &json["changed"], &json["libraries"][0]["name"]), (&"hello".into(), &true.into(), &"libmusl".into()));
}

#[test]
fn several_targets() {
    let w = Workspace::new();
    w.works("workspace", &["init", "p"]);
    w.write(
        "workspace/p/kraft.yaml",
        "specification: '0.5'\nunikraft: staging\ntargets:\n- {name: fast, architecture: x86_64, platform: kvm, kconfig: [CONFIG_HZ=1000]}\n- {name: slow, architecture: x86_64, platform: kvm, kconfig: [CONFIG_HZ=10]}\n",
    );
    let (status, said) = w.fails("workspace/p", &["configure"]);
    assert!(status == 2 && said.contains("several targets: fast, slow\n  choose one with -t NAME"), "{said}");
    assert!(w.works("workspace/p", &["configure", "-t", "slow"]).contains("Configured p for slow"));
    assert!(w.read("workspace/p/.config").contains("CONFIG_HZ=10\n"));
    // The choice is remembered.
    w.works("workspace/p", &["configure"]);
    assert!(w.works("workspace/p", &["build", "fast"]).contains("Configured p for fast"));
    assert!(w.read("workspace/p/.config").contains("CONFIG_HZ=1000\n"));
}

#[test]
fn libraries_are_made_added_and_removed() {
    let w = Workspace::new();
    std::fs::create_dir_all(w.path("workspace/libs")).unwrap();
    let said = w.works(
        "workspace/libs",
        &[
            "lib",
            "init",
            "--no-prompt",
            "--author-name",
            "Your Name",
            "--author-email",
            "your@email.com",
            "--version",
            "3.10.1",
            "--origin",
            "https://github.com/esnet/iperf",
            "iperf3",
        ],
    );
    assert_eq!(said, "Generated new library: /T/workspace/libs/iperf3\n");
    let make = w.read("workspace/libs/iperf3/Makefile.uk");
    for line in [
        "$(eval $(call addlib_s,libiperf3,$(CONFIG_LIBIPERF3)))",
        "LIBIPERF3_VERSION=3.10.1",
        "LIBIPERF3_URL=https://github.com/esnet/iperf/archive/refs/tags/v$(LIBIPERF3_VERSION).tar.gz",
        "LIBIPERF3_PATCHDIR=$(LIBIPERF3_BASE)/patches",
    ] {
        assert!(make.lines().any(|l| l == line), "{line}: {make}");
    }
    assert!(!make.contains("{{"), "{make}");
    assert_eq!(
        w.shell("workspace/libs/iperf3", "git branch --show-current; git log --format='%an <%ae> %s'; git ls-files"),
        "staging\nYour Name <your@email.com> Initial commit (blank)\n"
    );
    assert!(w.works("workspace", &["list", "add", "libs/iperf3"]).contains("Saved"));
    assert!(w.works("workspace", &["list", "show", "iperf3"]).contains("distributions: staging@3.10.1"));
    w.works("workspace", &["init", "app"]);
    assert_eq!(w.works("workspace/app", &["lib", "add", "iperf3@staging"]), "Added: iperf3@staging in kraft.yaml\n");
    assert!(w.read("workspace/app/kraft.yaml").ends_with("    platform: kvm\nlibraries:\n  iperf3:\n    version: staging\n"));
    assert!(w.works("workspace/app", &["lib", "add", "iperf3@staging"]).contains("There already"));
    assert!(w.works("workspace/app", &["configure"]).contains("with libmusl, libiperf3"));
    assert!(w.read("workspace/app/.config").contains("CONFIG_LIBIPERF3=y\n"));
    assert!(w.works("workspace/app", &["lib", "bump", "iperf3", "-v", "3.12"]).contains("3.10.1 -> 3.12"));
    assert!(w.read("workspace/libs/iperf3/Makefile.uk").contains("LIBIPERF3_VERSION=3.12\n"));
    assert_eq!(w.works("workspace/app", &["lib", "remove", "libiperf3"]), "Removed: libiperf3 from kraft.yaml\n");
    let (status, said) = w.fails("workspace/app", &["lib", "remove", "iperf3"]);
    assert!(status == 1 && said.contains("no library `iperf3`; it has none"), "{said}");
    let (status, said) = w.fails("workspace/app", &["lib", "add", "iprf3"]);
    assert!(status == 1 && said.contains("did you mean `iperf3`?"), "{said}");
    assert!(!w.read("workspace/app/kraft.yaml").contains("iprf3"));
}

#[test]
fn names_of_new_libraries() {
    let w = Workspace::new();
    w.works("workspace", &["lib", "init", "-q", "-a", "A", "-e", "a@b", "-b", "main", "-m", "libsomething"]);
    let config = w.read("workspace/libsomething/Config.uk");
    assert!(config.starts_with("menuconfig LIBSOMETHING\n\tbool \"libsomething: something\"") && config.contains("default y"), "{config}");
    assert!(w.read("workspace/libsomething/main.c").contains("something_main(argc, argv)"));
    assert_eq!(w.shell("workspace/libsomething", "git branch --show-current"), "main\n");
    for (words, said) in [
        (&["lib", "init", "-q"][..], "which name?"),
        (&["lib", "init", "-q", "a/b"], "cannot name a library"),
        (&["lib", "init", "-q", "-s", "https://x/y.tar.gz", "z"], "--origin needs --version"),
        (&["lib", "init", "-q", "-v", "1;rm", "z"], "is no version"),
        (&["lib", "init", "-q", "-a", "A<B", "z"], "cannot be an author's name"),
        (&["lib", "init", "-q", "libsomething"], "the directory is not empty"),
    ] {
        let (status, text) = w.fails("workspace", words);
        assert!(status == 2 && text.contains(said), "{words:?}: {text}");
    }
    let (status, text) = w.fails("workspace", &["lib", "init", "-q", "-b", "a..b", "z"]);
    assert!(status == 1 && text.contains("a..b"), "{text}");
    assert!(!w.exists("workspace/z"), "what fails leaves nothing behind");
}

#[test]
fn a_new_library_is_fetched_prepared_built_and_patched() {
    let w = Workspace::new();
    // The origin, as the mirror has it: GitHub's archive by its own name.
    w.write("iperf-3.10.1/src/answer.c", "int answer(void)\n{\n\treturn 41;\n}\n");
    w.shell("", "tar czf mirror/iperf-3.10.1.tar.gz iperf-3.10.1");
    std::fs::create_dir_all(w.path("workspace/libs")).unwrap();
    w.works("workspace/libs", &["lib", "init", "-q", "-v", "3.10.1", "-s", "https://github.com/esnet/iperf", "iperf3"]);
    w.works("workspace", &["init", "app"]);
    w.works("workspace/app", &["lib", "add", "iperf3@staging"]);
    w.write("workspace/app/Makefile.uk", "$(eval $(call addlib,appuse))\nAPPUSE_SRCS-y += $(APPUSE_BASE)/main.c\n");
    w.write(
        "workspace/app/main.c",
        "void put(const char *);\nint answer(void);\nint main(void)\n{\n\tput(answer() == 42 ? \"42\\n\" : \"41\\n\");\n\treturn 0;\n}\n",
    );
    w.works("workspace/app", &["fetch"]);
    assert!(w.exists("workspace/app/build/libiperf3/origin/iperf-3.10.1/src/answer.c"));
    let make = w.read("workspace/libs/iperf3/Makefile.uk") + "LIBIPERF3_SRCS-y += $(LIBIPERF3_SRC)/src/answer.c\n";
    w.write("workspace/libs/iperf3/Makefile.uk", &make);
    let said = w.works("workspace/app", &["build"]);
    assert!(said.contains("=> build/app_kvm-x86_64"), "{said}");
    assert_eq!(w.shell("workspace/app", "build/app_kvm-x86_64"), "41\n");
    w.write(
        "workspace/libs/iperf3/patches/0001-answer.patch",
        "--- a/src/answer.c\n+++ b/src/answer.c\n@@ -1,4 +1,4 @@\n int answer(void)\n {\n-\treturn 41;\n+\treturn 42;\n }\n",
    );
    w.works("workspace/app", &["build"]);
    assert_eq!(w.shell("workspace/app", "build/app_kvm-x86_64"), "42\n");
}

#[test]
fn up_makes_everything() {
    let w = Workspace::new();
    let output = w.kraft("workspace", &["up", "-t", "hello", "-D", "mine"]);
    let said = common::kraft::said(&output);
    assert!(output.status.success() && said.contains("Successfully built unikernels") && said.contains("hello_kvm-x86_64"), "{said}");
}

#[test]
fn stand_ins_are_said_in_one_line() {
    let w = Workspace::new();
    w.works("workspace", &["init", "p"]);
    w.write("workspace/p/kraft.yaml", "specification: '0.5'\nunikraft: '0.5'\nlibraries:\n  newlib: staging\n  lwip: staging\n");
    let said = w.works("workspace/p", &["configure"]);
    assert!(said.contains("newlib: musl is the C library here; it takes newlib's place\n"), "{said}");
    assert!(said.contains("lwip: there is no port of lwip"), "{said}");
    assert!(said.contains("unikraft 0.5: the core is unox"), "{said}");
    assert!(said.contains("with libmusl\n"), "{said}");
    w.works("workspace/p", &["lib", "add", "newlib@stable"]);
}
