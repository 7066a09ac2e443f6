//! A library that is linked as an archive: members that an image cannot need are not compiled, and the image is the same byte for byte.
#![forbid(unsafe_code)]

mod common;
use common::Project;
use std::fs;
use ukbuild::Build;

const SOURCES: &[(&str, &str)] = &[
    ("a.c", "#include <c.h>\nvoid fa(void) { fb(); put(A); }\n"),
    (
        "b.c",
        "#include <c.h>\nstatic void nothing(void) {}\nvoid weak_one(void) __attribute__((weak, alias(\"nothing\")));\nvoid fb(void) { weak_one(); put(\"b\\n\"); }\n",
    ),
    ("strong.c", "#include <c.h>\nvoid weak_one(void) { put(\"strong\\n\"); }\nvoid asks_for_strong(void) {}\n"),
    ("first.c", "#include <c.h>\nvoid twice(void) { put(\"first\\n\"); }\n"),
    ("second.c", "#include <c.h>\nvoid twice(void) { put(\"second\\n\"); }\nvoid only_second(void) {}\n"),
    ("unused.c", "#include <c.h>\nvoid fu(void) { put(\"unused\\n\"); }\n"),
];

/// A project whose main calls these functions of the archive.
fn project(calls: &[&str]) -> Project {
    let mut p = Project::with_main("");
    main(&p, calls);
    let names: Vec<String> = SOURCES.iter().map(|(name, _)| format!("$(LIBC_BASE)/{name}")).collect();
    p.lib(
        "c",
        &format!(
            "$(eval $(call addlib,libc))\nLIBC_AS_ARCHIVE = y\nLIBC_MEMBERS = $(LIBC_BASE)/members.txt\nCINCLUDES-y += -I$(LIBC_BASE)/include\nLIBC_SRCS-y += {}\nUK_LDFLAGS-$(CONFIG_KEEP) += -Wl,-u,fu\n",
            names.join(" ")
        ),
    );
    p.write("libs/c/include/c.h", "#include <host.h>\n#define A \"a\\n\"\nvoid fb(void);\n");
    SOURCES.iter().for_each(|(name, text)| p.write(&format!("libs/c/{name}"), text));
    p
}

fn main(p: &Project, calls: &[&str]) {
    let declared: String = calls.iter().map(|c| format!("void {c}(void);\n")).collect();
    let called: String = calls.iter().map(|c| format!("{c}(); ")).collect();
    p.write("app/main.c", &format!("{declared}int main(void) {{ {called}return 0; }}\n"));
}

fn record(p: &Project) {
    let said = p.works(&["members"]);
    assert!(said.contains("members.txt: 6 members"), "{said}");
    fs::remove_dir_all(p.path("app/build")).unwrap();
}

/// Members of the archive that were compiled.
fn compiled(p: &Project) -> Vec<String> {
    let mut all: Vec<String> =
        SOURCES.iter().map(|(n, _)| n.replace(".c", ".o")).filter(|n| p.exists(&format!("app/build/libc/{n}"))).collect();
    all.sort();
    all
}

/// Builds anew, lazily and then with all members: what the image prints, and the members compiled; the images must be equal.
fn both(p: &Project) -> (String, Vec<String>) {
    let _ = fs::remove_dir_all(p.path("app/build"));
    let text = p.run();
    let members = compiled(p);
    let image = fs::read(p.path("app/build/app_kvm-x86_64")).unwrap();
    p.build_with(|o| o.all_members = true).unwrap();
    assert_eq!(compiled(p).len(), SOURCES.len());
    assert!(fs::read(p.path("app/build/app_kvm-x86_64")).unwrap() == image, "the image differs from that of the whole archive");
    // And back: what is there besides does not go in.
    assert_eq!(p.run(), text);
    assert!(fs::read(p.path("app/build/app_kvm-x86_64")).unwrap() == image);
    (text, members)
}

#[test]
fn only_what_can_be_needed_is_compiled_and_the_image_is_the_same() {
    let p = project(&["fa"]);
    record(&p);
    assert_eq!(both(&p), ("b\na\n".into(), vec!["a.o".into(), "b.o".into()]));
    // All that define a symbol are there: the first in the list is taken, as from the whole archive.
    main(&p, &["twice"]);
    assert_eq!(both(&p), ("first\n".into(), vec!["first.o".into(), "second.o".into()]));
    // A weak stand-in stays unless something brings the real one.
    main(&p, &["fa", "asks_for_strong"]);
    let (text, members) = both(&p);
    assert_eq!((text.as_str(), members.len()), ("strong\nb\na\n", 3), "{members:?}");
    main(&p, &["fa"]);
    p.write("app/.config", "CONFIG_KEEP=y\n");
    assert_eq!(both(&p).1, ["a.o", "b.o", "unused.o"]);
}

