//! fetch and prepare: where archives come from, checksums, patches, and what is done again when they change. Nothing leaves this machine.
#![forbid(unsafe_code)]

mod common;
use common::{Project, archive, commit, sha256};
use std::fs;
use std::path::Path;

const PORT: &str = "$(eval $(call addlib_s,libport,$(CONFIG_LIBPORT)))
LIBPORT_VERSION = 1.0
LIBPORT_URL = URL
SUM
$(eval $(call fetch,libport,$(LIBPORT_URL)))
LIBPORT_PATCHDIR = $(LIBPORT_BASE)/patches
LIBPORT_SRC = $(LIBPORT_ORIGIN)/port-$(LIBPORT_VERSION)
LIBPORT_SRCS-y += $(LIBPORT_SRC)/port.c
";

const SOURCE: &str = "#include <host.h>\n\nint main(void)\n{\n\tput(\"one\\n\");\n\treturn 0;\n}\n";

const PATCH: &str = "From: someone\nSubject: another\n\n--- a/port.c\n+++ b/port.c\n@@ -3,5 +3,5 @@\n int main(void)\n {\n-\tput(\"one\\n\");\n+\tput(\"patched\\n\");\n \treturn 0;\n }\n";

/// A port whose origin is `ROOT/mirror/port-1.0.tar.gz`, asked for at `url`; `sum` is a line of the Makefile.uk.
fn port(url: &str, sum: &str) -> Project {
    let mut p = Project::new();
    p.write("app/Makefile.uk", "");
    p.write("app/.config", "CONFIG_LIBPORT=y\n");
    fs::create_dir_all(p.path("mirror")).unwrap();
    archive(&p.path("mirror"), "port-1.0", &[("port.c", SOURCE), ("README", "read me")]);
    let url = url.replace("MIRROR", &p.path("mirror").display().to_string());
    let sum = sum.replace("DIGEST", &sha256(&p.path("mirror/port-1.0.tar.gz")));
    p.lib("port", &PORT.replace("= URL", &format!("= {url}")).replace("SUM\n", &format!("{sum}\n")));
    p
}

fn mirrored(p: &Project) -> ukbuild::BuildOptions {
    let mut o = p.options();
    o.mirrors = vec![format!("file://{}", p.path("mirror").display())];
    o
}

fn mirror_words(p: &Project) -> [String; 3] {
    ["--offline".into(), "--mirror".into(), format!("file://{}", p.path("mirror").display())]
}

#[test]
fn the_tutorials_places_and_stamps() {
    let p = port("file://MIRROR/port-1.0.tar.gz", "LIBPORT_ORIGIN_SHA256 = DIGEST");
    p.works(&["fetch"]);
    assert!(
        p.exists("app/build/libport/origin/port-1.0/README")
            && p.exists("app/build/libport/port-1.0.tar.gz")
            && p.exists("app/build/libport/.origin")
    );
    assert!(!p.exists("app/build/libport/.patched") && !p.exists("app/.sums"));
    p.works(&["prepare"]);
    assert!(p.exists("app/build/libport/.patched"));
    assert_eq!(p.run(), "one\n");
    assert_eq!(p.counts(), (0, 0, 0));
    // Removing the tree by hand brings it back.
    fs::remove_dir_all(p.path("app/build/libport/origin")).unwrap();
    assert_eq!(p.run(), "one\n");
    // A library that is not selected is not fetched.
    p.write("app/.config", "");
    fs::remove_dir_all(p.path("app/build")).unwrap();
    assert_eq!(p.run(), "weak main\n");
    assert!(!p.exists("app/build/libport/origin"));
}

