//! `kraft list` and its kin: every kind of origin, what is shown, what is brought, and what is said when that cannot be.

mod common;

use common::kraft::Workspace;

#[test]
fn the_table_shows_what_the_core_has() {
    let w = Workspace::new();
    let all = w.works("workspace", &["list"]);
    assert!(all.contains("CORE      VERSION"), "{all}");
    assert!(all.contains("LIBRARIES  VERSION  RELEASED  LAST CHECKED\nmusl       1.2"), "{all}");
    assert!(all.contains("APPLICATIONS  VERSION  RELEASED  LAST CHECKED\nhello         staging"), "{all}");
    let apps = w.works("workspace", &["list", "--apps"]);
    assert!(apps.contains("hello") && !apps.contains("musl"), "{apps}");
    assert!(w.works("workspace", &["list", "--plats"]).contains("nothing of this kind is known"));
    assert!(w.works("workspace", &["list", "-l", "-i"]).contains("nothing of this kind"));
    assert!(w.works("workspace", &["list", "-l", "-d"]).contains("/T/core/ports/musl"));
    let json: serde_json::Value = serde_json::from_slice(&w.kraft("workspace", &["list", "--libs", "-j"]).stdout).unwrap();
    assert_eq!((&json[0]["name"], &json[0]["type"], &json[0]["installed"]), (&"musl".into(), &"lib".into(), &serde_json::Value::Null));
}

#[test]
fn unikraft_s_own_repositories_are_answered_by_the_core_s_ports() {
    let w = Workspace::new();
    w.works("workspace", &["list", "add", "https://github.com/unikraft/app-*"]);
    let said = w.works("workspace", &["list", "update"]);
    assert!(said.contains("https://github.com/unikraft/app-*: unox's own ports stand in for them"), "{said}");
    assert!(said.contains("Found app/hello via https://github.com/unikraft/app-*..."), "{said}");
    assert!(said.contains("https://github.com/unikraft/unikraft.git: the unox core stands in for it"), "{said}");
    assert!(w.works("workspace", &["list", "--apps"]).contains("just now"));
}

#[test]
fn a_directory_is_added_found_and_removed_with_comments_kept() {
    let w = Workspace::new();
    w.add_library("mylibs/lib-one", "one");
    w.add_library("mylibs/two", "two");
    assert_eq!(w.works("", &["list", "add", "mylibs"]), "Saved: /T/mylibs\n");
    assert!(w.works("", &["list", "add", "mylibs"]).contains("warning: Origin already saved: /T/mylibs"));
    let rc = w.read("home/.kraftrc");
    assert!(rc.starts_with("# mine\n[fetch]\noffline = true\n") && rc.contains("/mylibs\""), "{rc}");
    let said = w.works("", &["list", "update"]);
    assert!(said.contains("Found lib/one via /T/mylibs...") && said.contains("Found lib/two via /T/mylibs..."), "{said}");
    let shown = w.works("", &["list", "show", "one"]);
    assert!(shown.contains("name: one\n") && shown.contains("description: libone: a library\n"), "{shown}");
    assert!(shown.contains("located at: /T/mylibs/lib-one"), "{shown}");
    assert_eq!(
        w.works("", &["list", "pull", "lib/one"]),
        "Linked lib/one: /T/workspace/libs/one -> /T/mylibs/lib-one (a directory of this host, used as it is)\n"
    );
    assert!(w.works("", &["list", "pull", "one"]).contains("lib/one is there already"));
    assert_eq!(w.works("", &["list", "remove", "mylibs"]), "Removed: mylibs\n");
    assert!(!w.read("home/.kraftrc").contains("mylibs"));
    let (status, said) = w.fails("", &["list", "remove", "mylibs"]);
    assert!(status == 1 && said.contains("not among the origins; there are:\n  https://github.com/unikraft/unikraft.git"), "{said}");
}

#[test]
fn a_repository_is_cloned_at_a_branch_or_tag() {
    let w = Workspace::new();
    w.repository("repositories/lib-three", "three");
    let url = format!("file://{}", w.path("repositories/lib-three").display());
    w.works("", &["list", "add", "--update", &url]);
    let shown = w.works("", &["list", "show", "three"]);
    assert!(shown.contains("distributions: stable, staging, stable@v1.2") && shown.contains("not here (kraft list pull)"), "{shown}");
    assert_eq!(w.works("", &["list", "pull", "lib-three@1.2"]), "Cloned lib/three@v1.2: /T/workspace/libs/three\n");
    assert!(w.exists("workspace/libs/three/Makefile.uk"));
    assert!(w.works("", &["list", "pull", "three@staging"]).contains("is now staging (was v1.2)"));
    let (status, said) = w.fails("", &["list", "pull", "-w", "elsewhere", "three@9"]);
    assert!(status == 1 && said.contains("there is no version `9`; there are: stable, staging, v1.2"), "{said}");
    assert!(!w.exists("elsewhere/libs/three"));
    assert!(w.works("", &["list", "-l", "-i"]).contains("three"));
}

#[test]
fn a_mirror_answers_for_github() {
    let w = Workspace::new();
    w.repository("repositories/lib-four", "four");
    let clone =
        format!("git clone -q --mirror {}/repositories/lib-four {}/mirror/someone/lib-four.git", w.root.display(), w.root.display());
    w.shell("", &clone);
    w.works("", &["list", "add", "https://github.com/someone/lib-*"]);
    assert!(w.works("", &["list", "update"]).contains("Found lib/four via https://github.com/someone/lib-*..."));
    assert_eq!(w.works("", &["list", "pull", "four"]), "Cloned lib/four@stable: /T/workspace/libs/four\n");
    w.works("", &["list", "add", "github.com/nobody/lib-*", "https://github.com/nobody/lib-x"]);
    let (status, said) = w.fails("", &["list", "update"]);
    assert!(
        status == 1
            && said.contains("https://github.com/nobody/lib-*: offline = true in /T/home/.kraftrc, and no mirror has such repositories"),
        "{said}"
    );
    assert!(said.contains("https://github.com/nobody/lib-x: offline = true") && said.contains("git clone --mirror"), "{said}");
    assert!(said.contains("2 origins failed") && said.contains("Found lib/four"), "{said}");
}

