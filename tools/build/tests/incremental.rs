//! What is rebuilt when something changes, counted; interrupted builds; the cache of all projects.
#![forbid(unsafe_code)]

mod common;
use common::{PROGRAM, Project, said};
use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

const MAIN: &str = "#include <host.h>\n#include \"a.h\"\nint b(void);\nint main(void) { if (A + b()) put(\"ran\\n\"); return 0; }\n";

/// An application of two files that include a header each, and a library of one that reads an option.
fn project() -> Project {
    let mut p = Project::with_main(MAIN);
    p.write("app/Makefile.uk", "$(eval $(call addlib,apptest))\nAPPTEST_SRCS-y += $(wildcard $(APPTEST_BASE)/*.c)\n");
    p.write("app/a.h", "#define A 1\n");
    p.write("app/b.c", "#include \"b.h\"\nint b(void) { return B; }\n");
    p.write("app/b.h", "#define B 1\n");
    p.lib("opt", "$(eval $(call addlib,libopt))\nLIBOPT_SRCS-y += $(LIBOPT_BASE)/opt.c $(LIBOPT_BASE)/not.c\n");
    p.write("libs/opt/opt.c", "#include <uk/config.h>\n#include \"opt.h\"\nint opt(void) { return OPT; }\n");
    p.write("libs/opt/opt.h", "#ifdef CONFIG_OPT\n#define OPT CONFIG_OPT\n#else\n#define OPT 0\n#endif\n");
    p.write("libs/opt/not.c", "#include <uk/config.h>\nint not_opt;\n");
    p.write("app/.config", "CONFIG_OPT=1\nCONFIG_OTHER=y\n");
    p
}

/// Longer than the granularity of file times.
fn wait() {
    std::thread::sleep(Duration::from_millis(12));
}

#[test]
fn nothing_changed_nothing_done() {
    let p = project();
    // main, b, opt, not, start; four libraries (one with objcopy), image, strip
    assert_eq!(p.counts(), (5, 0, 5 + 4 + 2));
    assert_eq!(p.counts(), (0, 0, 0));
    // A new time with old contents is no change.
    wait();
    fs::write(p.path("app/a.h"), p.read("app/a.h")).unwrap();
    assert_eq!(p.counts(), (0, 0, 0));
    assert_eq!(p.run(), "ran\n");
}

#[test]
fn a_change_rebuilds_what_depends_on_it_and_no_more() {
    let p = project();
    p.build().unwrap();
    p.write("app/b.c", "#include \"b.h\"\nint b(void) { return B + 1; }\n");
    assert_eq!(p.counts(), (1, 0, 4), "one file: compiler, library, image, strip");
    p.write("app/b.c", "#include \"b.h\"\nint b(void) { return B + 1; } /* said otherwise */\n");
    assert_eq!(p.counts(), (1, 0, 1), "the object is the same: nothing is linked");
    p.write("app/a.h", "#define A 2\n");
    assert_eq!(p.counts().0, 1, "a header: who includes it");
    p.write("app/unused.h", "");
    assert_eq!(p.counts(), (0, 0, 0));
    fs::remove_file(p.path("app/build/apptest/b.o")).unwrap();
    assert_eq!(p.counts(), (0, 1, 0), "what was removed is in the cache");
    fs::write(p.path("app/build/apptest/b.o"), "rubbish").unwrap();
    assert_eq!(p.counts(), (0, 1, 0), "what was overwritten as well");
    p.write("app/c.c", "int c;\n");
    assert_eq!(p.counts(), (1, 0, 4), "a file that $(wildcard) finds");
    fs::remove_file(p.path("app/c.c")).unwrap();
    let (compiled, _, commands) = p.counts();
    assert!(compiled == 0 && commands <= 3, "a file less: the links, {commands}");
    assert_eq!(p.counts(), (0, 0, 0));
}