#[test]
fn patches_are_applied_and_applied_again_when_they_change() {
    let p = port("file://MIRROR/port-1.0.tar.gz", "LIBPORT_ORIGIN_SHA256 = DIGEST");
    assert_eq!(p.run(), "one\n");
    p.write("libs/port/patches/0001-another.patch", PATCH);
    assert_eq!(p.run(), "patched\n");
    assert_eq!(p.counts(), (0, 0, 0));
    p.write("libs/port/patches/0001-another.patch", &PATCH.replace("patched", "again"));
    assert_eq!(p.run(), "again\n");
    let second = PATCH.replace("put(\"one\\n\")", "put(\"again\\n\")").replace("patched", "second");
    p.write("libs/port/patches/0002-second.patch", &second);
    assert_eq!(p.run(), "second\n");
    fs::remove_file(p.path("libs/port/patches/0002-second.patch")).unwrap();
    assert_eq!(p.run(), "again\n");
    fs::remove_dir_all(p.path("libs/port/patches")).unwrap();
    assert_eq!(p.run(), "one\n");
}

#[test]
fn offset_and_fuzz_are_told_and_a_failure_shows_its_hunk() {
    let p = port("file://MIRROR/port-1.0.tar.gz", "LIBPORT_ORIGIN_SHA256 = DIGEST");
    p.write("libs/port/patches/a.patch", &PATCH.replace("@@ -3,5 +3,5 @@", "@@ -13,5 +13,5 @@"));
    let said = p.works(&["prepare"]);
    assert!(said.contains("libport: a.patch: port.c: Hunk #1 succeeded at 3 (offset -10 lines)"), "{said}");
    p.write("libs/port/patches/a.patch", &PATCH.replace(" int main(void)\n", " int main(int argc)\n").replace("patched", "fuzzy"));
    let said = p.works(&["prepare"]);
    assert!(said.contains("with fuzz"), "{said}");
    assert_eq!(p.run(), "fuzzy\n");
    p.write("libs/port/patches/a.patch", &PATCH.replace("put(\"one", "put(\"zero"));
    let said = p.fails(&["build"]);
    assert!(
        said.contains("a.patch does not apply") && said.contains("port.c: Hunk #1 FAILED at 3") && said.contains("-\tput(\"zero\\n\");"),
        "{said}"
    );
    assert!(p.fails(&["build"]).contains("does not apply"), "it is not taken for done");
    p.write("libs/port/patches/a.patch", PATCH);
    assert_eq!(p.run(), "patched\n");
    // The explicit macro, with a directory that is not there.
    p.write("libs/port/Makefile.uk", &(p.read("libs/port/Makefile.uk") + "$(eval $(call patch,libport,$(LIBPORT_PATCHDIR),port-2.0))\n"));
    assert!(p.fails(&["build"]).contains("patches are for port-2.0, but the origin has port-1.0"));
    p.write("libs/port/Makefile.uk", &p.read("libs/port/Makefile.uk").replace("port-2.0", "port-1.0"));
    assert_eq!(p.run(), "patched\n");
}

#[test]
fn the_tutorials_way_to_a_patch_keeps_the_edited_tree() {
    let p = port("file://MIRROR/port-1.0.tar.gz", "LIBPORT_ORIGIN_SHA256 = DIGEST");
    p.build().unwrap();
    let tree = p.path("app/build/libport/origin/port-1.0");
    commit(&tree);
    fs::write(tree.join("port.c"), SOURCE.replace("one", "edited")).unwrap();
    assert_eq!(p.run(), "edited\n", "an edit in the tree is compiled");
    commit_change(&tree);
    fs::create_dir_all(p.path("libs/port/patches")).unwrap();
    fs::rename(tree.join("0001-all.patch"), p.path("libs/port/patches/0001-all.patch")).unwrap();
    let said = p.works(&["build"]);
    assert!(said.contains("your changed sources are kept in") && p.exists("app/build/libport/origin.edited/port-1.0/.git"), "{said}");
    assert_eq!(p.run(), "edited\n");
    assert!(!p.exists("app/build/libport/origin/port-1.0/.git"));
}

fn commit_change(tree: &Path) {
    for words in [&["commit", "-q", "-a", "-m", "all"][..], &["format-patch", "-q", "HEAD~1"]] {
        let mut git = std::process::Command::new("git");
        assert!(
            git.args(["-c", "user.name=t", "-c", "user.email=t@example.org"]).args(words).current_dir(tree).status().unwrap().success()
        );
    }
}