#[test]
fn index_files_of_both_kinds() {
    let w = Workspace::new();
    w.add_library("things/five-1.0", "five");
    w.repository("repositories/lib-six", "six");
    w.shell("things", "tar czf five-1.0.tar.gz five-1.0 && sha256sum five-1.0.tar.gz > sum");
    let sum = w.read("things/sum")[..64].to_owned();
    w.write("index/libs/five.yaml", &format!("name: five\ntype: lib\ndescription: The fifth\nversions:\n- version: '1.0'\n  resource: ../../things/five-1.0.tar.gz\n  sha256: {sum}\n- version: '0.9'\n  resource: ../../things/five-1.0.tar.gz\n  sha256: {}\n", "0".repeat(64)));
    w.write("index/index.yaml", "last_updated: x\nmanifests:\n- name: five\n  type: lib\n  manifest: libs/five.yaml\n");
    w.write("index/plain.json", "[{\"name\": \"lib-six\", \"source\": \"../repositories/lib-six\", \"version\": \"staging\"}]\n");
    w.works("", &["list", "add", "index/index.yaml", "index/plain.json"]);
    let said = w.works("", &["list", "update"]);
    assert!(said.contains("Found lib/five via /T/index/index.yaml") && said.contains("Found lib/six via /T/index/plain.json"), "{said}");
    assert_eq!(w.works("", &["list", "pull", "five"]), "Unpacked lib/five@1.0: /T/workspace/libs/five\n");
    assert!(w.exists("workspace/libs/five/lib.c"));
    let (status, said) = w.fails("", &["list", "pull", "-w", "w2", "five@0.9"]);
    assert!(status == 1 && said.contains("has not the checksum"), "{said}");
    assert!(w.works("", &["list", "pull", "-w", "w2", "-k", "five@0.9"]).contains("Unpacked lib/five@0.9"));
    assert!(w.works("", &["list", "pull", "six"]).contains("lib/six"));
}

#[test]
fn the_workspace_of_the_tutorial() {
    let w = Workspace::new();
    w.add_library("mylibs/one", "one");
    w.works("", &["list", "add", "mylibs"]);
    let said =
        w.shell("workspace", "unset UK_ROOT; export UK_WORKDIR=$(pwd); kraft list update && kraft list pull unikraft@staging && ls -1");
    assert!(said.ends_with("apps\narchs\nlibs\nplats\nunikraft\n"), "{said}");
    assert!(said.contains("Linked unikraft: /T/workspace/unikraft -> "), "{said}");
    assert!(w.exists("workspace/unikraft/image/Makefile.uk"));
}

#[test]
fn an_application_brings_what_it_needs() {
    let w = Workspace::new();
    w.repository("repositories/lib-seven", "seven");
    w.write(
        "apps/app-uses/kraft.yaml",
        "specification: '0.5'\nunikraft: staging\nlibraries:\n  seven: staging\n  newlib: staging\n  nowhere: '1'\n",
    );
    let url = format!("file://{}", w.path("repositories/lib-seven").display());
    w.works("", &["list", "add", "--update", "apps", &url]);
    let said = w.works("", &["list", "pull", "app/uses"]);
    assert!(said.contains("Copied app/uses: /T/workspace/apps/uses") && said.contains("Cloned lib/seven@staging"), "{said}");
    assert!(said.contains("asks for nowhere: nowhere: no origin offers a library of this name"), "{said}");
    assert!(w.works("", &["list", "pull", "-D", "-w", "bare", "app/uses"]).lines().count() == 1);
}

#[test]
fn names_and_origins_that_are_none() {
    let w = Workspace::new();
    for (words, status, said) in [
        (&["list", "pull", "mussl"][..], 1, "no origin offers a component of this name\n  did you mean `musl`?"),
        (&["list", "show", "nothing"], 1, "no origin offers"),
        (&["list", "pull", "../x"], 2, "is no component's name"),
        (&["list", "pull"], 2, "pull what?"),
        (&["list", "add", "/no/such/dir"], 1, "/no/such/dir: there is no such directory"),
        (&["list", "add", "no.yaml"], 1, "/T/no.yaml: there is no such file"),
        (&["list", "add", "https://gitlab.com/a/b-*"], 2, "can only be looked up on github.com"),
        (&["list", "--frobnicate"], 2, "--frobnicate"),
        (&["lits"], 2, "'list'"),
    ] {
        let (found, text) = w.fails("", words);
        assert_eq!(found, status, "{words:?}: {text}");
        assert!(text.contains(said), "{words:?} should say {said:?}: {text}");
    }
    w.write("bad/x.yaml", "manifests:\n- type: lib\n");
    w.works("", &["list", "add", "bad/x.yaml"]);
    let (_, text) = w.fails("", &["list", "update"]);
    assert!(text.contains("/T/bad/x.yaml:2:3: a component without `name`"), "{text}");
    w.write("home/.kraftrc", "[list]\norigins = 7\n");
    let (status, text) = w.fails("", &["list"]);
    assert!(status == 1 && text.contains("/T/home/.kraftrc:2:11: `origins` of [list]: expected a list of texts"), "{text}");
}
