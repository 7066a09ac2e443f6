//! Bad input: each is answered by what is wrong, where, and what to do; nothing is half done.

mod common;

use common::kraft::Workspace;
use std::os::unix::fs::PermissionsExt;

fn project(w: &Workspace, text: &str) {
    w.write("workspace/p/kraft.yaml", text);
    w.write("workspace/p/Makefile.uk", "");
}

#[test]
fn not_a_project() {
    let w = Workspace::new();
    for verb in ["configure", "menuconfig", "fetch", "prepare", "build", "clean", "properclean", "distclean", "run"] {
        let (status, said) = w.fails("workspace", &[verb]);
        assert!(status == 1 && said.contains("no kraft.yaml and no Kraftfile here\n  make a project with `kraft init`"), "{verb}: {said}");
        assert!(said.starts_with("kraft: "), "{said}");
    }
    let (status, said) = w.fails("workspace", &["lib", "add", "x"]);
    assert!(status == 1 && said.contains("no kraft.yaml"), "{said}");
}

#[test]
fn files_that_are_wrong() {
    let w = Workspace::new();
    let head = "specification: '0.5'\nunikraft: staging\n";
    for (text, said) in [
        ("a: b: c\n".to_owned(), "kraft: kraft.yaml:1:5: this is not YAML"),
        (String::new(), "the file is empty"),
        ("specification: '7'\nunikraft: x\n".into(), "kraft.yaml:1:16: specification `7` is not known"),
        (format!("{head}libraries: [a]\n"), "kraft.yaml:3:12: `libraries`: expected a mapping (`name: version`), found a list"),
        (
            format!("{head}targets:\n  - architecture: x86_84\n    platform: kvm\n"),
            "kraft.yaml:4:5: architecture `x86_84` is not there; did you mean x86_64?",
        ),
        (format!("{head}libraries:\n  nothere: staging\n"), "kraft.yaml:4:3: nothere: nothere: no origin offers a library of this name"),
        (format!("{head}libraries:\n  x: {{source: ./gone}}\n"), "its source /T/workspace/p/./gone is no directory"),
    ] {
        project(&w, &text);
        let (status, found) = w.fails("workspace/p", &["build"]);
        assert!(found.contains(said), "{text:?} should say {said:?}: {found}");
        assert!(status == 1 || status == 2, "{status}");
    }
    // A broken file does not keep anybody from cleaning up.
    project(&w, "a: b: c\n");
    w.works("workspace/p", &["distclean"]);
}

#[test]
fn unknown_keys_are_warnings() {
    let w = Workspace::new();
    project(&w, "specification: '0.5'\nunikraft: staging\nlibraires:\n  a: b\n");
    let said = w.works("workspace/p", &["configure"]);
    assert!(said.contains("kraft: warning: kraft.yaml:3:1: unknown key `libraires` in the file; did you mean `libraries`?"), "{said}");
}

#[test]
fn options_that_cannot_be_are_explained() {
    let w = Workspace::new();
    project(&w, "specification: '0.5'\nunikraft: {version: staging, kconfig: [CONFIG_NEEDS=y, CONFIG_BASSE=y, CONFIG_HZ=77]}\n");
    let said = w.works("workspace/p", &["configure"]);
    assert!(said.contains("CONFIG_NEEDS: kraft.yaml asks for y, it is n: it depends on BASE"), "{said}");
    assert!(
        said.contains("CONFIG_BASSE: kraft.yaml asks for y, it is not there: there is no option CONFIG_BASSE; did you mean CONFIG_BASE?"),
        "{said}"
    );
    assert!(w.read("workspace/p/.config").contains("CONFIG_HZ=77"));
}

#[test]
fn a_library_added_after_configuring_is_built() {
    let w = Workspace::new();
    project(&w, "specification: '0.5'\nunikraft: staging\n");
    w.works("workspace/p", &["configure"]);
    w.add_library("workspace/libs/late", "late");
    w.works("workspace/p", &["lib", "add", "late"]);
    w.works("workspace/p", &["build", "--no-progress"]);
    assert!(w.read("workspace/p/.config").contains("CONFIG_LIBLATE=y\nCONFIG_LIBLATE_DEPTH=3\n"));
    // One that was turned off by hand stays off.
    w.works("workspace/p", &["configure", "-n", "LIBLATE"]);
    w.works("workspace/p", &["build", "--no-progress"]);
    assert!(w.read("workspace/p/.config").contains("# CONFIG_LIBLATE is not set"));
}