#[test]
fn checksums_given_recorded_and_required() {
    let p = port("file://MIRROR/port-1.0.tar.gz", &format!("LIBPORT_ORIGIN_SHA256 = {}", "0".repeat(64)));
    let said = p.fails(&["build"]);
    assert!(said.contains("the sha256 checksum is") && said.contains("the Makefile.uk has 000000"), "{said}");
    assert!(!p.exists("app/build/libport/origin"));
    // Right again; then the archive changes, and the checksum with it.
    let old = sha256(&p.path("mirror/port-1.0.tar.gz"));
    p.write("libs/port/Makefile.uk", &p.read("libs/port/Makefile.uk").replace(&"0".repeat(64), &old));
    assert_eq!(p.run(), "one\n");
    archive(&p.path("mirror"), "port-1.0", &[("port.c", &SOURCE.replace("one", "new"))]);
    let new = sha256(&p.path("mirror/port-1.0.tar.gz"));
    p.write("libs/port/Makefile.uk", &p.read("libs/port/Makefile.uk").replace(&old, &new));
    assert_eq!(p.run(), "new\n");
    // None: recorded at the first download, and held against the second.
    let p = port("file://MIRROR/port-1.0.tar.gz", "");
    let said = p.works(&["fetch"]);
    assert!(said.contains("warning: no checksum; recorded in") && said.contains("LIBPORT_ORIGIN_SHA256 = "), "{said}");
    assert!(p.read("app/.sums").ends_with("/mirror/port-1.0.tar.gz\n"));
    archive(&p.path("mirror"), "port-1.0", &[("port.c", "other")]);
    fs::remove_dir_all(p.path("app/build")).unwrap();
    fs::remove_dir_all(p.path("cache")).unwrap();
    let said = p.fails(&["fetch"]);
    assert!(said.contains(".sums (recorded at the first download"), "{said}");
    fs::remove_file(p.path("app/.sums")).unwrap();
    assert!(p.fails(&["--require-checksums", "fetch"]).contains("the configuration asks for one: set LIBPORT_ORIGIN_SHA256"));
    // The older kinds.
    let p = port("file://MIRROR/port-1.0.tar.gz", "LIBPORT_ORIGIN_MD5 = 00000000000000000000000000000000");
    assert!(p.fails(&["fetch"]).contains("the md5 checksum is"));
}

#[test]
fn mirrors_by_name_and_content_and_the_cache() {
    let p = port("https://example.org/v1/port-1.0.tar.gz", "LIBPORT_ORIGIN_SHA256 = DIGEST");
    let said = p.fails(&["--offline", "fetch"]);
    assert!(said.contains("not asked, since this is offline") && said.contains("mirrors in ~/.kraftrc"), "{said}");
    let words = mirror_words(&p);
    let words: Vec<&str> = words.iter().map(String::as_str).chain(["fetch"]).collect();
    p.works(&words);
    // Fetched once: from the cache, without the mirror.
    fs::remove_dir_all(p.path("app/build")).unwrap();
    assert_eq!(p.run(), "one\n");
    // Under another name, by its checksum.
    fs::remove_dir_all(p.path("app/build")).unwrap();
    fs::remove_dir_all(p.path("cache")).unwrap();
    fs::rename(p.path("mirror/port-1.0.tar.gz"), p.path("mirror/other.bin")).unwrap();
    ukbuild::Build::new(mirrored(&p)).unwrap().fetch().unwrap();
    // The second address of fetch2, and fetchas with a name.
    let mut p = Project::new();
    p.write("app/Makefile.uk", "");
    fs::create_dir_all(p.path("mirror")).unwrap();
    archive(&p.path("mirror"), "port-1.0", &[("port.c", SOURCE)]);
    let url = format!("file://{}", p.path("mirror").display());
    p.lib("two", &format!("$(eval $(call addlib,libtwo))\n$(eval $(call fetch2,libtwo,{url}/absent.tar.gz,{url}/port-1.0.tar.gz))\n"));
    p.lib("as", &format!("$(eval $(call addlib,libas))\n$(eval $(call fetchas,libas,{url}/port-1.0.tar.gz,named-$(CONFIG_N).tgz))\nLIBAS_SRCS-y += $(LIBAS_ORIGIN)/port-1.0/port.c\nifneq ($(notdir $(LIBAS_ARCHIVE)),named-7.tgz)\n$(error $(LIBAS_ARCHIVE))\nendif\n"));
    p.write("app/.config", "CONFIG_N=7\n");
    assert_eq!(p.run(), "one\n");
    assert!(p.exists("app/build/libtwo/origin/port-1.0/port.c") && p.exists("app/build/libas/named-7.tgz"));
}

