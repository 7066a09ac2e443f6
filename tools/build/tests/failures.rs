//! What goes wrong is said, with the library and the file it is about.
#![forbid(unsafe_code)]

mod common;
use common::{PROGRAM, Project, core, said};
use std::process::Command;
use ukbuild::{Build, BuildOptions, Error};

const MAIN: &str = "#include <host.h>\nint main(void) { put(\"hello\\n\"); return 0; }\n";

fn with_makefile(text: &str) -> Project {
    let mut p = Project::with_main(MAIN);
    p.lib("bad", text);
    p
}

#[test]
fn what_the_compiler_says_is_shown_with_its_origin() {
    let p = with_makefile("$(eval $(call addlib,libbad))\nLIBBAD_SRCS-y += $(LIBBAD_BASE)/bad.c\n");
    p.write("libs/bad/bad.c", "int f(void) { return undeclared; }\n");
    let said = p.fails(&["build"]);
    for part in [
        "error: 'undeclared' undeclared",
        "the command was:\n  gcc ",
        "CC libbad/bad.o of libbad (",
        "libs/bad/Makefile.uk) failed with status 1",
    ] {
        assert!(said.contains(part), "{part} is missing:\n{said}");
    }
    p.write("libs/bad/bad.c", "int absent(void);\nint main_uses(void) { return absent(); }\n");
    p.write("app/main.c", "int main_uses(void);\nint main(void) { return main_uses(); }\n");
    let said = p.fails(&["build"]);
    assert!(said.contains("undefined reference to `absent'") && said.contains("LD app_kvm-x86_64.dbg failed"), "{said}");
}

#[test]
fn mistakes_in_make_files() {
    let cases = [
        (
            "$(eval $(call addlib,libbad))\nLIBBAD_SRCS-y += $(LIBBAD_BASE)/nowhere.c\n",
            "libs/bad/nowhere.c: a Makefile.uk names this file, but it does not exist, and no rule makes it",
        ),
        ("oops\n", "libs/bad/Makefile.uk:1: *** missing separator"),
        ("$(error said so)\n", "libs/bad/Makefile.uk:1: *** said so"),
        ("$(eval $(call addlib,libbad))\nLIBBAD_SRCS-y += $(LIBBAD_BASE)/x.ml\n", "no rule for a source of this kind"),
        ("$(eval $(call addlib,libbad))\nLIBBAD_SRCS-y += $(LIBBAD_BASE)/x.c|\n", "expected path, path|variant or path>.suffix"),
        ("UK_PREPARE += nothing-makes-this\n", "nothing-makes-this: UK_PREPARE names this target, but no rule makes it"),
        ("$(eval $(call addlib,))\n", "addlib without a name"),
        ("$(eval $(call addlib,libbad))\n$(eval $(call fetch,libbad,))\n", "fetch"),
        ("$(call error_if_gcc_version_lt,400,1)\n", "gcc 400.1 or newer is needed"),
        ("include absent.mk\n", "absent.mk"),
    ];
    for (text, expected) in cases {
        let p = with_makefile(text);
        p.write("libs/bad/x.ml", "");
        p.write("libs/bad/x.c", "");
        let said = p.fails(&["build"]);
        assert!(said.contains(expected), "{text}\nshould say: {expected}\nsaid: {said}");
    }
}

#[test]
fn places_that_are_wrong() {
    let p = Project::with_main(MAIN);
    let new = |change: &dyn Fn(&mut BuildOptions)| {
        let mut o = p.options();
        change(&mut o);
        Build::new(o).map(|_| ()).unwrap_err().to_string()
    };
    assert!(new(&|o| o.base = p.path("app")).contains("no source tree of the core"));
    assert!(new(&|o| o.app = p.path("absent")).contains("no such directory"));
    assert!(new(&|o| o.libs.push(p.path("cache"))).contains("no library (it has no Makefile.uk)"));
    p.write("with space/Makefile.uk", "");
    assert!(new(&|o| o.app = p.path("with space")).contains("the path has a space"));
    assert!(new(&|o| o.out = p.path("a$b")).contains("has a `$`"));
    std::fs::remove_file(p.path("app/.config")).unwrap();
    assert!(matches!(p.build(), Err(Error::NotConfigured(_))));
    assert!(p.fails(&["build"]).contains("run `configure`"));
    p.write("app/.config", "CONFIG_UK_NAME=\"a;b\"\n");
    assert!(p.fails(&["build"]).contains("has a `;`"));
}

#[test]
fn programs_that_are_missing_are_named_with_their_package() {
    let p = with_makefile("$(eval $(call addlib,libbad))\nLIBBAD_SRCS-y += $(LIBBAD_BASE)/x.m4>.c\n");
    p.write("libs/bad/x.m4", "int x;\n");
    let without = |absent: &[&str]| {
        // Everything of /usr/bin but these.
        let bin = p.path("bin");
        let _ = std::fs::remove_dir_all(&bin);
        std::fs::create_dir_all(&bin).unwrap();
        for name in ["make", "gcc", "objcopy", "strip", "sh", "mkdir", "touch", "m4", "as", "ld"].iter().filter(|n| !absent.contains(n)) {
            let real = ["/usr/bin", "/bin"].iter().map(|d| std::path::Path::new(d).join(name)).find(|f| f.exists()).unwrap();
            std::os::unix::fs::symlink(real, bin.join(name)).unwrap();
        }
        said(&p.command(&["build"]).env("PATH", &bin).output().unwrap())
    };
    let text = without(&["make", "objcopy"]);
    assert!(text.contains("make is missing") && text.contains("apt-get install --no-install-recommends make binutils"), "{text}");
    let text = without(&["m4"]);
    assert!(text.contains("m4 is missing: a source is written in m4") && text.contains("install --no-install-recommends m4"), "{text}");
    assert!(without(&[]).contains("app_kvm-x86_64"));
}

#[test]
fn the_callers_environment_changes_nothing() {
    let p = Project::with_main(MAIN);
    let mut command = p.command(&["build"]);
    for name in ["CFLAGS", "CC", "LDFLAGS", "MAKEFLAGS", "CINCLUDES-y", "CFLAGS-y", "UK_LIBS", "C_INCLUDE_PATH"] {
        command.env(name, "nonsense");
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn helpers_take_nonsense() {
    for words in [
        &["fetch"][..],
        &["fetch", "--lib"],
        &["fetch", "--lib", "x", "--dir", "/proc/nowhere", "a"],
        &["nothing", "--lib", "x", "--dir", "/tmp"],
        &["patch", "--lib", "x", "--dir", "/proc", "|"],
        &[],
    ] {
        let output = Command::new(PROGRAM).arg(ukbuild::helper::VERB).args(words).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{words:?}: {}", said(&output));
    }
    let output = Command::new(PROGRAM).args(["--base", &core().display().to_string(), "--app"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}