#[test]
fn an_option_rebuilds_what_reads_it() {
    let p = project();
    p.build().unwrap();
    p.write("app/.config", "CONFIG_OPT=1\n");
    assert_eq!(p.counts(), (0, 0, 0), "nobody reads CONFIG_OTHER");
    p.write("app/.config", "CONFIG_OPT=2\n");
    let no_cache = |p: &Project| p.build_with(|o| o.use_object_cache = false).map(|o| (o.compiled, o.commands)).unwrap();
    assert_eq!(no_cache(&p), (1, 3), "opt.c reads CONFIG_OPT, through a header; not.c only includes the configuration");
    p.write("app/.config", "# CONFIG_OPT is not set\n");
    assert_eq!(no_cache(&p), (1, 3), "compiler, library, image; which is the same, since nobody calls opt()");
    // Back to what the cache has.
    p.write("app/.config", "CONFIG_OPT=1\n");
    let (compiled, cached, _) = p.counts();
    assert_eq!((compiled, cached), (0, 2));
}

#[test]
fn flags_and_tools() {
    let p = project();
    p.build().unwrap();
    p.write("libs/opt/Makefile.uk", &(p.read("libs/opt/Makefile.uk") + "LIBOPT_OPT_FLAGS-y += -DX\n"));
    assert_eq!(p.counts(), (1, 0, 1), "flags of one file, which change nothing in it");
    p.write("libs/opt/Makefile.uk", &(p.read("libs/opt/Makefile.uk") + "LIBOPT_CFLAGS-y += -DY\n"));
    assert_eq!(p.counts().0, 2);
    p.write("libs/opt/Makefile.uk", &(p.read("libs/opt/Makefile.uk") + "CFLAGS-y += -DZ\n"));
    assert_eq!(p.counts().0, 5);
    // Another compiler of the same name.
    p.write("bin/mycc", "#!/bin/sh\nexec gcc \"$@\"\n");
    fs::set_permissions(p.path("bin/mycc"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let cc = |o: &mut ukbuild::BuildOptions| o.variables.push(("CC".into(), p.path("bin/mycc").display().to_string()));
    assert_eq!(p.build_with(cc).unwrap().compiled, 5);
    assert_eq!(p.build_with(cc).unwrap().commands, 0);
    wait();
    p.write("bin/mycc", "#!/bin/sh\nexec  gcc \"$@\"\n");
    assert_eq!(p.build_with(cc).unwrap().compiled, 5);
}

#[test]
fn projects_share_objects_but_never_wrong_ones() {
    let mut one = project();
    assert_eq!(one.counts().0, 5);
    // The same application elsewhere, with the same libraries and cache.
    let copy = |name: &str| {
        for file in ["Makefile.uk", "main.c", "a.h", "b.c", "b.h", ".config"] {
            one.write(&format!("{name}/{file}"), &one.read(&format!("app/{file}")));
        }
    };
    copy("second");
    copy("third");
    one.app = "second".into();
    let (compiled, cached, commands) = one.counts();
    assert_eq!((compiled, commands), (0, 2), "only the image is linked");
    assert_eq!(cached, 5 + 3);
    assert_eq!(fs::read(one.path("app/build/apptest/main.o")).unwrap(), fs::read(one.path("second/build/apptest/main.o")).unwrap());
    // Another header, another option, a header that is found before another: none of it is taken for the same.
    one.app = "third".into();
    one.write("third/a.h", "#define A 7\n");
    one.write("third/.config", "CONFIG_OPT=9\n");
    let (compiled, ..) = one.counts();
    assert_eq!(compiled, 2, "main.c and opt.c");
    one.write("third/build/include/host.h", "#include_next <host.h>\n#define put(x) put(\"mine\\n\")\n");
    one.write("third/Makefile.uk", &(one.read("third/Makefile.uk") + "APPTEST_CFLAGS-y += -DW\n"));
    assert_eq!(one.run(), "mine\n");
    // A damaged cache costs time only.
    for entry in walk(&one.path("cache/objects/data")) {
        fs::write(entry, "rubbish").unwrap();
    }
    fs::remove_dir_all(one.path("second/build")).unwrap();
    one.app = "second".into();
    assert_eq!(one.run(), "ran\n");
}

#[test]
fn workspaces_share_objects_too() {
    let p = project();
    // The length of a path changes nothing, nor does a library that others do not see.
    let images: Vec<Vec<u8>> = ["one", "another-of-a-longer-name/and/deeper"]
        .iter()
        .map(|name| {
            let workspace = p.path(name);
            common::copy(&common::core(), &workspace.join("unikraft"));
            common::copy(&p.path("app"), &workspace.join("apps/app"));
            common::copy(&p.path("libs/opt"), &workspace.join("libs/opt"));
            let o = p.build_with(|o| {
                let mut libs = vec![workspace.join("libs/opt")];
                if *name != "one" {
                    fs::create_dir_all(workspace.join("libs/more")).unwrap();
                    fs::write(workspace.join("libs/more/Makefile.uk"), "").unwrap();
                    libs.push(workspace.join("libs/more"));
                }
                *o = ukbuild::BuildOptions {
                    libs,
                    cache: o.cache.clone(),
                    helper: o.helper.clone(),
                    show: o.show,
                    ..ukbuild::BuildOptions::new(workspace.join("unikraft"), workspace.join("apps/app"))
                };
            });
            let o = o.unwrap();
            assert_eq!((o.compiled, o.cached), if *name == "one" { (5, 0) } else { (0, 5 + 3) });
            let gdb = fs::read_to_string(workspace.join("apps/app/build/app_kvm-x86_64.dbg-gdb.gdb")).unwrap();
            assert!(gdb.contains(&format!("set substitute-path unikraft {}\n", workspace.join("unikraft").display())), "{gdb}");
            fs::read(o.debug).unwrap()
        })
        .collect();
    assert!(images[0] == images[1], "what is built does not depend on where");
}

fn walk(dir: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten().map(|e| e.path());
    entries.flat_map(|p| if p.is_dir() { walk(&p) } else { vec![p] }).collect()
}

#[test]
fn times_and_dates_are_not_shared() {
    let p = Project::with_main("#include <host.h>\nint main(void) { put(__TIME__); return 0; }\n");
    p.build().unwrap();
    fs::remove_dir_all(p.path("app/build")).unwrap();
    let (compiled, cached, _) = p.counts();
    assert!(compiled == 1 && cached >= 2, "start.o and its library come from the cache, main.o does not");
}

#[test]
fn an_interrupted_build_goes_on() {
    let mut p = Project::new();
    p.write("app/Makefile.uk", "");
    let mut makefile = "$(eval $(call addlib,libmany))\n".to_string();
    for i in 0..40 {
        p.write(&format!("libs/many/f{i}.c"), &format!("int f{i};\n"));
        makefile.push_str(&format!("LIBMANY_SRCS-y += $(LIBMANY_BASE)/f{i}.c\n"));
    }
    p.lib("many", &makefile);
    let mut child = p.command(&["-j", "2", "--no-object-cache", "build"]).stdout(std::process::Stdio::null()).spawn().unwrap();
    let journal = p.path("app/build/ukbuild/journal");
    let start = Instant::now();
    while fs::read_to_string(&journal).map(|t| t.lines().count()).unwrap_or(0) < 10 {
        assert!(start.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // Its compilers live on for a moment.
    std::thread::sleep(Duration::from_millis(500));
    // A line that was being written.
    let half = p.read("app/build/ukbuild/journal") + "{\"out\":\"/x";
    fs::write(&journal, half).unwrap();
    let o = p.build_with(|o| o.use_object_cache = false).unwrap();
    assert!(o.compiled <= 33, "{} of 41 were compiled again", o.compiled);
    assert_eq!(p.build_with(|o| o.use_object_cache = false).unwrap().commands, 0);
    assert_eq!(p.run(), "weak main\n");
}

#[test]
fn after_a_failure_what_was_done_stays_done() {
    let p = project();
    p.write("app/a.h", "#error no\n");
    let failed = p.fails(&["-k", "build"]);
    assert!(
        failed.contains("#error no") && failed.contains("CC apptest/main.o of apptest") && failed.contains("app/Makefile.uk"),
        "{failed}"
    );
    p.write("app/a.h", "#define A 1\n");
    assert_eq!(p.counts().0, 1, "-k: everything else is there");
}

#[test]
fn a_source_that_changes_while_it_is_compiled_is_compiled_again() {
    let p = project();
    // The compiler changes the source behind its own back.
    p.write(
        "bin/cc",
        &format!(
            "#!/bin/sh\ngcc \"$@\" || exit 1\ncase \"$*\" in *b.o*) sleep 0.05; echo '#define B 5' > {} ;; esac\n",
            p.path("app/b.h").display()
        ),
    );
    fs::set_permissions(p.path("bin/cc"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let cc = |o: &mut ukbuild::BuildOptions| o.variables.push(("CC".into(), p.path("bin/cc").display().to_string()));
    assert_eq!(p.build_with(cc).unwrap().compiled, 5);
    assert_eq!(p.build_with(cc).unwrap().compiled, 1);
}

#[test]
fn one_build_at_a_time() {
    let p = project();
    p.build().unwrap();
    let lock = fs::File::create(p.path("app/build/ukbuild/lock")).unwrap();
    lock.lock().unwrap();
    let why = p.build().unwrap_err().to_string();
    assert!(why.contains("another build is at work here"), "{why}");
    drop(lock);
    p.build().unwrap();
}

#[test]
fn clean_and_its_kin() {
    let p = project();
    p.build().unwrap();
    p.works(&["clean-opt"]);
    assert!(!p.exists("app/build/libopt/opt.o") && p.exists("app/build/apptest/main.o"));
    assert!(p.fails(&["clean-nothing"]).contains("no library of this build"));
    assert_eq!(p.counts(), (0, 3, 0), "two objects and their library, from the cache");
    p.works(&["clean"]);
    assert!(
        !p.exists("app/build/app_kvm-x86_64")
            && !p.exists("app/build/apptest/main.o")
            && !p.exists("app/build/libopt.o")
            && p.exists("app/build/kconfig")
    );
    assert_eq!(p.run(), "ran\n");
    p.works(&["properclean"]);
    assert!(!p.exists("app/build") && p.exists("app/.config"));
    p.works(&["properclean"]);
    p.works(&["distclean"]);
    assert!(!p.exists("app/.config"));
    // What is no build directory stays.
    p.write("app/.config", "");
    p.write("app/build/precious.txt", "");
    assert!(p.fails(&["properclean"]).contains("does not look like a build directory"));
    assert!(p.exists("app/build/precious.txt"));
}

#[test]
fn output_is_a_line_per_step() {
    let p = project();
    let said_first = p.works(&["build"]);
    assert!(
        said_first.contains("  CC      apptest/main.o\n") && said_first.contains("  LD      libopt.o\n") && !said_first.contains("gcc"),
        "{said_first}"
    );
    let again = Command::new(PROGRAM).output().unwrap();
    assert!(said(&again).contains("usage"));
    p.write("app/a.h", "#define A 3\n#warning look here\n");
    let verbose = p.works(&["-v", "-v", "build"]);
    assert!(
        verbose.contains("\ngcc -nostdinc") && verbose.contains("look here") && verbose.contains("# apptest/main.o: an input"),
        "{verbose}"
    );
}

#[test]
fn a_terminal_shows_a_bar() {
    let p = project();
    let words: Vec<String> = std::iter::once(PROGRAM.to_string())
        .chain(p.command(&["-j", "1", "build"]).get_args().map(|a| a.to_string_lossy().into_owned()))
        .collect();
    // script(1) gives it a terminal.
    let output = Command::new("script").args(["-qefc", &words.join(" "), "/dev/null"]).stdin(std::process::Stdio::null()).output().unwrap();
    let text = said(&output);
    assert!(output.status.success() && text.contains("\r\u{1b}[K[") && text.contains("/10 STRIP app_kvm-x86_64"), "{text:?}");
    assert!(!text.contains("  CC      "), "{text:?}");
}

#[test]
fn an_interrupt_ends_with_130_and_keeps_what_is_done() {
    let mut p = Project::new();
    p.write("bin/cc", "#!/bin/sh\ncase \"$*\" in *slow.o*) kill -INT $$ ;; esac\nexec gcc \"$@\"\n");
    fs::set_permissions(p.path("bin/cc"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    p.lib("two", "$(eval $(call addlib,libtwo))\nLIBTWO_SRCS-y += $(LIBTWO_BASE)/quick.c $(LIBTWO_BASE)/slow.c\n");
    p.write("libs/two/quick.c", "int quick;\n");
    p.write("libs/two/slow.c", "int slow;\n");
    // The compiler is interrupted as by Ctrl-C.
    let cc = format!("CC={}", p.path("bin/cc").display());
    let output = p.cli(&["-j", "1", &cc, "build"]);
    assert_eq!(output.status.code(), Some(130), "{}", said(&output));
    p.write("bin/cc", "#!/bin/sh\nexec gcc \"$@\"\n");
    assert!(p.works(&[&cc, "build"]).contains("slow.o"));
}
