//! A project in a temporary directory, built on the fake core in tests/data/core: its images are static programs of the host.
#![allow(dead_code)] // each test file uses a part

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};
use ukbuild::{Build, BuildOptions, Outcome, Result, Show};

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_ukbuild");

/// Removed when dropped.
pub struct Project {
    pub root: PathBuf,
    pub libs: Vec<String>,
    pub app: String,
}

static COUNTER: AtomicUsize = AtomicUsize::new(0);

pub fn core() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/core")
}

impl Project {
    /// An application without sources: the core's weak main runs.
    pub fn new() -> Project {
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let root = std::env::temp_dir().join(format!("ukbuild-test-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        let project = Project { root, libs: Vec::new(), app: "app".into() };
        project.write("app/.config", "");
        project
    }

    /// The same with a main program.
    pub fn with_main(main: &str) -> Project {
        let project = Project::new();
        project.write("app/Makefile.uk", "$(eval $(call addlib,apptest))\nAPPTEST_SRCS-y += $(APPTEST_BASE)/main.c\n");
        project.write("app/main.c", main);
        project
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    pub fn exists(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// An external library `libs/NAME`, with this Makefile.uk.
    pub fn lib(&mut self, name: &str, makefile: &str) {
        self.write(&format!("libs/{name}/Makefile.uk"), makefile);
        self.libs.push(name.to_string());
    }

    pub fn options(&self) -> BuildOptions {
        let mut o = BuildOptions::new(core(), self.path(&self.app));
        o.libs = self.libs.iter().map(|l| self.path("libs").join(l)).collect();
        o.show = Show::Quiet;
        o.offline = true;
        o.cache = Some(self.path("cache"));
        o.helper = vec![PROGRAM.into(), ukbuild::helper::VERB.into()];
        o
    }

    pub fn build_with(&self, change: impl FnOnce(&mut BuildOptions)) -> Result<Outcome> {
        let mut options = self.options();
        change(&mut options);
        Build::new(options)?.build()
    }

    pub fn build(&self) -> Result<Outcome> {
        self.build_with(|_| {})
    }

    /// Builds, which must work, and runs the image: what it printed.
    pub fn run(&self) -> String {
        let outcome = self.build().unwrap_or_else(|e| panic!("{e}"));
        let output = Command::new(&outcome.image).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    /// (objects compiled, objects from the cache, commands) of a build that must work.
    pub fn counts(&self) -> (usize, usize, usize) {
        let o = self.build().unwrap_or_else(|e| panic!("{e}"));
        (o.compiled, o.cached, o.commands)
    }

    /// The command line of the same project.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.arg("--base").arg(core()).arg("--app").arg(self.path(&self.app)).arg("--cache").arg(self.path("cache"));
        for lib in &self.libs {
            command.arg("--lib").arg(self.path("libs").join(lib));
        }
        command.args(words);
        command
    }

    pub fn cli(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    /// Runs the command line, which must fail; what it said.
    pub fn fails(&self, words: &[&str]) -> String {
        let output = self.cli(words);
        let said = said(&output);
        assert!(!output.status.success(), "it should have failed:\n{said}");
        said
    }

    /// Runs the command line, which must work; what it said.
    pub fn works(&self, words: &[&str]) -> String {
        let output = self.cli(words);
        let said = said(&output);
        assert!(output.status.success(), "{said}");
        said
    }
}

pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

impl Drop for Project {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("left behind: {}", self.root.display());
        } else {
            let _ = fs::remove_dir_all(&self.root);
        }
    }
}

/// An archive `root/DIR.tar.gz` of these files, all below `DIR/`.
pub fn archive(root: &Path, dir: &str, files: &[(&str, &str)]) -> PathBuf {
    let tree = root.join("tree").join(dir);
    let _ = fs::remove_dir_all(&tree);
    for (name, text) in files {
        let path = tree.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let archive = root.join(format!("{dir}.tar.gz"));
    let status = Command::new("tar").arg("-czf").arg(&archive).arg("-C").arg(root.join("tree")).arg(dir).status().unwrap();
    assert!(status.success());
    archive
}

pub fn sha256(path: &Path) -> String {
    let output = Command::new("sha256sum").arg(path).output().unwrap();
    String::from_utf8(output.stdout).unwrap().split_whitespace().next().unwrap().to_string()
}

/// A git repository of what is in a directory.
pub fn commit(dir: &Path) {
    let steps: &[&[&str]] = &[&["init", "-q", "-b", "main"], &["add", "-A"], &["commit", "-q", "-m", "all"]];
    for words in steps {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=t", "-c", "user.email=t@example.org"]).args(*words).current_dir(dir);
        assert!(git.status().unwrap().success());
    }
}

/// A directory with all that is in it.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() { copy(&entry.path(), &target) } else { fs::write(&target, fs::read(entry.path()).unwrap()).unwrap() }
    }
}