#[test]
fn without_a_core_it_says_what_to_set() {
    let w = Workspace::new();
    project(&w, "specification: '0.5'\nunikraft: staging\n");
    let run = |root: &str| {
        w.program(w.path("bin/kraft").to_str().unwrap(), "workspace/p").env("UK_ROOT", root).arg("configure").output().unwrap()
    };
    let said = common::kraft::said(&run("/no/core"));
    assert!(said.contains("UK_ROOT=/no/core: is no directory\n  set UK_ROOT to the root of unox's source tree, or unset it"), "{said}");
    project(&w, "specification: '0.5'\nunikraft: {source: ../../core}\n");
    assert!(run("/no/core").status.success(), "the file says where the core is");
    project(&w, "specification: '0.5'\nunikraft: {source: ./nothing}\n");
    assert!(common::kraft::said(&run("/no/core")).contains("is not the source of unox"));
    project(&w, "specification: '0.5'\nunikraft: staging\n");
    let said = common::kraft::said(&run("/etc"));
    assert!(said.contains("UK_ROOT=/etc: is not the source of unox"), "{said}");
}

#[test]
fn places_that_cannot_be_written() {
    let w = Workspace::new();
    project(&w, "specification: '0.5'\nunikraft: staging\n");
    std::fs::create_dir_all(w.path("workspace/closed")).unwrap();
    std::fs::write(w.path("workspace/file"), "").unwrap();
    std::fs::set_permissions(w.path("workspace/closed"), std::fs::Permissions::from_mode(0o555)).unwrap();
    let root = std::fs::write(w.path("workspace/closed/probe"), "").is_ok();
    for (words, dir) in
        [(&["init", "file/p"][..], "workspace"), (&["lib", "init", "-q", "file/l"], "workspace"), (&["init", "closed/p"], "workspace")]
    {
        if root && words.contains(&"closed/p") {
            continue;
        }
        let (_, said) = w.fails(dir, words);
        assert!(said.contains("file") || said.contains("closed"), "{words:?}: {said}");
    }
    let (status, said) = w.fails("workspace", &["init", "file"]);
    assert!(status == 2 && said.contains("this is a file; a project is a directory"), "{said}");
    let (status, said) = w.fails("", &["list", "add", "--", "-x"]);
    assert!(status == 1 && said.contains("there is no such directory"), "{said}");
}

#[test]
fn help_stands_behind_every_verb() {
    let w = Workspace::new();
    for words in [
        &["--help"][..],
        &["list", "--help"],
        &["list", "add", "--help"],
        &["list", "remove", "--help"],
        &["list", "update", "--help"],
        &["list", "pull", "--help"],
        &["list", "show", "--help"],
        &["up", "--help"],
        &["init", "--help"],
        &["lib", "--help"],
        &["lib", "init", "--help"],
        &["lib", "add", "--help"],
        &["lib", "remove", "--help"],
        &["lib", "bump", "--help"],
        &["configure", "--help"],
        &["menuconfig", "--help"],
        &["fetch", "--help"],
        &["prepare", "--help"],
        &["build", "--help"],
        &["run", "--help"],
        &["clean", "--help"],
        &["properclean", "--help"],
        &["distclean", "--help"],
        &["install-kraft", "--help"],
    ] {
        let said = w.works("", words);
        assert!(said.contains("Usage: kraft"), "{words:?}: {said}");
    }
    assert!(w.works("", &["--version"]).starts_with("kraft "));
    assert!(w.works("workspace", &["-T", "-C", "-v", "list", "update"]).starts_with('['));
}

#[test]
fn unox_has_the_verbs_too() {
    let w = Workspace::new();
    w.works("workspace", &["init", "-t", "hello", "p"]);
    let unox = |words: &[&str]| w.program(env!("CARGO_BIN_EXE_unox"), "workspace/p").args(words).output().unwrap();
    let said = common::kraft::said(&unox(&["build"]));
    assert!(said.contains("Successfully built"), "{said}");
    let said = common::kraft::said(&unox(&["run", "--dry-run"]));
    assert!(said.contains("hello_kvm-x86_64"), "{said}");
    let said = common::kraft::said(&unox(&["clean"]));
    assert!(said.contains("Cleaned"), "{said}");
    let said = common::kraft::said(&unox(&["run"]));
    assert!(said.starts_with("unox: ") && said.contains("there is no image yet"), "{said}");
}

#[test]
fn the_link_is_made() {
    let w = Workspace::new();
    let unox = |words: &[&str]| w.program(env!("CARGO_BIN_EXE_unox"), "workspace").args(words).output().unwrap();
    let said = common::kraft::said(&unox(&["install-kraft", "."]));
    assert!(said.contains("Linked: ./kraft -> ") && said.contains("is not in PATH"), "{said}");
    assert!(common::kraft::said(&unox(&["install-kraft", "."])).contains("There already"));
    w.write("workspace/other/kraft", "mine");
    let refused = unox(&["install-kraft", "other"]);
    assert!(!refused.status.success() && common::kraft::said(&refused).contains("another kraft is there; --force replaces it"));
}
