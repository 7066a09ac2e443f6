//! The examples in C++ and Rust as a user makes them: a copy of the directory, `kraft configure`, `kraft build`, `kraft run`; with their kraft.yaml
//! and with a Kraftfile that says the same.

use libtest_mimic::{Arguments, Trial};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

type Test = fn() -> Result;
type Result<T = ()> = std::result::Result<T, String>;

/// Somebody's home: `kraft` in the path, the mirror in ~/.kraftrc, nothing else of the machine's user but caches and toolchain.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Result<Self> {
        let home = tempfile::tempdir().map_err(|e| e.to_string())?;
        let path = home.path();
        std::fs::create_dir(path.join("bin")).map_err(|e| e.to_string())?;
        symlink(oracle::run::unox()?, path.join("bin/kraft")).map_err(|e| e.to_string())?;
        let mirror = std::path::absolute(oracle::target().join("mirror")).map_err(|e| e.to_string())?;
        let rc = format!("[fetch]\nmirrors = [\"file://{}\"]\noffline = true\n", mirror.display());
        std::fs::write(path.join(".kraftrc"), rc).map_err(|e| e.to_string())?;
        Ok(Self(home))
    }

    /// A copy of an application of ports/.
    fn copy(&self, app: &str) -> Result<PathBuf> {
        let to = self.0.path().join(app);
        let from = oracle::repo().join("ports").join(app);
        let copied = Command::new("cp").arg("-r").args([&from, &to]).status().map_err(|e| e.to_string())?;
        // What a build in the tree has left behind is not part of the example.
        for leftover in ["build", "target", ".config"] {
            let path = to.join(leftover);
            let _ = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
        }
        if copied.success() { Ok(to) } else { Err(format!("{} was not copied", from.display())) }
    }

    /// Runs a line of shell in `dir`, as its user types it.
    fn shell(&self, dir: &Path, line: &str) -> Result<Output> {
        let user = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
        let own = |name: &str, default: &str| std::env::var_os(name).unwrap_or_else(|| user.join(default).into());
        let path = format!("{}:{}", self.0.path().join("bin").display(), std::env::var("PATH").unwrap_or_default());
        let mut shell = Command::new("timeout");
        shell.args(["600", "bash", "-c", line]).current_dir(dir).env("PATH", path);
        shell.env("XDG_CACHE_HOME", own("XDG_CACHE_HOME", ".cache"));
        shell.env("CARGO_HOME", own("CARGO_HOME", ".cargo")).env("RUSTUP_HOME", own("RUSTUP_HOME", ".rustup"));
        shell.env("HOME", self.0.path()).env("UK_ROOT", oracle::repo()).env_remove("KRAFTRC").env_remove("UK_WORKDIR");
        shell.output().map_err(|e| e.to_string())
    }

    /// The same, for what must succeed; its output.
    fn done(&self, dir: &Path, line: &str) -> Result<String> {
        let out = self.shell(dir, line)?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if out.status.success() { Ok(text(&out.stdout)) } else { Err(format!("{line}: {}{}", text(&out.stdout), text(&out.stderr))) }
    }
}

/// `kraft run` prints and ends as the native program does, with each of the argument lists.
fn same(home: &Home, dir: &Path, native: &Path, lists: &[&[&str]]) -> Result {
    for args in lists {
        let linux = Command::new(native).args(*args).output().map_err(|e| format!("{}: {e}", native.display()))?;
        let ours = home.shell(dir, &format!("kraft run -- {}", args.join(" ")))?;
        if linux.stdout != ours.stdout || linux.status.code() != ours.status.code() {
            let text = |out: &Output| format!("{:?}\n{}", out.status, String::from_utf8_lossy(&out.stdout));
            return Err(format!("{args:?}: Linux {}\nunox {}\n{}", text(&linux), text(&ours), String::from_utf8_lossy(&ours.stderr)));
        }
    }
    Ok(())
}

fn cxx() -> Result {
    let home = Home::new()?;
    let app = home.copy("app-cxx-hello")?;
    home.done(&app, "kraft configure && kraft build && g++ -std=c++17 -O2 -pthread -o ../native main.cpp")?;
    let native = home.0.path().join("native");
    same(&home, &app, &native, &[&[], &["one", "two"]])?;
    // The newer file, which is made from the same objects.
    std::fs::remove_file(app.join("kraft.yaml")).map_err(|e| e.to_string())?;
    let file = "spec: v0.6\nname: cxx-hello\nunikraft:\n  version: staging\ntargets:\n- kvm/x86_64\nlibraries:\n  musl: staging\n  libstdcxx: staging\n";
    std::fs::write(app.join("Kraftfile"), file).map_err(|e| e.to_string())?;
    let said = home.done(&app, "kraft configure && kraft build")?;
    if said.contains("main.o") {
        return Err(format!("main.cpp was compiled again:\n{said}"));
    }
    same(&home, &app, &native, &[&["three"]])?;
    home.done(&app, "kraft properclean && test ! -e build").map(|_| ())
}

fn rust_std() -> Result {
    let home = Home::new()?;
    let app = home.copy("app-rust-std")?;
    home.done(&app, "kraft configure && kraft build && cargo build --quiet --release --offline --target-dir ../native")?;
    same(&home, &app, &home.0.path().join("native/release/rust-std"), &[&[], &["one", "two"]])
}

fn rust_hello() -> Result {
    let home = Home::new()?;
    let app = home.copy("app-rust-hello")?;
    let place = format!("sed -i 's|\\.\\./\\.\\./glue/uk|{}/glue/uk|' Cargo.toml", oracle::repo().display());
    home.done(&app, &format!("{place} && kraft configure && kraft build"))?;
    let out = home.shell(&app, "kraft run -- b a")?;
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let wanted = ["lib initcall, 3 argument(s)\n", "Hello from Rust, 2 word(s)\na: 1\nb: 1\n", "terminator\n"];
    if out.status.code() == Some(3) && wanted.iter().all(|w| text.contains(w)) {
        Ok(())
    } else {
        Err(format!("{:?}\n{text}{}", out.status, String::from_utf8_lossy(&out.stderr)))
    }
}

fn main() {
    if oracle::native_only() {
        return;
    }
    let tests: [(&str, Test); 3] = [("cxx", cxx), ("rust_std", rust_std), ("rust_hello", rust_hello)];
    let trials = tests.into_iter().map(|(name, test)| Trial::test(name, move || Ok(test()?))).collect();
    let mut arguments = Arguments::from_args();
    // Each build uses all processors already.
    arguments.test_threads = arguments.test_threads.or(Some(1));
    libtest_mimic::run(&arguments, trials).exit();
}