#[test]
fn clones_and_archives_at_hand() {
    let mut p = Project::new();
    p.write("app/Makefile.uk", "");
    p.write("repo/port.c", SOURCE);
    commit(&p.path("repo"));
    let url = format!("file://{}", p.path("repo").display());
    p.lib(
        "git",
        &format!("$(eval $(call addlib,libgit))\n$(eval $(call clone,libgit,{url},main))\nLIBGIT_SRCS-y += $(LIBGIT_ORIGIN)/port.c\n"),
    );
    archive(&p.path("libs"), "inner-1", &[("inner.c", "int inner;\n")]);
    p.lib("local", "$(eval $(call addlib,liblocal))\n$(LIBLOCAL_BUILD)/made.tar.gz: $(LIBLOCAL_BASE)/../inner-1.tar.gz\n\tcp $< $@\n$(eval $(call unarchive,liblocal,$(LIBLOCAL_BUILD)/made.tar.gz))\nLIBLOCAL_SRCS-y += $(LIBLOCAL_ORIGIN)/inner-1/inner.c\n");
    assert_eq!(p.run(), "one\n");
    assert_eq!(p.counts(), (0, 0, 0));
    assert!(p.exists("app/build/liblocal/inner.o"));
    // The archive at hand changes.
    archive(&p.path("libs"), "inner-1", &[("inner.c", "int inner = 2;\n")]);
    assert_eq!(p.counts().0, 1);
    p.write("libs/git/Makefile.uk", &p.read("libs/git/Makefile.uk").replace(",main)", ",absent)"));
    assert!(p.fails(&["fetch"]).contains("absent"));
}

#[test]
fn archives_that_reach_outside_are_refused() {
    let p = port("file://MIRROR/port-1.0.tar.gz", "");
    let status = std::process::Command::new("tar")
        .args(["-czf", "mirror/port-1.0.tar.gz", "-P", "mirror/../libs/port/Makefile.uk"])
        .current_dir(&p.root)
        .status()
        .unwrap();
    assert!(status.success());
    assert!(p.fails(&["fetch"]).contains("which would lie outside"));
    fs::write(p.path("mirror/port-1.0.tar.gz"), "no archive").unwrap();
    fs::remove_file(p.path("app/.sums")).unwrap();
    assert!(p.fails(&["fetch"]).contains("cannot be unpacked"));
}

#[test]
fn preparation_of_ones_own() {
    let p = port("file://MIRROR/port-1.0.tar.gz", "LIBPORT_ORIGIN_SHA256 = DIGEST");
    let own = "$(LIBPORT_BUILD)/.prepared: $(LIBPORT_BUILD)/.patched\n\tsed -i s/one/prepared/ $(LIBPORT_SRC)/port.c && touch $@\nUK_PREPARE += $(LIBPORT_BUILD)/.prepared\n";
    p.write("libs/port/Makefile.uk", &(p.read("libs/port/Makefile.uk") + own));
    assert_eq!(p.run(), "prepared\n");
    assert_eq!(p.counts(), (0, 0, 0));
    // A target that says nothing of what it needs still finds the sources.
    let own = "UK_PREPARE-y += mytarget\nmytarget:\n\tgrep -qE 'one|prepared' $(LIBPORT_SRC)/port.c\n";
    p.write("libs/port/Makefile.uk", &(p.read("libs/port/Makefile.uk") + own));
    fs::remove_dir_all(p.path("app/build")).unwrap();
    assert_eq!(p.run(), "prepared\n");
    p.write("libs/port/Makefile.uk", &p.read("libs/port/Makefile.uk").replace("one|prepared", "absent"));
    let said = p.fails(&["build"]);
    assert!(said.contains("the rule for mytarget failed") && said.contains("libs/port/Makefile.uk:"), "{said}");
}