#[test]
fn changes_compile_what_they_make_needed() {
    let p = project(&["fa"]);
    record(&p);
    assert_eq!(p.run(), "b\na\n");
    assert_eq!(p.counts(), (0, 0, 0));
    main(&p, &["fa", "fu"]);
    assert_eq!(p.counts().0, 1, "main; the member was compiled for the table and comes from the cache");
    assert_eq!(compiled(&p), ["a.o", "b.o", "unused.o"]);
    assert_eq!(p.run(), "b\na\nunused\n");
    main(&p, &["fa"]);
    assert_eq!(p.run(), "b\na\n");
    assert_eq!(p.counts(), (0, 0, 0));
    // What was changed since the table was made may define anything: it is compiled, and found.
    p.write("libs/c/unused.c", "#include <c.h>\nvoid fn(void) { put(\"new\\n\"); }\n");
    main(&p, &["fa", "fn"]);
    assert_eq!(p.run(), "b\na\nnew\n");
    assert_eq!(compiled(&p), ["a.o", "b.o", "unused.o"]);
    p.write("libs/c/include/c.h", "#include <host.h>\n#define A \"A\\n\"\nvoid fb(void);\n");
    assert_eq!(p.run(), "b\nA\nnew\n");
    assert_eq!(compiled(&p).len(), SOURCES.len(), "a header that all read changed");
}

#[test]
fn other_flags_make_the_table_mean_nothing() {
    let p = project(&["fa"]);
    record(&p);
    p.write("libs/c/Makefile.uk", &(p.read("libs/c/Makefile.uk") + "LIBC_CFLAGS-y += -Os -g\n"));
    assert_eq!(p.run(), "b\na\n");
    assert_eq!(compiled(&p), ["a.o", "b.o"], "how well it is compiled does not change what there is");
    p.write("libs/c/Makefile.uk", &(p.read("libs/c/Makefile.uk") + "LIBC_CFLAGS-y += -Dfu=renamed\n"));
    assert_eq!(p.run(), "b\na\n");
    assert_eq!(compiled(&p).len(), SOURCES.len());
}

#[test]
fn a_table_that_lies_is_found_out() {
    let p = project(&["fa"]);
    record(&p);
    let table = p.read("libs/c/members.txt");
    let lie = |from: &str, to: &str| {
        p.write(
            "libs/c/members.txt",
            &table
                .lines()
                .map(|l| if l.starts_with(from) { l.rsplit_once(' ').unwrap().0.to_string() + to + "\n" } else { format!("{l}\n") })
                .collect::<String>(),
        );
        let _ = fs::remove_dir_all(p.path("app/build"));
    };
    lie("m b.c", " fz");
    let said = p.works(&["build"]);
    assert!(said.contains("members.txt says; all members are compiled"), "{said}");
    assert_eq!(compiled(&p).len(), SOURCES.len());
    p.write("libs/c/members.txt", "spoiled");
    let _ = fs::remove_dir_all(p.path("app/build"));
    assert_eq!(p.run(), "b\na\n");
    // What nobody defines is the linker's error, and brings nothing in.
    p.write("libs/c/members.txt", &table);
    let _ = fs::remove_dir_all(p.path("app/build"));
    main(&p, &["fa", "nowhere"]);
    let why = p.fails(&["build"]);
    assert!(why.contains("nowhere"), "{why}");
    assert_eq!(compiled(&p), ["a.o", "b.o"]);
}

#[test]
fn an_interrupted_choice_goes_on() {
    let p = project(&["fa", "fu"]);
    record(&p);
    p.run();
    for gone in ["app/build/ukbuild/members.json", "app/build/libc.a", "app/build/libc/a.o"] {
        fs::remove_file(p.path(gone)).unwrap();
        assert_eq!(p.run(), "b\na\nunused\n", "{gone}");
    }
    Build::new(p.options()).unwrap().clean().unwrap();
    assert!(!p.exists("app/build/libc.a"));
    assert_eq!(p.run(), "b\na\nunused\n");
}
